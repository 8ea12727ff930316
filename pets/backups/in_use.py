"""Whether others have a register in PostgreSQL open: who does holds a lock, and a restore wants it alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import URL, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from pets.backups.archive import NoBackup
from pets.db import db
from pets.language import lazy_gettext

IN_USE = lazy_gettext(
    "Another program has the register open. Stop the server or command that is running, then try again."
)
LOCK = "hashtext('pets: in use')"
PATIENCE = 3  # seconds that connections have to end which are closed already


def tell_others(app: Flask) -> None:
    """Let every connection of an app tell that the register is in use, for as long as it is open.

    What a server knows, asks or has begun is about one register; it must not be saved into another.
    """
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            event.listen(db.engine, "connect", _tell)


def _tell(connection: Any, record: Any) -> None:
    try:
        connection.execute(f"SELECT pg_advisory_lock_shared({LOCK})")
        connection.commit()
    except BaseException:
        connection.close()
        raise


@contextmanager
def by_nobody(url: URL) -> Iterator[None]:
    """Keep everybody else out of a register. Raises NoBackup where somebody has it open.

    Of this process no connection may be open, but for those of `migrations.opened`.
    """
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{PATIENCE}s'"))
        try:
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
        except OperationalError as problem:
            if getattr(problem.orig, "sqlstate", None) != "55P03":
                raise
            raise NoBackup(IN_USE) from problem
        yield
