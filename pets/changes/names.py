"""What pets were called before, read from their history: what was undone never was a name."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, null, or_, select
from sqlalchemy.orm import Session

from pets import clock
from pets.changes.changeset import Change, Changeset


class Naming(NamedTuple):
    """A change that gave a pet a name, or removed it: then the name is None."""

    pet_id: int
    version: int
    changeset_id: int
    undoes_id: int | None
    saved_at: datetime
    name: str | None


# The changeset that a change takes back: by itself, or with all of its own.
UNDOES: ColumnElement[int | None] = func.coalesce(Change.undoes_id, Changeset.undoes_id)


def namings(
    session: Session | Connection, pet_ids: Iterable[int], undoes: Any = UNDOES
) -> dict[int, list[Naming]]:
    """The changes that named or removed some pets, by number, each pet's oldest first.

    `undoes`: what tells which changeset a change takes back; an older register knows less.
    """
    name = Change.after["name"].as_string()
    query = (
        select(Change.pet_id, Change.version, Change.changeset_id, undoes, Changeset.saved_at, name)
        .join(Changeset, Changeset.id == Change.changeset_id)
        .where(Change.pet_id.in_(list(pet_ids)), or_(name.is_not(None), Change.after.is_(null())))
        .order_by(Change.pet_id, Change.version)
    )
    found: dict[int, list[Naming]] = {}
    for row in session.execute(query):
        found.setdefault(row.pet_id, []).append(Naming(*row))
    return found


def former_names(history: Sequence[Naming]) -> list[list[str]] | None:
    """What a pet was called before its present name, and until when: [[name, "2026-05-03"], …].

    Each name stands once, with the last day it was in use. What an undo took back never was in use, nor
    was a name that was replaced by the same save that gave it.
    """
    # Of each changeset the last name.
    given = list({one.changeset_id: one for one in history if one.name is not None}.values())
    undone: set[int | None] = set()
    for one in reversed(given):
        if one.undoes_id and one.changeset_id not in undone:
            undone.add(one.undoes_id)
    # An undo brings a name back, and gives none: not even for a while, when it is undone later on.
    own = {one.name for one in given if one.changeset_id not in undone and not one.undoes_id}
    until: dict[str | None, str] = {}
    for one, following in pairwise(given):
        if one.name in own and one.changeset_id not in undone:
            until.pop(one.name, None)
            until[one.name] = clock.local(following.saved_at).date().isoformat()
    if given:
        until.pop(given[-1].name, None)
    return [[name or "", day] for name, day in until.items()] or None
