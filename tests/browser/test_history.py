"""What was saved can be read, found and undone, and so can the undoing."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESK, PLAIN_PHONE
from tests.conftest import person


@pytest.fixture
def renamed(app, rex):
    """Rex, whom Edith has called Max since."""
    person(app, "edith").fill(f"/pets/{rex.id}/edit", name="Max")
    return rex


@pytest.mark.on_both
@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_an_undo_can_be_undone(edith, look, renamed, facts_now):
    edith.go("/history")
    edith.sees("Edith changed Max", "name Rex → Max", "Someone added Rex")
    edith.page.get_by_role("button", name="Undo: change no. 2").click()
    edith.sees("Undone: Max is called Rex again", "Edith undid a change to Rex", "name Max → Rex", "History")
    edith.look_over()
    assert facts_now(renamed.id)["name"] == "Rex"

    edith.page.get_by_role("button", name="Redo: change no. 3").click()
    edith.sees("Redone: Rex is called Max again", "Edith redid a change to Max")
    assert facts_now(renamed.id)["name"] == "Max"
    edith.follow("See the change")
    edith.follow("a change to Max")
    edith.sees("Change no. 2", "Undone, and redone by Edith")
    edith.look_over()


@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_a_removed_pet_is_brought_back_with_its_number(edith, look, rex, facts_now):
    edith.go(f"/pets/{rex.id}")
    edith.press("Remove")
    edith.go("/history?kind=removed")
    edith.sees("Edith removed Rex")
    edith.look_over()
    edith.follow("Rex")
    edith.sees("Removed by Edith", "History")
    edith.look_over()
    edith.press("Bring back")
    edith.sees("Undone: Rex is back on the register", "Rex", "Edith undid removing Rex", "Edith removed Rex")
    assert facts_now(rex.id) == rex.facts


@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_a_pet_is_found_by_a_name_it_had_before(vera, look, renamed):
    vera.go("/pets/")
    vera.fill(Search="rex")
    vera.press("Search")
    vera.sees("1 pet matches", "Max", "was Rex until")
    vera.look_over()
    vera.follow("Max")
    vera.sees("Former names", "Edith changed Max", "name Rex → Max")


def test_the_history_is_filtered(vera, renamed):
    page = vera.go("/history")
    vera.field("Person").select_option("Edith")
    vera.press("Filter")
    expect(page.get_by_role("main").locator("ol > li")).to_have_count(1)
    vera.field("Kind").select_option("Removed")
    vera.press("Filter")
    vera.sees("Nothing matches")
    vera.look_over()
    vera.follow("Show the whole history")
    vera.fill(Pet="Rex", Day="2001-01-01")
    vera.press("Filter")
    vera.sees("Nothing matches")
