"""Fields that are another pet of the register: a mother, a father, a friend to stay with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pets.fields.cell import Cell
from pets.fields.filters import Filter, Is
from pets.fields.one_control import OneControl
from pets.fields.text import tidy_line

_FACT = re.compile("[1-9][0-9]{0,17}")
_NUMBER = re.compile(r"(?:number|no\.?|nr\.?|#)?\s*([0-9]{1,18})", re.IGNORECASE)
_NAMED = re.compile(r"(.+), no\. ([1-9][0-9]{0,17})")  # as `called` writes it


@dataclass(frozen=True, kw_only=True)
class PetLink(OneControl):
    """Another pet. A fact is its number; who knows the register makes it of a name."""

    kind: ClassVar[str] = "pet_link"
    links: ClassVar[bool] = True
    nothing: ClassVar[str | None] = None

    def taken(self, text: str) -> str | None:
        """A number, however it is written; a name stays for who knows the register."""
        typed = tidy_line(text)
        found = _NUMBER.fullmatch(typed)
        return str(int(found[1])) if found else typed or None

    def problem(self, fact: str | None) -> str | None:
        """It is no number."""
        if not fact:
            return self.missing or None
        return None if _FACT.fullmatch(fact) else f"{self.label} must be the name or the number of a pet."

    def key_of(self, fact: str | None) -> str | None:
        """The number."""
        return fact or None

    def own_filters(self) -> tuple[Filter, ...]:
        """It is this pet."""
        return (Is(name=self.name, label=self.label, said=f"{self.what} %s", field=self),)

    def cell(self, fact: str | None) -> Cell:
        """The number."""
        return int(fact) if fact and _FACT.fullmatch(fact) else fact

    def said(self, fact: str | None) -> str:
        """The number, said to be one; as it stands if it is none."""
        return f"no. {fact}" if fact and _FACT.fullmatch(fact) else fact or ""


def called(number: str, names: Mapping[str, str]) -> str:
    """A pet as its control shows it: "Bella, no. 12"; its number where nobody has it."""
    return f"{names[number]}, no. {number}" if number in names else number


def named(text: str) -> tuple[str, str]:
    """The name and the number in what `called` wrote; the name alone of other text."""
    found = _NAMED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")
