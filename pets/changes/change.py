"""A change: one pet's facts before and after; and the history that a pet's changes tell together."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, Index, Select, bindparam, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from pets.db import Base, Key, Words, db, only_where
from pets.fields import edited, whole
from pets.fields.age import age_in, read_born
from pets.fields.field import Facts
from pets.models.pet import Pet

if TYPE_CHECKING:
    from pets.changes.changeset import Changeset


class Difference:
    """Facts before and after, as a change has them and a line of a draft: what there is to tell of them."""

    before: Mapped[Facts | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[Facts | None] = mapped_column(JSON(none_as_null=True))

    @property
    def kind(self) -> str:
        """What the change does: "added", "changed" or "removed"."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def differences(self) -> list[tuple[str, str | None, str | None]]:
        """The facts that an edit changes, as (field, before, after), in the order of the form."""
        before, after = self.before or {}, self.after or {}
        return [(field, before[field], after[field]) for field in edited(before, after)]

    def ages(self, day: date) -> tuple[int, int] | None:
        """Whole years of age before and after on a day, where a change of birth date is best told as that."""
        return ages_between((self.before or {}).get("born"), (self.after or {}).get("born"), day)


class Change(Difference, Base):
    """One pet's facts before and after: no before adds it, no after removes it, both edit it.

    An edit names only the facts that differ. Swapping before and after gives the undo. Facts stored
    before a kind of fact existed lack it, so only what both sides name is compared.
    """

    __tablename__ = "change"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    changeset_id: Mapped[int] = mapped_column(ForeignKey("changeset.id"))
    pet_id: Mapped[int | None] = mapped_column(Key)  # no foreign key: history outlives the pet
    # The pet's version before the change; after it, one more. 0 before a pet is first added.
    version: Mapped[int]
    pet_name: Mapped[str] = mapped_column(Words)
    name_key: Mapped[str] = mapped_column(Words)
    was_key: Mapped[str | None] = mapped_column(Words)  # of a change of name: the one that it took away

    changeset: Mapped["Changeset"] = relationship(back_populates="changes")

    __table_args__ = (
        Index(None, "changeset_id", "id"),
        Index(None, "pet_id", "version"),
        Index(None, "name_key", "changeset_id"),
        Index("ix_change_was_key", "was_key", "changeset_id", **only_where("was_key IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    @classmethod
    def history_of(cls, pet_ids: Iterable[int]) -> dict[int, list["Change"]]:
        """The saved changes of some pets, each pet's oldest first, with their changesets."""
        histories: dict[int, list[Change]] = {}
        for change in db.session.scalars(
            select(cls)
            .join(cls.changeset)
            .options(contains_eager(cls.changeset))
            .where(cls.pet_id.in_(list(pet_ids)))
            .order_by(cls.pet_id, cls.version)
        ):
            histories.setdefault(change.pet_id or 0, []).append(change)
        return histories


# Whoever carries whole tables over carries the changes first: no pet is taken without one.
Base.metadata.tables["pet"].add_is_dependent_on(Base.metadata.tables["change"])

_PET = select(Pet).where(Pet.id == bindparam("pet_id"))  # built once: half of what `session.get` takes


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
        return self.facts or self.facts_at(self.version - 1) or whole({})

    def _changes(self) -> Select[Change]:
        query = select(Change).join(Change.changeset).options(contains_eager(Change.changeset))
        return query.where(Change.pet_id == self.pet_id)


def _moved(pet: Pet | None, version: int) -> bool:
    return pet is None or pet.version != version


def taken_back(now: Facts | None, changes: Sequence[Change]) -> Facts | None:
    """The facts of a pet before some changes of it were made, oldest first. None: it was not there."""
    facts = dict(now) if now is not None else None
    for change in reversed(changes):
        if change.before is None or facts is None or change.after is None:
            facts = whole(change.before) if change.before is not None else None
        else:
            facts.update(change.before)
    return facts


def ages_between(before: str | None, after: str | None, day: date) -> tuple[int, int] | None:
    """Ages in whole years on a day, when two birth dates differ by them and one is an estimate."""
    (old, old_about), (new, new_about) = read_born(before), read_born(after)
    if old is None or new is None or not (old_about or new_about):
        return None
    ages = age_in("years", old, day), age_in("years", new, day)
    return ages if ages[0] != ages[1] and min(ages) >= 0 else None
