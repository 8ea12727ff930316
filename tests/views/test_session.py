"""Signing in and out: who is let in, for how long, and how little a guesser learns."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event
from sqlalchemy.orm.exc import StaleDataError

import pets
from app import create_app
from pets.accounts.account import Account, SetupLink, digest
from pets.accounts.audit_log import SecurityEvent
from pets.accounts.password import hash_password
from pets.accounts.rate_limit import RateLimit
from pets.accounts.sessions import SignIn
from pets.db import db
from pets.models.stashed_form import StashedForm
from pets.views import session as views
from pets.web.way_back import own_path
from tests.people import PASSWORD, Person

WRONG = "The name or the password is wrong."


def sign_in(person, name=None, password=PASSWORD, **request):
    return person.post("/login", name=name or person.name, password=password, **request)


def is_in(person):
    return person.get("/account").status_code == 200


# In and out


def test_signing_in_leads_home_and_shows_who_one_is(app):
    edith = app.test_client(name="stranger")
    answer = edith.fill("/login", name="edith", password=PASSWORD, request={"follow_redirects": True})
    assert answer.page.heading == "Home"
    assert "Edith" in answer.page.one("nav").text


@pytest.mark.on_both
@pytest.mark.parametrize("name", ["Edith", "EDITH", "  edith ", "ÉDITH"])
def test_case_accents_and_spaces_of_a_name_do_not_matter(stranger, name):
    assert sign_in(stranger, name).status_code == 303


@pytest.fixture
def lost_races(app):
    """The next two commits that begin a session lose a race, and are tried again."""
    lost = []

    def lose(session):
        if len(lost) < 2 and any(isinstance(one, SignIn) for one in session.new):
            lost.append(session)
            raise StaleDataError

    event.listen(db.session, "before_commit", lose)
    yield lost
    event.remove(db.session, "before_commit", lose)


@pytest.mark.on_both
@pytest.mark.parametrize(
    ("name", "url", "fields"),
    [
        ("stranger", "/login", {"name": "edith", "password": PASSWORD}),
        ("edith", "/login", {"name": "edith", "password": PASSWORD}),
        ("ada", "/account/confirm", {"password": PASSWORD}),
        ("vera", "/account/password", {"old_password": PASSWORD, "new_password": "a roof of another tin"}),
    ],
)
def test_a_lost_race_leaves_nothing_of_itself_in_the_session(app, session, lost_races, name, url, fields):
    """Not the sign-in that was never stored, nor a name for who asks."""
    person = app.test_client(name=name)
    person.get("/login")
    before = session.query(SignIn).filter(SignIn.ended_at.is_(None)).count()
    assert person.post(url, fields).status_code == 303
    assert len(lost_races) == 2
    assert is_in(person)
    still = session.query(SignIn).filter(SignIn.ended_at.is_(None)).count()
    assert still == before + (name == "stranger")


@pytest.mark.parametrize("password", [PASSWORD.upper(), PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1]])
def test_the_password_is_taken_to_the_letter(stranger, password):
    assert WRONG in sign_in(stranger, "edith", password).page.text


def test_one_gets_to_the_page_one_asked_for(stranger, rex):
    page = stranger.get(f"/pets/{rex.id}?x=1", follow_redirects=True).page
    answer = page.submit(stranger, name="Vera", password=PASSWORD)
    assert answer.location == f"/pets/{rex.id}?x=1"


def test_a_form_with_nothing_in_it_says_what_to_enter(stranger):
    page = sign_in(stranger, " ", "").page
    assert "Enter your name" in page.text
    assert "Enter your password" in page.text


def test_a_mistake_keeps_the_name_but_never_the_password(stranger):
    page = sign_in(stranger, "Edith", "not at all right").page
    assert page.form().fields["name"] == "Edith"
    assert page.form().fields["password"] == ""
    assert "not at all right" not in page.html


@pytest.mark.on_both
def test_signing_out_ends_the_session_on_the_server(edith):
    before = edith.cookie
    answer = edith.get("/pets/").page.submit(edith, "Sign out", action="/logout")
    assert answer.location == "/login"
    edith.cookie = before
    assert not is_in(edith)


def test_only_a_form_signs_out(edith):
    answer = edith.get("/logout")
    assert (answer.status_code, answer.headers["Allow"]) == (
        405,
        "POST, OPTIONS",
    ) or answer.status_code == 405
    assert is_in(edith)


def test_a_session_is_new_at_sign_in_and_what_stood_in_the_cookie_does_not_come_along(stranger):
    """Whoever planted a cookie before knows nothing of the one after."""
    token = stranger.get("/login").page.form().fields["csrf_token"]
    before = stranger.cookie
    assert sign_in(stranger, "edith", csrf_token=token).status_code == 303
    stranger.get("/pets/")
    with stranger.session_transaction() as session:
        after = session["csrf_token"]
    planted = stranger.application.test_client(name="stranger")
    planted.cookie = before
    assert not is_in(planted)
    with planted.session_transaction() as session:
        assert session["csrf_token"] != after


@pytest.mark.on_both
def test_signing_in_once_more_ends_the_session_before(edith):
    before = edith.cookie
    assert sign_in(edith).status_code == 303
    edith.cookie = before
    assert not is_in(edith)


def test_only_the_hash_of_256_random_bits_is_kept(edith, session):
    edith.sign_in()
    with edith.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert len(token) == 43  # 32 bytes in base64
    kept = session.get(SignIn, digest(token))
    assert kept.account.name == "Edith"
    assert token not in str(vars(kept))


@pytest.mark.parametrize(
    "cookie", ["", "x", "e30.x.x", "eyJfdXNlcl9pZCI6IjEifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbb"]
)
def test_a_cookie_that_we_did_not_sign_is_nobodys(stranger, cookie):
    stranger.cookie = cookie
    assert not is_in(stranger)


def test_of_two_servers_the_clocks_need_not_agree_to_the_second(edith, monkeypatch):
    before = time.time()
    with monkeypatch.context() as ahead:
        ahead.setattr("time.time", lambda: before + 3)
        edith.sign_in()
    assert is_in(edith)


# How long it holds


@pytest.mark.on_both
def test_who_is_idle_for_too_long_signs_in_again(registers, clock):
    with registers.open(PETS_SESSION_HOURS="2") as app:
        edith = app.test_client(name="edith")
        edith.sign_in()
        clock.forward(hours=1, minutes=59)
        assert is_in(edith)  # and this counts as not being idle
        early = edith.cookie
        clock.forward(hours=1, minutes=59)
        assert is_in(edith)
        clock.forward(hours=2, minutes=1)
        assert not is_in(edith)
        edith.cookie = early  # an older cookie is no younger
        assert not is_in(edith)


def test_after_seven_days_everybody_signs_in_again(edith, clock):
    edith.sign_in()
    for _ in range(15):
        clock.forward(hours=11)
        assert is_in(edith)
    clock.forward(hours=4)
    assert not is_in(edith)


@pytest.mark.on_both
def test_old_sessions_tries_and_events_are_forgotten(edith, stranger, clock, session):
    sign_in(stranger, "nobody", "wrong wrong wrong")
    assert session.query(RateLimit).count() == 2
    clock.forward(days=500)
    edith.sign_in()
    assert session.query(RateLimit).count() == 0
    assert [one.event for one in session.query(SecurityEvent)][-1] == "signed-in"
    assert not session.query(SecurityEvent).filter_by(who="nobody").all()


# What a guesser learns


def test_an_unknown_name_a_wrong_password_and_an_ended_account_are_told_the_same(app, ada, session):
    vera = session.query(Account).filter_by(name="Vera").one()
    ada.post(f"/accounts/{vera.id}/end")

    def told(name, password):
        somebody = app.test_client(name="stranger")
        page = sign_in(somebody, name, password).page
        return page.text.replace(name, "NAME"), page.title

    known = told("Edith", "wrong wrong wrong")
    assert WRONG in known[0]
    assert (
        known == told("Nobody", "wrong wrong wrong") == told("Vera", PASSWORD) == told("Vera", "wrong again!")
    )


@pytest.mark.parametrize("name", ["Edith", "Nobody", "Vera"])
def test_and_take_the_same_time(name, app, ada, session, monkeypatch):
    """One hash each, as expensive as any."""
    session.query(Account).filter_by(name="Edith").one().set_password(hash_password("a dish of cold plums"))
    vera = session.query(Account).filter_by(name="Vera").one()
    vera.set_password(hash_password("a dish of cold plums"))
    vera.end()
    session.commit()
    hashed = []
    real = hashlib.scrypt

    def scrypt(password, **settings):
        hashed.append({**settings, "salt": None})
        return real(password, **settings)

    monkeypatch.setattr("hashlib.scrypt", scrypt)
    right = name == "Vera"
    sign_in(app.test_client(name="stranger"), name, "a dish of cold plums" if right else "wrong wrong wrong")
    [settings] = hashed
    assert (settings["n"], settings["r"], settings["p"]) == (32768, 8, 1)


def test_a_password_too_long_to_be_one_costs_no_more(stranger):
    assert WRONG in sign_in(stranger, "edith", PASSWORD + "x" * 100_000).page.text


@pytest.mark.on_both
def test_a_name_of_any_length_and_script_is_refused_in_words(stranger):
    for name in ("x" * 10_000, "ж" * 300, "a\u202eb", "<b>\x07", "'; DROP TABLE account"):
        assert WRONG in sign_in(stranger, name, "wrong wrong wrong").page.text
    assert "Enter your name" in sign_in(stranger, "a\0b", "wrong wrong wrong").page.text


@pytest.fixture(autouse=True)
def _compare_quickly(request, monkeypatch):
    """A stranger's hash is as slow as all, but the cast's are not (see `hire_cast`)."""
    if "same_time" not in request.node.name:
        monkeypatch.setattr("pets.accounts.password.NOBODYS", "pbkdf2:sha256:1$nobody$" + 64 * "0")


# Slowing down


def guess(person, times, name="edith", **request):
    return [sign_in(person, name, f"guess number {n}", **request) for n in range(times)]


@pytest.mark.on_both
def test_after_five_mistakes_one_waits_longer_with_each(stranger, clock):
    assert [answer.status_code for answer in guess(stranger, 6)] == [422] * 5 + [429]
    waits = []
    for _ in range(12):
        answer = sign_in(stranger, "edith", "still not right")
        waits.append(int(answer.headers["Retry-After"]))
        clock.forward(seconds=waits[-1])
        assert sign_in(stranger, "edith", "still not right").status_code == 422
    assert waits == sorted(waits)
    assert waits[0] == 6
    assert waits[-1] == 15 * 60 + 1  # it ends there: nobody is locked out for good


def test_the_page_says_how_long(stranger, clock):
    answer = guess(stranger, 6)[-1]
    assert "There were too many tries. Wait 6 seconds, then try again." in answer.page.text
    assert answer.page.title.startswith("Error:")
    assert answer.page.form().fields["name"] == "edith"


def test_while_one_waits_the_right_password_is_not_looked_at(stranger, clock):
    guess(stranger, 5)
    assert sign_in(stranger, "edith").status_code == 429
    clock.forward(seconds=6)
    assert sign_in(stranger, "edith").status_code == 303


def test_the_right_password_makes_good_for_the_wrong_ones(stranger, clock):
    guess(stranger, 4)
    assert sign_in(stranger, "edith").status_code == 303
    assert {answer.status_code for answer in guess(stranger, 5)} == {422}


def test_who_guesses_at_many_names_is_slowed_down_by_address(stranger, clock):
    answers = [sign_in(stranger, f"name{n}", "wrong wrong wrong") for n in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "10.0.0.9"}}
    assert sign_in(stranger, "edith", **elsewhere).status_code == 303


def test_a_name_without_an_account_is_slowed_down_alike(stranger, clock):
    assert [answer.status_code for answer in guess(stranger, 6, "nobody")] == [422] * 5 + [429]


@pytest.mark.on_both
def test_tries_are_forgotten_after_half_an_hour(stranger, clock):
    guess(stranger, 5)
    clock.forward(minutes=31)
    assert {answer.status_code for answer in guess(stranger, 5)} == {422}


def test_one_account_is_slowed_down_whatever_the_address(stranger, clock):
    addresses = [{"environ_overrides": {"REMOTE_ADDR": f"10.0.0.{n}"}} for n in range(6)]
    answers = [sign_in(stranger, "edith", "wrong wrong wrong", **address) for address in addresses]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def gets_in(person, name):
    """Whether the right password is taken; a new form, whose token holds, is before them then."""
    status = sign_in(person, name).status_code
    person.get("/login")
    return status == 303


def test_nobody_is_kept_out_of_a_browser_where_they_signed_in_before(app, stranger, clock):
    """However many guess at their name, and from the same address too."""
    edith = app.test_client(name="stranger")
    assert gets_in(edith, "edith")
    edith.get("/pets/").page.submit(edith, "Sign out", action="/logout")
    assert guess(stranger, 6)[-1].status_code == 429
    edith.get("/login")
    assert gets_in(edith, "edith")
    assert not gets_in(stranger, "edith")  # and their tries are not forgotten for that
    assert [answer.status_code for answer in guess(edith, 6)] == [422] * 5 + [429]
    assert not gets_in(edith, "edith")


def test_a_browser_is_known_to_those_alone_who_signed_in_there(app, stranger, clock):
    for name in ("vera", "ada"):
        assert gets_in(stranger, name)
    assert [answer.status_code for answer in guess(stranger, 6, "edith")] == [422] * 5 + [429]
    assert gets_in(stranger, "vera")
    assert gets_in(stranger, "ada")
    known = f"{app.config['SESSION_COOKIE_NAME']}-browser"
    value = stranger.get_cookie(known).value
    for forged in ("", "x", value[:-1], stranger.cookie):
        other = app.test_client(name="stranger")
        guess(other, 5, "vera")
        other.set_cookie(known, forged)
        assert not gets_in(other, "vera")
        other.set_cookie(known, value)
        assert gets_in(other, "vera")


def test_a_new_password_lets_people_try_at_once_wherever_they_are(app, ada, stranger, clock, session):
    edith = app.test_client(name="stranger")
    assert gets_in(edith, "edith")
    for person in (edith, stranger):
        assert guess(person, 6)[-1].status_code == 429
    account = session.query(Account).filter_by(name="Edith").one()
    ada.sign_in()
    ada.post(f"/accounts/{account.id}/reset")
    for person in (edith, stranger):
        person.get("/login")
        assert guess(person, 1)[0].status_code == 422


@pytest.mark.parametrize("path", ["/account/confirm", "/account/password"])
def test_nobody_is_kept_from_confirming_where_they_are_signed_in(app, ada, vera, stranger, clock, path):
    ada.sign_in()
    guess(stranger, 6, "ada")
    guess(stranger, 12, "vera")
    typed = {"password": PASSWORD, "old_password": PASSWORD, "new_password": "a dish of cold plums"}
    assert ada.post(path, **typed).status_code == 303


@pytest.mark.parametrize("years", [1, 10])
def test_a_clock_that_was_put_right_leaves_nobody_waiting(ada, stranger, clock, session, years):
    """Nor does a session, or what was confirmed in it, last until then."""
    ada.sign_in()
    clock.forward(days=365 * years)
    ada.sign_in()
    guess(stranger, 6)
    clock.forward(days=-365 * years)
    waits = int(sign_in(stranger, "edith").headers["Retry-After"])
    assert waits == 6
    clock.forward(seconds=waits)
    assert sign_in(stranger, "edith").status_code == 303
    clock.forward(minutes=16)
    assert ada.get("/accounts").status_code == 303
    assert not [one for one in session.query(SignIn) if one.begun_at > clock.now]


def test_nobody_says_themselves_where_they_ask_from(stranger, clock, session):
    for n in range(6):
        answer = sign_in(stranger, "edith", "no", headers={"X-Forwarded-For": f"10.0.0.{n}"})
    assert answer.status_code == 429
    assert {one.address for one in session.query(SecurityEvent).filter_by(event="refused")} == {"127.0.0.1"}


def test_behind_a_proxy_the_last_address_counts_which_the_proxy_itself_has_set(registers):
    with registers.open(PETS_TRUSTED_PROXIES="1") as app, app.app_context():
        sign_in(
            app.test_client(name="stranger"), "edith", "no", headers={"X-Forwarded-For": "1.2.3.4, 10.0.0.7"}
        )
        [event] = db.session.query(SecurityEvent).filter_by(event="refused")
        assert event.address == "10.0.0.7"


@pytest.mark.on_both
def test_of_a_hundred_guesses_at_once_no_more_are_looked_at_than_of_a_hundred_in_a_row(app, monkeypatch):
    looked_at, ready = [], threading.Barrier(8)

    def holds(hashed, password):
        looked_at.append(password)
        return False

    monkeypatch.setattr("pets.views.authentication.password_holds", holds)
    guessers = [app.test_client(name="stranger") for _ in range(8)]
    for guesser in guessers:
        assert guesser.token

    def at_once(guesser):
        ready.wait(10)
        return [answer.status_code for answer in guess(guesser, 3)]

    with ThreadPoolExecutor(8) as threads:
        answers = [status for several in threads.map(at_once, guessers) for status in several]
    assert len(looked_at) == 5
    assert sorted(answers) == [422] * 5 + [429] * 19


@pytest.mark.on_both
def test_a_restart_does_not_end_the_wait(registers, clock):
    with registers.lend() as where:
        statuses = []
        for tries in (3, 3):
            app = create_app({"TESTING": True, **where})
            app.test_client_class = Person
            statuses += [answer.status_code for answer in guess(app.test_client(), tries)]
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
    assert statuses == [422] * 5 + [429]


@pytest.mark.on_both
def test_whoever_hammers_does_not_fill_the_disk(stranger, clock, session):
    guess(stranger, 40)
    assert session.query(SecurityEvent).filter_by(event="throttled").count() == 1
    clock.forward(minutes=2)
    guess(stranger, 3)
    assert session.query(SecurityEvent).filter_by(event="throttled").count() == 2


@pytest.mark.on_both
def test_who_tries_again_what_is_refused_does_not_fill_it_either(vera, ada, clock, session):
    for n in range(10):
        assert vera.post(f"/pets/{n}/delete").status_code == 403
    assert vera.post("/backups").status_code == 403
    assert session.query(SecurityEvent).filter_by(event="forbidden").count() == 1
    clock.forward(minutes=2)
    vera.post("/backups")
    assert session.query(SecurityEvent).filter_by(event="forbidden").count() == 2


# Where one goes on

LEADS_AWAY = [
    *("//evil.example", "//evil.example/", "///evil.example", "////evil.example", "//[::1]", "//["),
    *("//\t/evil.example", "/\\evil.example", "/\\/evil.example", "\\\\evil.example", "\\/\\/evil.example"),
    *("\\evil.example", "/\tevil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example"),
    *("\t//evil.example", " //evil.example", "\0//evil.example", "\x0b//evil.example", "/\0/evil.example"),
    *("/pets/\r\nSet-Cookie: pets=1", "/pets/\x7f", "http://evil.example", "http:evil.example"),
    *("http:/evil.example", "http:///evil.example", "https://evil.example/pets/", "HTTPS://evil.example"),
    *("hTtP:\\\\evil.example", "ftp://evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)"),
    *("java\tscript:alert(1)", "javascript://localhost/%0aalert(1)", "data:text/html,<b>x", "vbscript:x"),
    *("mailto:a@evil.example", "file:///etc/passwd", "blob:http://localhost/1", "evil.example"),
    *(
        "evil.example/pets/",
        "@evil.example",
        "user:pass@evil.example",
        ":80",
        ".evil.example",
        "#//evil.example",
    ),
    *("?next=//evil.example", "../pets/", "pets/", "/\uff0fevil.example", "\uff0f\uff0fevil.example"),
    *("/\u2028/evil.example", "/\u202e/evil.example", "/é", "http://localhost/pets/", ""),
]
STAYS = {
    "/pets/": "/pets/",
    "/pets/1?x=1&y=%2F%2Fevil.example": "/pets/1?x=1&y=%2F%2Fevil.example",
    "/pets/#top": "/pets/",
    "/": "/",
    "/pets/?next=//evil.example": "/pets/?next=//evil.example",
    "/./evil.example": "/evil.example",
    "/.//evil.example": "/evil.example",
    "/..//evil.example": "/evil.example",
    "/../../evil.example": "/evil.example",
    "/pets//evil.example": "/pets/evil.example",
    "/%2f/evil.example": "/%2f/evil.example",
    "/%5cevil.example": "/%5cevil.example",
    "/;@evil.example": "/;@evil.example",
    "/@evil.example": "/@evil.example",
    "/http://evil.example": "/http:/evil.example",
}


def onward(person, path):
    """Where the sign-in form leads that was opened with `?next=` this."""
    page = person.get("/login", query_string={"next": path}).page
    return page.submit(person, name="edith", password=PASSWORD).location


@pytest.mark.parametrize("path", LEADS_AWAY, ids=ascii)
def test_signing_in_leads_nowhere_but_here(app, path):
    assert own_path(path) is None
    person = app.test_client(name="stranger")
    assert person.post("/login", name="edith", password=PASSWORD, next=path).location == "/"


@pytest.mark.parametrize("path", STAYS)
def test_signing_in_leads_to_our_own_pages(stranger, path):
    assert onward(stranger, path) == STAYS[path]


def test_confirming_and_a_new_password_lead_nowhere_else_either(edith):
    for url, typed in (
        ("/account/confirm", {"password": PASSWORD}),
        ("/account/password", {"old_password": PASSWORD, "new_password": "a dish of cold plums"}),
    ):
        answer = edith.post(url, next="//evil.example", **typed)
        assert answer.location in ("/", "/account")


# The password once more


def test_accounts_are_kept_only_by_who_gave_the_password_lately(ada, clock):
    ada.sign_in()
    assert ada.get("/accounts").status_code == 200
    clock.forward(minutes=16)
    asked = ada.get("/accounts", follow_redirects=True).page
    assert asked.heading == "Confirm your password"
    refused = asked.submit(ada, password="not my password")
    assert refused.status_code == 422
    assert "The password is wrong" in refused.page.text
    assert refused.page.submit(ada, password=PASSWORD).location == "/accounts"
    assert ada.get("/accounts").status_code == 200


def test_which_makes_the_session_new_but_pages_in_other_tabs_go_on(ada, clock):
    ada.sign_in()
    other_tab = ada.get("/pets/new").page
    before = ada.cookie
    clock.forward(minutes=16)
    ada.fill("/account/confirm", password=PASSWORD)
    assert other_tab.submit(ada, name="Rex", type="dog").status_code == 303
    ada.cookie = before
    assert not is_in(ada)


def test_guessing_there_is_slowed_down_too(ada, clock):
    page = ada.get("/account/confirm").page
    answers = [page.submit(ada, password="not my password") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def test_what_was_being_sent_then_is_not_lost(ada, clock, session):
    ada.sign_in()
    form = ada.get("/accounts/new").page
    clock.forward(minutes=16)
    asked = form.submit(ada, name="Zoë", role="viewer")
    back = ada.get(asked.location).page.submit(ada, password=PASSWORD)
    again = ada.get(back.location).page
    assert (again.form().fields["name"], again.form().fields["role"]) == ("Zoë", "viewer")
    assert "Zoë" in again.submit(ada).page.text


# The first account


def test_the_first_start_leads_everybody_to_where_the_link_is(registers):
    with registers.open() as app:
        forget_everybody(app)
        with app.app_context():
            link = pets.setup_link()
        somebody = app.test_client(name="stranger")
        for url in ("/", "/pets/", "/login", "/accounts"):
            page = somebody.get(url, follow_redirects=True).page
            assert page.heading == "Welcome to Pets", url
            assert "the window in which the server was started" in page.text
        first = somebody.get(link).page
        assert "too short" in first.submit(somebody, name="Ada", password="short").page.text
        done = somebody.get(link).page.submit(somebody, name="Ada", password="six words are enough for me")
        assert done.status_code == 303
        assert somebody.get("/accounts").status_code == 200
        late = app.test_client(name="stranger")
        assert late.get(link).location == "/"
        with app.app_context():
            assert not db.session.query(SetupLink).all()
            assert pets.setup_link() is None


@pytest.mark.on_both
def test_only_the_newest_link_works_and_only_its_hash_is_kept(registers):
    with registers.open() as app:
        forget_everybody(app)
        with app.app_context():
            old, new = pets.setup_link(), pets.setup_link()
            [kept] = db.session.query(SetupLink)
            assert kept.token_hash == digest(new.partition("=")[2])
        somebody = app.test_client(name="stranger")
        refused = somebody.get(old)
        assert refused.status_code == 403
        assert "This link no longer works" in refused.page.text
        assert somebody.get(new).page.heading == "Create the first account"
        assert somebody.get("/setup?token=%00").status_code == 403


@pytest.mark.on_both
def test_two_people_with_the_link_make_one_admin(registers, monkeypatch):
    import pets

    with registers.open() as app:
        forget_everybody(app)
        with app.app_context():
            link = pets.setup_link()
        people = [app.test_client(name="stranger") for _ in range(2)]
        pages = [person.get(link).page for person in people]
        ready = threading.Barrier(2)

        def both_at_once(password):
            ready.wait(10)
            return hash_password(password)

        monkeypatch.setattr(views, "hash_password", both_at_once)

        def make(n):
            return pages[n].submit(people[n], name=f"Ada {n}", password="six words are enough for me")

        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(make, range(2)))
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        with app.app_context():
            assert db.session.query(Account).count() == 1


def forget_everybody(app):
    """As at the first start."""
    with app.app_context():
        for kind in (SecurityEvent, StashedForm, SignIn, Account):
            db.session.query(kind).delete()
        db.session.commit()
