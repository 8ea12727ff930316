"""The draft: changes that wait to be looked at and saved at once, one line for each pet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, func, insert, select

from pets import clock
from pets.db import db
from pets.models.alike import Seen, resembling
from pets.models.changeset import CHUNK, Changeset
from pets.models.line import DraftLine, Staged, chunks_of, only_differences, part_of, put_onto
from pets.models.merge import Choices, Clashes, Line, apply
from pets.models.pet import Known, Pet

PARTS = ("new", "changed", "removed")
RESTORABLE = timedelta(days=1)  # how long a discarded draft can be brought back
BULK = {"synchronize_session": False}

Counted = Callable[[int], None]  # told how many lines are done


class Draft:
    """An account's open changeset. It is a changeset like any other, but for its lines and its verbs."""

    def __init__(self, changeset: Changeset) -> None:
        self.changeset = changeset

    # Finding it

    @staticmethod
    def _open(account_id: int) -> Select[Any]:
        return select(Changeset).where(
            Changeset.account_id == account_id, Changeset.saved_at.is_(None), Changeset.discarded_at.is_(None)
        )

    @classmethod
    def of(cls, account_id: int) -> "Draft | None":
        """The account's draft, if it has one. Nobody reaches another's."""
        changeset = db.session.scalar(cls._open(account_id))
        return cls(changeset) if changeset is not None else None

    @staticmethod
    def size_of(account_id: int) -> int:
        """How many lines the account's draft has, for the header of every page."""
        total = Changeset.added + Changeset.changed + Changeset.removed
        return db.session.scalar(Draft._open(account_id).with_only_columns(total)) or 0

    @classmethod
    def begin(cls, account_id: int, who: str) -> "Draft":
        """The account's draft, begun if it has none."""
        draft = cls.of(account_id)
        if draft is not None:
            return draft
        cls._forget_discarded(account_id)
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

    def counts(self) -> dict[str, int]:
        """How many lines stand in each part."""
        changeset = self.changeset
        return {"new": changeset.added, "changed": changeset.changed, "removed": changeset.removed}

    def lines(self, part: str | None = None) -> Select["DraftLine"]:
        """Its lines, all or those of one part, in the order they were staged."""
        query = select(DraftLine).where(DraftLine.changeset_id == self.id).order_by(DraftLine.id)
        return query.where(DraftLine.part == part) if part else query

    def concerned(self) -> Select["DraftLine"]:
        """The lines to be shown first."""
        return self.lines().where(DraftLine.concern.is_not(None))

    def concerns(self) -> dict[str, int]:
        """How many lines are shown first, by their reason."""
        query = (
            select(DraftLine.concern, func.count())
            .where(DraftLine.changeset_id == self.id, DraftLine.concern.is_not(None))
            .group_by(DraftLine.concern)
        )
        return {concern or "": count for concern, count in db.session.execute(query)}

    def line(self, line_id: int) -> DraftLine | None:
        """One of its lines."""
        line = db.session.get(DraftLine, line_id)
        return line if line is not None and line.changeset_id == self.id else None

    # Putting changes in

    def stage(self, changes: Iterable[Staged], counted: Counted | None = None) -> int:
        """Put changes in, each pet on one line; one that changes nothing takes its line away.

        Streams: memory is bounded by CHUNK. `counted` is told how many have been read. Returns how many
        lines were put in or taken away.
        """
        seen = Seen(self._new_facts())
        done = touched = 0
        for chunk in chunks_of(changes, CHUNK):
            touched += self._stage_chunk(chunk, seen)
            done += len(chunk)
            if counted:
                counted(done)
        self._recount()
        return touched

    def _stage_chunk(self, chunk: Sequence[Staged], seen: Seen) -> int:
        there = self._lines_of([one.pet_id for one in chunk if one.pet_id is not None])
        rows, replaced = [], []
        for one in chunk:
            old = there.get(one.pet_id)
            if old is not None:
                replaced.append(old.id)
                one = put_onto(old, one)
            row = self._row(one, old)
            if row["before"] is None or row["after"] is None or row["after"]:
                rows.append(row)
        if replaced:
            db.session.execute(delete(DraftLine).where(DraftLine.id.in_(replaced)), execution_options=BULK)
            for line in there.values():
                db.session.expunge(line)
        _mark_alike(rows, seen)
        for stays in (True, False):  # a line that was there keeps its number, and with it its place
            some = [row for row in rows if ("id" in row) is stays]
            if some:
                db.session.execute(insert(DraftLine), some)
        return len(rows) + len(replaced)

    def _lines_of(self, pet_ids: list[int]) -> dict[int | None, DraftLine]:
        if not pet_ids:
            return {}
        lines = db.session.scalars(self.lines().where(DraftLine.pet_id.in_(pet_ids)))
        return {line.pet_id: line for line in lines}

    def _row(self, one: Staged, old: DraftLine | None) -> dict[str, Any]:
        before, after = only_differences(one.before, one.after)
        problems = one.problems or Pet.problems_with(after or {})
        stale = old is not None and old.concern == "stale" and old.version == one.version
        row = {
            "changeset_id": self.id,
            "part": part_of(before, after),
            "pet_id": one.pet_id,
            "version": one.version,
            "name": (after or {}).get("name") or one.name,
            "before": before,
            "after": after,
            "concern": "rule" if problems else "stale" if stale else None,
            "problems": problems or None,
        }
        return row if old is None else {**row, "id": old.id}

    def _new_facts(self) -> Iterator[Known]:
        """The pets it adds so far."""
        query = select(DraftLine.after).where(DraftLine.changeset_id == self.id, DraftLine.part == "new")
        for after in db.session.scalars(query.where(DraftLine.concern.is_distinct_from("rule"))):
            yield after or {}

    def _recount(self) -> None:
        """Count the lines, and note that the draft is no longer what a page may be showing."""
        query = (
            select(DraftLine.part, func.count())
            .where(DraftLine.changeset_id == self.id)
            .group_by(DraftLine.part)
        )
        counts = {part: int(count) for part, count in db.session.execute(query)}
        changeset = self.changeset
        changeset.added, changeset.changed, changeset.removed = (counts.get(part, 0) for part in PARTS)
        changeset.revision += 1
        db.session.flush()

    # Looking after its lines

    def correct(self, line: DraftLine, facts: Known, now: Known | None) -> None:
        """Let a line lead to these facts; `now` has the pet's own."""
        line.correct(facts, now)
        self._settle(line)

    def rebase(self, line: DraftLine, now: Known | None, version: int, keep: set[str]) -> None:
        """Let a line go on from its pet as it is `now`; the fields in `keep` stay as they are there."""
        line.rebase(now, version, keep)
        self._settle(line)

    def _settle(self, line: DraftLine) -> None:
        if line.idle:
            db.session.delete(line)
        db.session.flush()
        self._recount()

    def drop(self, line: DraftLine) -> None:
        """Take a line out; its pet stays as it is."""
        db.session.delete(line)
        db.session.flush()
        self._recount()

    def drop_all(self, concern: str) -> int:
        """Take out all lines of one concern. Returns how many there were."""
        count = self.concerns().get(concern, 0)
        query = delete(DraftLine).where(DraftLine.changeset_id == self.id, DraftLine.concern == concern)
        db.session.execute(query, execution_options=BULK)
        self._recount()
        return count

    # Saving and discarding it

    def save(self, counted: Counted | None = None) -> Clashes:
        """Make all its changes in the session: from then on it is history. The caller commits.

        All or nothing: where anything clashes, the clashes are returned and the caller rolls back.
        """
        changeset, done = self.changeset, 0
        changeset.added = changeset.changed = changeset.removed = 0
        changeset.saved_at = changeset.moment(db.session())
        number = changeset.id
        db.session.flush()
        db.session.info["changeset"] = number  # the listener counts on this one instead of a new one
        clashes = Clashes()
        for chunk in self._chunks_of_lines():
            clashes += apply(
                [Line(line.pet_id, line.name, line.before, line.after) for line in chunk], Choices()
            )
            done += len(chunk)
            if counted:
                counted(done)
        db.session.execute(delete(DraftLine).where(DraftLine.changeset_id == number), execution_options=BULK)
        return clashes

    def _chunks_of_lines(self) -> Iterator[list[DraftLine]]:
        last, query = 0, self.lines().limit(CHUNK)
        while True:
            chunk = list(db.session.scalars(query.where(DraftLine.id > last)))
            if not chunk:
                return
            last = chunk[-1].id
            for line in chunk:
                db.session.expunge(line)
            yield chunk

    def discard(self) -> None:
        """Put the draft away, for a day."""
        self.changeset.discarded_at = clock.now()

    @classmethod
    def bring_back(cls, account_id: int, number: int) -> bool:
        """Bring a discarded draft back. False where there is none, or another was begun since."""
        changeset = db.session.get(Changeset, number)
        if changeset is None or changeset.account_id != account_id or changeset.discarded_at is None:
            return False
        if clock.now() - changeset.discarded_at > RESTORABLE or cls.of(account_id) is not None:
            return False
        changeset.discarded_at = None
        return True

    @staticmethod
    def _forget_discarded(account_id: int) -> None:
        old = select(Changeset.id).where(
            Changeset.account_id == account_id, Changeset.discarded_at < clock.now() - RESTORABLE
        )
        db.session.execute(delete(DraftLine).where(DraftLine.changeset_id.in_(old)), execution_options=BULK)
        db.session.execute(
            delete(Changeset).where(
                Changeset.discarded_at < clock.now() - RESTORABLE, Changeset.account_id == account_id
            ),
            execution_options=BULK,
        )


def _mark_alike(rows: list[dict[str, Any]], seen: Seen) -> None:
    """Note which new pets resemble one on the register, or one that the draft adds before them."""
    fresh = [row for row in rows if row["part"] == "new" and not row["concern"]]
    found = resembling([row["after"] for row in fresh])
    for place, row in enumerate(fresh):
        if seen.meets(row["after"]) or place in found:
            row["concern"] = "alike"
