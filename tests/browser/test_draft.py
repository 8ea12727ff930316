"""The draft: changes wait there to be seen and corrected, and are saved or discarded all at once."""

import pytest
from playwright.sync_api import expect

from pets.models.pet import Pet
from tests.browser.visitor import DESK, PLAIN_PHONE, Look
from tests.conftest import person


@pytest.fixture
def edith(edith, rex, add_pet):
    """Edith, with a new pet, a changed one and a removed one to come."""
    add_pet("Minka", "cat")
    edith.go("/pets/new")
    edith.fill(Name="Nova", Type="cat", Age="3")
    edith.press("Add to draft")
    edith.go(f"/pets/{rex.id}/edit")
    edith.fill(Name="Max", Notes="Shy.")
    edith.press("Add to draft")
    return edith


@pytest.mark.on_both
@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_what_waits_in_the_draft_is_seen_corrected_and_saved_at_once(edith, look, rex, facts_now):
    edith.sees("“Rex” is in your draft.", "2 changes waiting", "New 1", "Changed 1", "name Rex → Max")
    edith.look_over()
    expect(edith.page.get_by_role("banner")).to_contain_text("Draft 2")
    assert facts_now(rex.id) == rex.facts

    edith.follow("Edit Nova")
    edith.fill(Name="")
    edith.press("Update draft")
    edith.sees("There is a problem")
    edith.look_over()
    edith.fill(Name="Nora")
    edith.press("Update draft")
    edith.sees("Nora", "2 changes waiting")

    edith.press("Save all 2")
    edith.sees("2 changes are saved.", "Nora", "Max")
    edith.look_over()
    edith.follow("See the change")
    edith.sees("Edith added Nora, changed Max", "Undo all 2")
    edith.look_over()
    assert facts_now(rex.id) == {**rex.facts, "name": "Max", "notes": "Shy."}
    edith.go("/draft")
    edith.sees("Your draft is empty")
    edith.look_over()


@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_a_line_is_dropped(edith, look, rex, facts_now):
    edith.press("Remove from draft: Nova")
    edith.sees("“Nova” is no longer in your draft.", "1 change waiting")
    edith.press("Save all")
    edith.sees("One change is saved.")
    assert facts_now(rex.id)["name"] == "Max"
    assert facts_now(3) is None


@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_a_discarded_draft_is_brought_back(edith, look):
    edith.press("Discard")
    edith.sees("Your draft was discarded.")
    expect(edith.page.get_by_role("banner")).not_to_contain_text("Draft")
    edith.page.get_by_role("status").get_by_role("button", name="Undo").click()
    edith.sees("Your draft is back.", "2 changes waiting", "Nova")


@pytest.mark.on_both
@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_a_pet_that_somebody_changed_meanwhile_is_asked_about(edith, look, app, rex, facts_now):
    person(app, "ada").fill(f"/pets/{rex.id}/edit", name="Maximilian")
    edith.press("Save all 2")
    edith.sees("Nothing was saved", "Needs attention", "Ada changed it", "Maximilian")
    edith.look_over()
    edith.page.get_by_label("Yours").check()
    edith.press("Keep this choice")
    edith.press("Save all 2")
    edith.sees("2 changes are saved.")
    assert facts_now(rex.id)["name"] == "Max"


@pytest.mark.parametrize("look", [DESK, Look(javascript=False)], ids=str)
def test_a_double_click_saves_the_draft_once(edith, look, session):
    edith.page.get_by_role("button", name="Save all 2").dblclick()
    edith.sees("2 changes are saved.", "Nova")
    edith.go("/history")
    expect(edith.page.get_by_role("main").locator("ol > li")).to_have_count(3)
    assert session.query(Pet).filter_by(name="Nova").count() == 1


def test_a_draft_in_two_tabs(edith, rex, facts_now):
    with edith.in_new_tab():
        edith.go("/draft")
        edith.press("Remove from draft: Nova")
    edith.press("Save all 2")
    edith.sees("Your draft has changed since this page was opened.", "1 change waiting")
    edith.look_over()
    edith.press("Save all")
    assert facts_now(rex.id)["name"] == "Max"


def test_a_draft_waits_until_one_comes_back(edith, visit):
    edith.press("Sign out")
    elsewhere = visit("edith", PLAIN_PHONE)
    elsewhere.go("/draft")
    if elsewhere.page.url.startswith(f"{elsewhere.url}/login"):
        elsewhere.fill(Name="Edith", Password="rain on a tin roof")
        elsewhere.press("Sign in")
    elsewhere.sees("2 changes waiting", "Nova")
