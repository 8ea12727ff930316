"""Changing many pets alike: ticked, or all that match; everything begins at "no change"."""

from datetime import date

import pytest

from pets.changes.draft import Draft
from pets.changes.draft_line import DraftLine
from pets.fields.catalogue import catalogue
from pets.models.pet import Pet


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


def choose(person, *pets, button="Change", **search):
    """Tick these in the list, and press a button; the page that comes."""
    sent = {"pet": [f"{pet.id}.{pet.version}" for pet in pets]}
    page = person.get("/pets/", query_string=search).page
    return person.get(page.submit(person, button, action="/pets/chosen", **sent).location).page


def names(page):
    return [link.text for link in page.select("tbody th a bdi")]


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
    assert problems(answer.page) == ["Choose something to change. Fill in at least one of the fields."]


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
        ({"type": "x" * 61}, "“Type” is 61 characters long. Shorten it to 60 or fewer."),
    ],
)  # fmt: skip
def test_mistakes_are_told_and_nothing_is_lost(edith, rex, drafted, fields, problem):
    answer = choose(edith, rex).submit(edith, notes="chipped", **fields)
    assert answer.status_code == 422
    assert problem in problems(answer.page)
    form = answer.page.form()
    assert (form.fields["notes"], form.fields["pet"]) == ("chipped", f"{rex.id}.1")
    assert drafted() == {}


@pytest.mark.on_both
def test_all_that_match_are_changed_and_no_others(edith, add_pet, drafted):
    for number in range(30):
        add_pet(f"Rex {number}", "dog")
    add_pet("Max", "dog")
    page = edith.get("/pets/?q=rex").page
    assert "All 30 that match" in page.text
    page = edith.get(page.submit(edith, "Change", action="/pets/chosen", all="1").location).page
    assert page.heading == "Change 30 pets"
    page.submit(edith, notes="chipped")
    assert len(drafted()) == 30
    assert "Max" not in drafted()
    assert "The one that matches" in edith.get("/pets/?q=max").page.text


def test_who_ticked_nothing_is_told(edith, rex):
    answer = edith.get("/pets/?q=rex").page.submit(edith, "Change", action="/pets/chosen")
    answer = edith.get(answer.location)
    assert answer.location == "/pets/?q=rex&sort=name"
    assert "Tick some pets first" in edith.get(answer.location).page.text


@pytest.mark.on_both
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


@pytest.mark.on_both
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


class TestChoosingOnSeveralPages:
    @pytest.fixture(autouse=True)
    def _many(self, session):
        session.add_all(Pet(name=f"Rex {number:02}", type=("dog", "cat")[number % 2]) for number in range(60))
        session.commit()

    def tick(self, page, person, *names, button="Next"):
        """Tick these beside those that are ticked, and press a button; the page that comes."""
        ticked = [box["value"] for box in page.select("tbody [checked]")]
        boxes = {
            box["aria-label"].removeprefix("Choose "): box["value"] for box in page.select("tbody input")
        }
        sent = {"pet": [*ticked, *(boxes[name] for name in names)]}
        answer = page.submit(person, button, action="/pets/chosen", **sent)
        return person.get(answer.location).page

    def ticked(self, page):
        return [box["aria-label"].removeprefix("Choose ") for box in page.select("tbody [checked]")]

    def test_ticks_outlive_the_page_the_order_the_search_and_whatever_is_looked_at_between(self, edith):
        page = self.tick(edith.get("/pets/").page, edith, "Rex 03", "Rex 07")
        assert "2 chosen" in page.text
        page = self.tick(page, edith, "Rex 30", button="Type")
        assert (page.one("th[aria-sort]").text, self.ticked(page)) == ("Type", ["Rex 03", "Rex 07"])
        edith.get("/pets/1")
        page = edith.get("/pets/").page
        assert self.ticked(page) == ["Rex 03", "Rex 07"]
        page.submit(edith, "Next", action="/pets/chosen", pet="8.1")  # Rex 03 is ticked no longer
        page = edith.get("/pets/?q=rex+5").page
        assert page.one("[role=status]").text == "2 chosen"
        page = self.tick(page, edith, "Rex 55", button="Change")
        assert page.heading == "Change 3 pets"
        assert page.one(".head__sub").text.startswith("Rex 07, Rex 30, Rex 55.")
        assert page.submit(edith, type="wolf").location == "/draft"
        assert "0 chosen" in edith.get("/pets/").page.text, "what was done with them is done"

    def test_they_are_of_one_session_until_they_are_cleared(self, edith, ada):
        page = self.tick(edith.get("/pets/").page, edith, "Rex 03")
        assert "0 chosen" in ada.get("/pets/").page.text
        page = self.tick(page, edith, "Rex 30", button="Clear")
        assert "0 chosen" in page.text
        assert names(page)[0] == "Rex 25", "it is the page that one was on"

    def test_a_script_keeps_single_ticks_and_is_told_how_many(self, edith):
        def send(shown, **pet):
            answer = edith.post("/pets/chosen", shown=shown, **pet)
            return answer.status_code, answer.mimetype, answer.text

        assert send("4", pet="4.1") == (200, "text/plain", "1")
        assert send("5 6", pet=["5.1", "6.1"]) == (200, "text/plain", "3")
        assert send("5") == (200, "text/plain", "2")
        assert send("9" * 5000 + " x \0") == (200, "text/plain", "2")
        assert self.ticked(edith.get("/pets/").page) == ["Rex 03", "Rex 05"]

    @pytest.mark.on_both
    def test_all_that_match_are_no_more_than_was_asked_for(self, edith):
        sent = {"do": "change", "all": "1", "to": "?min_age=x"}
        assert edith.post("/pets/chosen", **sent).status_code == 400
        sent["to"] = "?type=dog"
        assert edith.get(edith.post("/pets/chosen", **sent).location).page.heading == "Change 30 pets"

    def test_more_than_a_person_can_tick_are_told(self, edith, monkeypatch):
        monkeypatch.setattr("pets.views.chosen.MOST", 3)
        page = self.tick(edith.get("/pets/").page, edith, "Rex 03", "Rex 07")
        assert edith.post("/pets/chosen", shown="1 2", pet=["1.1", "2.1"]).status_code == 409
        page = self.tick(page, edith, "Rex 30", "Rex 31", "Rex 32")
        assert "Only 3 pets can be ticked at once, so 2 were left out." in page.one(".flash").text
        assert "3 chosen" in page.text

    def test_who_is_not_there_any_more_is_told(self, edith, ada):
        self.tick(edith.get("/pets/").page, edith, "Rex 03", "Rex 07")
        edith.post("/pets/chosen", shown="999", pet="999.1")
        ada.post("/pets/4/delete", version="1")
        page = self.tick(edith.get("/pets/").page, edith, button="Change")
        assert page.heading == "Change 1 pet"
        gone = "Not on the register any more: Rex 03 (number 4), number 999."
        assert page.one(".panel").text == gone
        assert "1 chosen" in edith.get("/pets/").page.text
        page.submit(edith, type="wolf")
        assert "1 change" in edith.get("/draft").page.text
        edith.post("/pets/chosen", shown="4", pet="4.1")
        answer = edith.get("/pets/bulk?pet=4.1")
        assert (answer.status_code, answer.location) == (303, "/pets/")
        assert "Rex 03 (number 4)" in edith.get("/pets/").page.one(".flash").text
