"""Backups of a SQLite register: whole copies made while people work, listed, and put back."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path

from flask import current_app
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from pets import clock
from pets.db import db
from pets.migrations import opened, steps
from pets.sqlite import file as sqlite_file

NAME = re.compile(r"pets-[0-9]{8}-[0-9]{6}\.sqlite")


IN_USE = "The register is in use. Stop the server, then put the backup back."


class NoBackup(Exception):
    """A backup cannot be made or put back; the message says why and what to do."""


def folder() -> Path:
    """Where backups are kept: beside the register."""
    return Path(current_app.instance_path) / "backups"


def possible() -> bool:
    """Whether the register is one that we copy: a SQLite file."""
    return make_url(db.engine.url).get_backend_name() == "sqlite"


def all_backups() -> list[Path]:
    """The backups there are, newest first."""
    found = folder().iterdir() if folder().is_dir() else ()
    return sorted((file for file in found if NAME.fullmatch(file.name)), reverse=True)


def newest_good() -> Path | None:
    """The newest backup that is whole."""
    stamped = ((file, file.stat()) for file in all_backups())
    return next((file for file, now in stamped if _is_good(file, now.st_size, now.st_mtime_ns)), None)


@lru_cache(maxsize=100)  # a large one takes seconds, and a damaged register asks at every page
def _is_good(file: Path, size: int, changed: int) -> bool:
    try:
        sqlite_file.check(file)
    except sqlite3.Error:
        return False
    return True


def make_backup(target: Path | None = None) -> Path:
    """Copy the register, whole and as of one moment, to `target` or into the folder of backups.

    Raises NoBackup for a register on PostgreSQL or one that is damaged, and for a target that exists.
    """
    register = _register()
    if not register.exists():
        raise NoBackup(f"There is no register at {register}.")
    try:
        if target is None:
            folder().mkdir(mode=0o700, exist_ok=True)  # its owner's only
            target = folder() / f"pets-{_stamp()}.sqlite"
        with sqlite_file.alone(register.parent):
            _sweep(register)
            with sqlite_file.becoming(_free(target)) as part:
                sqlite_file.copy(register, part)
                if not _step(part):
                    raise NoBackup(f"{register} is not a register of Pets, so no backup was made.")
    except (sqlite3.OperationalError, OSError) as problem:
        raise NoBackup(f"The backup could not be written to {target or folder()}: {problem}.") from problem
    except sqlite3.DatabaseError as problem:
        raise NoBackup(
            f"No backup was made: the register is damaged ({problem}). Restore an older one."
        ) from problem
    return target


def put_back(backup: Path, finish: Callable[[], None]) -> list[Path]:
    """Put a backup in the place of the register, of which a copy is kept. Returns the files that it is in.

    `finish` is called while the current app's database is the new register, up to date, but not yet in its
    place: it ends the sessions and commits. The server has to be stopped, and this process must have no
    connection open but in the pool. Whatever goes wrong, a register is there: the old one, or the new one.
    Raises NoBackup for a file that is no whole register, or one of a newer version.
    """
    register = _register()
    if not backup.is_file():
        raise NoBackup(f"There is no file {backup}.")
    db.engine.dispose()
    try:
        with sqlite_file.alone(register.parent):
            _sweep(register)
            if sqlite_file.in_use(register):
                raise NoBackup(IN_USE)
            with sqlite_file.becoming(register) as part:
                _prepare(backup, part, finish)
                aside = _set_aside(register)
    except (sqlite3.Error, OSError) as problem:
        raise NoBackup(f"The backup could not be put back: {problem}. Nothing was changed.") from problem
    try:
        sqlite_file.check(register)
    except sqlite3.Error as problem:
        kept = f" What was there before is kept as {aside[0]}." if aside else ""
        raise NoBackup(f"{register} was put back, but is damaged: {problem}.{kept}") from problem
    return aside


def _prepare(backup: Path, part: Path, finish: Callable[[], None]) -> None:
    """Make the new register of a backup, in a file of its own."""
    try:
        sqlite_file.copy(backup, part)
        step = _step(part)
        if not step:
            raise sqlite3.DatabaseError("it has no register in it")
        if step not in steps():
            raise NoBackup(f"{backup} was made by a newer version of Pets. The register was left as it is.")
        with opened(f"sqlite:///{part}"):
            finish()
        sqlite_file.fold_in(part)
        sqlite_file.check(part)
    except (sqlite3.DatabaseError, DBAPIError) as problem:
        cause = getattr(problem, "orig", problem)
        if isinstance(cause, sqlite3.OperationalError):  # such as a full disk: it says nothing about the file
            raise cause from None
        raise NoBackup(
            f"{backup} is not a whole backup of a register ({cause}). The register was left as it is."
        ) from problem


def _step(file: Path) -> str | None:
    """The step of the migrations that a register is at; None for another program's database."""
    with closing(sqlite3.connect(file)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        ours = {"pet", "changeset", "alembic_version"} <= tables
        step = connection.execute("SELECT version_num FROM alembic_version").fetchone() if ours else None
    return step[0] if step else None


def _set_aside(register: Path) -> list[Path]:
    """Keep what stands in the place of the register. Nothing is left there that could touch a new one."""
    aside = _free(register.with_name(f"{register.stem}-before-{_stamp()}.sqlite"))
    try:
        with sqlite_file.becoming(aside) as part:
            sqlite_file.copy(register, part)
        sqlite_file.fold_in(register)
    except (sqlite3.Error, FileNotFoundError) as problem:
        aside.unlink(missing_ok=True)
        if sqlite_file.is_passing(problem):
            raise
        _keep_as_it_is(register, aside)
    for log in sqlite_file.logs(register):
        log.rename(sqlite_file.beside(aside, log.name.removeprefix(register.name)))
    return [file for file in (aside, *sqlite_file.logs(aside)) if file.exists()]


def _keep_as_it_is(register: Path, aside: Path) -> None:
    """Give a file that SQLite cannot copy another name. If it is there, it stays until the new one comes."""
    with suppress(FileNotFoundError):
        try:
            os.link(register, aside)
        except OSError:  # not every file system knows a file by two names
            register.rename(aside)


def _free(target: Path) -> Path:
    if os.path.lexists(target):
        raise NoBackup(f"{target} is there already. Wait a second, or choose another name.")
    return target


def _sweep(register: Path) -> None:
    """Remove what a backup or a restore left that was killed; whoever does this is alone."""
    sqlite_file.sweep(register.parent, register.stem)
    sqlite_file.sweep(folder(), "pets-")


def _stamp() -> str:
    return f"{clock.local(clock.now()):%Y%m%d-%H%M%S}"


def _register() -> Path:
    url = make_url(db.engine.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NoBackup(
            "This register is kept in PostgreSQL. Back it up with pg_dump, put it back with pg_restore."
        )
    return Path(url.database).resolve()  # SQLite's logs are beside that
