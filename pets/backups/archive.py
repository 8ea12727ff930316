"""What a backup is, whatever the database: how it is written, looked into, tried and put back."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pets import clock
from pets.language import lazy_gettext
from pets.migrations import steps
from pets.sqlite.lock import alone


class Told(Exception):
    """What goes wrong with backups; the message may be a lazy text."""

    @property
    def text(self) -> str:
        """The message, to be noted for those who speak another language."""
        text: str = self.args[0]
        return text


class NoBackup(Told):
    """A backup cannot be made or put back; the message says why and what to do."""


class CannotTry(NoBackup):
    """There is no place where a backup could be restored to try it; that says nothing about the backup."""


class Damaged(Told):
    """A file is no whole backup of a register; the message says what is wrong with it."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds, as found by reading all of it."""

    pets: int
    accounts: int
    saved_at: str  # when somebody last saved, in UTC as ISO 8601; "" for never
    step: str  # of the migrations

    def refuse_newer(self, name: str) -> None:
        """Raise NoBackup where a newer version of Pets made it."""
        if self.step not in steps():
            raise NoBackup(
                lazy_gettext("%(file)s was made by a newer version of Pets. Nothing was changed.", file=name)
            )


class Archive(ABC):
    """How one kind of database is backed up; an app context tells which register."""

    ending: str  # of the files' names

    def why_not(self) -> str:
        """Why no backups can be made here, and what to do instead; "" where they can."""
        return ""

    @abstractmethod
    def place(self) -> Path:
        """The folder where a restore keeps what was there before."""

    def stem(self) -> str:
        """How the names of all files begin that a backup or a restore makes there."""
        return "pets"

    def aside(self) -> Path:
        """Where a restore that is made now keeps what was there before."""
        stamp = f"{clock.local(clock.now()):%Y%m%d-%H%M%S}"
        return self.place() / f"{self.stem()}-before-{stamp}.{self.ending}"

    @abstractmethod
    def now(self) -> Contents:
        """What the register holds now."""

    @abstractmethod
    def write(self, part: Path) -> Contents:
        """Copy the register, whole and as of one moment, to a file, and check that. Raises NoBackup."""

    @abstractmethod
    def look(self, file: Path) -> Contents:
        """Read all of a backup. Raises Damaged; NoBackup or OSError where that cannot be found out.

        Whoever calls this is `alone`.
        """

    def alone(self) -> AbstractContextManager[None]:
        """Wait until nobody else is at work on files of backups; such are swept away by whoever is next."""
        return alone(self.place())

    @abstractmethod
    def tried(self, file: Path) -> AbstractContextManager[None]:
        """A backup, restored to another place and up to date, as the current app's database; then gone."""

    @abstractmethod
    def put_back(self, file: Path, finish: Callable[[], None]) -> list[Path]:
        """Put a backup in the place of the register. Returns the files that the one before is kept in.

        `finish` is called while the current app's database is the new register, up to date: it ends the
        sessions and commits. Others in this process wait. Whatever goes wrong, a register is there:
        the old one or the new one. Raises Damaged for a file that is no whole register, TimeoutError where
        somebody keeps the register for too long, sqlite3.Error or OSError where a file cannot be read or
        written; else NoBackup.
        """
