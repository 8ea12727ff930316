"""Backups of a SQLite register: whole copies made while people work, listed, and put back."""

import re
import shutil
import sqlite3
from pathlib import Path

from flask import current_app
from sqlalchemy.engine import make_url

from pets import clock
from pets.db import db

NAME = re.compile(r"pets-[0-9]{8}-[0-9]{6}\.sqlite")


class NoBackup(Exception):
    """A backup cannot be made or put back; the message says why and what to do."""


def folder() -> Path:
    """Where backups are kept: beside the register, readable by its owner only."""
    place = Path(current_app.instance_path) / "backups"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def all_backups() -> list[Path]:
    """The backups there are, newest first."""
    return sorted((file for file in folder().iterdir() if NAME.fullmatch(file.name)), reverse=True)


def make_backup(target: Path | None = None) -> Path:
    """Copy the register, whole and as of one moment, to `target` or into the folder of backups.

    Raises NoBackup for a register on PostgreSQL, and for a target that exists.
    """
    register = _register()
    target = target or folder() / f"pets-{clock.local(clock.now()):%Y%m%d-%H%M%S}.sqlite"
    if target.exists():
        raise NoBackup(f"{target} is there already. Wait a second, or choose another name.")
    connection = sqlite3.connect(f"{register.as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as problem:
        target.unlink(missing_ok=True)
        raise NoBackup(f"The backup could not be written to {target}: {problem}.") from problem
    finally:
        connection.close()
    target.chmod(0o600)
    return target


def put_back(backup: Path) -> Path:
    """Put a backup in the place of the register, which is kept under another name. Returns that name.

    The server has to be stopped. Raises NoBackup for a file that is not a whole register of ours.
    """
    register = _register()
    _check(backup)
    aside = register.with_name(f"{register.stem}-before-{clock.local(clock.now()):%Y%m%d-%H%M%S}.sqlite")
    db.engine.dispose()
    if register.exists():
        _fold_in_log(register)
        register.rename(aside)
    shutil.copyfile(backup, register)
    register.chmod(0o600)
    return aside


def _register() -> Path:
    url = make_url(db.engine.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NoBackup(
            "This register is kept in PostgreSQL. Back it up with pg_dump, put it back with pg_restore."
        )
    return Path(url.database).absolute()


def _check(backup: Path) -> None:
    if not backup.is_file():
        raise NoBackup(f"There is no file {backup}.")
    connection = sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except sqlite3.DatabaseError:
        tables, sound = set(), False
    finally:
        connection.close()
    if not sound or not {"pet", "changeset", "alembic_version"} <= tables:
        raise NoBackup(f"{backup} is not a whole backup of a register. The register was left as it is.")


def _fold_in_log(register: Path) -> None:
    """Bring what is still in SQLite's write-ahead log into the file, which is about to be renamed."""
    connection = sqlite3.connect(register, timeout=1, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as problem:
        raise NoBackup("The register is in use. Stop the server, then put the backup back.") from problem
    finally:
        connection.close()
