"""A row of a sheet, as the fields read it, and what it says of one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from pets.fields.cell import Cell
from pets.fields.dates import DateOrder


class SheetRow(Protocol):
    """A row of a sheet, as a field reads it. A role is one of the field's `headings`."""

    today: date
    order: DateOrder | None  # of 1/5/2022, where decided
    counts_from_1904: bool
    answers: Mapping[str, str]  # what a person said of the sheet, by the name of the question

    @property
    def faults(self) -> int:
        """How many were noted."""

    def has(self, role: str) -> bool:
        """Whether a column has this role."""

    def cell(self, role: str) -> Cell:
        """The cell in that column; None where there is none."""

    def heading(self, role: str) -> str:
        """How that column is headed."""

    def fault(self, role: str, sentence: str) -> None:
        """Note that the cell cannot be read, in a sentence that says what to do."""


@dataclass(frozen=True)
class Reading:
    """What a row of a sheet says of a field; `fact` is None where its cells are blank."""

    fact: str | None
    dispute: tuple[str, str] | None = None  # role and sentence of a cell that does not agree with it

    def onto(self, was: str | None) -> str | None:
        """What the fact becomes of a pet that has `was`."""
        return self.fact

    def explained_by(self, was: str | None) -> bool:
        """Whether the disputed cell tells of the pet as it was, so that it says nothing against the fact."""
        return False

    def believing(self, whom: str) -> "Reading":
        """The same settled by a person, who believes one of the two: a role."""
        return replace(self, dispute=None)
