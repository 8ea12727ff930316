"""Backups of a SQLite register: whole copies made while people work, listed, and put back."""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
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


def possible() -> bool:
    """Whether the register is one that we copy: a SQLite file."""
    return make_url(db.engine.url).get_backend_name() == "sqlite"


def all_backups() -> list[Path]:
    """The backups there are, newest first."""
    return sorted((file for file in folder().iterdir() if NAME.fullmatch(file.name)), reverse=True)


def make_backup(target: Path | None = None) -> Path:
    """Copy the register, whole and as of one moment, to `target` or into the folder of backups.

    Raises NoBackup for a register on PostgreSQL, and for a target that exists.
    """
    register = _register()
    target = target or folder() / f"pets-{_stamp()}.sqlite"
    if target.exists():
        raise NoBackup(f"{target} is there already. Wait a second, or choose another name.")
    connection = sqlite3.connect(f"{register.as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        with _to_be(target) as part:
            connection.execute("VACUUM INTO ?", (str(part),))
    except (sqlite3.Error, OSError) as problem:
        raise NoBackup(f"The backup could not be written to {target}: {problem}.") from problem
    finally:
        connection.close()
    return target


def put_back(backup: Path, steps: set[str]) -> Path | None:
    """Put a backup in the place of the register, of which a copy is kept. Returns that, if there was one.

    The server has to be stopped. Whatever goes wrong, a register is there: the old one, or the new one.
    Raises NoBackup for a file that is not a whole register at one of these steps of the migrations.
    """
    register = _register()
    _check(backup, steps)
    db.engine.dispose()
    aside = None
    try:
        if register.exists():
            _fold_in_log(register)
            aside = register.with_name(f"{register.stem}-before-{_stamp()}.sqlite")
            with _to_be(aside) as part:
                shutil.copyfile(register, part)
        with _to_be(register) as part:
            shutil.copyfile(backup, part)
    except OSError as problem:
        raise NoBackup(f"The backup could not be put back: {problem}. Nothing was changed.") from problem
    return aside


def _stamp() -> str:
    return f"{clock.local(clock.now()):%Y%m%d-%H%M%S}"


@contextmanager
def _to_be(target: Path) -> Iterator[Path]:
    """An empty file, its owner's only, that becomes the target once it is whole and on the disk."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _register() -> Path:
    url = make_url(db.engine.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NoBackup(
            "This register is kept in PostgreSQL. Back it up with pg_dump, put it back with pg_restore."
        )
    return Path(url.database).absolute()


def _check(backup: Path, steps: set[str]) -> None:
    if not backup.is_file():
        raise NoBackup(f"There is no file {backup}.")
    connection = sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        ours = {"pet", "changeset", "alembic_version"} <= tables
        sound = ours and connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        step = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0] if sound else ""
    except sqlite3.DatabaseError:
        sound, step = False, ""
    finally:
        connection.close()
    if not sound:
        raise NoBackup(f"{backup} is not a whole backup of a register. The register was left as it is.")
    if step not in steps:
        raise NoBackup(f"{backup} was made by a newer version of Pets. The register was left as it is.")


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
