"""Filters of own fields: they look at the keys by which pets are found in them."""

import operator
import re
from dataclasses import dataclass, field as dataclass_field, replace
from datetime import date
from typing import Any, ClassVar, Self

from babel.support import LazyProxy

from pets.fields.filters import Filter
from pets.fields.text import fold, search_words
from pets.language import gettext, lazy_gettext

LAST = "\U0010ffff"  # which sorts behind any other letter


def _called(field: Any) -> str:
    """What a field is called above its control, with its unit."""
    unit = getattr(field, "unit", "")
    return f"{field.label} ({unit})" if unit else str(field.label)


@dataclass(frozen=True, kw_only=True)
class Is(Filter):
    """The key of an own field is that of the fact that was typed."""

    equal: bool = True

    part: ClassVar[str] = ""  # of the name in the address
    asks: ClassVar[str] = "%(field)s"  # the label, for what the field is called
    tells: ClassVar[str] = "%(field)s %(value)s"

    @classmethod
    def of(cls, field: Any) -> Self:
        """The filter of an own field."""
        label: Any = LazyProxy(lambda: cls.asks % {"field": _called(field)}, enable_cache=False)
        return cls(name=field.name + cls.part, label=label, own_id=field.own_id, field=field)

    @property
    def control(self) -> str:
        """As its field is asked."""
        if self.field.offered:
            return "choices"
        return "date" if self.field.dated else "decimal" if self.field.figures else "text"

    @property
    def searched(self) -> bool:
        """As its field is, where it is looked for as a whole."""
        return self.equal and bool(self.field.searched)

    def read(self, typed: str) -> Any:
        """The fact."""
        fact = self.field.taken(typed[:200])
        if fact and (problem := self.field.problem(fact)):
            raise ValueError(problem)
        return fact or None

    def bound(self, value: Any, today: date) -> Any:
        """Its key."""
        return self.field.key_of(value)

    def told(self, value: Any) -> str:
        """What the field is called, and the fact."""
        return self.tells % {"field": self.field.what, "value": self.field.said(value)}


@dataclass(frozen=True, kw_only=True)
class From(Is):
    """The key is not before that of the fact."""

    equal: bool = False

    part = ".from"
    asks = lazy_gettext("%(field)s from")
    tells = lazy_gettext("%(field)s from %(value)s")
    holds = operator.ge


@dataclass(frozen=True, kw_only=True)
class To(From):
    """The key is not after that of the fact."""

    part = ".to"
    asks = lazy_gettext("%(field)s to")
    tells = lazy_gettext("%(field)s up to %(value)s")
    holds = operator.le


@dataclass(frozen=True, kw_only=True)
class Begins(Is):
    """The key begins with the text: what one or two letters ask for, which too many have in them."""

    equal: bool = False

    tells = lazy_gettext("%(field)s with “%(value)s”")

    def bound(self, value: Any, today: date) -> Any:
        """The text, folded."""
        return fold(value)

    def holds(self, column: Any, bound: Any) -> Any:
        """From the text on, up to the last that begins with it."""
        return (column >= bound) & (column < bound + LAST)


@dataclass(frozen=True, kw_only=True)
class Contains(Begins):
    """The text stands in the key; of one or two letters, it begins with them."""

    leads: bool = False

    def meant(self, value: Any) -> Filter:
        """Itself, or what begins."""
        return self if len(fold(value)) > 2 else Begins.of(self.field)

    def bound(self, value: Any, today: date) -> Any:
        """A pattern of LIKE, with a backslash before what is none of its signs."""
        return "%" + re.sub(r"([\\%_])", r"\\\1", fold(value)) + "%"

    def holds(self, column: Any, bound: Any) -> Any:
        """Like the pattern."""
        return column.like(bound, escape="\\")

    def words(self, value: Any) -> list[str]:
        """Those that are long enough to be found anywhere in a word."""
        return [word for word in search_words(value) if len(word) > 2]


@dataclass(frozen=True, kw_only=True)
class Without(Filter):
    """Nothing is said in one of these fields, which is chosen by its name."""

    name: str = "without"
    label: str = dataclass_field(default_factory=lambda: lazy_gettext("Without"), compare=False)
    fields: tuple[Any, ...]
    leads: bool = False
    lacks: bool = True

    control = "fields"

    def read(self, typed: str) -> Any:
        """The field's name."""
        if typed and typed not in {field.name for field in self.fields}:
            raise ValueError(gettext("Choose one of the fields that can be left empty."))
        return typed or None

    def meant(self, value: Any) -> Filter:
        """Of this field alone."""
        field = self._named(value)
        blank = field.own_id is None and field.nothing is not None  # where the column is never empty
        column = field.key or self.column
        return replace(self, fields=(), own_id=field.own_id, column=column, equal=blank)

    def told(self, value: Any) -> str:
        """With what the field is called."""
        return gettext("without %(field)s", field=self._named(value).what)

    def _named(self, value: Any) -> Any:
        return next(field for field in self.fields if field.name == value)

    def bound(self, value: Any, today: date) -> Any:
        """Nothing."""
        return "" if self.equal else None

    def holds(self, column: Any, bound: Any) -> Any:
        """Nothing there."""
        return column == bound if self.equal else column.is_(None)
