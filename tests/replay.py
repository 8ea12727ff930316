"""The law of history: replaying all of it from nothing gives the register as it stands, field for field."""

from sqlalchemy import func, null, select

from pets.changes.changeset import Change, Changeset
from pets.changes.check import unrecorded
from pets.db import db
from pets.models.pet import Pet
from pets.models.type import PetType


def history_and_register_agree() -> None:
    """Fail unless they do. Ends the session's transaction."""
    db.session.rollback()
    assert list(unrecorded()) == []
    for change in db.session.scalars(
        select(Change).where(Change.before.is_not(null()), Change.after.is_not(null()))
    ):
        assert change.before.keys() == change.after.keys()
        assert all(change.before[field] != change.after[field] for field in change.before)
    _counts_are_right()
    db.session.rollback()


def _counts_are_right():
    held = dict(
        db.session.execute(select(Change.changeset_id, func.count()).group_by(Change.changeset_id)).all()
    )
    saved = db.session.scalars(select(Changeset).where(Changeset.saved_at.is_not(None)))
    assert {one.id: one.size for one in saved} == held
    kinds = select(Pet.type, Pet.type_key, func.count()).group_by(Pet.type, Pet.type_key)
    counted = db.session.execute(select(PetType.type, PetType.type_key, PetType.pets))
    assert sorted(map(tuple, counted)) == sorted(map(tuple, db.session.execute(kinds)))
