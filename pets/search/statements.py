"""The statements of the list. Each is built once: building one costs more than running it."""

import functools
from collections import namedtuple
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Engine, Row, Select, Table, Text, bindparam, func, select, tuple_, type_coerce

from pets.db import snapshot
from pets.fields import BUILT_IN, FILTERS
from pets.models.pet import FACTS, Pet
from pets.models.type import PetType
from pets.search.index import INDEXES, PET, SQLiteIndex, Way

COUNTED = "type"  # the filter of which counters say how many match


class Sort(NamedTuple):
    """An order of the list: by these columns, all in the same direction, of which the last is the number."""

    key: tuple[Any, ...]
    falls: bool  # whether the columns fall where the list rises
    words: str

    @property
    def lead(self) -> Any:
        """The column that is sorted by first. Pets that have nothing in it end the list."""
        return self.key[0]


# A field is sorted by the index that begins with its key, and ends with the pet's number.
_INDEXES = [tuple(index.columns) for index in cast(Table, Pet.__table__).indexes]
_SORTING = {key[0].name: key for key in _INDEXES if key[-1] is PET.id}
SORTS: dict[str, Sort] = {
    **{
        field.sort: Sort(_SORTING[field.key], field.sorts_down, field.column.lower())
        for field in BUILT_IN
        if field.sort
    },
    "changed": Sort(_SORTING["changed_at"], False, "last change"),
    # Numbers are given in the order in which pets are added.
    "added": Sort((PET.id,), False, "when they were added"),
}
# Pairs of columns by which pets that are the same in the first come sorted by the second.
_BEHIND = {key[:2] for key in _INDEXES}

# What a line of the list shows; and the former names, by one of which a search may have found the pet.
LISTED = tuple(field for field in BUILT_IN if field.column)
_SHOWN = ["id", "version", "changed_at", *(column for field in LISTED for column in field.columns)]
Listed: Any = namedtuple("Listed", _SHOWN)  # type: ignore[misc]
COLUMNS = (*(PET[name] for name in _SHOWN), PET.former_names)
# What is told of each pet to whoever changes all that match.
WHOLE = (Pet.id, Pet.version, *FACTS)


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
    descending: bool
    blank: bool  # the pets that have nothing in the column that is sorted by, which the list ends with
    cursor: bool
    words: int
    filters: tuple[str, ...]
    way: Way


@functools.lru_cache(maxsize=500)
def page_of(shape: Shape, dialect: str) -> Select[Any]:
    """One page."""
    key = _key_of(shape)
    query = _sorted(select(*COLUMNS, *(c for c in key if c not in COLUMNS)), shape, dialect)
    if shape.cursor:
        places = [bindparam(f"key{number}", type_=part.type) for number, part in enumerate(key)]
        sides = _sides(shape, dialect)
        side: Any
        place: Any
        side, place = (tuple_(*sides), tuple_(*places)) if len(key) > 1 else (sides[0], places[0])
        query = query.where(side < place if shape.descending else side > place)
    return query.limit(bindparam("limit"))


@functools.lru_cache(maxsize=100)
def whole(columns: tuple[Any, ...], shape: Shape, dialect: str) -> Select[Any]:
    """All that match."""
    return _sorted(cast(Select[Any], select(*columns)), shape, dialect)


@functools.lru_cache(maxsize=200)
def counted(shape: Shape, dialect: str) -> Select[int]:
    """How many match, but counted only so far as `limit` says."""
    if shape.way is Way.FOUND and shape.words == 1 and not shape.filters:
        some = SQLiteIndex.ALL
    else:
        some = _filtered(select(PET.id), shape, dialect)
    return select(func.count()).select_from(some.limit(bindparam("limit")).subquery())


OF_TYPE = select(func.coalesce(func.sum(PetType.pets), 0)).where(PetType.type_key == bindparam(COUNTED))


def read(
    queries: Sequence[Select[Any]], values: dict[str, Any], engine: Engine, chunk: int
) -> Iterator[Row[Any]]:
    """Rows of these statements one after the other, in one transaction that only reads."""
    with snapshot(engine) as connection:
        for query in queries:
            found = connection.execution_options(yield_per=chunk).execute(query, values)
            for rows in found.partitions():
                yield from rows


def _key_of(shape: Shape) -> tuple[Any, ...]:
    return (PET.id,) if shape.blank else SORTS[shape.sort].key


def _sorted(query: Select[Any], shape: Shape, dialect: str) -> Select[Any]:
    query, lead = _filtered(query, shape, dialect), SORTS[shape.sort].lead
    if lead.nullable:
        query = query.where(lead.is_(None) if shape.blank else lead.is_not(None))
    return query.order_by(*(part.desc() if shape.descending else part for part in _sides(shape, dialect)))


def _sides(shape: Shape, dialect: str) -> list[Any]:
    """The columns of the key, to be sorted by and compared with."""
    index, (*parts, _) = INDEXES[dialect], _key_of(shape)
    # What is gathered is sorted afterwards, unless the index that it is gathered from is sorted like that.
    if shape.way is Way.FILTERED and not _gathered_in_order(shape):
        parts = [index.compared(part, Way.FOUND) for part in parts]
        return [*parts, index.compared(PET.id, Way.FOUND) if not parts else PET.id]
    return [*parts, index.number(shape.words, shape.way)]


def _gathered_in_order(shape: Shape) -> bool:
    """Whether an index has what the filters leave, in the order of the list."""
    lead, filters = SORTS[shape.sort].lead, [FILTERS[name] for name in shape.filters]
    ranges = [PET[one.column] for one in filters if not one.equal]
    return lead in ranges if ranges else any(_sorted_behind(PET[one.column], lead) for one in filters)


def _sorted_behind(column: Any, lead: Any) -> bool:
    return column is lead or (column, lead) in _BEHIND


def _filtered(query: Select[Any], shape: Shape, dialect: str) -> Select[Any]:
    index, way = INDEXES[dialect], shape.way
    filters = [FILTERS[name] for name in shape.filters]
    if shape.words:
        query = index.among(query, shape.words, any(one.equal for one in filters), way)
    for one in filters:
        condition = one.holds(index.compared(PET[one.column], way), bindparam(one.name))
        # Where an index has both at once, what is equal is met without looking.
        indexed = one.equal and shape.sort and _sorted_behind(PET[one.column], SORTS[shape.sort].lead)
        query = query.where(condition if indexed else index.expect(condition, way))
    return query
