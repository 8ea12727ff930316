"""A litter: what several new pets share is typed once, and nothing typed is ever lost."""

import pytest

from pets.changes.draft import Draft
from pets.fields import TYPED
from tests.conftest import Facts


@pytest.fixture
def drafted(session):
    """What the draft adds: [facts, …]."""

    def facts():
        session.rollback()
        draft = Draft.of(2)
        found = [Facts(line.after) for line in session.scalars(draft.lines())] if draft else []
        session.rollback()
        return found

    return facts


def members(names, own=()):
    """What is typed of each one: its name, its own notes, and nothing else."""
    blank = {field.own: [""] * len(names) for field in TYPED if field.own}
    return {**blank, "name": names, "own": [*own, *[""] * (len(names) - len(own))]}


def send(person, names, own=(), button="Add to draft", **fields):
    return person.get("/pets/litter").page.submit(person, button, **members(names, own), **fields)


def problems(page):
    return [link.text for link in page.select(".summary a")]


def test_the_list_leads_to_it(edith, vera):
    assert edith.get("/pets/").page.links["Add a litter"] == "/pets/litter"
    assert "Add a litter" not in vera.get("/pets/").page.text


def test_it_begins_with_five_rows(edith):
    assert len(edith.get("/pets/litter").page.select("fieldset.member")) == 5


@pytest.mark.on_both
def test_a_litter_goes_to_the_draft(edith, drafted):
    answer = send(edith, ["Fido", "Bo"], ["", "one white paw"], type="Dog", born_on="2024-05-31", notes="shy")
    assert answer.location == "/draft"
    shared = {"type": "Dog", "born": "2024-05-31"}
    assert drafted() == [
        {"name": "Fido", **shared, "notes": "shy"},
        {"name": "Bo", **shared, "notes": "shy\none white paw"},
    ]
    assert "2 changes are in your draft" in edith.get("/draft").page.text


def test_an_age_is_shared_as_an_estimate(clock, edith, drafted):
    send(edith, ["Fido"], type="dog", age="7", age_unit="weeks")
    assert drafted()[0]["born"] == "2024-04-27~"


def test_the_type_is_spelled_as_on_the_register(edith, rex, drafted):
    send(edith, ["Fido"], type="DOG")
    assert drafted()[0]["type"] == "dog"


def test_empty_rows_are_skipped(edith, drafted):
    send(edith, ["", "Fido", " ", "Bo", ""], type="dog")
    assert [facts["name"] for facts in drafted()] == ["Fido", "Bo"]


def test_more_rows_keeps_everything_typed(edith, drafted):
    answer = send(edith, ["Fido", "", "Bo"], ["shy", "loud"], "More rows", type="dog", age="x", notes="all")
    assert answer.status_code == 200
    form = answer.page.form()
    assert form.filled.getlist("name") == ["Fido", "", "Bo", *[""] * 5]
    assert form.filled.getlist("own") == ["shy", "loud", "", *[""] * 5]
    assert (form.fields["type"], form.fields["age"], form.fields["notes"]) == ("dog", "x", "all")
    assert drafted() == []


def test_there_are_at_most_a_hundred_rows(edith):
    page = send(edith, ["Fido"] * 98, button="More rows").page
    assert len(page.select("fieldset.member")) == 100
    assert "More rows" not in page.text


def test_mistakes_stand_at_their_fields_with_the_row_named(edith, drafted):
    answer = send(edith, ["Fido", "", "x" * 101], ["", "no name"], type="", age="-1")
    assert answer.status_code == 422
    assert problems(answer.page) == [
        "Enter what kind of animal it is, such as cat or dog.",
        "Enter the age as a whole number, such as 2. Leave it empty if it is not known.",
        "Pet 2: Enter the pet’s name.",
        "Pet 3: “Name” is 101 characters long. Shorten it to 100 or fewer.",
    ]
    assert answer.page.one("#name-2-problem").text == "Enter the pet’s name."
    assert answer.page.form().filled.getlist("own")[1] == "no name"
    assert drafted() == []


def test_shared_and_own_notes_may_be_too_long_together(edith):
    answer = send(edith, ["Fido"], ["y" * 2000], type="dog", notes="x" * 3000)
    assert problems(answer.page) == ["Pet 1: “Notes” is 5,001 characters long. Shorten it to 4,000 or fewer."]


def test_without_a_name_there_is_no_litter(edith):
    assert problems(send(edith, ["", ""], type="dog").page) == ["Pet 1: Enter at least one name."]


def test_who_was_signed_out_meanwhile_gets_it_back_filled(edith):
    page = edith.get("/pets/litter").page
    edith.post("/logout")
    answer = page.submit(edith, "Add to draft", type="dog", **members(["Fido", "Bo"], ["shy"]))
    back = edith.fill(answer.location, name="edith", password="rain on a tin roof").location
    form = edith.get(back).page.form("/pets/litter")
    assert form.filled.getlist("name") == ["Fido", "Bo"]
    assert form.filled.getlist("own") == ["shy", ""]


def test_many_fields_of_each_one_are_folded_until_something_stands_in_them(ada, edith):
    for number in range(4):
        ada.post("/fields/new?kind=line", label=f"Own {number}")
    page = edith.get("/pets/litter").page
    assert (len(page.select("fieldset.member details")), page.select("details[open]")) == (5, [])
    cell = page.select("fieldset.member details input")[0]["name"]
    again = page.submit(edith, "More rows", **{cell: ["", "white", "", "", ""]})
    opened = [bool(row.select("details[open]")) for row in again.page.select("fieldset.member")]
    assert opened[:5] == [False, True, False, False, False]
