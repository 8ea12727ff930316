"""The statements of the list. Each is built once: building one costs more than running it."""

import functools
from typing import Any, NamedTuple, cast

from sqlalchemy import Select, Text, bindparam, func, select, tuple_, type_coerce

from pets.models.pet import FACTS, Pet
from pets.models.type import PetType
from pets.search.index import INDEXES, PET, SQLiteIndex, Way

# What the list can be sorted by: the columns of the key, all in the same direction. Numbers are given in
# the order in which pets are added.
SORTS: dict[str, tuple[Any, ...]] = {
    "name": (PET.name_key, PET.id),
    "type": (PET.type_key, PET.name_key, PET.id),
    "age": (PET.born_on, PET.id),
    "changed": (PET.changed_at, PET.id),
    "added": (PET.id,),
}
# What a line of the list shows, in this order.
COLUMNS = (
    *(PET.id, PET.name, PET.type, PET.type_key, PET.born_on, PET.born_estimated, PET.changed_at),
    *(PET.former_names, PET.version),
)
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
    dateless: bool  # the pets without a birth date, which a list by age ends with
    cursor: bool
    words: int
    kind: bool
    youngest: bool
    oldest: bool
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
    if shape.way is Way.FOUND and shape.words == 1 and not (shape.kind or shape.youngest or shape.oldest):
        some = SQLiteIndex.ALL
    else:
        some = _filtered(select(PET.id), shape, dialect)
    return select(func.count()).select_from(some.limit(bindparam("limit")).subquery())


OF_TYPE = select(func.coalesce(func.sum(PetType.pets), 0)).where(PetType.type_key == bindparam("kind"))


def _key_of(shape: Shape) -> tuple[Any, ...]:
    return (PET.id,) if shape.dateless else SORTS[shape.sort]


def _sorted(query: Select[Any], shape: Shape, dialect: str) -> Select[Any]:
    query = _filtered(query, shape, dialect)
    if shape.sort == "age":
        query = query.where(PET.born_on.is_(None) if shape.dateless else PET.born_on.is_not(None))
    return query.order_by(*(part.desc() if shape.descending else part for part in _sides(shape, dialect)))


def _sides(shape: Shape, dialect: str) -> list[Any]:
    """The columns of the key, to be sorted by and compared with."""
    index, (*parts, _) = INDEXES[dialect], _key_of(shape)
    # What is gathered is sorted afterwards, unless the index that it is gathered from is sorted like that.
    by_type = shape.kind and not (shape.youngest or shape.oldest) and shape.sort in ("name", "type")
    way = shape.way
    if way is Way.FILTERED and not by_type and shape.sort != "age":
        parts = [index.compared(part, Way.FOUND) for part in parts]
        return [*parts, index.compared(PET.id, Way.FOUND) if not parts else PET.id]
    return [*parts, index.number(shape.words, way)]


def _filtered(query: Select[Any], shape: Shape, dialect: str) -> Select[Any]:
    index, way = INDEXES[dialect], shape.way
    if shape.words:
        query = index.among(query, shape.words, shape.kind, way)
    if shape.kind:
        condition = index.compared(PET.type_key, way) == bindparam("kind")
        indexed = shape.sort in ("name", "type", "age")  # behind the type, so that both are had at once
        query = query.where(condition if indexed else index.expect(condition, way))
    if shape.youngest:
        query = query.where(index.expect(index.compared(PET.born_on, way) <= bindparam("born_to"), way))
    if shape.oldest:
        query = query.where(index.expect(index.compared(PET.born_on, way) >= bindparam("born_from"), way))
    return query
