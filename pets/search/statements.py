"""The statements of the list. Each is built once: building one costs more than running it."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from typing import cast as typed

from sqlalchemy import (
    Engine,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    exists,
    func,
    null,
    select,
    tuple_,
    type_coerce,
)

from pets.db import Words, snapshot
from pets.fields.field import Field
from pets.fields.filters import Filter
from pets.models.field import PetKey
from pets.models.pet import FACTS, Pet
from pets.models.type import PetType
from pets.search.index import INDEXES, PET, SQLiteIndex, Way
from pets.search.sorts import OWN_KEY, SORTS, sorted_behind

COUNTED = "type"  # the filter of which counters say how many match
KEYS = typed(Table, PetKey.__table__)


# What is told of each pet to whoever changes all that match.
WHOLE = (Pet.id, Pet.version, *FACTS)


def columns_for(fields: Sequence[Field]) -> tuple[str, ...]:
    """The columns of a line of the list that shows these fields; and the former names, by one of which a
    search may have found the pet."""
    columns = [column for field in fields for column in field.columns]
    own = ["own"] if any(field.own_id for field in fields) else []
    return tuple(
        dict.fromkeys(("id", "version", "changed_at", "type_key", "photo", *columns, *own, "former_names"))
    )


@functools.cache
def shown_as(names: tuple[str, ...], dialect: str) -> list[Any]:
    """The columns of these names; own facts as text, by which most lines are known from before."""
    text = type_coerce if dialect == "sqlite" else cast
    return [text(PET.own, Text).label("own") if name == "own" else PET[name] for name in names]


@functools.cache
def exported(dialect: str) -> tuple[Any, ...]:
    """What is told of each pet to an export: moments as text, which they are to become anyway."""
    moments: list[Any] = [Pet.added_at, Pet.changed_at]
    if dialect == "sqlite":
        moments = [type_coerce(moment, Text) for moment in moments]
    else:
        moments = [func.to_char(func.timezone("UTC", one), "YYYY-MM-DD HH24:MI:SS") for one in moments]
    return (Pet.id, *FACTS, *moments, Pet.version)


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


class _Query:
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
        return found + [self._holds(one) for one in shape.filters]

    def _holds(self, one: Filter) -> Any:
        shape, index, way = self.shape, self.index, self.shape.way
        bound: Any = bindparam(one.name)
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
            holds = one.holds(keys.key, bindparam(one.name))
            return exists().where(
                keys.field_id == own_id, holds, keys.name_key == self.name, keys.pet_id == self.number
            )
        apart = functools.partial(self.index.compared, way=Way.FOUND)  # or its whole range would be looked at
        same = [keys.pet_id == self.number, apart(keys.field_id) == own_id]
        if one is not None:
            same.append(one.holds(apart(keys.key), bindparam(one.name)))
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
        shown = shown_as(names, self.dialect)
        if self.shape.own_sort is not None:
            key = null() if self.place is None else self.place.key
            return [*shown, type_coerce(key, Words).label("key"), PET.name_key]
        return [*shown, *(part for part in SORTS[self.shape.sort].key if part.name not in names)]


@functools.lru_cache(maxsize=500)
def page_of(shape: Shape, names: tuple[str, ...], dialect: str) -> Select[Any]:
    """One page, with these columns."""
    built = _Query(shape, dialect)
    query = built.sorted(select(*built.columns(names)))
    if shape.cursor:
        sides = built.sides()
        places = [bindparam(f"key{number}", type_=part.type) for number, part in enumerate(built.key)]
        side: Any
        place: Any
        side, place = (tuple_(*sides), tuple_(*places)) if len(sides) > 1 else (sides[0], places[0])
        query = query.where(side < place if shape.descending else side > place)
    return query.limit(bindparam("limit"))


@functools.lru_cache(maxsize=100)
def whole(columns: tuple[Any, ...], shape: Shape, dialect: str) -> Select[Any]:
    """All that match."""
    return _Query(shape, dialect).sorted(typed(Select[Any], select(*columns)))


@functools.lru_cache(maxsize=200)
def counted(shape: Shape, dialect: str) -> Select[int]:
    """How many match, but counted only so far as `limit` says."""
    built = _Query(shape, dialect)
    if shape.way is Way.FOUND and shape.words == 1 and not shape.filters and not shape.numbered:
        some = SQLiteIndex.ALL
    elif shape.words or built.lead is None or any(one.own_id is None for one in shape.filters):
        some = built.filtered(select(PET.id))
    else:  # the keys alone tell
        some = select(built.number).where(*built.conditions(of_pet=False))
    return select(func.count()).select_from(some.limit(bindparam("limit")).subquery())


@functools.lru_cache(maxsize=100)
def numbered(columns: tuple[Any, ...], shape: Shape, dialect: str) -> Select[Any]:
    """These columns, or those of these names, of the pet of one number, if it is as the filters say."""
    built = _Query(shape, dialect)
    some = shown_as(columns, dialect) if isinstance(columns[0], str) else columns
    return select(*some).where(PET.id == bindparam("number"), *built.conditions())


OF_TYPE = select(func.coalesce(func.sum(PetType.pets), 0)).where(PetType.type_key == bindparam(COUNTED))


def read(
    queries: Sequence[Select[Any]], values: dict[str, Any], engine: Engine, chunk: int
) -> Iterator[Row[Any]]:
    """Rows of these statements one after the other, in one transaction that only reads."""
    with snapshot(engine) as connection:
        for query in queries:
            # Closed also where the reader stops before the end.
            with connection.execution_options(yield_per=chunk).execute(query, values) as found:
                for rows in found.partitions():
                    yield from rows


def _gathered_in_order(shape: Shape) -> bool:
    """Whether an index has what the filters leave, in the order of the list."""
    if shape.own_sort is not None:
        return False
    lead, filters = SORTS[shape.sort].lead, [one for one in shape.filters if one.own_id is None]
    ranges = [PET[one.column] for one in filters if not one.equal]
    return lead in ranges if ranges else any(sorted_behind(PET[one.column], lead) for one in filters)
