"""Who came to the register as one litter, or has a parent in common."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, tuple_

from pets.changes.changeset import Change
from pets.db import db
from pets.fields import BY_BIRTH
from pets.fields.catalogue import catalogue
from pets.models.field import PetKey
from pets.models.pet import Pet

LITTER = 100  # pets added together; more of them are no litter but a sheet
SHOWN = 30

# Built once, and of columns: the page and the form of every pet ask them.
_PETS, _CHANGES, _KEYS = (kind.__table__.c for kind in (Pet, Change, PetKey))
_BEGAN = (
    select(_CHANGES.changeset_id)
    .where(_CHANGES.pet_id == bindparam("pet_id"))
    .order_by(_CHANGES.version)
    .limit(1)
    .scalar_subquery()
)
_TOGETHER = (
    select(_CHANGES.pet_id).where(_CHANGES.changeset_id == _BEGAN, _CHANGES.version == 0).limit(LITTER + 1)
)
_ALIKE = select(_PETS.id).where(
    _PETS.id.in_(bindparam("numbers", expanding=True)),
    *(_PETS[column] == bindparam(column) for column in BY_BIRTH),
)
_OF_PARENTS = (
    select(_KEYS.pet_id)
    .where(tuple_(_KEYS.field_id, _KEYS.key).in_(bindparam("parents", expanding=True)))
    .order_by(_KEYS.pet_id)
    .limit(SHOWN + 1)
)


def siblings(pet: Pet) -> Sequence[Pet]:
    """Pets of one litter with this one, and those that link to the same mother or father, by number."""
    numbers = {*_litter(pet), *_of_one_parent(pet)} - {pet.id}
    if not numbers:
        return ()
    query = select(Pet).where(Pet.id.in_(sorted(numbers)[:SHOWN])).order_by(Pet.id)
    return db.session.scalars(query).all()


def _litter(pet: Pet) -> Sequence[int]:
    """Those that were added together with it, are of its type, and have its known birth date."""
    if pet.born_on is None:
        return ()
    together = db.session.scalars(_TOGETHER, {"pet_id": pet.id}).all()
    if not 1 < len(together) <= LITTER:
        return ()
    alike = {column: getattr(pet, column) for column in BY_BIRTH}
    return db.session.scalars(_ALIKE, {"numbers": together, **alike}).all()


def _of_one_parent(pet: Pet) -> Sequence[int]:
    parents = [(field.own_id, field.read(pet)) for field in catalogue().links]
    known = [(number, parent) for number, parent in parents if parent]
    return db.session.scalars(_OF_PARENTS, {"parents": known}).all() if known else ()
