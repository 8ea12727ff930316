"""Permissions: who is asking, what they may do, and where they are sent instead."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any, ParamSpec
from urllib.parse import urlencode

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user
from flask_wtf.csrf import validate_csrf
from sqlalchemy import Connection
from wtforms.validators import ValidationError as InvalidToken

from pets import clock
from pets.accounts.account import Account, Asking, digest
from pets.accounts.audit_log import SecurityEvent, log_event, record
from pets.accounts.sessions import SignIn, is_old, who_asks
from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.db import db, snapshot
from pets.fields.catalogue import use
from pets.fields.text import loosely, tidy_line
from pets.language import speak
from pets.models.field import FIELDS_VERSION, catalogue_at
from pets.models.stashed_form import StashedForm
from pets.search.saved_view import SavedView
from pets.web import cookies
from pets.web.filters import me
from pets.web.proxies import proxy_user

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

AWAY = 4 * 60  # minutes without a request, after which one comes back to what others have done
BY_PROXY = "proxy"  # in the session’s cookie, where the proxy said who it was
SAFE = ("GET", "HEAD", "OPTIONS")
CREDENTIALS = ("csrf_token", "password", "old_password", "new_password")  # never kept, never shown again


def may(deed: str, confirmed: bool = False) -> Callable[[View[P]], View[P]]:
    """Open a view to whoever may do this deed: "look", "edit", "admin", or "open" to anybody at all.

    A view without it is closed to everybody. `confirmed`: the password is asked for once more.
    """

    def mark(view: View[P]) -> View[P]:
        view.deed, view.confirmed = deed, confirmed  # type: ignore[attr-defined]
        return view

    return mark


def guard() -> ResponseReturnValue | None:
    """Let a request in, send the person elsewhere, or refuse it with 403."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # no such page: the router says so
    deed = getattr(view, "deed", None)
    if deed == "open":
        return None
    person = me()
    if person is None:
        return _ask_to_sign_in()
    by_proxy = BY_PROXY in session  # who has proved there who they are, and may know no password here
    here = request.endpoint in ("pets.change_password", "pets.sign_out")
    if person.must_change_password and not (here or by_proxy):
        return redirect(url_for("pets.change_password") + _way_back(person.id), 303)
    if deed is None or not person.may(deed):
        return _forbid()
    if view.confirmed and not by_proxy and not this_session().confirmed:
        return redirect(url_for("pets.confirm") + _way_back(person.id), 303)
    if request.method not in SAFE:
        Changeset.author(person.name, person.id)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if "ended" not in g and not Account.exist():
        return redirect(url_for("pets.setup"), 303)
    return redirect(url_for("pets.sign_in") + _way_back(g.get("ended")), 303)


def _forbid() -> ResponseReturnValue:
    who, about = current_user.name, f"{request.method} {request.path}"
    if request.method in SAFE or SecurityEvent.lately("forbidden", who=who):
        log_event("forbidden")  # looking stores nothing, and trying again and again no more than once
    else:
        record("forbidden", who, about, request.remote_addr or "")
        db.session.commit()
    abort(403)


def _way_back(account_id: int | None) -> str:
    """Where to go on after signing in, as a query string; what was typed is kept for whose session it was."""
    if request.method in SAFE:
        return "?" + urlencode({"next": request.full_path.rstrip("?")})
    if account_id is None or request.endpoint == "pets.sign_out" or "\0" in request.path:
        return ""
    if not _token_holds():
        return ""
    fields = [field for field in typed() if "\0" not in field[0] + field[1]]
    kept = StashedForm.stash(account_id, request.full_path.rstrip("?"), fields)
    db.session.commit()
    files = {"files": "1"} if any(request.files.values()) else {}  # a file is not kept: that has to be said
    return "?" + urlencode({"kept": kept, **files})


def typed() -> list[tuple[str, str]]:
    """What the form that was sent holds, to be sent again unseen: without secrets, and with the day on which
    it was typed, since an age counts from there."""
    fields = [
        (name, value) for name, values in request.form.lists() for value in values if name not in CREDENTIALS
    ]
    told = request.form.get("age") and "said_on" not in request.form
    return [*fields, ("said_on", clock.today().isoformat())] if told else fields


def _token_holds() -> bool:
    try:
        validate_csrf(request.form.get("csrf_token"))
    except InvalidToken:
        return False
    return True


def as_now() -> Callable[[], None]:
    """Note the session and who is asking, before a try that may be lost. Returns what sets them back."""
    cookie, known = deepcopy({**session}), {name: g.get(name) for name in g}

    def set_back() -> None:
        for name in [*g]:
            g.pop(name)
        for name, value in known.items():
            setattr(g, name, value)
        session.clear()
        session.update(deepcopy(cookie))

    return set_back


def begin_session(account: Account, by_proxy: bool = False) -> None:
    """Sign an account in on this browser, in a session that is new; the one it had here ends. `by_proxy`: it
    holds only as long as the proxy says that they ask.

    What was set in the cookie before, by whomever, does not come along, unless the same person proved
    once more who they are: then their pages in other tabs go on.
    """
    again = current_user.is_authenticated and current_user.id == account.id
    since = session.get("since") if again else _last_here(account)
    if current_user.is_authenticated:
        this_session().end()
    if not again:
        session.clear()
    account.token = SignIn.begin(account, request.user_agent.string, request.remote_addr or "")
    session.permanent = True
    session["seen"] = _minute()
    if since:
        session["since"] = since
    if by_proxy:
        session[BY_PROXY] = True
    login_user(account)
    cookies.remember_browser(account.id)
    session.pop("_id", None)  # half of the cookie, for the check that init_app turns off


def _last_here(account: Account) -> int | None:
    """The minute at which an account was here last, in this browser or in another."""
    seen = session.get("seen") if g.get("ended") == account.id else None
    last = SignIn.last_seen(account.id)
    return max(filter(None, (seen, last and _minute(last))), default=None)


def end_session() -> None:
    """Sign out on this browser, on the server too.

    The cookie goes on naming the session that ended: a form that was open in another tab is kept for the
    person who typed it.
    """
    this_session().end()
    left = {name: session[name] for name in ("_user_id", "csrf_token") if name in session}
    session.clear()
    session.update(left)


def this_session(to_change: bool = False) -> SignIn:
    """The session that is asking; `to_change`: as it is now, until the transaction ends."""
    now = to_change or None
    return db.session.get_one(SignIn, g.session_hash, with_for_update=now, populate_existing=to_change)


# Session, account, the size of the draft for every page's header, whether the list has views to offer, the
# pets that were ticked in it, and the version of the own fields.
_WHO = who_asks(
    Draft.size_of(SignIn.account_id), SavedView.any_for(SignIn.account_id), SignIn.chosen, FIELDS_VERSION
)


def load(token: str) -> Asking | None:
    """Who is asking: the account whose session a cookie's token stands for, or None where it has ended.

    Read beside the session, so that a request that writes takes the writers' turn after it: the others need
    not wait while it is found out who is asking, and while the form is read.
    """
    hashed = digest(token)
    if request.method in SAFE:
        row = _who(db.session.connection(), hashed)
    else:
        with snapshot(db.engine) as beside:
            row = _who(beside, hashed)
    if row is None:
        return None
    number, name, role, columns, code, one_time, *ends, draft_size, g.has_views, g.chosen, _ = row
    begun_at, ended_at, gone_at = ends
    user = proxy_user()
    if loosely(tidy_line(user)) != loosely(name) if user else BY_PROXY in session:
        return None  # somebody else signed in at the proxy, or nobody is signed in there any more
    idle = _minute() - int(session.get("seen", 0))
    over = ended_at is not None or gone_at is not None or is_old(begun_at)
    if over or idle > current_app.config["PETS_SESSION_HOURS"] * 60:
        g.ended = number if gone_at is None else None
        return None
    if idle > AWAY and "seen" in session:
        session["since"] = session["seen"]
    if idle:  # kept in the cookie, to the minute: looking at a page writes nothing to the database
        session["seen"] = _minute()
    g.session_hash, g.draft_size = hashed, draft_size or 0
    if code:
        speak(code)
    return Asking(number, name, role, columns, code, one_time, token)


def _who(connection: Connection, hashed: str) -> Any:
    """Who has a session; and let the fields be those of today."""
    row = connection.execute(_WHO, {"token_hash": hashed}).one_or_none()
    if row is not None:
        use(catalogue_at(row[-1], connection))
    return row


def _minute(moment: datetime | None = None) -> int:
    return int((moment or clock.now()).timestamp()) // 60


def init_app(app: Flask) -> None:
    """Close every page of the application but those that say otherwise."""
    manager = LoginManager(app, add_context_processor=False)  # a page may not ask for a person by itself
    # Flask-Login's own check would end a session when a phone changes networks.
    manager.session_protection = None
    manager.user_loader(load)
    cookies.init_app(app)
    app.before_request(guard)
