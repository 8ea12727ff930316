"""What most kinds of field have in common: one control asks for the fact, one cell of a sheet tells it."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from wtforms import BooleanField, Field as Control, StringField

from pets.fields.cell import Cell, is_blank, shown
from pets.fields.field import Become, Field
from pets.fields.reading import Reading, SheetRow
from pets.language import gettext


class CellFault(ValueError):
    """A cell that cannot be read; the message is a sentence that begins with what stands in it."""


@dataclass(frozen=True, kw_only=True)
class OneControl(Field):
    """A field with one control, of its name."""

    control: ClassVar[type[Control]] = StringField
    nothing: ClassVar[str | None] = ""  # of all kinds: a field may become of another

    def key_of(self, fact: str | None) -> str | None:
        """As it is."""
        return fact or None

    def problem(self, fact: str | None) -> str | None:
        """It is missing, or there is something wrong with it."""
        return self.wrong(fact) if fact else str(self.missing) or None

    @abstractmethod
    def wrong(self, fact: str) -> str | None:
        """Why a fact that says something can never be stored: see `problem`."""

    # Forms

    def controls(self) -> dict[str, Control]:
        """One of its name."""
        return {self.name: self.control(str(self.asks_for), render_kw=self.attributes)}

    @property
    def attributes(self) -> dict[str, Any]:
        """What the control tells a browser of itself, as attributes of HTML."""
        return {}

    def typed(self, fact: str | None) -> dict[str, Any]:
        """The fact."""
        return {self.name: fact or ""}

    def asked(self, form: Any, was: str | None = None) -> str | None:
        """What was typed."""
        return self.taken(form[self.name].data or "")

    @property
    def clear(self) -> str:
        """The name of the box that clears it of many pets; "" where it has to be known."""
        return "" if self.missing or self.required else f"{self.name}-clear"

    def bulk_controls(self) -> dict[str, Control]:
        """What to set, and a box to clear it."""
        clear = {self.clear: BooleanField(gettext("Clear %(what)s", what=self.what))} if self.clear else {}
        return {**self.controls(), **clear}

    def bulk(self, form: Any) -> Become | None:
        """The same for all, where any was typed, or nothing for all."""
        fact = self.asked(form)
        clears = bool(self.clear) and form[self.clear].data
        if clears and fact:
            form[self.clear].errors = [gettext("Clear this box, or leave the field empty.")]
        if clears:
            return lambda _: self.nothing
        if not fact:
            return None
        if problem := self.problem(fact) or self.objection(fact):
            self.complain(form, problem)
        return lambda _: fact

    # Sheets

    def parse(self, row: SheetRow) -> Reading | None:
        """What the cell says."""
        if not row.has(self.name):
            return None
        cell = row.cell(self.name)
        try:
            return Reading(None if is_blank(cell) else self.told_by(cell, row))
        except CellFault as fault:
            row.fault(self.name, str(fault))
            return None

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """The fact in a cell that is not blank. Raises CellFault."""
        return self.taken(shown(cell))

    def cell(self, fact: str | None) -> Cell:
        """The fact as a cell of a file that goes out."""
        return fact or None

    def exports(self, stored: Iterable[Sequence[Any]], today: date) -> Iterable[Sequence[Cell]]:
        """A cell for each."""
        return ([self.cell(fact) for fact in facts] for facts in stored)
