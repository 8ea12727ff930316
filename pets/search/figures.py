"""The register at a glance: how many pets there are of what, and the list of exactly those.

The database itself counts types. All else is counted to its end among FEW pets; of more, only so far as MOST,
since a page of a million pets may cost no more than one of a hundred.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from pets.db import db
from pets.fields import BUILT_IN, FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.language import gettext as _
from pets.models.field import PetKey
from pets.models.type import PetType
from pets.search import statements
from pets.search.index import PET, Way
from pets.search.pets import PetSearch

FEW = 50_000  # pets
MOST = 5_000  # pets of one age, or without a photo, of more than FEW
LOOKED = 3_000  # pets that are looked through for what an own field lacks
PART = 300  # of more than those
OWN = 4  # own fields that are shown
TYPES = 8  # that have a bar
AGES: tuple[dict[str, int], ...] = (
    {"max_age": 0},
    {"min_age": 1, "max_age": 2},
    {"min_age": 3, "max_age": 5},
    {"min_age": 6, "max_age": 9},
    {"min_age": 10},
)
LACKING = tuple(field.name for field in BUILT_IN if field.key and not field.missing)


class Bar(NamedTuple):
    """So many pets, and the address below the list's that finds them; `more`: there may be more of them."""

    words: str
    pets: int
    query: str
    more: bool = False


class Types(NamedTuple):
    """The commonest types; of how many others there are how many pets; and how many pets there are."""

    bars: Sequence[Bar]
    other_types: int
    other_pets: int
    pets: int


def by_type() -> Types:
    """Pets by type, whatever its spellings."""
    rows = db.session.execute(_TYPES).all()
    bars = [Bar(row.type, int(row.pets), PetSearch(asked={"type": row.type}).query_string()) for row in rows]
    total, kinds = (int(rows[0].total), rows[0].kinds) if rows else (0, 0)
    return Types(bars, kinds - len(bars), total - sum(bar.pets for bar in bars), total)


def ages_and_missing(total: int) -> tuple[list[Bar], list[Bar]]:
    """Of so many pets, how many are of what age, and how many lack their birth date, a photo, or what the
    list has a column of."""
    bars = [*_counted(total)]
    ages, lacking = bars[: len(AGES) + 1], bars[len(AGES) :]
    capped = [place for place, bar in enumerate(ages) if bar.more]
    if len(capped) == 1:  # what all others leave
        rest = total - sum(bar.pets for bar in ages if not bar.more)
        ages[capped[0]] = ages[capped[0]]._replace(pets=max(rest, 0), more=False)
    lacking = [bar._replace(words=FIELDS[name].label) for bar, name in zip(lacking, LACKING, strict=True)]
    lacking = [bar for bar in (*lacking, *_lacking_own(total)) if bar.pets]
    return ages if ages[-1].pets else ages[:-1], lacking


def _counted(total: int) -> Iterator[Bar]:
    """A bar for each of AGES, and for each of LACKING."""
    most = total if total <= FEW else MOST
    searches = _searches()
    values = {
        f"{name}{place}": value
        for place, search in enumerate(searches)
        for name, value in search.values().items()
    }
    counts = db.session.execute(_statement(), {**values, "limit": most + 1}).one()
    for search, pets in zip(searches, counts, strict=True):
        yield Bar(_years(**search.asked), min(pets, most), search.query_string(), pets > most)


def _searches() -> list[PetSearch]:
    """What the list is asked for by the bars of AGES and LACKING."""
    lacking: tuple[Mapping[str, Any], ...] = tuple({"without": name} for name in LACKING)
    return [PetSearch(asked=asked) for asked in (*AGES, *lacking)]


@functools.cache
def _statement() -> Select[Any]:
    """How many pets match each of the searches, counted so far as `limit`."""
    counts = []
    for place, search in enumerate(_searches()):
        held = (one.holds(PET[one.column], bindparam(f"{one.name}{place}")) for one in search.filters)
        some = select(PET.id).where(*held).limit(bindparam("limit")).subquery()
        counts.append(select(func.count()).select_from(some).scalar_subquery())
    return select(*counts)


def _years(min_age: int | None = None, max_age: int | None = None, **_others: str) -> str:
    if min_age is not None:
        either = _("%(years)s years and older") if max_age is None else _("%(years)s to %(most)s years")
        return either % {"years": min_age, "most": max_age}
    return _("Not known") if max_age is None else _("Under 1 year")


def _lacking_own(total: int) -> Iterator[Bar]:
    """Of the own fields that the list has a column of: for each type of which one is asked, if not of all."""
    fields = [field for field in catalogue().listed if field.own_id and field.keyed][:OWN]
    everybody = [field.own_id for field in fields if field.types is None and total <= FEW]
    values = {f"field{place}": number for place, number in enumerate(everybody)}
    counts = db.session.execute(_have(len(everybody)), values).one() if everybody else ()
    have = dict(zip(everybody, counts, strict=True))
    for field in fields:
        for words, search in _asked(field):
            if field.own_id in everybody:
                pets, more = max(total - have[field.own_id], 0), False
            else:
                pets, more = _looked(search, LOOKED if total < LOOKED else PART)
            yield Bar(words, pets, search.query_string(), more)


@functools.cache
def _have(fields: int) -> Select[Any]:
    """How many pets have something in so many own fields: each has one key in each."""
    counts = []
    for place in range(fields):
        keys = (
            select(PetKey.pet_id).where(PetKey.field_id == bindparam(f"field{place}")).limit(FEW).subquery()
        )
        counts.append(select(func.count()).select_from(keys).scalar_subquery())
    return select(*counts)


def _looked(search: PetSearch, most: int) -> tuple[int, bool]:
    """How many of the first pets match, and whether there are more pets than those."""
    query = statements.looked_through(search.shape(Way.WALKED, None, counts=True), db.engine.dialect.name)
    pets, looked = db.session.execute(query, {**search.values(), "limit": most}).one()
    return pets, looked == most


def _asked(field: Field) -> Iterator[tuple[str, PetSearch]]:
    """What an own field is called, and the search for those that lack it; or by type."""
    lacking = {"without": field.name}
    if field.types is None:
        yield field.label, PetSearch(asked=lacking)
    for kind in field.types or ():
        words = _("%(field)s (%(kind)s)", field=field.label, kind=kind)
        yield words, PetSearch(asked={"type": kind, **lacking})


# Built once, and of columns.
_TYPE = PetType.__table__.c
_most_used = _TYPE.pets.desc(), _TYPE.type
_spelled = select(
    *(_TYPE.type, _TYPE.type_key),
    func.sum(_TYPE.pets).over(partition_by=_TYPE.type_key).label("pets"),
    func.row_number().over(partition_by=_TYPE.type_key, order_by=_most_used).label("place"),
    func.sum(_TYPE.pets).over().label("total"),
).subquery()
_TYPES = (
    select(_spelled.c.type, _spelled.c.pets, _spelled.c.total, func.count().over().label("kinds"))
    .where(_spelled.c.place == 1)
    .order_by(_spelled.c.pets.desc(), _spelled.c.type_key)
    .limit(TYPES)
)
