"""Long work: done behind the page, told as progress, whole or not at all."""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app

from pets.db import db
from pets.models.changeset import Changeset

LARGE = 2000  # changes from which a page does not wait for their end
KEPT = 50  # pieces of work that are remembered after their end

log = logging.getLogger("pets")

Counted = Callable[[int], None]


@dataclass
class Outcome:
    """How work ended: what to tell, and the changeset that it saved, if it did."""

    text: str
    changeset_id: int | None = None
    kind: str = "done"


@dataclass
class Work:
    """One piece of work under way, as its page shows it. Only its account sees it."""

    title: str
    account_id: int
    total: int
    about: str  # what it is about, so that the same thing is not begun twice
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    done: int = 0
    outcome: Outcome | None = None

    def counted(self, done: int) -> None:
        """Note how far it has come."""
        self.done = done


class Desk:
    """The work of this process. It is not stored: work whose process dies has changed nothing at all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: dict[str, Work] = {}

    def begin(self, work: Work, deed: Callable[[Work], Outcome], who: str) -> Work:
        """Do work in a thread of its own, in one transaction; or find it, where it is being done already."""
        with self._lock:
            for other in self._work.values():
                if other.about == work.about and other.outcome is None:
                    return other
            self._work[work.id] = work
            for old in [one.id for one in self._work.values() if one.outcome is not None][:-KEPT]:
                del self._work[old]
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        threading.Thread(target=_do, args=(app, work, deed, who), daemon=True).start()
        return work

    def find(self, number: str, account_id: int) -> Work | None:
        """A piece of work, if it is this account's."""
        work = self._work.get(number)
        return work if work is not None and work.account_id == account_id else None

    def under_way(self) -> Work | None:
        """What is being done now, if anything; others wait for it to save."""
        return next((work for work in list(self._work.values()) if work.outcome is None), None)


def _do(app: Flask, work: Work, deed: Callable[[Work], Outcome], who: str) -> None:
    with app.app_context():
        Changeset.author(who, work.account_id)
        try:
            work.outcome = deed(work)
        except Exception:
            db.session.rollback()
            reference = secrets.token_hex(4)
            log.exception("reference %s: %s", reference, work.title)
            text = (
                f"{work.title} did not succeed, and nothing was changed. If you report it, say {reference}."
            )
            work.outcome = Outcome(text, kind="note")


def desk() -> Desk:
    """The desk of the current app."""
    found: Desk = current_app.extensions.setdefault("pets-desk", Desk())
    return found
