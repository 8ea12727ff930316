"""Sessions: who has signed in, in which browser, and for how long that holds."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from pets import clock
from pets.accounts.account import Account, digest
from pets.accounts.browser import browser_words
from pets.db import Base, UTCDateTime, Words, db, write

LONGEST_SESSION = timedelta(days=7)
CONFIRMED = timedelta(minutes=15)  # how long a password that was asked for again holds


class SignIn(Base):
    """One signed-in browser: the hash of the token in its cookie, so that the server can end it."""

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(Words, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, index=True)
    # Last time the password was given.
    confirmed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    browser: Mapped[str] = mapped_column(Words, default="")
    address: Mapped[str] = mapped_column(Words, default="")
    # The pets that were ticked in the list, each with the version it was seen at: "12.1 15.3".
    chosen: Mapped[str] = mapped_column(Words, default="")

    account: Mapped[Account] = relationship()

    @classmethod
    def begin(cls, account: Account, browser: str, address: str) -> str:
        """Sign an account in. Returns the token for the cookie, 256 random bits; only its hash is kept."""
        token = secrets.token_urlsafe(32)
        browser = "".join(char for char in browser if char.isprintable())[:200]
        db.session.add(cls(token_hash=digest(token), account_id=account.id, browser=browser, address=address))
        return token

    @classmethod
    def of_account(cls, account_id: int) -> Select["SignIn"]:
        """An account's sessions that were not ended, the newest first."""
        return (
            select(cls)
            .options(joinedload(cls.account, innerjoin=True))
            .where(cls.account_id == account_id, cls.ended_at.is_(None))
            .order_by(cls.begun_at.desc())
        )

    @classmethod
    def last_seen(cls, account_id: int) -> datetime | None:
        """The last moment at which one of the account's sessions ended or, if nobody ended it, began."""
        last = func.max(func.coalesce(cls.ended_at, cls.begun_at))
        return db.session.scalar(select(last).where(cls.account_id == account_id))

    @property
    def holds(self) -> bool:
        """Whether it has neither been ended nor grown too old."""
        return self.ended_at is None and self.account.ended_at is None and not is_old(self.begun_at)

    @property
    def browser_words(self) -> str:
        """Its browser as people say it: "Chrome on Linux"."""
        return browser_words(self.browser)

    @property
    def confirmed(self) -> bool:
        """Whether the password was given so lately that it need not be asked for again."""
        return clock.now() - self.confirmed_at < CONFIRMED

    def end(self) -> None:
        """End this session."""
        self.ended_at = self.ended_at or clock.now()

    @property
    def label(self) -> str:
        """What a form calls the session by; it opens nothing."""
        return self.token_hash[:12]

    @classmethod
    def forget_old(cls) -> None:
        """Drop sessions that nobody can come back to; what lies in the future, after a clock was put right,
        is as if it were now, or such a session would go on for years."""
        now = clock.now()
        for moment in (cls.begun_at, cls.confirmed_at):
            write(update(cls).where(moment > now).values({moment: now}))
        write(delete(cls).where(cls.begun_at < now - 2 * LONGEST_SESSION))

    @classmethod
    def end_all(cls, account: Account | None = None) -> None:
        """Sign an account out everywhere, or everybody."""
        ended = update(cls).where(cls.ended_at.is_(None)).values(ended_at=clock.now())
        write(ended.where(cls.account_id == account.id) if account else ended)


def is_old(begun_at: datetime) -> bool:
    """Whether a session that began then has lasted as long as any may."""
    return clock.now() - begun_at >= LONGEST_SESSION


def who_asks(*beside: Any) -> Select[Any]:
    """The account of the session with a `token_hash`, when either ended, and what is asked beside it."""
    return (
        select(
            *(Account.id, Account.name, Account.role, Account.columns, Account.language),
            *(Account.one_time_until, SignIn.begun_at, SignIn.ended_at, Account.ended_at),
            *beside,
        )
        .join(SignIn.account)
        .where(SignIn.token_hash == bindparam("token_hash"))
    )
