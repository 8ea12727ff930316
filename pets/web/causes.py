"""Why the database or the disk could not do what was asked, in a sentence; and what is worth another try."""

import errno
import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError

from pets.language import gettext as _, lazy_gettext
from pets.models.pet import InvalidPet
from pets.sqlite.watch import Moved

UNAVAILABLE = (OperationalError, InterfaceError, NoConnection, Moved)  # the database cannot answer now

FULL = lazy_gettext("The disk that holds the register is full: someone has to make room on it first.")
TOO_MANY_FILES = lazy_gettext("The server has too many files open at once.")
CLOSED = lazy_gettext("The server may not write to its data folder: an admin has to allow it first.")
HELD = lazy_gettext("Someone else was saving to the register for too long.")
BROKEN = lazy_gettext(
    "The disk that holds the register cannot be read or written: an admin has to look at it first."
)
AWAY = lazy_gettext("The database was restarted or cannot be reached.")
CROWDED = lazy_gettext("Too many people are asking the database at once.")
# What they say of themselves: SQLite by a number, PostgreSQL by its SQLSTATE or the beginning of it.
CAUSES: dict[int | str, str] = {
    sqlite3.SQLITE_FULL: FULL,
    "53100": FULL,
    sqlite3.SQLITE_IOERR: BROKEN,
    sqlite3.SQLITE_READONLY: BROKEN,
    sqlite3.SQLITE_CANTOPEN: BROKEN,
    "58": BROKEN,
    sqlite3.SQLITE_BUSY: HELD,
    "55P03": HELD,
    "40001": HELD,
    "40P01": HELD,
    "53": CROWDED,
    "57": AWAY,
    "08": AWAY,
}


def cause_of(problem: Exception) -> str | None:
    """What a person is told of a problem that is known, in a sentence; None where nobody foresaw it."""
    if isinstance(problem, NoConnection):
        return CROWDED
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    if isinstance(problem, OSError) and problem.errno in (errno.EMFILE, errno.ENFILE):
        return TOO_MANY_FILES
    if isinstance(problem, OSError) and problem.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return CLOSED
    if isinstance(problem, InvalidPet):
        return str(problem)
    if isinstance(problem, StaleDataError):
        return _("Someone else changed the same pets at the same time, again and again.")
    if not isinstance(problem, OperationalError | InterfaceError):
        return None
    state = getattr(problem.orig, "sqlstate", None) or ""
    number = getattr(problem.orig, "sqlite_errorcode", None)
    if number is not None and number & 0xFF == sqlite3.SQLITE_CANTOPEN and _out_of_files():
        return TOO_MANY_FILES  # which SQLite does not tell from a file that is not there
    found = CAUSES.get(state) or CAUSES.get(state[:2]) if number is None else CAUSES.get(number & 0xFF)
    return found or (AWAY if problem.connection_invalidated else None)


def _out_of_files() -> bool:
    try:
        with Path(os.devnull).open("rb"):
            return False
    except OSError as problem:
        return problem.errno in (errno.EMFILE, errno.ENFILE)


def is_lost_race(problem: Exception) -> bool:
    """Whether somebody else was first, so that it is worth trying again on the register as it is then."""
    if isinstance(problem, OperationalError):  # PostgreSQL: serialization failure or deadlock
        return getattr(problem.orig, "sqlstate", None) in ("40001", "40P01")
    return isinstance(problem, StaleDataError | IntegrityError)


def is_worth_a_try(problem: Exception) -> bool:
    """Whether a job that ended so may succeed when it is begun again."""
    return is_lost_race(problem) or cause_of(problem) == HELD
