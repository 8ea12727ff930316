"""Finding pets: a search out of the query string and back into it, one page of it by key, and counts."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import Row, Select, bindparam, func, select, tuple_

from pets import clock
from pets.db import db
from pets.models.age import OLDEST, latest_birth
from pets.models.pet import Pet, PetType, total_pets
from pets.models.words import fold, search_words
from pets.search.index import INDEXES
from pets.search.pages import BadSearch, Page, read_cursor

PAGE = 25  # pets
MANY = 1000  # where counting ends and "more than" begins
WORDS = 8  # words that a search heeds

# What the list can be sorted by: the columns of the key, all in the same direction.
SORTS: dict[str, tuple[Any, ...]] = {
    "name": (Pet.name_key, Pet.id),
    "type": (Pet.type_key, Pet.name_key, Pet.id),
    "age": (Pet.born_on, Pet.id),
    "changed": (Pet.changed_at, Pet.id),
    "added": (Pet.added_at, Pet.id),
}
DEFAULT = "name"
COLUMNS = (
    Pet.id,
    Pet.name,
    Pet.type,
    Pet.type_key,
    Pet.born_on,
    Pet.born_estimated,
    Pet.changed_at,
    Pet.former_names,
)


class Shape(NamedTuple):
    """What distinguishes one statement from another; the values are bound to it later."""

    sort: str
    descending: bool
    dateless: bool  # the pets without a birth date, which a list by age ends with
    cursor: bool
    words: int
    kind: bool
    youngest: bool
    oldest: bool
    many: bool


@dataclass(frozen=True)
class PetSearch:
    """What somebody looks for, and in which order: the query string of the list, understood."""

    q: str = ""
    type: str = ""
    min_age: int | None = None
    max_age: int | None = None
    sort: str = DEFAULT
    after: str = ""
    before: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "PetSearch":
        """Read the query string. What a person mistyped stands in `problems`, by field, and is left out.

        Raises BadSearch for a sort or cursor that is not ours.
        """
        sort = args.get("sort") or DEFAULT
        if sort.removeprefix("-") not in SORTS:
            raise BadSearch("The list cannot be sorted by that. Choose one of its headings instead.")
        problems: dict[str, str] = {}
        ages: dict[str, int | None] = {}
        for bound in ("min_age", "max_age"):
            typed = args.get(bound, "").strip()
            ages[bound] = int(typed) if re.fullmatch("[0-9]{1,3}", typed) and int(typed) <= OLDEST else None
            if typed and ages[bound] is None:
                problems[bound] = f"An age is a whole number from 0 to {OLDEST}."
        found = cls(
            q=args.get("q", "").strip()[:200],
            type=args.get("type", "").strip()[:200],
            **ages,
            sort=sort,
            after=args.get("after", ""),
            before="" if args.get("after") else args.get("before", ""),
            problems=problems,
        )
        found._key()  # a broken cursor is refused at once
        return found

    def query_string(self, **changed: Any) -> str:
        """The address of this search with something changed; a cursor goes unless it is what changes."""
        other = replace(self, **{"after": "", "before": "", **changed})
        values = [
            (name, getattr(other, name))
            for name in ("q", "type", "min_age", "max_age", "sort", "after", "before")
            if getattr(other, name) not in ("", None) and (name, getattr(other, name)) != ("sort", DEFAULT)
        ]
        return "?" + urlencode(values) if values else ""

    @property
    def narrows(self) -> bool:
        """Whether anything is looked for at all."""
        return bool(self.q or self.type or self.min_age is not None or self.max_age is not None)

    @property
    def words(self) -> list[str]:
        """The folded words that all have to match."""
        return search_words(self.q)[:WORDS]

    def count(self) -> int:
        """How many pets match; MANY + 1 stands for more than MANY. Without a filter, all are counted."""
        if not self.narrows:
            return total_pets()
        if self.type and not self.words and self.min_age is None and self.max_age is None:
            kinds = select(func.coalesce(func.sum(PetType.pets), 0)).where(
                PetType.type_key == fold(self.type)
            )
            return int(db.session.scalar(kinds) or 0)
        capped = _capped(self._shape(many=False), db.engine.dialect.name)
        return int(db.session.scalar(capped, self._values()) or 0)

    def page(self, count: int) -> Page:
        """One page. `count` is what `count()` said: few matches are gathered and sorted, many walked to."""
        key, backwards = self._key(), bool(self.before)
        # A list by age goes through the pets with a birth date first, and ends with those without.
        parts = [False, True] if self._column == "age" else [False]
        if backwards:
            parts.reverse()
        if key is not None:
            parts = parts[parts.index(key[0] is None) :]
        rows: list[Row[Any]] = []
        for dateless in parts:
            if len(rows) <= PAGE:
                rows += self._rows(key, dateless, PAGE + 1 - len(rows), count > MANY)
                key = None
        return Page.of(rows, PAGE, bool(self.after), backwards, SORTS[self._column])

    # Private, in the order they are called

    @property
    def _column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def _descending(self) -> bool:
        # The youngest were born last.
        return self.sort.startswith("-") != (self._column == "age")

    def _key(self) -> tuple[Any, ...] | None:
        """The cursor's key, each part as its column has it. Raises BadSearch."""
        return read_cursor(self.after or self.before, SORTS[self._column])

    def _rows(self, key: tuple[Any, ...] | None, dateless: bool, limit: int, many: bool) -> list[Row[Any]]:
        shape = self._shape(many, dateless, key is not None)
        values = {**self._values(), "limit": limit}
        if key is not None:
            values |= {f"key{number}": part for number, part in enumerate(key[-1:] if dateless else key)}
        return list(db.session.execute(_statement(shape, db.engine.dialect.name), values))

    def _shape(self, many: bool, dateless: bool = False, cursor: bool = False) -> Shape:
        return Shape(
            sort=self._column,
            descending=self._descending != bool(self.before),
            dateless=dateless,
            cursor=cursor,
            words=len(self.words),
            kind=bool(self.type),
            youngest=self.min_age is not None,
            oldest=self.max_age is not None,
            many=many,
        )

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = INDEXES[db.engine.dialect.name].values(self.words)
        today = clock.today()
        if self.type:
            values["kind"] = fold(self.type)
        if self.min_age is not None:
            values["born_to"] = latest_birth(self.min_age, today)
        if self.max_age is not None:
            values["born_from"] = latest_birth(self.max_age + 1, today) + timedelta(days=1)
        return values


@functools.lru_cache(maxsize=500)
def _statement(shape: Shape, dialect: str) -> Select[Any]:
    """The statement for one page. Built once for each shape: building costs more than running it."""
    key = (Pet.id,) if shape.dateless else SORTS[shape.sort]
    query = _filtered(select(*COLUMNS, *(c for c in key if c not in COLUMNS)), shape, dialect)
    if shape.sort == "age":
        query = query.where(Pet.born_on.is_(None) if shape.dateless else Pet.born_on.is_not(None))
    if shape.cursor:
        place = tuple_(*(bindparam(f"key{number}", type_=part.type) for number, part in enumerate(key)))
        query = query.where(tuple_(*key) < place if shape.descending else tuple_(*key) > place)
    return query.order_by(*(part.desc() if shape.descending else part for part in key)).limit(
        bindparam("limit")
    )


@functools.lru_cache(maxsize=100)
def _capped(shape: Shape, dialect: str) -> Select[int]:
    """Counting, but only so far."""
    return select(func.count()).select_from(
        _filtered(select(Pet.id), shape, dialect).limit(MANY + 1).subquery()
    )


def _filtered(query: Select[Any], shape: Shape, dialect: str) -> Select[Any]:
    index = INDEXES[dialect]
    if shape.words:
        query = query.where(index.condition(shape.words, shape.many))
    if shape.kind:
        query = query.where(
            index.expect(Pet.type_key == bindparam("kind"), shape.many and shape.sort not in ("name", "type"))
        )
    if shape.youngest:
        query = query.where(index.expect(Pet.born_on <= bindparam("born_to"), shape.many))
    if shape.oldest:
        query = query.where(index.expect(Pet.born_on >= bindparam("born_from"), shape.many))
    return query
