"""Slowing down who guesses passwords: waits that grow, by account, address, known browser and session."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.accounts.account import Account
from pets.db import Base, UTCDateTime, Words, db, write
from pets.fields.text import loosely, tidy_line
from pets.language import ngettext

FREE = {"account": 5, "address": 10, "browser": 5, "session": 5}  # without any wait: a person mistypes
LONGEST = timedelta(minutes=15)
NO_WAIT = timedelta(0)
FORGOTTEN = timedelta(minutes=30)  # after which earlier tries count no more


class RateLimit(Base):
    """The failed tries of one kind. Kept here, a restart forgets none.

    Strangers' tries count by the name they try and by their address, so that a thousand of them are as slow
    as one. A browser at which the account signed in before counts by itself, and so does a session that
    confirms its password: or anybody could keep anybody out by guessing without end. A wait doubles with each
    failure and ends at 15 minutes (ASVS 5.0, 6.3.1). Names without an account count just like the others.
    """

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(Words, primary_key=True)  # "account:edith" or "address:10.0.0.7"
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    @property
    def wait(self) -> timedelta:
        """How long the next try has to wait from now; zero or less when it need not."""
        beyond = self.failures - FREE[self.key.partition(":")[0]]
        if beyond < 0:
            return NO_WAIT
        return self.last_at + min(timedelta(seconds=5 * 2 ** min(beyond, 10)), LONGEST) - clock.now()

    @classmethod
    def charge(cls, keys: list[str]) -> timedelta:
        """How long a try that counts under these keys has to wait; where it is zero, it is counted.

        It is counted before the password is looked at, and the rows are locked, so that of a hundred tries
        at once no more are let in than of a hundred in a row. What lies in the future, after a clock was
        put right, is as if it were now; commit that too.
        """
        known = select(cls).where(cls.key.in_(keys)).order_by(cls.key).with_for_update()
        found = {tries.key: tries for tries in db.session.scalars(known)}
        for tries in found.values():
            tries.last_at = min(tries.last_at, clock.now())
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
    def clear(cls, keys: list[str]) -> None:
        """Forget the tries under these keys once the right password was given."""
        write(delete(cls).where(cls.key.in_(keys)))

    @classmethod
    def forgive(cls, account: Account) -> None:
        """Forget all tries at an account that was given a new password."""
        start = f"browser:{account.id}"
        browsers = (cls.key > f"{start}:") & (cls.key < f"{start};")  # a range, for which there is an index
        write(delete(cls).where((cls.key == _account_key(account.name)) | browsers))

    @classmethod
    def forget_old(cls) -> None:
        """Drop tries that count no more."""
        now = clock.now()
        write(delete(cls).where((cls.last_at < now - FORGOTTEN) | (cls.last_at > now + FORGOTTEN)))


def keys_of_stranger(name: str, address: str) -> list[str]:
    """Under which tries at a name count from a browser that is not known to it."""
    return [_account_key(name), f"address:{address}"]


def wait_words(wait: timedelta) -> str:
    """A wait as people say it: "40 seconds", "3 minutes"."""
    seconds = max(1, int(wait.total_seconds()) + 1)
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    return ngettext("%(num)s minute", "%(num)s minutes", -(-seconds // 60))


def _account_key(name: str) -> str:
    return f"account:{loosely(tidy_line(name))[:100]}"
