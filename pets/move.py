"""Moving house: a whole register carried to another database, read back there, and compared."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from pets.changes.merge import Counted
from pets.db import Base, connection_settings, db, snapshot
from pets.migrations import NotOurs, opened
from pets.models.type import PetType

BATCH = 2000  # rows held in memory
# The counters are kept by triggers on both sides, and compared like all else.
COUNTERS = {PetType.__table__}


class CannotMove(Exception):
    """The register was not moved; the message says why and what to do. Where it is, it is unharmed."""


def rows_to_move() -> int:
    """How many rows will be carried over."""
    with snapshot(db.engine) as source:
        return sum(_count(source, table) for table in _tables() if table not in COUNTERS)


def move(uri: str, counted: Counted) -> dict[str, int]:
    """Carry the current app's register to the empty database at `uri`, in one transaction, and check it.

    `counted` is told how many rows are done. Returns how many rows each table has. Raises CannotMove; then
    the other database holds the empty tables at most.
    """
    engine, tables = db.engine, _tables()
    with _house(uri) as target, snapshot(engine) as source, target.begin() as there:
        full = [table.name for table in tables if _count(there, table)]
        if full:
            raise CannotMove(f"The other database is not empty (there are rows in {', '.join(full)}).")
        digests, done = {}, 0
        for table in tables:
            digests[table], done = _carry(table, source, there, done, counted)
            _point_within(table, source, there)
            _go_on_counting(table, source, there)
        if there.dialect.name == "postgresql":
            there.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # the counters, which wait for the end
        return {table.name: _check(table, there, *digests[table]) for table in tables}


def _tables() -> list[Table]:
    """All tables, each after those that its foreign keys point at; asked once every model is there."""
    return Base.metadata.sorted_tables


@contextmanager
def _house(uri: str) -> Iterator[Engine]:
    """The other database, with tables and nothing in them."""
    try:
        if connection_settings(uri, 1)["SQLALCHEMY_DATABASE_URI"] == db.engine.url:
            raise CannotMove("That is where the register is already.")
        with opened(uri) as engine:
            yield engine
    except ValueError as problem:
        raise CannotMove(str(problem)) from problem
    except (DBAPIError, NotOurs) as problem:
        raise CannotMove(str(getattr(problem, "orig", problem))) from problem


def _carry(
    table: Table, source: Connection, there: Connection, done: int, counted: Counted
) -> tuple[tuple[int, str], int]:
    """Copy a table. Returns how many rows it has and their digest, and how many rows are done by now."""
    digest, count = hashlib.sha256(), 0
    unset = dict.fromkeys(_pointing_within(table))
    for batch in _read(table, source):
        if table not in COUNTERS:
            there.execute(insert(table), [{**row._mapping, **unset} for row in batch])
            counted(done + count + len(batch))
        count += len(batch)
        _digest(digest, batch)
    return (count, digest.hexdigest()), done + (0 if table in COUNTERS else count)


def _pointing_within(table: Table) -> list[str]:
    """The columns that point at rows of the same table, perhaps at some that come later."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _point_within(table: Table, source: Connection, there: Connection) -> None:
    """Let the rows of a table point at each other, once all of them are there."""
    for name in _pointing_within(table):
        [key] = table.primary_key.columns
        pointing = select(key.label("row"), table.c[name].label("to")).where(table.c[name].is_not(None))
        point = update(table).where(key == bindparam("row")).values({name: bindparam("to")})
        for batch in source.execute(pointing.execution_options(yield_per=BATCH)).partitions():
            there.execute(point, [dict(row._mapping) for row in batch])


def _check(table: Table, there: Connection, count: int, expected: str) -> int:
    """Read a table back. Raises CannotMove where it is not what was carried."""
    digest, found = hashlib.sha256(), 0
    for batch in _read(table, there):
        found += len(batch)
        _digest(digest, batch)
    if (found, digest.hexdigest()) != (count, expected):
        raise CannotMove(
            f"The table {table.name} did not arrive as it was ({found:,} rows of {count:,}, or others). "
            "Everything was taken back; if it happens again, report it."
        )
    return found


def _read(table: Table, connection: Connection) -> Iterator[Any]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH)
    yield from connection.execute(query).partitions()


def _digest(digest: Any, batch: Any) -> None:
    for row in batch:
        values = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in row]
        digest.update(repr(values).encode("utf-8", "backslashreplace"))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _go_on_counting(table: Table, source: Connection, there: Connection) -> None:
    """Numbers once given are never given again, not even those of rows that are gone."""
    column = table.autoincrement_column
    if column is None:
        return
    last = _last_number(table.name, column.name, source)
    if not last:
        return
    if there.dialect.name == "sqlite":
        there.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        there.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"),
            {"name": table.name, "last": last},
        )
    else:
        there.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, :column), :last)"),
            {"name": f'"{table.name}"', "column": column.name, "last": last},
        )


def _last_number(name: str, column: str, source: Connection) -> int:
    if source.dialect.name == "sqlite":
        query, values = "SELECT seq FROM sqlite_sequence WHERE name = :name", {"name": name}
    else:
        query = (
            "SELECT last_value FROM pg_sequences WHERE format('%I.%I', schemaname, sequencename) "
            "= pg_get_serial_sequence(:name, :column)"
        )
        values = {"name": f'"{name}"', "column": column}
    return int(source.execute(text(query), values).scalar() or 0)
