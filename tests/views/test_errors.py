"""Whatever is sent is answered by a page of ours in words: never by a traceback, and never half done."""

import itertools
import re
from functools import partial
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import TooManyRequests, default_exceptions

from pets.accounts.account import NAME_LENGTH as LONGEST
from pets.changes.changeset import Changeset
from pets.db import db
from pets.fields import FIELDS
from pets.language import speaking
from pets.models.pet import Pet
from pets.web.errors import WORDS
from tests.test_access import OPEN_ROWS, ROWS, address


@pytest.fixture
def app(registers):
    """As it runs for people: errors become pages."""
    with registers.open(TESTING=False) as app:
        yield app


@pytest.fixture
def fails(app):
    """`fails("pets.list_pets", SomeError())`: that page raises it."""

    def make(endpoint, error):
        def view(*args, **kwargs):
            raise error

        view.deed, view.confirmed = "open", False
        app.view_functions[endpoint] = view

    return make


def is_plain(page):
    """Made without an account, and with a way on."""
    return page.links.get("All pets") == "/pets/" and not page.select("form, nav")


def keeps_its_header(page, name="Edith"):
    """With a way on, to all places that are open to whoever asks, to their account, and out."""
    links = page.links
    return {"All pets", "Pets", "History", name} <= links.keys() and page.form("/logout")


@pytest.mark.parametrize(
    ("method", "path", "status", "heading"),
    [
        ("GET", "/pets/?sort=colour", 400, "That request could not be read"),
        ("GET", "/nowhere", 404, "Page not found"),
        ("GET", "/pets/99", 404, "Page not found"),
        ("GET", "/static/../app.py", 404, "Page not found"),
        ("GET", "/pets/../../etc/passwd", 404, "Page not found"),
        ("PUT", "/pets/", 405, "This page cannot be opened like that"),
        ("DELETE", "/pets/1", 405, "This page cannot be opened like that"),
        ("GET", "/pets/1/delete", 405, "This page cannot be opened like that"),
        ("POST", "/history", 405, "This page cannot be opened like that"),
    ],
)
def test_errors_have_pages_in_words(edith, method, path, status, heading):
    answer = edith.open(path, method=method)
    assert (answer.status_code, answer.page.heading) == (status, heading)
    assert keeps_its_header(answer.page)


def test_an_error_page_shows_the_draft_and_who_asks_to_them_alone(edith, stranger, rex):
    edith.fill("/pets/1/edit", "Add to draft", name="Max")
    assert edith.get("/nowhere").page.links["Draft 1 change"] == "/draft"
    assert is_plain(stranger.get("/nowhere").page)


def test_every_error_is_told_in_the_language_of_whoever_asks(app, edith, fails):
    edith.post("/account", language="de")
    for code, words in WORDS.items():
        error = default_exceptions[code]()
        if code in (429, 503):
            error.retry_after = 5
        if code == 405:
            error.valid_methods = ["GET"]
        fails("pets.history", error)
        app.view_functions["pets.history"].deed = "look"
        told = edith.get("/history").page
        with speaking("de"):
            assert (told["lang"], told.heading) == ("de", str(words[0]))
            assert str(words[1]) in told.text


def test_what_is_not_done_this_way_says_how_it_is(edith):
    assert set(edith.get("/pets/1/delete").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_who_may_not_is_told_and_who_could_help(vera):
    answer = vera.get("/pets/new")
    assert (answer.status_code, answer.page.heading) == (403, "You don’t have access")
    assert "Ask an admin" in answer.page.text


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_more_than_two_megabytes_are_refused(edith, session, kind):
    body = b"csrf_token=" + edith.token.encode() + b"&type=dog&name=" + b"x" * 2_000_000
    answer = edith.post("/pets/new", data=body, content_type=kind)
    assert (answer.status_code, answer.page.heading) == (413, "That is too much at once")
    assert "larger than 2 MB" in answer.page.text
    assert session.query(Pet).count() == 0


def test_a_field_of_a_megabyte_is_a_mistake_like_any_other(edith):
    answer = edith.post("/pets/new", name="x" * 1_000_000, type="dog")
    assert answer.status_code == 422
    assert "1,000,000 characters long. Shorten it to 100 or fewer." in answer.page.text


def test_too_many_tries_are_told_to_wait(edith, fails):
    fails("pets.list_pets", TooManyRequests(retry_after=60))
    answer = edith.get("/pets/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.page.heading == "Too many tries"


def test_what_nobody_foresaw_has_a_number_that_is_in_the_log(edith, fails, logged):
    """With the kind of the error and where it was, but without its words: they may quote what was typed."""
    problem = RuntimeError("the roof of Edith is on fire")
    problem.__cause__ = OSError(24, "Too many open files", "Rex")
    fails("pets.list_pets", problem)
    answer = edith.get("/pets/?q=Rex")
    assert (answer.status_code, answer.page.heading) == (500, "Something went wrong")
    reference = answer.page.one("code").text
    assert re.fullmatch("[0-9a-f]{8}", reference)
    [line] = logged
    assert (line["level"], line["request"], line["path"]) == ("ERROR", reference, "/pets/")
    assert [one["error"] for one in line["errors"]] == ["builtins.RuntimeError", "builtins.OSError"]
    assert [one["code"] for one in line["errors"]] == [None, "Too many open files"]
    assert re.search(r"test_errors\.py:[0-9]+ .*view$", line["errors"][0]["at"][-1])
    assert not {"Rex", "Edith"} & set(re.findall(r"\w+", str(line)))
    assert "the roof" not in answer.get_data(as_text=True)


def test_a_pool_without_a_free_connection_is_told_in_words(edith, fails):
    fails("pets.list_pets", NoConnection("QueuePool limit of size 4 overflow 4 reached"))
    answer = edith.get("/pets/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Too many people are asking the database at once" in answer.page.text
    assert "QueuePool" not in answer.page.html


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_cannot_answer_now_is_worth_another_try(edith, fails, logged, error):
    fails("pets.list_pets", error("SELECT secret", {"name": "secret"}, Exception("gone\nfor now")))
    answer = edith.get("/pets/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Wait a moment" in answer.page.text
    assert is_plain(answer.page)
    [line] = logged
    assert line["message"] == "database: gone for now"
    assert line["request"] == answer.page.one("code").text


def test_a_race_that_is_lost_again_and_again_is_told(edith, fails):
    fails("pets.list_pets", StaleDataError())
    answer = edith.get("/pets/")
    assert (answer.status_code, answer.page.heading) == (409, "Someone changed this before you")


@pytest.mark.parametrize("error", [RuntimeError("broken"), OperationalError("", {}, Exception("gone"))])
def test_error_pages_need_no_database(app, edith, fails, monkeypatch, error):
    asked = []

    def gone(*args, **kwargs):
        asked.append(args)
        raise OperationalError("", {}, Exception("gone"))

    with app.app_context():
        engine = db.engine
    fails("pets.list_pets", error)
    monkeypatch.setattr(engine, "connect", gone)
    monkeypatch.setattr(engine, "raw_connection", gone)
    monkeypatch.setattr(engine.pool, "connect", gone)
    assert edith.get("/pets/").status_code in (500, 503)
    assert not asked
    for answer, status in ((edith.get("/nowhere"), 404), (edith.open("/pets/", method="PUT"), 405)):
        assert answer.status_code == status
        assert is_plain(answer.page)


@pytest.mark.sqlite_only
def test_a_database_that_is_gone_is_a_503(app, edith):
    with app.app_context():
        db.session.execute(db.text("ALTER TABLE account RENAME TO elsewhere"))
        db.session.commit()
    answer = edith.get("/pets/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert edith.post("/pets/new", name="Rex", type="dog", csrf_token="x").status_code == 503


ODD = [
    b"name=a%00b&type=dog",
    b"name=%ed%a0%80&type=dog",
    b"name=%ff%fe&type=dog",
    b"name=%c3&type=%e2%28%a1",
    b"name=Rex&name=Max&type=dog&type=cat",
    b"name=Rex&type=dog&age=1&age=2&age_unit=weeks&age_unit=years",
    b"name=%0a%0d&type=%09",
    b"name=Rex&type=dog&notes=%1b%5b2J%07",
    b"name=Rex&type=dog&age=" + b"9" * 100_000,
    b"name=Rex&type=dog&age=%d9%a3",
    b"name=Rex&type=dog&age=NaN&age_unit=%00",
    b"name=Rex&type=dog&age=-0",
    b"name=Rex&type=dog&age=1e3",
    b"name=Rex&type=dog&born_on=9999-99-99",
    b"name=Rex&type=dog&born_on=0000-00-00",
    b"name=Rex&type=dog&version=%00&form_token=%00",
    b"name%00=Rex&type[]=dog&__proto__=1",
    b"name=" + b"%f0%9f%90%8d" * 101 + b"&type=dog",
    b"=&=&&&;;name",
    b"%",
    b"name=%uD83D&type=%zz",
    b"anyway=%00&then=%00&name=Rex&type=dog",
    b"&".join(b"x%d=1" % number for number in range(2000)),
]


@pytest.mark.on_both
@pytest.mark.parametrize("body", ODD, ids=lambda body: body[:30].decode("latin1"))
def test_odd_forms_are_answered_in_words(edith, add_pet, body):
    rex = add_pet()
    sent = body + b"&version=1&csrf_token=" + edith.token.encode()
    for path in ("/pets/new", f"/pets/{rex.id}/edit", f"/pets/{rex.id}/delete", "/history/1/undo"):
        answer = edith.post(path, data=sent)
        assert answer.status_code in (303, 400, 409, 422), path
        assert answer.status_code == 303 or answer.page.heading


@pytest.mark.on_both
@pytest.mark.parametrize("kind", ["percent", "raw", "parts"])
@pytest.mark.parametrize(
    ("path", "field", "rest"),
    [
        ("/pets/new", "name", "type=dog"),
        ("/pets/new", "type", "name=Rex"),
        ("/pets/new", "notes", "name=Rex&type=dog"),
        ("/pets/1/edit", "name", "type=dog&version=1"),
        ("/pets/litter", "name", "type=dog"),
        ("/pets/bulk", "notes", "pet=1.1"),
        ("/types", "name", "type=dog"),
        ("/accounts/new", "name", "role=editor"),
        ("/account/password", "new_password", "old_password=rain on a tin roof"),
    ],
)
def test_bytes_that_are_no_text_are_a_mistake_at_their_field(ada, rex, session, kind, path, field, rest):
    fields = [*parse_qsl(rest), ("csrf_token", ada.token)]
    if kind == "parts":
        part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        parts = [part.format(*pair) for pair in [*fields, (field, "long enough \ud800")]]
        body = "".join(f"--x\r\n{one}" for one in parts).encode(errors="surrogatepass") + b"--x--\r\n"
        request = {"content_type": "multipart/form-data; boundary=x"}
    else:
        bad = b"long enough " + (b"%ED%A0%80" if kind == "percent" else b"\xed\xa0\x80")
        body, request = urlencode(fields).encode() + b"&" + field.encode() + b"=" + bad, {}
    answer = ada.post(path, data=body, **request)
    wrong = answer.page.one('[aria-invalid="true"]')
    assert (answer.status_code, wrong["name"]) == (422, field)
    if field == "new_password":
        return
    assert "�" in (wrong.get("value") or wrong.text)  # and that is no letter either when it comes back
    assert answer.page.submit(ada, action=path).status_code == 422
    assert session.query(Pet).count() == 1
    assert not session.query(Changeset).filter_by(saved_at=None).count()


@pytest.mark.on_both
@pytest.mark.parametrize("asked", ["/pets/?q=", "/history?pet="])
def test_bytes_that_are_no_text_in_an_address_find_nothing_and_are_not_spelled_out(edith, rex, asked):
    page = edith.get(f"{asked}%ED%A0%80").page
    assert [field["value"] for field in page.select("main input") if field["value"]] == ["���"]
    assert "%ED" not in page.text


@pytest.mark.on_both
def test_no_field_takes_more_letters_than_its_rule_allows(edith, ada, stranger, rex):
    page = edith.get("/pets/new").page
    assert page.one("#name")["maxlength"] == str(FIELDS["name"].longest)
    pages = ["/pets/new", f"/pets/{rex.id}/edit", "/pets/litter", f"/pets/bulk?pet={rex.id}.1"]
    for page in [*(edith.get(path).page for path in pages)]:
        assert page.one("#type")["maxlength"] == str(FIELDS["type"].longest)
    assert edith.get("/types").page.one("#name")["maxlength"] == str(FIELDS["type"].longest)
    for page in (ada.get("/accounts/new").page, stranger.get("/login").page):
        assert page.one("#name")["maxlength"] == str(LONGEST)


def test_of_a_field_that_is_sent_twice_the_first_counts(edith, facts_now):
    edith.post("/pets/new", name=["Rex", "Max"], type=["dog", "cat"])
    assert facts_now(1)["name"] == "Rex"
    assert facts_now(1)["type"] == "dog"


NO_FORMS = [
    ("application/json", b"5"),
    ("application/json", b""),
    ("application/json", b"{not json"),
    ("application/merge-patch+json", b'{"name": "Rex", "type": "dog", "password": "x"}'),
    ("text/plain", b"name=Rex&type=dog"),
    ("application/xml", b"<name>Rex</name>"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"name=+ADw-&type=dog"),
    ("application/x-www-form-urlencoded; charset=iso-8859-1", b"name=R%E9x&type=dog"),
    ("", b"name=Rex&type=dog"),
    ("a\xe9;;;=", b"\xff" * 100),
]


def test_only_a_form_is_read_as_one(app, edith, stranger, session):
    """Wherever it is sent, signed in or not: nothing else is a way to save something."""
    kinds = itertools.cycle(NO_FORMS)  # what is no form is told before it is known where it was sent
    rows = [row for row in (*ROWS, *OPEN_ROWS) if row[0] == "POST"]
    assert len(rows) > len(NO_FORMS)
    for row in rows:
        kind, body = next(kinds)
        for person in (edith, stranger):
            answer = person.post(address(app, row, 5 if row in ROWS else 2), data=body, content_type=kind)
            told = (answer.status_code, answer.page.heading)
            assert told == (415, "That is not a form of this site"), (row, kind, body)
    assert session.query(Pet).count() == 0


PART = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=\xe9", b"--\xe9\r\n", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nno end", 400),
        ("multipart/form-data; boundary=x", PART % (b"name", b"\xff\x00") + b"--x--", 400),
        ("multipart/form-data; boundary=x", PART % (b"name", b"Rex") * 1001 + b"--x--", 413),
        ("application/x-www-form-urlencoded", b"a&" * 10_000, 413),
        ("", b"", 400),
    ],
    ids=lambda given: str(given)[:60],
)
def test_a_form_that_is_broken_is_answered_in_words(edith, stranger, rex, kind, body, status):
    for path in ("/pets/new", f"/pets/{rex.id}/delete", "/login"):
        for person in (edith, stranger):
            answer = person.post(path, data=body, content_type=kind)
            # Else the form to correct comes back, or somebody is sent to sign in before it is read.
            assert answer.status_code in (status, 422 if status == 400 else status, 303), path
            assert answer.status_code != 303 or person is stranger


@pytest.mark.on_both
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/pets/", "/history", "/pets/1", "/history/1", "/pets/new"]),
    query=st.dictionaries(
        st.sampled_from(
            [
                "q",
                "type",
                "min_age",
                "max_age",
                "sort",
                "after",
                "before",
                "who",
                "pet",
                "kind",
                "day",
                "kept",
            ]
        ),
        st.one_of(st.text(max_size=12), st.binary(max_size=8), st.integers().map(str)),
        max_size=4,
    ),
)
def test_any_address_is_answered_in_words(edith, path, query):
    sent = "&".join(f"{name}={quote_plus(value)}" for name, value in query.items())
    answer = edith.get(f"{path}?{sent}")
    assert answer.status_code in (200, 400, 404, 422)


@pytest.mark.on_both
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["name", "type", "born_on", "age", "age_unit", "notes"]), st.text()
    )
)
def test_any_form_is_saved_as_typed_or_comes_back_as_typed(edith, app, fields):
    answer = edith.post("/pets/new", fields, anyway="1")
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        return
    with app.app_context():
        pet = db.session.get(Pet, int(answer.location.rpartition("/")[2]))
        assert pet.facts == Pet.tidied({**pet.facts, "name": fields["name"], "type": fields["type"]})


@pytest.mark.on_both
def test_nothing_is_written_by_looking(edith, vera, rex):
    # The registers of the tests refuse each statement of a GET that would write.
    for open_ in (edith.get, vera.get, partial(edith.open, method="HEAD")):
        for path in ("/", "/pets/", "/pets/1", "/history", "/history/1", "/nowhere"):
            assert open_(path).status_code < 500
