"""The columns of a sheet: which row heads them, what each of them seems to tell, and what is in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from hashlib import sha256
from itertools import islice
from types import MappingProxyType

from pets.fields.ages import AgeProblem, read_age
from pets.fields.cell import Cell, is_blank, shown
from pets.fields.dates import DateProblem, read_date
from pets.fields.text import plain
from pets.imports.column_notes import ColumnNotes
from pets.imports.headings import READ_ONLY, match, offers_of, roles
from pets.language import gettext as _
from pets.sheets.cells import Row, SheetProblem, column_letter

REQUIRED = ("name",)
_SAMPLES = 3
TITLE_ROWS = 30  # in which the headings may stand


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
    role: str | None  # a key of `roles`: what it tells; None for an unknown column
    samples: tuple[str, ...]  # up to three different values, as text
    notes: ColumnNotes
    rivals: tuple[tuple[str, str], ...] = ()  # what it could be as well as another column: (role, its letter)

    @property
    def letter(self) -> str:
        """What the spreadsheet calls it: A, B, … AA."""
        return column_letter(self.index)

    @property
    def label(self) -> str:
        """The heading, or "column C" when there is none."""
        return self.heading or _("column %(letter)s", letter=self.letter)

    @property
    def sample(self) -> str:
        """The first of its values."""
        return self.samples[0] if self.samples else ""

    def line(self, text: str) -> str:
        """One of its values as a line of notes: "Colour: tan"."""
        return f"{self.heading}: {text}" if self.heading else text

    @property
    def holds_something(self) -> bool:
        """Whether leaving it out loses anything."""
        return bool(self.heading or self.samples)


@dataclass(frozen=True)
class Columns:
    """The columns of a sheet as they seem to be; the person may choose otherwise (see `with_choice`)."""

    columns: tuple[Column, ...]
    headings: Headings
    heading_row: int  # rows up to and including this one hold no pets; 0 when there are no headings
    first_rows: tuple[tuple[int, str], ...] = ()  # among which the headings are, by number, in words

    @property
    def mapping(self) -> dict[str, int]:
        """role → index of its column."""
        return {column.role: column.index for column in self.columns if column.role}

    @property
    def unknown(self) -> tuple[Column, ...]:
        """Columns that hold something and would be left out, because nobody has said what it is."""
        return tuple(column for column in self.columns if column.role is None and column.holds_something)

    @property
    def missing(self) -> tuple[str, ...]:
        """What no column tells, and without which there is no pet."""
        return tuple(role for role in REQUIRED if role not in self.mapping)

    @property
    def above(self) -> tuple[str, ...]:
        """What stands in the rows above the headings."""
        return tuple(text for number, text in self.first_rows if number < self.heading_row)

    @property
    def fingerprint(self) -> str:
        """The same for every sheet with these headings in this order, however they are cased and spaced.
        What a file of rows to fix adds is not looked at."""
        words = "\0".join(plain(one.heading) for one in self.columns if one.role not in READ_ONLY)
        return sha256(f"{self.heading_row > 0}\0{words}".encode()).hexdigest()

    def with_choice(self, mapping: Mapping[str, int]) -> "Columns":
        """The same columns as the person chose them: role → index; columns not named are unknown.

        Raises SheetProblem for a role or column that is not there, and for one column chosen twice.
        """
        chosen = {index: role for role, index in mapping.items()}
        if len(chosen) < len(mapping):
            raise SheetProblem(
                _("One column was chosen for two things. Choose another column for one of them.")
            )
        if not set(mapping) <= set(roles()) or not all(0 <= index < len(self.columns) for index in chosen):
            raise SheetProblem(
                _("This sheet does not have a column that was chosen. Choose the columns again.")
            )
        columns = tuple(replace(column, role=chosen.get(column.index)) for column in self.columns)
        return replace(self, columns=columns)


def columns_of(
    rows: Iterable[Row],
    heading_row: int | None = None,
    notes: Mapping[int, ColumnNotes] = MappingProxyType({}),
    is_table: bool = False,
) -> Columns:
    """The columns of a sheet, from its headings, its first rows, and what was noted of all rows.

    heading_row: the number of the row of headings as a person says (0: there is none). Where nobody has said,
    it is the row with the most known headings of the first TITLE_ROWS. is_table: whether the first row has
    the names of its columns, as a table of a database does.
    Raises SheetProblem for a sheet without any row.
    """
    start = list(islice(rows, 50))
    if not start:
        raise SheetProblem(
            _("This sheet is empty. Choose one with a row of headings and a row for each pet.")
        )
    heads = start[: 1 if is_table else TITLE_ROWS]
    numbers = [number for number, _ in heads]
    if heading_row is None or (heading_row and heading_row not in numbers):
        place = _heading_place([cells for _, cells in heads])
        headings = Headings.FOUND if is_table else _headings_in(start[place][1])
    else:
        place = numbers.index(heading_row) if heading_row else 0
        headings = Headings.FOUND if heading_row else Headings.ABSENT
    number, first = start[place]
    has_headings = headings is not Headings.ABSENT
    data = [cells for _, cells in (start[place + 1 :] if has_headings else start)]
    names = [shown(cell).strip() for cell in first] if has_headings else []
    return Columns(
        _columns(names, [cells for _, cells in heads[: place + has_headings]], data, notes),
        headings,
        number if has_headings else 0,
        tuple((number, _in_words(cells)) for number, cells in heads),
    )


def _columns(
    names: list[str], above: list[list[Cell]], data: list[list[Cell]], notes: Mapping[int, ColumnNotes]
) -> tuple[Column, ...]:
    width = max(len(names), max(map(len, data), default=0), max(notes, default=-1) + 1)
    names += [""] * (width - len(names))
    columns = []
    for index, (name, role) in enumerate(zip(names, match(names), strict=True)):
        said = {shown(cells[index]).strip() for cells in above if index < len(cells)}
        noted = notes.get(index, ColumnNotes()).without(said)
        samples = _samples(data, index, name, noted)
        columns.append(Column(index, name, _fitting(role, samples), samples, noted))
    return tuple(replace(column, rivals=_rivals(column, columns)) for column in columns)


def _rivals(column: Column, columns: list[Column]) -> tuple[tuple[str, str], ...]:
    """The columns whose headings name the same thing just as well: "Name" and "Name", "Date" and "Date"."""
    offer = min(offers_of(column.heading), default=None)
    if offer is None:
        return ()
    alike = [one for one in columns if one.index != column.index and offer in offers_of(one.heading)]
    return tuple((offer[2], one.letter) for one in alike if min(offers_of(one.heading)) == offer)


def _fitting(role: str | None, samples: tuple[str, ...]) -> str | None:
    """The role, unless it is that of our own numbers and other things stand there, such as "A6642"."""
    ours = role not in ("id", "version") or all(re.fullmatch("-?[0-9]+", sample) for sample in samples)
    return role if ours else None


def _heading_place(start: list[list[Cell]]) -> int:
    known = [sum(map(bool, match([shown(cell) for cell in cells]))) for cells in start]
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


def _samples(rows: list[list[Cell]], index: int, heading: str, notes: ColumnNotes) -> tuple[str, ...]:
    """Up to three values: of the first rows, or the first of all where none of those has any."""
    found: dict[str, None] = {}
    for cells in rows:
        if index < len(cells) and not is_blank(cells[index]):
            found.setdefault(shown(cells[index]).strip()[:100])
        if len(found) == _SAMPLES:
            break
    return tuple(found) or tuple(value for value in notes.values if value != heading)[:1]


def _in_words(cells: list[Cell]) -> str:
    return ", ".join(text[:40] for text in (shown(cell).strip() for cell in cells) if text)[:120]
