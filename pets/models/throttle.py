"""Slowing down whoever guesses passwords: waits that grow, by account and by address."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, UTCDateTime, Words, db
from pets.models.words import fold, tidy_line

FREE = {"account": 5, "address": 10}  # tries without any wait: a person mistypes
LONGEST = timedelta(minutes=15)
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
            return timedelta(0)
        return self.last_at + min(timedelta(seconds=5 * 2 ** min(beyond, 10)), LONGEST) - clock.now()

    @classmethod
    def wait_for(cls, name: str, address: str) -> timedelta:
        """How long somebody has to wait who tries this name from this address."""
        found = db.session.scalars(select(cls).where(cls.key.in_(_keys(name, address))))
        return max((one.wait for one in found), default=timedelta(0))

    @classmethod
    def charge(cls, name: str, address: str) -> None:
        """Count a try before the password is looked at, so that a hundred at once are counted too."""
        moment = clock.now()
        for key in _keys(name, address):
            tries = db.session.get(cls, key, with_for_update=True)
            if tries is None:
                db.session.add(cls(key=key, failures=1, last_at=moment))
            else:
                tries.failures = 1 if moment - tries.last_at > FORGOTTEN else tries.failures + 1
                tries.last_at = moment

    @classmethod
    def clear(cls, name: str, address: str) -> None:
        """Forget the tries once the right password was given."""
        for tries in db.session.scalars(select(cls).where(cls.key.in_(_keys(name, address)))):
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
