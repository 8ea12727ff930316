"""What holds for every request: what it may do to the database, its token, and what it is answered."""

import functools
import logging
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf, validate_csrf
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, RequestRedirect, ValidationError
from wtforms.validators import ValidationError as InvalidToken

from pets import language
from pets.accounts.audit_log import log_event
from pets.db import db, only_reads
from pets.fields.text import replace_illegible
from pets.language import gettext as _
from pets.models.stashed_form import StashedForm
from pets.sqlite import gate
from pets.sqlite.file import is_damage
from pets.web import bodies, errors, filters, lines, permissions, sentences, way_back
from pets.web.causes import UNAVAILABLE, is_lost_race
from pets.web.errors import error_page
from pets.web.jobs import Waiting, jobs
from pets.web.log import request_id
from pets.web.permissions import SAFE, P, View
from pets.web.request import Request, preferred_language

TRIES = 3  # how often a request that lost a race begins again

log = logging.getLogger("pets")


class Number(IntegerConverter):
    """A number in an address: ASCII digits, and no more than the database can count to."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        if len(value) > 18:
            raise ValidationError()
        return int(value)


@functools.cache  # one for each view, which may have several addresses
def retried(view: View[P]) -> View[P]:
    """Wrap a view: where it writes and loses a race, it is tried again on the register as it is then.

    So the lost race ends where a form from an old page does: the view finds the pet at a newer version. It
    finds the session and who asks as they were too: what the lost try made of them was never stored. Files
    that were sent cannot be read again; who sent them is asked to look first.
    """

    @functools.wraps(view)
    def again(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if request.method in SAFE or any(request.files.values()):
            return view(*args, **kwargs)
        set_back = permissions.as_now()
        for _nth in range(TRIES - 1):
            try:
                return view(*args, **kwargs)
            except Exception as problem:
                if not is_lost_race(problem):
                    raise
                log.info("a lost race, tried again: %s", type(problem).__name__)
            db.session.rollback()
            only_reads(False)
            set_back()
        return view(*args, **kwargs)

    return again


class RetryingBlueprint(Blueprint):
    """A blueprint each of whose views is tried again where it loses a race."""

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        super().add_url_rule(rule, endpoint, retried(view_func), *args, **options)


bp = RetryingBlueprint("pets", __name__)


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
    html = render_template(template, **filters.header(), alarm=filters.alarm(), **context)
    if request.query_string or request.method not in SAFE:  # it may show again what somebody typed
        html = replace_illegible(html)
    return html, status


def notify(text: str, undo: int | str | None = None, kind: str = "done", see: int | None = None) -> None:
    """Show a sentence on the next page, with a button that undoes a changeset (its number), or an address; of
    the kind "undone", it makes that again. `see`: the number of a changeset to lead to."""
    if isinstance(undo, int):
        undo = filters.path_to("pets.undo_changeset", undo)
    seen = filters.path_to("pets.show_changeset", see) if see else None
    flash(cast(str, {"text": text, "undo": undo, "kind": kind, "see": seen}))


def begin_request() -> None:
    """Say what the database will be asked for, and which language is spoken."""
    if request.method == "HEAD":  # a GET whose page the server throws away; no view has to think of it
        request.method = "GET"
    language.speak(preferred_language(request.headers.get("Accept-Language", "")))
    gate.begin()
    only_reads(request.method in SAFE)


def end_request(_: BaseException | None) -> None:
    """Leave nothing behind in the thread for whoever comes next."""
    only_reads(False)
    language.speak(language.SOURCE)


def stay_here() -> ResponseReturnValue | None:
    """Answer the router's own redirects (`/pets` to `/pets/`), which name whatever host was asked for."""
    told = request.routing_exception
    if isinstance(told, RequestRedirect):
        return redirect(urlsplit(told.new_url)._replace(scheme="", netloc="").geturl(), 308)
    return None


def check_token() -> ResponseReturnValue | None:
    """Refuse a form without this session's token, but give a person who sent it from here a way on.

    A view that shows its own form again (`shows_form`) goes on: its form checks the token once more, saves
    nothing, and comes back filled.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in SAFE or view is None:
        return None
    token = request.form.get("csrf_token")
    try:
        validate_csrf(token)
    except InvalidToken:
        if not _from_here():
            return _forged()
        return None if getattr(view, "shows_form", False) else resend()
    # Flask-WTF's words for its forms, which then need neither check it once more nor sign another.
    g.csrf_valid, g.csrf_token = True, token
    return None


def _forged() -> ResponseReturnValue:
    """The page for a form that another site's page sent: it may not put words into people's mouths."""
    log_event("forged")
    text = _("Nothing was done. Open the page here, fill in its form and send that.")
    return error_page(400, _("This form was not sent from a page of this site"), text, told=True)


def resend() -> ResponseReturnValue:
    """The page that brings a form back with everything typed, to be sent again with a token that holds."""
    return page("resend.html", 400, typed=permissions.typed(), action=_address())


def _address() -> str:
    return request.script_root + request.full_path.rstrip("?")


def typed_before() -> MultiDict[str, str] | None:
    """What a person had typed when their session ended, for the form that is shown to them again."""
    kept = StashedForm.of(request.args.get("kept", ""), current_user.id) if request.method == "GET" else None
    if kept is None:
        return None
    notify(_("Your form is back, but not saved yet. Check it, then send it."), kind="note")
    return MultiDict([(name, value) for name, value in kept.fields])


def _from_here() -> bool:
    """Whether one of our own pages sent this. Browsers tell so outright over HTTPS, else by the origin."""
    told = request.headers.get("Sec-Fetch-Site")
    if told is not None:
        return told in ("same-origin", "none")
    source = request.headers.get("Origin") or request.referrer
    return source is None or source.partition("://")[2].partition("/")[0] == request.host


def busy(error: Exception) -> ResponseReturnValue:
    """The database is full, locked, restarted, gone or damaged: say so, and what can be done."""
    problem = getattr(error, "orig", error)
    if not (isinstance(error, UNAVAILABLE) or is_damage(problem)):
        raise error  # a mistake of ours
    work = None
    with suppress(*UNAVAILABLE):  # a database that is gone cannot tell what it was doing
        work = jobs().under_way() if request.method not in SAFE else None
    if work is not None:
        db.session.rollback()
        only_reads(True)
        if current_user.is_authenticated and _from_here():
            form = Waiting(current_user.id, _address(), permissions.typed())
            return wait_page(form, jobs().keep(form))
    with language.speaking(language.SOURCE):
        log.error("database: %s", str(problem).replace("\n", " "))
    words = errors.unanswered(error)
    body, status = _unsaved(*words) or error_page(503, *words)
    return body, status, {"Retry-After": "5"}


def _unsaved(title: str, text: str) -> tuple[str, int] | None:
    """The page with the form that could not be saved, where it is known without the database whose it is."""
    if request.method in SAFE or "_login_user" not in g or any(request.files.values()) or not _from_here():
        return None
    text = f"{text} {_('What you typed is kept on this page.')}"
    told = {"title": title, "text": text, "reference": request_id()}
    with suppress(*UNAVAILABLE):
        return page("resend.html", 503, typed=permissions.typed(), action=_address(), **told)
    return None


def wait_page(form: Waiting, kept: str | None) -> ResponseReturnValue:
    """The page for a form that a job keeps from being saved: how far that has come, and the form.

    Nobody's thread waits: where the form could be `kept`, the page looks again by itself.
    """
    job = jobs().under_way()
    body, _ = page("waiting.html", job=job, form=form, files=any(request.files.values()))
    if job is None:
        return body, 200
    again = {"Refresh": f"2; url={url_for('pets.show_waiting', number=kept)}"} if kept else {}
    return body, 503, {"Retry-After": "2", **again}


def init_app(app: Flask) -> None:
    """Make these rules hold for every request of the application."""
    app.request_class = Request
    app.url_map.converters["number"] = Number
    app.before_request(begin_request)
    app.before_request(stay_here)
    app.before_request(bodies.only_forms)
    permissions.init_app(app)  # after it is known what the request may do to the database, before all else
    app.before_request(check_token)
    app.teardown_request(end_request)
    errors.init_app(app)
    for error in (DBAPIError, *UNAVAILABLE):
        app.register_error_handler(error, busy)
    for module in (filters, lines, sentences, language):
        app.jinja_env.globals.update(module.GLOBALS)
    app.jinja_env.globals.update(csrf_token=generate_csrf, came_from=way_back.came_from)
    app.jinja_env.filters.update(filters.FILTERS)
