"""A changeset: the changes one person saves together; each is one pet's facts before and after."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, contains_eager, mapped_column, relationship

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words, db, only_where
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts
from pets.models.pet import Pet

SOMEONE = "someone"  # who, as long as nobody has to say
COMMAND_LINE = "the command line"  # who, where commands save
TOLD = 3  # changes that are told one by one; more are counted
BESIDE = ("undoes_id", "merged_id", "merged_name")  # what is told of a change beside its pet's facts


def told_by(session: Session) -> dict[str, Any]:
    """What a session tells of the changeset that it makes, apart from what others note on the session."""
    told: dict[str, Any] = session.info.setdefault("pets", {})
    return told


class Difference:
    """Facts before and after, as a change has them and a line of a draft: what there is to tell of them."""

    before: Mapped[Facts | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[Facts | None] = mapped_column(JSON(none_as_null=True))
    # The pet that it was merged into, where that is why this one is removed (or, undone, comes back), and
    # what that was called then.
    merged_id: Mapped[int | None] = mapped_column(Key)
    merged_name: Mapped[str | None] = mapped_column(Words)

    @property
    def kind(self) -> str:
        """What the change does: "added", "changed" or "removed"."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def differences(self) -> list[tuple[str, str | None, str | None]]:
        """The facts that an edit changes, as (field, before, after), in the order of the form."""
        before, after = self.before or {}, self.after or {}
        return [(field, before[field], after[field]) for field in catalogue().edited(before, after)]


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
    # The changeset that it takes back, where it was saved beside others in a draft; no foreign key, which
    # would have to be looked up for every change.
    undoes_id: Mapped[int | None] = mapped_column(Key)

    changeset: Mapped["Changeset"] = relationship(back_populates="changes")

    __table_args__ = (
        Index(None, "changeset_id", "id"),
        Index(None, "pet_id", "version"),
        Index(None, "name_key", "changeset_id"),
        Index("ix_change_was_key", "was_key", "changeset_id", **only_where("was_key IS NOT NULL")),
        Index("ix_change_removed", "name_key", "pet_id", **only_where('"after" IS NULL')),
        Index("ix_change_merging", "changeset_id", "id", **only_where("merged_id IS NOT NULL")),
        Index("ix_change_merged", "merged_id", "id", **only_where("merged_id IS NOT NULL")),
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
Pet.metadata.tables["pet"].add_is_dependent_on(Pet.metadata.tables["change"])


class Changeset(Base):
    """What one person saved together, at one moment, by one commit."""

    __tablename__ = "changeset"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # Who is kept as text beside the account, so that history stays readable when an account goes.
    who: Mapped[str] = mapped_column(Words, default=SOMEONE)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # A draft that was put away; it can be brought back for a day.
    discarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Counts what is done to a draft, so that a page can tell whether it shows the draft as it is.
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    # The version of the own fields that a draft was looked at with: see `Draft.catch_up`.
    fields_at: Mapped[int] = mapped_column(Key, default=0, server_default="0")
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("changeset.id"), index=True)
    # Where a chain of undoing began (no foreign key: it is looked up by its own index), and how far along it
    # is: 1 undoes that, 2 makes it again, 3 undoes it again.
    origin_id: Mapped[int | None] = mapped_column(Key)
    undo_depth: Mapped[int] = mapped_column(default=0, server_default="0")
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0, server_default="0")  # how many of those are merges

    changes: Mapped[list[Change]] = relationship(back_populates="changeset", order_by=Change.id)

    __table_args__ = (
        Index(None, "saved_at", "id"),
        Index(None, "who", "saved_at", "id"),
        # At most one open draft for each account.
        Index(
            "ix_changeset_draft",
            "account_id",
            unique=True,
            **only_where("saved_at IS NULL AND discarded_at IS NULL"),
        ),
        Index("ix_changeset_adding", "saved_at", "id", "added", **only_where("added > 0")),
        Index("ix_changeset_changing", "saved_at", "id", **only_where("changed > 0")),
        Index("ix_changeset_removing", "saved_at", "id", "removed", **only_where("removed > 0")),
        Index("ix_changeset_undoing", "saved_at", "id", **only_where("undoes_id IS NOT NULL")),
        Index("ix_changeset_merging", "saved_at", "id", **only_where("merged > 0")),
        Index("ix_changeset_origin", "origin_id", "id", **only_where("origin_id IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    # What one can ask

    @property
    def size(self) -> int:
        """How many changes it holds."""
        return self.added + self.changed + self.removed

    @property
    def day(self) -> date:
        """The day it was saved, where the site is."""
        return clock.local(self.saved_at or clock.now()).date()

    @property
    def is_undo(self) -> bool:
        """Whether it takes something back: an undo, or the undo of a redo."""
        return self.undo_depth % 2 == 1

    @property
    def is_redo(self) -> bool:
        """Whether it makes again what was undone."""
        return self.undo_depth > 0 and self.undo_depth % 2 == 0

    @property
    def undoing(self) -> dict[str, Any]:
        """What the changeset that takes this one back says of itself."""
        origin = self.origin_id or self.id
        return {"undoes_id": self.id, "origin_id": origin, "undo_depth": self.undo_depth + 1}

    @classmethod
    def people(cls) -> list[str]:
        """Everybody who saved something: from name to name along the index, not row by row."""
        return list(db.session.scalars(_PEOPLE))

    @classmethod
    def last_saved_at(cls) -> datetime | None:
        """The moment of the newest change, by the clock of the machine that saved it."""
        return db.session.scalar(
            select(cls.saved_at).order_by(cls.saved_at.desc()).limit(1).where(cls.saved_at.is_not(None))
        )

    @staticmethod
    def just_saved() -> int | None:
        """The number of the changeset that the last commit of this session made; None if nothing changed."""
        number: int | None = told_by(db.session()).get("saved")
        return number

    @classmethod
    def being_saved(cls) -> "Changeset | None":
        """What the next commit of this session saves, with its counts, as far as it is flushed."""
        number = told_by(db.session()).get("changeset")
        return db.session.get(cls, number, populate_existing=True) if number else None

    @classmethod
    def last_undo(cls, number: int, pet_id: int | None = None) -> "Changeset | None":
        """What undid a changeset last, or what it did to one pet."""
        query = select(cls).where(cls.undoes_id == number, cls.saved_at.is_not(None))
        if pet_id is not None:
            query = query.where(cls.changes.any(pet_id=pet_id))
        return db.session.scalar(query.order_by(cls.saved_at.desc(), cls.id.desc()).limit(1))

    # What is said of the changeset that the session is about to write

    @staticmethod
    def say(**values: Any) -> None:
        """Say something (`undoes_id`) of the changeset that the next commit makes."""
        told_by(db.session()).setdefault("opening", {}).update(values)

    @staticmethod
    def author(name: str, account_id: int | None = None) -> None:
        """Say who makes the changes of this session."""
        told_by(db.session())["author"] = {"who": name, "account_id": account_id}

    @classmethod
    def opening(cls, session: Session) -> dict[str, Any]:
        """The row that begins the session's changeset, but for its counts."""
        return {
            "who": SOMEONE,
            **told_by(session).get("author", {}),
            "saved_at": cls.moment(session),
            **told_by(session).get("opening", {}),
        }

    @staticmethod
    def moment(session: Session) -> datetime:
        """The one moment at which all changes of the session's transaction are made."""
        moment: datetime = told_by(session).setdefault("moment", clock.now())
        return moment

    def undo_of(self, other: "Changeset | None") -> None:
        """Let it be what takes another one back, or nothing of the kind."""
        said = other.undoing if other else {"undoes_id": None, "origin_id": None, "undo_depth": 0}
        for column, value in said.items():
            setattr(self, column, value)

    def take(self) -> None:
        """Let the session tell what it writes next in this changeset, and not in a new one."""
        told_by(db.session())["changeset"] = self.id
        self.say(undoes_id=self.undoes_id)


def _next_name(after: Any = None) -> Any:
    query = select(Changeset.who).where(Changeset.saved_at.is_not(None)).order_by(Changeset.who).limit(1)
    return (query if after is None else query.where(Changeset.who > after)).scalar_subquery()


_names = select(_next_name().label("who")).cte("names", recursive=True)
_PEOPLE = select(
    _names.union_all(select(_next_name(_names.c.who)).where(_names.c.who.is_not(None))).c.who
).where(text("who IS NOT NULL"))
