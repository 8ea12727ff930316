"""A glance at the database: one row that every request asks for, and the state that all of it is in."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Select, Text, literal_column
from sqlalchemy.exc import DBAPIError

from pets.db import db


class Glance:
    """A question for one row, put by the driver itself, beside the session.

    What SQLAlchemy does for a statement, its transaction and a session takes six times as long as the answer.
    The columns come as the driver has them: a moment on SQLite is text, for `db.read_utc`.
    """

    def __init__(self, question: Callable[[str], Select[Any]]) -> None:
        """`question`: makes the statement for a dialect, "sqlite" or "postgresql"."""
        self._question = question
        self._statements: dict[str, tuple[str, dict[str, Any]]] = {}

    def ask(self, **values: Any) -> tuple[Any, ...] | None:
        """The row for these values of what the statement binds, or None; the connection's number ends it.

        Raises what a statement of the session raises where the database does not answer.
        """
        engine = db.engine
        driver = engine.dialect.loaded_dbapi
        text, bound = self.statement(engine.dialect)
        connection = None
        try:
            connection = engine.raw_connection()
            cursor = connection.cursor()
            cursor.execute(text, {**bound, **values})
            row = cursor.fetchone()
            connection.rollback()  # here, where it may fail: PostgreSQL's driver has begun a transaction
            return (*row, connection.info.get("number")) if row else None
        except driver.Error as problem:
            if connection is not None:
                connection.invalidate(problem)
            raise DBAPIError.instance(text, None, problem, driver.Error) from problem
        finally:
            if connection is not None:
                connection.close()

    def statement(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """What is sent to a database of this dialect, and the values that are always the same."""
        if dialect.name not in self._statements:
            kind: Any = type(dialect)
            by_name = kind(paramstyle="named" if dialect.name == "sqlite" else None)
            compiled = self._question(dialect.name).compile(dialect=by_name)
            self._statements[dialect.name] = str(compiled), dict(compiled.params)
        return self._statements[dialect.name]


def state_of(dialect: str) -> ColumnElement[str]:
    """What to select for a text that is another one as soon as anything more is committed.

    On SQLite each connection has its own (tell them apart by the "number" in their `info`): it speaks of what
    others have committed, and of what that connection has written itself.
    """
    if dialect == "sqlite":
        return literal_column(
            "(SELECT data_version FROM pragma_data_version) || '-' || total_changes()", Text
        )
    # A replica's snapshot does not tell which transactions are still open; how far it has come does.
    return literal_column(
        "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text"
        " ELSE pg_current_snapshot()::text END",
        Text,
    )
