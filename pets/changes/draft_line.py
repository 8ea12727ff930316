"""A line of a draft: what will become of one pet, and how it goes on when either side changes."""

from collections.abc import Collection

from sqlalchemy import JSON, ForeignKey, Index, bindparam, false, select
from sqlalchemy.orm import Mapped, mapped_column

from pets.changes.changeset import Changeset, Difference
from pets.changes.merge import meet
from pets.changes.wanted import Wanted
from pets.db import Base, Key, Words, db, only_where
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, Known, first_fact
from pets.fields.text import fold


class DraftLine(Difference, Base):
    """One line of a draft: what will become of one pet. Saved, it is a change."""

    __tablename__ = "draft_line"

    face = ""  # the photo of its pet, once it was looked up

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    changeset_id: Mapped[int] = mapped_column(ForeignKey("changeset.id"))
    part: Mapped[str] = mapped_column(Words)  # "new", "changed" or "removed"
    pet_id: Mapped[int | None] = mapped_column(Key)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Words)
    name_key: Mapped[str] = mapped_column(Words, default="", server_default="")
    # Why it is shown first, as it was when its pet was last saved: see `concern`.
    concern: Mapped[str | None] = mapped_column(Words)
    undoes_id: Mapped[int | None] = mapped_column(Key)  # the changeset that it takes back: see `Change`
    problems: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    # Of a new pet that resembles another: somebody keeps both. Once it is saved, so are the pairs.
    kept_both: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        Index(None, "changeset_id", "part", "id"),
        Index("ix_draft_line_pet", "changeset_id", "pet_id", unique=True),
        Index(None, "changeset_id", "name_key"),
        Index("ix_draft_line_concern", "changeset_id", "id", "concern", **only_where("concern IS NOT NULL")),
        Index("ix_draft_line_calm", "changeset_id", "part", "id", **only_where("concern IS NULL")),
        Index(None, "pet_id"),
        {"sqlite_autoincrement": True},
    )

    # What one can ask

    @property
    def type_key(self) -> str:
        """The type that gives the line its colour."""
        return fold(first_fact("type", self.after, self.before))

    def conflicts_with(self, now: Known | None) -> list[str]:
        """The fields in which the pet, as it is now, stands against this line; saving asks the same."""
        return meet(self.before, self.after, now)[1]

    def facts(self, now: Known) -> Facts:
        """All facts of the pet as the line wants them, the others being as they are `now`."""
        return catalogue().whole({**now, **(self.before or {}), **(self.after or {})})

    # What one can do

    def lead(self, before: Known | None, after: Known | None, version: int) -> None:
        """Let the line lead from `before`, read at `version`, to `after`."""
        lead = Wanted(self.pet_id, version, self.name, before, after)
        if (before is None, after is None) == (self.before is None, self.after is None):
            lead = lead._replace(merged_id=self.merged_id, merged_name=self.merged_name)
        for column, value in lead.columns.items():
            setattr(self, column, value)

    def correct(self, facts: Known, seen: Known) -> None:
        """Let it lead to these facts, typed by somebody who saw the pet's others as in `seen`."""
        before = None if self.before is None else {**seen, **self.before}
        called = self.name_key
        self.lead(before, facts, self.version)
        self.kept_both = self.kept_both and self.name_key == called

    def rebase(self, now: Known | None, version: int, keep: set[str], last: Known) -> None:
        """Let it go on from its pet as it is now; the fields in `keep` ("" for the pet) stay as they are.

        `last` has the facts of a pet that is gone, for a line that brings it back.
        """
        if "" in keep:
            self.before, self.after = {}, {}
        elif self.after is None or now is None:
            self.lead(now, None if self.after is None else {**last, **self.after}, version)
        else:
            self.lead(now, {**self.after, **{field: now[field] for field in keep}}, version)

    def show_against(self, now: Known | None) -> None:
        """Leave only what is still to do, its pet being as it is `now`: for showing it, not for storing."""
        if self.before is not None and self.after is not None and now is not None:
            left = catalogue().edited(now, self.after)
            self.before = {field: self.before[field] for field in left if field in self.before}
            self.after = {field: self.after[field] for field in left}
            self.name = first_fact("name", self.after, now) or self.name


def waiting_in_draft(account_id: int, pet_ids: Collection[int]) -> dict[int, str]:
    """Which of some pets wait in an account's draft: "new", "changed" or "removed", by their numbers."""
    rows = db.session.execute(_WAITING, {"account_id": account_id, "pet_ids": list(pet_ids)})
    return {row.pet_id: row.part for row in rows if row.concern != "idle"}


_WAITING = (
    select(DraftLine.pet_id, DraftLine.part, DraftLine.concern)
    .join(Changeset, Changeset.id == DraftLine.changeset_id)
    .where(Changeset.account_id == bindparam("account_id"))
    .where(Changeset.saved_at.is_(None), Changeset.discarded_at.is_(None))
    .where(DraftLine.pet_id.in_(bindparam("pet_ids", expanding=True)))
)


def drafted_of(draft_id: int, pet_ids: Collection[int]) -> dict[int, Known | None]:
    """What a draft makes of those of some pets that wait in it, by their numbers; None: it removes them."""
    mine = DraftLine.changeset_id == draft_id, DraftLine.pet_id.in_(pet_ids)
    rows = db.session.execute(select(DraftLine.pet_id, DraftLine.after).where(*mine))
    return {row.pet_id or 0: row.after for row in rows}


def put_onto(old: DraftLine, new: Wanted) -> Wanted:
    """A change put onto the line that its pet has already: what both set, the new one decides.

    What it does not set otherwise goes on from where the line began, or a conflict would be forgotten, and so
    would be what a sheet had in a cell.
    """
    if old.before is None or old.after is None or new.before is None or new.after is None:
        return new
    after = {**old.after, **new.after}
    kept = {field: fact for field, fact in old.before.items() if after[field] == old.after.get(field)}
    about = catalogue().about
    faults = {field: fault for field, fault in (old.problems or {}).items() if about(field) not in new.after}
    problems = {**faults, **catalogue().problems_with(after), **(new.problems or {})}
    version = old.version if kept else new.version
    return new._replace(before={**new.before, **kept}, after=after, version=version, problems=problems)
