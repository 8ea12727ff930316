"""Fields of text: one line, such as a name, and many lines, such as notes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from wtforms import Field as Control
from wtforms import StringField, TextAreaField

from pets.fields.cell import Cell, is_blank, shown
from pets.fields.field import Become, Field, Reading, SheetRow
from pets.fields.text import tidy_line, tidy_notes, unwritable, visible


@dataclass(frozen=True, kw_only=True)
class Line(Field):
    """One line of text."""

    longest: int  # characters

    kind: ClassVar[str] = "line"
    nothing: ClassVar[str | None] = ""
    control: ClassVar[type[Control]] = StringField

    @property
    def columns(self) -> Mapping[str, type]:
        """One of its name."""
        return {self.name: str}

    def read(self, row: Any) -> str | None:
        """The text."""
        text: str | None = getattr(row, self.name)
        return text or ""

    def write(self, fact: str | None) -> dict[str, Any]:
        """The text, tidied."""
        return {self.name: self.tidy(fact)}

    def tidy(self, fact: str | None) -> str | None:
        """The text, each run of white space one space."""
        return tidy_line(fact or "")

    def problem(self, fact: str | None) -> str | None:
        """What is wrong with the text."""
        text = fact or ""
        if not text:
            return self.missing or None
        what = self.label.lower()
        if unwritable(text):
            return (
                f"The {what} holds a character that cannot be kept, such as a control character. "
                "Type it again."
            )
        if not visible(text):
            return f"The {what} has nothing to see in it. {self.missing}".rstrip()
        if len(text) > self.longest:
            return f"The {what} is {len(text):,} characters long. Shorten it to {self.longest:,} or fewer."
        return None

    def controls(self) -> dict[str, Control]:
        """One of its name."""
        return {self.name: self.control(self.label)}

    def litter_controls(self) -> dict[str, Control]:
        """One of its name, which says that each may have more."""
        return {self.name: self.control(f"{self.label} about all of them" if self.own else self.label)}

    def typed(self, fact: str | None) -> dict[str, Any]:
        """The text."""
        return {self.name: fact or ""}

    def asked(self, form: Any, was: str | None = None) -> str | None:
        """The text, tidied."""
        return self.tidy(form[self.name].data)

    def bulk(self, form: Any) -> Become | None:
        """The same text for all, where any was typed."""
        fact = self.asked(form)
        if not fact:
            return None
        if problem := self.problem(fact):
            self.complain(form, problem)
        return lambda _: fact

    def parse(self, row: SheetRow) -> Reading | None:
        """The text of the cell."""
        if not row.has(self.name):
            return None
        cell = row.cell(self.name)
        return Reading(None if is_blank(cell) else self.tidy(shown(cell)))

    def exports(self, stored: Iterable[Sequence[Any]], today: date) -> Iterable[Sequence[Cell]]:
        """The texts."""
        return stored


@dataclass(frozen=True, kw_only=True)
class Text(Line):
    """Text of many lines. A row of a litter and a bulk edit add to it, and replace nothing."""

    kind: ClassVar[str] = "text"
    merges: ClassVar[bool] = True
    control: ClassVar[type[Control]] = TextAreaField

    def tidy(self, fact: str | None) -> str | None:
        """The text, its line ends alike, trimmed at both ends."""
        return tidy_notes(fact or "")

    def problem(self, fact: str | None) -> str | None:
        """What is wrong with the text."""
        text, what = fact or "", self.label.lower()
        if unwritable(text, allowed="\n\t"):
            return (
                f"The {what} hold a character that cannot be kept, such as a control character. "
                "Type them again."
            )
        if len(text) > self.longest:
            return f"The {what} are {len(text):,} characters long. Shorten them to {self.longest:,} or fewer."
        return None

    def bulk_controls(self) -> dict[str, Control]:
        """What is added to the text."""
        return {self.name: self.control(f"Add to the {self.label.lower()}")}

    def bulk(self, form: Any) -> Become | None:
        """The text that is there, and what was typed below it."""
        super().bulk(form)
        more = self.asked(form)
        return (lambda fact: self.joined(fact, more)) if more else None

    def merged(self, stays: str | None, goes: str | None) -> str | None:
        """The text of the pet that stays, as it is, and below it the lines that only the other one has."""
        there = set((stays or "").split("\n"))
        more = "\n".join(line for line in (goes or "").split("\n") if not line or line not in there)
        return "\n".join(text for text in (stays, tidy_notes(more)) if text)

    def joined(self, shared: str | None, own: str | None) -> str | None:
        """Both, one below the other."""
        return self.tidy("\n".join(text for text in (shared, own) if text))
