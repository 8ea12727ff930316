"""How Alembic meets our database: one transaction for all steps, foreign keys looked at afterwards.

The usual env.py leaves foreign keys on, and then rebuilding a table in SQLite's batch mode can empty the
tables that point at it. Here they are off outside the transaction, and checked before it ends.
"""

from typing import Any

from alembic import context

from pets.db import Base, db


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    """The tables of the search index are made by triggers and SQL, and compared with nothing."""
    return not (kind == "table" and name is not None and name.startswith("pet_search"))


def _run() -> None:
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        if sqlite:
            driver.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
        try:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=True,
                transactional_ddl=True,
                compare_type=True,
                include_name=_ours,
            )
            with context.begin_transaction():
                if not sqlite:  # two servers may start at once, and both on an empty database
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('pets: upgrade'))")
                context.run_migrations()
                if sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise RuntimeError(f"The upgrade would leave rows that point nowhere: {broken[:5]}")
        finally:
            if sqlite:
                connection.rollback()
                driver.execute("PRAGMA foreign_keys = ON")


_run()
