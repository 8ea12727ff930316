"""How a search is gone about: what is rarest leads, and the statements that follow from that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from sqlalchemy import Row

from pets import clock
from pets.db import db
from pets.models.type import total_pets
from pets.search import statements
from pets.search.asked import Asked
from pets.search.index import INDEXES, Way
from pets.search.query import Shape
from pets.search.statements import COUNTED

MANY = 1000  # where counting ends and "more than" begins
GATHERED = 5000  # so many matches are gathered and sorted; of more, a page is walked to along the sort
AGED = 20_000  # the same for ages beside words: MANY of a rarer age are met among more pets of the words
FOUND = 25_000  # the same for words: where they stand in few pets, those may be the last of all
LOOKED = 1000  # so many pets of a filter that many match are looked through for what else is asked


class Plan(NamedTuple):
    """How many pets match, or at least do, and how a page is come by."""

    matches: int
    further: bool  # whether more may match than were counted
    way: Way
    lead: int | None = None  # the own field of which the keys are gone through, to find or to sort


class _Candidate(NamedTuple):
    """Some of the filters, which may lead: how many pets match them, counted so far as `few` and one more."""

    matches: int
    few: int
    lead: int | None


def _rarity(one: _Candidate) -> int:
    return one.matches


@dataclass(frozen=True)
class Planned(Asked):
    """A search that knows how to go about it."""

    @property
    def exact(self) -> bool:
        """Whether counters say how many match, so that counting need not end."""
        return not self.words and self.asked.keys() <= {COUNTED}

    def plan(self, total: int | None = None) -> Plan:
        """How to go about it; `total`: how many pets there are, if that is known."""
        if not self.narrows:
            return Plan(total_pets() if total is None else total, False, Way.WALKED)
        if not INDEXES[db.engine.dialect.name].plans:
            count = self._of_type() if self.exact else self.counted(Way.WALKED, MANY, *self._own[:1])
            return self._told(count, Way.WALKED, self._in_order_of_names(self._own))
        return self._by_words() if self.terms else self._by_filters()

    def _told(self, matches: int, way: Way, lead: int | None = None) -> Plan:
        return Plan(matches, matches > MANY and not self.exact, way, lead)

    def counted(self, way: Way, most: int, lead: int | None = None) -> int:
        """How many match, counted only so far as `most` and one more."""
        query = statements.counted(self.shape(way, lead, counts=True), db.engine.dialect.name)
        return int(db.session.scalar(query, {**self.values(), "limit": most + 1}) or 0)

    def _by_words(self) -> Plan:
        """What is rarer leads: the words, or else a filter, or else the order of the list."""
        few = FOUND if self.sort else MANY
        found = replace(self, q=self.q or " ".join(self.terms), asked={}).counted(Way.FOUND, few)
        if found <= few:
            return self._told(self.counted(Way.FOUND, few) if self.asked else found, Way.FOUND)
        by_number = self.words and self.sort in ("", "added", "-added")
        in_order = Way.FOUND if by_number else Way.WALKED
        if not self.asked:
            return self._told(found, in_order)
        rarest = min(self._candidates(), key=_rarity, default=None)
        if rarest and rarest.matches <= rarest.few:
            count = self.counted(Way.FILTERED, rarest.few, rarest.lead)
            return self._told(count, Way.FILTERED, rarest.lead)
        both = self.counted(Way.FOUND, MANY)
        return self._told(both, Way.FOUND if both <= MANY else in_order)

    def _by_filters(self) -> Plan:
        """The rarest filter leads, or else the order of the list."""
        some = sorted(self._candidates(), key=_rarity)
        alone = len(some) == 1 and all(one.leads or one.own_id is None for one in self.filters)
        own = [one.lead for one in some if one.lead is not None]
        if some and some[0].matches <= some[0].few:
            matches, few, lead = some[0]
            in_order = self._in_order_of_names([lead]) if lead is not None else None
            matches = matches if alone else self.counted(Way.FILTERED, few, lead)
            return self._told(matches, Way.FILTERED if in_order is None else Way.WALKED, lead)
        lead = self._in_order_of_names(own)
        if alone or (some and not own):
            count = some[0].matches if alone else self.counted(Way.FILTERED, MANY)
            return self._told(count, Way.WALKED, lead)
        shape = self.shape(Way.WALKED, own[0] if own else None, counts=True)
        query = statements.looked_through(shape, db.engine.dialect.name)
        matches, looked = db.session.execute(query, {**self.values(), "limit": LOOKED + 1}).one()
        return Plan(matches, looked > LOOKED, Way.WALKED, lead)

    def _candidates(self) -> list[_Candidate]:
        """Built-in filters, which share indexes, are one; those of each own field are another."""
        found = []
        for number in self._own:
            # What comes in the order of the list need be counted no further than is told.
            alone = len({one.own_id for one in self.filters}) == 1
            few = MANY if alone and self._in_order_of_names([number]) is not None else GATHERED
            found.append(_Candidate(self._only(number).counted(Way.FILTERED, few, number), few, number))
        built_in = self._only(None)
        if built_in.asked:
            few = AGED if self.terms and self._ranges else GATHERED
            count = built_in._of_type() if built_in.exact else built_in.counted(Way.FILTERED, few)
            found.append(_Candidate(count, few, None))
        return found

    def _only(self, own_id: int | None) -> Self:
        """The filters of this own field that lead, or the built-in ones (None); no words."""
        kept = {one.name for one in self.filters if one.own_id == own_id and (own_id is None or one.leads)}
        return replace(self, q="", asked={name: value for name, value in self.asked.items() if name in kept})

    @property
    def _own(self) -> list[int]:
        """The own fields of which something is looked for, by number."""
        return sorted({one.own_id for one in self.filters if one.own_id is not None and one.leads})

    def _in_order_of_names(self, own: Sequence[int]) -> int | None:
        """Of these own fields, the first whose keys have what is looked for in the order of the list."""
        equal = {one.own_id for one in self.filters if one.equal}
        by_name = not self.terms and self.order.removeprefix("-") == "name"
        return next((number for number in own if number in equal), None) if by_name else None

    @property
    def _ranges(self) -> set[str]:
        """The columns of which a range is asked for."""
        return {one.column for one in self.filters if not one.equal and one.own_id is None}

    def _of_type(self) -> int:
        return int(db.session.scalar(statements.OF_TYPE, self.values()) or 0)

    # The statements

    @property
    def parts(self) -> list[bool]:
        """The list goes through the pets that have what it is sorted by, and ends with the "blank" ones."""
        by = self.by
        if by.own_id is not None:
            here = {one.lacks for one in self.filters if one.own_id == by.own_id}
            return [False] if False in here else [False, True]
        return [False, True] if by.lead.nullable and by.lead.name not in self._ranges else [False]

    def rows(
        self,
        key: tuple[Any, ...] | None,
        backwards: bool,
        blank: bool,
        limit: int,
        plan: Plan,
        columns: tuple[str, ...],
    ) -> Sequence[Row[Any]]:
        """So many rows of the list behind a place in it, or `backwards` before it."""
        shape = self.shape(plan.way, plan.lead, blank, key is not None)
        shape = shape._replace(descending=shape.descending != backwards)
        values = {**self.values(), "limit": limit}
        if key is not None:
            # Of the pets that have nothing, and of those of a word in order, the number alone says where.
            values |= {f"key{number}": part for number, part in enumerate(key[-1:] if blank else key)}
        return db.session.execute(statements.page_of(shape, columns, db.engine.dialect.name), values).all()

    def shape(
        self, way: Way, lead: int | None, blank: bool = False, cursor: bool = False, counts: bool = False
    ) -> Shape:
        """What distinguishes a statement of this search from another."""
        by = self.by
        return Shape(
            sort="" if counts else self.order.removeprefix("-"),
            own_sort=None if counts else by.own_id,
            descending=not counts and self.order.startswith("-") != by.falls,
            blank=blank,
            cursor=cursor,
            words=len(self.terms),
            filters=self.filters,
            way=way,
            lead=lead,
            numbered=self.number is not None,
        )

    def values(self) -> dict[str, Any]:
        """What is bound to it."""
        today, asked = clock.today(), [*zip(self.filters, self.asked.values(), strict=True)]
        beside = [str(value) for one, value in asked if one.searched]
        words = INDEXES[db.engine.dialect.name].values(self.terms, beside)
        return {**words, **{one.name: one.bound(value, today) for one, value in asked}, "number": self.number}
