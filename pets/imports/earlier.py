"""What was imported before: the very same file, and what was said of others with these headings."""

from typing import Any

from sqlalchemy import select

from pets.changes.changeset import Changeset
from pets.db import db
from pets.imports.upload_rows import Import


def earlier(record: Import) -> tuple[Import, Changeset] | None:
    """The last time that the very same came in, if it is in the history or in a draft now."""
    query = (
        select(Import, Changeset)
        .join(Changeset, Changeset.id == Import.changeset_id)
        .where(Import.digest == record.digest, Import.id != record.id, Changeset.discarded_at.is_(None))
        .order_by(Import.id.desc())
    )
    found = db.session.execute(query).first()
    return (found[0], found[1]) if found else None


def plan_for(record: Import, fingerprint: str) -> dict[str, Any] | None:
    """What the account said the last time of a sheet with these headings."""
    mine = (Import.fingerprint == fingerprint, Import.account_id == record.account_id)
    query = select(Import.plan).where(*mine, Import.staged_at.is_not(None))
    return db.session.scalar(query.order_by(Import.id.desc()).limit(1))


def plan_of(record: Import, number: int) -> dict[str, Any] | None:
    """What was said of another import, of which this one brings the rows that were to fix. Whoever has the
    command line has all of them."""
    other = db.session.get(Import, number)
    mine = other is not None and record.account_id in (None, other.account_id)
    return other.plan if other is not None and mine else None
