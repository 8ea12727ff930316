"""The files of a SQLite database under a server: missed when they are gone, replaced or cut short."""

import sqlite3
import threading
from pathlib import Path

from pets.language import lazy_gettext, lazy_ngettext
from pets.sqlite.file import beside


class Moved(sqlite3.OperationalError):
    """The file of open connections is gone, or another stands in its place; the message names it."""


class Watch:
    """The files behind the connections of a process: whether they still stand where they were opened."""

    def __init__(self, file: Path) -> None:
        self._length = 0  # bytes of the log when it was last written to
        self._files = [file, *(beside(file.resolve(), end) for end in ("-wal", "-shm"))]
        self._seen: list[tuple[int, int] | None] = []
        self._open, self._counting = 0, threading.Lock()

    def opened(self) -> None:
        """Note that there is one connection more, the first of which says what the files are."""
        with self._counting:
            self._open += 1
            self._seen = self._seen or self._look()

    def closed(self) -> None:
        """Note that there is one connection less. With the last of them SQLite removes its logs."""
        with self._counting:
            self._open = max(0, self._open - 1)
            self._seen = self._seen if self._open else []
            self._length = self._length if self._open else 0

    def look(self) -> None:
        """Raise Moved where a file is another one now: what is written goes where nobody will find it."""
        if self._seen and (now := self._look()) != self._seen:
            both = zip(self._files, self._seen, now, strict=True)
            gone = [file.name for file, was, is_now in both if was != is_now]
            told = lazy_ngettext(
                "The file %(names)s was removed or replaced while the server was running.",
                "The files %(names)s were removed or replaced while the server was running.",
                len(gone),
                names=", ".join(gone),
            )
            raise Moved(told)

    def saved(self) -> None:
        """Note how long the log is: it gets no shorter while it is open."""
        self._length = max(self._length, _length(self._files[1]))

    def look_at_log(self, connection: sqlite3.Connection) -> None:
        """Raise Moved where the log was cut short: what stood in it is gone, and what follows would be.

        Where all of it had been brought into the file, by a program that then emptied it, nothing is wrong.
        """
        if 0 <= _length(self._files[1]) < self._length:
            try:
                frames = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
            except sqlite3.OperationalError:
                frames = -1
            if frames:
                name = self._files[1].name
                raise Moved(
                    lazy_gettext("The file %(name)s was cut short while the server was running.", name=name)
                )
            self._length = 0

    def _look(self) -> list[tuple[int, int] | None]:
        return [_identity(file) for file in self._files]


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _length(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1  # it is gone, which is seen elsewhere
