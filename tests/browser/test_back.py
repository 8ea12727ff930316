"""Leaving a form and coming back: what was typed is still there, and nobody is asked to send it again."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESK, Look

LOOKS = pytest.mark.parametrize("look", [DESK, Look(javascript=False)], ids=str)


def there_and_back(person):
    person.follow("Cancel")
    person.page.go_back()


@LOOKS
def test_back_brings_everything_that_was_typed_for_a_new_pet(edith, look):
    edith.go("/pets/new")
    edith.fill(Name="Rex", Type="dog", Birth_date="2020-05-01", Notes="Two lines\nof notes.")
    there_and_back(edith)
    for label, typed in {
        "Name": "Rex",
        "Type": "dog",
        "Birth date": "2020-05-01",
        "Notes": "Two lines\nof notes.",
    }.items():
        expect(edith.field(label)).to_have_value(typed)


@LOOKS
def test_what_was_typed_before_somebody_else_saved_is_still_about_the_pet_as_it_was(
    edith, visit, look, rex, facts_now
):
    ada = visit("ada")
    edith.go(f"/pets/{rex.id}/edit")
    expect(edith.page.locator("[name=version]")).to_be_hidden()
    edith.fill(Name="Max")
    ada.go(f"/pets/{rex.id}/edit")
    ada.fill(Name="Bello", Type="wolf")
    ada.press("Save")
    there_and_back(edith)
    expect(edith.field("Name")).to_have_value("Max")
    edith.press("Save")
    edith.sees("Someone changed this before you", "Bello", "Max")
    edith.page.get_by_label("As it is now").check()
    edith.press("Keep this choice")
    assert facts_now(rex.id) == {**rex.facts, "name": "Bello", "type": "wolf"}


@LOOKS
def test_who_saved_and_went_back_to_correct_it_is_not_asked_about_their_own_change(
    edith, look, rex, facts_now
):
    edith.go(f"/pets/{rex.id}/edit")
    edith.fill(Name="Max")
    edith.press("Save")
    edith.page.go_back()
    edith.fill(Name="Moritz")
    edith.press("Save")
    edith.sees("“Moritz” was changed.")
    assert facts_now(rex.id) == {**rex.facts, "name": "Moritz"}


@LOOKS
def test_a_refused_form_can_be_left_and_come_back_to(edith, look, facts_now):
    edith.go("/pets/new")
    edith.fill(Type="dog", Notes="Found on the road.")
    edith.press("Save")
    edith.sees("There is a problem")
    edith.fill(Type="wolf")
    there_and_back(edith)
    edith.sees("There is a problem")
    expect(edith.field("Type")).to_have_value("wolf")
    expect(edith.field("Notes")).to_have_value("Found on the road.")
    edith.page.reload()
    edith.sees("There is a problem")
    edith.fill(Name="Rex")
    edith.press("Save")
    edith.sees("“Rex” was added.")


@LOOKS
def test_a_litter_comes_back_with_its_names_and_its_further_rows(edith, look):
    edith.go("/pets/litter")
    edith.fill(Type="cat")
    edith.press("More rows")
    names = edith.page.locator("[name=name-each], [name=name]")
    for number in (0, 9):
        names.nth(number).fill(f"Kit {number}")
    there_and_back(edith)
    expect(edith.field("Type")).to_have_value("cat")
    for number in (0, 9):
        expect(names.nth(number)).to_have_value(f"Kit {number}")


def test_who_closes_a_page_with_something_typed_is_asked_first(edith):
    page = edith.go("/pets/new")
    page.reload()
    assert not edith.asked_to_stay
    edith.field("Name").press_sequentially("Rex")
    page.reload()
    assert edith.asked_to_stay
    edith.asked_to_stay = False
    edith.field("Name").press_sequentially("Rex")
    there_and_back(edith)
    assert not edith.asked_to_stay


def test_likely_duplicates_stand_beside_the_form_as_one_types(edith, rex):
    page = edith.go("/pets/new")
    edith.fill(Name="rex", Type="dog")
    beside = page.get_by_role("complementary")
    expect(beside.get_by_role("link", name="Rex")).to_be_visible()
    edith.look_over()
    edith.fill(Name="Max")
    expect(beside.get_by_role("link", name="Rex")).to_have_count(0)
    edith.fill(Name="rex")
    with page.expect_navigation():
        beside.get_by_role("link", name="Rex").click()
    page.go_back()
    expect(beside.get_by_role("link", name="Rex")).to_be_visible()
    edith.turn_to(Look(width=390, scheme="dark"))
    edith.look_over()
