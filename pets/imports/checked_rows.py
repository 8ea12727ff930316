"""What each row stands for; and what a check found of all of them, kept until they are staged, for judging
rows is most of the time of an import.

It holds as long as nothing was saved or said since, no field was declared otherwise, and the day is the same.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, LargeBinary, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.changes.changeset import Change, Changeset
from pets.changes.wanted import Wanted
from pets.db import Base, Words, db
from pets.fields.catalogue import catalogue
from pets.imports.import_row import Read


class ResolvedRow(NamedTuple):
    """What one row stands for: "new", "alike" (new, and like pets that are here), "changed", "unchanged",
    "faulty", "asked" about, "apart" (no pet), or "out"."""

    row: Read
    state: str
    staged: Wanted | None = None
    found: Any = None  # [[column, field, sentence, kind], …], the pets it may be about, or why it is none
    counted: Sequence[str] = ()  # "open" or "answered", and a question that it raises about many rows

    @property
    def number(self) -> int:
        """As the spreadsheet counts."""
        return self.row.number

    @property
    def kept(self) -> tuple[Any, ...]:
        """What is kept of it until it is staged."""
        return self.number, self.state, self.staged, [*self.counted]

    @classmethod
    def of(
        cls, number: int, state: str, staged: Sequence[Any] | None, counted: Sequence[str]
    ) -> "ResolvedRow":
        """The row as it was kept, without its cells."""
        return cls(Read(number, [], None, None), state, Wanted(*staged) if staged else None, None, counted)


class CheckedRows(Base):
    """Some rows of an import, as the check found them."""

    __tablename__ = "checked_rows"

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)  # among the others of the import
    seal: Mapped[str] = mapped_column(Words)  # see `seal`
    found: Mapped[bytes] = mapped_column(LargeBinary)  # JSON, compressed by zlib


def seal(said: Any) -> str:
    """What is another as soon as rows may stand for something else than they did. said: of them, by a person,
    but for what they corrected in single rows."""
    # A number may be given before it is saved, on PostgreSQL: so they are counted, too.
    last, saved = select(func.max(Change.id)), select(func.count()).where(Changeset.saved_at.is_not(None))
    register = db.session.scalar(last), db.session.scalar(saved), catalogue().version
    told = json.dumps([said, *register, str(clock.today()), Wanted._fields], sort_keys=True)
    return sha256(told.encode()).hexdigest()


def keep(import_id: int, place: int, seal: str, rows: Sequence[ResolvedRow]) -> None:
    """Keep what some rows stand for."""
    found = zlib.compress(json.dumps([row.kept for row in rows]).encode(), 1)
    values = {"import_id": import_id, "place": place, "seal": seal, "found": found}
    db.session.execute(insert(CheckedRows).values(values))


def kept(import_id: int, seal: str) -> Iterator[list[ResolvedRow]] | None:
    """What the rows of an import stand for; None where they were sealed otherwise."""
    mine = CheckedRows.import_id == import_id
    if db.session.scalar(select(CheckedRows.seal).where(mine).limit(1)) != seal:
        return None
    found = db.session.scalars(select(CheckedRows.found).where(mine).order_by(CheckedRows.place)).all()
    return ([ResolvedRow.of(*row) for row in json.loads(zlib.decompress(rows))] for rows in found)
