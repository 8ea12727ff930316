"""Signing in and out, the first account, and coming back to what one was typing."""

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from pets.access import begin_session, may, way_on
from pets.blueprint import bp, changes, page, resend_page, shows_form, tell
from pets.db import db
from pets.forms import ConfirmForm, NewAccountForm, SignInForm
from pets.models import Account, KeptForm, SetupLink, SignIn, Throttle
from pets.models.account import hash_password, password_holds
from pets.models.security import record
from pets.models.throttle import wait_words

WRONG = "The name or the password is wrong. Check both, and whether Caps Lock is on."
USED_UP = "This one-time password is more than three days old. Ask whoever keeps the accounts for a new one."


@bp.route("/login", methods=["GET", "POST"])
@may("open")
@shows_form
@changes
def sign_in() -> ResponseReturnValue:
    """Sign in by name and password."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data, form.kept.data = request.args.get("next", ""), request.args.get("kept", "")
    if request.method == "GET" or not form.validate():
        return page("session/sign_in.html", 422 if form.errors else 200, form=form)
    name = form.name.data or ""
    waiting = _throttled(form, name)
    if waiting is not None:
        return waiting
    account = _proved(name, form.password.data or "")
    if account is None or account.ended_at is not None:
        form.password.errors = [WRONG]
        return page("session/sign_in.html", 422, form=form)
    if account.must_change_password and account.one_time_password_is_old:
        form.password.errors = [USED_UP]
        return page("session/sign_in.html", 422, form=form)
    SignIn.forget_old()
    begin_session(account)
    record("signed-in", account.name, address=request.remote_addr or "")
    db.session.commit()
    return redirect(way_on(form.kept.data or "", form.next.data or "", account), 303)


def _throttled(form: SignInForm | ConfirmForm, name: str) -> ResponseReturnValue | None:
    """The page that says how long to wait; or None, and the try is counted."""
    address = request.remote_addr or ""
    wait = Throttle.wait_for(name, address)
    if wait.total_seconds() > 0:
        record("throttled", name, address=address)
        db.session.commit()
        form.password.errors = [f"There were too many tries. Wait {wait_words(wait)}, then try again."]
        body, _ = page(
            "session/sign_in.html" if isinstance(form, SignInForm) else "session/confirm.html", form=form
        )
        return body, 429, {"Retry-After": str(int(wait.total_seconds()) + 1)}
    Throttle.charge(name, address)
    db.session.commit()
    return None


def _proved(name: str, password: str) -> Account | None:
    """The account of this name if the password is its own. Hashing happens between two transactions."""
    account = Account.named(name)
    number, hashed = (account.id, account.password_hash) if account else (0, None)
    db.session.rollback()
    right = password_holds(hashed, password)
    if not right:
        record("refused", name, address=request.remote_addr or "")
        db.session.commit()
        return None
    Throttle.clear(name, request.remote_addr or "")
    return db.session.get(Account, number)


@bp.post("/logout")
@may("look")
@changes
def sign_out() -> ResponseReturnValue:
    """End this session, on the server too."""
    g.sign_in.end()
    record("signed-out", current_user.name, address=request.remote_addr or "")
    db.session.commit()
    logout_user()
    session.clear()
    tell("You are signed out.")
    return redirect(url_for(".sign_in"), 303)


@bp.route("/account/confirm", methods=["GET", "POST"])
@may("look")
@shows_form
@changes
def confirm() -> ResponseReturnValue:
    """Ask for the password once more, before accounts are changed."""
    form = ConfirmForm()
    if request.method == "GET":
        form.next.data, form.kept.data = request.args.get("next", ""), request.args.get("kept", "")
    if request.method == "GET" or not form.validate():
        return page("session/confirm.html", 422 if form.errors else 200, form=form)
    name, session_now = current_user.name, g.sign_in
    waiting = _throttled(form, name)
    if waiting is not None:
        return waiting
    account = _proved(name, form.password.data or "")
    if account is None:
        form.password.errors = ["The password is wrong. Check whether Caps Lock is on."]
        return page("session/confirm.html", 422, form=form)
    session_now.confirm()
    db.session.commit()
    return redirect(way_on(form.kept.data or "", form.next.data or "", account), 303)


@bp.route("/setup", methods=["GET", "POST"])
@may("open")
@shows_form
@changes
def setup() -> ResponseReturnValue:
    """Make the first admin, by the link that the server printed; without it, say where to find it."""
    if Account.exist():
        return redirect(url_for(".list_pets"), 303)
    token = request.values.get("token", "")
    if not SetupLink.opens(token):
        return page("session/welcome.html", 403 if token else 200, tried=bool(token))
    form = NewAccountForm()
    if request.method == "GET" or not form.validate():
        return page("session/setup.html", 422 if form.errors else 200, form=form, token=token)
    db.session.rollback()
    hashed = hash_password(form.password.data or "")
    if Account.exist() or not SetupLink.opens(token):
        abort(409)
    account = Account(role="admin")
    account.rename(form.name.data or "")
    account.set_password(hashed)
    db.session.add(account)
    SetupLink.use_up()
    db.session.flush()
    begin_session(account)
    record("setup", account.name, address=request.remote_addr or "")
    db.session.commit()
    tell(f"Welcome, {account.name}. The register is yours to keep.")
    return redirect(url_for(".list_pets"), 303)


@bp.get("/kept/<kept_id>")
@may("look")
def show_kept(kept_id: str) -> ResponseReturnValue:
    """What one was about to send when the session ended, to be sent now."""
    kept = KeptForm.of(kept_id, current_user.id)
    if kept is None:
        abort(404)
    return resend_page(200, kept.path, [(name, value) for name, value in kept.fields])
