"""Which column of a sheet is which fact: headings matched by common words, in any order, case and
spelling."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from itertools import islice
from typing import Protocol

from pets.fields.ages import AgeProblem, read_age
from pets.fields.cell import Cell, is_blank, shown
from pets.fields.dates import DateProblem, OrderEvidence, read_date
from pets.sheets.cells import Row, SheetProblem, column_letter

# field → the words people head it with, likeliest first; a word taken by a likelier field may serve the next
FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "pet id", "number", "no", "nr", "pet number"),
    "version": ("version",),
    "name": ("name", "pet name", "name of pet", "animal name", "name of animal", "called", "pet", "animal"),
    "type": ("type", "species", "kind", "pet type", "animal type", "type of animal", "kind of animal",
             "type of pet", "animal", "breed", "pet"),
    "born": ("born", "born on", "birth date", "birthdate", "date of birth", "dob", "d o b", "birthday",
             "birth day", "date born", "birth"),
    "estimated": ("estimated", "born estimated", "estimate", "approximate", "about"),
    "age": ("age", "ages", "years", "age in years", "age years", "years old", "how old", "old",
            "age in months", "age months", "months", "age in weeks", "age weeks", "weeks", "current age"),
    "notes": ("notes", "note", "comments", "comment", "remarks", "remark", "description", "details"),
    "added": ("added", "added at", "created"),
    "changed": ("changed", "changed at", "last change", "last changed", "updated", "modified"),
    "to mend": ("to mend",),
}  # fmt: skip
READ_ONLY = ("added", "changed", "to mend")  # our own files tell them; they are known, and never imported
REQUIRED = ("name",)
_SAMPLES = 3
_TITLE_ROWS = 5


class Table(Protocol):
    """Rows that can be read again and again, and the kind of sheet they are from."""

    @property
    def kind(self) -> str: ...

    def rows(self) -> Iterator[Row]: ...


class Headings(Enum):
    """Whether the sheet begins with a row of headings."""

    FOUND = "found"
    ABSENT = "absent"  # the first row is a pet: say so, and ask
    UNSURE = "unsure"  # no heading is known, but nothing in that row looks like data: ask


@dataclass(frozen=True)
class Column:
    """One column: where it is, what it is headed, what it seems to be, and what is in it."""

    index: int
    heading: str  # as in the sheet; "" when there is none
    field: str | None  # a key of FIELDS, or None for an unknown column
    samples: tuple[str, ...]  # up to three different values, as text

    @property
    def letter(self) -> str:
        """What the spreadsheet calls it: A, B, … AA."""
        return column_letter(self.index)

    @property
    def label(self) -> str:
        """The heading, or "column C" when there is none."""
        return self.heading or f"column {self.letter}"

    @property
    def age_unit(self) -> str:
        """The unit of a bare number in this column, if it holds ages: "Age (weeks)" says weeks."""
        words = _plain(self.heading).split()
        return next((unit for unit in ("months", "weeks", "days") if unit in words), "years")


@dataclass(frozen=True)
class Columns:
    """The columns of a sheet as they seem to be; the person may choose otherwise (see `with_choice`)."""

    columns: tuple[Column, ...]
    headings: Headings
    heading_row: int  # rows up to and including this one hold no pets; 0 when there are no headings

    @property
    def mapping(self) -> dict[str, int]:
        """field → index of its column."""
        return {column.field: column.index for column in self.columns if column.field}

    @property
    def unknown(self) -> tuple[Column, ...]:
        """Columns that would be left out because their heading says nothing to us."""
        return tuple(column for column in self.columns if column.field is None)

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that no column has and without which there is no pet."""
        return tuple(field for field in REQUIRED if field not in self.mapping)

    @property
    def fingerprint(self) -> str:
        """The same for every sheet with these headings in this order, however they are cased and spaced."""
        words = "\0".join(_plain(column.heading) for column in self.columns)
        return sha256(f"{self.heading_row > 0}\0{words}".encode()).hexdigest()

    def with_choice(self, mapping: Mapping[str, int]) -> "Columns":
        """The same columns as the person chose them: field → index; columns not named are unknown.

        Raises SheetProblem for a field or column that is not there, and for one column chosen twice.
        """
        fields = {index: field for field, index in mapping.items()}
        if len(fields) < len(mapping):
            raise SheetProblem("One column was chosen for two things. Choose another column for one of them.")
        if not set(mapping) <= set(FIELDS) or not all(0 <= index < len(self.columns) for index in fields):
            raise SheetProblem("A column was chosen that this sheet does not have. Choose the columns again.")
        columns = tuple(Column(c.index, c.heading, fields.get(c.index), c.samples) for c in self.columns)
        return Columns(columns, self.headings, self.heading_row)


def columns_of(sheet: Table, has_headings: bool | None = None) -> Columns:
    """The columns of a sheet, from its headings and its first rows. has_headings: the person's answer, if
    asked.

    A title above the headings is skipped when a row further down (of the first five) is clearly the headings.
    Raises SheetProblem for a sheet without any row, and what `Sheet.rows` raises.
    """
    start = list(islice(sheet.rows(), 50))
    if not start:
        raise SheetProblem("This sheet is empty. Choose one with a row of headings and a row for each pet.")
    place = 0 if sheet.kind == "sqlite" else _heading_place(start)
    number, first = start[place]
    if has_headings is None:
        headings = Headings.FOUND if sheet.kind == "sqlite" else _headings_in(first)
        has_headings = headings is not Headings.ABSENT
    else:
        headings = Headings.FOUND if has_headings else Headings.ABSENT
    names = [shown(cell).strip() for cell in first] if has_headings else []
    data = [cells for _, cells in (start[place + 1 :] if has_headings else start)]
    width = max(len(names), max((len(cells) for cells in data), default=0))
    names += [""] * (width - len(names))
    fields = match(names)
    columns = tuple(
        Column(index, name, field, _samples(data, index))
        for index, (name, field) in enumerate(zip(names, fields, strict=True))
    )
    return Columns(columns, headings, number if has_headings else 0)


def match(headings: list[str]) -> list[str | None]:
    """The field each heading names, or None; no field twice, the likeliest word wins."""
    plain = [_plain(heading) for heading in headings]
    offers = sorted(
        (words.index(heading), index, order, field)
        for order, (field, words) in enumerate(FIELDS.items())
        for index, heading in enumerate(plain)
        if heading in words
    )
    fields: list[str | None] = [None] * len(headings)
    taken = set()
    for _, index, _, field in offers:
        if fields[index] is None and field not in taken:
            fields[index] = field
            taken.add(field)
    return fields


def order_evidence(sheet: Table, columns: Columns) -> OrderEvidence:
    """What the whole birth date column says about day and month; reads all rows once."""
    evidence = OrderEvidence()
    index = columns.mapping.get("born")
    if index is not None:
        for number, cells in sheet.rows():
            if number > columns.heading_row and index < len(cells):
                evidence.observe(cells[index])
    return evidence


def _heading_place(start: list[tuple[int, list[Cell]]]) -> int:
    known = [sum(map(bool, match([shown(cell) for cell in cells]))) for _, cells in start[:_TITLE_ROWS]]
    best = max(known)
    return known.index(best) if best >= 2 else 0


def _headings_in(cells: list[Cell]) -> Headings:
    known = sum(map(bool, match([shown(cell) for cell in cells])))
    if any(_is_data(cell) for cell in cells):
        return Headings.FOUND if known >= 2 else Headings.ABSENT
    return Headings.FOUND if known else Headings.UNSURE


def _is_data(cell: Cell) -> bool:
    """A number, a date or an age: what a heading never is."""
    if is_blank(cell):
        return False
    if not isinstance(cell, str):
        return True
    try:
        read_age(cell)
    except AgeProblem:
        try:
            read_date(cell, date(2000, 1, 1))
        except DateProblem:
            return False
    return True


def _samples(rows: list[list[Cell]], index: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for cells in rows:
        if index < len(cells) and not is_blank(cells[index]):
            found.setdefault(shown(cells[index]).strip()[:100])
        if len(found) == _SAMPLES:
            break
    return tuple(found)


def _plain(heading: str) -> str:
    """Lower case, without accents, punctuation and the like: "Date_of-Birth:" is "date of birth"."""
    letters = unicodedata.normalize("NFKD", heading).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())
