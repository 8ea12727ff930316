"""What holds for every request: what it may do to the database, its token, and the pages for errors."""

import functools
import logging
import secrets
from collections.abc import Callable
from typing import Any, ParamSpec, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf, validate_csrf
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import IntegerConverter, ValidationError
from wtforms.validators import ValidationError as InvalidToken

from pets import access, saying
from pets.access import SAFE
from pets.db import db, only_reads
from pets.models.kept import KeptForm

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

TRIES = 3  # how often a request that lost a race begins anew

bp = Blueprint("pets", __name__)
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
        "What was sent is larger than 2 MB. Go back, shorten it and send it again.",
    ),
    422: ("That could not be saved", "Go back, correct what was entered and send it again."),
    429: ("Too many tries", "Wait a little, then try again."),
    500: (
        "Something went wrong",
        "Nothing was saved. Go back and try again; if it happens again, report it.",
    ),
    503: ("The register cannot answer now", "Nothing was saved. Wait a moment, go back and send it again."),
}


class Number(IntegerConverter):
    """A number in an address: ASCII digits, and no more than the database can count to."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        if len(value) > 18:
            raise ValidationError()
        return int(value)


def changes(view: View[P]) -> View[P]:
    """Wrap a view that writes: where it loses a race, it is tried again on the register as it is then.

    So the lost race ends where a form from an old page does: the view finds the pet at a newer version.
    """

    @functools.wraps(view)
    def again(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        for _ in range(TRIES - 1):
            try:
                return view(*args, **kwargs)
            except (StaleDataError, IntegrityError):
                db.session.rollback()
            except OperationalError as problem:
                if not _lost_race(problem):
                    raise
                db.session.rollback()
        return view(*args, **kwargs)

    return again


def _lost_race(problem: OperationalError) -> bool:
    """Whether PostgreSQL ended the transaction for another's sake: serialization failure or deadlock."""
    return getattr(problem.orig, "sqlstate", None) in ("40001", "40P01")


def shows_form(view: View[P]) -> View[P]:
    """Mark a view that answers a form it cannot accept by showing it again with everything typed."""
    view.shows_form = True  # type: ignore[attr-defined]
    return view


def page(template: str, status: int = 200, **context: Any) -> tuple[str, int]:
    """A page that saves nothing, as the answer to a form that may have been about to.

    The transaction ends before the page is made, so that nobody waits for its rendering.
    """
    if request.method not in SAFE:
        db.session.rollback()
        only_reads(True)
    return render_template(
        template,
        nav=saying.nav(),
        me=saying.me(),
        account_href=url_for("pets.my_account"),
        draft_count=saying.draft_count(),
        **context,
    ), status


def tell(text: str, undo: int | str | None = None, kind: str = "done") -> None:
    """Show a sentence on the next page, with a button that undoes a changeset (its number), or an address."""
    if isinstance(undo, int):
        undo = url_for("pets.undo_changeset", changeset_id=undo)
    flash(cast(str, {"text": text, "undo": undo, "kind": kind}))


def begin_request() -> None:
    """Say what the database will be asked for, and by whom."""
    only_reads(request.method in SAFE)


def check_token() -> ResponseReturnValue | None:
    """Refuse a form without this session's token, but give a person who sent it from here a way on.

    A view that shows its own form again (`shows_form`) goes on: its form checks the token once more, saves
    nothing, and comes back filled.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in SAFE or view is None or not current_app.config.get("WTF_CSRF_ENABLED", True):
        return None
    if getattr(view, "shows_form", False):
        return None
    try:
        validate_csrf(request.form.get("csrf_token"))
    except InvalidToken:
        return resend()
    return None


def resend() -> ResponseReturnValue:
    """The page that brings a form back with everything typed, to be sent again with a token that holds.

    Only for a form that this site's own page sent: nobody else's may put words into people's mouths.
    """
    if (
        request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
        or not _from_here()
    ):
        return _error(400, "This form was not sent from a page of this site", "Nothing was done.")
    typed = [
        (name, value) for name, values in request.form.lists() for value in values if name != "csrf_token"
    ]
    return resend_page(400, request.full_path.rstrip("?"), typed)


def resend_page(status: int, action: str, typed: list[tuple[str, str]]) -> ResponseReturnValue:
    """The page that sends to `action` what was typed, with a token that holds."""
    return page("resend.html", status, typed=typed, action=action)


def typed_before() -> MultiDict[str, str] | None:
    """What a person had typed when their session ended, for the form that is shown to them again."""
    kept = KeptForm.of(request.args.get("kept", ""), current_user.id) if request.method == "GET" else None
    return MultiDict([(name, value) for name, value in kept.fields]) if kept else None


def _from_here() -> bool:
    source = request.headers.get("Origin") or request.referrer
    return source is None or urlsplit(source).netloc == request.host


def _error(code: int, title: str, text: str, reference: str | None = None) -> tuple[str, int]:
    """An error page: nothing in it asks the database or the session."""
    return render_template("error.html", code=code, title=title, text=text, reference=reference), code


def refused(error: HTTPException) -> ResponseReturnValue:
    """The page for an error with a status of its own; a description of ours replaces the usual words."""
    code = error.code or 500
    if code < 400 or code not in WORDS:
        return error
    title, text = WORDS[code]
    ours = error.description if error.description != type(error).description else None
    body, status = _error(code, title, ours or text)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return body, status, kept


def busy(error: DBAPIError) -> ResponseReturnValue:
    """The database is full, locked, restarted or gone: say so, and that it is worth trying again."""
    log.error("database: %s", str(error.orig).replace("\n", " "))
    body, status = _error(503, *WORDS[503])
    return body, status, {"Retry-After": "5"}


def broken(error: InternalServerError) -> ResponseReturnValue:
    """Something nobody foresaw: a page with a number that also stands in the log."""
    reference = secrets.token_hex(4)
    log.error(
        "reference %s: %s %s", reference, request.method, request.path, exc_info=error.original_exception
    )
    return _error(500, *WORDS[500], reference)


def init_app(app: Flask) -> None:
    """Make these rules hold for every request of the application."""
    app.url_map.converters["number"] = Number
    app.before_request(begin_request)
    access.init_app(app)  # after it is known what the request may do to the database, before all else
    app.before_request(check_token)
    app.teardown_request(lambda _: only_reads(False))
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(InternalServerError, broken)
    app.register_error_handler(OperationalError, busy)
    app.register_error_handler(InterfaceError, busy)
    app.jinja_env.globals.update(saying.GLOBALS, csrf_token=generate_csrf)
    app.jinja_env.filters.update(saying.FILTERS)
