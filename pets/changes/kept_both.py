"""Keeping both of two pets that look like one: remembered in pairs, once both have their numbers."""

from sqlalchemy import select

from pets.changes.changeset import Change
from pets.changes.draft_line import DraftLine
from pets.changes.duplicates import resembled
from pets.db import db
from pets.fields.field import Known
from pets.fields.text import loosely
from pets.models.kept_both import KeptBoth

MOST = 50  # pets that one is kept apart from at once


def keep_beside(pet_id: int, facts: Known) -> None:
    """Remember, in the session, that a pet is kept beside all those that it resembles."""
    KeptBoth.keep((pet_id, other.id) for other in resembled(facts, MOST))


def keep_drafted(draft_id: int) -> None:
    """The same for the new pets of a draft whose lines say so; its changes are made, its lines still stand.

    Which pet a line has become is known by its name: of several with that name, it is all of them.
    """
    query = select(DraftLine.name).where(DraftLine.changeset_id == draft_id, DraftLine.kept_both)
    names = {loosely(name) for name in db.session.scalars(query)}
    if not names:
        return
    added = Change.changeset_id == draft_id, Change.version == 0, Change.name_key.in_(names)
    for row in db.session.execute(select(Change.pet_id, Change.after).where(*added)).all():
        keep_beside(row.pet_id, row.after)
        db.session.flush()
