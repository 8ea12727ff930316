"""Fields that are another pet of the register: a mother, a father, a friend to stay with."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from pets.fields.cell import Cell
from pets.fields.key_filters import Is
from pets.fields.one_control import OneControl
from pets.fields.text import tidy_line
from pets.language import gettext

_FACT = re.compile("[1-9][0-9]{0,17}")
# As `called` says it in any language, among them: "Bella, Nr. 12", "no. 12 (removed)".
_NUMBER = re.compile(r"(?:number|nummer|no\.?|nr\.?|#)?\s*([0-9]{1,18})(?: \([^\W\d_]+\))?", re.IGNORECASE)
_CALLED = re.compile(r"(.+), [^\W\d_]{1,3}\. ([1-9][0-9]{0,17})")


@dataclass(frozen=True, kw_only=True)
class IsPet(Is):
    """It is the pet whose number or name was typed."""

    def read(self, typed: str) -> Any:
        """Its number."""
        fact = self.field.taken(typed[:200])
        if not fact or is_number(fact):
            return fact or None
        number, problem = _meant[-1](fact)
        if problem:
            raise ValueError(problem)
        return number


@dataclass(frozen=True, kw_only=True)
class PetLink(OneControl):
    """Another pet. A fact is its number; who knows the register makes it of a name."""

    kind: ClassVar[str] = "pet_link"
    sample: ClassVar[str] = "12"
    plain: ClassVar[bool] = False
    links: ClassVar[bool] = True
    narrows: ClassVar[tuple[type[Is], ...]] = (IsPet,)
    differs: ClassVar[bool] = False

    def taken(self, text: str) -> str | None:
        """A number, however it is written; a name stays for who knows the register."""
        typed = tidy_line(text)
        found = _NUMBER.fullmatch(typed)
        return str(int(found[1])) if found else typed

    @property
    def attributes(self) -> dict[str, Any]:
        """A name and a number have room in it."""
        return {"maxlength": 200}

    def asked(self, form: Any, was: str | None = None) -> str | None:
        """The number, also in what `called` says: the form has looked up whether it is of that name."""
        typed = form[self.name].data or ""
        return self.taken(named(typed)[1] or typed)

    def complain(self, form: Any, problem: str) -> None:
        """Nothing more, where the form knows better what is wrong with it."""
        if not form[self.name].errors:
            super().complain(form, problem)

    def wrong(self, fact: str) -> str | None:
        """It is no number."""
        if is_number(fact):
            return None
        return gettext("%(label)s must be the name or the number of a pet.", label=self.label)

    def cell(self, fact: str | None) -> Cell:
        """The number."""
        return int(fact) if fact and is_number(fact) else fact or None

    def typed(self, fact: str | None) -> dict[str, Any]:
        """Its name and number."""
        return {self.name: self.said(fact)}

    # Words

    def said(self, fact: str | None) -> str:
        """Its name and number; as it stands if it is no number."""
        return called(fact) if fact and is_number(fact) else fact or ""


# Who knows the register says what a pet with a number is called: "" for none; None where nobody knows.
Name = Callable[[str], str | None]
_ask: list[Name] = [lambda _: None]
# Who knows the register says which pet somebody means: its number, and else what to tell them.
Meant = Callable[[str], tuple[str, str]]
_meant: list[Meant] = [lambda text: (text, gettext("Enter the number of a pet."))]


def named_by(ask: Name, meant: Meant) -> None:
    """Say who knows what pets are called, and which is meant."""
    _ask.append(ask)
    _meant.append(meant)


def is_number(text: str) -> bool:
    """Whether it may be the number of a pet, as facts have it."""
    return _FACT.fullmatch(text) is not None


def called(number: str) -> str:
    """A pet with its name and number: "Bella, no. 12"; by the number alone where the name is not known."""
    name = _ask[-1](number)
    if name:
        return gettext("%(name)s, no. %(number)s", name=name, number=number)
    if name is None:
        return gettext("no. %(number)s", number=number)
    return gettext("no. %(number)s (removed)", number=number)


def named(text: str) -> tuple[str, str]:
    """The name and the number in what `called` says; the text itself and "" of anything else."""
    found = _CALLED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")
