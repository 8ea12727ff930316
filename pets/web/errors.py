"""The pages for errors: in our own words, and made without the database where that cannot be asked."""

import errno
import logging
import os
import sqlite3
from pathlib import Path
from typing import Any

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from pets.backups.restore import way_back
from pets.backups.store import archive, newest_good
from pets.db import db
from pets.models.pet import InvalidPet
from pets.search.listing import BadSearch
from pets.sqlite.file import is_damage
from pets.sqlite.gate import Replaced
from pets.sqlite.watch import Moved
from pets.web.filters import header
from pets.web.log import request_id

log = logging.getLogger("pets")

# Words for the errors that people meet: title, and what to do.
WORDS = {
    400: ("That request could not be read", "Go back, reload the page and try again."),
    403: ("You may not do that", "Ask somebody who administers the register if you need to."),
    404: ("Page not found", "Check the address. If it was a pet’s, it may never have been on the register."),
    405: (
        "That is not done this way",
        "This address is for a form’s button. Go back and use the page’s own buttons.",
    ),
    409: (
        "Somebody was faster",
        "The register has changed since the page was opened. Go back, reload it and try again.",
    ),
    413: (
        "That is too much at once",
        "What was sent is larger than 2 MB, or as a file larger than 20 MB. Go back, shorten or split it, "
        "and send it again.",
    ),
    415: (
        "That is not a form of this site",
        "Nothing was done. Open the page in a browser, fill in its form and send that.",
    ),
    422: ("That could not be saved", "Go back, correct what was entered and send it again."),
    429: ("Too many tries", "Wait a little, then try again."),
    500: (
        "Something went wrong",
        "Nothing was saved. Go back and try again; if it happens again, report it.",
    ),
    503: ("The register cannot answer now", "Nothing was saved. Wait a moment, then try again."),
}

UNAVAILABLE = (OperationalError, InterfaceError, NoConnection, Moved)  # the database cannot answer now

FULL = "The disk that holds the register is full: somebody has to make room on it first."
TOO_MANY_FILES = "The server has too many files open at once."
CLOSED = "The server may not write to its data folder: an admin has to let it first."
HELD = "Somebody else was writing to the register for too long."
BROKEN = "The disk that holds the register cannot be read or written: an admin has to look at it first."
AWAY = "The database was restarted or cannot be reached."
CROWDED = "Too many people are asking the database at once."
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


def error_page(code: int, title: str, text: str, told: bool = False) -> tuple[str, int]:
    """An error page. `told`: it is in the log."""
    reference = request_id() if told or code == 403 or code >= 500 else None
    known = {} if code >= 500 and "_login_user" not in g else _header()
    return render_template(
        "error.html", code=code, title=title, text=text, reference=reference, **known
    ), code


def _header() -> dict[str, Any]:
    """What the header shows, also where the request was refused before anybody asked who is asking; nothing
    where that cannot be found out."""
    try:
        return header()
    except (SQLAlchemyError, sqlite3.Error):
        db.session.rollback()
        return {}


def unanswered(error: Exception) -> tuple[str, str]:
    """Title and text for a database that cannot answer. Where waiting is no cure, they say what is."""
    problem = getattr(error, "orig", error)
    if isinstance(problem, Moved):
        return (
            "The register’s file is not where it was",
            f"{problem} Nothing was saved. An admin has to stop the server, put the file back or restore "
            "a backup, and start the server again.",
        )
    if isinstance(problem, Replaced):
        return (
            "The register was restored from a backup",
            f"{problem} Nothing was saved. Sign in again, and look at what is there now.",
        )
    if is_damage(problem):
        good = None if archive().why_not() else newest_good()
        backup = f"the newest good backup, {good.name}" if good else "a backup: none in its folder is good"
        return (
            "The register is damaged",
            f"A part of its file cannot be read. Nothing was saved. An admin has to stop the server, restore "
            f"{backup}, and start the server again.",
        )
    (title, text), cause = WORDS[503], cause_of(error)
    return title, f"{cause} {text}" if cause else text


def in_words(error: DBAPIError) -> str:
    """The same for somebody at the server's own terminal, where the database's own words may be shown."""
    title, text = unanswered(error)
    if title == WORDS[503][0]:
        return f"The database (PETS_DATABASE_URI) cannot be used: {str(error.orig).strip()}"
    way = f" {way_back()}" if is_damage(error.orig) else ""
    return f"{title} ({error.orig}). {text}{way}"


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
        return "Somebody else changed the same pets at the same time, again and again."
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


def refused(error: HTTPException) -> ResponseReturnValue:
    """The page for an error with a status of its own; a description of ours replaces the usual words."""
    code = error.code or 500
    if code < 400 or code not in WORDS:
        return error
    title, text = WORDS[code]
    ours = error.description if error.description != type(error).description else None
    if isinstance(error, SecurityError):
        ours = "This site does not go by the name in the address line. Use the address that you were given."
    body, status = error_page(code, title, ours or text)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return body, status, kept


def unreadable(error: DataError) -> ResponseReturnValue:
    """What was sent holds something that no database keeps, where no form asked for it: a NUL byte."""
    db.session.rollback()
    return error_page(400, *WORDS[400])


def misread(error: BadSearch) -> ResponseReturnValue:
    """An address that no list of ours leads to, such as one cut short."""
    return error_page(400, WORDS[400][0], str(error))


def full(error: OSError) -> ResponseReturnValue:
    """No room for what was sent: say so. Any other trouble with a file is one that nobody foresaw."""
    cause = cause_of(error)
    if cause is None:
        raise error
    log.error("disk: %s", error.strerror)
    db.session.rollback()
    if cause != FULL:
        return *error_page(503, WORDS[503][0], f"{cause} {WORDS[503][1]}"), {"Retry-After": "5"}
    text = "Nothing was kept of what you sent. Ask an admin to make room on the disk, then send it again."
    return *error_page(503, "There is no room for this", text), {"Retry-After": "60"}


def outrun(error: StaleDataError) -> ResponseReturnValue:
    """The race was lost again and again (see `retried`): ask the person to look first."""
    db.session.rollback()
    return error_page(409, *WORDS[409])


def impossible(error: InvalidPet) -> ResponseReturnValue:
    """A pet cannot be made what it once was, such as younger than 200 years: say why."""
    db.session.rollback()
    return error_page(422, WORDS[422][0], f"Nothing was saved. {error}")


def broken(error: InternalServerError) -> ResponseReturnValue:
    """Something nobody foresaw: a page with a number that also stands in the log."""
    log.error("something nobody foresaw", exc_info=error.original_exception)
    return error_page(500, *WORDS[500])


def init_app(app: Flask) -> None:
    """Answer every error of the application with a page of ours."""
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(InternalServerError, broken)
    app.log_exception = lambda _: None  # type: ignore[method-assign, assignment]  # `broken` does, with a number
    app.register_error_handler(DataError, unreadable)
    app.register_error_handler(BadSearch, misread)
    app.register_error_handler(OSError, full)
    app.register_error_handler(StaleDataError, outrun)
    app.register_error_handler(InvalidPet, impossible)
