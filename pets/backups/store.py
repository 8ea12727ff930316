"""The backups that there are: where they lie, what their names say, and what was found in each."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app

from pets import clock
from pets.backups.archive import Archive, Contents, Damaged, NoBackup
from pets.backups.postgresql import PostgresqlArchive
from pets.backups.sqlite import SqliteArchive
from pets.db import db
from pets.language import gettext as _, lazy_gettext, shown, stored
from pets.migrations import steps
from pets.sqlite import file as sqlite_file
from pets.sqlite.lock import alone

# Why a backup was made, as its name says it and as a page does.
REASONS = {
    "": lazy_gettext("made by hand"),
    "nightly": lazy_gettext("made automatically"),
    "upgrade": lazy_gettext("before an upgrade"),
    "import": lazy_gettext("before a large save"),
    "uploaded": lazy_gettext("uploaded"),
    "before": lazy_gettext("replaced by a restore"),
}
MOMENT, ENDING = r"(?P<moment>[0-9]{8}-[0-9]{6})", r"\.(?:sqlite|dump)"
NAME = re.compile(rf"pets-{MOMENT}(?:-(?P<why>nightly|upgrade|import|uploaded))?{ENDING}")
SET_ASIDE = re.compile(rf".+-(?P<why>before)-{MOMENT}{ENDING}")
STAMP = "%Y%m%d-%H%M%S"
TOO_OLD = timedelta(days=3)  # for the newest good backup, after which admins are told


@dataclass(frozen=True)
class Backup:
    """One backup, and what was found when it was last read."""

    file: Path
    why: str  # see REASONS
    made_at: datetime
    size: int  # bytes
    contents: Contents | None = None
    checked_at: datetime | None = None
    problem: str = ""  # why it is no good

    @property
    def name(self) -> str:
        """Its file's name, by which an address calls it too."""
        return self.file.name

    @property
    def reason(self) -> str:
        """Why it was made, in words."""
        return str(REASONS[self.why])

    @property
    def is_good(self) -> bool:
        """Whether all of it was read, and a register found in it."""
        return self.checked_at is not None and not self.problem

    @property
    def why_not(self) -> str:
        """Why it cannot be restored on a page; "" where it can."""
        if self.contents is None or self.problem:
            why = self.problem or _("it was not read")
            return _("It is not a whole backup of a register: %(why)s. Choose another.", why=why)
        if self.contents.step not in steps():
            return _("A newer version of Pets made it. Install that version first.")
        if not self.contents.accounts:
            return _(
                "There are no accounts in it, so nobody could sign in. Use the command: pets restore FILE."
            )
        return ""

    @property
    def is_of_now(self) -> bool:
        """Whether it was made of the register as it was at that moment, and lies where backups do."""
        return self.why not in ("uploaded", "before")


def archive() -> Archive:
    """How the current app's register is backed up."""
    return SqliteArchive() if db.engine.dialect.name == "sqlite" else PostgresqlArchive()


def folder() -> Path:
    """Where backups are kept: in the data folder."""
    return Path(current_app.instance_path).resolve() / "backups"


def make_folder() -> Path:
    """The folder of backups, its owner's only, made where it is not there yet."""
    folder().mkdir(mode=0o700, exist_ok=True)
    sqlite_file.hand_over(folder())
    return folder()


def second_folder() -> Path | None:
    """Where they are kept once more, by PETS_BACKUPS."""
    name = current_app.config["PETS_BACKUPS"]
    return Path(name).absolute() if name else None


def named(why: str = "") -> str:
    """The name of a backup that is made now."""
    return f"pets-{clock.local(clock.now()):{STAMP}}{'-' + why if why else ''}.{archive().ending}"


def all_backups() -> list[Backup]:
    """The backups there are, and what restores replaced, newest first."""
    found = [*_within(folder(), NAME), *_within(archive().place(), SET_ASIDE)]
    return sorted(found, key=lambda one: (one.made_at, one.name), reverse=True)


def backups_in(place: Path) -> list[Backup]:
    """The backups in a folder of backups."""
    return list(_within(place, NAME))


def find(name: str) -> Backup | None:
    """A backup by its name."""
    return next((one for one in all_backups() if one.name == name), None)


def newest_good() -> Backup | None:
    """The newest backup that is whole; read now, where that has not been found out yet."""
    of_now = (one for one in all_backups() if one.is_of_now)
    return next((one for one in of_now if (one if one.checked_at else checked(one)).is_good), None)


def checked(backup: Backup) -> Backup:
    """A backup that is read now; what is found is noted."""
    try:
        with archive().alone():
            found: Contents | str = archive().look(backup.file)
    except Damaged as problem:
        found = problem.text
    except (NoBackup, OSError, sqlite3.Error) as problem:
        return _described(backup.file, backup.why, backup.made_at, {"problem": str(problem)})
    note_checked(backup.file, found)
    return find(backup.name) or backup


def note_checked(file: Path, found: Contents | str) -> None:
    """Note what was found in a file that was read whole: what it holds, or what is wrong with it."""
    about: dict[str, Any] = {"at": clock.now().isoformat(), "as": _state(file)}
    about |= {"contents": asdict(found)} if isinstance(found, Contents) else {"problem": stored(found)}
    there = {one.name for one in all_backups()}
    files = {name: fact for name, fact in notes().get("files", {}).items() if name in there}
    note(files={**files, file.name: about})


def notes() -> dict[str, Any]:
    """What is noted about backups: of each file, of the last rehearsal, of what went wrong."""
    file = _notebook()
    try:
        about = file.stat()
    except OSError:
        return {}
    return _read(file, about.st_mtime_ns, about.st_size)


def changed_at() -> tuple[int, ...]:
    """When the folder of backups and what is noted changed last, as the disk counts."""
    there = [place for place in (folder(), _notebook()) if place.exists()]
    return tuple(place.stat().st_mtime_ns for place in there)


def note(**facts: Any) -> None:
    """Note something; on a disk that is full or only read, it is found out again."""
    with suppress(OSError), alone(make_folder()), sqlite_file.becoming(_notebook()) as part:
        part.write_text(json.dumps({**notes(), **facts}), "utf-8")


@lru_cache(maxsize=8)  # every page of an admin asks
def _read(file: Path, changed: int, size: int) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _notebook() -> Path:
    return folder().with_name("backups.json")


def _within(place: Path, pattern: re.Pattern[str]) -> Iterator[Backup]:
    noted = notes().get("files", {})
    with suppress(OSError):
        for file in place.iterdir():
            if match := pattern.fullmatch(file.name):
                with suppress(OSError, ValueError):  # it goes in this moment, or is of the 31st of June
                    made_at = clock.moment_of(datetime.strptime(match["moment"], STAMP))  # noqa: DTZ007
                    yield _described(file, match["why"] or "", made_at, noted.get(file.name, {}))


def _described(file: Path, why: str, made_at: datetime, noted: dict[str, Any]) -> Backup:
    size = file.stat().st_size
    if not noted or noted.get("as", _state(file)) != _state(file):  # it is another one by now
        return Backup(file, why, made_at, size)
    contents = Contents(**noted["contents"]) if "contents" in noted else None
    at = datetime.fromisoformat(noted["at"]) if "at" in noted else None
    return Backup(file, why, made_at, size, contents, at, shown(noted.get("problem", "")))


def _state(file: Path) -> list[int]:
    about = file.stat()
    return [about.st_size, about.st_mtime_ns]
