"""What each column of a sheet tells: headings matched by common words, in any order, case and spelling."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from hashlib import sha256
from itertools import islice
from typing import Protocol

from pets.fields.ages import AgeProblem, read_age
from pets.fields.catalogue import Catalogue, catalogue
from pets.fields.cell import Cell, is_blank, shown
from pets.fields.dates import DateProblem, read_date
from pets.fields.field import Field
from pets.fields.text import plain
from pets.sheets.cells import Row, SheetProblem, column_letter

# What a sheet tells of a pet beside its fields: the role of a column → the words that people head it with.
OWN = {
    "id": ("id", "pet id", "number", "no", "nr", "pet number"),
    "version": ("version",),
}
# Our own files tell them; they are known, and never imported.
READ_ONLY = {
    "added": ("added", "added at", "created"),
    "changed": ("changed", "changed at", "last change", "last changed", "updated", "modified"),
    "to mend": ("to mend",),
}
REQUIRED = ("name",)
_SAMPLES = 3
_TITLE_ROWS = 5


def by_role() -> dict[str, Field]:
    """The field that each role is of."""
    return catalogue().once(_by_role)


def roles() -> dict[str, tuple[str, ...]]:
    """What a column can tell: its role → the words that people head it with, likeliest first. A word taken by
    a likelier role may serve the next."""
    return catalogue().once(_roles)


def called() -> dict[str, str]:
    """What a column holds, where a person chooses: its role → what that is called."""
    return catalogue().once(_called)


def _by_role(known: Catalogue) -> dict[str, Field]:
    return {role: field for field in known.asked for role in field.headings}


def _roles(known: Catalogue) -> dict[str, tuple[str, ...]]:
    told = {role: field.headings[role] for role, field in known.once(_by_role).items()}
    return {**OWN, **told, **READ_ONLY}


def _called(known: Catalogue) -> dict[str, str]:
    told = {role: field.called(role) for role, field in known.once(_by_role).items()}
    return {**told, "id": "number of the pet", "version": "version of the pet"}


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
    role: str | None  # a key of `roles`: what it tells; None for an unknown column
    samples: tuple[str, ...]  # up to three different values, as text

    @property
    def letter(self) -> str:
        """What the spreadsheet calls it: A, B, … AA."""
        return column_letter(self.index)

    @property
    def label(self) -> str:
        """The heading, or "column C" when there is none."""
        return self.heading or f"column {self.letter}"


@dataclass(frozen=True)
class Columns:
    """The columns of a sheet as they seem to be; the person may choose otherwise (see `with_choice`)."""

    columns: tuple[Column, ...]
    headings: Headings
    heading_row: int  # rows up to and including this one hold no pets; 0 when there are no headings

    @property
    def mapping(self) -> dict[str, int]:
        """role → index of its column."""
        return {column.role: column.index for column in self.columns if column.role}

    @property
    def unknown(self) -> tuple[Column, ...]:
        """Columns that would be left out because their heading says nothing to us."""
        return tuple(column for column in self.columns if column.role is None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What no column tells, and without which there is no pet."""
        return tuple(role for role in REQUIRED if role not in self.mapping)

    @property
    def fingerprint(self) -> str:
        """The same for every sheet with these headings in this order, however they are cased and spaced."""
        words = "\0".join(plain(column.heading) for column in self.columns)
        return sha256(f"{self.heading_row > 0}\0{words}".encode()).hexdigest()

    def with_choice(self, mapping: Mapping[str, int]) -> "Columns":
        """The same columns as the person chose them: role → index; columns not named are unknown.

        Raises SheetProblem for a role or column that is not there, and for one column chosen twice.
        """
        chosen = {index: role for role, index in mapping.items()}
        if len(chosen) < len(mapping):
            raise SheetProblem("One column was chosen for two things. Choose another column for one of them.")
        if not set(mapping) <= set(roles()) or not all(0 <= index < len(self.columns) for index in chosen):
            raise SheetProblem("A column was chosen that this sheet does not have. Choose the columns again.")
        columns = tuple(replace(column, role=chosen.get(column.index)) for column in self.columns)
        return replace(self, columns=columns)


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
    columns = tuple(
        Column(index, name, role, _samples(data, index))
        for index, (name, role) in enumerate(zip(names, match(names), strict=True))
    )
    return Columns(columns, headings, number if has_headings else 0)


def match(headings: list[str]) -> list[str | None]:
    """The role each heading names, or None; no role twice, the likeliest word wins."""
    offers = sorted(
        (words.index(heading), index, order, role)
        for index, heading in enumerate(map(plain, headings))
        for order, (role, words) in enumerate(roles().items())
        if heading in words
    )
    found: list[str | None] = [None] * len(headings)
    for _, index, _, role in offers:
        if found[index] is None and role not in found:
            found[index] = role
    return found


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
