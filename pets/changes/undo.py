"""Undoing a changeset: at once, or as changes to be put in a draft and looked at first."""

from collections.abc import Callable, Iterator

from sqlalchemy import select

from pets.changes.changeset import Change, Changeset
from pets.changes.concern import pets_now
from pets.changes.draft_line import Staged, only_differences
from pets.changes.merge import Choices, Conflicts, Line, apply, meet
from pets.db import db
from pets.fields.field import Facts

Counted = Callable[[int], None]  # told how much is done
CHUNK = 500  # pets held in memory at a time when a changeset is replayed


def undo(
    changeset: Changeset, choices: Choices, only: int | None = None, counted: Counted | None = None
) -> Conflicts:
    """Set back in the session what a changeset did, or `only` one change of it.

    Where a fact has changed since, the choice decides; the conflicts that no choice decides are returned, and
    then the caller rolls back and shows them. Memory is bounded by CHUNK. `counted` is told how many changes
    are done.
    """
    changeset.say(undoes_id=changeset.id)
    conflicts, done = Conflicts(), 0
    for chunk in _from_the_last(changeset, only):
        done += len(chunk)
        if counted:
            counted(done)
        lines = [Line(change.pet_id, change.pet_name, change.after, change.before) for change in chunk]
        conflicts += apply(lines, choices)
    return conflicts


def backwards(changeset: Changeset) -> Iterator[Staged]:
    """The changes that set a changeset's pets back, from their facts as they are now.

    Where a fact has changed since, the change goes on from what it was: the draft then finds it stale, and
    shows both sides. What is as it was already is left out.
    """
    for chunk in _from_the_last(changeset):
        pets = pets_now(change.pet_id for change in chunk)
        for change in chunk:
            version, now = pets.get(change.pet_id or 0, (change.version + 1, None))
            staged = _set_back(change, now, version)
            if staged:
                yield staged


def _set_back(change: Change, now: Facts | None, version: int) -> Staged | None:
    result, conflicting = meet(change.after, change.before, now)
    if conflicting:
        return Staged(change.pet_id, change.version + 1, change.pet_name, change.after, change.before)
    if result == now:
        return None
    return Staged(change.pet_id, version, change.pet_name, *only_differences(now, result))


def _from_the_last(changeset: Changeset, only: int | None = None) -> Iterator[list[Change]]:
    """The changes from last to first, in chunks in which no pet stands twice."""
    query = select(Change).where(Change.changeset_id == changeset.id).order_by(Change.id.desc()).limit(CHUNK)
    if only is not None:
        query = query.where(Change.id == only)
    last: int | None = None
    while True:
        chunk: dict[int | None, Change] = {}
        for change in db.session.scalars(query if last is None else query.where(Change.id < last)):
            db.session.expunge(change)
            if change.pet_id in chunk:
                break
            chunk[change.pet_id] = change
        if not chunk:
            return
        last = min(change.id for change in chunk.values())
        yield list(chunk.values())
