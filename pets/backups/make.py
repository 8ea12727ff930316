"""Making backups, keeping them on a second disk too, and letting the oldest go."""

import filecmp
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from flask import current_app

from pets import clock
from pets.backups import store
from pets.backups.archive import NoBackup
from pets.backups.store import Backup, archive
from pets.language import SOURCE, gettext as _, lazy_gettext, speaking, stored
from pets.sqlite import file as sqlite_file

log = logging.getLogger("pets")

LARGE_SAVE = 1000  # changes, from beyond which a save is preceded by a backup
AUTOMATIC = ("nightly", "upgrade", "import")
UPLOADS_KEPT = timedelta(days=7)


def make_backup(target: Path | None = None, why: str = "") -> Path:
    """Copy the register, whole and as of one moment, to `target` or into the folder of backups.

    It is read and checked before it gets its name. Raises NoBackup where none can be made: a register that is
    damaged, a disk that is full, a target that exists, PostgreSQL without its tools.
    """
    kind, place = archive(), store.folder()
    if why_not := kind.why_not():
        raise NoBackup(why_not)
    try:
        if target is None:
            target = store.make_folder() / store.named(why)
        with kind.alone():
            _sweep()
            if os.path.lexists(target):
                if why:  # another server, or another save, made it in this second
                    return target
                raise NoBackup(
                    lazy_gettext(
                        "%(file)s is there already. Wait a second, or choose another name.", file=target
                    )
                )
            with sqlite_file.becoming(target) as part:
                found = kind.write(part)
    except (sqlite3.OperationalError, OSError) as problem:
        raise NoBackup(
            lazy_gettext(
                "The backup could not be written to %(file)s: %(why)s.", file=target or place, why=problem
            )
        ) from problem
    if target.parent == place:
        store.note_checked(target, found)
        copy_to_second()
    return target


def make_automatically(why: str) -> str:
    """Make a backup that nobody asked for. Returns why that failed, or ""; the pages of admins tell it."""
    if current_app.config["PETS_BACKUPS_KEPT"] == (0, 0, 0) or archive().why_not():
        return ""
    try:
        file, problem = make_backup(why=why), ""
    except NoBackup as refused:
        problem = refused.text
    if problem:
        with speaking(SOURCE):
            log.error("backup: %s", problem)
    else:
        log.info("backup: %s was made", file.name)
        let_go()
    if problem or store.notes().get("trouble"):
        store.note(trouble=stored(problem))
    return problem


def before_large_save(changes: int) -> str:
    """Make a backup where so many changes are about to be saved. Returns why that failed, or ""."""
    problem = make_automatically("import") if changes > LARGE_SAVE else ""
    return _("No backup could be made before it: %(why)s", why=problem) if problem else ""


def copy_to_second() -> None:
    """Copy what the second folder (PETS_BACKUPS) lacks, and note how that went. Raises nothing."""
    there = store.second_folder()
    if there is None:
        return
    problem, away = "", _is_away(there)
    try:
        problem = problem_with(there)
        for backup in [] if problem else store.backups_in(store.folder()):
            _copy(backup.file, there / backup.name)
    except OSError as refused:
        why = refused.strerror or str(refused)
        problem = lazy_gettext("%(folder)s cannot be written to (%(why)s).", folder=there, why=why)
    noted = {
        "path": str(there),
        "away": away if not problem else _was_away(there),
        "problem": stored(problem),
    }
    if store.notes().get("second") != noted:
        store.note(second=noted)
        if problem:
            with speaking(SOURCE):
                log.error("backup: %s", problem)


def problem_with(there: Path) -> str:
    """Why backups cannot be kept in a second folder: it has to be there, and on the disk that it was on."""
    if not there.is_dir():
        return lazy_gettext(
            "%(folder)s is not there. Plug in the disk, or connect the share, that PETS_BACKUPS names.",
            folder=there,
        )
    if _was_away(there) and not _is_away(there):
        return lazy_gettext(
            "%(folder)s is an empty place: the disk or share that was there is not connected.", folder=there
        )
    return ""


def is_on_this_disk(there: Path) -> bool:
    """Whether the second folder is lost with the first one."""
    return there.is_dir() and not _is_away(there)


def _is_away(there: Path) -> bool:
    try:
        return there.stat().st_dev != Path(current_app.instance_path).stat().st_dev
    except OSError:
        return False


def _was_away(there: Path) -> bool:
    second = store.notes().get("second", {})
    return second.get("path") == str(there) and bool(second.get("away"))


def _copy(source: Path, target: Path) -> None:
    """Copy a backup unless it is there, and read it once more."""
    if target.exists() and target.stat().st_size == source.stat().st_size:
        return
    with sqlite_file.becoming(target) as part:
        shutil.copyfile(source, part)
        if not filecmp.cmp(source, part, shallow=False):
            raise OSError(f"{target} is not what was written to it")


def let_go() -> None:
    """Remove those of the automatic backups that need not be kept, in both folders. Raises nothing."""
    kept = current_app.config["PETS_BACKUPS_KEPT"]
    second = store.second_folder()
    for place in (store.folder(), *([second] if second and not problem_with(second) else [])):
        for backup in spare(store.backups_in(place), *kept):
            try:
                backup.file.unlink(missing_ok=True)
            except OSError as problem:
                log.error("backup: %s could not be removed: %s", backup.name, problem.strerror)


def spare(backups: Iterable[Backup], days: int, weeks: int, months: int) -> list[Backup]:
    """Which backups are not kept any longer.

    Kept are all that somebody made, for a week what somebody uploaded, and of the automatic ones the newest
    of each of so many days, weeks and months on which there are any, and of each reason.
    """
    newest_first = sorted(backups, key=lambda one: one.made_at, reverse=True)
    mine = [one for one in newest_first if one.why in AUTOMATIC]
    keep: set[str] = set()
    periods: list[tuple[Callable[[Backup], object], int]] = [
        (lambda one: clock.local(one.made_at).date(), days),
        (lambda one: clock.local(one.made_at).isocalendar()[:2], weeks),
        (lambda one: clock.local(one.made_at).timetuple()[:2], months),
        (lambda one: one.why, len(AUTOMATIC)),
    ]
    for period, most in periods:
        newest: dict[object, str] = {}
        for one in mine:
            newest.setdefault(period(one), one.name)
        keep |= set(list(newest.values())[:most])
    uploads = [one for one in newest_first if one.why == "uploaded"]
    old = [one for one in uploads if clock.now() - one.made_at > UPLOADS_KEPT]
    return [one for one in mine if one.name not in keep] + old


def _sweep() -> None:
    """Remove what a backup or a restore left that was killed; whoever does this is alone."""
    sqlite_file.sweep(archive().place(), archive().stem())
    sqlite_file.sweep(store.folder(), "pets-")
