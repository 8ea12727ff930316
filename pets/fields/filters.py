"""Filters: how the list is narrowed by what a field says."""

import operator
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field as dataclass_field
from datetime import date, timedelta
from typing import Any, ClassVar

from pets.fields.age import OLDEST, latest_birth
from pets.fields.text import fold
from pets.language import gettext, lazy_gettext


@dataclass(frozen=True, kw_only=True)
class Filter(ABC):
    """One control of the list's filter: a pet matches where its `column` is as the value's bound says.

    The column is one of the pet's, or of an own field the key by which pets are found in it.
    """

    name: str  # in the address
    # Of its control, in whatever language is spoken then; filters are told apart without it.
    label: str = dataclass_field(compare=False)
    column: str = "key"
    own_id: int | None = None  # the number of the own field that it asks
    # That own field; what a field is, is told above filters. Two filters differ by what else is said of them.
    field: Any = dataclass_field(default=None, compare=False)
    equal: bool = False  # whether the column has to equal the bound
    leads: bool = True  # whether an index has what is looked for, so that it may be begun with
    lacks: bool = False  # whether it is looked for what has nothing in the column

    tells: ClassVar[str]  # what is looked for, in words, with its value to come
    holds: ClassVar[Any] = operator.eq  # compares column and bound, as values or as expressions in SQL

    @property
    @abstractmethod
    def control(self) -> str:
        """What asks for it: a list of "types", "choices" or "fields", a "date", or a "text", which may be of
        digits alone: "decimal" or "numeric"."""

    @abstractmethod
    def read(self, typed: str) -> Any:
        """The value that was typed, or None for none. Raises ValueError with what to tell the person."""

    @abstractmethod
    def bound(self, value: Any, today: date) -> Any:
        """What the column is compared with."""

    def meant(self, value: Any) -> "Filter":
        """The filter that is asked with this value."""
        return self

    def told(self, value: Any) -> str:
        """What is looked for, in words, such as "of type dog"."""
        return self.tells % {"value": value}

    @property
    def searched(self) -> bool:
        """Whether what is looked for stands among the words that its pets are found by."""
        return False

    def words(self, value: Any) -> list[str]:
        """Words, folded for search, by which the pets that match are looked for first."""
        return []


@dataclass(frozen=True, kw_only=True)
class Same(Filter):
    """The type is this text, whatever its case and accents."""

    equal: bool = True

    control = "types"
    searched = True
    tells = lazy_gettext("of type %(value)s")

    def read(self, typed: str) -> Any:
        """The text."""
        return typed[:200] or None

    def bound(self, value: Any, today: date) -> Any:
        """The text as it is folded in the column."""
        return fold(value)


@dataclass(frozen=True, kw_only=True)
class AgeFrom(Filter):
    """So many years old, or older: born on a day or before it."""

    control = "numeric"
    tells = lazy_gettext("from age %(value)s")
    holds = operator.le

    def read(self, typed: str) -> Any:
        """The age in years."""
        if typed and not (re.fullmatch("[0-9]{1,3}", typed) and int(typed) <= OLDEST):
            raise ValueError(gettext("Enter the age as a whole number from 0 to %(oldest)s.", oldest=OLDEST))
        return int(typed) if typed else None

    def bound(self, value: Any, today: date) -> Any:
        """The last day on which they may be born."""
        return latest_birth(value, today)


@dataclass(frozen=True, kw_only=True)
class AgeTo(AgeFrom):
    """So many years old, or younger: born on a day or after it."""

    tells = lazy_gettext("up to age %(value)s")
    holds = operator.ge

    def bound(self, value: Any, today: date) -> Any:
        """The first day on which they may be born."""
        return latest_birth(value + 1, today) + timedelta(days=1)
