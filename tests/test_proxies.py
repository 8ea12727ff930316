"""Behind a reverse proxy: who is believed, how a site under a path is served, and who signed in there."""

import pytest

from app import create_app
from pets.accounts.account import Account
from pets.accounts.audit_log import SecurityEvent
from pets.db import db
from tests.people import PASSWORD
from tests.test_access import links_and_forms

pytestmark = pytest.mark.any_database

PREFIX = "/register"


class UnderAPath:
    """A proxy that serves the site under a path, and hands on what is below it."""

    def __init__(self, app):
        self._app = app

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        assert path.startswith(f"{PREFIX}/"), f"{path} leads out of {PREFIX}"
        environ["PATH_INFO"] = path.removeprefix(PREFIX)
        environ["HTTP_X_FORWARDED_PREFIX"] = PREFIX
        return self._app(environ, start_response)


@pytest.fixture
def below(registers):
    with registers.open(PETS_TRUSTED_PROXIES="1") as app:
        app.wsgi_app = UnderAPath(app.wsgi_app)
        yield app


def test_under_a_path_every_link_form_and_redirect_stays_below_it(below, registers):
    edith = below.test_client(name="edith")
    for name in ("Rex", "Max"):
        assert edith.fill(f"{PREFIX}/pets/new", name=name, type="dog").location.startswith(f"{PREFIX}/pets/")
    edith.post(f"{PREFIX}/pets/new", name="Bo", type="cat", then="draft")
    other = edith.get(f"{PREFIX}/pets/1/edit").page.form()
    edith.fill(f"{PREFIX}/pets/1/edit", name="Rexy")
    assert other.submit(edith, name="Rexo").status_code == 409
    seen, forms = links_and_forms(edith, f"{PREFIX}/pets/")
    seen |= links_and_forms(below.test_client(name="ada"), f"{PREFIX}/accounts")[0]
    assert {f"{PREFIX}/pets/1", f"{PREFIX}/health", f"{PREFIX}/draft", f"{PREFIX}/history/1"} <= seen
    assert all(path.startswith(f"{PREFIX}/") for path in forms)
    assert edith.get(f"{PREFIX}/pets").location == f"{PREFIX}/pets/"
    page = edith.get(f"{PREFIX}/nowhere").page
    assert all(one["href"].startswith(f"{PREFIX}/") for one in page.select("link[href], main a"))


def test_under_a_path_one_comes_back_to_where_one_was(below):
    edith = below.test_client(name="edith")
    edith.post(f"{PREFIX}/pets/new", name="Rex", type="dog")
    edith.get(f"{PREFIX}/pets/").page.submit(edith, action=f"{PREFIX}/logout")
    answer = edith.get(f"{PREFIX}/pets/1?x=1")
    back = edith.get(answer.location).page.form().submit(edith, name="Edith", password=PASSWORD)
    assert back.location == f"{PREFIX}/pets/1?x=1"
    form = edith.get(f"{PREFIX}/pets/1/edit").page.form()
    edith.get(f"{PREFIX}/pets/").page.submit(edith, action=f"{PREFIX}/logout")
    answer = form.submit(edith, name="Rexy")
    back = edith.get(answer.location).page.form().submit(edith, name="Edith", password=PASSWORD)
    kept = edith.get(back.location).page.form()
    assert kept.submit(edith).location == f"{PREFIX}/pets/1"


@pytest.mark.parametrize("prefix", ["//evil.example", "/\\evil", "/a/../b", "/<b>", "/a b", "evil"])
def test_a_prefix_that_is_no_path_is_thrown_away(registers, prefix):
    with registers.open(PETS_TRUSTED_PROXIES="1") as app:
        answer = app.test_client(name="edith").get("/pets", headers={"X-Forwarded-Prefix": prefix})
        assert answer.location == "/pets/"


@pytest.mark.parametrize(
    ("peer", "believed"),
    [("127.0.0.1", True), ("10.1.2.3", True), ("10.9.9.9", False), ("fd00::7", True), ("", False)],
)
def test_only_the_proxies_own_addresses_are_believed(registers, peer, believed):
    settings = {"PETS_PROXY_ADDRESSES": "127.0.0.1, 10.1.0.0/16 fd00::/8", "PETS_PROXY_USER_HEADER": "X-User"}
    forged = {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/x"}
    with registers.open(PETS_TRUSTED_PROXIES="1", **settings) as app:
        stranger = app.test_client(name="stranger")
        answer = stranger.get(
            "/login", headers={**forged, "X-User": "Edith"}, environ_overrides={"REMOTE_ADDR": peer}
        )
        assert ("Strict-Transport-Security" in answer.headers) == believed
        assert ('action="/x/login"' in answer.text) == believed
        assert ("You are known here as Edith" in answer.page.text) == believed
        assert bool(answer.page.select('[name="password"]')) != believed


# Signing in by the proxy

USER = "X-Remote-User"


@pytest.fixture
def proxied(registers):
    with registers.open(PETS_TRUSTED_PROXIES="1", PETS_PROXY_USER_HEADER=USER) as app:
        yield app


def as_user(name):
    """What the proxy says: it sends the bytes of a name as they are, and WSGI has them as Latin-1."""
    return {"headers": {USER: name.encode().decode("latin-1")}}


def test_who_signed_in_at_the_proxy_is_let_in_without_a_password_and_has_the_role_of_the_account(proxied):
    with proxied.app_context():
        account = Account.named("Ada")
        account.rename("Ádá Nováková")
        account.set_password(account.password_hash, one_time=True)  # which nobody has to change here
        db.session.commit()
    ada, told = proxied.test_client(name="stranger"), as_user("ádá nováková")
    answer = ada.get("/accounts", **told)
    assert answer.location == "/login?next=%2Faccounts"
    page = ada.get(answer.location, **told).page
    assert "You are known here as Ádá Nováková" in page.text
    assert page.form("/login").submit(ada, request=told).location == "/accounts"
    assert ada.get("/accounts", **told).status_code == 200  # without confirming a password
    edith = proxied.test_client(name="stranger")
    edith.get("/login", **as_user("Edith")).page.form("/login").submit(edith, request=as_user("Edith"))
    assert edith.get("/accounts", **as_user("Edith")).status_code == 403
    with proxied.app_context():
        assert db.session.query(SecurityEvent).filter_by(event="signed-in", who="Ádá Nováková").count() == 1


def test_a_session_ends_when_the_proxy_says_another_or_nobody(proxied):
    edith, told = proxied.test_client(name="stranger"), as_user("Edith")
    edith.get("/login", **told).page.form("/login").submit(edith, request=told)
    assert edith.get("/account", **told).status_code == 200
    assert edith.get("/account", **as_user("Ada")).status_code == 303
    assert edith.get("/account").status_code == 303
    by_password = proxied.test_client(name="vera")  # signed in at the site itself, past the proxy's sign-in
    assert by_password.get("/account").status_code == 200
    assert by_password.get("/account", **as_user("Ada")).status_code == 303


@pytest.mark.parametrize("name", ["Mallory", "Vera, Ada", "\ufffd", "\x00", "x" * 5000])
def test_who_has_no_account_is_told_so(proxied, name, logged):
    answer = proxied.test_client(name="stranger").get("/login", **as_user(name))
    assert answer.status_code == 403
    assert "Ask an admin to add one" in answer.page.text
    assert [line["event"] for line in logged] == ["refused"]


def test_an_account_that_ended_stays_out(proxied):
    with proxied.app_context():
        Account.named("Edith").end()
        db.session.commit()
    assert proxied.test_client(name="stranger").get("/login", **as_user("Edith")).status_code == 403


def test_another_site_signs_nobody_in(proxied):
    edith = proxied.test_client(name="stranger")
    answer = edith.post("/login", csrf_token="forged", **as_user("Edith"))
    assert (answer.status_code, answer.page.heading) == (200, "Sign in")
    assert edith.get("/account", **as_user("Edith")).status_code == 303


@pytest.mark.parametrize(
    "settings",
    [
        {"PETS_PROXY_USER_HEADER": "X-Remote-User"},
        {"PETS_PROXY_USER_HEADER": "X Remote", "PETS_TRUSTED_PROXIES": "1"},
        {"PETS_PROXY_ADDRESSES": "proxy.example"},
        {"PETS_PROXY_ADDRESSES": "10.0.0.1/8"},
    ],
    ids=str,
)
def test_settings_of_proxies_that_make_no_sense_are_told(tmp_path, settings):
    with pytest.raises(ValueError, match=r"PETS_PROXY_(USER_HEADER|ADDRESSES).* Set it to"):
        create_app({"PETS_INSTANCE": str(tmp_path), **settings})
