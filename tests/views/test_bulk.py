"""Changing many pets alike: ticked, or all that match; everything begins at "no change"."""

from datetime import date

import pytest

from pets.changes.draft import Draft
from pets.changes.draft_line import DraftLine
from pets.fields.catalogue import catalogue


@pytest.fixture
def drafted(session):
    """What the draft holds: {name: (before, after), …}."""

    def lines():
        session.rollback()
        draft = Draft.of(2)
        found = session.scalars(draft.lines().order_by(DraftLine.id)) if draft else []
        told = {line.name: (line.before, line.after) for line in found}
        session.rollback()
        return told

    return lines


def choose(person, *pets, **search):
    """Tick these in the list, and press the button."""
    ticked = {"pet": [f"{pet.id}.{pet.version}" for pet in pets]}
    return person.get("/pets/", query_string=search).page.submit(person, action="/pets/bulk", **ticked).page


def problems(page):
    return [link.text for link in page.select(".summary a")]


def test_the_list_has_ticks_for_those_who_may_edit(edith, vera, rex):
    assert edith.get("/pets/").page.one('tbody [name="pet"]')["aria-label"] == "Choose Rex"
    assert not vera.get("/pets/").page.select('[type="checkbox"]')


def test_a_page_of_the_list_stays_light(clock, edith, add_pet):
    for number in range(30):
        add_pet(f"Marshmallow {number}", "polar bear", age=3)
    clock.forward(days=2)
    edith.sign_in()
    page = edith.get("/pets/").page
    assert len(page.select("tbody tr")) == 25
    assert len(page.html.encode()) <= 12 * 1024


def test_every_field_begins_at_no_change(edith, rex):
    page = choose(edith, rex)
    assert "Rex" in page.one(".head__sub").text
    answer = page.submit(edith)
    assert problems(answer.page) == ["Nothing is to change yet. Fill in at least one of the fields."]


def test_a_type_is_set(edith, add_pet, drafted):
    rex, max_ = add_pet("Rex", "dog"), add_pet("Max", "cat")
    choose(edith, rex, max_).submit(edith, type="DOG")
    assert drafted() == {"Max": ({"type": "cat"}, {"type": "dog"})}


def test_an_age_leaves_the_birth_date_of_those_who_are_that_old(edith, clock, add_pet, drafted):
    known, about = add_pet("Rex", "dog", born_on=date(2022, 1, 9)), add_pet("Max", "dog", age=1)
    choose(edith, known, about).submit(edith, ages="set", age="2")
    assert drafted() == {"Max": ({"born": "2023-06-15~"}, {"born": "2022-06-15~"})}


@pytest.mark.parametrize(
    ("fields", "born"),
    [
        ({"ages": "set", "born_on": "2020-02-29"}, "2020-02-29"),
        ({"born_on": "2020-02-29"}, "2020-02-29"),
        ({"ages": "set", "age": "3"}, "2021-06-15~"),
        ({"age": "8", "age_unit": "weeks"}, "2024-04-20~"),
        ({"ages": "birthday"}, "2021-06-15~"),
        ({"ages": "unknown"}, None),
    ],
)
@pytest.mark.any_database
def test_an_age_is_set(clock, edith, add_pet, drafted, fields, born):
    rex = add_pet("Rex", age=2)
    answer = choose(edith, rex).submit(edith, **fields)
    assert answer.location == "/draft", answer.page
    assert drafted() == {"Rex": ({"born": "2022-06-15~"}, {"born": born})}


def test_a_birthday_leaves_who_has_no_birth_date(edith, rex, add_pet, drafted):
    bo = add_pet("Bo")
    choose(edith, bo, rex).submit(edith, ages="birthday")
    assert list(drafted()) == ["Rex"]


def test_notes_are_added_to(edith, add_pet, drafted):
    rex, max_ = add_pet("Rex", notes="shy"), add_pet("Max")
    choose(edith, rex, max_).submit(edith, notes="chipped")
    assert drafted() == {
        "Rex": ({"notes": "shy"}, {"notes": "shy\nchipped"}),
        "Max": ({"notes": ""}, {"notes": "chipped"}),
    }


def test_pets_are_removed(edith, rex, drafted, facts_now):
    choose(edith, rex).submit(edith, remove="y")
    assert drafted() == {"Rex": (catalogue().brief(rex.facts), None)}
    assert facts_now(rex.id) == rex.facts


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"remove": "y"}, "A pet is either changed or removed. Clear the other fields, or this box."),
        ({"ages": "set"}, "Enter a birth date or an age."),
        ({"ages": "birthday", "age": "2"}, "Choose “Set it”, or clear the birth date and the age."),
        ({"age": "201"}, "No pet is over 200 years old. Enter a lower age."),
        ({"type": "x" * 61}, "The type is 61 characters long. Shorten it to 60 or fewer."),
    ],
)  # fmt: skip
@pytest.mark.any_database
def test_mistakes_are_told_and_nothing_is_lost(edith, rex, drafted, fields, problem):
    answer = choose(edith, rex).submit(edith, notes="chipped", **fields)
    assert answer.status_code == 422
    assert problem in problems(answer.page)
    form = answer.page.form()
    assert (form.fields["notes"], form.fields["pet"]) == ("chipped", f"{rex.id}.1")
    assert drafted() == {}


def test_all_that_match_are_changed_and_no_others(edith, add_pet, drafted):
    for number in range(30):
        add_pet(f"Rex {number}", "dog")
    add_pet("Max", "dog")
    page = edith.get("/pets/?q=rex").page
    assert "All 30 that match" in page.text
    page = page.submit(edith, action="/pets/bulk", all="1").page
    assert page.heading == "Change 30 pets"
    page.submit(edith, notes="chipped")
    assert len(drafted()) == 30
    assert "Max" not in drafted()
    assert "The one that matches" in edith.get("/pets/?q=max").page.text


def test_who_ticked_nothing_is_told(edith, rex):
    answer = edith.get("/pets/?q=rex").page.submit(edith, action="/pets/bulk")
    assert answer.location == "/pets/?q=rex"
    assert "Tick some pets first" in edith.get(answer.location).page.text


def test_what_another_changed_since_it_was_seen_is_shown_first(edith, ada, rex):
    page = choose(edith, rex)
    ada.fill(f"/pets/{rex.id}/edit", type="wolf")
    page.submit(edith, type="cat")
    assert edith.get("/draft").page.one("fieldset.choice").text == "Type Theirs wolf Yours cat"


def test_a_pet_that_another_removed_is_shown_first(edith, ada, rex):
    page = choose(edith, rex)
    ada.post(f"/pets/{rex.id}/delete", version="1")
    page.submit(edith, type="cat")
    assert "Ada removed it" in edith.get("/draft").page.text


def test_it_goes_on_from_what_the_draft_wants(edith, rex, drafted):
    edith.get(f"/pets/{rex.id}/edit").page.submit(edith, "Add to draft", notes="shy")
    choose(edith, rex).submit(edith, notes="chipped")
    assert drafted() == {"Rex": ({"notes": ""}, {"notes": "shy\nchipped"})}


@pytest.mark.parametrize("pet", ["x", "1", "1.x", "-1.1", "9" * 18 + ".1", "²·²"])
def test_a_tick_that_is_none_of_ours_is_refused(edith, rex, pet):
    assert edith.get("/pets/bulk", query_string={"pet": pet}).status_code == 400


def test_a_pet_that_never_was_is_left_out(edith, drafted):
    edith.post("/pets/bulk", pet="7.1", type="cat")
    assert drafted() == {}


def test_who_was_signed_out_meanwhile_gets_it_back_filled(edith, rex):
    page = choose(edith, rex)
    edith.post("/logout")
    answer = page.submit(edith, notes="chipped")
    back = edith.fill(answer.location, name="edith", password="rain on a tin roof").location
    form = edith.get(back).page.form("/pets/bulk")
    assert (form.fields["notes"], form.fields["pet"]) == ("chipped", f"{rex.id}.1")
