"""What the server does about backups by itself: one each night, read again, carried over, and rehearsed."""

import logging
import sqlite3
import threading
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.exc import DBAPIError

from pets import clock
from pets.backups import store
from pets.backups.archive import CannotTry, Damaged, NoBackup
from pets.backups.make import copy_to_second, make_automatically
from pets.backups.store import Backup, archive, checked
from pets.changes.check import unrecorded
from pets.changes.files import sweep_files
from pets.db import db
from pets.language import lazy_gettext, lazy_ngettext, stored
from pets.migrations import NotOurs
from pets.sqlite import gate

log = logging.getLogger("pets")

HOUR, DAWN = 3, 6  # when the night's backup is made, and when people may begin to work
AGAIN = 600  # seconds after which it is looked whether something is due, whatever the clock did in between
SOON = 20  # seconds that a server has for whoever opens the first page
CHECKED = timedelta(days=30)  # how long it holds that a backup was read
REHEARSED, A_WEEK = timedelta(days=30), timedelta(days=7)


class Nightly(threading.Thread):
    """Looks after the backups for as long as the server runs."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="nightly", daemon=True)
        self._app = app

    def run(self) -> None:
        """Look now and then whether something is due."""
        wait = SOON
        while not threading.Event().wait(wait):
            wait = AGAIN
            try:
                gate.begin()
                with self._app.app_context():
                    tend()
            except Exception:  # a night that fails must not be the last one
                log.exception("backup: what is done by night did not succeed")


def tend() -> None:
    """Do what is due: a backup, a second copy of it, a look into those not read lately, a rehearsal."""
    if archive().why_not():
        return
    if _is_due():
        with db.session.begin():
            sweep_files()
        make_automatically("nightly")
    copy_to_second()
    for backup in store.all_backups():
        if backup.checked_at is None or clock.now() - backup.checked_at > CHECKED:
            checked(backup)
    if _is_rehearsal_due() and store.newest_good():
        rehearse()


def _is_due() -> bool:
    """Whether none was made since last night: at 3 o'clock, or later on at the first start of a day."""
    now = clock.local(clock.now())
    night = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    night = night if night <= now else night - timedelta(days=1)
    made = [one.made_at for one in store.all_backups() if one.why == "nightly" and not one.problem]
    return not any(night <= at <= now for at in made)


def _is_rehearsal_due() -> bool:
    """Whether a month has passed, and it is night, since all of the history is replayed. Where the machine is
    off by night, it is done a week later by day."""
    made = [one.made_at for one in store.all_backups()]
    at = store.notes().get("rehearsed", {}).get("at")
    last = datetime.fromisoformat(at) if at else min(made, default=clock.now()) - REHEARSED
    gone = clock.now() - last
    return gone >= REHEARSED and (gone >= REHEARSED + A_WEEK or clock.local(clock.now()).hour < DAWN)


def rehearse() -> tuple[bool, str]:
    """Restore the newest good backup beside the register, and replay its history. Returns how that went.

    Raises NoBackup where there is none.
    """
    if why_not := archive().why_not():
        raise NoBackup(why_not)
    backup = store.newest_good()
    if backup is None:
        raise NoBackup(lazy_gettext("There is no good backup to rehearse with. Create one first."))
    try:
        with archive().alone(), archive().tried(backup.file):
            wrong = list(unrecorded())
            pets = archive().now().pets
        promised = backup.contents.pets if backup.contents else pets
        if pets != promised:
            counts = {"pets": pets, "promised": promised}
            wrong.insert(
                0, str(lazy_gettext("There are %(pets)s pets in it, and %(promised)s were noted.", **counts))
            )
        good = not wrong
        found = " ".join(wrong[:3]) or lazy_ngettext(
            "It came up whole, with %(num)s pet, as its history tells.",
            "It came up whole, with %(num)s pets, each as its history tells.",
            pets,
        )
    except CannotTry as problem:
        return _rehearsed(backup, None, problem.text)
    except (NoBackup, Damaged, NotOurs, OSError, sqlite3.Error, DBAPIError) as problem:
        found, good = getattr(problem, "text", str(problem)), False
    told = lazy_gettext("%(name)s, restored to another place: %(found)s", name=backup.name, found=found)
    return _rehearsed(backup, good, told)


def _rehearsed(backup: Backup, good: bool | None, found: str) -> tuple[bool, str]:
    """Note how a rehearsal went; `good` is None where it could not be done."""
    told = {"at": clock.now().isoformat(), "name": backup.name, "good": good, "text": stored(found)}
    store.note(rehearsed=told)
    (log.info if good else log.error)("backup: %s", found)
    return bool(good), str(found)
