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
from pets.db import db
from pets.health.finding import BAD, GOOD, LOOK, Asked, Finding
from pets.language import day_words
from pets.migrations import is_up_to_date
from pets.sqlite import file as sqlite_file
from pets.sqlite.network import network_kind

ROOM = 200_000_000  # bytes that have to be free beside two copies of the register
TODO = "Look under “Accounts”, “Backups”. The server makes one each night; “pets backup” makes one now."


def missing() -> Finding | None:
    """Whether there is no register to ask: SQLite would begin an empty one."""
    file = _file()
    if file is None or file.exists():
        return None
    todo = "Set PETS_INSTANCE to the data folder that the server uses, or start the server."
    return Finding(BAD, f"There is no register at {file}.", todo)


def database(asked: Asked) -> Finding:
    """Whether it answers, and is at the newest step."""
    if is_up_to_date():
        return Finding(GOOD, "It answers, and is up to date.")
    return Finding(BAD, "It is not up to date.", "Restart the server: it brings the register up to date.")


def integrity(asked: Asked) -> Finding:
    """Whether all of it can be read."""
    file = _file()
    if file is None:
        if db.session.execute(text("SHOW data_checksums")).scalar() == "on":
            return Finding(GOOD, "PostgreSQL checks every page that it reads.")
        todo = "Ask who keeps the database to turn checksums on (pg_checksums --enable)."
        return Finding(LOOK, "PostgreSQL would not notice a damaged page.", todo)
    try:
        whole = sqlite_file.check(file, time.monotonic() + asked.patience)
    except sqlite3.DatabaseError as problem:
        if not sqlite_file.is_damage(problem):
            raise
        return Finding(BAD, f"It is damaged: {problem}", "Restore the newest good backup.")
    if whole:
        return Finding(GOOD, "All of it was read, and is whole.")
    words = f"It is too large to be read in {asked.patience:.0f} seconds."
    return Finding(LOOK, words, "Run “pets doctor” on the server, which takes its time.")


def place(asked: Asked) -> Finding | None:
    """Whether SQLite's locks hold where the register lies."""
    file = _file()
    if file is None:
        return None
    kind = network_kind(file)
    if kind is None:
        return Finding(GOOD, f"{file} is on a disk of this machine.")
    return Finding(
        BAD, f"{file} is on a network disk ({kind}).", "Move the data folder to a disk of this machine."
    )


def room(asked: Asked) -> Finding:
    """Whether the disk has room for what is saved, and for backups."""
    folder, file = Path(current_app.instance_path), _file()
    free = shutil.disk_usage(folder).free
    needed = ROOM + 2 * (file.stat().st_size if file else 0)
    words = f"{megabytes(free)} are free where {folder} is."
    if free >= needed:
        return Finding(GOOD, words)
    todo = f"Make room until {megabytes(needed)} are free, or nothing can be saved soon."
    return Finding(BAD if free < needed / 2 else LOOK, words, todo)


def backups(asked: Asked) -> Finding:
    """Whether the newest good backup is young enough, could be restored, and is on a second disk too."""
    if why_not := store.archive().why_not():
        todo = "See to it that the database is backed up each night, and try once to restore it."
        return Finding(LOOK, why_not, todo)
    newest = store.newest_good()
    if newest is None:
        return Finding(BAD, "There is no good backup.", TODO)
    words = f"The newest good backup is of {clock.moment_words(newest.made_at)}."
    rehearsed = store.notes().get("rehearsed", {})
    if rehearsed.get("good"):
        day = day_words(clock.local(datetime.fromisoformat(rehearsed["at"])).date())
        words += f" One was restored to another place on {day}, and came up whole."
    if problem := alarm():
        return Finding(BAD, f"{words} {problem}", TODO)
    if not rehearsed.get("good"):
        todo = "Wait for the server to do so, or run “pets backup --rehearse”."
        return Finding(LOOK, f"{words} None was tried by restoring it yet.", todo)
    if store.second_folder() is None:
        todo = "Set PETS_BACKUPS to a folder on another disk: this one may break."
        return Finding(LOOK, f"{words} All are on the disk of the register.", todo)
    return Finding(GOOD, words)


def megabytes(size: int) -> str:
    """So many bytes as people say it."""
    return f"{size / 1_000_000:,.0f} MB" if size < 10_000_000_000 else f"{size / 1_000_000_000:,.0f} GB"


def _file() -> Path | None:
    """The register's file, where it is one."""
    return Path(db.engine.url.database or "") if db.engine.dialect.name == "sqlite" else None
