"""Backups of a register in PostgreSQL: by its own pg_dump and pg_restore, where they are installed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

from pets.backups.archive import Archive, Contents, NoBackup

INSTEAD = "This register is kept in PostgreSQL. Back it up with pg_dump, put it back with pg_restore."


class PostgresqlArchive(Archive):
    """Backups are archives of pg_dump."""

    ending = "dump"

    def why_not(self) -> str:
        return INSTEAD

    def place(self) -> Path:
        return Path(current_app.instance_path)

    def now(self) -> Contents:
        raise NoBackup(INSTEAD)

    def write(self, part: Path) -> Contents:
        raise NoBackup(INSTEAD)

    def look(self, file: Path) -> Contents:
        raise NoBackup(INSTEAD)

    @contextmanager
    def tried(self, file: Path) -> Iterator[None]:
        yield

    def put_back(self, file: Path, finish: Callable[[], None]) -> list[Path]:
        raise NoBackup(INSTEAD)
