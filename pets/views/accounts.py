"""Accounts: what admins keep of other people, and everybody of themselves."""

from functools import partial

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.accounts.account import ROLES, Account
from pets.accounts.audit_log import SecurityEvent, record
from pets.accounts.password import hash_password, one_time_password
from pets.accounts.rate_limit import RateLimit
from pets.accounts.sessions import SignIn
from pets.db import db
from pets.forms.accounts import AccountForm, LanguageForm, PasswordForm
from pets.language import gettext as _, lazy_gettext, speak
from pets.search.listing import listing
from pets.views.authentication import authenticated
from pets.web.blueprint import bp, notify, page, shows_form, typed_before
from pets.web.permissions import begin_session, may
from pets.web.request import preferred_language
from pets.web.way_back import way_on

EVENTS = 50  # security events on a page
NOT_YOURS = lazy_gettext("This is not your current password. Check whether Caps Lock is on.")


@bp.get("/accounts")
@may("admin", confirmed=True)
def list_accounts() -> ResponseReturnValue:
    """Everybody who may sign in, and who might once."""
    return page("accounts/list.html", accounts=db.session.scalars(Account.by_name()).all(), roles=ROLES)


@bp.route("/accounts/new", methods=["GET", "POST"])
@may("admin", confirmed=True)
@shows_form
def new_account() -> ResponseReturnValue:
    """Add an account, with a one-time password that is shown once."""
    form = AccountForm(typed=typed_before())
    if request.method == "GET":
        form.role.data = form.role.data or "editor"
    if request.method == "GET" or not form.validate():
        return page("accounts/new.html", 422 if form.errors else 200, form=form)
    password, hashed = _fresh_password()
    account = Account(role=form.role.data)
    account.rename(form.name.data or "")
    account.set_password(hashed, one_time=True)
    db.session.add(account)
    _record("account-added", account)
    db.session.commit()
    return page("accounts/password.html", account=account, password=password)


@bp.route("/accounts/<number:account_id>", methods=["GET", "POST"])
@may("admin", confirmed=True)
@shows_form
def edit_account(account_id: int) -> ResponseReturnValue:
    """Rename an account or change its role; a new role begins with a new session."""
    account = _account(account_id)
    form = AccountForm(account, typed_before())
    last = account.is_last_admin
    outdated = form.seen.data != account.seen  # somebody changed it after the form was filled
    if request.method == "POST" and form.validate() and last and form.role.data != "admin":
        form.role.errors = [_("This is the only admin. Make someone else an admin first.")]
    if request.method == "GET" or form.errors or outdated:
        form.seen.data = account.seen
        status = 422 if form.errors else 409 if request.method == "POST" else 200
        shown = {"account": account, "last": last, "outdated": outdated, "roles": ROLES}
        return page("accounts/edit.html", status, form=form, **shown)
    role, account.role = account.role, form.role.data
    account.rename(form.name.data or "")
    if account.role != role:
        _sign_out_everywhere(account)
    _record("account-changed", account)
    db.session.commit()
    notify(_("The account of %(name)s was changed.", name=account.name))
    return redirect(url_for(".list_accounts" if current_user.may("admin") else ".my_account"), 303)


@bp.post("/accounts/<number:account_id>/reset")
@may("admin", confirmed=True)
def reset_password(account_id: int) -> ResponseReturnValue:
    """Replace a forgotten password by a one-time password, shown once."""
    _account(account_id)
    password, hashed = _fresh_password()
    account = _account(account_id)
    account.set_password(hashed, one_time=True)
    SignIn.end_all(account)
    RateLimit.forgive(account)
    _record("password-reset", account)
    db.session.commit()
    return page("accounts/password.html", account=account, password=password)


@bp.post("/accounts/<number:account_id>/end-sessions")
@may("admin", confirmed=True)
def end_sessions(account_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere, as when a phone was lost."""
    account = _account(account_id)
    _sign_out_everywhere(account)
    _record("sessions-ended", account)
    db.session.commit()
    if account.id == current_user.id:
        notify(_("You are signed out everywhere but here."))
    else:
        notify(_("%(name)s is signed out everywhere.", name=account.name))
    return redirect(url_for(".edit_account", account_id=account_id), 303)


@bp.post("/accounts/<number:account_id>/end")
@may("admin", confirmed=True)
def end_account(account_id: int) -> ResponseReturnValue:
    """End an account: nobody signs in to it any more. Its name stays in the history."""
    account = _account(account_id)
    if account.is_last_admin:
        abort(409, _("This is the only admin, and cannot be ended. Make someone else an admin first."))
    account.end()
    SignIn.end_all(account)
    _record("account-ended", account)
    db.session.commit()
    notify(_("The account of %(name)s has ended. It can be brought back.", name=account.name))
    return redirect(url_for(".list_accounts"), 303)


@bp.post("/accounts/<number:account_id>/return")
@may("admin", confirmed=True)
def return_account(account_id: int) -> ResponseReturnValue:
    """Bring an account back that ended, with its old password."""
    account = _account(account_id)
    account.ended_at = None
    _record("account-back", account)
    db.session.commit()
    notify(_("%(name)s can sign in again.", name=account.name))
    return redirect(url_for(".list_accounts"), 303)


@bp.route("/account", methods=["GET", "POST"])
@may("look")
@shows_form
def my_account() -> ResponseReturnValue:
    """One's own account: the language, the password, and where one is signed in."""
    form = LanguageForm(current_user.language, typed_before())
    if request.method == "POST" and form.validate():
        account = db.session.get_one(Account, current_user.id)
        account.language = form.language.data
        db.session.commit()
        speak(account.language or preferred_language(request.headers.get("Accept-Language", "")))
        notify(_("Your language was changed."))
        return redirect(url_for(".my_account"), 303)
    sessions = [one for one in db.session.scalars(SignIn.of_account(current_user.id)) if one.holds]
    sessions.sort(key=lambda one: one.token_hash != g.session_hash)
    shown = {"sessions": sessions, "this": g.session_hash, "roles": ROLES}
    return page("accounts/mine.html", 422 if form.errors else 200, form=form, **shown)


@bp.post("/account/end-sessions")
@may("look", confirmed=True)
def end_my_sessions() -> ResponseReturnValue:
    """Sign out in one other browser, or in all but this one."""
    label = request.form.get("session")
    for one in db.session.scalars(SignIn.of_account(current_user.id)):
        if one.token_hash != g.session_hash and label in (None, one.label):
            one.end()
    _record("sessions-ended", current_user)
    db.session.commit()
    notify(_("You are signed out there.") if label else _("You are signed out everywhere but here."))
    return redirect(url_for(".my_account"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@may("look")
@shows_form
def change_password() -> ResponseReturnValue:
    """Choose a password of one's own; everywhere else one is signed out."""
    form = PasswordForm(current_user.name, request.args)
    again = partial(page, "accounts/my_password.html", form=form)
    if request.method == "GET" or not form.validate():
        return again(422 if form.errors else 200)
    db.session.rollback()  # hashing is slow, and nobody has to wait for it
    hashed = hash_password(form.new_password.data or "")
    account = authenticated(current_user.name, form.old_password, again, NOT_YOURS, here=True)
    account.set_password(hashed)
    _sign_out_everywhere(account)
    record("password-changed", account.name, address=request.remote_addr or "")
    db.session.commit()
    notify(_("Your password was changed. Everywhere else you are signed out."))
    return redirect(way_on(form.kept.data or "", form.next.data or "", account, ".my_account"), 303)


@bp.get("/security")
@may("admin")
def security_events() -> ResponseReturnValue:
    """Who signed in, who was refused, who changed an account or a field; newest first."""
    of_fields, after = "fields" in request.args, request.args.get("after", "")
    query = SecurityEvent.all_of_them(of_fields)
    found = listing(query, key=(SecurityEvent.id,), after=after, size=EVENTS, falls=True)
    return page("accounts/security.html", found=found, of_fields=of_fields)


def _account(account_id: int) -> Account:
    """The account; for a form, as it stays until the answer."""
    to_change = request.method == "POST"
    account = Account.to_change(account_id) if to_change else db.session.get(Account, account_id)
    if account is None:
        abort(404)
    return account


def _sign_out_everywhere(account: Account) -> None:
    """End an account's sessions. Whoever does so to themselves goes on here, in a new one."""
    SignIn.end_all(account)
    if account.id == current_user.id:
        begin_session(account)


def _fresh_password() -> tuple[str, str]:
    """A one-time password and its hash, made between two transactions."""
    db.session.rollback()
    password = one_time_password()
    return password, hash_password(password)


def _record(event: str, account: Account) -> None:
    record(event, current_user.name, f"{account.name} ({account.role})", request.remote_addr or "")
