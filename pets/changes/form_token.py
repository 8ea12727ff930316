"""One-time tokens: what a form made when it was sent, so that it is not made twice."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, bindparam, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.changes.changeset import Change, Changeset
from pets.changes.draft_line import DraftLine
from pets.db import Base, Key, UTCDateTime, Words, db
from pets.fields.text import loosely

KEPT = timedelta(days=30)
MOST = 500  # of one account: whoever sends very many forms must not fill the disk
ASIDE = {
    "csrf_token",
    "form_token",
    "then",
    "anyway",
    "said_on",
    "version",
    "shows",
    "spelled",
    "instead",
    "pressed",
}  # how a form is sent, not what it says


class FormToken(Base):
    """A form that was sent. Its token tells which form it was, its digest what it said.

    It outlives the draft, and points at what may go: a form can be sent again long after.
    """

    __tablename__ = "form_token"

    account_id: Mapped[int] = mapped_column(Key, ForeignKey("account.id"), primary_key=True)
    token: Mapped[str] = mapped_column(Words, primary_key=True)
    digest: Mapped[str] = mapped_column(Words)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    name: Mapped[str | None] = mapped_column(Words)  # of the pet, where it added one
    pet_id: Mapped[int | None] = mapped_column(Key)
    # The draft it was put in, and its last line there. Without all three it made nothing (yet).
    changeset_id: Mapped[int | None] = mapped_column(Key)
    line_id: Mapped[int | None] = mapped_column(Key)

    __table_args__ = (Index(None, "account_id", "sent_at"),)

    @classmethod
    def of(cls, account_id: int, token: str | None) -> "FormToken | None":
        """What the form with this token made when this account sent it; None if it was not sent."""
        return db.session.get(cls, (account_id, token)) if token else None

    @classmethod
    def record(
        cls,
        account_id: int,
        token: str | None,
        digest: str,
        name: str | None = None,
        pet_id: int | None = None,
        draft_id: int | None = None,
    ) -> None:
        """Record what a form made, in the transaction that makes it: a pet, or the last lines of a draft.

        One without a token is not recorded; one that has made nothing yet is known by that.

        Raises IntegrityError where the same form made something a moment ago: then it is there to be found.
        """
        if not token:
            return
        sent = {"account_id": account_id, "token": token, "digest": digest, "sent_at": clock.now()}
        made: dict[str, int | str | None] = {"name": name, "pet_id": pet_id, "changeset_id": draft_id}
        if draft_id is not None:
            lines = select(func.max(DraftLine.id)).where(DraftLine.changeset_id == draft_id)
            made["line_id"] = db.session.scalar(lines)
        connection = db.session.connection()
        connection.execute(_SWEEP, {"mine": account_id, "sent": token, "since": clock.now() - KEPT})
        connection.execute(_RECORD, {"line_id": None, **sent, **made})

    @property
    def made_something(self) -> bool:
        """Whether what it asked for was done; a long job may be at it, or have failed."""
        return self.pet_id is not None or self.changeset_id is not None

    def pet(self) -> int | None:
        """The pet that it added, by itself or with the draft that was saved since."""
        if self.pet_id is not None or self.name is None or self.saved() is None:
            return self.pet_id
        added = Change.changeset_id == self.changeset_id, Change.version == 0
        query = select(Change.pet_id).where(*added, Change.name_key == loosely(self.name)).order_by(Change.id)
        return db.session.scalar(query.limit(1))

    def saved(self) -> int | None:
        """The changeset that its draft has become."""
        query = select(Changeset.id).where(Changeset.id == self.changeset_id, Changeset.saved_at.is_not(None))
        return db.session.scalar(query)

    def line(self) -> int | None:
        """Its last line, where that still waits in the draft."""
        query = select(DraftLine.id).join(Changeset, Changeset.id == DraftLine.changeset_id)
        waiting = Changeset.saved_at.is_(None), Changeset.discarded_at.is_(None)
        return db.session.scalar(query.where(DraftLine.id == self.line_id, *waiting))


# Built once: to build them for each form takes ten times as long as to do them.
_TABLE = FormToken.__table__
_MINE = _TABLE.c.account_id == bindparam("mine")
_LAST = select(_TABLE.c.sent_at).where(_MINE).order_by(_TABLE.c.sent_at.desc()).offset(MOST - 1).limit(1)
_RECORD = insert(_TABLE)
_SWEEP = delete(_TABLE).where(
    _MINE,
    (_TABLE.c.sent_at < bindparam("since"))
    | (_TABLE.c.sent_at <= _LAST.scalar_subquery())
    | ((_TABLE.c.token == bindparam("sent")) & _TABLE.c.pet_id.is_(None) & _TABLE.c.changeset_id.is_(None)),
)


def digest_of(fields: Iterable[tuple[str, list[str]]]) -> str:
    """What a form says, as a digest: (name, values) of each field, but for those in ASIDE.

    The order of the fields, empty ones, and the white space around a value say nothing.
    """
    said = []
    for name, values in sorted(fields):
        texts = [value.strip() for value in values]
        while texts and not texts[-1]:
            texts.pop()
        if texts and name not in ASIDE:
            said.append((name, texts))
    return hashlib.sha256(repr(said).encode("utf-8", "backslashreplace")).hexdigest()
