"""Rows of a sheet into facts of pets, and every faulty cell with a sentence that says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from pets.changes.keys import Code, codes_of
from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.cell import Cell, damage, is_blank, says_nothing, shown
from pets.fields.dates import DateOrder
from pets.fields.field import Facts, Known
from pets.fields.reading import Reading
from pets.imports.columns import Columns
from pets.imports.mapping import NOTHING_SAID, ColumnMapping
from pets.language import gettext as _

_MOST = 2**62  # of a number of a pet, or a version of one
_NOTED = "notes"  # the field that takes columns as lines of text


class CellProblem(NamedTuple):
    """One cell that cannot be read, or breaks a rule of the register."""

    column: int | None  # its place; None: no column has what is missing
    role: str
    sentence: str
    kind: str = ""  # the question that settles it for all rows; "" where there is none


@dataclass(frozen=True)
class LinesReading(Reading):
    """What columns say that go into the notes as lines; what a pet has there stays."""

    lines: str = ""
    alone: bool = True  # whether no cell tells the notes themselves

    def onto(self, was: str | None) -> str | None:
        """The lines that are not there yet, below what is."""
        return FIELDS[_NOTED].merged(was, self.lines) if self.alone else self.fact


class FactReader:
    """Reads the rows of one sheet under one choice of columns."""

    def __init__(
        self,
        columns: Columns,
        today: date,
        order: DateOrder | None = None,
        counts_from_1904: bool = False,
        plan: ColumnMapping = NOTHING_SAID,
    ) -> None:
        """columns: as matched or chosen; today: from which ages count back; order: of 1/5/2022, where
        decided; plan: what else a person said."""
        self.at = columns.mapping
        self.headings = {role: columns.columns[index].heading for role, index in self.at.items()}
        self.today, self.order, self.counts_from_1904 = today, order, counts_from_1904
        self.answers, self.kept_words = plan.answers, frozenset(plan.kept_words)
        self.type_for_all = plan.type_for_all
        self.fields = [one for one in catalogue().asked if any(role in self.at for role in one.headings)]
        self.noted = [columns.columns[index] for index in plan.noted]

    def row(self, cells: list[Cell], section: str = "") -> "PetRow":
        """One row as facts, with all its problems; cells as text, as typed on a page, do as well.
        section: the type that the heading above it tells."""
        return PetRow(self, cells, section)


class PetRow:
    """One row: what the fields read in it (to them it is a `SheetRow`), and which pet it says it is about."""

    def __init__(self, reader: FactReader, cells: Sequence[Cell], section: str) -> None:
        self._reader, self._cells, self.section = reader, cells, section
        self._faults: list[CellProblem] = []
        self.today, self.order, self.answers = reader.today, reader.order, reader.answers
        self.counts_from_1904 = reader.counts_from_1904
        self.raised: set[str] = set()  # questions that one answer could settle for many rows
        self.answered: set[str] = set()  # those whose answers made a difference to this one
        self.id, self.version = self._number("id", 1), self._number("version", 0)
        read = {field.name: field.parse(self) for field in reader.fields}
        self.readings: dict[str, Reading] = {name: one for name, one in read.items() if one}
        self._agree()
        if reader.noted and (lines := self._lines()):
            told = self.readings.get(_NOTED, Reading(None)).fact
            fact = FIELDS[_NOTED].joined(told, lines)
            self.reads(_NOTED, LinesReading(fact, lines=lines, alone=not told))
        if (how := self.answers.get("no_name")) and not self.id and not self.facts.get("name"):
            self._call_it(how)

    def _agree(self) -> None:
        # What it says. A fact is missing where no column tells it clearly, and None where it is blank.
        self.facts: Facts = {name: one.fact for name, one in self.readings.items() if not one.dispute}
        # The codes among them, of which no two pets may have the same, by field.
        self.codes: dict[str, Code] = codes_of(self.facts)

    def reads(self, name: str, reading: Reading) -> None:
        """Let it say something else of a field."""
        self.readings[name] = reading
        self._agree()

    @property
    def kind(self) -> str:
        """The type that it tells, or the heading of its section, or what was said of all."""
        return self.facts.get("type") or self.section or self._reader.type_for_all

    @property
    def problems(self) -> list[CellProblem]:
        """What cannot be read, and what does not agree."""
        disputes = [reading.dispute for reading in self.readings.values() if reading.dispute]
        return self._faults + [self._problem(*dispute, kind="disputes") for dispute in disputes]

    def ignore_outdated(self, was: Known) -> None:
        """Let cells not count that disagree with the facts only because they tell of the pet as it was."""
        for name, reading in self.readings.items():
            if reading.dispute and reading.explained_by(was[name]):
                self.reads(name, replace(reading, dispute=None))

    def believe(self) -> None:
        """Settle what does not agree as a person said for all rows."""
        whom = self.answers.get("disputes", "")
        for name, reading in self.readings.items():
            if whom and reading.dispute:
                self.reads(name, reading.believing(whom))
                self.answered.add("disputes")

    def broken(self, name: str, sentence: str, kind: str = "") -> CellProblem:
        """A problem that a rule of the register finds in a fact, at the cell that tells it."""
        roles = [role for role in FIELDS[name].headings if self.has(role)]
        told = [role for role in roles if not is_blank(self.cell(role))]
        return self._problem([*told, *roles, name][0], sentence, kind)

    def text(self, index: int) -> str:
        """A cell as text, whatever its column tells; "" for one that says nothing."""
        cell = self._cells[index] if index < len(self._cells) else None
        nothing = is_blank(cell) or (says_nothing(cell) and index not in self._reader.kept_words)
        return "" if nothing else shown(cell).strip()

    # What the fields ask

    @property
    def faults(self) -> int:
        """How many cells cannot be read, so far."""
        return len(self._faults)

    def has(self, role: str) -> bool:
        """Whether a column has this role."""
        return role in self._reader.at

    def cell(self, role: str) -> Cell:
        """The cell in that column; None where there is none, for a word for nothing, and for a damaged cell,
        which is a fault."""
        index = self._reader.at.get(role)
        if index is None or index >= len(self._cells):
            return None
        cell = self._cells[index]
        if isinstance(cell, str):
            return None if says_nothing(cell) and index not in self._reader.kept_words else cell
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

    def _problem(self, role: str, sentence: str, kind: str = "") -> CellProblem:
        return CellProblem(self._reader.at.get(role), role, sentence, kind)

    def _call_it(self, how: str) -> None:
        """Name it by another cell, as a person said for all that have no name: "as:3" or "type:3"."""
        way, _, column = how.partition(":")
        if text := self.text(int(column)) if column.isdecimal() else "":
            name = f"{self.kind} {text}" if way == "type" else text
            self.reads("name", Reading(FIELDS["name"].tidy(name)))
            self.answered.add("no_name")

    def _lines(self) -> str:
        """The cells of the columns that go into the notes, a line each: "Colour: tan"."""
        for column in self._reader.noted:
            cell = self._cells[column.index] if column.index < len(self._cells) else None
            if sentence := damage(cell):
                self._faults.append(CellProblem(column.index, column.label, sentence))
        told = [(column, self.text(column.index)) for column in self._reader.noted]
        return "\n".join(column.line(text) for column, text in told if text)

    def _number(self, role: str, least: int) -> int | None:
        cell = self.cell(role)
        if is_blank(cell):
            return None
        text = shown(cell).strip()
        is_number = text.isascii() and text.isdecimal() and len(text) < 20
        if is_number and not isinstance(cell, (bool, date)) and least <= int(text) <= _MOST:
            return int(text)
        wrong = (
            _("“%(text)s” is not the number of a pet.")
            if least
            else _("“%(text)s” is not a version of a pet.")
        )
        advice = _("Leave the cell as it was exported, or empty it for a new pet.")
        self.fault(role, f"{wrong % {'text': text[:60]}} {advice}")
        return None
