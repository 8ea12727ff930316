"""Accounts: who may sign in, and what each role may do."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unicodedata import category

from flask_login import UserMixin
from sqlalchemy import JSON, Select, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words, db, write
from pets.fields.text import loosely, tidy_line, unwritable, visible
from pets.language import gettext as _, lazy_gettext

NAME_LENGTH = 60
ONE_TIME = timedelta(hours=72)  # how long a password that somebody else made can be used

JOINERS = "\u200c\u200d"  # not seen themselves, but Persian and Hindi are not written without them

# What each role may do; each may do what the one before it may.
MAY = {"viewer": {"look"}, "editor": {"look", "edit"}, "admin": {"look", "edit", "admin"}}
# What each is called, and what that means.
ROLES = {
    "viewer": (lazy_gettext("Viewer"), lazy_gettext("Viewer: can look")),
    "editor": (lazy_gettext("Editor"), lazy_gettext("Editor: can add and change pets")),
    "admin": (lazy_gettext("Admin"), lazy_gettext("Admin: also manages accounts and backups")),
}


class Person(UserMixin):
    """Somebody with an account: what they may do, and what Flask-Login asks of them."""

    id: Any
    name: Any
    role: Any
    ended_at: Any
    one_time_until: Any
    columns: Any  # of the list, by the names of fields; None for the usual ones
    language: Any  # the code of the one they chose; "" for the browser's
    token = ""  # the token of the session that is asking; not stored

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the session's token, not the account's number."""
        return self.token

    def may(self, deed: str) -> bool:
        """Whether the account may "look", "edit" or "admin"."""
        return self.ended_at is None and deed in MAY[self.role]

    @property
    def must_change_password(self) -> bool:
        """Whether the password is one that somebody else knows, good for one sign-in."""
        return self.one_time_until is not None


@dataclass(eq=False)
class Asking(Person):
    """Who is asking, as the row of their session tells it: an account in a fraction of the time."""

    id: int
    name: str
    role: str
    columns: Any
    language: str
    one_time_until: Any
    token: str

    ended_at = None


class Account(Person, Base):
    """A person who signs in. An account that ended stays, so that history keeps its name."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(Words)
    name_key: Mapped[str] = mapped_column(
        Words, unique=True
    )  # two names that differ in case or accents confuse
    role: Mapped[str] = mapped_column(Words)
    password_hash: Mapped[str] = mapped_column(Words)
    # Until when a one-time password holds; None once the person has chosen their own.
    one_time_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # The columns of the list that they chose, by the names of the fields; None for the usual ones.
    columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    language: Mapped[str] = mapped_column(Words, default="")  # the code of one; "" for the browser's

    __table_args__ = ({"sqlite_autoincrement": True},)

    # What one can ask

    @property
    def one_time_password_is_old(self) -> bool:
        """Whether a one-time password has waited for longer than it holds."""
        if self.one_time_until is None:
            return False
        return abs(clock.now() - (self.one_time_until - ONE_TIME)) > ONE_TIME  # clocks are put right, too

    @classmethod
    def named(cls, name: str) -> "Account | None":
        """The account of this name, whatever its case and accents."""
        return db.session.scalar(select(cls).where(cls.name_key == loosely(tidy_line(name))))

    @classmethod
    def exist(cls) -> bool:
        """Whether there is any account yet."""
        return db.session.scalar(select(cls.id).limit(1)) is not None

    @classmethod
    def several(cls) -> bool:
        """Whether more than one person has an account."""
        return len(db.session.scalars(select(cls.id).where(cls.ended_at.is_(None)).limit(2)).all()) > 1

    @classmethod
    def first_made_at(cls) -> datetime:
        """When the first account was made, and with it the register begun."""
        return db.session.scalar(select(cls.made_at).order_by(cls.id).limit(1)) or clock.now()

    @classmethod
    def by_name(cls) -> Select["Account"]:
        """All accounts, those that ended last."""
        return select(cls).order_by(cls.ended_at.is_not(None), cls.name_key)

    @classmethod
    def to_change(cls, account_id: int) -> "Account | None":
        """The account, as it is now and until the transaction ends.

        The admins are locked before it, so that no two of them end each other at the same moment.
        """
        db.session.execute(cls._admins().with_for_update())
        return db.session.get(cls, account_id, with_for_update=True, populate_existing=True)

    @classmethod
    def _admins(cls) -> Select[int]:
        return select(cls.id).where(cls.role == "admin", cls.ended_at.is_(None)).order_by(cls.id)

    @property
    def is_last_admin(self) -> bool:
        """Whether nobody else administers the register."""
        return list(db.session.scalars(self._admins())) == [self.id]

    @property
    def seen(self) -> str:
        """The account as a form shows it: one that was filled from something else is out of date."""
        return f"{self.role} {self.name}"

    @staticmethod
    def name_problem(name: str) -> str | None:
        """What is wrong with a (tidied) name, as a sentence, or None."""
        if not name or not visible(name):
            return _("Enter a name, such as Edith or Edith B.")
        if len(name) > NAME_LENGTH:
            return _("The name is too long. Enter one of %(most)s characters or fewer.", most=NAME_LENGTH)
        if unwritable(name) or any(category(char) == "Cf" and char not in JOINERS for char in name):
            return _("The name holds a character that cannot be seen. Type it again.")
        return None

    # What one can do

    def rename(self, name: str) -> None:
        """Give the account a name. What it did before stays told under the old one."""
        self.name = tidy_line(name)
        self.name_key = loosely(self.name)

    def set_password(self, hashed: str, one_time: bool = False) -> None:
        """Replace the password by one that `hash_password` has hashed, outside of any transaction."""
        self.password_hash = hashed
        self.one_time_until = clock.now() + ONE_TIME if one_time else None

    def end(self) -> None:
        """End the account: nobody signs in to it any more. Its sessions are to be ended too."""
        self.ended_at = self.ended_at or clock.now()


class SetupLink(Base):
    """The one-time link that makes the first admin: its token's hash, gone once used."""

    __tablename__ = "setup_link"

    token_hash: Mapped[str] = mapped_column(Words, primary_key=True)

    @classmethod
    def renew(cls) -> str:
        """Make a new token, so that older links no longer work. Returns it; only its hash is kept."""
        cls.use_up()
        token = secrets.token_urlsafe(32)
        db.session.add(cls(token_hash=digest(token)))
        return token

    @classmethod
    def opens(cls, token: str, lock: bool = False) -> bool:
        """Whether this is the token of the link that was printed last. Of two who use it, one waits."""
        return db.session.get(cls, digest(token), with_for_update=lock, populate_existing=lock) is not None

    @classmethod
    def use_up(cls) -> None:
        """Make all links useless."""
        write(delete(cls))


def digest(token: str) -> str:
    """How a random token is kept. It has 256 bits of its own: SHA-256 without salt is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
