"""What a page tells beside changesets: the changes of small ones, merges, and what was undone since."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select

from pets.changes.changeset import TOLD, Change, Changeset
from pets.db import db

# Built once: to build them for each page takes longer than to run them.
_CHANGES = (
    select(Change)
    .where(
        Change.changeset_id.in_(bindparam("small", expanding=True))
        | (Change.changeset_id.in_(bindparam("merging", expanding=True)) & Change.merged_id.is_not(None))
    )
    .order_by(Change.changeset_id, Change.id)
)
_LATER = select(Changeset).where(
    Changeset.origin_id.in_(bindparam("origins", expanding=True)), Changeset.saved_at.is_not(None)
)


class Summary(NamedTuple):
    """What is told beside a changeset: its changes, where they are few, its merges, and what undid it."""

    changeset: Changeset
    changes: list[Change]
    merges: list[Change]
    undone_by: list[Changeset]  # and what has undone that, and so on: one after the other

    @property
    def whole(self) -> Changeset | None:
        """What undid all of it, or has made all of it again, last."""
        return next((one for one in reversed(self.undone_by) if one.size == self.changeset.size), None)

    @property
    def is_undone(self) -> bool:
        """Whether all of it was undone at once, and not made again since."""
        return self.whole is not None and (self.whole.undo_depth - self.changeset.undo_depth) % 2 == 1


def summaries(changesets: Sequence[Changeset]) -> dict[int, Summary]:
    """What a page needs to tell changesets, by their numbers: two statements for all of them."""
    small = [one.id for one in changesets if one.size <= TOLD]
    merging = [one.id for one in changesets if one.size > TOLD and 0 < one.merged <= TOLD]
    told = {one.id: Summary(one, [], [], []) for one in changesets}
    for change in db.session.scalars(_CHANGES, {"small": small, "merging": merging}):
        summary = told[change.changeset_id]
        if summary.changeset.size <= TOLD:
            summary.changes.append(change)
        if change.merged_id:
            summary.merges.append(change)
    _follow(changesets, told)
    return told


def _follow(changesets: Sequence[Changeset], told: dict[int, Summary]) -> None:
    """Note what undid them: of the chains that they stand in, what came after them."""
    origins = {one.origin_id or one.id for one in changesets}
    later: dict[int, list[Changeset]] = {}
    for undo in db.session.scalars(_LATER, {"origins": origins}):
        later.setdefault(undo.undoes_id or 0, []).append(undo)
    for one in changesets:
        found, numbers = told[one.id].undone_by, [one.id]
        for number in numbers:
            found += later.get(number, ())
            numbers += [undo.id for undo in later.get(number, ())]
        found.sort(key=lambda undo: (undo.saved_at or one.saved_at, undo.id))
