"""Who came to the register as one litter."""

from collections.abc import Sequence

from sqlalchemy import select

from pets.changes.changeset import Change
from pets.db import db
from pets.models.pet import Pet

LITTER = 100  # pets added together; more of them are no litter but a sheet


def siblings(pet: Pet) -> Sequence[Pet]:
    """Pets that were added together with this one, of its type and its known birth date, by number."""
    if pet.born_on is None:
        return ()
    began = select(Change.changeset_id).where(Change.pet_id == pet.id).order_by(Change.version).limit(1)
    added = (Change.changeset_id == began.scalar_subquery(), Change.version == 0)
    together = list(db.session.scalars(select(Change.pet_id).where(*added).limit(LITTER + 1)))
    if not 1 < len(together) <= LITTER:
        return ()
    alike = (Pet.type_key == pet.type_key, Pet.born_on == pet.born_on, Pet.id != pet.id)
    return db.session.scalars(select(Pet).where(Pet.id.in_(together), *alike).order_by(Pet.id)).all()
