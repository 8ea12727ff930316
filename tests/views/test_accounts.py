"""Accounts: what admins keep of other people, and everybody of themselves."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.security import generate_password_hash

from pets.accounts.account import Account, digest
from pets.accounts.audit_log import SecurityEvent, record
from pets.accounts.sessions import SignIn
from pets.db import db
from tests.people import PASSWORD

OWN = "a dish of cold plums"


@pytest.fixture(autouse=True)
def _hash_quickly(monkeypatch):
    """As the site does, but for the time it takes; tests/models/test_password.py knows the real one."""

    def hashed(password):
        return generate_password_hash(password, "pbkdf2:sha256:1")

    monkeypatch.setattr("pets.accounts.password.generate_password_hash", hashed)
    monkeypatch.setattr("pets.accounts.password.NOBODYS", hashed("nobody's"))


def account(name):
    return db.session.query(Account).filter_by(name=name).one()


def number(app, name):
    with app.app_context():
        return account(name).id


def stands(app, name):
    """(role, ended) as it is stored."""
    with app.app_context():
        found = account(name)
        return found.role, found.ended_at is not None


def is_in(person):
    return person.get("/account").status_code == 200


def one_time_password(page):
    return page.one("p.secret code").text


def sign_in(app, name, password):
    person = app.test_client(name=name)
    return person, person.fill("/login", name=name, password=password)


@pytest.fixture
def zoe(app, ada):
    """A second admin, who has chosen her own password."""
    page = ada.fill("/accounts/new", name="Zoë", role="admin").page
    zoe, _ = sign_in(app, "Zoë", one_time_password(page))
    zoe.fill("/account/password", old_password=one_time_password(page), new_password=OWN)
    return zoe


# Adding


def test_a_new_account_gets_a_one_time_password_and_chooses_its_own(app, ada):
    answer = ada.fill("/accounts/new", name="Björn", role="editor")
    password = one_time_password(answer.page)
    assert "shown only this once" in answer.page.text
    bjorn, answer = sign_in(app, "bjorn", password)
    for url in ("/pets/", "/draft", "/account", "/pets/new"):
        assert bjorn.get(url).location.startswith("/account/password"), url
    refused = bjorn.fill("/account/password", old_password=password, new_password=password)
    assert "This is your current password" in refused.page.text
    page = bjorn.get("/account/password").page
    assert "Choose a password of your own" in page.text
    assert page.submit(bjorn, old_password=password, new_password=OWN).location == "/account"
    assert bjorn.get("/pets/new").status_code == 200
    assert sign_in(app, "Björn", password)[1].status_code == 422


def test_the_way_to_where_one_was_going_leads_over_the_own_password(app, ada, rex):
    password = one_time_password(ada.fill("/accounts/new", name="Bea", role="viewer").page)
    bea = app.test_client(name="Bea")
    page = bea.get(f"/pets/{rex.id}", follow_redirects=True).page
    answer = bea.get(page.submit(bea, name="Bea", password=password).location, follow_redirects=True)
    assert answer.page.heading == "Change your password"
    assert answer.page.submit(bea, old_password=password, new_password=OWN).location == f"/pets/{rex.id}"


def test_a_one_time_password_holds_for_three_days(app, ada, clock):
    ada.sign_in()
    password = one_time_password(ada.fill("/accounts/new", name="Bea", role="viewer").page)
    clock.forward(hours=71)
    assert sign_in(app, "Bea", password)[1].status_code == 303
    clock.forward(hours=2)
    answer = sign_in(app, "Bea", password)[1]
    assert answer.status_code == 422
    assert "more than three days old" in answer.page.text


def test_it_is_random_and_stands_nowhere_else(app, ada, caplog):
    with caplog.at_level("DEBUG"):
        passwords = {
            one_time_password(ada.fill("/accounts/new", name=f"Bea {n}", role="viewer").page) for n in "abc"
        }
    assert len(passwords) == 3
    for password in passwords:
        assert len(password) == 19
        assert password not in ada.get("/accounts").page.html + ada.get("/security").page.html + caplog.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Enter a name"),
        (" \u00a0 ", "Enter a name"),
        ("\u200b", "Enter a name"),
        ("x" * 61, "too long"),
        ("edith", "an account named Edith already"),
        ("ÉDITH ", "an account named Edith already"),
        ("Edi\u200bth", "an account named Edith already"),
        ("Edi\U000e0062th", "cannot be seen"),
        ("Edith\x00", "cannot be seen"),
        ("Edith\x1b[31m", "cannot be seen"),
    ],
)
def test_a_name_that_will_not_do_is_said_at_the_field(ada, name, words):
    answer = ada.fill("/accounts/new", name=name, role="viewer")
    assert answer.status_code == 422
    assert words in answer.page.one("#name-problem").text
    assert answer.page.form().fields["role"] == "viewer"


@pytest.mark.on_both
@pytest.mark.parametrize("name", ["Ó Briain-Ščasný", "李小龍", "می\u200cخواهم", "🐶", "O'Neil <b>", "x" * 60])
def test_any_name_that_people_have_is_kept_as_typed(app, ada, name):
    assert ada.fill("/accounts/new", name=name, role="viewer").status_code == 200
    cells = [link.text for link in ada.get("/accounts").page.select("td a bdi, th a bdi")]
    assert name in cells


@pytest.mark.parametrize("role", ["", "owner", "ADMIN", None])
def test_there_are_three_roles(ada, role):
    answer = ada.fill("/accounts/new", name="Bea", role=role)
    assert "Choose one of the roles." in answer.page.text


def test_a_form_sets_its_own_fields_and_no_others(app, ada, edith, session):
    forged = {
        "id": "99",
        "ended_at": "2024-01-01",
        "password_hash": "x",
        "one_time_until": "",
        "name_key": "z",
        "made_at": "",
    }
    before = account("Edith").password_hash
    seen = ada.get(f"/accounts/{account('Edith').id}").page.form().fields["seen"]
    url = f"/accounts/{account('Edith').id}"
    assert ada.post(url, name="Edith B", role="editor", seen=seen, **forged).status_code == 303
    kept = account("Edith B")
    assert (kept.password_hash, kept.ended_at, kept.name_key) == (before, None, "edith b")
    edith.post("/account/password", old_password=PASSWORD, new_password=OWN, role="admin")
    session.expire_all()
    assert account("Edith B").role == "editor"


# Changing


def test_a_new_role_ends_the_sessions(app, ada, edith):
    ada.fill(f"/accounts/{number(app, 'Edith')}", button="Save", role="viewer")
    assert not is_in(edith)
    edith.sign_in()
    assert edith.get("/pets/new").status_code == 403


@pytest.mark.on_both
def test_a_new_name_does_not_and_history_keeps_the_old_one(app, ada, edith, rex):
    edith.fill(f"/pets/{rex.id}/edit", name="Max")
    ada.fill(f"/accounts/{number(app, 'Edith')}", button="Save", name="Edith Brown")
    assert "Edith Brown" in edith.get("/pets/").page.one("nav").text
    assert "Edith changed" in edith.get("/history").page.text


@pytest.mark.on_both
def test_two_admins_do_not_overwrite_each_other_unseen(app, ada, zoe):
    url = f"/accounts/{number(app, 'Edith')}"
    page = ada.get(url).page
    zoe.fill(url, button="Save", role="viewer")
    answer = page.submit(ada, "Save", action=url, name="Edith B")
    assert answer.status_code == 409
    assert "It is now named Edith, with the role “Viewer”" in answer.page.text
    assert answer.page.form().fields["name"] == "Edith B"
    assert stands(app, "Edith") == ("viewer", False)
    assert answer.page.submit(ada, "Save", action=url, role="editor").status_code == 303
    assert stands(app, "Edith B") == ("editor", False)


@pytest.mark.on_both
def test_an_account_that_is_not_there(ada):
    assert ada.get("/accounts/999").status_code == 404
    assert ada.post("/accounts/999/end").status_code == 404
    assert ada.get("/accounts/9999999999999999999").status_code == 404


# Passwords that others made


def test_a_reset_signs_out_everywhere_and_makes_a_one_time_password(app, ada, edith):
    page = ada.get(f"/accounts/{number(app, 'Edith')}").page
    answer = page.submit(ada, action=f"/accounts/{number(app, 'Edith')}/reset")
    assert not is_in(edith)
    assert sign_in(app, "Edith", PASSWORD)[1].status_code == 422
    again, _ = sign_in(app, "Edith", one_time_password(answer.page))
    assert again.get("/pets/").location.startswith("/account/password")


def test_a_reset_ends_the_waiting_too(app, ada, stranger, clock):
    ada.sign_in()
    for _ in range(5):
        stranger.post("/login", name="edith", password="no")
    assert stranger.post("/login", name="edith", password="no").status_code == 429
    page = ada.post(f"/accounts/{number(app, 'Edith')}/reset").page
    assert sign_in(app, "Edith", one_time_password(page))[1].status_code == 303


# Ending and bringing back


@pytest.mark.on_both
def test_who_is_ended_is_out_at_once_and_comes_back_with_the_old_password(app, ada, edith):
    url = f"/accounts/{number(app, 'Edith')}"
    answer = ada.get(url).page.submit(ada, "End the account", action=f"{url}/end")
    assert answer.location == "/accounts"
    assert not is_in(edith)
    assert sign_in(app, "Edith", PASSWORD)[1].status_code == 422
    assert "ended" in ada.get("/accounts").page.text
    ada.get(url).page.submit(ada, action=f"{url}/return")
    assert not is_in(edith)  # the sessions do not come back
    assert sign_in(app, "Edith", PASSWORD)[1].status_code == 303


@pytest.mark.on_both
def test_the_only_admin_can_neither_be_ended_nor_given_another_role(app, ada):
    url = f"/accounts/{number(app, 'Ada')}"
    page = ada.get(url).page
    assert "This is the only admin" in page.text
    assert not page.select(f'form[action="{url}/end"]')
    assert ada.post(f"{url}/end").status_code == 409
    answer = page.submit(ada, "Save", action=url, role="editor")
    assert answer.status_code == 422
    assert "Make someone else an admin first" in answer.page.text
    assert stands(app, "Ada") == ("admin", False)


def test_an_admin_may_leave_when_there_is_another(app, ada, zoe):
    url = f"/accounts/{number(app, 'Ada')}"
    answer = ada.fill(url, button="Save", role="viewer")
    assert answer.location == "/account"
    assert is_in(ada)  # in a session that is new
    assert ada.get("/accounts").status_code == 403
    assert zoe.post(f"/accounts/{number(app, 'Zoë')}/end").status_code == 409


@pytest.mark.on_both
@pytest.mark.parametrize("how", ["end", "demote", "one of each"])
def test_two_admins_do_not_end_each_other_at_the_same_moment(app, ada, zoe, how):
    urls = {ada: f"/accounts/{number(app, 'Zoë')}", zoe: f"/accounts/{number(app, 'Ada')}"}
    pages = {person: person.get(url).page for person, url in urls.items()}
    ready = threading.Barrier(2)

    def go(person):
        ready.wait(10)
        if how == "end" or (how == "one of each" and person is ada):
            return person.post(urls[person] + "/end").status_code
        return pages[person].submit(person, "Save", action=urls[person], role="viewer").status_code

    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(threads.map(go, urls))
    assert statuses[0] == 303
    with app.app_context():
        left = [one.name for one in db.session.query(Account).filter_by(role="admin", ended_at=None)]
    assert len(left) == 1, statuses


# One's own


def test_one_changes_ones_password_and_is_signed_out_everywhere_else(app, edith):
    elsewhere = app.test_client(name="edith")
    elsewhere.sign_in()
    other_tab = edith.get("/pets/new").page
    with edith.session_transaction() as cookie:
        before = cookie["_user_id"]
    answer = edith.fill("/account/password", old_password=PASSWORD, new_password=OWN)
    assert answer.location == "/account"
    assert is_in(edith)
    assert not is_in(elsewhere)
    with edith.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert other_tab.submit(edith, name="Rex", type="dog").status_code == 303
    assert sign_in(app, "Edith", OWN)[1].status_code == 303


def test_the_present_password_is_asked_for_and_guessing_it_is_slowed_down(edith, app):
    page = edith.get("/account/password").page
    answers = [page.submit(edith, old_password=f"guess {n}", new_password=OWN) for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "This is not your current password" in answers[0].page.one("#old_password-problem").text
    assert page.form().fields.keys() >= {"old_password", "new_password"}
    assert is_in(edith)


def test_fields_for_passwords_hide_what_is_typed_and_help_whoever_keeps_them(edith, stranger):
    for page in (edith.get("/account/password").page, stranger.get("/login").page):
        for field in page.select('input[name$="password"]'):
            assert field["type"] == "password"
            assert field["autocomplete"] in ("current-password", "new-password")
            assert field.get("maxlength") is None
            assert field.get("onpaste") is None
    for path in ("/account/password", "/account/confirm"):
        whose = edith.get(path).page.one('input[autocomplete="username"]')
        assert (whose["value"], whose["type"]) == ("Edith", "text")


def test_one_chooses_the_language_that_one_is_spoken_to_in(edith, stranger):
    german = {"headers": {"Accept-Language": "de"}}
    page = edith.get("/account").page
    assert page.form("/account").fields["language"] == ""  # as the browser says
    assert edith.get("/pets/", **german).page["lang"] == "de"
    assert page.submit(edith, action="/account", language="en").location == "/account"
    assert edith.get("/pets/", **german).page["lang"] == "en"
    edith.get("/account").page.submit(edith, action="/account", language="de")
    for path in ("/pets/", "/account", "/nowhere", "/pets/99"):  # also where nobody had asked who asks
        assert edith.get(path).page["lang"] == "de", path
    assert stranger.get("/login").page["lang"] == "en"
    assert edith.post("/account", language="xx").status_code == 422
    assert edith.post("/account", language="").status_code == 303
    assert edith.get("/pets/").page["lang"] == "en"


def test_a_browser_is_told_by_its_name_and_its_own_line_only_to_who_points_at_it(app, edith):
    line = "Mozilla/5.0 (Windows NT 10.0; rv:127.0) Gecko/20100101 Firefox/127.0"
    app.test_client().fill(
        "/login", request={"headers": {"User-Agent": line}}, name="Edith", password=PASSWORD
    )
    told = edith.get("/account").page.one(f'b[title="{line}"]')
    assert told.text == "Firefox on Windows"
    assert line not in edith.get("/account").page.text


@pytest.mark.on_both
def test_one_sees_where_one_is_signed_in_and_ends_any_or_all_of_it(app, edith, clock):
    edith.sign_in()
    others = [app.test_client(name="edith") for _ in range(3)]
    for other in others:
        other.sign_in()
    page = edith.get("/account").page
    assert page.text.count("Unknown browser") == 5  # this one twice, since it has signed in again
    assert page.text.count("this browser") == 1
    [label] = {
        session.label for session in sessions_of(app, "Edith") if session.token_hash == token_hash(others[0])
    }
    assert edith.post("/account/end-sessions", session=label).location == "/account"
    assert [is_in(other) for other in others] == [False, True, True]
    assert "Sign out everywhere else" in edith.get("/account").page.text
    edith.post("/account/end-sessions")
    assert [is_in(other) for other in others] == [False, False, False]
    assert is_in(edith)
    clock.forward(minutes=20)
    assert edith.post("/account/end-sessions").location.startswith("/account/confirm")


def sessions_of(app, name):
    with app.app_context():
        return db.session.query(SignIn).join(Account).filter(Account.name == name).all()


def token_hash(person):
    with person.session_transaction() as cookie:
        return digest(cookie["_user_id"])


def test_nobody_ends_somebody_elses_sessions(app, edith, vera):
    [label] = {session.label for session in sessions_of(app, "Vera")}
    edith.post("/account/end-sessions", session=label)
    assert is_in(vera)


def test_an_admin_signs_somebody_out_everywhere(app, ada, edith):
    url = f"/accounts/{number(app, 'Edith')}"
    ada.get(url).page.submit(ada, action=f"{url}/end-sessions")
    assert not is_in(edith)
    ada.post(f"/accounts/{number(app, 'Ada')}/end-sessions")
    assert is_in(ada)


def test_every_page_lets_one_sign_out(vera, edith, ada, rex):
    for person in (vera, edith, ada):
        for url in ("/pets/", f"/pets/{rex.id}", "/history", "/account", "/account/password"):
            assert person.get(url).page.select('form[action="/logout"] button'), url


# Security events


def test_what_happens_is_told_to_admins_and_to_the_log(app, ada, edith, stranger, logged):
    """To admins with names; to the log without, by the numbers of accounts."""
    number_of_edith, number_of_ada = number(app, "Edith"), number(app, "Ada")
    stranger.post("/login", name="edith", password="not hers at all")
    stranger.post("/login?next=/pets/", name="edith", password=PASSWORD)
    stranger.get("/account").page.submit(stranger, action="/logout")
    page = ada.fill("/accounts/new", name="Bea", role="viewer").page
    ada.fill(f"/accounts/{number_of_edith}", button="Save", role="viewer")
    ada.post(f"/accounts/{number_of_edith}/reset")
    ada.post(f"/accounts/{number_of_edith}/end")
    ada.post(f"/accounts/{number_of_edith}/return")
    assert [line["event"] for line in logged] == [
        *("refused", "signed-in", "signed-out", "account-added"),
        *("account-changed", "password-reset", "account-ended", "account-back"),
    ]
    asked = ("address", "account", "method", "path")
    assert logged[0].keys() == {"at", "level", "from", "event", "request", *asked}
    assert logged[0]["at"].endswith("+00:00")
    assert [logged[0][name] for name in asked] == ["127.0.0.1", None, "POST", "/login"]
    assert [logged[1][name] for name in asked] == ["127.0.0.1", number_of_edith, "POST", "/login"]
    assert [logged[4][name] for name in asked[1:]] == [number_of_ada, "POST", f"/accounts/{number_of_edith}"]
    assert len({line["request"] for line in logged}) == len(logged)
    for personal in ("not hers at all", PASSWORD, one_time_password(page), "csrf", "pbkdf2", "dith", "Bea"):
        assert personal not in str(logged)
    rows = [row.text for row in ada.get("/security").page.select("ol.history > li > p > b")]
    assert rows[:2] == ["Ada", "Ada"]


def test_no_name_forges_a_line(stranger, ada, logged):
    name = 'x\r\n{"event": "signed-in"}\x1b[2J\u2028<b>\u202e'
    stranger.post("/login", name=name, password="no")
    stranger.get('/nowhere/%0d%0a{"event":"signed-in"}%7f')
    [line] = logged
    assert line["event"] == "refused"
    assert ada.get("/security").page.select("ol.history bdi")[0].raw_text.startswith("x")


@pytest.mark.on_both
def test_what_was_rolled_back_is_not_told(app, session, logged):
    record("signed-in", "Nobody")
    session.rollback()
    session.commit()
    record("signed-out", "Somebody")
    session.commit()
    assert [line["event"] for line in logged] == ["signed-out"]
    assert session.query(SecurityEvent).filter_by(who="Nobody").count() == 0


@pytest.mark.on_both
def test_the_events_come_in_pages(app, ada, session):
    for n in range(120):
        record("refused", f"guess {n:03}")
    session.commit()
    page, seen = ada.get("/security").page, []
    while True:
        seen += [row.text for row in page.select("ol.history > li > p > b")]
        following = page.select('a[rel="next"]')
        if not following:
            break
        page = ada.get(following[0]["href"]).page
    assert [name for name in seen if name.startswith("guess")] == [
        f"guess {n:03}" for n in reversed(range(120))
    ]
    assert ada.get("/security?after=%00").status_code == 400


def test_the_admins_pages_lead_to_each_other(ada):
    for url in ("/accounts", "/security", "/backups"):
        page = ada.get(url).page
        assert {"/accounts", "/security", "/backups"} <= set(page.links.values())
        assert page.one('nav.tabs [aria-current="page"]')["href"] == url
        assert page.one('nav[aria-label="Main"] [aria-current="page"]').text == "Accounts"
