"""Finding pets: a search out of the query string and back into it, one page of it by key, and counts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import Engine, Row, Select

from pets import clock
from pets.db import db, snapshot
from pets.fields.age import OLDEST, latest_birth
from pets.fields.text import fold, search_words
from pets.models.type import total_pets
from pets.search.index import INDEXES, Way
from pets.search.listing import BadSearch, Page, read_cursor
from pets.search.statements import OF_TYPE, SORTS, WHOLE, Shape, counted, exported, page_of, whole

PAGE = 25  # pets
MANY = 1000  # where counting ends and "more than" begins
GATHERED = 5000  # so many matches are gathered and sorted; of more, a page is walked to along the sort
AGED = 20_000  # the same for ages beside words: MANY of a rarer age are met among more pets of the words
FOUND = 25_000  # the same for words: where they stand in few pets, those may be the last of all
WORDS = 8  # words that a search heeds
DEFAULT = "name"
NAMES = ("q", "type", "min_age", "max_age", "sort", "after", "before")  # in the query string, in this order


class Plan(NamedTuple):
    """How many pets match (of more than MANY, not how many more), and how a page is come by."""

    matches: int
    way: Way


class Found(NamedTuple):
    """What the list shows: the search as it was understood, how many match, and a page of them."""

    search: "PetSearch"
    matches: int
    capped: bool  # more match than were counted
    page: Page


@dataclass(frozen=True)
class PetSearch:
    """What somebody looks for, and in which order: the query string of the list, understood."""

    q: str = ""
    type: str = ""
    min_age: int | None = None
    max_age: int | None = None
    sort: str = ""  # as asked for; see `order`
    after: str = ""
    before: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    natural: str = DEFAULT  # the order that nobody asked for

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "PetSearch":
        """Read the query string. What a person mistyped stands in `problems`, by field, and is left out.

        Raises BadSearch for a sort or cursor that is not ours.
        """
        sort = args.get("sort", "")
        if sort and sort.removeprefix("-") not in SORTS:
            raise BadSearch("The list cannot be sorted by that. Choose one of its headings instead.")
        problems: dict[str, str] = {}
        ages: dict[str, Any] = {}
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
        asked = {"after": "", "before": "", **changed}
        q, sort = asked.get("q", self.q), asked.get("sort", self.sort)
        # A cursor says where in one order; so the order is said beside it, if it is not the only usual one.
        if not sort and (asked["after"] or asked["before"]):
            sort = self.natural
        asked["sort"] = "" if sort == DEFAULT and not q else sort
        values = [(name, asked.get(name, getattr(self, name))) for name in NAMES]
        values = [(name, value) for name, value in values if value not in ("", None)]
        return "?" + urlencode(values) if values else ""

    @property
    def narrows(self) -> bool:
        """Whether anything is looked for at all."""
        return bool(self.words or self.type or self.min_age is not None or self.max_age is not None)

    @property
    def words(self) -> list[str]:
        """The folded words that all have to match."""
        return search_words(self.q)[:WORDS]

    @property
    def order(self) -> str:
        """What the list is sorted by."""
        return self.sort or self.natural

    def count(self) -> int:
        """How many pets match; MANY + 1 stands for more than MANY. Without a filter, all are counted."""
        matches = self._plan().matches
        return matches if self._exact else min(matches, MANY + 1)

    def total(self) -> int:
        """How many pets match, however many there are; `count` is quicker."""
        plan = self._plan()
        exact = self._exact or not self.narrows or plan.matches <= MANY
        return plan.matches if exact else self._counted(plan.way, 2**62)

    def find(self) -> Found:
        """The page asked for. Of many matches for words, those added first come first unless otherwise asked.

        (The words' index has them in that order; to sort them all would take the longer, the more there are.)
        """
        plan = self._plan()
        search = self._in_order(plan)
        return Found(search, plan.matches, plan.matches > MANY and not self._exact, search._page(plan.way))

    def _in_order(self, plan: Plan) -> "PetSearch":
        return replace(self, natural="added" if self.words and plan.matches > MANY else DEFAULT)

    def _page(self, way: Way) -> Page:
        key, backwards = self._key(), bool(self.before)
        parts = self._parts
        if backwards:
            parts.reverse()
        if key is not None:
            dateless = key[0] is None
            parts = parts[parts.index(dateless) :] if dateless in parts else []
        rows: list[Row[Any]] = []
        for dateless in parts:
            if len(rows) <= PAGE:
                rows += self._rows(key, dateless, PAGE + 1 - len(rows), way)
                key = None
        return Page.of(rows, PAGE, bool(self.after), backwards, SORTS[self._column])

    def stream(self, columns: tuple[Any, ...] = WHOLE, chunk: int = 1000) -> Iterator[Row[Any]]:
        """These columns of all pets that match, in the order of the list, as they are when the first is asked
        for.

        Read `chunk` at a time on a connection of its own: memory is bounded, one snapshot is seen from the
        first to the last, and the rows outlive the request that asked for them.
        """
        plan = self._plan()
        start = replace(self._in_order(plan), after="", before="")
        dialect = db.engine.dialect.name
        queries = [whole(columns, start._shape(plan.way, dateless), dialect) for dateless in start._parts]
        return _read(queries, self._values(), db.engine, chunk)

    def export(self) -> Iterator[Row[Any]]:
        """What an export tells of all pets that match: see `exported`."""
        return self.stream(exported(db.engine.dialect.name))

    # Private, in the order they are called

    @property
    def _exact(self) -> bool:
        """Whether counters say how many match, so that counting need not end."""
        return not (self.words or self._by_age)

    @property
    def _by_age(self) -> bool:
        return self.min_age is not None or self.max_age is not None

    def _plan(self) -> Plan:
        if not self.narrows:
            return Plan(total_pets(), Way.WALKED)
        if not INDEXES[db.engine.dialect.name].plans:
            count = self._of_type() if self._exact else self._counted(Way.WALKED, MANY)
            return Plan(count, Way.WALKED)
        return self._planned()

    def _planned(self) -> Plan:
        """What is rarer leads: the words, or else a type or ages, or else the order of the list."""
        others, found = replace(self, q=""), 0
        if self.words:
            few = FOUND if self.sort else MANY
            found = replace(self, type="", min_age=None, max_age=None)._counted(Way.FOUND, few)
            if found <= few:
                return Plan(self._counted(Way.FOUND, few) if others.narrows else found, Way.FOUND)
        by_number = self.words and self.sort in ("", "added", "-added")
        in_order = Way.FOUND if by_number else Way.WALKED
        if not others.narrows:
            return Plan(found, in_order)
        few = AGED if self.words and self._by_age else GATHERED
        count = others._of_type() if others._exact else others._counted(Way.FILTERED, few)
        if not self.words:
            return Plan(count, Way.FILTERED if count <= few else Way.WALKED)
        if count <= few:
            return Plan(self._counted(Way.FILTERED, few), Way.FILTERED)
        both = self._counted(Way.FOUND, MANY)
        return Plan(both, Way.FOUND if both <= MANY else in_order)

    def _of_type(self) -> int:
        return int(db.session.scalar(OF_TYPE, {"kind": fold(self.type)}) or 0)

    def _counted(self, way: Way, most: int) -> int:
        query = counted(self._shape(way, counts=True), db.engine.dialect.name)
        return int(db.session.scalar(query, {**self._values(), "limit": most + 1}) or 0)

    @property
    def _parts(self) -> list[bool]:
        """A list by age goes through the pets with a birth date, and ends with those without ("dateless")."""
        return [False, True] if self._column == "age" and not self._by_age else [False]

    @property
    def _column(self) -> str:
        return self.order.removeprefix("-")

    @property
    def _descending(self) -> bool:
        # The youngest were born last.
        return self.order.startswith("-") != (self._column == "age")

    def _key(self) -> tuple[Any, ...] | None:
        """The cursor's key, each part as its column has it. Raises BadSearch."""
        return read_cursor(self.after or self.before, SORTS[self._column])

    def _rows(self, key: tuple[Any, ...] | None, dateless: bool, limit: int, way: Way) -> list[Row[Any]]:
        shape = self._shape(way, dateless, key is not None)
        values = {**self._values(), "limit": limit}
        if key is not None:
            values |= {f"key{number}": part for number, part in enumerate(key[-1:] if dateless else key)}
        return list(db.session.execute(page_of(shape, db.engine.dialect.name), values))

    def _shape(self, way: Way, dateless: bool = False, cursor: bool = False, counts: bool = False) -> Shape:
        return Shape(
            sort="" if counts else self._column,
            descending=not counts and self._descending != bool(self.before),
            dateless=dateless,
            cursor=cursor,
            words=len(self.words),
            kind=bool(self.type),
            youngest=self.min_age is not None,
            oldest=self.max_age is not None,
            way=way,
        )

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = INDEXES[db.engine.dialect.name].values(self.words, self.type)
        today = clock.today()
        if self.type:
            values["kind"] = fold(self.type)
        if self.min_age is not None:
            values["born_to"] = latest_birth(self.min_age, today)
        if self.max_age is not None:
            values["born_from"] = latest_birth(self.max_age + 1, today) + timedelta(days=1)
        return values


def _read(
    queries: Sequence[Select[Any]], values: dict[str, Any], engine: Engine, chunk: int
) -> Iterator[Row[Any]]:
    """Rows of these statements one after the other, in one transaction that only reads."""
    with snapshot(engine) as connection:
        for query in queries:
            found = connection.execution_options(yield_per=chunk).execute(query, values)
            for rows in found.partitions():
                yield from rows
