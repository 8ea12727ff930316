"""Finding pets: a search out of the query string and back into it, one page of it by key, and counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import Row

from pets import clock
from pets.db import db
from pets.fields import FILTERS
from pets.fields.text import search_words
from pets.models.type import total_pets
from pets.search import statements
from pets.search.index import INDEXES, Way
from pets.search.listing import BadSearch, Page, paged, read_cursor
from pets.search.statements import COUNTED, SORTS, Shape, Sort

PAGE = 25  # pets
MANY = 1000  # where counting ends and "more than" begins
GATHERED = 5000  # so many matches are gathered and sorted; of more, a page is walked to along the sort
AGED = 20_000  # the same for ages beside words: MANY of a rarer age are met among more pets of the words
FOUND = 25_000  # the same for words: where they stand in few pets, those may be the last of all
WORDS = 8  # words that a search heeds
DEFAULT = "name"


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
    asked: Mapping[str, Any] = field(default_factory=dict)  # of FILTERS, by name
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
        asked: dict[str, Any] = {}
        for name, one in FILTERS.items():
            try:
                asked[name] = one.read(args.get(name, "").strip())
            except ValueError as problem:
                problems[name] = str(problem)
        found = cls(
            q=args.get("q", "").strip()[:200],
            asked={name: value for name, value in asked.items() if value is not None},
            sort=sort,
            after=args.get("after", ""),
            before="" if args.get("after") else args.get("before", ""),
            problems=problems,
        )
        read_cursor(found.after or found.before, found._sort.key)  # a broken one is refused at once
        return found

    def query_string(self, **changed: Any) -> str:
        """The address of this search with something changed; a cursor goes unless it is what changes."""
        asked = {"q": self.q, **self.asked, "sort": self.sort, "after": "", "before": "", **changed}
        # A cursor says where in one order; so the order is said beside it, if it is not the only usual one.
        if not asked["sort"] and (asked["after"] or asked["before"]):
            asked["sort"] = self.natural
        if asked["sort"] == DEFAULT and not asked["q"]:
            asked["sort"] = ""
        values = {name: value for name, value in asked.items() if value != ""}
        return "?" + urlencode(values) if values else ""

    @property
    def narrows(self) -> bool:
        """Whether anything is looked for at all."""
        return bool(self.words or self.asked)

    @property
    def told(self) -> list[str]:
        """What the filters ask for, in words."""
        return [FILTERS[name].said % value for name, value in self.asked.items()]

    @property
    def words(self) -> list[str]:
        """The folded words that all have to match."""
        return search_words(self.q)[:WORDS]

    @property
    def order(self) -> str:
        """What the list is sorted by."""
        return self.sort or self.natural

    @property
    def order_words(self) -> str:
        """What the list is sorted by, in words."""
        return self._sort.words + (", from the end" if self.order.startswith("-") else "")

    def count(self) -> int:
        """How many pets match; MANY + 1 stands for more than MANY. Without a filter, all are counted."""
        matches = self._plan().matches
        return matches if self._exact else min(matches, MANY + 1)

    def total(self) -> int:
        """How many pets match, however many there are; `count` is quicker."""
        plan = self._plan()
        exact = self._exact or not self.narrows or plan.matches <= MANY
        return plan.matches if exact else self._counted(plan.way, 2**62)

    def find(self, total: int | None = None) -> Found:
        """The page asked for; `total`: how many pets there are, if that is known.

        Of many matches for words, those added first come first unless otherwise asked. (The words'
        index has them in that order; to sort them all would take the longer, the more there are.)
        """
        plan = self._plan(total)
        search = self._in_order(plan)
        return Found(search, plan.matches, plan.matches > MANY and not self._exact, search._page(plan.way))

    def _in_order(self, plan: Plan) -> "PetSearch":
        return replace(self, natural="added" if self.words and plan.matches > MANY else DEFAULT)

    def _page(self, way: Way) -> Page:
        def fetch(place: tuple[Any, ...] | None, backwards: bool, limit: int) -> list[Row[Any]]:
            parts = self._parts[::-1] if backwards else self._parts
            if place is not None:
                blank = place[0] is None
                parts = parts[parts.index(blank) :] if blank in parts else []
            rows: list[Row[Any]] = []
            for blank in parts:
                if len(rows) < limit:
                    rows += self._rows(place, blank, limit - len(rows), way)
                    place = None
            return rows

        return paged(fetch, key=self._sort.key, after=self.after, before=self.before, size=PAGE)

    def stream(self, columns: tuple[Any, ...] = statements.WHOLE, chunk: int = 1000) -> Iterator[Row[Any]]:
        """These columns of all pets that match, in the order of the list, as they are when the first is asked
        for.

        Read `chunk` at a time on a connection of its own: memory is bounded, one snapshot is seen from the
        first to the last, and the rows outlive the request that asked for them.
        """
        plan = self._plan()
        start = replace(self._in_order(plan), after="", before="")
        dialect = db.engine.dialect.name
        queries = [
            statements.whole(columns, start._shape(plan.way, blank), dialect) for blank in start._parts
        ]
        return statements.read(queries, self._values(), db.engine, chunk)

    def export(self) -> Iterator[Row[Any]]:
        """What an export tells of all pets that match: see `statements.exported`."""
        return self.stream(statements.exported(db.engine.dialect.name))

    # Private, in the order they are called

    @property
    def _exact(self) -> bool:
        """Whether counters say how many match, so that counting need not end."""
        return not self.words and self.asked.keys() <= {COUNTED}

    @property
    def _ranges(self) -> set[str]:
        """The columns of which a range is asked for."""
        return {FILTERS[name].column for name in self.asked if not FILTERS[name].equal}

    def _plan(self, total: int | None = None) -> Plan:
        if not self.narrows:
            return Plan(total_pets() if total is None else total, Way.WALKED)
        if not INDEXES[db.engine.dialect.name].plans:
            count = self._of_type() if self._exact else self._counted(Way.WALKED, MANY)
            return Plan(count, Way.WALKED)
        return self._planned()

    def _planned(self) -> Plan:
        """What is rarer leads: the words, or else a type or ages, or else the order of the list."""
        others, found = replace(self, q=""), 0
        if self.words:
            few = FOUND if self.sort else MANY
            found = replace(self, asked={})._counted(Way.FOUND, few)
            if found <= few:
                return Plan(self._counted(Way.FOUND, few) if others.narrows else found, Way.FOUND)
        by_number = self.words and self.sort in ("", "added", "-added")
        in_order = Way.FOUND if by_number else Way.WALKED
        if not others.narrows:
            return Plan(found, in_order)
        few = AGED if self.words and self._ranges else GATHERED
        count = others._of_type() if others._exact else others._counted(Way.FILTERED, few)
        if not self.words:
            return Plan(count, Way.FILTERED if count <= few else Way.WALKED)
        if count <= few:
            return Plan(self._counted(Way.FILTERED, few), Way.FILTERED)
        both = self._counted(Way.FOUND, MANY)
        return Plan(both, Way.FOUND if both <= MANY else in_order)

    def _of_type(self) -> int:
        return int(db.session.scalar(statements.OF_TYPE, self._values()) or 0)

    def _counted(self, way: Way, most: int) -> int:
        query = statements.counted(self._shape(way, counts=True), db.engine.dialect.name)
        return int(db.session.scalar(query, {**self._values(), "limit": most + 1}) or 0)

    @property
    def _parts(self) -> list[bool]:
        """The list goes through the pets that have what it is sorted by, and ends with the "blank" ones."""
        lead = self._sort.lead
        return [False, True] if lead.nullable and lead.name not in self._ranges else [False]

    @property
    def _sort(self) -> Sort:
        return SORTS[self.order.removeprefix("-")]

    def _rows(self, key: tuple[Any, ...] | None, blank: bool, limit: int, way: Way) -> Sequence[Row[Any]]:
        shape = self._shape(way, blank, key is not None)
        values = {**self._values(), "limit": limit}
        if key is not None:
            values |= {f"key{number}": part for number, part in enumerate(key[-1:] if blank else key)}
        return db.session.execute(statements.page_of(shape, db.engine.dialect.name), values).all()

    def _shape(self, way: Way, blank: bool = False, cursor: bool = False, counts: bool = False) -> Shape:
        falls = self.order.startswith("-") != self._sort.falls
        return Shape(
            sort="" if counts else self.order.removeprefix("-"),
            descending=not counts and falls != bool(self.before),
            blank=blank,
            cursor=cursor,
            words=len(self.words),
            filters=tuple(self.asked),
            way=way,
        )

    def _values(self) -> dict[str, Any]:
        today, equal = clock.today(), [str(self.asked[name]) for name in self.asked if name == COUNTED]
        values = INDEXES[db.engine.dialect.name].values(self.words, " ".join(equal))
        return {**values, **{name: FILTERS[name].bound(value, today) for name, value in self.asked.items()}}
