"""Finding pets: one page of a search by key, all of it as a stream, and counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row

from pets.db import db
from pets.fields import FIELDS, listed_fields
from pets.fields.field import Field
from pets.models.pet import Pet
from pets.search import statements
from pets.search.asked import DEFAULT
from pets.search.index import Way
from pets.search.listing import Page, paged
from pets.search.plan import MANY, Plan, Planned
from pets.search.query import Shape

PAGE = 25  # pets


class Found(NamedTuple):
    """What the list shows: the search as it was understood, how many match, and a page of them."""

    search: "PetSearch"
    matches: int
    capped: bool  # more may match than were counted
    page: Page
    fields: Sequence[Field]  # that are shown of each
    columns: tuple[str, ...]  # of each row, in their order; further ones may follow

    @property
    def numbers(self) -> str:
        """Those of the pets on the page: "3 12 5"."""
        return " ".join(str(row.id) for row in self.page.rows)

    @property
    def first(self) -> int | None:
        """Which of all that match the page begins with, where that is known: the address of a page says it,
        and at both ends the list itself does, whatever came and went since."""
        rows, start = len(self.page.rows), self.search.start
        if self.page.before is None:
            return 1
        if self.page.after is None and not self.capped:
            return self.matches - rows + 1
        return start if start > 1 and (self.capped or start + rows <= self.matches) else None

    @property
    def start_before(self) -> int | str:
        """Which of them the page before this one begins with; "" where that is not known."""
        return max(self.first - PAGE, 0) or "" if self.first else ""

    @property
    def start_after(self) -> int | str:
        """Which of them the next page begins with."""
        return self.first + len(self.page.rows) if self.first else ""

    @property
    def bound(self) -> Literal["exactly", "over", "least"]:
        """What `total` says of how many match."""
        if not self.capped or not self.search.narrows:
            return "exactly"
        return "over" if self.matches > MANY else "least"

    @property
    def total(self) -> int:
        """How many match, or what they are more than, or what they are at least."""
        seen = (self.first or 1) - 1 + len(self.page.rows)
        return {"exactly": self.matches, "over": MANY, "least": max(self.matches, seen)}[self.bound]


@dataclass(frozen=True)
class PetSearch(Planned):
    """What somebody looks for, and how it is found."""

    def count(self) -> int:
        """How many pets match, or at least do: see `Plan.further`. Without a filter, all are counted."""
        return self.plan().matches + len(self._numbered(("id",)))

    def total(self) -> int:
        """How many pets match, however many there are; `count` is quicker."""
        plan = self.plan()
        matches = self.counted(plan.way, 2**62, plan.lead) if plan.further else plan.matches
        return matches + len(self._numbered(("id",)))

    def find(self, total: int | None = None, fields: Sequence[Field] = ()) -> Found:
        """The page asked for. `total`: how many pets there are, if that is known; `fields`: what is shown.

        Of many matches for words, those added first come first unless otherwise asked. (The words'
        index has them in that order; to sort them all would take the longer, the more there are.)
        """
        plan = self.plan(total)
        search, fields = self._in_order(plan), fields or listed_fields()
        columns = statements.columns_for(fields)
        every = tuple(dict.fromkeys((*columns, *(statements.found_by() if self.words else ()))))
        found, first = search._page(plan, every), search._numbered(every)
        if found.before is None:
            found = found._replace(rows=[*first, *found.rows])
        return Found(search, plan.matches + len(first), plan.further, found, fields, columns)

    def beside(self, pet: Pet) -> tuple[Row[Any] | None, Row[Any] | None]:
        """The pets before and after this one in the list (id, name), also where it matches no longer."""
        plan, columns = self.plan(total=0), ("id", "name")  # how many there are, nobody asks
        search = self._in_order(plan)
        here = search._place(pet)

        def next_to(place: tuple[Any, ...] | None, backwards: bool = False) -> Row[Any] | None:
            return next(iter(search._behind(plan, columns, place, backwards, 1)), None)

        if pet.id == self.number:  # which comes before all others
            return None, next_to(None)
        first = self._numbered(columns) if self.number is not None else ()
        return next_to(here, backwards=True) or next(iter(first), None), next_to(here)

    def _place(self, pet: Pet) -> tuple[Any, ...]:
        """What the list is sorted by, of a pet."""
        if self.by.own_id is None:
            return tuple(getattr(pet, column.key) for column in self.by.key)
        name = self.order.removeprefix("-")
        return FIELDS[name].key_of(pet.facts[name]), pet.name_key, pet.id

    def _in_order(self, plan: Plan) -> "PetSearch":
        natural = "added" if self.words and plan.further else DEFAULT
        return self if natural == self.natural else replace(self, natural=natural)

    def _page(self, plan: Plan, columns: tuple[str, ...]) -> Page:
        fetch = partial(self._behind, plan, columns)
        return paged(fetch, key=self.by.key, after=self.after, before=self.before, size=PAGE)

    def _behind(
        self,
        plan: Plan,
        columns: tuple[str, ...],
        place: tuple[Any, ...] | None,
        backwards: bool,
        limit: int,
    ) -> list[Row[Any]]:
        """Rows behind a place in the list, or `backwards` before it; None: from its beginning, or its end."""
        parts = self.parts[::-1] if backwards else self.parts
        if place is not None:
            blank = place[0] is None
            parts = parts[parts.index(blank) :] if blank in parts else []
        rows: list[Row[Any]] = []
        for blank in parts:
            if len(rows) < limit:
                rows += self.rows(place, backwards, blank, limit - len(rows), plan, columns)
                place = None
        return rows

    def _numbered(self, columns: tuple[str, ...]) -> Sequence[Row[Any]]:
        """The pet whose number was typed, which comes before all others, if it is as the filters say."""
        if self.number is None:
            return ()
        query = statements.numbered(columns, self._alone, db.engine.dialect.name)
        return db.session.execute(query, self.values()).all()

    @property
    def _alone(self) -> Shape:
        shape = self.shape(Way.WALKED, None, counts=True)
        return shape._replace(words=0, numbered=False)

    def stream(self, columns: tuple[Any, ...] = statements.WHOLE) -> Iterator[Row[Any]]:
        """These columns of all pets that match, in the order of the list, as they are when the first is asked
        for.

        Read a chunk at a time on a connection of its own: memory is bounded, one snapshot is seen from the
        first to the last, and the rows outlive the request that asked for them.
        """
        plan = self.plan()
        start = replace(self._in_order(plan), after="", before="")
        dialect = db.engine.dialect.name
        queries = [
            statements.whole(columns, start.shape(plan.way, plan.lead, blank), dialect)
            for blank in start.parts
        ]
        if self.number is not None:
            queries.insert(0, statements.numbered(columns, self._alone, dialect))
        return statements.read(queries, self.values(), db.engine)

    def export(self) -> Iterator[Row[Any]]:
        """What an export tells of all pets that match: see `statements.exported`."""
        return self.stream(statements.exported(db.engine.dialect.name))
