"""Undoing a changeset: at once, or as changes to be put in a draft and looked at first."""

from collections.abc import Iterator

from sqlalchemy import select

from pets.changes.changeset import Change, Changeset
from pets.changes.concern import pets_now
from pets.changes.draft_line import Staged
from pets.changes.merge import CHUNK, Choices, Conflicts, Counted, Line, apply, chunks_of, meet
from pets.db import db
from pets.fields.field import Facts


def undo(
    changeset: Changeset, choices: Choices, only: int | None = None, counted: Counted | None = None
) -> Conflicts:
    """Set back in the session what a changeset did, or `only` one change of it.

    Where a fact has changed since, the choice decides; the conflicts that no choice decides are returned, and
    then the caller rolls back and shows them. `counted` is told how many changes are done.
    """
    changeset.say(undoes_id=changeset.id)
    changes = _from_the_last(changeset, only)
    lines = (Line(change.pet_id, change.pet_name, change.after, change.before) for change in changes)
    return apply(lines, choices, counted)


def backwards(changeset: Changeset) -> Iterator[Staged]:
    """The changes that set a changeset's pets back, from their facts as they are now.

    Where a fact has changed since, the change goes on from what it was: the draft then finds it stale, and
    shows both sides. What is as it was already is left out.
    """
    for chunk in chunks_of(_from_the_last(changeset)):
        pets = pets_now(change.pet_id for change in chunk)
        for change in chunk:
            version, now = pets.get(change.pet_id or 0, (change.version + 1, None))
            staged = _set_back(change, now, version)
            if staged:
                yield staged._replace(undoes_id=changeset.id)


def _set_back(change: Change, now: Facts | None, version: int) -> Staged | None:
    result, conflicting = meet(change.after, change.before, now)
    if conflicting:
        return Staged(change.pet_id, change.version + 1, change.pet_name, change.after, change.before)
    if result == now:
        return None
    return Staged(change.pet_id, version, change.pet_name, now, result).narrowed()


def _from_the_last(changeset: Changeset, only: int | None = None) -> Iterator[Change]:
    query = select(Change).where(Change.changeset_id == changeset.id).order_by(Change.id.desc()).limit(CHUNK)
    if only is not None:
        query = query.where(Change.id == only)
    changes = db.session.scalars(query).all()
    while changes:
        for change in changes:
            db.session.expunge(change)
        yield from changes
        changes = db.session.scalars(query.where(Change.id < changes[-1].id)).all()
