"""Pages that are made once: what is shown again is what would be made anew, and never another's."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pets.copies import LARGEST, MOST, TOKEN, Copies
from pets.db import db
from pets.models import Pet

PAGES = ("/pets/", "/pets/?q=rex", "/pets/1", "/history", "/history/1")


@pytest.fixture(autouse=True)
def _at_noon(clock):
    """So that no minute passes between two looks."""


def bare(html: str) -> str:
    """A page but for its tokens, of which each request makes its own."""
    return re.sub('name="csrf_token" value="[^"]+"', "", html)


@pytest.mark.sqlite_only  # PostgreSQL's snapshot is of all its databases, and other tests write to theirs
@pytest.mark.parametrize("path", PAGES)
def test_a_page_shown_again_asks_only_who_is_there(path, edith, rex, statements):
    first = edith.get(path)
    statements.clear()
    again = edith.get(path)
    assert len([one for one in statements if not re.match("BEGIN|ROLLBACK|SET", one)]) == 1
    assert bare(again.text) == bare(first.text)
    assert TOKEN not in again.text


def test_each_gets_their_own_token_name_and_buttons(edith, ada, vera, rex):
    for _ in range(2):
        pages = {person: person.get("/pets/1") for person in (edith, ada, vera)}
        names = [page.page.one(".nav__name").text for page in pages.values()]
        assert names == ["Edith", "Ada", "Vera"]
        assert "Edit" not in pages[vera].page.one("main").text.split()
        for person, page in pages.items():
            [sent] = {field["value"] for field in page.page.select('input[name="csrf_token"]')}
            assert person.post("/logout", csrf_token=sent).status_code == 303
            person.sign_in()


def test_a_change_is_seen_at_once_whoever_makes_it_and_however(edith, ada, add_pet, rex, app):
    assert edith.get("/pets/").page.text.count("Rex")
    ada.fill("/pets/1/edit", name="Max")
    assert "Max" in edith.get("/pets/").page.text
    edith.fill("/pets/1/edit", name="Bo")
    assert "Bo" in edith.get("/history").page.text
    edith.get("/pets/")
    add_pet("Zoe")
    assert "Zoe" in edith.get("/pets/").page.text
    with app.app_context():
        db.session.query(Pet).filter_by(name="Zoe").one().notes = "shy"
        db.session.commit()
    assert "notes" in edith.get("/history").page.text


@pytest.mark.sqlite_only
def test_what_another_program_writes_is_seen_too(edith, rex, app):
    edith.get("/pets/")
    with closing(sqlite3.connect(Path(app.instance_path) / "pets.sqlite")) as by_hand:
        by_hand.execute("UPDATE pet SET name = 'Max'")
        by_hand.commit()
    assert "Max" in edith.get("/pets/").page.text


@pytest.mark.sqlite_only
def test_a_new_connection_does_not_take_up_the_state_of_an_old_one(edith, rex, app):
    with app.app_context():
        engine = db.engine
    engine.dispose()
    edith.get("/pets/")
    engine.dispose()
    with closing(sqlite3.connect(Path(app.instance_path) / "pets.sqlite")) as by_hand:
        by_hand.execute("UPDATE pet SET name = 'Max'")
        by_hand.commit()
    assert "Max" in edith.get("/pets/").page.text


def test_nobody_has_a_token_shown_by_a_word_in_the_address(edith, rex):
    for word in (TOKEN, "\ue000token\ue000"):
        assert edith.token not in edith.get("/pets/", query_string={"q": word}).page.one("#q")["value"]


def test_what_is_told_once_is_told_once(edith, rex):
    assert "was changed" in edith.get(edith.fill("/pets/1/edit", name="Max").location).page.text
    assert "was changed" not in edith.get("/pets/1").page.text


def test_time_goes_on(edith, rex, clock):
    assert "just now" in edith.get("/pets/").page.text
    clock.forward(minutes=3)
    assert "3 minutes ago" in edith.get("/pets/").page.text


def test_a_draft_is_counted_in_the_header(edith, rex):
    edith.get("/pets/")
    edith.fill("/pets/new", "Add to draft", name="Bo", type="dog")
    edith.get("/draft")  # tells what was done
    assert edith.get("/pets/").page.one(".count").text.split()[0] == "1"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["look", "look", "look", "edit", "add", "draft", "minute"]),
        st.sampled_from(["vera", "edith", "ada"]),
        st.sampled_from(PAGES),
    ),
    max_size=15,
)


@given(steps=STEPS)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_a_copy_is_what_would_be_made_anew(registers, clock, steps):
    with registers.open() as app:
        people = {name: app.test_client(name=name) for name in ("vera", "edith", "ada")}
        editor = people["edith"]
        editor.fill("/pets/new", name="Rex", type="dog")
        for number, (deed, name, path) in enumerate(steps):
            if deed == "edit":
                editor.fill("/pets/1/edit", name=f"Rex {number}")
            elif deed in ("add", "draft"):
                button = "Add to draft" if deed == "draft" else "Save"
                editor.fill("/pets/new", button, name=f"Bo {number}", type="cat")
            elif deed == "minute":
                clock.forward(minutes=1)
            editor.get("/draft")  # where what is told once is told
            shown = people[name].get(path).text
            kept, app.extensions["pets-copies"] = app.extensions["pets-copies"], Copies()
            assert bare(people[name].get(path).text) == bare(shown)
            app.extensions["pets-copies"] = kept


def test_only_so_many_are_kept():
    copies = Copies()
    for number in range(MOST + 5):
        copies.keep(number, ("", 200))
        copies.find(0)
    assert copies.find(0) is not None
    assert copies.find(1) is None
    assert copies.find(MOST + 4) is not None
    copies.keep("large", ("x" * LARGEST, 200))
    assert copies.find("large") is None
