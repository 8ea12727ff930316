"""The gate of a database: whoever wants a connection passes it, and waits while the database is replaced."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, QueuePool
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from pets.sqlite.file import busy

WAIT = 15  # seconds that somebody waits outside
PATIENCE = 10  # seconds that are waited for those inside


class Replaced(sqlite3.OperationalError):
    """A backup was put in the place of the register while this was under way."""


class Gate:
    """Counts those inside, and keeps others out while it is closed."""

    def __init__(self) -> None:
        self._changed, self._inside, self._closed = threading.Condition(), 0, False
        self.edition = 0  # of what is inside: another one once it has been replaced

    def enter(self) -> None:
        """Pass, at the latest when it opens. Who has passed before meets the same register, or Replaced."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._closed, WAIT):
                raise OperationalError("connect", None, busy("a backup is being restored"))
            met = _met.get()
            if met is not None and met[0] is self and met[1] != self.edition:
                raise OperationalError("connect", None, Replaced("A backup was restored in the meantime."))
            _met.set((self, self.edition))
            self._inside += 1

    def leave(self) -> None:
        """Note that one is out again."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Keep everybody out, once nobody is inside. Raises TimeoutError where somebody stays too long."""
        with self._changed:
            self._closed = True
            try:
                if not self._changed.wait_for(lambda: not self._inside, PATIENCE):
                    raise TimeoutError
            except BaseException:
                self._open()
                raise
        try:
            yield
            self.edition += 1
        finally:
            with self._changed:
                self._open()

    def _open(self) -> None:
        self._closed = False
        self._changed.notify_all()


_met: ContextVar[tuple[Gate, int] | None] = ContextVar("met", default=None)
_passing = threading.local()


def begin() -> None:
    """Note that something new begins in this thread, which knows nothing of any register yet."""
    _met.set(None)


def gate_of(dialect: Any) -> Gate:
    """The gate of a database, by what is one for each engine, and stays when its pool is made again."""
    gate: Gate = vars(dialect).setdefault("pets_gate", Gate())
    return gate


class GatedPool(QueuePool):
    """A pool of connections behind a gate."""

    def _do_get(self) -> ConnectionPoolEntry:
        if getattr(_passing, "now", False):  # it calls itself, where another thread was faster
            return super()._do_get()
        gate = gate_of(self._dialect)
        gate.enter()
        _passing.now = True
        try:
            return super()._do_get()
        except BaseException:
            gate.leave()
            raise
        finally:
            _passing.now = False

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        try:
            super()._do_return_conn(record)
        finally:
            gate_of(self._dialect).leave()


@contextmanager
def replacing(engine: Engine) -> Iterator[None]:
    """Close the gate of a database, and its pooled connections, while it is replaced. Raises TimeoutError."""
    with gate_of(engine.dialect).closed():
        engine.dispose()
        yield
