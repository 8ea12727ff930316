"""Signing in and out, the first account, and coming back to what one was typing."""

from functools import partial

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.accounts.account import Account, SetupLink
from pets.accounts.audit_log import SecurityEvent, log_event, record
from pets.accounts.password import hash_password
from pets.accounts.rate_limit import RateLimit
from pets.accounts.sessions import SignIn
from pets.backups.restore import COMMAND
from pets.db import db
from pets.fields.text import replace_illegible
from pets.forms.accounts import ConfirmForm, NewAccountForm, SignInForm
from pets.language import gettext as _, lazy_gettext
from pets.models.stashed_form import StashedForm
from pets.views.authentication import authenticated
from pets.web.blueprint import bp, notify, page, shows_form
from pets.web.permissions import begin_session, end_session, may
from pets.web.proxies import proxy_user
from pets.web.way_back import way_on

WRONG = lazy_gettext("The name or the password is wrong. Check both, and whether Caps Lock is on.")
WRONG_HERE = lazy_gettext("The password is wrong. Check whether Caps Lock is on.")
USED_UP = lazy_gettext("This one-time password is more than three days old. Ask an admin for a new one.")


@bp.route("/login", methods=["GET", "POST"])
@may("open")
@shows_form
def sign_in() -> ResponseReturnValue:
    """Sign in by name and password."""
    if not Account.exist():
        return redirect(url_for(".setup"), 303)
    form = SignInForm(request.args)
    again = partial(page, "session/sign_in.html", form=form)
    if (user := proxy_user()) is not None:
        return _sign_in_by_proxy(user, form)
    if request.method == "GET" or not form.validate():
        return again(422 if form.errors else 200)
    account = authenticated(form.name.data or "", form.password, again, WRONG)
    if account.one_time_password_is_old:
        form.password.errors = [USED_UP]
        return again(422)
    return _sign_in(account, form)


def _sign_in_by_proxy(user: str, form: SignInForm) -> ResponseReturnValue:
    """Let in whom the proxy has let in, at the push of a button: looking at a page begins no session."""
    account = Account.named(user)
    if account is None or account.ended_at:
        log_event("refused")
        name = replace_illegible(user[:60])
        abort(
            403,
            _(
                "You signed in as %(name)s, and no account here has that name. Ask an admin to add one.",
                name=name,
            ),
        )
    if request.method == "GET" or not g.get("csrf_valid"):
        return page("session/by_proxy.html", form=form, name=account.name)
    return _sign_in(account, form, by_proxy=True)


def _sign_in(account: Account, form: SignInForm, by_proxy: bool = False) -> ResponseReturnValue:
    for kind in (SignIn, RateLimit, SecurityEvent):
        kind.forget_old()
    begin_session(account, by_proxy)
    record("signed-in", account.name, address=request.remote_addr or "")
    db.session.commit()
    return redirect(way_on(form.kept.data or "", form.next.data or "", account), 303)


@bp.post("/logout")
@may("look")
def sign_out() -> ResponseReturnValue:
    """End this session, on the server too."""
    end_session()
    record("signed-out", current_user.name, address=request.remote_addr or "")
    db.session.commit()
    notify(_("You are signed out."))
    return redirect(url_for(".sign_in"), 303)


@bp.route("/account/confirm", methods=["GET", "POST"])
@may("look")
@shows_form
def confirm() -> ResponseReturnValue:
    """Ask for the password once more, before accounts are changed."""
    form = ConfirmForm(request.args)
    again = partial(page, "session/confirm.html", form=form)
    if request.method == "GET" or not form.validate():
        return again(422 if form.errors else 200)
    account = authenticated(current_user.name, form.password, again, WRONG_HERE, here=True)
    begin_session(account)
    record("confirmed", account.name, address=request.remote_addr or "")
    db.session.commit()
    return redirect(way_on(form.kept.data or "", form.next.data or "", account), 303)


@bp.route("/setup", methods=["GET", "POST"])
@may("open")
@shows_form
def setup() -> ResponseReturnValue:
    """Make the first admin, by the link that the server printed; without it, say where to find it."""
    if Account.exist():
        return redirect(url_for(".index"), 303)
    token = request.values.get("token", "")
    if not SetupLink.opens(token):
        how = f"{COMMAND} add-account NAME --role admin"
        return page("session/welcome.html", 403 if token else 200, tried=bool(token), how=how)
    form = NewAccountForm()
    if request.method == "GET" or not form.validate():
        return page("session/setup.html", 422 if form.errors else 200, form=form, link_token=token)
    db.session.rollback()
    hashed = hash_password(form.password.data or "")
    if not SetupLink.opens(token, lock=True):
        abort(
            409, _("Someone has used this link before you, and created the first account. Sign in with that.")
        )
    account = Account(role="admin")
    account.rename(form.name.data or "")
    account.set_password(hashed)
    db.session.add(account)
    SetupLink.use_up()
    db.session.flush()
    begin_session(account)
    record("setup", account.name, address=request.remote_addr or "")
    db.session.commit()
    notify(_("Welcome, %(name)s. Your register is ready.", name=account.name))
    return redirect(url_for(".index"), 303)


@bp.get("/kept/<kept_id>")
@may("look")
def show_stashed_form(kept_id: str) -> ResponseReturnValue:
    """What one was about to send when the session ended, to be sent now."""
    kept = StashedForm.of(kept_id, current_user.id)
    if kept is None:
        abort(404)
    return page("resend.html", typed=kept.fields, action=request.script_root + kept.path)
