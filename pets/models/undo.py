"""What would undo a changeset, as changes to be put in a draft and looked at first."""

from collections.abc import Iterator

from sqlalchemy import select

from pets.db import db
from pets.models.change import Change
from pets.models.changeset import Changeset
from pets.models.line import Staged
from pets.models.merge import meet
from pets.models.pet import FACTS, Facts, Pet, facts_of


def backwards(changeset: Changeset) -> Iterator[Staged]:
    """The changes that set a changeset's pets back, from their facts as they are now.

    Where a fact has changed since, the change goes on from what it was: the draft then finds it stale, and
    shows both sides. What is as it was already is left out.
    """
    for chunk in changeset.backwards():
        ids = [change.pet_id for change in chunk]
        query = select(Pet.id, Pet.version, *FACTS).where(Pet.id.in_(ids))
        pets = {row.id: row for row in db.session.execute(query)}
        for change in chunk:
            row = pets.get(change.pet_id)
            version = row.version if row else change.version + 1
            staged = _set_back(change, facts_of(row) if row else None, version)
            if staged:
                yield staged


def _set_back(change: Change, now: Facts | None, version: int) -> Staged | None:
    result, clashing = meet(change.after, change.before, now)
    if clashing:
        return Staged(change.pet_id, change.version + 1, change.pet_name, change.after, change.before)
    if result == now:
        return None
    return Staged(change.pet_id, version, change.pet_name, now, result)
