"""Pets that a form may be about already, found while somebody types."""

from sqlalchemy import select

from pets.changes.duplicates import resembled
from pets.changes.keys import codes_of, holders
from pets.db import db
from pets.fields.catalogue import catalogue
from pets.fields.field import Known
from pets.models.pet import Pet


def likely(facts: Known, but: int | None, most: int = 5) -> list[Pet]:
    """Those that have one of its codes, and those that resemble it. `but`: the pet that the form is about."""
    problems = catalogue().problems_with(facts)
    sound = {name: fact for name, fact in facts.items() if name not in problems}
    found = holders(db.session(), codes_of(sound).values())
    numbers = [number for some in found.values() for number, _ in some][: most + 1]
    coded = db.session.scalars(select(Pet).where(Pet.id.in_(numbers))) if numbers else ()
    pets = {pet.id: pet for pet in (*coded, *resembled(sound, most + 1)) if pet.id != but}
    return [*pets.values()][:most]
