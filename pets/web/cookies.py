"""The cookies: one holds the session, the other knows a browser again at which somebody signed in before."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, after_this_request, current_app, request
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin, session_json_serializer
from itsdangerous import BadSignature, URLSafeSerializer

KNOWN_FOR = timedelta(days=365)
MOST_ACCOUNTS = 50  # that one browser is known to


class SignedCookie:
    """A cookie that nobody but the register can write, for itself or for another of its cookies."""

    def __init__(self, app: Flask, purpose: str = "session") -> None:
        name = app.config["SESSION_COOKIE_NAME"]
        self._plain_name = name if purpose == "session" else f"{name}-{purpose}"
        self._signer = URLSafeSerializer(str(app.secret_key), purpose, serializer=session_json_serializer)

    @property
    def _name(self) -> str:
        """Over HTTPS, browsers let nobody set a cookie of this prefix over HTTP or from a sister host."""
        return f"__Host-{self._plain_name}" if request.is_secure else self._plain_name

    def read(self, otherwise: Any) -> Any:
        """What the browser sent, or `otherwise` where that is nothing of ours."""
        try:
            return self._signer.loads(request.cookies.get(self._name, ""))
        except BadSignature:
            return otherwise

    def send(self, response: Response, content: Any, lasts: timedelta | None) -> None:
        """Give it to the browser; where `lasts` is None, until the browser is closed.

        It has Max-Age beside Expires: a PC whose clock is years ahead would throw it away at once.
        """
        response.set_cookie(
            self._name,
            str(self._signer.dumps(content)),
            max_age=lasts,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        response.vary.add("Cookie")


class CookieSession(SessionInterface):
    """Flask's session in a cookie without a time of its own: the server ends sessions by its own table.

    Flask's signer would refuse what another server signed whose clock is a few seconds ahead.
    """

    def __init__(self, app: Flask) -> None:
        self._cookie = SignedCookie(app)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """What the cookie holds; nothing if it is not one of ours."""
        return SecureCookieSession(self._cookie.read({}))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie if anything in it has changed."""
        if session.accessed:
            response.vary.add("Cookie")
        if session.modified:
            lasts = app.permanent_session_lifetime if session.permanent else None
            self._cookie.send(response, dict(session), lasts)


def known_browser(account_id: int) -> str | None:
    """What this browser is called if the account signed in here before; None where it never did."""
    name, accounts = _browser().read(("", []))
    return name if account_id in accounts else None


def remember_browser(account_id: int) -> None:
    """Let this browser be known to the account from now on, for a year."""
    name, accounts = _browser().read((secrets.token_urlsafe(12), []))
    others = [number for number in accounts if number != account_id]
    known = [name, [account_id, *others][:MOST_ACCOUNTS]]

    @after_this_request
    def send(response: Response) -> Response:
        _browser().send(response, known, KNOWN_FOR)
        return response


def _browser() -> SignedCookie:
    found: SignedCookie = current_app.extensions["pets-browser"]
    return found


def init_app(app: Flask) -> None:
    """Give the application its cookies."""
    app.session_interface = CookieSession(app)
    app.extensions["pets-browser"] = SignedCookie(app, "browser")
