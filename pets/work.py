"""Long work: done behind the page, told as progress, whole or not at all."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from flask import Flask, current_app
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError

from pets import clock
from pets.db import db, takes_long
from pets.models.changeset import Changeset
from pets.models.progress import Progress

LARGE = 2000  # changes from which a page does not wait for their end
KEPT = 50  # pieces of work that are remembered after their end, and forms that wait for it
LONG = 200_000  # characters of a form that can wait in memory
LOST = timedelta(seconds=60)  # without a report: its process is gone, and nothing of it was saved
OFTEN = 0.5  # seconds between two reports
PATIENT = 100  # times that the end is told until it is heard
TRIES = 3  # how often work that lost a race begins anew
RACES = (StaleDataError, IntegrityError, OperationalError)

log = logging.getLogger("pets")


@dataclass
class Outcome:
    """How work ended: what to tell, and the changeset that it saved, or the page to go on to."""

    text: str
    changeset_id: int | None = None
    kind: str = "done"
    path: str | None = None


@dataclass
class Work:
    """One piece of work, as its page shows it. Only its account sees it."""

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


@dataclass
class Waiting:
    """A form that met long work and waits for its end: where it is sent, and what was typed."""

    account_id: int
    action: str
    typed: list[tuple[str, str]]


class Store(Protocol):
    """Where work is told."""

    def all(self) -> list[Work]:
        """Work under way, and what ended lately."""

    def add(self, work: Work) -> None:
        """Tell that work begins."""

    def report(self, work: Work) -> None:
        """Tell how far it has come, or how it ended."""


class Memory:
    """For SQLite: its one process has all work. What dies with the process has changed nothing at all."""

    def __init__(self) -> None:
        self._work: dict[str, Work] = {}

    def all(self) -> list[Work]:
        """Work under way, and what ended lately."""
        return list(self._work.values())

    def add(self, work: Work) -> None:
        """Tell that work begins."""
        self._work[work.id] = work
        for old in [one.id for one in self.all() if one.outcome is not None][:-KEPT]:
            del self._work[old]

    def report(self, work: Work) -> None:
        """Whoever looks sees the work itself."""


class Table:
    """For PostgreSQL: told in a table, on connections beside the one on which the work is done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Work]:
        """Work under way, and what ended lately; what has not reported for a while was lost."""
        lately = Progress.outcome.is_not(None) | (Progress.reported_at > clock.now() - LOST)
        with self._engine.connect() as connection:
            rows = connection.execute(select(Progress.__table__).where(lately)).mappings()
            return [_told(dict(row)) for row in rows]

    def add(self, work: Work) -> None:
        """Tell that work begins."""
        values = {"title": work.title, "account_id": work.account_id, "about": work.about, "id": work.id}
        values |= {"total": work.total, "done": 0, "reported_at": clock.now()}
        with self._engine.begin() as connection:
            old = Progress.reported_at < clock.now() - timedelta(days=1)
            connection.execute(delete(Progress).where(old))
            connection.execute(insert(Progress).values(values))

    def report(self, work: Work) -> None:
        """Tell how far it has come, or how it ended."""
        outcome = asdict(work.outcome) if work.outcome else None
        values = {"done": work.done, "total": work.total, "reported_at": clock.now(), "outcome": outcome}
        with self._engine.begin() as connection:
            connection.execute(update(Progress).where(Progress.id == work.id).values(values))


def _told(row: dict[str, Any]) -> Work:
    del row["reported_at"]
    outcome = row.pop("outcome")
    return Work(**row, outcome=Outcome(**outcome) if outcome else None)


class Desk:
    """All long work of the site, whichever process does it."""

    def __init__(self, app: Flask) -> None:
        self._app, self._lock = app, threading.Lock()
        self._store: Store = Memory() if db.engine.dialect.name == "sqlite" else Table(db.engine)
        self._waiting: dict[str, Waiting] = {}

    def begin(self, work: Work, deed: Callable[[Work], Outcome], who: str) -> Work:
        """Do work in a thread of its own, in one transaction; or find it, where it is being done already."""
        with self._lock:
            other = self.doing(work.about)
            if other is not None:
                return other
            self._store.add(work)
        threading.Thread(target=self._do, args=(work, deed, who), name=work.title, daemon=True).start()
        return work

    def find(self, number: str, account_id: int) -> Work | None:
        """A piece of work, if it is this account's."""
        return next((w for w in self._store.all() if w.id == number and w.account_id == account_id), None)

    def doing(self, about: str) -> Work | None:
        """The work under way about this, if there is any."""
        return next((w for w in self._store.all() if w.outcome is None and w.about == about), None)

    def under_way(self) -> Work | None:
        """What is being done now, if anything; others wait for it to save."""
        return next((work for work in self._store.all() if work.outcome is None), None)

    def keep(self, form: Waiting) -> str | None:
        """Keep a form until work has ended. Returns the name to find it by; None where it cannot be kept.

        In memory: it is SQLite's one pen that is waited for, and there the database can keep nothing now.
        """
        if not isinstance(self._store, Memory) or len(str(form.typed)) > LONG:
            return None
        number = secrets.token_urlsafe(16)
        with self._lock:
            self._waiting[number] = form
            for old in list(self._waiting)[:-KEPT]:
                del self._waiting[old]
        return number

    def waiting(self, number: str, account_id: int) -> Waiting | None:
        """A form that was kept, if it is this account's."""
        form = self._waiting.get(number)
        return form if form is not None and form.account_id == account_id else None

    def _do(self, work: Work, deed: Callable[[Work], Outcome], who: str) -> None:
        ended = threading.Event()
        reporter = threading.Thread(target=self._report, args=(work, ended), daemon=True)
        reporter.start()
        with self._app.app_context():
            work.outcome = self._outcome(work, deed, who)
        ended.set()
        reporter.join()

    def _outcome(self, work: Work, deed: Callable[[Work], Outcome], who: str) -> Outcome:
        tries = TRIES
        while True:
            tries -= 1
            try:
                Changeset.author(who, work.account_id)
                takes_long()
                return deed(work)
            except Exception as problem:
                db.session.rollback()
                if not (tries and isinstance(problem, RACES)):
                    return _failed(work)

    def _report(self, work: Work, ended: threading.Event) -> None:
        """Go on telling how far work has come, until it has ended; that it has is told whatever it takes."""
        while not ended.wait(OFTEN):
            self._reported(work)
        for _ in range(PATIENT):
            if self._reported(work):
                return
            time.sleep(OFTEN)

    def _reported(self, work: Work) -> bool:
        """Whether it could be told; a database that restarts or has no connection left hears nothing."""
        try:
            self._store.report(work)
        except (DBAPIError, TimeoutError):
            return False
        return True


def _failed(work: Work) -> Outcome:
    reference = secrets.token_hex(4)
    log.exception("reference %s: %s", reference, work.title)
    text = f"{work.title} did not succeed, and nothing was changed. If you report it, say {reference}."
    return Outcome(text, kind="note")


_opening = threading.Lock()


def desk() -> Desk:
    """The desk of the current app."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with _opening:
        if "pets-desk" not in app.extensions:
            app.extensions["pets-desk"] = Desk(app)
    found: Desk = app.extensions["pets-desk"]
    return found
