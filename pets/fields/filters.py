"""Filters: how the list is narrowed by what a field says."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Protocol

from pets.fields.age import OLDEST, latest_birth
from pets.fields.text import fold


@dataclass(frozen=True, kw_only=True)
class Filter(ABC):
    """One control of the list's filter: a pet matches where its `column` is as the value's bound says."""

    name: str  # in the address
    label: str  # of its control
    column: str  # of the pet
    said: str  # what is looked for, in words, such as "of type %s"

    kind: ClassVar[str]  # of its control: "choice" or "number"
    equal: ClassVar[bool] = False  # whether the column has to equal the bound; else it ends a range

    @abstractmethod
    def read(self, typed: str) -> Any:
        """The value that was typed, or None for none. Raises ValueError with what to tell the person."""

    @abstractmethod
    def bound(self, value: Any, today: date) -> Any:
        """What the column is compared with."""

    @abstractmethod
    def holds(self, column: Any, bound: Any) -> Any:
        """The comparison: of values, or of expressions in SQL."""


@dataclass(frozen=True, kw_only=True)
class Same(Filter):
    """The fact is this text, whatever its case and accents."""

    kind = "choice"
    equal = True

    def read(self, typed: str) -> Any:
        """The text."""
        return typed[:200] or None

    def bound(self, value: Any, today: date) -> Any:
        """The text as it is folded in the column."""
        return fold(value)

    def holds(self, column: Any, bound: Any) -> Any:
        """Equal."""
        return column == bound


@dataclass(frozen=True, kw_only=True)
class AgeFrom(Filter):
    """So many years old, or older: born on a day or before it."""

    kind = "number"

    def read(self, typed: str) -> Any:
        """The age in years."""
        if typed and not (re.fullmatch("[0-9]{1,3}", typed) and int(typed) <= OLDEST):
            raise ValueError(f"An age is a whole number from 0 to {OLDEST}.")
        return int(typed) if typed else None

    def bound(self, value: Any, today: date) -> Any:
        """The last day on which they may be born."""
        return latest_birth(value, today)

    def holds(self, column: Any, bound: Any) -> Any:
        """On that day or before it."""
        return column <= bound


@dataclass(frozen=True, kw_only=True)
class AgeTo(AgeFrom):
    """So many years old, or younger: born on a day or after it."""

    def bound(self, value: Any, today: date) -> Any:
        """The first day on which they may be born."""
        return latest_birth(value + 1, today) + timedelta(days=1)

    def holds(self, column: Any, bound: Any) -> Any:
        """On that day or after it."""
        return column >= bound


class Keyed(Protocol):
    """What the filters of an own field ask it."""

    @property
    def own_id(self) -> int | None: ...

    def taken(self, text: str) -> str | None: ...

    def problem(self, fact: str | None) -> str | None: ...

    def key_of(self, fact: str | None) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class Is(Filter):
    """The key of an own field is that of the fact that was typed."""

    column: str = "key"  # of `pet_key`
    field: Keyed

    kind = "choice"
    equal = True

    def read(self, typed: str) -> Any:
        """The fact."""
        fact = self.field.taken(typed[:200])
        if fact and (problem := self.field.problem(fact)):
            raise ValueError(problem)
        return fact or None

    def bound(self, value: Any, today: date) -> Any:
        """Its key."""
        return self.field.key_of(value)

    def holds(self, column: Any, bound: Any) -> Any:
        """Equal."""
        return column == bound


@dataclass(frozen=True, kw_only=True)
class From(Is):
    """The key is not before that of the fact."""

    kind = "number"
    equal = False

    def holds(self, column: Any, bound: Any) -> Any:
        """That key, or one after it."""
        return column >= bound


@dataclass(frozen=True, kw_only=True)
class To(From):
    """The key is not after that of the fact."""

    def holds(self, column: Any, bound: Any) -> Any:
        """That key, or one before it."""
        return column <= bound
