"""Slowing down whoever guesses passwords: waits that grow, by account and by address."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, UTCDateTime, Words, db
from pets.models.words import fold, tidy_line

FREE = {"account": 5, "address": 10}  # tries without any wait: a person mistypes
LONGEST = timedelta(minutes=15)
NO_WAIT = timedelta(0)
FORGOTTEN = timedelta(minutes=30)  # after which earlier tries count no more


class Throttle(Base):
    """The failed tries to sign in to one account, or from one address. Kept here, a restart forgets none.

    A wait doubles with each failure and ends at 15 minutes, so that nobody is locked out for good
    (ASVS 5.0, 6.3.1). Names that have no account are counted just like those that have.
    """

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(Words, primary_key=True)  # "account:edith" or "address:10.0.0.7"
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @property
    def wait(self) -> timedelta:
        """How long the next try has to wait from now; zero or less when it need not."""
        beyond = self.failures - FREE[self.key.partition(":")[0]]
        if beyond < 0:
            return NO_WAIT
        return self.last_at + min(timedelta(seconds=5 * 2 ** min(beyond, 10)), LONGEST) - clock.now()

    @classmethod
    def charge(cls, name: str, address: str) -> timedelta:
        """How long somebody has to wait who tries this name from this address; where it is zero, the try is
        counted.

        It is counted before the password is looked at, and the rows are locked, so that of a hundred tries
        at once no more are let in than of a hundred in a row.
        """
        keys = _keys(name, address)
        known = select(cls).where(cls.key.in_(keys)).order_by(cls.key).with_for_update()
        found = {tries.key: tries for tries in db.session.scalars(known)}
        wait = max((tries.wait for tries in found.values()), default=NO_WAIT)
        if wait <= NO_WAIT:
            for key in keys:
                if key not in found:
                    db.session.add(cls(key=key, failures=1, last_at=clock.now()))
                else:
                    found[key]._count()
        return max(wait, NO_WAIT)

    def _count(self) -> None:
        moment = clock.now()
        self.failures = 1 if moment - self.last_at > FORGOTTEN else self.failures + 1
        self.last_at = moment

    @classmethod
    def clear(cls, name: str, address: str = "") -> None:
        """Forget the tries once the right password was given, or a new one was."""
        for tries in db.session.scalars(select(cls).where(cls.key.in_(_keys(name, address)))):
            db.session.delete(tries)

    @classmethod
    def forget_old(cls) -> None:
        """Drop tries that count no more."""
        for tries in db.session.scalars(select(cls).where(cls.last_at < clock.now() - FORGOTTEN)):
            db.session.delete(tries)


def wait_words(wait: timedelta) -> str:
    """A wait as people say it: "40 seconds", "3 minutes"."""
    seconds = max(1, int(wait.total_seconds()) + 1)
    if seconds < 60:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"


def _keys(name: str, address: str) -> list[str]:
    return [f"account:{fold(tidy_line(name))[:100]}", f"address:{address}"]
