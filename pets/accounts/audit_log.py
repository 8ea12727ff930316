"""Security events: who signed in, who was refused, who changed an account or a field; in database and log.

The page for admins names people; the log does not (see `pets/web/log.py`).
"""

import logging
import re
from datetime import datetime, timedelta

from sqlalchemy import Index, Select, delete, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from pets import clock
from pets.accounts.account import ROLES
from pets.db import Base, Key, UTCDateTime, Words, db, write
from pets.fields.settings import told_again
from pets.fields.text import unwritable
from pets.language import lazy_gettext

log = logging.getLogger("pets.security")

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=400)  # how long the page for admins goes back; the log is kept by whoever runs the site

# What can happen, and how the page says it.
EVENTS = {
    "setup": lazy_gettext("%(who)s set the register up"),
    "signed-in": lazy_gettext("%(who)s signed in"),
    "signed-out": lazy_gettext("%(who)s signed out"),
    "confirmed": lazy_gettext("%(who)s confirmed their password"),
    "refused": lazy_gettext("%(who)s was refused: wrong name or password"),
    "throttled": lazy_gettext("%(who)s was slowed down after wrong passwords"),
    "forbidden": lazy_gettext("%(who)s was refused a page: %(about)s"),
    "forged": lazy_gettext("%(who)s sent a form from another site"),
    "password-changed": lazy_gettext("%(who)s changed their password"),
    "sessions-ended": lazy_gettext("%(who)s ended the sessions of %(about)s"),
    "account-added": lazy_gettext("%(who)s added the account %(about)s"),
    "account-changed": lazy_gettext("%(who)s changed the account %(about)s"),
    "password-reset": lazy_gettext("%(who)s reset the password of %(about)s"),
    "account-ended": lazy_gettext("%(who)s ended the account %(about)s"),
    "account-back": lazy_gettext("%(who)s brought the account %(about)s back"),
    "field-added": lazy_gettext("%(who)s added the field %(about)s"),
    "field-changed": lazy_gettext("%(who)s changed the field %(about)s"),
    "field-retired": lazy_gettext("%(who)s retired the field %(about)s"),
    "field-restored": lazy_gettext("%(who)s restored the field %(about)s"),
    "field-moved": lazy_gettext("%(who)s moved the field %(about)s"),
    "backup": lazy_gettext("%(who)s created the backup %(about)s"),
    "backup-fetched": lazy_gettext("%(who)s downloaded the backup %(about)s"),
    "backup-uploaded": lazy_gettext("%(who)s uploaded the backup %(about)s"),
    "restored": lazy_gettext("%(who)s restored the backup %(about)s"),
    "export": lazy_gettext("%(who)s exported every pet to %(about)s"),
}
_WITH_ROLE = re.compile(r"(.*) \((viewer|editor|admin)\)")


class SecurityEvent(Base):
    """One event, as a row for the page that admins read. It never holds a password or a token."""

    __tablename__ = "security_event"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    event: Mapped[str] = mapped_column(Words)
    who: Mapped[str] = mapped_column(Words)
    about: Mapped[str] = mapped_column(Words, default="")
    address: Mapped[str] = mapped_column(Words, default="")

    __table_args__ = (Index(None, "at"), {"sqlite_autoincrement": True})

    @property
    def words(self) -> str:
        """What happened, as a sentence with places for `who` did it and what it was `about`."""
        return str(EVENTS.get(self.event, self.event))

    @property
    def about_words(self) -> str:
        """What it was about, which is kept in English, in the language in force."""
        if self.event.startswith("field-"):
            return told_again(self.about)
        named = _WITH_ROLE.fullmatch(self.about) if self.event.startswith("account-") else None
        return f"{named[1]} ({ROLES[named[2]][0]})" if named else self.about

    @classmethod
    def all_of_them(cls, of_fields: bool = False) -> Select["SecurityEvent"]:
        """All events, or those of fields alone, to be paged."""
        return select(cls).where(cls.event.startswith("field-")) if of_fields else select(cls)

    @classmethod
    def lately(cls, kind: str, **by: str) -> bool:
        """Whether it was told within a minute `by` this person (who=…) or from this address (address=…): who
        tries again and again must not fill the disk."""
        now = clock.now()
        query = select(cls.id).filter_by(event=kind, **by).where(cls.at.between(now - MINUTE, now))
        return db.session.scalar(query.limit(1)) is not None

    @classmethod
    def forget_old(cls) -> None:
        """Drop what happened more than a year ago."""
        write(delete(cls).where(cls.at < clock.now() - KEPT))


def record(kind: str, who: str, about: str = "", address: str = "") -> None:
    """Put an event into the session: the view's commit stores it, and then its line goes to the log."""
    who, about = _clean(who), _clean(about)
    row = SecurityEvent(at=clock.now(), event=kind, who=who, about=about, address=address[:100])
    db.session.add(row)
    db.session().info.setdefault("security", []).append(kind)


def log_event(kind: str) -> None:
    """Write an event to the log alone, as the answer to a GET may, which stores nothing."""
    log.info(kind, extra={"event": kind})


def _clean(text: str) -> str:
    """Text from outside as a page and PostgreSQL can hold it."""
    return "".join("\ufffd" if unwritable(char) else char for char in text[:200])


@event.listens_for(db.session, "after_commit")
def _write(session: Session) -> None:
    for kind in session.info.pop("security", ()):
        log_event(kind)


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """What was rolled back has not happened."""
    session.info.pop("security", None)
