"""The law of history: replaying all of it from nothing gives the register as it stands, field for field."""

from sqlalchemy import func, select

from pets.db import db
from pets.models import Change, Changeset, Pet, PetType
from pets.models.words import fold, search_text


def history_and_register_agree() -> None:
    """Fail unless they do. Ends the session's transaction."""
    db.session.rollback()
    replayed, stories = {}, {}
    for change in db.session.scalars(select(Change).order_by(Change.id)):
        story = stories.setdefault(change.pet_id, [])
        assert change.version == len(story), f"{change.pet_name} counts its versions wrongly"
        story.append(change)
        there = replayed.get(change.pet_id)
        if change.before is None:
            assert there is None
            replayed[change.pet_id] = dict(change.after)
        elif change.after is None:
            assert there == change.before
            del replayed[change.pet_id]
        else:
            assert change.before.items() <= there.items()
            assert all(change.before[field] != change.after[field] for field in change.before)
            there.update(change.after)
    for pet in db.session.scalars(select(Pet)):
        assert pet.facts == replayed.pop(pet.id, None)
        _tells_its_story(pet, stories[pet.id])
    assert replayed == {}, "history has pets that the register has not"
    _counts_are_right()
    db.session.rollback()


def _tells_its_story(pet, story):
    assert pet.version == len(story)
    assert pet.added_at == story[0].changeset.saved_at
    assert pet.changed_at == story[-1].changeset.saved_at
    former = [one.before["name"] for one in story if one.kind == "changed" and "name" in one.before]
    assert [name for name, _ in pet.former_names or []] == former
    assert (pet.name_key, pet.type_key) == (fold(pet.name), fold(pet.type))
    assert pet.search_text == search_text(pet.name, pet.type, pet.notes, *former)


def _counts_are_right():
    held = dict(
        db.session.execute(select(Change.changeset_id, func.count()).group_by(Change.changeset_id)).all()
    )
    saved = db.session.scalars(select(Changeset).where(Changeset.saved_at.is_not(None)))
    assert {one.id: one.size for one in saved} == held
    kinds = select(Pet.type, Pet.type_key, func.count()).group_by(Pet.type, Pet.type_key)
    counted = db.session.execute(select(PetType.type, PetType.type_key, PetType.pets))
    assert sorted(map(tuple, counted)) == sorted(map(tuple, db.session.execute(kinds)))
