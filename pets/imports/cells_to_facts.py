"""Rows of a sheet into facts of pets, and every faulty cell named the way the spreadsheet names it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from pets.fields.age import Age, age_in
from pets.fields.ages import AgeProblem, exact, read_age
from pets.fields.cell import Cell, is_blank, shown
from pets.fields.dates import DateOrder, DateProblem, read_date
from pets.imports.headings import Columns
from pets.sheets.cells import Row, column_letter

Facts = dict[str, str | None]

_MAX_NUMBER = 2**62
_UNKNOWN = {"?", "-", "–", "—", "n/a", "na", "unknown", "not known", "none"}
_YES = {"yes", "y", "true", "1", "x", "about", "estimated", "~"}
_NO = {"no", "n", "false", "0", "exact"}
_ABOUT = re.compile(r"^(?:about|approx(?:imately)?\.?|around|circa|ca\.?|c\.|~|≈)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class CellProblem:
    """One cell that cannot be read; `str()` gives "row 7, Age: 'tow' is not a number. Enter an age …"."""

    row: int
    index: int | None  # None: no column has what is missing
    heading: str
    field: str
    text: str  # what stands in the cell, to be edited
    sentence: str

    @property
    def letter(self) -> str:
        """The column as the spreadsheet calls it; `letter` and `row` together make C7."""
        return "" if self.index is None else column_letter(self.index)

    def __str__(self) -> str:
        return f"row {self.row}, {self.heading or f'column {self.letter}'}: {self.sentence}"


class Dispute(NamedTuple):
    """An age and a birth date in one row that do not agree."""

    age: Age
    born: str
    problem: CellProblem


@dataclass
class PetRow:
    """One row as facts. A fact is missing when no column gives it (or its cell is faulty), and None when
    blank."""

    row: int
    facts: Facts = field(default_factory=dict)  # keys among name, type, born (EDTF), notes
    id: int | None = None
    version: int | None = None
    age: Age | None = None  # the age that `born` was counted back from, if it was
    tells_estimate: bool = True  # whether it says if `born` is estimated; else that is taken to be exact
    problems: list[CellProblem] = field(default_factory=list)
    dispute: Dispute | None = None  # of which `problems` tells

    def settle(self) -> None:
        """Let the birth date count and not the age, where the two do not agree."""
        if self.dispute:
            self.problems.remove(self.dispute.problem)
            self.facts["born"], self.dispute = self.dispute.born, None


class FactReader:
    """Reads the rows of one sheet under one choice of columns."""

    def __init__(
        self, columns: Columns, today: date, order: DateOrder | None = None, counts_from_1904: bool = False
    ) -> None:
        """columns: as matched or chosen; today: from which ages count back; order: of 1/5/2022, where
        decided."""
        self._columns = columns
        self._today = today
        self._order = order
        self._from_1904 = counts_from_1904
        self._at = columns.mapping
        age = self._at.get("age")
        self._unit = "years" if age is None else columns.columns[age].age_unit

    def read(self, rows: Iterable[Row]) -> Iterator[PetRow]:
        """The pets in the rows of a sheet (`Sheet.rows()`), without those above and of the headings."""
        for number, cells in rows:
            if number > self._columns.heading_row:
                yield self.row(number, cells)

    def row(self, number: int, cells: list[Cell]) -> PetRow:
        """One row as facts, with all its problems; cells as text, as typed on a page, do as well."""
        pet = PetRow(number)
        for name in ("name", "type", "notes"):
            if name in self._at:
                cell = self._cell(cells, name)
                pet.facts[name] = (
                    None if is_blank(cell) else shown(cell).replace("\r\n", "\n").replace("\r", "\n")
                )
        pet.id = self._number(pet, cells, "id", 1)
        pet.version = self._number(pet, cells, "version", 0)
        if "born" in self._at or "age" in self._at:
            self._read_born(pet, cells)
        return pet

    def problem(self, number: int, cells: list[Cell], field: str, sentence: str) -> CellProblem:
        """A problem that a rule of the register finds in a fact, placed at the cell it came from.

        For `born`, that is the birth date's cell, or the age's when there is no birth date.
        """
        if field == "born" and (field not in self._at or is_blank(self._cell(cells, field))):
            field = "age" if "age" in self._at else field
        index = self._at.get(field)
        heading = field.capitalize() if index is None else self._columns.columns[index].heading
        return CellProblem(number, index, heading, field, shown(self._cell(cells, field)), sentence)

    def agree(self, born: date, age: Age, cells: list[Cell]) -> bool:
        """Was that its age at some time the sheet may speak of? Since the pet last changed, as our own export
        tells; else a year back (a sheet grows old in a drawer) or on (people round up)."""
        day = timedelta(days=1)  # clocks and leap days
        since, until = _a_year_back(self._today), self._today + 365 * day
        try:
            changed = read_date(self._cell(cells, "changed"), self._today, self._order, self._from_1904)
            since, until = min(changed, self._today) - day, self._today + day
        except DateProblem:
            pass
        return age_in(age.unit, born, since) <= age.number <= age_in(age.unit, born, until)

    def _cell(self, cells: list[Cell], field: str) -> Cell:
        index = self._at.get(field)
        return cells[index] if index is not None and index < len(cells) else None

    def _number(self, pet: PetRow, cells: list[Cell], field: str, least: int) -> int | None:
        cell = self._cell(cells, field)
        if is_blank(cell):
            return None
        text = shown(cell).strip()
        is_number = (
            not isinstance(cell, (bool, date)) and text.isascii() and text.isdecimal() and len(text) < 20
        )
        if is_number and least <= int(text) <= _MAX_NUMBER:
            return int(text)
        what = "the number of a pet" if field == "id" else "a version of a pet"
        advice = f"'{text[:60]}' is not {what}. Leave the cell as it was exported, or empty it for a new pet."
        pet.problems.append(self.problem(pet.row, cells, field, advice))
        return None

    def _read_born(self, pet: PetRow, cells: list[Cell]) -> None:
        faults = len(pet.problems)
        born, estimated = self._born(pet, cells)
        age = self._age(pet, cells)
        if len(pet.problems) > faults:
            return
        if born is None:
            pet.age = age
            pet.facts["born"] = f"{age.born(self._today).isoformat()}~" if age else None
            return
        pet.tells_estimate = estimated is not None
        fact = f"{born.isoformat()}~" if estimated else born.isoformat()
        if age and not self.agree(born, age, cells):
            sentence = (
                f"'{shown(self._cell(cells, 'age')).strip()[:60]}' does not agree with the birth date "
                f"{born.isoformat()}. Correct one of the two, or empty it."
            )
            pet.dispute = Dispute(age, fact, self.problem(pet.row, cells, "age", sentence))
            pet.problems.append(pet.dispute.problem)
            return
        pet.facts["born"] = fact

    def _born(self, pet: PetRow, cells: list[Cell]) -> tuple[date | None, bool | None]:
        cell = self._cell(cells, "born")
        text = cell.strip() if isinstance(cell, str) else ""
        if text.casefold() in _UNKNOWN:
            cell = None
        estimated = self._estimated(pet, cells)
        if is_blank(cell):
            return None, False
        try:
            day = read_date(cell, self._today, self._order, self._from_1904)
            return day, exact(text) != text or estimated
        except DateProblem as problem:
            pet.problems.append(self.problem(pet.row, cells, "born", str(problem)))
            return None, False

    def _estimated(self, pet: PetRow, cells: list[Cell]) -> bool | None:
        cell = self._cell(cells, "estimated")
        stands = shown(cell).strip()
        word = stands.casefold()
        if word and word not in _YES and word not in _NO:
            sentence = f"'{stands[:60]}' is neither yes nor no. Enter yes where the birth date is estimated."
            pet.problems.append(self.problem(pet.row, cells, "estimated", sentence))
        return word in _YES if word else None

    def _age(self, pet: PetRow, cells: list[Cell]) -> Age | None:
        cell = self._cell(cells, "age")
        if is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in _UNKNOWN):
            return None
        try:
            return read_age(cell, self._unit)
        except AgeProblem as problem:
            pet.problems.append(self.problem(pet.row, cells, "age", str(problem)))
            return None


def _a_year_back(day: date) -> date:
    return Age(1, "years").born(day)
