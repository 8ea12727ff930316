"""The types on the register, each with its spellings, its pets and their ages at a glance."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from pets.db import db
from pets.fields import BY_BIRTH
from pets.models.pet import Pet
from pets.models.type import PetType
from pets.search.listing import Page, listing

PAGE = 50  # types


class Kind(NamedTuple):
    """A type: its key, how it is spelled (the most used first) and by how many pets, and their births."""

    type_key: str
    pets: int
    spellings: Sequence[tuple[str, int]]
    first_born: date | None
    last_born: date | None

    @property
    def name(self) -> str:
        """As it is spelled most."""
        return self.spellings[0][0]


def types_page(after: str) -> Page:
    """One page of the types by their keys. Raises BadSearch for a cursor that is not ours."""
    query = select(PetType.type_key, func.sum(PetType.pets)).group_by(PetType.type_key)
    found = listing(query, key=(PetType.type_key,), after=after, size=PAGE)
    keys = [key for key, _ in found.rows]
    spellings, births = _spellings(keys), _births(keys)
    return found._replace(
        rows=[Kind(key, int(pets), spellings[key], *births[key]) for key, pets in found.rows]
    )


def pets_of(keys: Sequence[str]) -> int:
    """How many pets there are of these types."""
    query = select(func.coalesce(func.sum(PetType.pets), 0)).where(PetType.type_key.in_(keys))
    return int(db.session.scalar(query) or 0)


def _spellings(keys: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {key: [] for key in keys}
    query = select(PetType).where(PetType.type_key.in_(keys)).order_by(PetType.pets.desc(), PetType.type)
    for kind in db.session.scalars(query):
        found[kind.type_key].append((kind.type, kind.pets))
    return found


def _births(keys: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """The first and last birth in each type: the two ends of its part of an index, and no pet between."""
    kind = select(PetType.type_key).where(PetType.type_key.in_(keys)).distinct().subquery()
    pet = aliased(Pet)
    type_key, born = (getattr(pet, column) for column in BY_BIRTH)
    of_kind = select(born).where(type_key == kind.c.type_key, born.is_not(None)).limit(1)
    query = select(
        kind.c.type_key,
        of_kind.order_by(born).correlate(kind).scalar_subquery(),
        of_kind.order_by(born.desc()).correlate(kind).scalar_subquery(),
    )
    return {key: (first, last) for key, first, last in db.session.execute(query)}
