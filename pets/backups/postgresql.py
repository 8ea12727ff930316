"""Backups of a register in PostgreSQL: by its own pg_dump, pg_restore and psql, where they are installed."""

import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import current_app
from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import DBAPIError

from pets.backups.archive import Archive, CannotTry, Contents, Damaged, NoBackup
from pets.backups.in_use import by_nobody
from pets.db import db, snapshot
from pets.language import lazy_gettext
from pets.migrations import NotOurs, opened
from pets.sqlite import file as sqlite_file
from pets.sqlite.gate import replacing

TOOLS = ("pg_dump", "pg_restore", "psql")
MISSING = lazy_gettext(
    "This register is kept in PostgreSQL, whose tools are not installed here. Install them (Debian: apt-get "
    "install postgresql-client), or back it up with pg_dump and put it back with pg_restore elsewhere."
)
NOW = """SELECT (SELECT count(*) FROM pet), (SELECT count(*) FROM account WHERE ended_at IS NULL),
    (SELECT max(saved_at) FROM changeset), (SELECT version_num FROM alembic_version)"""
# What stands before and after a backup where it is put in the place of a register, in one transaction.
EMPTY = """SET LOCAL lock_timeout = '10s';
DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
"""
END_SESSIONS = """DO $$ BEGIN
    IF to_regclass('public.sign_in') IS NOT NULL THEN
        UPDATE public.sign_in SET ended_at = now() WHERE ended_at IS NULL;
    END IF;
END $$;
"""


class PostgresqlArchive(Archive):
    """Backups are archives of pg_dump in its own format, without owners and rights."""

    ending = "dump"

    def why_not(self) -> str:
        return "" if all(map(shutil.which, TOOLS)) else MISSING

    def place(self) -> Path:
        return Path(current_app.instance_path).resolve()

    def now(self) -> Contents:
        with snapshot(db.engine) as connection:
            pets, accounts, saved_at, step = connection.execute(text(NOW)).one()
        return Contents(pets, accounts, saved_at.astimezone(UTC).isoformat() if saved_at else "", step)

    def write(self, part: Path) -> Contents:
        self._dump(part)
        try:
            return self.look(part)
        except Damaged as wrong:
            raise NoBackup(
                lazy_gettext("No backup was made: the register cannot be read (%(why)s).", why=wrong.text)
            ) from wrong

    def _dump(self, part: Path) -> None:
        options = ("--format=custom", "--schema=public", "--no-owner", "--no-privileges")
        with self._reached(db.engine.url) as address:
            problem = _run("pg_dump", *options, f"--file={part}", f"--dbname={address}")
        if problem:
            raise NoBackup(lazy_gettext("No backup was made: %(why)s", why=problem))

    def look(self, file: Path) -> Contents:
        with subprocess.Popen(  # noqa: S603
            [_path("pg_restore"), "--no-owner", "--file=-", file],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as restoring:
            found = _counted(restoring.stdout or ())
            problem = _last_line(restoring.stderr.read() if restoring.stderr else "")
        if restoring.returncode:
            raise Damaged(problem)
        if found is None:
            raise Damaged(lazy_gettext("it has no register in it"))
        return found

    @contextmanager
    def tried(self, file: Path) -> Iterator[None]:
        name = f"pets_rehearsal_{secrets.token_hex(4)}"
        with self._reached(db.engine.url) as address:
            order = ("psql", "--no-psqlrc", f"--dbname={address}", "-c")
            if problem := _run(*order, f"CREATE DATABASE {name} TEMPLATE template0"):
                raise CannotTry(lazy_gettext("No database could be made to try it in: %(why)s", why=problem))
            there = db.engine.url.set(database=name)
            try:
                self._load(file, there)
                with opened(there):
                    yield
            finally:
                _run(*order, f"DROP DATABASE {name} WITH (FORCE)")

    def put_back(self, file: Path, finish: Callable[[], None]) -> list[Path]:
        self.look(file).refuse_newer(str(file))
        # A new database, since the old one is gone, holds nothing to be kept.
        empty, aside = not inspect(db.engine).get_table_names("public"), self.aside()
        with self.alone(), replacing(db.engine), by_nobody(db.engine.url):
            with sqlite_file.becoming(aside) as part:
                (self._dump if empty else self.write)(part)
            self._load(file, db.engine.url)
            self._finish(aside, finish)
        if empty:
            aside.unlink()
        return [] if empty else [aside]

    def _finish(self, aside: Path, finish: Callable[[], None]) -> None:
        """Bring what was put back up to date; where it cannot be, the register comes back that was there."""
        try:
            with opened(db.engine.url):
                finish()
        except (NotOurs, DBAPIError) as problem:
            self._load(aside, db.engine.url)
            raise NoBackup(
                lazy_gettext("The backup could not be brought up to date: %(why)s", why=problem)
            ) from problem

    def _load(self, file: Path, url: URL) -> None:
        """Put a backup in the place of what a database holds, and end its sessions, in one transaction."""
        with (
            TemporaryDirectory(dir=self.place(), prefix="pets-", suffix=sqlite_file.PART) as folder,
            self._reached(url) as address,
        ):
            before, backup, after = (Path(folder) / f"{name}.sql" for name in ("before", "backup", "after"))
            before.write_text(EMPTY, "utf-8")
            after.write_text(END_SESSIONS, "utf-8")
            script = ("--no-owner", "--no-privileges", "--schema=public")
            problem = _run("pg_restore", *script, f"--file={backup}", str(file))
            files = [f"--file={part}" for part in (before, backup, after)]
            how = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
            problem = problem or _run("psql", *how, f"--dbname={address}", *files)
        if problem:
            why = problem.rstrip(".")
            raise NoBackup(
                lazy_gettext("The backup could not be put back: %(why)s. Nothing was changed.", why=why)
            )

    @contextmanager
    def _reached(self, url: URL) -> Iterator[str]:
        """The address of a database as its tools take it; no list of processes shows a password."""
        plain = url.set(drivername="postgresql", password=None)
        with TemporaryDirectory(dir=self.place(), prefix="pets-", suffix=sqlite_file.PART) as folder:
            if url.password:
                file = Path(folder) / "password"
                file.touch(mode=0o600)
                secret = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
                file.write_text(f"*:*:*:*:{secret}\n", "utf-8")
                plain = plain.update_query_dict({"passfile": str(file)})
            yield plain.render_as_string(hide_password=False)


def _run(tool: str, *options: str) -> str:
    """Run one of PostgreSQL's tools. Returns what went wrong, or ""."""
    done = subprocess.run(  # noqa: S603
        [_path(tool), *options], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    return f"{_last_line(done.stderr) or tool + ' failed'}." if done.returncode else ""


def _path(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise NoBackup(MISSING)
    return found


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if "error" in line.lower() or "fatal" in line.lower()]
    return (lines or said.splitlines() or [""])[0].strip().rstrip(".")


def _counted(script: Iterable[str]) -> Contents | None:
    """What a backup holds, read from the statements that it consists of."""
    pets, accounts, saved_at, step = 0, 0, None, ""
    for table, row in _rows(iter(script)):
        if table == "pet":
            pets += 1
        elif table == "account":
            accounts += row["ended_at"] == "\\N"
        elif table == "alembic_version":
            step = row["version_num"]
        elif row["saved_at"] != "\\N":
            moment = datetime.fromisoformat(row["saved_at"]).astimezone(UTC)
            saved_at = max(saved_at or moment, moment)
    return Contents(pets, accounts, saved_at.isoformat() if saved_at else "", step) if step else None


def _rows(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of the tables that are counted; all lines are read."""
    for line in lines:
        if line.startswith("COPY public."):
            table, _, rest = line.removeprefix("COPY public.").partition(" ")
            columns = rest[1 : rest.index(")")].split(", ")
            for row in lines:
                if row == "\\.\n":
                    break
                if table in ("pet", "account", "alembic_version", "changeset"):
                    yield table, dict(zip(columns, row.rstrip("\n").split("\t"), strict=True))
