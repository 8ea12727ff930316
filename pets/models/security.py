"""Security events: who signed in, who was refused, who changed an account; in the database and in the log."""

import json
import logging
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words, db

log = logging.getLogger("pets.security")

# What can happen, and how the page says it.
EVENTS = {
    "setup": "set the register up",
    "signed-in": "signed in",
    "signed-out": "signed out",
    "refused": "was refused: wrong name or password",
    "throttled": "was told to wait",
    "forbidden": "was refused a page",
    "password-changed": "changed the password",
    "account-added": "added the account",
    "account-changed": "changed the account",
    "password-reset": "reset the password of",
    "account-ended": "ended the account",
    "account-back": "brought the account back",
    "backup": "made a backup",
    "backup-fetched": "downloaded a backup",
    "export": "exported every pet",
}


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
        """What happened, between who did it and what it was about."""
        return EVENTS.get(self.event, self.event)


def record(event: str, who: str, about: str = "", address: str = "") -> None:
    """Put an event into the session, to be stored by the view's commit, and write its line to the log.

    The line is one object of JSON; json escapes control characters, so that no name can forge a line.
    """
    moment, who = clock.now(), who[:100]
    db.session.add(SecurityEvent(at=moment, event=event, who=who, about=about[:200], address=address))
    log.info(
        json.dumps(
            {"at": moment.isoformat(), "event": event, "who": who, "about": about[:200], "address": address}
        )
    )
