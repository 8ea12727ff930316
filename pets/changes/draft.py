"""The draft: changes that wait to be looked at and saved at once, one line for each pet."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Select, delete, func, select

from pets import clock
from pets.changes.changeset import Changeset, told_by
from pets.changes.concern import Earlier, concern, look_again
from pets.changes.discarded import RESTORABLE, forget_discarded
from pets.changes.draft_line import DraftLine, drafted_of
from pets.changes.kept_both import keep_drafted
from pets.changes.merge import CHUNK, Choices, Conflicts, Counted, apply, chunks_of
from pets.changes.staging import replan, stage
from pets.changes.undo import backwards
from pets.changes.wanted import Wanted
from pets.db import db, write
from pets.fields.catalogue import catalogue
from pets.fields.field import Known

PARTS = ("new", "changed", "removed")
REPLANNED = (4, 20, 100)  # chunks after which the database has to learn how many lines there are by now


class Draft:
    """An account's open changeset. It is a changeset like any other, but for its lines and its verbs."""

    def __init__(self, changeset: Changeset) -> None:
        self.changeset = changeset

    # Finding it

    @staticmethod
    def _open(account_id: Any) -> Select[Any]:
        return select(Changeset).where(
            Changeset.account_id == account_id, Changeset.saved_at.is_(None), Changeset.discarded_at.is_(None)
        )

    @classmethod
    def of(cls, account_id: int) -> "Draft | None":
        """The account's draft, if it has one. Nobody reaches another's."""
        return cls._found(cls._open(account_id))

    @classmethod
    def held(cls, account_id: int | None) -> "Draft | None":
        """The account's draft, held until the transaction ends: no other page of the same person changes
        or saves it in the meantime. (On SQLite the transaction itself sees to that.)"""
        return cls._found(cls._open(account_id).with_for_update().execution_options(populate_existing=True))

    @classmethod
    def _found(cls, query: Select[Any]) -> "Draft | None":
        changeset = db.session.scalar(query)
        return cls(changeset) if changeset is not None else None

    @staticmethod
    def size_of(account_id: Any) -> Any:
        """How many changes wait in an account's draft, to be selected beside the account."""
        idle = select(func.count()).where(DraftLine.changeset_id == Changeset.id, DraftLine.concern == "idle")
        lines = Changeset.added + Changeset.changed + Changeset.removed
        waiting = lines - idle.correlate(Changeset).scalar_subquery()
        return Draft._open(account_id).with_only_columns(waiting).scalar_subquery()

    @classmethod
    def begin(cls, account_id: int | None, who: str) -> "Draft":
        """The account's draft, held, and begun if it has none."""
        draft = cls.held(account_id)
        if draft is not None:
            return draft
        forget_discarded(account_id)
        changeset = Changeset(account_id=account_id, who=who, saved_at=None)
        db.session.add(changeset)
        db.session.flush()
        return cls(changeset)

    # What one can ask

    @property
    def id(self) -> int:
        """The number it will have in the history."""
        return self.changeset.id

    @property
    def size(self) -> int:
        """How many lines it has."""
        return self.changeset.size

    @property
    def waiting(self) -> int:
        """How many changes saving it makes: a line whose pet is already so is none."""
        return self.size - self.concerns().get("idle", 0)

    @property
    def edition(self) -> str:
        """What a page that shows the draft sends back, to tell whether it showed it as it is."""
        return f"{self.changeset.revision}.{self.waiting}"

    def counts(self) -> dict[str, int]:
        """How many lines stand in each part."""
        counts = (self.changeset.added, self.changeset.changed, self.changeset.removed)
        return dict(zip(PARTS, counts, strict=True))

    def lines(self, part: str | None = None) -> Select["DraftLine"]:
        """Its lines, all or those of one part, in the order they were staged."""
        query = select(DraftLine).where(DraftLine.changeset_id == self.id).order_by(DraftLine.id)
        return query.where(DraftLine.part == part) if part else query

    def concerned(self) -> Select["DraftLine"]:
        """The lines to be shown first."""
        return self.lines().where(DraftLine.concern.is_not(None))

    def concerns(self) -> dict[str, int]:
        """How many lines are shown first, by their reason."""
        concerned = DraftLine.changeset_id == self.id, DraftLine.concern.is_not(None)
        query = select(DraftLine.concern, func.count()).where(*concerned).group_by(DraftLine.concern)
        return {concern or "": count for concern, count in db.session.execute(query)}

    def line(self, line_id: int) -> DraftLine | None:
        """One of its lines, held: who saves its pet at this moment has marked it before, or will after."""
        query = select(DraftLine).where(DraftLine.changeset_id == self.id, DraftLine.id == line_id)
        return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))

    def line_of(self, pet_id: int) -> DraftLine | None:
        """The line of a pet, if it has one."""
        return db.session.scalar(self.lines().where(DraftLine.pet_id == pet_id))

    def wanted(self, pet_ids: list[int]) -> dict[int, Known]:
        """The facts that it would set on some pets, by their numbers."""
        return {number: after for number, after in drafted_of(self.id, pet_ids).items() if after}

    # Putting changes in

    def stage(self, changes: Iterable[Wanted], counted: Counted | None = None) -> int:
        """Put changes in, each pet on one line; one that changes nothing takes its line away.

        Memory is bounded by CHUNK. `counted` is told how many are read. Returns how many lines hold them.
        """
        self.changeset.fields_at = self.changeset.fields_at if self.size else catalogue().version
        done, touched, earlier = 0, 0, Earlier(self.id)
        for number, chunk in enumerate(chunks_of(changes), 1):
            touched += stage(self.id, chunk, earlier)
            done += len(chunk)
            if number in REPLANNED:
                replan()
            if counted:
                counted(done)
        self.changeset.undo_of(None)  # it is no longer the undoing of one changeset, and of nothing else
        self._recount()
        return touched

    def stage_undo(self, changeset: Changeset, counted: Counted | None = None) -> int:
        """Put in what would undo a changeset, to be looked at first. Returns how many lines hold it."""
        alone = not self.size
        touched = self.stage(backwards(changeset), counted)
        if alone:
            self.changeset.undo_of(changeset)
            db.session.flush()
        return touched

    def _recount(self) -> None:
        """Count the lines, and note that the draft is no longer what a page may be showing."""
        query = select(DraftLine.part, func.count()).where(DraftLine.changeset_id == self.id)
        counts = {part: int(count) for part, count in db.session.execute(query.group_by(DraftLine.part))}
        changeset = self.changeset
        changeset.added, changeset.changed, changeset.removed = (counts.get(part, 0) for part in PARTS)
        changeset.revision += 1
        db.session.flush()

    # Looking after its lines

    def reassess(self, line: DraftLine, now: Known | None) -> None:
        """Say what concerns a line that leads elsewhere now; one that leaves its pet as it is goes."""
        line.concern = concern(line, now)
        if line.concern == "idle":
            db.session.delete(line)
        elif not (line.pet_id or line.kept_both):
            how = Earlier(self.id, line.id).alike([(line.name_key, line.after or {})]).get(0)
            line.concern = how if how == "same" else line.concern or how
        db.session.flush()
        self._recount()

    def look_again(self, always: bool = True) -> bool:
        """Mark each line with what concerns it now, so that the review shows why it cannot be saved; or only
        if fields were declared otherwise since that was done last. Returns whether it was."""
        if not always and self.changeset.fields_at == catalogue().version:
            return False
        self.changeset.fields_at = catalogue().version
        last, query = 0, self.lines().limit(CHUNK)
        while lines := db.session.scalars(query.where(DraftLine.id > last)).all():
            look_again(lines, self.id)
            last = lines[-1].id
        return True

    def drop(self, line: DraftLine) -> None:
        """Take a line out; its pet stays as it is."""
        db.session.delete(line)
        db.session.flush()
        self._recount()

    def drop_all(self, concern: str) -> int:
        """Take out all lines of one concern. Returns how many there were."""
        mine = DraftLine.changeset_id == self.id, DraftLine.concern == concern
        count = write(delete(DraftLine).where(*mine))
        self._recount()
        return count

    # Saving and discarding it

    def save(self, counted: Counted | None = None) -> Conflicts:
        """Make all its changes in the session: from then on it is history. The caller commits.

        All or nothing: where anything conflicts, the conflicts are returned and the caller rolls back. Where
        no pet is left to change, the draft goes, and `Changeset.just_saved` has nothing.
        """
        changeset = self.changeset
        changeset.added = changeset.changed = changeset.removed = 0
        changeset.saved_at = changeset.moment(db.session())
        changeset.who = changeset.opening(db.session())["who"]  # by the name they have today
        db.session.flush()
        changeset.take()
        conflicts = apply(self._changes(), Choices(), counted)
        keep_drafted(self.id)
        write(delete(DraftLine).where(DraftLine.changeset_id == self.id))
        db.session.refresh(changeset)  # the listener has counted
        if not changeset.size:
            db.session.delete(changeset)
            db.session.flush()
            del told_by(db.session())["changeset"]
        return conflicts

    def _changes(self) -> Iterator[Wanted]:
        columns = (getattr(DraftLine, name) for name in ("id", *Wanted._fields))
        last, query = 0, self.lines().with_only_columns(*columns).limit(CHUNK)
        while rows := db.session.execute(query.where(DraftLine.id > last)).all():
            last = rows[-1].id
            yield from (Wanted(*row[1:]) for row in rows)

    def discard(self) -> None:
        """Put the draft away, for a day."""
        self.changeset.discarded_at = clock.now()

    @classmethod
    def bring_back(cls, account_id: int, number: int) -> bool:
        """Bring a discarded draft back. False where there is none, or another holds something since."""
        changeset = db.session.get(Changeset, number)
        if changeset is None or changeset.account_id != account_id or changeset.discarded_at is None:
            return False
        other = cls.held(account_id)
        if clock.now() - changeset.discarded_at > RESTORABLE or (other is not None and other.size):
            return False
        if other is not None:  # one open draft at most: the empty one makes way
            db.session.delete(other.changeset)
            db.session.flush()
        changeset.discarded_at = None
        return True
