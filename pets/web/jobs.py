"""Jobs: work behind a page, told as progress, whole or not at all."""

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from pets.changes.changeset import Changeset
from pets.db import db, takes_long
from pets.language import gettext as _, language, shown, speaking
from pets.models.job import Progress
from pets.sqlite import gate
from pets.web.causes import cause_of, is_worth_a_try

LARGE = 500  # changes, or rows, from which a page does not wait for their end: saving them takes up to 0.3 s
KEPT = 50  # jobs that are remembered after their end, and forms that wait for it
LONG = 200_000  # characters of a form that can wait in memory
OFTEN = 0.5  # seconds between two reports to other processes
TRIES = 3  # how often a job that lost a race begins again

log = logging.getLogger("pets")


@dataclass
class Outcome:
    """How a job ended: what to tell, and the changeset that it saved, or the page to go on to."""

    text: str
    changeset_id: int | None = None
    kind: str = "done"
    path: str | None = None
    at_once: Callable[[], Any] | None = None  # makes the answer instead, where nobody had to wait for the end


@dataclass
class Job:
    """One job, as its page shows it. Only its account sees that page."""

    title: str  # lazy; says what kind of job it is and names nothing, since those who wait for it see it too
    account_id: int
    total: int
    about: str  # account, address and form that asked for it, so that the same is not begun twice
    who: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    done: int = 0
    outcome: Outcome | None = None
    language: str = field(default_factory=language)  # of whoever asked for it

    def counted(self, done: int) -> None:
        """Note how far it has come."""
        self.done = done


Deed = Callable[[Job], Outcome]


class Queued(NamedTuple):
    """A job that waits for the worker: what there is to do, and what it holds until it has ended."""

    job: Job
    deed: Deed
    holding: AbstractContextManager[Any]


@dataclass
class Waiting:
    """A form that met a job and waits for its end: where it is sent, and what was typed."""

    account_id: int
    action: str
    typed: list[tuple[str, str]]


class Jobs:
    """All jobs of the site. Each process has one worker and one queue, however many people ask.

    What is queued here is known here. With PostgreSQL, where the site may have several processes, it is also
    told in a table, on connections beside the one on which it is done. What dies with its process has changed
    nothing at all.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self._lock = app, threading.Lock()
        self._mine: dict[str, Job] = {}  # of this process: under way, or ended lately
        self._queue: deque[Queued] = deque()
        self._engine, self._alone = db.engine, db.engine.dialect.name == "sqlite"
        self._threads: set[Callable[[], None]] = set()  # what a thread of this process is doing
        self._untold: dict[str, Job] = {}  # those whose end is not in the table yet
        self._ended = threading.Event()  # set where there is an end to tell
        self._waiting: dict[str, Waiting] = {}

    # What one can ask

    def find(self, number: str, account_id: int) -> Job | None:
        """A job, if it is this account's."""
        return next((job for job in self._all() if job.id == number and job.account_id == account_id), None)

    def under_way(self, about: str = "") -> Job | None:
        """What is being done or queued now, if anything; or the one that is about this."""
        return next((job for job in self._all() if job.outcome is None and about in ("", job.about)), None)

    @property
    def idle(self) -> bool:
        """Whether this process has nothing to do."""
        return all(job.outcome for job in list(self._mine.values()))

    def waiting(self, number: str, account_id: int) -> Waiting | None:
        """A form that was kept, if it is this account's."""
        form = self._waiting.get(number)
        return form if form is not None and form.account_id == account_id else None

    # What one can do

    def begin(self, job: Job, deed: Deed, holding: AbstractContextManager[Any]) -> Job:
        """Queue a job, to be done in one transaction; or find it, where it is queued already.

        `holding` is let go when it has ended for good, however often it is tried.
        """
        with self._lock:
            other = self.under_way(job.about)
            if other is not None:
                with holding:
                    return other
            self._begin(Queued(job, deed, holding))
        return job

    def keep(self, form: Waiting) -> str | None:
        """Keep a form until a job has ended. Returns the name to find it by; None where it cannot be kept.

        In memory: it is SQLite's one pen that is waited for, and there the database can keep nothing now.
        """
        if not self._alone or len(str(form.typed)) > LONG:
            return None
        number = secrets.token_urlsafe(16)
        with self._lock:
            self._waiting[number] = form
            for old in list(self._waiting)[:-KEPT]:
                del self._waiting[old]
        return number

    # The worker

    def _begin(self, queued: Queued) -> None:
        job = queued.job
        try:
            if not self._alone:
                about = {"account_id": job.account_id, "about": job.about, "total": job.total}
                Progress.add(self._engine, job.title, id=job.id, **about)
                self._untold[job.id] = job
                self._start(self._report)
            self._start(self._work)
            self._queue.append(queued)  # the worker looks as soon as it is let in
        except (RuntimeError, MemoryError):
            log.exception("no thread for a job")
            text = _("The server has no room for “%(job)s” now. Try again in a moment.", job=job.title)
            with queued.holding:
                job.outcome = Outcome(text, kind="note")
            if not self._alone:
                self._tell(job)
        self._mine[job.id] = job
        for old in [one.id for one in self._mine.values() if one.outcome][:-KEPT]:
            del self._mine[old]

    def _start(self, what: Callable[[], None]) -> None:
        if what not in self._threads:
            threading.Thread(target=what, name="jobs", daemon=True).start()
            self._threads.add(what)

    def _work(self) -> None:
        """Do one job after the other until none is left."""
        while True:
            with self._lock:
                if not self._queue:
                    self._threads.discard(self._work)
                    return
                job, deed, holding = self._queue.popleft()
            try:
                with holding:
                    job.outcome = self._outcome(job, deed)
            except Exception as problem:  # whatever it held could not be let go
                job.outcome = job.outcome or _failed(job, problem)
            self._ended.set()

    def _outcome(self, job: Job, deed: Deed) -> Outcome:
        tries = TRIES
        while True:
            tries -= 1
            try:
                with speaking(job.language), self._app.app_context():  # each try has a session of its own
                    Changeset.author(job.who, job.account_id)
                    takes_long()
                    job.counted(0)
                    return replace(deed(job), at_once=None)
            except Exception as problem:
                if not (tries and is_worth_a_try(problem)):
                    return _failed(job, problem)
                log.warning("job: %s, to be tried again: %s", job.title, type(problem).__name__)

    # Beside other processes

    def _all(self) -> Iterator[Job]:
        """The jobs of this process, and then those of others. One that has not reported lately was lost."""
        yield from list(self._mine.values())
        if not self._alone:
            yield from (_told(row) for row in Progress.known(self._engine) if row["id"] not in self._mine)

    def _report(self) -> None:
        """Go on telling how far the jobs are until the end of each is told, however often that takes."""
        while True:
            gate.begin()
            for job in list(self._untold.values()):
                ended = job.outcome is not None
                with suppress(SQLAlchemyError):  # a database that restarts hears it later
                    self._tell(job)
                    if ended:
                        del self._untold[job.id]
            with self._lock:
                if not self._untold:
                    self._threads.discard(self._report)
                    return
            self._ended.wait(OFTEN)
            self._ended.clear()

    def _tell(self, job: Job) -> None:
        Progress.report(self._engine, job.id, job.done, vars(job.outcome) if job.outcome else None)


def _told(row: dict[str, Any]) -> Job:
    outcome, title = row.pop("outcome"), shown({"text": [row.pop("title")], "values": {}})
    return Job(title, **row, outcome=Outcome(**outcome) if outcome else None)


def _failed(job: Job, problem: Exception) -> Outcome:
    """What is told of a job that did not succeed: the cause, or a number that stands in the log."""
    number = secrets.token_hex(4)
    log.error("job: %s, reference %s", job.title, number, exc_info=problem)
    with speaking(job.language):
        why = cause_of(problem) or _("If you report it, give the reference %(number)s.", number=number)
        told = _("“%(job)s” did not succeed, and nothing was changed. %(why)s", job=job.title, why=why)
    return Outcome(told, kind="note")


_opening = threading.Lock()


def jobs() -> Jobs:
    """The jobs of the current app."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with _opening:
        if "pets-jobs" not in app.extensions:
            app.extensions["pets-jobs"] = Jobs(app)
    return cast(Jobs, app.extensions["pets-jobs"])
