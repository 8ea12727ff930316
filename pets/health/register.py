"""Checks of the register: whether it answers, is whole, lies in a good place, has room and has backups."""

import shutil
import sqlite3
import time
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import text

from pets import clock
from pets.backups import store
from pets.backups.alarm import alarm
from pets.backups.make import is_on_this_disk
from pets.db import db
from pets.health.finding import BAD, GOOD, LOOK, Asked, Finding
from pets.language import day_words, gettext as _, lazy_gettext, number
from pets.migrations import is_up_to_date
from pets.sqlite import file as sqlite_file
from pets.sqlite.network import network_kind

ROOM = 200_000_000  # bytes that have to be free beside two copies of the register
BACK_UP = lazy_gettext(
    "Look under “Accounts”, “Backups”. The server makes one each night; “pets backup” makes one now."
)


def missing() -> Finding | None:
    """Whether there is no register to ask: SQLite would begin an empty one."""
    file = _file()
    if file is None or file.exists():
        return None
    todo = _("Set PETS_INSTANCE to the data folder that the server uses, or start the server.")
    return Finding(BAD, _("There is no register at %(file)s.", file=file), todo)


def database(asked: Asked) -> Finding:
    """Whether it answers, and is at the newest step."""
    if is_up_to_date():
        return Finding(GOOD, _("It answers, and is up to date."))
    todo = _("Restart the server: it brings the register up to date.")
    return Finding(BAD, _("It is not up to date."), todo)


def integrity(asked: Asked) -> Finding:
    """Whether all of it can be read."""
    file = _file()
    if file is None:
        if db.session.execute(text("SHOW data_checksums")).scalar() == "on":
            return Finding(GOOD, _("PostgreSQL checks every page that it reads."))
        todo = _("Turn on the checksums of the database (pg_checksums --enable).")
        return Finding(LOOK, _("PostgreSQL would not notice a damaged page."), todo)
    try:
        whole = sqlite_file.check(file, time.monotonic() + asked.patience)
    except sqlite3.DatabaseError as problem:
        if not sqlite_file.is_damage(problem):
            raise
        return Finding(BAD, _("It is damaged: %(why)s", why=problem), _("Restore the newest good backup."))
    if whole:
        return Finding(GOOD, _("All of it was read, and is whole."))
    words = _("It is too large to be read in %(seconds)s seconds.", seconds=round(asked.patience))
    return Finding(LOOK, words, _("Run “pets doctor” on the server, which takes its time."))


def place(asked: Asked) -> Finding | None:
    """Whether SQLite's locks hold where the register lies."""
    file = _file()
    if file is None:
        return None
    kind = network_kind(file)
    if kind is None:
        return Finding(GOOD, _("%(file)s is on a disk of this machine.", file=file))
    words = _("%(file)s is on a network disk (%(kind)s).", file=file, kind=kind)
    return Finding(BAD, words, _("Move the data folder to a disk of this machine."))


def room(asked: Asked) -> Finding:
    """Whether the disk has room for what is saved, and for backups."""
    folder, file = Path(current_app.instance_path), _file()
    free = shutil.disk_usage(folder).free
    needed = ROOM + 2 * (file.stat().st_size if file else 0)
    words = _("Free space where %(folder)s is: %(size)s.", folder=folder, size=megabytes(free))
    if free >= needed:
        return Finding(GOOD, words)
    todo = _("Make room until %(size)s are free, or nothing can be saved soon.", size=megabytes(needed))
    return Finding(BAD if free < needed / 2 else LOOK, words, todo)


def backups(asked: Asked) -> Finding:
    """Whether the newest good backup is young enough, could be restored, and is on a second disk too."""
    if why_not := store.archive().why_not():
        todo = _("Make sure that the database is backed up each night, and try once to restore it.")
        return Finding(LOOK, str(why_not), todo)
    newest = store.newest_good()
    if newest is None:
        return Finding(BAD, _("There is no good backup."), str(BACK_UP))
    words = _("The newest good backup is from %(when)s.", when=clock.moment_words(newest.made_at))
    rehearsed = store.notes().get("rehearsed", {})
    if rehearsed.get("good"):
        day = day_words(clock.local(datetime.fromisoformat(rehearsed["at"])).date())
        tried = _("One was restored to another place on %(day)s, and came up whole.", day=day)
        words = f"{words} {tried}"
    if problem := alarm():
        return Finding(BAD, f"{words} {problem}", str(BACK_UP))
    if not rehearsed.get("good"):
        todo = _("Wait for the server to do so, or run “pets backup --rehearse”.")
        untried = _("None was tried by restoring it yet.")
        return Finding(LOOK, f"{words} {untried}", todo)
    second = store.second_folder()
    if second is None or is_on_this_disk(second):
        todo = _("Set PETS_BACKUPS to a folder on another disk: this one may break.")
        same_disk = _("All are on the disk of the register.")
        return Finding(LOOK, f"{words} {same_disk}", todo)
    return Finding(GOOD, words)


def megabytes(size: int) -> str:
    """So many bytes as people say it."""
    return f"{number(round(size / 1e6))} MB" if size < 10_000_000_000 else f"{number(round(size / 1e9))} GB"


def _file() -> Path | None:
    """The register's file, where it is one."""
    return Path(db.engine.url.database or "") if db.engine.dialect.name == "sqlite" else None
