"""Putting a backup back: everybody signs in again, and what was there before is kept."""

import os
import sqlite3
from pathlib import Path
from shlex import quote
from subprocess import list2cmdline

from flask import current_app
from werkzeug.datastructures import FileStorage

from pets import clock
from pets.accounts.audit_log import record
from pets.accounts.sessions import SignIn
from pets.backups import store
from pets.backups.archive import Damaged, NoBackup
from pets.backups.store import archive
from pets.db import db
from pets.language import gettext as _, lazy_gettext
from pets.sqlite.file import becoming

POSIX = os.sep == "/"
COMMAND = f"{Path('.venv', 'bin' if POSIX else 'Scripts', 'flask')} --app app pets"
BUSY = lazy_gettext(
    "Someone has been saving or exporting for too long. Nothing was changed. Try again in a moment."
)
PLACES = ("PETS_INSTANCE", "PETS_DATABASE_URI")  # the settings that say which register it is


def put_back(file: Path, who: str, address: str = "") -> list[Path]:
    """Put a backup in the place of the register. Returns the files that the one before is kept in.

    The caller's own transaction has to be over. Raises NoBackup; then the register is as it was.
    """
    kind = archive()
    if why_not := kind.why_not():
        raise NoBackup(why_not)
    if not file.is_file():
        raise NoBackup(lazy_gettext("There is no file %(file)s.", file=file))

    def finish() -> None:
        SignIn.end_all()  # or sessions that have ended since would go on
        record("restored", who, file.name, address)
        db.session.commit()

    db.session.remove()
    try:
        return kind.put_back(file, finish)
    except Damaged as problem:
        told = lazy_gettext(
            "%(file)s is not a whole backup of a register (%(why)s). Nothing was changed.",
            file=file,
            why=problem.text,
        )
        raise NoBackup(told) from problem
    except TimeoutError as problem:
        raise NoBackup(BUSY) from problem
    except (sqlite3.Error, OSError) as problem:
        raise NoBackup(
            lazy_gettext("The backup could not be put back: %(why)s. Nothing was changed.", why=problem)
        ) from problem


def way_back() -> str:
    """What to do at the server's own terminal about a register that is damaged or gone."""
    good = store.newest_good()
    if good is None:
        return _("There is no good backup in %(folder)s.", folder=store.folder())
    made_at = clock.moment_words(good.made_at)
    how = f"{_settings()}{COMMAND} restore {_typed(str(good.file))}"
    return _("The newest good backup is from %(when)s. To restore it: %(how)s", when=made_at, how=how)


def _settings() -> str:
    """What the server knows of where its register is, and a terminal does not; Windows has it for all."""
    made = current_app.extensions.get("pets-environment", {}) if POSIX else {}
    return "".join(f"{name}={_typed(made[name])} " for name in PLACES if name in made)


def _typed(text: str) -> str:
    """A text as it is typed at a terminal."""
    return quote(text) if POSIX else list2cmdline([text])


def keep_uploaded(sent: FileStorage) -> Path:
    """Keep a backup that somebody sent, to be looked at before it is put back. Returns its file.

    Raises NoBackup for what is no whole backup, of which nothing stays.
    """
    kind, target = archive(), store.folder() / store.named("uploaded")
    if why_not := kind.why_not():
        raise NoBackup(why_not)
    try:
        store.make_folder()
        with kind.alone(), becoming(target) as part:
            sent.save(part)
            found = kind.look(part)
            found.refuse_newer(_("This file"))
    except Damaged as problem:
        raise NoBackup(
            lazy_gettext("This file is not a whole backup of a register (%(why)s).", why=problem.text)
        ) from problem
    except OSError as problem:
        why = problem.strerror or problem
        raise NoBackup(lazy_gettext("The file could not be kept: %(why)s.", why=why)) from problem
    store.note_checked(target, found)
    return target
