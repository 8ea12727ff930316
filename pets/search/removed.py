"""Removed pets that a search would have found: by their number, or by how their names begin."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, select

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


def removed_pets(search: Asked) -> Removed | None:
    """Those of this number or name, where nothing else is asked for; None where there is none.

    A pet that was brought back is on the register again, and no removed one.
    """
    called = " ".join(search_words(search.q))
    if search.asked or search.after or search.before or (search.number is None and len(called) < SHORTEST):
        return None
    meant: ColumnElement[bool] = (Change.name_key >= called) & (Change.name_key < called + LAST)
    if search.number is not None:
        meant = Change.pet_id == search.number
    gone = select(Change.pet_id).where(Change.after.is_(None), meant).limit(LOOKED).subquery()
    still = select(gone.c.pet_id).where(~exists().where(Pet.id == gone.c.pet_id))
    numbers = set(db.session.scalars(still))  # one that was removed twice counts once
    return Removed(len(numbers), min(numbers)) if numbers else None
