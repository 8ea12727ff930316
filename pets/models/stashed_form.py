"""Forms kept for people: what they typed when their session ended, and pages that answered a form."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import JSON, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, UTCDateTime, Words, db, write

KEPT = timedelta(days=1)
MOST = 20  # of one account: whoever left must not fill the disk


class StashedForm(Base):
    """What somebody had typed when their session was found to have ended; only they get it back."""

    __tablename__ = "kept_form"

    id: Mapped[str] = mapped_column(Words, primary_key=True)  # random: it stands in an address
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)
    path: Mapped[str] = mapped_column(Words)
    fields: Mapped[list[list[str]]] = mapped_column(JSON)  # [[name, value], …] as they were sent
    answer: Mapped[str | None] = mapped_column(Words)  # the page, where the form was answered with one
    status: Mapped[int | None]  # of that answer

    @classmethod
    def stash(
        cls,
        account_id: int,
        path: str,
        fields: list[tuple[str, str]],
        answer: str | None = None,
        status: int | None = None,
    ) -> str:
        """Keep a form for an account, or the page that answered it. Returns the id to get it back by."""
        mine = select(cls.id).where(cls.account_id == account_id).order_by(cls.kept_at.desc())
        beyond = list(db.session.scalars(mine.offset(MOST - 1)))
        now = clock.now()
        lately = cls.kept_at.between(now - KEPT, now + KEPT)  # not years ahead, before a clock was put right
        write(delete(cls).where(~lately | cls.id.in_(beyond)))
        kept = cls(
            id=secrets.token_urlsafe(16),
            account_id=account_id,
            kept_at=clock.now(),
            path=path,
            fields=[list(field) for field in fields],
            answer=answer,
            status=status,
        )
        db.session.add(kept)
        return kept.id

    @classmethod
    def of(cls, number: str, account_id: int) -> "StashedForm | None":
        """What somebody had typed, if it is this account's."""
        kept = cls._of(number, account_id)
        return kept if kept is not None and kept.answer is None else None

    @classmethod
    def answered(cls, number: str, account_id: int, path: str) -> "StashedForm | None":
        """The page that a form of this address was answered with, if it is this account's."""
        kept = cls._of(number, account_id)
        return kept if kept is not None and kept.answer is not None and kept.path == path else None

    @classmethod
    def _of(cls, number: str, account_id: int) -> "StashedForm | None":
        kept = db.session.get(cls, number) if number and "\0" not in number else None
        return kept if kept is not None and kept.account_id == account_id else None
