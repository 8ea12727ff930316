"""Drafts that were put away: for a day they can be brought back."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, select

from pets import clock
from pets.changes.changeset import Changeset
from pets.changes.draft_line import DraftLine
from pets.db import db, write

RESTORABLE = timedelta(days=1)


def discarded(account_id: int | None) -> Changeset | None:
    """What the account discarded last and can still bring back."""
    held = Changeset.added + Changeset.changed + Changeset.removed > 0
    query = _of(account_id).where(Changeset.discarded_at > clock.now() - RESTORABLE, held)
    found: Changeset | None = db.session.scalar(query.order_by(Changeset.discarded_at.desc()).limit(1))
    return found


def forget_discarded(account_id: int | None) -> None:
    """Delete what the account can no longer bring back."""
    old = _of(account_id).where(Changeset.discarded_at < clock.now() - RESTORABLE)
    numbers = old.with_only_columns(Changeset.id)
    for kind, number in ((DraftLine, DraftLine.changeset_id), (Changeset, Changeset.id)):
        write(delete(kind).where(number.in_(numbers)))


def _of(account_id: int | None) -> Select[Any]:
    return select(Changeset).where(Changeset.account_id == account_id, Changeset.saved_at.is_(None))
