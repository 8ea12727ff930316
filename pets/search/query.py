"""A statement of the list as it is built: which pets match, and what stands beside them."""

import functools
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, null, type_coerce

from pets.db import Words
from pets.fields.filters import Filter
from pets.models.field import PetKey
from pets.search.index import INDEXES, PET, Way
from pets.search.sorts import OWN_KEY, SORTS, sorted_behind

KEYS = PetKey.__table__


class Shape(NamedTuple):
    """What distinguishes one statement from another; the values are bound to it later."""

    sort: str
    own_sort: int | None  # the own field that is sorted by
    descending: bool
    blank: bool  # the pets that have nothing in what is sorted by, which the list ends with
    cursor: bool
    words: int
    filters: tuple[Filter, ...]
    way: Way
    lead: int | None  # the own field of whose filters the keys are gone through
    numbered: bool  # whether a pet was asked for by its number, which is told by itself

    @property
    def in_order_of_names(self) -> bool:
        """Whether the keys that lead come in the order of the list."""
        led = [one for one in self.filters if one.own_id == self.lead and not one.lacks]
        same = self.lead is not None and any(one.equal for one in led)
        return same and self.way is Way.WALKED and self.sort == "name"


class Query:
    """A statement as it is built: the pets that match, with what stands beside them in `pet_key`."""

    def __init__(self, shape: Shape, dialect: str) -> None:
        self.shape, self.dialect, self.index = shape, dialect, INDEXES[dialect]
        by = shape.own_sort
        self.place: Any = None if by is None or shape.blank or not shape.sort else KEYS.alias("place").c
        self.lead: Any = None
        if shape.lead is not None:
            self.lead = self.place if self.place is not None and shape.lead == by else KEYS.alias("lead").c
        first = self.lead
        self.number = PET.id if first is None else first.pet_id
        self.name = PET.name_key if first is None else first.name_key

    def conditions(self, of_pet: bool = True) -> list[Any]:
        """What holds for the pets that match; `of_pet`: whether the pet itself is read too."""
        shape, found = self.shape, []
        if self.lead is not None:
            found += [PET.id == self.lead.pet_id] * of_pet + [self.lead.field_id == shape.lead]
        if self.place is not None and self.place is not self.lead:
            walks = shape.way is Way.WALKED and self.lead is None
            field = self.place.field_id if walks else self.index.compared(self.place.field_id, Way.FOUND)
            found += [PET.id == self.place.pet_id, field == shape.own_sort]
        if shape.blank and shape.own_sort is not None:
            found.append(~self._key(shape.own_sort))
        if shape.numbered:
            found.append(self.number != bindparam("number"))
        return found + [self.holds(one) for one in shape.filters]

    def holds(self, one: Filter) -> Any:
        """What a filter asks of a pet."""
        shape, index, way = self.shape, self.index, self.shape.way
        bound: Any = bindparam(one.name, type_=None if one.own_id is None else Words)
        if one.own_id is not None:
            if one.lacks:
                return index.expect(~self._key(one.own_id), way)
            for keys, own_id in ((self.lead, shape.lead), (self.place, shape.own_sort)):
                if keys is not None and own_id == one.own_id:
                    return one.holds(keys.key, bound)
            return index.expect(self._key(one.own_id, one), way)
        column = PET[one.column]
        condition = one.holds(index.compared(column, Way.FOUND if self.lead is not None else way), bound)
        # Where an index has both at once, what is equal is met without looking.
        sort = SORTS.get(shape.sort)
        indexed = one.equal and sort and self.lead is None and sorted_behind(column, sort.lead)
        return condition if indexed else index.expect(condition, way)

    def _key(self, own_id: int, one: Filter | None = None) -> Any:
        """Whether the pet has a key in an own field, which is as a filter says."""
        keys = KEYS.alias(f"key{own_id}").c
        if one is not None and one.equal:  # found at its place, and those of the pets around it beside it
            holds = one.holds(keys.key, bindparam(one.name, type_=Words))
            return exists().where(
                keys.field_id == own_id, holds, keys.name_key == self.name, keys.pet_id == self.number
            )
        apart = functools.partial(self.index.compared, way=Way.FOUND)  # or its whole range would be looked at
        same = [keys.pet_id == self.number, apart(keys.field_id) == own_id]
        if one is not None:
            same.append(one.holds(apart(keys.key), bindparam(one.name, type_=Words)))
        return exists().where(*same)

    def filtered(self, query: Select[Any]) -> Select[Any]:
        """Of a query, only the pets that match."""
        shape = self.shape
        if shape.words:
            query = self.index.among(query, shape.words, bool(shape.filters), shape.way)
        return query.where(*self.conditions())

    def sorted(self, query: Select[Any]) -> Select[Any]:
        """The pets that match, in the order of the list."""
        query, shape = self.filtered(query), self.shape
        lead = None if shape.own_sort is not None else SORTS[shape.sort].lead
        if lead is not None and lead.nullable:
            query = query.where(lead.is_(None) if shape.blank else lead.is_not(None))
        return query.order_by(*(part.desc() if shape.descending else part for part in self.sides()))

    @property
    def key(self) -> tuple[Any, ...]:
        """The columns of the order."""
        if self.shape.blank:
            return (PET.id,)
        return SORTS[self.shape.sort].key if self.shape.own_sort is None else OWN_KEY

    def sides(self) -> list[Any]:
        """The columns of the key, to be sorted by and compared with."""
        shape, index = self.shape, self.index
        if self.place is not None:
            return [self.place.key, self.place.name_key, self.place.pet_id]
        if shape.in_order_of_names and not shape.blank:
            return [self.lead.name_key, self.lead.pet_id]
        *parts, _ = self.key
        # What is gathered is sorted afterwards, unless the index that it comes from is sorted so.
        if shape.lead is not None or (shape.way is Way.FILTERED and not _gathered_in_order(shape)):
            parts = [index.compared(part, Way.FOUND) for part in parts]
            return [*parts, PET.id if parts else index.compared(PET.id, Way.FOUND)]
        return [*parts, index.number(shape.words, shape.way)]

    def columns(self, names: tuple[str, ...]) -> list[Any]:
        """The columns of a line of the list, and those of the key."""
        shown = [PET[name] for name in names]
        if self.shape.own_sort is not None:
            key = null() if self.place is None else self.place.key
            return [*shown, type_coerce(key, Words).label("key"), PET.name_key]
        return [*shown, *(part for part in SORTS[self.shape.sort].key if part.name not in names)]


def _gathered_in_order(shape: Shape) -> bool:
    """Whether an index has what the filters leave, in the order of the list."""
    if shape.own_sort is not None:
        return False
    lead, filters = SORTS[shape.sort].lead, [one for one in shape.filters if one.own_id is None]
    ranges = [PET[one.column] for one in filters if not one.equal]
    return lead in ranges if ranges else any(sorted_behind(PET[one.column], lead) for one in filters)
