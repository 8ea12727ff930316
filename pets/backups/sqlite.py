"""Backups of a register that is a SQLite file: copied while people work, and put back under them."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from pets.backups.archive import Archive, Contents, Damaged, NoBackup
from pets.backups.in_use import IN_USE
from pets.db import db
from pets.language import lazy_gettext
from pets.migrations import NotOurs, opened
from pets.sqlite import file as sqlite_file
from pets.sqlite.gate import replacing

CONTENTS = """SELECT (SELECT count(*) FROM pet), (SELECT max(saved_at) FROM changeset),
    (SELECT version_num FROM alembic_version)"""


class SqliteArchive(Archive):
    """Backups are SQLite files of their own, without a log."""

    ending = "sqlite"

    def place(self) -> Path:
        return _register().parent

    def stem(self) -> str:
        return _register().stem

    def now(self) -> Contents:
        return _contents(_register(), "mode=ro")

    def write(self, part: Path) -> Contents:
        register = _register()
        if not register.exists():
            raise NoBackup(lazy_gettext("There is no register at %(file)s.", file=register))
        try:
            sqlite_file.copy(register, part)
            return _contents(part)
        except Damaged as problem:
            raise NoBackup(
                lazy_gettext(
                    "%(file)s is not a register of Pets, so no backup was made (%(why)s).",
                    file=register,
                    why=problem.text,
                )
            ) from problem
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as problem:
            raise NoBackup(
                lazy_gettext(
                    "No backup was made: the register is damaged (%(why)s). Restore an older one.",
                    why=problem,
                )
            ) from problem

    def look(self, file: Path) -> Contents:
        """Read all of a file, with what stands in its log."""
        try:
            with TemporaryDirectory(dir=file.parent, prefix=file.name, suffix=sqlite_file.PART) as folder:
                copy = Path(folder) / file.name
                copy.touch(mode=0o600)
                sqlite_file.copy(file, copy)
                return _contents(copy)
        except sqlite3.DatabaseError as problem:
            if sqlite_file.is_passing(problem):
                raise NoBackup(
                    lazy_gettext("%(file)s could not be read: %(why)s.", file=file.name, why=problem)
                ) from problem
            raise Damaged(str(problem)) from problem

    @contextmanager
    def tried(self, file: Path) -> Iterator[None]:
        with TemporaryDirectory(dir=self.place(), prefix=file.name, suffix=sqlite_file.PART) as folder:
            copy = Path(folder) / "pets.sqlite"
            copy.touch(mode=0o600)
            sqlite_file.copy(file, copy)
            with opened(URL.create("sqlite", database=str(copy))):
                yield

    def put_back(self, file: Path, finish: Callable[[], None]) -> list[Path]:
        register = _register()
        with self.alone(), sqlite_file.making(register) as part:
            _prepare(file, part, finish)
            with replacing(db.engine):
                if sqlite_file.in_use(register):
                    raise NoBackup(IN_USE)
                kept = _set_aside(register, self.aside())
                sqlite_file.put_in_place(part, register)
        try:
            sqlite_file.check(register)
        except sqlite3.Error as problem:
            told = lazy_gettext("%(file)s was put back, but is damaged: %(why)s.", file=register, why=problem)
            if kept:
                told = lazy_gettext(
                    "%(told)s What was there before is kept as %(file)s.", told=told, file=kept[0]
                )
            raise NoBackup(told) from problem
        return kept


def _prepare(backup: Path, part: Path, finish: Callable[[], None]) -> None:
    """Make the new register of a backup, in a file of its own, while people go on working."""
    try:
        sqlite_file.copy(backup, part)
        _contents(part).refuse_newer(str(backup))
        with opened(URL.create("sqlite", database=str(part))):
            finish()
        sqlite_file.fold_in(part)
        sqlite_file.check(part)
    except (sqlite3.DatabaseError, DBAPIError, NotOurs) as problem:
        cause = getattr(problem, "orig", problem)
        if isinstance(cause, sqlite3.OperationalError):  # such as a full disk: it says nothing about the file
            raise cause from None
        raise Damaged(str(cause)) from problem


def _contents(file: Path, how: str = "immutable=1") -> Contents:
    """What is in a register's file. Raises Damaged where it is another program's database.

    `immutable=1` is for one that nobody else has open: nothing is then left beside it.
    """
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in found}
        if not {"pet", "changeset", "alembic_version"} <= tables:
            raise Damaged(lazy_gettext("it has no register in it"))
        pets, saved_at, step = connection.execute(CONTENTS).fetchone()
        accounts = "SELECT count(*) FROM account WHERE ended_at IS NULL"
        many = connection.execute(accounts).fetchone()[0] if "account" in tables else 0
    if step is None:
        raise Damaged(lazy_gettext("nothing tells which version it is of"))
    return Contents(pets, many, f"{saved_at}+00:00" if saved_at else "", step)


def _set_aside(register: Path, aside: Path) -> list[Path]:
    """Keep what stands in the place of the register. Nothing is left there that could touch a new one."""
    if os.path.lexists(aside):
        raise NoBackup(lazy_gettext("%(file)s is there already. Wait a second, then try again.", file=aside))
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
            shutil.move(register, aside)


def _register() -> Path:
    return Path(make_url(db.engine.url).database or "").resolve()  # SQLite's logs are beside that
