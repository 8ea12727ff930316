"""The database: one session for everybody, UTC times, and SQLite told how to keep a promise."""

import sqlite3
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, MetaData, Text, TypeDecorator, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

WAIT = 15  # seconds a writer waits for its turn, in our queue and at SQLite's lock

# Unicode code points in order, on both databases: PostgreSQL's "C" is SQLite's BINARY.
Words = Text(collation="C").with_variant(Text(), "sqlite")
Key = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """What every table of Pets is declared on; names its constraints, so that migrations can."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Autoflush is off: from SQLAlchemy 2.1 it flushes before every statement, so that looking at what is
# queued in session.new, .dirty and .deleted would empty it.
db = SQLAlchemy(metadata=Base.metadata, session_options={"autoflush": False})


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC in Python; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC).replace(tzinfo=None if dialect.name == "sqlite" else UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value


_reading: ContextVar[bool] = ContextVar("reading", default=False)


def only_reads(yes: bool) -> None:
    """Say whether the transactions begun from here on only read.

    A transaction takes SQLite's write lock as it begins (`BEGIN IMMEDIATE`) unless it is known only to
    read: one that reads first and then writes after another's commit would fail at once with "database
    is locked", whatever the busy timeout. Shell and commands are left at the safe side.
    """
    _reading.set(yes)


def engine_options(uri: str, threads: int) -> dict[str, Any]:
    """What `create_engine` is told: connections enough for every thread of the server, and no more."""
    options: dict[str, Any] = {"pool_size": threads, "max_overflow": threads}
    if uri.startswith("sqlite"):
        options["connect_args"] = {"timeout": WAIT}
    else:
        options["pool_pre_ping"] = True  # a restarted server is met by a new connection, not by an error
    return options


def listen(app: Flask) -> None:
    """Teach this app's engine what SQLite does not do by itself. PostgreSQL needs nothing."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        _Turns(engine)


class _Turns:
    """Transactions on SQLite: begun explicitly, writers of this process one after the other.

    SQLite's own lock is polled, so that under 16 writers some wait for seconds while others pass them.
    A lock in the process costs nothing and keeps the queue short; other processes still meet SQLite's.
    """

    def __init__(self, engine: Engine) -> None:
        self._lock = threading.Lock()
        event.listen(engine, "connect", self._prepare)
        event.listen(engine, "begin", self._begin)
        # Not "commit" or "rollback": those are sent before the deed, and the turn must outlast it.
        event.listen(engine, "checkin", self._give_back)

    def _prepare(self, connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # NORMAL loses acknowledged saves at a power cut, and is no faster
            "foreign_keys = ON",
            "cache_size = -16000",  # KiB
        ):
            connection.execute(f"PRAGMA {pragma}")

    def _begin(self, connection: Connection) -> None:
        if _reading.get():
            connection.exec_driver_sql("BEGIN")
            return
        info = connection.connection.info
        if not info.get("turn"):
            if not self._lock.acquire(timeout=WAIT):
                raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is busy"))
            info["turn"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _give_back(self, connection: Any, record: Any) -> None:
        if record.info.pop("turn", False):
            self._lock.release()
