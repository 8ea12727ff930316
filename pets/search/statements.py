"""The statements of the list. Each is built once: building one costs more than running it."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any, cast as typed

from sqlalchemy import Engine, Row, Select, Text, bindparam, func, select, true, tuple_, type_coerce

from pets.db import Words, snapshot
from pets.fields import FIELDS, MARKED
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.models.pet import FACTS, Pet
from pets.models.type import PetType
from pets.search.index import PET, SQLiteIndex, Way
from pets.search.query import KEYS, Query, Shape

COUNTED = "type"  # the filter of which counters say how many match
CHUNK = 1000  # pets that are held in memory at a time


# What is told of each pet to whoever changes all that match.
WHOLE = (Pet.id, Pet.version, *FACTS)


def columns_for(fields: Sequence[Field]) -> tuple[str, ...]:
    """The columns of a line of the list that shows these fields."""
    columns = [column for field in fields for column in field.columns]
    own = ["own"] if any(field.own_id for field in fields) else []
    return tuple(dict.fromkeys(("id", "version", "changed_at", *MARKED, *columns, *own)))


def found_by() -> tuple[str, ...]:
    """The columns that tell why words found a pet."""
    fields = [FIELDS[name] for name in catalogue().searched]
    own = ["own"] if any(field.own_id for field in fields) else []
    return (*(column for field in fields for column in field.columns), "former_names", *own)


_MOMENT = "YYYY-MM-DD" + " HH24:MI:SS"  # as PostgreSQL is told


@functools.cache
def exported(dialect: str) -> tuple[Any, ...]:
    """What is told of each pet to an export: moments as text, which they are to become anyway."""
    moments: list[Any] = [Pet.added_at, Pet.changed_at]
    if dialect == "sqlite":
        moments = [type_coerce(moment, Text) for moment in moments]
    else:
        moments = [func.to_char(func.timezone("UTC", one), _MOMENT) for one in moments]
    return (Pet.id, *FACTS, *moments, Pet.version)


@functools.lru_cache(maxsize=500)
def page_of(shape: Shape, names: tuple[str, ...], dialect: str) -> Select[Any]:
    """One page, with these columns."""
    built = Query(shape, dialect)
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
    return Query(shape, dialect).sorted(typed(Select[Any], select(*columns)))


@functools.lru_cache(maxsize=200)
def counted(shape: Shape, dialect: str) -> Select[int]:
    """How many match, but counted only so far as `limit` says."""
    built = Query(shape, dialect)
    if shape.way is Way.FOUND and shape.words == 1 and not shape.filters and not shape.numbered:
        some = SQLiteIndex.ALL
    elif shape.words or built.lead is None or any(one.own_id is None for one in shape.filters):
        some = built.filtered(select(PET.id))
    else:  # the keys alone tell
        some = select(built.number).where(*built.conditions(of_pet=False))
    return select(func.count()).select_from(some.limit(bindparam("limit")).subquery())


@functools.lru_cache(maxsize=100)
def looked_through(shape: Shape, dialect: str) -> Select[int, int]:
    """Of the first `limit` pets by the keys that lead, or of any, how many match; and how many those are."""
    built = Query(shape, dialect)
    led = [one for one in shape.filters if one.leads and one.own_id == shape.lead is not None]
    if led:
        some = select(KEYS.c.pet_id, KEYS.c.name_key).where(KEYS.c.field_id == shape.lead)
        some = some.where(*(one.holds(KEYS.c.key, bindparam(one.name, type_=Words)) for one in led))
    else:
        some = select(PET.id.label("pet_id"), PET.name_key)
    first = some.limit(bindparam("limit")).subquery("first")
    built.number, built.name = first.c.pet_id, first.c.name_key
    conditions = [built.holds(one) for one in shape.filters if one not in led]
    if shape.numbered:
        conditions.append(built.number != bindparam("number"))
    query = select(func.count().filter(true(), *conditions), func.count()).select_from(first)
    built_in = any(one.own_id is None for one in shape.filters)
    return query.join(Pet.__table__, PET.id == first.c.pet_id) if built_in else query


@functools.lru_cache(maxsize=100)
def numbered(columns: tuple[Any, ...], shape: Shape, dialect: str) -> Select[Any]:
    """These columns, or those of these names, of the pet of one number, if it is as the filters say."""
    built = Query(shape, dialect)
    some = [PET[one] if isinstance(one, str) else one for one in columns]
    return select(*some).where(PET.id == bindparam("number"), *built.conditions())


OF_TYPE = select(func.coalesce(func.sum(PetType.pets), 0)).where(PetType.type_key == bindparam(COUNTED))


def read(queries: Sequence[Select[Any]], values: dict[str, Any], engine: Engine) -> Iterator[Row[Any]]:
    """Rows of these statements one after the other, in one transaction that only reads."""
    with snapshot(engine) as connection:
        for query in queries:
            # Closed also where the reader stops before the end.
            with connection.execution_options(yield_per=CHUNK).execute(query, values) as found:
                for rows in found.partitions():
                    yield from rows
