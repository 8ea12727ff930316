"""Several people at once, and one person in several windows: nothing is lost, and nothing is there twice."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESK, Look

PLAIN_PHONE = Look(javascript=False, width=390)


@pytest.mark.on_both
def test_different_fields_of_one_pet_merge(visit, rex, facts_now):
    edith, ada = visit("edith"), visit("ada", PLAIN_PHONE)
    ada.go(f"/pets/{rex.id}/edit")
    edith.go(f"/pets/{rex.id}/edit")
    edith.fill(Type="wolf")
    edith.press("Save")
    ada.fill(Notes="Bites.")
    ada.press("Save")
    ada.sees("“Rex” was changed.", "In the meantime Edith changed it: type to “wolf”.")
    ada.look_over()
    assert facts_now(rex.id) == {**rex.facts, "type": "wolf", "notes": "Bites."}


@pytest.mark.on_both
@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_a_pet_that_was_removed_meanwhile_comes_back_as_typed(visit, look, edith, rex, facts_now):
    ada = visit("ada")
    edith.go(f"/pets/{rex.id}/edit")
    ada.go(f"/pets/{rex.id}")
    ada.press("Remove")
    edith.fill(Notes="Only ran away.")
    edith.press("Save")
    edith.sees("Someone changed this before you", "Ada", "not on the register")
    edith.look_over()
    edith.page.get_by_label("Yours, which brings it back").check()
    edith.press("Keep this choice")
    edith.sees("Only ran away.")
    assert facts_now(rex.id) == {**rex.facts, "notes": "Only ran away."}


@pytest.mark.on_both
@pytest.mark.parametrize("look", [DESK, Look(javascript=False)], ids=str)
def test_a_double_click_adds_one_pet(edith, look):
    page = edith.go("/pets/new")
    edith.fill(Name="Rex", Type="dog")
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.get_by_role("heading", name="Rex")).to_be_visible()
    edith.go("/pets/")
    edith.sees("1 pet")


@pytest.mark.parametrize("look", [DESK, Look(javascript=False)], ids=str)
def test_going_back_and_sending_again_is_asked_about(edith, look):
    page = edith.go("/pets/new")
    edith.fill(Name="Rex", Type="dog")
    edith.press("Save")
    page.go_back()
    edith.fill(Name="Rex", Type="dog")
    edith.press("Save")
    edith.sees("This looks like a pet you already have")
    edith.go("/pets/")
    edith.sees("1 pet")


def test_two_tabs_of_one_person_are_two_people_to_a_pet(edith, rex, facts_now):
    edith.go(f"/pets/{rex.id}/edit")
    with edith.in_new_tab():
        edith.go(f"/pets/{rex.id}/edit")
        edith.fill(Type="wolf")
        edith.press("Save")
    edith.fill(Type="fox")
    edith.press("Save")
    edith.sees("You changed this after you opened the form", "wolf", "fox")
    edith.page.get_by_label("As it is now").check()
    edith.press("Keep this choice")
    assert facts_now(rex.id) == {**rex.facts, "type": "wolf"}
