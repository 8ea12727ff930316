"""Authentication by a password: as slow for everybody, and slower with each try."""

from collections.abc import Callable

from flask import abort, g, make_response, request
from wtforms import PasswordField

from pets.accounts.account import Account
from pets.accounts.audit_log import SecurityEvent, record
from pets.accounts.password import password_holds
from pets.accounts.rate_limit import RateLimit, keys_of_stranger, wait_words
from pets.db import db
from pets.language import gettext as _
from pets.web.cookies import known_browser

Again = Callable[[int], tuple[str, int]]  # the page of the form, with this status


def authenticated(name: str, field: PasswordField, again: Again, wrong: str, here: bool = False) -> Account:
    """The account of this name if the password in the field is its own; else the request ends with the form's
    page, which says why.

    An account that is not there, or has ended, takes the same time and is told the same (`wrong`). `here`:
    it is this session's own account. Hashing happens between two transactions; who comes back from it is
    looked up again, and locked.
    """
    address = request.remote_addr or ""
    counted = [f"session:{g.session_hash}"] if here else _counted(name, address)
    wait = RateLimit.charge(counted)
    if wait and not SecurityEvent.lately("throttled", address=address):
        record("throttled", name, address=address)
    db.session.commit()
    if wait:
        field.errors = [_("There were too many tries. Wait %(wait)s, then try again.", wait=wait_words(wait))]
        abort(make_response(*again(429), {"Retry-After": str(int(wait.total_seconds()) + 1)}))
    number, hashed = _kept(Account.named(name))
    db.session.rollback()
    holds = password_holds(hashed, field.data or "")
    account = db.session.get(Account, number, with_for_update=True) if holds else None
    if account is None or _kept(account) != (number, hashed):
        record("refused", name, address=address)
        db.session.commit()
        field.errors = [str(wrong)]
        abort(make_response(again(422)))
    RateLimit.clear(counted)
    return account


def _counted(name: str, address: str) -> list[str]:
    account = Account.named(name)
    browser = known_browser(account.id) if account else None
    return [f"browser:{account.id}:{browser}"] if account and browser else keys_of_stranger(name, address)


def _kept(account: Account | None) -> tuple[int, str | None]:
    """The number and hash that a password is compared with; of nobody, where nobody may sign in."""
    return (account.id, account.password_hash) if account and not account.ended_at else (0, None)
