"""Who came to the register as one litter, or has a parent in common."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_

from pets.changes.changeset import Change
from pets.db import db
from pets.fields.catalogue import catalogue
from pets.models.field import PetKey
from pets.models.pet import Pet

LITTER = 100  # pets added together; more of them are no litter but a sheet
SHOWN = 30


def siblings(pet: Pet) -> Sequence[Pet]:
    """Pets of one litter with this one, and those that link to the same mother or father, by number."""
    numbers = {*_litter(pet), *_of_one_parent(pet)} - {pet.id}
    if not numbers:
        return ()
    query = select(Pet).where(Pet.id.in_(sorted(numbers)[:SHOWN])).order_by(Pet.id)
    return db.session.scalars(query).all()


def _litter(pet: Pet) -> list[int]:
    """Those that were added together with it, are of its type, and have its known birth date."""
    if pet.born_on is None:
        return []
    began = select(Change.changeset_id).where(Change.pet_id == pet.id).order_by(Change.version).limit(1)
    added = (Change.changeset_id == began.scalar_subquery(), Change.version == 0)
    together = list(db.session.scalars(select(Change.pet_id).where(*added).limit(LITTER + 1)))
    if not 1 < len(together) <= LITTER:
        return []
    alike = (Pet.type_key == pet.type_key, Pet.born_on == pet.born_on)
    return list(db.session.scalars(select(Pet.id).where(Pet.id.in_(together), *alike)))


def _of_one_parent(pet: Pet) -> list[int]:
    facts = pet.facts
    parents = [(field.own_id, facts[field.name]) for field in catalogue().own if field.links]
    known = [(number, parent) for number, parent in parents if parent]
    if not known:
        return []
    query = select(PetKey.pet_id).where(tuple_(PetKey.field_id, PetKey.key).in_(known))
    return list(db.session.scalars(query.order_by(PetKey.pet_id).limit(SHOWN + 1)))
