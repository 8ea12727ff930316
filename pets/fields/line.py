"""Fields of text: one line, such as a name, and many lines, such as notes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from wtforms import Field as Control, TextAreaField

from pets.fields.cell import Cell, shown
from pets.fields.field import Become
from pets.fields.key_filters import Contains, Is
from pets.fields.one_control import CellFault, OneControl
from pets.fields.reading import SheetRow
from pets.fields.text import fold, tidy_line, tidy_notes, unwritable, visible
from pets.language import gettext, number

KEY = 200  # characters of a text that it is compared by
_SEVERAL = re.compile(r"[\t\n\r]")


@dataclass(frozen=True, kw_only=True)
class Line(OneControl):
    """One line of text."""

    longest: int  # characters

    kind: ClassVar[str] = "line"
    free: ClassVar[bool] = True
    sample: ClassVar[str] = "two words"
    narrows: ClassVar[tuple[type[Is], ...]] = (Contains,)

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """How long it may be; and its words are searched."""
        return {"longest": 200, "searched": True}

    def tidy(self, fact: str | None) -> str | None:
        """The text, each run of white space one space."""
        return tidy_line(fact or "")

    def wrong(self, fact: str) -> str | None:
        """What is wrong with the text."""
        if unwritable(fact):
            return _illegible(self.label)
        if not visible(fact):
            told = gettext("“%(label)s” has nothing to see in it.", label=self.label)
            return f"{told} {self.missing}".rstrip()
        return too_long(self.label, len(fact), self.longest)

    @property
    def attributes(self) -> dict[str, Any]:
        """How long it may be."""
        return {"maxlength": self.longest}

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """The text of a cell. A name or a type with a tab or line end in it is several, read as one."""
        if self.own_id is None and _SEVERAL.search(shown(cell).strip()):
            text = shown(cell).strip()[:60]
            told = gettext("“%(text)s” runs over several lines or cells.", text=text)
            alone = gettext("Type the %(what)s alone.", what=self.what)
            raise CellFault(f"{told} {alone}")
        return super().told_by(cell, row)

    def key_of(self, fact: str | None) -> str | None:
        """The text as it is folded."""
        return fold(fact)[:KEY] if fact else None

    def exports(self, stored: Iterable[Sequence[Any]], today: date) -> Iterable[Sequence[Cell]]:
        """The texts."""
        return stored


@dataclass(frozen=True, kw_only=True)
class Text(Line):
    """Text of many lines. A row of a litter and a bulk edit add to it, and replace nothing."""

    kind: ClassVar[str] = "text"
    long: ClassVar[bool] = True
    sample: ClassVar[str] = "shy at first\nlikes the radiator"
    keyed: ClassVar[bool] = False
    narrows: ClassVar[tuple[type[Is], ...]] = ()
    differs: ClassVar[bool] = False
    width: ClassVar[int] = 40
    merges: ClassVar[bool] = True
    control: ClassVar[type[Control]] = TextAreaField

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """As long as the notes; and its words are searched."""
        return {"longest": 4_000, "searched": True}

    def tidy(self, fact: str | None) -> str | None:
        """The text, its line ends alike, trimmed at both ends."""
        return tidy_notes(fact or "")

    def wrong(self, fact: str) -> str | None:
        """What is wrong with the text."""
        if unwritable(fact, allowed="\n\t"):
            return _illegible(self.label)
        return too_long(self.label, len(fact), self.longest)

    def key_of(self, fact: str | None) -> str | None:
        """None: nobody sorts by it, and its words are searched."""
        return None

    @property
    def attributes(self) -> dict[str, Any]:
        """None: too long a text is told, not cut."""
        return {}

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """The text of a cell, which may have many lines."""
        return self.tidy(shown(cell))

    def bulk_controls(self) -> dict[str, Control]:
        """What is added to the text, and a box to clear it."""
        return {
            **super().bulk_controls(),
            self.name: self.control(gettext("Add to the %(what)s", what=self.what)),
        }

    def bulk(self, form: Any) -> Become | None:
        """The text that is there, and what was typed below it."""
        more, become = self.asked(form), super().bulk(form)
        return (lambda fact: self.joined(fact, more)) if more else become

    def merged(self, stays: str | None, goes: str | None) -> str | None:
        """The text of the pet that stays, as it is, and below it the lines that only the other one has."""
        there = set((stays or "").split("\n"))
        more = "\n".join(line for line in (goes or "").split("\n") if not line or line not in there)
        return "\n".join(text for text in (stays, tidy_notes(more)) if text)

    def joined(self, shared: str | None, own: str | None) -> str | None:
        """Both, one below the other."""
        return self.tidy("\n".join(text for text in (shared, own) if text))


def _illegible(label: str) -> str:
    return gettext(
        "“%(label)s” holds a character that cannot be kept, such as a control character. Type it again.",
        label=label,
    )


def too_long(label: str, length: int, longest: int) -> str | None:
    """What to tell of a text that is so many characters long, where no more than `longest` may be."""
    if length <= longest:
        return None
    return gettext(
        "“%(label)s” is %(length)s characters long. Shorten it to %(longest)s or fewer.",
        label=label,
        length=number(length),
        longest=number(longest),
    )
