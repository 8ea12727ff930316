"""Bringing a database up to date, and refusing one that is not ours."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlalchemy.engine import make_url

from pets.db import connection_settings, db, listen
from pets.fields.catalogue import use
from pets.sqlite import file as sqlite_file
from pets.sqlite.network import network_kind

FOLDER = Path(__file__).parent

log = logging.getLogger("pets")


class NotOurs(Exception):
    """The database at the address in the settings is not a register of Pets; the message says what to do."""


class Unreadable(NotOurs):
    """The register is damaged or gone: a backup has to be restored."""


def bring_up_to_date(first: Callable[[], str] | None = None) -> None:
    """Create or upgrade the database of the current app, all in one transaction.

    `first` is called before a register is upgraded: it makes a backup, and says where that is.
    Raises NotOurs, leaving the database byte for byte as it was, for one with a `pet` table that these
    migrations did not make, that a newer version of Pets has upgraded, or that cannot be upgraded.
    """
    url = make_url(db.engine.url)
    if url.get_backend_name() == "sqlite" and url.database:
        _look_before_opening(Path(url.database))
    with db.engine.connect() as connection:
        revision = _revision(connection)
    if revision == max(steps()):
        return
    if revision is not None and revision not in steps():
        raise NotOurs(
            f"This register was last used by a newer version of Pets (its database is at step {revision}). "
            "Start that version, or set PETS_DATABASE_URI to another database."
        )
    if revision is None:
        _upgrade()
    else:
        _upgrade_from(revision, first() if first else "")


def _upgrade_from(revision: str, backup: str) -> None:
    try:
        _upgrade()
    except Exception as problem:
        log.exception("the upgrade from step %s", revision)
        cause = str(getattr(problem, "orig", problem)).strip()
        raise NotOurs(
            f"The upgrade of the register did not succeed ({cause}). The register is as it was before. "
            f"{backup} Start the version of Pets that was used last, and report this."
        ) from problem


def is_up_to_date() -> bool:
    """Whether the database of the current app answers, and is at the newest step."""
    step = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return step == max(steps())


def steps() -> set[str]:
    """The steps that this version knows a register to be at; their files are named by them, in order."""
    return {file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py")}


@contextmanager
def opened(address: str | URL) -> Iterator[Engine]:
    """Another database as that of the current app, up to date.

    Raises NotOurs, as `bring_up_to_date` does, and ValueError for an address where no register can be.
    """
    app = Flask(__name__)
    app.config.update(PETS_THREADS=1, PETS_TIMEZONE=current_app.config["PETS_TIMEZONE"])
    app.config.update(connection_settings(address, 1))
    db.init_app(app)
    listen(app)
    with app.app_context():
        use(None)  # it has own fields of its own
        try:
            bring_up_to_date()
            yield db.engine
        finally:
            use(None)
            db.session.remove()
            db.engine.dispose()


def _upgrade(step: str = "head") -> None:
    # Loaded where there is something to do: Alembic takes a sixth of the start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, step)


def _look_before_opening(file: Path) -> None:
    """Look at a SQLite file without touching it: opening it for work would turn it to WAL."""
    if kind := network_kind(file):
        raise NotOurs(
            f"{file} is on a network disk ({kind}), where SQLite would damage it. Set PETS_INSTANCE to a "
            "folder on a disk of this machine, or keep the register in PostgreSQL (PETS_DATABASE_URI)."
        )
    if not file.exists() or not file.stat().st_size:
        log = sqlite_file.beside(file.resolve(), "-wal")
        if log.exists() and log.stat().st_size:  # SQLite would throw it away
            raise Unreadable(
                f"{file} is missing or empty, but its log {log.name} is there. Put the file back, or restore "
                "a backup. To begin with an empty register, move the log away."
            )
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute(
                "SELECT lower(name) FROM sqlite_master WHERE type IN ('table', 'view')"
            )
            names = {name for (name,) in found}
    except sqlite3.OperationalError as problem:
        raise NotOurs(
            f"{file} cannot be opened ({problem}). It was left as it is. Look whether its disk is full or "
            "broken, and let Pets read and write the file and its folder."
        ) from problem
    except sqlite3.DatabaseError as problem:
        raise Unreadable(
            f"{file} is not a SQLite database, or a damaged one. It was left as it is. Restore a backup, or "
            "set PETS_DATABASE_URI to another database."
        ) from problem
    _refuse_others(str(file), names)


def _refuse_others(place: str, names: set[str]) -> None:
    """Refuse a database with these tables and views unless it is ours, or nobody's."""
    if "changeset" in names and "alembic_version" in names:
        return
    if "pet" in names:
        raise NotOurs(_words(place, "has a table of pets that this program did not make"))
    if "alembic_version" in names:
        raise NotOurs(_words(place, "belongs to another program"))


def _revision(connection: Connection) -> str | None:
    looking = inspect(connection)
    names = {name.lower() for name in (*looking.get_table_names(), *looking.get_view_names())}
    _refuse_others(db.engine.url.render_as_string(hide_password=True), names)
    if "alembic_version" not in names:
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _words(place: str, what: str) -> str:
    return (
        f"{place} {what}. It was left as it is. To take its pets over, start Pets with another database "
        "(PETS_DATABASE_URI, or another PETS_INSTANCE) and import it there."
    )
