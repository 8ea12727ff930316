"""Keeping both of two pets that look like one: remembered in pairs, and nobody is asked about them again."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from pets.changes.changeset import Change
from pets.changes.draft_line import DraftLine
from pets.changes.duplicates import resembled
from pets.db import Base, Key, db
from pets.fields.field import Known
from pets.fields.text import loosely

MOST = 50  # pets that one is kept apart from at once


class KeptBoth(Base):
    """Two pets that somebody keeps apart. It outlives them: a pet that was removed may come back."""

    __tablename__ = "kept_both"

    pet_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)  # the lower number
    other_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)

    @classmethod
    def keep(cls, pairs: Iterable[tuple[int, int]]) -> None:
        """Remember pairs, in the session; those that are remembered already stay so."""
        wanted = {_ordered(*pair) for pair in pairs if pair[0] != pair[1]}
        known = cls.among({number for pair in wanted for number in pair})
        db.session.add_all(cls(pet_id=one, other_id=other) for one, other in sorted(wanted - known))

    @classmethod
    def forget(cls, one: int, other: int) -> None:
        """Let a pair be asked about again."""
        lower, higher = _ordered(one, other)
        db.session.execute(delete(cls).where(cls.pet_id == lower, cls.other_id == higher))

    @classmethod
    def among(cls, numbers: Collection[int]) -> set[tuple[int, int]]:
        """The pairs that are remembered of some pets, with the lower number first."""
        if not numbers:
            return set()
        there, query = {*numbers}, select(cls.pet_id, cls.other_id).where(cls.pet_id.in_(numbers))
        return {(one, other) for one, other in db.session.execute(query) if other in there}


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


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
