"""Rows of a sheet into facts of pets, and every faulty cell with a sentence that says what to do."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.cell import Cell, damage, is_blank, shown
from pets.fields.dates import DateOrder
from pets.fields.field import Facts, Known, Reading
from pets.imports.headings import Columns

_MOST = 2**62  # of a number of a pet, or a version of one


class CellProblem(NamedTuple):
    """One cell that cannot be read, or breaks a rule of the register."""

    column: int | None  # its place; None: no column has what is missing
    role: str
    sentence: str


class FactReader:
    """Reads the rows of one sheet under one choice of columns."""

    def __init__(
        self, columns: Columns, today: date, order: DateOrder | None = None, counts_from_1904: bool = False
    ) -> None:
        """columns: as matched or chosen; today: from which ages count back; order: of 1/5/2022, where
        decided."""
        self.at = columns.mapping
        self.headings = {role: columns.columns[index].heading for role, index in self.at.items()}
        self.today, self.order, self.counts_from_1904 = today, order, counts_from_1904
        self.fields = [
            field for field in catalogue().asked if any(role in self.at for role in field.headings)
        ]

    def row(self, cells: list[Cell]) -> "PetRow":
        """One row as facts, with all its problems; cells as text, as typed on a page, do as well."""
        return PetRow(self, cells)


class PetRow:
    """One row: what the fields read in it (to them it is a `SheetRow`), and which pet it says it is about."""

    def __init__(self, reader: FactReader, cells: list[Cell]) -> None:
        self._reader, self._cells = reader, cells
        self._faults: list[CellProblem] = []
        self.today, self.order = reader.today, reader.order
        self.counts_from_1904 = reader.counts_from_1904
        self.id = self._number("id", 1, "the number of a pet")
        self.version = self._number("version", 0, "a version of a pet")
        read = {field.name: field.parse(self) for field in reader.fields}
        self.readings: dict[str, Reading] = {name: one for name, one in read.items() if one}

    @property
    def facts(self) -> Facts:
        """What it says. A fact is missing where no column tells it clearly, and None where it is blank."""
        return {name: reading.fact for name, reading in self.readings.items() if not reading.dispute}

    @property
    def problems(self) -> list[CellProblem]:
        """What cannot be read, and what does not agree."""
        disputes = [reading.dispute for reading in self.readings.values() if reading.dispute]
        return self._faults + [self._problem(*dispute) for dispute in disputes]

    def settle(self, was: Known) -> None:
        """Let cells not count that disagree with the facts only because they tell of the pet as it was."""
        for name, reading in self.readings.items():
            if reading.dispute and reading.explained_by(was[name]):
                self.readings[name] = replace(reading, dispute=None)

    def broken(self, name: str, sentence: str) -> CellProblem:
        """A problem that a rule of the register finds in a fact, at the cell that tells it."""
        roles = [role for role in FIELDS[name].headings if self.has(role)]
        told = [role for role in roles if not is_blank(self.cell(role))]
        return self._problem([*told, *roles, name][0], sentence)

    # What the fields ask

    @property
    def faults(self) -> int:
        """How many cells cannot be read, so far."""
        return len(self._faults)

    def has(self, role: str) -> bool:
        """Whether a column has this role."""
        return role in self._reader.at

    def cell(self, role: str) -> Cell:
        """The cell in that column; None where there is none, or a damaged one, which is a fault."""
        index = self._reader.at.get(role)
        cell = self._cells[index] if index is not None and index < len(self._cells) else None
        if (sentence := damage(cell)) is None:
            return cell
        problem = self._problem(role, sentence)
        if problem not in self._faults:
            self._faults.append(problem)
        return None

    def heading(self, role: str) -> str:
        """How that column is headed; "" where there is none."""
        return self._reader.headings.get(role, "")

    def fault(self, role: str, sentence: str) -> None:
        """Note that the cell cannot be read."""
        self._faults.append(self._problem(role, sentence))

    # Private

    def _problem(self, role: str, sentence: str) -> CellProblem:
        return CellProblem(self._reader.at.get(role), role, sentence)

    def _number(self, role: str, least: int, what: str) -> int | None:
        cell = self.cell(role)
        if is_blank(cell):
            return None
        text = shown(cell).strip()
        is_number = text.isascii() and text.isdecimal() and len(text) < 20
        if is_number and not isinstance(cell, (bool, date)) and least <= int(text) <= _MOST:
            return int(text)
        advice = f"'{text[:60]}' is not {what}. Leave the cell as it was exported, or empty it for a new pet."
        self.fault(role, advice)
        return None
