"""The database: one session for everybody, UTC times, and SQLite told how to keep a promise."""

import functools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    URL,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    event,
    make_url,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, TimeoutError as NoConnection
from sqlalchemy.orm import DeclarativeBase

from pets.sqlite.file import busy
from pets.sqlite.gate import GatedPool, begin
from pets.sqlite.turns import WAIT, Turns
from pets.sqlite.watch import Watch

SUCH = "Use one such as postgresql:///pets, with its driver installed, or sqlite:////srv/pets/pets.sqlite."
ROW_WAIT = 3  # seconds a row is waited for on PostgreSQL, which cannot tell how many threads are left

sqlite3.register_adapter(date, date.isoformat)  # Python’s own is deprecated since 3.12

WRITE = "BEGIN IMMEDIATE"  # how a transaction that may write begins on SQLite

# Unicode code points in order, on both databases: PostgreSQL's "C" is SQLite's BINARY.
Words = Text(collation="C").with_variant(Text(), "sqlite")
Key = BigInteger().with_variant(Integer(), "sqlite")


def only_where(condition: str) -> dict[str, Any]:
    """What makes an index one of the rows that meet a condition, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Base(DeclarativeBase):
    """What every table of Pets is declared on; names its constraints, so that migrations can."""

    __table__: ClassVar[Table]  # none is a view or a join
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Session(FlaskSession):
    """The session of a request, a command or a shell."""

    def close(self) -> None:
        """End with the request. A connection that broke by then must not spoil an answer that is made."""
        try:
            super().close()
        except (DBAPIError, NoConnection):
            self.invalidate()


# Autoflush is off: from SQLAlchemy 2.1 it flushes before every statement, so that looking at what is
# queued in session.new, .dirty and .deleted would empty it.
db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": Session, "autoflush": False})


def write(query: Any) -> int:
    """Change or delete rows by one statement, past what the session holds of them. Returns how many."""
    done: Any = db.session.execute(query, execution_options={"synchronize_session": False})
    return int(done.rowcount)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC in Python; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    # On SQLite both are done in one step, since they are done for every row.

    def bind_processor(self, dialect: Dialect) -> Any:
        """What makes a moment into what is stored."""
        return _write_utc if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """What makes a moment out of what is stored."""
        return _read_utc if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


@functools.lru_cache(maxsize=100)  # thousands of pets are saved at one moment
def _write_utc(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _read_utc(stored: str | None) -> datetime | None:
    """A moment as SQLite keeps it."""
    return None if stored is None else datetime.fromisoformat(stored + "+00:00")


_reading: ContextVar[bool] = ContextVar("reading", default=False)


def only_reads(yes: bool) -> None:
    """Say whether the transactions begun from here on only read.

    A transaction takes SQLite's write lock as it begins (`BEGIN IMMEDIATE`) unless it is known only to
    read: one that reads first and then writes after another's commit would fail at once with "database
    is locked", whatever the busy timeout. Shell and commands are left at the safe side.
    """
    _reading.set(yes)


_job: ContextVar[bool] = ContextVar("job", default=False)


def takes_long() -> None:
    """Say that this thread does a job: it waits its turn however long that takes."""
    _job.set(True)
    begin()
    if db.engine.dialect.name == "postgresql":
        # One after the other here too: two that lock thousands of pets would stop each other.
        db.session.execute(text("SET LOCAL lock_timeout = 0"))
        db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('pets: long work'))"))


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection beside the session's own, which sees the register as it was when it began to read.

    On SQLite it waits for no writer and no writer waits for it, even in a request that writes itself.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        was = _reading.set(True)
        try:
            transaction = connection.begin()
        finally:
            _reading.reset(was)
        with transaction:
            yield connection


def connection_settings(address: str | URL, threads: int) -> dict[str, Any]:
    """What Flask-SQLAlchemy is told of a database: its address with the driver, and connections enough for
    every thread of the server. Raises ValueError, with a sentence, where no register can be.
    """
    try:
        url = make_url(address)
        url = url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
        url.get_dialect().import_dbapi()
    except (ArgumentError, ImportError) as problem:
        raise ValueError(f"No such database can be used ({problem}). {SUCH}") from problem
    options: dict[str, Any] = {"pool_size": threads, "max_overflow": threads, "pool_timeout": WAIT}
    options |= {"poolclass": GatedPool, "hide_parameters": True}  # what somebody typed is not logged
    if url.drivername == "sqlite" and url.database not in (None, "", ":memory:"):
        options["connect_args"] = {"timeout": WAIT}
    elif url.drivername == "postgresql+psycopg":
        options["pool_pre_ping"] = True  # a restarted server is met by a new connection, not by an error
    else:
        raise ValueError(f"A register is kept in a SQLite file or in PostgreSQL. {SUCH}")
    return {"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": options}


def listen(app: Flask) -> None:
    """Teach this app's engine what SQLite does not do by itself, and PostgreSQL not to wait for ever."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        app.extensions["pets-watch"] = _Turns(engine, app.config["PETS_THREADS"]).watch
    else:
        event.listen(engine, "connect", _wait_no_longer)


def _wait_no_longer(connection: Any, record: Any) -> None:
    """Rows wait for their writer, and that may be a job, whose progress a page can show instead."""
    connection.execute(f"SET lock_timeout = '{ROW_WAIT}s'")
    connection.commit()


class _Turns:
    """Transactions on SQLite: begun explicitly, writers of this process one after the other, in their order.

    SQLite's own lock is polled, so that under 16 writers some wait for seconds while others pass them.
    A queue in the process costs nothing and keeps the wait short; other processes still meet SQLite's lock.
    """

    def __init__(self, engine: Engine, threads: int) -> None:
        self.watch = Watch(Path(engine.url.database or ":memory:"))
        # Before a connection is opened, which makes a file where there is none.
        event.listen(engine, "do_connect", lambda *_: self.watch.look())
        self._turns = Turns(threads // 2)  # the other threads are for reading
        event.listen(engine, "connect", self._prepare)
        event.listen(engine, "close", lambda *_: self.watch.closed())
        event.listen(engine, "begin", self._begin)
        # Not "commit" or "rollback": those are sent before the deed, and the turn must outlast it.
        event.listen(engine, "checkin", self._give_back)

    def _prepare(self, connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (
            "journal_mode = WAL",
            # NORMAL is about twice as fast where eight save at once, and loses saves that were acknowledged
            # at a power cut.
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -4000",  # KiB for each connection; the system keeps the file in memory too
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT 1 FROM sqlite_master")  # from here on there is a log too
        self.watch.opened()

    def _begin(self, connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if _reading.get():
            driver.execute("BEGIN")
            return
        info = connection.connection.info
        if not info.get("turn"):
            try:
                self._turns.take(_job.get())
            except TimeoutError as late:
                raise OperationalError(WRITE, None, busy("others are writing")) from late
            info["turn"] = True
        try:
            self.watch.look_at_log(driver)
            driver.execute(WRITE)
            self.watch.look()
        except sqlite3.OperationalError as problem:
            raise OperationalError(WRITE, None, problem) from problem

    def _give_back(self, connection: Any, record: Any) -> None:
        if record.info.pop("turn", False):
            self.watch.saved()
            self._turns.give_back()
