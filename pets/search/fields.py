"""How many pets have something in each field: counted in the order of an index, and only so far."""

from typing import Any

from sqlalchemy import func, select

from pets.db import db
from pets.fields import BUILT_IN
from pets.fields.own import KINDS
from pets.models.field import OwnField, PetKey
from pets.models.pet import Pet
from pets.models.type import total_pets

MANY = 1000  # where counting ends and "more than" begins
_KEYED = {name for name, kind in KINDS.items() if kind.keyed}


def pets_with() -> dict[str, int | None]:
    """How many pets have it, by the name of each field that is built in, and by "own.7" of the others.

    MANY + 1 stands for more than MANY. None: it has no key, and only reading every pet could tell.
    """
    counts: dict[str, int | None] = {}
    for field in BUILT_IN:
        column: Any = getattr(Pet, field.key) if field.key else None
        counts[field.name] = (
            total_pets()
            if field.missing
            else _some(select(column).where(column.is_not(None) if field.nothing is None else column != ""))
            if field.key
            else None
        )
    keys = select(PetKey.pet_id).where(PetKey.field_id == OwnField.id).limit(MANY + 1)
    count = select(func.count()).select_from(keys.correlate(OwnField).subquery()).scalar_subquery()
    for number, kind, pets in db.session.execute(select(OwnField.id, OwnField.kind, count)):
        counts[f"own.{number}"] = pets if kind in _KEYED else None
    return counts


def _some(query: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(query.limit(MANY + 1).subquery())) or 0
