"""New pets in the draft that may be on the register already: named, merged, kept, or removed many at once."""

from datetime import date

import pytest

from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields import updated_facts
from pets.models.pet import Pet

pytestmark = pytest.mark.on_both

EDITH = 2  # the cast's editor, by her account's number


@pytest.fixture
def stage(app):
    """Put new pets in Edith's draft, as a sheet does: these facts, and what was wrong with a cell."""

    def put(*added, problems=None):
        with app.app_context():
            Draft.begin(EDITH, "Edith").stage(
                Wanted(None, 0, facts["name"], None, {"type": "dog", "notes": "", **facts}, problems)
                for facts in added
            )
            db.session.commit()

    return put


@pytest.fixture
def coded(app, ada):
    """Rex, who has the code 123 in field 1, of which no two pets may have the same."""
    ada.post("/fields/new?kind=code", label="Chip", digits="letters", unique_code="y")
    with app.app_context():
        pet = Pet(name="Rex", type="dog")
        pet.set_facts({"own.1": "123"})
        db.session.add(pet)
        db.session.commit()
        return pet.id


def removals(page):
    return [button.text for button in page.select('form[action^="/draft/drop/"] button')]


def line(page):
    return page.one("ul.lines > li")


def test_what_it_may_be_is_named_and_merged_into(edith, stage, add_pet, facts_now):
    rex = add_pet("Rex", born_on=date(2020, 5, 1), notes="Bites.")
    stage({"name": "rex", "born": "2020-05-01", "notes": "Shy."})
    page = edith.get("/draft").page
    assert "You seem to have this pet already" in line(page).text
    assert page.links["Rex"] == f"/pets/{rex.id}"
    assert removals(page) == ["Remove 1 with the same birth date or code"]
    page.form(page.one('form[action$="/merge"]')["action"]).submit(edith)
    page = edith.get("/draft").page
    assert "“Rex” is now a change to number 1." in page.text
    assert page.one("ul.diff").text == "notes Bites. Shy."
    page.form("/draft/save").submit(edith)
    assert facts_now(rex.id) == {**rex.facts, "notes": "Bites.\nShy."}


def test_what_says_nothing_new_goes(edith, stage, add_pet):
    add_pet("Rex", born_on=date(2021, 9, 1))
    stage({"name": "REX", "type": "dogs", "born": "2021-06-01~"})
    page = edith.get("/draft").page
    assert "you may have this pet already" in line(page).text
    page.form(page.one('form[action$="/merge"]')["action"]).submit(edith)
    page = edith.get("/draft").page
    assert "already has all of “Rex”" in page.text
    assert "Your draft is empty" in page.text


def test_two_lines_merged_into_one_pet_both_stay(edith, stage, rex):
    stage({"name": "Rex", "notes": "Shy."}, {"name": "Rex", "notes": "Chipped."})
    for _ in range(2):
        page = edith.get("/draft").page
        page.form(page.select('form[action$="/merge"]')[0]["action"]).submit(edith)
    assert edith.get("/draft").page.one("ul.diff").text.endswith("Shy. Chipped.")


def test_both_are_kept_also_when_the_line_is_edited(edith, stage, rex):
    stage({"name": "Rex", "notes": ""})
    page = edith.get("/draft").page
    page.form(page.one('form[action$="/keep"]')["action"]).submit(edith)
    page = edith.get("/draft").page
    assert "“Rex” stays in your draft as another pet." in page.text
    edith.fill(page.links["Edit"], notes="Shy.")
    page = edith.get("/draft").page
    assert "Needs attention" not in page.text
    page.form("/draft/save").submit(edith)
    assert edith.get("/pets/2").page.heading == "Rex"


def test_another_in_the_draft_is_named(edith, stage):
    stage({"name": "Bo"}, {"name": "Bo"})
    text = edith.get("/draft").page.select("ul.lines > li")[0].text
    assert "this draft has such a pet already" in text


def test_those_that_share_a_birth_date_or_code_are_removed_without_the_others(edith, stage, add_pet, coded):
    add_pet("Max", born_on=date(2020, 5, 1))
    stage(
        {"name": "Max", "born": "2020-05-01"}, {"name": "Max", "born": None}, {"name": "Roy", "own.1": "123"}
    )
    page = edith.get("/draft").page
    assert removals(page) == [
        "Remove 2 with the same birth date or code",
        "Remove 1 possible duplicate",
    ]
    page.form("/draft/drop/same").submit(edith)
    page = edith.get("/draft").page
    assert "2 were removed from your draft." in page.text
    assert "Max" in line(page).text
    assert removals(page) == ["Remove 1 possible duplicate"]


def test_a_code_that_is_taken_is_merged_and_never_saved_twice(edith, stage, coded, facts_now):
    stage({"name": "Roy", "own.1": "123"})
    page = edith.get("/draft").page
    assert not page.select('form[action$="/keep"]')
    answer = page.form("/draft/save").submit(edith)
    assert answer.status_code == 409
    page = answer.page
    page.form(page.one('form[action$="/merge"]')["action"]).submit(edith)
    edith.get("/draft").page.form("/draft/save").submit(edith)
    assert facts_now(coded)["name"] == "Roy"
    assert facts_now(coded)["own.1"] == "123"


def test_what_is_wrong_with_a_cell_keeps_it_from_being_saved(edith, stage, coded):
    stage({"name": "Roy", "own.1": "123", "born": None}, problems={"born": "This is no date."})
    answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert (answer.status_code, "Some changes have errors" in answer.page.text) == (422, True)
    page = answer.page
    page.form(page.one('form[action$="/merge"]')["action"]).submit(edith)
    assert "This is no date." in edith.get("/draft").page.text


def test_what_was_typed_of_a_new_pet_is_merged_before_it_is_saved(edith, add_pet, facts_now):
    rex = add_pet("Rex", notes="Bites.")
    form = edith.get("/pets/new").page.form()
    page = form.submit(edith, "Save", name="rex", type="dog", notes="Shy.").page
    for _ in range(2):  # a double click
        assert page.submit(edith, "Merge").status_code == 303
    assert edith.get("/draft").page.one("ul.diff").text == "notes Bites. Shy."
    assert facts_now(2) is None
    edith.post("/draft/discard")
    page = edith.get("/pets/new").page.form().submit(edith, "Save", name="Rex", type="dog").page
    assert page.submit(edith, "Merge").location == f"/pets/{rex.id}"
    gone = page.form().submit(edith, merge="9")
    assert gone.status_code == 422
    assert "That pet is no longer on the register." in gone.page.text
    assert gone.page.form().fields["name"] == page.form().fields["name"]


@pytest.mark.parametrize("deed", ["merge", "keep"])
def test_of_a_line_that_is_gone_nothing_is_done(edith, stage, rex, deed):
    stage({"name": "Rex"})
    page = edith.get("/draft").page
    address = page.one(f'form[action$="/{deed}"]')["action"]
    edith.post("/draft/discard")
    assert edith.post(address, pet="1").status_code == 404
    stage({"name": "Rex"})
    page = edith.get("/draft").page
    address = page.one('form[action$="/merge"]')["action"]
    for number in ("", "x", "9", "9" * 30):
        assert edith.post(address, pet=number).status_code == 404


def test_an_estimate_does_not_replace_a_date(app):
    with app.app_context():
        told = {"name": "rex", "type": "Dogs", "born": "2021-01-01~", "notes": ""}
        known = {"name": "Rex", "type": "dog", "born": "2020-05-01", "notes": "Shy."}
        assert {**updated_facts(known, told), **known} == updated_facts(known, told)
        assert updated_facts({**known, "born": None}, told)["born"] == "2021-01-01~"
