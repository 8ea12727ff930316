"""A pet's history: how the pet stands, and the changes that led there."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import Select, bindparam, select, union_all
from sqlalchemy.orm import contains_eager

from pets.changes.changeset import Change, Changeset
from pets.db import db
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts
from pets.models.pet import Pet

_PET = select(Pet).where(Pet.id == bindparam("pet_id"))  # built once: half of what `session.get` takes
_SAVED = select(Change).join(Change.changeset).options(contains_eager(Change.changeset))
# A pet's own last changes, and the merges of others into it.
_OWN = (
    select(Change.id)
    .where(Change.pet_id == bindparam("pet_id"))
    .order_by(Change.version.desc())
    .limit(bindparam("count"))
)
_INTO = (
    select(Change.id)
    .where(Change.merged_id == bindparam("pet_id"))
    .order_by(Change.id.desc())
    .limit(bindparam("count"))
)
_TOLD = (
    _SAVED.where(Change.id.in_(union_all(select(_OWN.subquery()), select(_INTO.subquery()))))
    .order_by(Change.id.desc())
    .limit(bindparam("count"))
)


class PetHistory:
    """How a pet stands: as it is now, or gone, with the changes that led there, where asked for."""

    def __init__(self, pet_id: int, pet: Pet | None, history: list[Change] | None = None) -> None:
        self.pet_id, self.pet = pet_id, pet
        self._story = history
        last = self.last if pet is None else None
        self.facts: Facts | None = pet.facts if pet else None
        self.version = pet.version if pet else last.version + 1 if last else 0
        self.name = pet.name if pet else last.pet_name if last else ""

    @classmethod
    def of(cls, pet_id: int) -> "PetHistory":
        """How one pet stands."""
        return cls(pet_id, db.session.scalar(_PET, {"pet_id": pet_id}))

    @classmethod
    def of_many(cls, seen: Mapping[int, int]) -> dict[int, "PetHistory"]:
        """How many pets stand, by number; `seen` has the version at which somebody knows each of them.

        Two statements for all: the pets, and the histories of those that have changed since.
        """
        there = {pet.id: pet for pet in db.session.scalars(select(Pet).where(Pet.id.in_(seen)))}
        moved = [number for number, version in seen.items() if _moved(there.get(number), version)]
        histories = Change.history_of(moved) if moved else {}
        return {
            number: cls(number, there.get(number), histories.get(number, []) if number in moved else None)
            for number in seen
        }

    @cached_property
    def last(self) -> Change | None:
        """The pet's last change; None for a pet that never was on the register."""
        return next(iter(self.newest(1)), None)

    def newest(self, count: int) -> list[Change]:
        """The pet's last changes, the newest first."""
        if self._story is not None:
            return self._story[: -count - 1 : -1]
        return list(db.session.scalars(self._changes().order_by(Change.version.desc()).limit(count)))

    def told(self, count: int) -> list["Told"]:
        """What was done to the pet last, and the merges of others into it, the newest first, save by save."""
        told: dict[int, Told] = {}
        for change in db.session.scalars(_TOLD, {"pet_id": self.pet_id, "count": count}):
            one = told.setdefault(change.changeset_id, Told(change.changeset, [], []))
            one.changes.append(change)
            if change.merged_id:
                one.merges.append(change)
        undone = {one.changeset.undoes_id for one in told.values()}
        return [one._replace(undone=number in undone) for number, one in told.items()]

    def since(self, version: int) -> list[Change]:
        """What was changed from a version on, the oldest first."""
        if self.pet is not None and version >= self.version:
            return []  # the usual case, and no reason to read the history
        if self._story is not None:
            return [change for change in self._story if change.version >= version]
        query = self._changes().where(Change.version >= version)
        return list(db.session.scalars(query.order_by(Change.version)))

    def facts_at(self, version: int) -> Facts | None:
        """The facts as they were at a version, by taking back what came after. None: it was not there."""
        return taken_back(self.facts, self.since(version))

    @property
    def last_facts(self) -> Facts:
        """The facts as they are now or, of a pet that is gone, as they were last."""
        return self.facts or self.facts_at(self.version - 1) or catalogue().whole({})

    def _changes(self) -> Select[Change]:
        return _SAVED.where(Change.pet_id == self.pet_id)


class Told(NamedTuple):
    """What one save did to a pet: its changes, and the merges of others into it."""

    changeset: Changeset
    changes: list[Change]
    merges: list[Change]
    undone: bool = False  # whether one of those that are told takes it back


def _moved(pet: Pet | None, version: int) -> bool:
    return pet is None or pet.version != version


def taken_back(now: Facts | None, changes: Sequence[Change]) -> Facts | None:
    """The facts of a pet before some changes of it were made, oldest first. None: it was not there."""
    facts = dict(now) if now is not None else None
    for change in reversed(changes):
        if change.before is None or facts is None or change.after is None:
            facts = catalogue().whole(change.before) if change.before is not None else None
        else:
            facts.update(change.before)
    return facts
