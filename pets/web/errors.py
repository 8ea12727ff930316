"""The pages for errors: in our own words, and made without the database where that cannot be asked."""

import logging
import sqlite3
from typing import Any

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from pets.backups.restore import way_back
from pets.backups.store import archive, newest_good
from pets.db import db
from pets.language import gettext as _, lazy_gettext
from pets.models.pet import InvalidPet
from pets.search.listing import BadSearch
from pets.sqlite.file import is_damage
from pets.sqlite.gate import Replaced
from pets.sqlite.watch import Moved
from pets.web.causes import FULL, cause_of
from pets.web.filters import header
from pets.web.log import request_id

log = logging.getLogger("pets")

# Words for the errors that people meet: title, and what to do.
WORDS = {
    400: (
        lazy_gettext("That request could not be read"),
        lazy_gettext("Go back, reload the page and try again."),
    ),
    403: (lazy_gettext("You don’t have access"), lazy_gettext("Ask an admin if you need it.")),
    404: (
        lazy_gettext("Page not found"),
        lazy_gettext("Check the address. If it was a pet’s, it may never have been on the register."),
    ),
    405: (
        lazy_gettext("This page cannot be opened like that"),
        lazy_gettext("This address belongs to a button. Go back and use the button on the page."),
    ),
    409: (
        lazy_gettext("Someone changed this before you"),
        lazy_gettext("The register has changed since the page was opened. Go back, reload it and try again."),
    ),
    413: (
        lazy_gettext("That is too much at once"),
        lazy_gettext(
            "What was sent is larger than 2 MB, or as a file larger than 20 MB (100 MB for a backup, or for "
            "pictures together). Go back, shorten or split it, and send it again."
        ),
    ),
    415: (
        lazy_gettext("That is not a form of this site"),
        lazy_gettext("Nothing was done. Open the page in a browser, fill in its form and send that."),
    ),
    422: (
        lazy_gettext("That could not be saved"),
        lazy_gettext("Go back, correct what was entered and send it again."),
    ),
    429: (lazy_gettext("Too many tries"), lazy_gettext("Wait a little, then try again.")),
    500: (
        lazy_gettext("Something went wrong"),
        lazy_gettext("Nothing was saved. Go back and try again; if it happens again, report it."),
    ),
    503: (
        lazy_gettext("The register cannot answer now"),
        lazy_gettext("Nothing was saved. Wait a moment, then try again."),
    ),
}


def error_page(code: int, title: str, text: str, told: bool = False) -> tuple[str, int]:
    """An error page. `told`: it is in the log."""
    reference = request_id() if told or code == 403 or code >= 500 else None
    known = {} if code >= 500 and "_login_user" not in g else _header()  # and with it the language
    return render_template(
        "error.html", code=code, title=str(title), text=str(text), reference=reference, **known
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
            _("The register’s file is not where it was"),
            _(
                "%(problem)s Nothing was saved. An admin has to stop the server, put the file back or "
                "restore a backup, and start it again.",
                problem=problem,
            ),
        )
    if isinstance(problem, Replaced):
        return (
            _("The register was restored from a backup"),
            _("Nothing was saved. Sign in again, and look at what is there now."),
        )
    if is_damage(problem):
        good = None if archive().why_not() else newest_good()
        if good:
            way = _(
                "An admin has to stop the server, restore the newest good backup, %(name)s, and start the "
                "server again.",
                name=good.name,
            )
        else:
            way = _(
                "An admin has to stop the server and restore a backup: none in the folder of backups is good."
            )
        return _("The register is damaged"), _(
            "A part of its file cannot be read. Nothing was saved. %(way)s", way=way
        )
    (title, text), cause = WORDS[503], cause_of(error)
    return str(title), f"{cause} {text}" if cause else str(text)


def in_words(error: DBAPIError) -> str:
    """The same for somebody at the server's own terminal, where the database's own words may be shown."""
    title, text = unanswered(error)
    if title == WORDS[503][0]:
        return f"The database (PETS_DATABASE_URI) cannot be used: {str(error.orig).strip()}"
    way = f" {way_back()}" if is_damage(error.orig) else ""
    return f"{title} ({error.orig}). {text}{way}"


def refused(error: HTTPException) -> ResponseReturnValue:
    """The page for an error with a status of its own; a description of ours replaces the usual words."""
    code = error.code or 500
    if code < 400 or code not in WORDS:
        return error
    title, text = WORDS[code]
    ours = error.description if error.description != type(error).description else None
    if isinstance(error, SecurityError):
        ours = _(
            "This site does not go by the name in the address line. Use the address that you were given."
        )
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
    text = _("Nothing was kept of what you sent. Ask an admin to make room on the disk, then send it again.")
    return *error_page(503, _("There is no room for this"), text), {"Retry-After": "60"}


def outrun(error: StaleDataError) -> ResponseReturnValue:
    """The race was lost again and again (see `retried`): ask the person to look first."""
    db.session.rollback()
    return error_page(409, *WORDS[409])


def impossible(error: InvalidPet) -> ResponseReturnValue:
    """A pet cannot be made what it once was, such as younger than 200 years: say why."""
    db.session.rollback()
    return error_page(422, WORDS[422][0], _("Nothing was saved. %(problem)s", problem=error))


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
