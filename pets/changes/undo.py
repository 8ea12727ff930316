"""Undoing a changeset: at once, or as changes to be put in a draft and looked at first."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, or_, select

from pets.changes.changeset import Change, Changeset
from pets.changes.concern import pets_now
from pets.changes.merge import CHUNK, Choices, Conflicts, Counted, apply, chunks_of, meet
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields.catalogue import catalogue


def undo(
    changeset: Changeset, choices: Choices, only: int | None = None, counted: Counted | None = None
) -> Conflicts:
    """Set back in the session what a changeset did, or `only` one change of it.

    Of a merge, that one is all of it. Where a fact has changed since, the choice decides; the conflicts that
    no choice decides are returned, and then the caller rolls back and shows them. `counted` is told how many
    changes are done.
    """
    changeset.say(**changeset.undoing)
    return apply(map(_taken_back, _from_the_last(changeset, only)), choices, counted)


def _taken_back(change: Change) -> Wanted:
    pet, into = (change.pet_id, change.version + 1, change.pet_name), (change.merged_id, change.merged_name)
    return Wanted(*pet, change.after, change.before, None, None, *into)


def backwards(changeset: Changeset) -> Iterator[Wanted]:
    """The changes that set a changeset's pets back, from their facts as they are now.

    Where a fact has changed since, the change goes on from what it was: the draft then finds it stale, and
    shows both sides. What is as it was already is left out.
    """
    for chunk in chunks_of(_from_the_last(changeset)):
        pets = pets_now(change.pet_id for change in chunk)
        for change in chunk:
            version, now = pets.get(change.pet_id or 0, (change.version + 1, None))
            back = _taken_back(change)._replace(undoes_id=changeset.id)
            result, conflicting = meet(back.before, back.after, now)
            if conflicting:
                yield back
            elif result != now:
                yield back._replace(version=version, before=now, after=result).narrowed()


def _from_the_last(changeset: Changeset, only: int | None = None) -> Iterator[Change]:
    query = select(Change).where(Change.changeset_id == changeset.id).order_by(Change.id.desc()).limit(CHUNK)
    if only is not None:
        query = query.where(_with_it(changeset, only))
    changes = db.session.scalars(query).all()
    while changes:
        for change in changes:
            db.session.expunge(change)
        yield from changes
        changes = db.session.scalars(query.where(Change.id < changes[-1].id)).all()


def _with_it(changeset: Changeset, only: int) -> ColumnElement[bool]:
    """What is to be taken back with one change: of a merge, what it did to the pet that stayed, and to those
    that linked to the one that went."""
    change = db.session.get(Change, only)
    if change is None or change.changeset_id != changeset.id or change.merged_id is None:
        return Change.id == only
    sides = (Change.before, Change.after) if change.after is None else (Change.after, Change.before)
    went, stays = str(change.pet_id), str(change.merged_id)
    linked = [
        and_(sides[0][field.name].as_string() == went, sides[1][field.name].as_string() == stays)
        for field in catalogue().links
    ]
    return or_(Change.id == only, Change.pet_id == change.merged_id, *linked)
