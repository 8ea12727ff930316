"""Removed pets that a search would have found: by their number, or by how their names begin."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, select

from pets.changes.changeset import Change
from pets.db import db
from pets.fields.key_filters import LAST
from pets.fields.text import search_words
from pets.models.pet import Pet
from pets.search.asked import Asked

LOOKED = 500  # removals that are looked at
SHORTEST = 2  # letters of a name


class Removed(NamedTuple):
    """How many there are (of more than LOOKED at least so many), and the number of one of them."""

    pets: int
    pet_id: int


def _gone(meant: ColumnElement[bool]) -> Select[Any]:
    """The removals meant whose pets have not come back. Made once: to make it takes longer than to ask it."""
    gone = select(Change.pet_id).where(Change.after.is_(None), meant).limit(LOOKED).subquery()
    return select(gone.c.pet_id).where(~exists().where(Pet.id == gone.c.pet_id))


_BY_NAME = _gone((Change.name_key >= bindparam("called")) & (Change.name_key < bindparam("end")))
_BY_NUMBER = _gone(Change.pet_id == bindparam("number"))


def removed_pets(search: Asked) -> Removed | None:
    """Those of this number or name, where nothing else is asked for; None where there is none.

    A pet that was brought back is on the register again, and no removed one.
    """
    called = " ".join(search_words(search.q))
    if search.asked or search.after or search.before or (search.number is None and len(called) < SHORTEST):
        return None
    if search.number is None:
        found = db.session.scalars(_BY_NAME, {"called": called, "end": called + LAST})
    else:
        found = db.session.scalars(_BY_NUMBER, {"number": search.number})
    numbers = set(found)  # one that was removed twice counts once
    return Removed(len(numbers), min(numbers)) if numbers else None
