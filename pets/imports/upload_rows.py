"""What came in: the rows of a sheet, read once and kept while a person says what they mean."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words, db, write
from pets.fields.cell import Cell
from pets.imports.checked_rows import CheckedRows, ResolvedRow
from pets.imports.column_notes import SheetNotes
from pets.imports.import_row import ImportRow, Read
from pets.language import gettext as _
from pets.sheets.cells import Row

KEPT = timedelta(days=1)  # how long rows wait for a person to come back to them
LOST = timedelta(hours=1)  # after which what was not read to its end is nobody's: its process has died
CHUNK = 1000  # rows held in memory at a time
# Rows that the file itself sets apart, and a person is asked about: why → as they are counted, by the sheet.
ASKED_ABOUT: Mapping[str, Callable[[int], str]] = {"hidden": str, "struck": "{} struck".format}


class Import(Base):
    """One sheet on its way in. Its rows go when it is staged; that it came in is remembered."""

    __tablename__ = "import"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    filename: Mapped[str] = mapped_column(Words)
    kind: Mapped[str] = mapped_column(Words)  # "csv", "xlsx", "sqlite" or "pasted"
    digest: Mapped[str] = mapped_column(Words, index=True)  # of what came in, to know it again
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)
    sheets: Mapped[list[str]] = mapped_column(JSON, default=list)
    counts_from_1904: Mapped[bool] = mapped_column(default=False)
    read: Mapped[bool] = mapped_column(default=False)  # whether all of its rows are here
    # What was noted of the columns of each sheet: {"sheet column": ColumnNotes}.
    noted: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict, server_default="{}")
    # How many rows somebody is asked about: see ASKED_ABOUT.
    hidden: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default="{}")
    # Of a sheet that was put together of others: for each of them [the first of its rows, how much they were
    # moved down, its name].
    parts: Mapped[dict[str, list[tuple[int, int, str]]]] = mapped_column(
        JSON, default=dict, server_default="{}"
    )
    # Of a text whose encoding is a guess: what it may be, with a line that then differs; and the text itself.
    encoding: Mapped[str] = mapped_column(Words, default="", server_default="")
    spellings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    original: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # compressed by zlib
    sheet: Mapped[int] = mapped_column(default=0)  # the chosen one of `sheets`
    # What a person said of its columns, and the headings that it was said of.
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    fingerprint: Mapped[str | None] = mapped_column(Words, index=True)
    counts: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))  # of rows, once checked
    # The draft it went into; that may have been saved since, or discarded and forgotten.
    staged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changeset_id: Mapped[int | None] = mapped_column(
        ForeignKey("changeset.id", ondelete="SET NULL"), index=True
    )

    __table_args__ = ({"sqlite_autoincrement": True},)

    # Finding one

    @classmethod
    def begin(cls, account_id: int | None, **about: Any) -> "Import":
        """A new one; what lies about for longer than a day is forgotten."""
        old = select(cls.id).where(cls.begun_at < clock.now() - KEPT)
        for table in (ImportRow, CheckedRows):
            write(delete(table).where(table.import_id.in_(old)))
        cls._forget(cls.begun_at < clock.now() - KEPT, cls.staged_at.is_(None))
        cls.sweep(clock.now() - LOST)
        new = cls(account_id=account_id, begun_at=clock.now(), **about)
        db.session.add(new)
        db.session.flush()
        return new

    @classmethod
    def sweep(cls, before: datetime) -> None:
        """Forget what began before a moment to be read for an account, and was not read to its end."""
        cls._forget(cls.begun_at < before, ~cls.read, cls.account_id.is_not(None))

    @classmethod
    def any_staged(cls) -> bool:
        """Whether any sheet has ever gone into a draft."""
        newest = select(cls.id).where(cls.staged_at.is_not(None)).order_by(cls.id.desc()).limit(1)
        return db.session.scalar(newest) is not None

    @classmethod
    def of(cls, number: int, account_id: int) -> "Import | None":
        """One of the account's, if its rows are all here."""
        found = db.session.get(cls, number)
        return found if found is not None and found.account_id == account_id and found.read else None

    @classmethod
    def held(cls, number: int) -> "Import":
        """One of them, held until the transaction ends: nobody checks or stages it at the same time."""
        return db.session.get_one(cls, number, with_for_update=True, populate_existing=True)

    @classmethod
    def begun_again(cls, number: int) -> "Import":
        """One of them without the rows that it may have: whoever began to read them had to stop."""
        found = db.session.get_one(cls, number)
        found.empty()
        found.sheets, found.noted, found.hidden, found.parts, found.sheet = [], {}, {}, {}, 0
        found.read, found.plan, found.counts = False, None, None
        return found

    @classmethod
    def waiting(cls, account_id: int) -> Sequence["Import"]:
        """Those the account has not finished, the latest first."""
        since = clock.now() - KEPT
        query = select(cls).where(cls.account_id == account_id, cls.read, cls.begun_at > since)
        return db.session.scalars(query.where(cls.staged_at.is_(None)).order_by(cls.id.desc())).all()

    @classmethod
    def set_aside(cls, account_id: int) -> Sequence["Import"]:
        """Those staged lately whose faulty rows were left out, the latest first."""
        faulty = (ImportRow.import_id == cls.id, ImportRow.state == "faulty")
        left = select(ImportRow.import_id).where(*faulty).exists()
        query = select(cls).where(cls.account_id == account_id, cls.staged_at > clock.now() - KEPT, left)
        return db.session.scalars(query.order_by(cls.id.desc())).all()

    # What one can ask

    def rows(self, state: str | None = None, after: int = 0) -> Iterator[Read]:
        """The rows of the chosen sheet behind one, all or those of one state, streamed."""
        columns = (ImportRow.number, ImportRow.cells, ImportRow.choice, ImportRow.found, ImportRow.aside)
        query = self._of_sheet().with_only_columns(*columns).where(ImportRow.number > bindparam("last"))
        if state:
            query = query.where(ImportRow.state == state)
        last, query = after, query.limit(CHUNK)
        while chunk := db.session.execute(query, {"last": last}).all():
            yield from (Read(*row) for row in chunk)
            if len(chunk) < CHUNK:
                return
            last = chunk[-1].number

    def marked(self, state: str) -> Select["ImportRow"]:
        """The rows of one state."""
        return self._of_sheet().where(ImportRow.state == state)

    def section_at(self, number: int) -> str:
        """The type that the last heading of a section tells, at or above a row."""
        query = self.marked("apart").with_only_columns(ImportRow.found).where(ImportRow.number <= number)
        told = db.session.scalars(query.order_by(None).order_by(ImportRow.number.desc()))
        return next((kind for _, kind in told if kind), "")

    def called(self, number: int) -> str:
        """A row as a person finds it in the spreadsheet: where several are one, on its own sheet."""
        parts = reversed(self.parts.get(str(self.sheet), []))
        found = ((name, number - shift) for first, shift, name in parts if number >= first)
        sheet, row = next(found, ("", number))
        return _("“%(sheet)s”, row %(row)s", sheet=sheet, row=row) if sheet else _("Row %(row)s", row=row)

    def rows_at(self, numbers: Iterable[int]) -> dict[int, "ImportRow"]:
        """Some rows of the chosen sheet, by their numbers."""
        rows = db.session.scalars(self._of_sheet().where(ImportRow.number.in_(numbers)))
        return {row.number: row for row in rows}

    def total(self) -> int:
        """How many rows the chosen sheet has, headings included."""
        mine = self._of_sheet().with_only_columns(func.count()).order_by(None)
        return db.session.scalar(mine) or 0

    # What one can do

    def keep(self, name: str, rows: Iterator[Row], aside: Mapping[int, str]) -> Iterator[int]:
        """Put the rows of one more sheet by, and what is noted of them; tells how many are in each chunk.
        aside: why the file itself sets some of those so far apart, by number."""
        this, notes = {"import_id": self.id, "sheet": len(self.sheets)}, SheetNotes()
        while chunk := list(islice(rows, CHUNK)):
            if this["sheet"] == len(self.sheets):
                self.sheets = [*self.sheets, name]
            values = [
                {**this, "number": number, "cells": [*map(_plain, cells)], "aside": aside.get(number)}
                for number, cells in chunk
            ]
            db.session.connection().execute(insert(ImportRow), values)
            notes.observe(chunk)
            yield len(chunk)
        self.noted = {**self.noted, **notes.kept(this["sheet"])}
        counts = Counter(aside.values())
        asked = {told(this["sheet"]): counts[why] for why, told in ASKED_ABOUT.items()}
        self.hidden = {**self.hidden, **asked}

    def mark(self, rows: Iterable[ResolvedRow]) -> None:
        """Note what was found of those of some rows that a person has to see."""
        this = {"import_id": self.id, "sheet": self.sheet}
        if marks := [
            {**this, "number": one.number, "state": one.state, "found": one.found}
            for one in rows
            if one.found is not None
        ]:
            db.session.execute(update(ImportRow), marks)

    def unmark(self) -> None:
        """Forget what was found."""
        mine = (ImportRow.import_id == self.id, ImportRow.state.is_not(None))
        write(update(ImportRow).where(*mine).values(state=None, found=None))
        self.uncheck()
        self.counts = None

    def uncheck(self) -> None:
        """Let its rows be judged again before they are staged: something was said of them since."""
        write(delete(CheckedRows).where(CheckedRows.import_id == self.id))

    def staged(self, changeset_id: int, headings: int | None) -> None:
        """Note that it went into a draft. Its rows go; but where `headings` tells the row of headings (0:
        there is none), the faulty ones were left out, and stay under it.
        """
        self.changeset_id, self.staged_at, self.original = changeset_id, clock.now(), None
        self.uncheck()
        gone = delete(ImportRow).where(ImportRow.import_id == self.id)
        if headings is not None:
            sound = ImportRow.state.is_distinct_from("faulty") & (ImportRow.number > headings)
            gone = gone.where(sound | (ImportRow.sheet != self.sheet))
        write(gone)

    def empty(self) -> None:
        """Let go of its rows, and keep no more than what was said of them."""
        write(delete(ImportRow).where(ImportRow.import_id == self.id))
        self.uncheck()
        self.original = None

    def forget(self) -> None:
        """Throw it away."""
        self._forget(Import.id == self.id)

    # Private

    def _of_sheet(self) -> "Select[ImportRow]":
        mine = (ImportRow.import_id == self.id, ImportRow.sheet == self.sheet)
        return select(ImportRow).where(*mine).order_by(ImportRow.number)

    @classmethod
    def _forget(cls, *which: Any) -> None:
        write(delete(ImportRow).where(ImportRow.import_id.in_(select(cls.id).where(*which))))
        write(delete(cls).where(*which))


def _plain(cell: Cell) -> Any:
    return str(cell) if isinstance(cell, date) else cell
