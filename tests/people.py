"""The cast. A person is a client with a cookie jar of their own who looks at everything the site answers."""

from contextvars import Context
from datetime import timedelta
from functools import partial

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.datastructures import MultiDict
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from pets import clock
from pets.accounts.account import Account
from pets.accounts.sessions import SignIn
from pets.db import db
from tests.pages import Page

CAST = {"vera": "viewer", "edith": "editor", "ada": "admin"}  # a stranger has no account
PASSWORD = "rain on a tin roof"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What `post()` and `get()` hand on to the request; every other keyword is a field of the form.
REQUEST = frozenset(
    "headers query_string follow_redirects content_type json environ_overrides environ_base base_url".split()
)


class Person(FlaskClient):
    """`edith.post("/pets/new", name="Rex", type="dog")` sends a form, with the token that a person's form
    would have. An answer in HTML has a `page` (see `tests/pages.py`)."""

    def __init__(self, app: Flask, *args, name: str = "stranger", **kwargs):
        super().__init__(app, *args, **kwargs)
        self.name = name
        self._token: str | None = None
        if signed_in := app.extensions.get("cast", {}).get(name):
            self.cookie, self._token = signed_in

    def __repr__(self):
        return self.name

    @property
    def cookie(self) -> str:
        """What the session's cookie holds, to be set again later or elsewhere."""
        return self.get_cookie(self.application.config["SESSION_COOKIE_NAME"]).value

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.set_cookie(self.application.config["SESSION_COOKIE_NAME"], value)

    @property
    def token(self) -> str:
        """The token of the last form this person saw; who has seen none opens a page that has one."""
        if self._token is None:
            self.get("/pets/", follow_redirects=True)
        assert self._token, f"{self} found no page with a form to take a token from"
        return self._token

    def sign_in(self, password: str = PASSWORD) -> TestResponse:
        """Sign in at the door, in a session that is new. The cast is signed in already."""
        self.delete_cookie(self.application.config["SESSION_COOKIE_NAME"])  # other browsers go on with that
        answer = self.fill("/login", name=self.name, password=password)
        self._token = None  # the old session's
        return answer

    def post(self, url, data=None, **fields):
        """Send these fields, with a token. None leaves a field out (the token too), a list sends several,
        `(io.BytesIO(…), "pets.csv")` is a file; a body given as bytes is sent as it is."""
        request = {name: fields.pop(name) for name in REQUEST & fields.keys()}
        if isinstance(data, bytes):
            request.setdefault("content_type", "application/x-www-form-urlencoded")
            return super().post(url, data=data, **request)
        if "json" in request:
            return super().post(url, **request)
        given = {**(MultiDict(data).to_dict(flat=False) if data else {}), **fields}
        if "csrf_token" not in given:
            given["csrf_token"] = self.token
        sent = {}
        for name, value in given.items():
            several = value if isinstance(value, list) else [value]
            if kept := [one for one in several if one is not None]:
                sent[name] = kept
        return super().post(url, data=sent, **request)

    def fill(self, url, button=None, *, action=None, request=None, **fields):
        """Open a page, type these fields into its form, and send it."""
        return self.get(url).page.form(action).submit(self, button, request, **fields)

    def change_told(self, answer: TestResponse | str) -> str:
        """The address of the change that is told on the page that an answer leads to, or at this address."""
        page = self.get(answer if isinstance(answer, str) else answer.location).page
        return page.links["See the change"]

    def open(self, *args, **kwargs) -> TestResponse:
        _let_go()
        # As on a server's thread: nothing of the test's own context is seen by the request.
        response = Context().run(partial(super().open, *args, **kwargs))
        _let_go()
        if not hasattr(response, "page"):
            response.page = None
            self._look_at(response)
        return response

    def _look_at(self, response: TestResponse) -> None:
        request = response.request
        faults = list(_answer_faults(response))
        redirect = 300 <= response.status_code < 400
        if response.mimetype == "text/html" and request.method != "HEAD" and not redirect:
            page = response.page = Page(response.get_data(as_text=True), request.full_path.rstrip("?"))
            faults += page.faults
            if response.status_code == 422:
                faults += _mistake_faults(page)
            for token in page.select('form input[name="csrf_token"]')[:1]:
                self._token = token["value"]
        assert not faults, f"{request.method} {request.path} ({response.status}):\n  " + "\n  ".join(faults)


def hire_cast(app: Flask) -> dict[str, tuple[str, str]]:
    """Give the cast their accounts, and sign each in at the door: their cookies and tokens hold wherever
    the register and its secret key are copied to."""
    with app.app_context():
        for name, role in CAST.items():
            account = Account(role=role)
            account.rename(name.title())
            # As the site itself hashes, but for the time it takes.
            account.set_password(generate_password_hash(PASSWORD, "pbkdf2:sha256:1"))
            db.session.add(account)
        db.session.commit()
    signed_in = {}
    for name in CAST:
        person = app.test_client(name=name)
        person.sign_in()
        token = person.token
        signed_in[name] = (person.cookie, token)
    with app.app_context():  # however long the tests take, nobody has to confirm a password in the meantime
        db.session.execute(update(SignIn).values(confirmed_at=clock.now() + timedelta(days=7)))
        db.session.commit()
    return signed_in


def _let_go() -> None:
    """End the transaction of the test's own session: on SQLite it holds the writers' turn, and it would
    show the register as it was."""
    if has_app_context():
        session = db.session
        queued = [*session.new, *session.dirty, *session.deleted]
        assert not queued, "commit before asking for a page"
        session.rollback()


def _answer_faults(response: TestResponse):
    status, headers = response.status_code, response.headers
    for name, value in HEADERS.items():
        if headers.getlist(name) != [value]:
            yield f"{name}: {headers.get(name)!r}, not {value!r}"
    if not headers.get("Cache-Control"):
        yield "nothing says whether the answer may be kept (Cache-Control)"
    if response.mimetype == "text/html":
        if headers["Content-Type"] != "text/html; charset=utf-8":
            yield f"Content-Type is {headers['Content-Type']!r}"
        if not {"no-store", "no-cache", "private"} & set(headers.get("Cache-Control", "").split(", ")):
            yield "a page that others may keep (Cache-Control)"
    elif status >= 400:
        yield f"an error that is no page but {response.mimetype}"
    if 300 <= status < 400 and status != 304:
        location = headers.get("Location", "")
        if not location.startswith("/") or location.startswith(("//", "/\\")) or not location.isprintable():
            yield f"leads away: {location!r}"
        if response.request.method == "POST" and status not in {303, 308}:
            yield "a POST is answered with 303"
    if status == 405 and not headers.get("Allow"):
        yield "405 without Allow"
    if status in {429, 503} and not headers.get("Retry-After"):
        yield f"{status} without Retry-After"
    for cookie in headers.getlist("Set-Cookie"):
        if "httponly" not in cookie.lower() or "samesite=lax" not in cookie.lower():
            yield f"a cookie that is open to others: {cookie.split('=')[0]}"


def _mistake_faults(page: Page):
    """A form to correct says so in the title, and its summary leads to fields that say what is wrong."""
    wrong = page.select('[aria-invalid="true"]')
    if not wrong:
        return  # a question ("Add anyway?") is no mistake
    if not page.title.startswith("Error:"):
        yield f"a page with mistakes is titled {page.title!r}"
    yield from (f"{field} does not say what is wrong" for field in wrong if not field.get("aria-describedby"))
    linked = {link["href"][1:] for link in page.select('main a[href^="#"]')}
    if not any(field.get("id") in linked for field in wrong):
        yield "no summary leads to the fields that are wrong"
