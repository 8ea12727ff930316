"""What would undo a changeset, as changes to be put in a draft and looked at first."""

from collections.abc import Iterator

from pets.changes.change import Change
from pets.changes.changeset import Changeset
from pets.changes.concern import pets_now
from pets.changes.draft_line import Staged, only_differences
from pets.changes.merge import meet
from pets.fields.field import Facts


def backwards(changeset: Changeset) -> Iterator[Staged]:
    """The changes that set a changeset's pets back, from their facts as they are now.

    Where a fact has changed since, the change goes on from what it was: the draft then finds it stale, and
    shows both sides. What is as it was already is left out.
    """
    for chunk in changeset.backwards():
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
