"""Journeys: what somebody comes to Pets for, from its first page to its last. Each is made at a desk with
scripts, and on a phone, in dark colours, without them. Pages that no address shows are looked over here."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESK, Look
from tests.people import PASSWORD
from tests.server import Server


@pytest.fixture(params=[DESK, Look(javascript=False, width=390, scheme="dark")], ids=str)
def look(request):
    return request.param


@pytest.fixture
def first_start(registers, tmp_path):
    """The server on a data folder that is not there yet."""
    with Server(PETS_INSTANCE=str(tmp_path / "data")) as server:
        yield server


def test_from_the_first_start_to_the_first_pet(visit, first_start, look):
    newton = visit("Newton", look, first_start.url)
    newton.go("/")
    newton.sees("Welcome to Pets", "This register has no accounts yet")
    newton.look_over()
    newton.go("/setup?token=old")
    newton.sees("This link no longer works")
    newton.look_over()
    newton.go(re.search(r"http://\S+/setup\?token=\S+", first_start.output)[0])
    newton.look_over()
    newton.fill(Your_name="Newton", Password="apple")
    newton.press("Create the account")
    newton.sees("There is a problem")
    newton.look_over()
    newton.fill(Password="apples fall down")
    newton.press("Create the account")
    newton.sees("Welcome, Newton. Your register is ready.", "First steps", "Add your colleagues")
    newton.look_over()

    newton.follow("Add your first pet")
    newton.fill(Name="  ", Type="dog", Age="two", Notes="Shy with children.")
    newton.press("Save")
    newton.sees("There are 2 problems")
    newton.look_over()
    assert newton.page.title().startswith("Error: ")
    problems = newton.page.get_by_role("alert")
    if look.javascript:
        expect(problems).to_be_focused()
    for number, label in enumerate(["Name", "Age"]):
        problems.get_by_role("link").nth(number).click()
        expect(newton.field(label)).to_be_focused()
    for label, typed in (("Type", "dog"), ("Age", "two"), ("Notes", "Shy with children.")):
        expect(newton.field(label)).to_have_value(typed)
    newton.fill(Name="Rex", Age="2")
    newton.press("Save")
    newton.sees("“Rex” was added.", "about 2 years", "Shy with children.")
    newton.look_over()
    newton.go("/setup")
    newton.sees("1 pet on the register", "Add your first pet ✓ done")
    newton.look_over()


def test_a_spreadsheet_comes_in_and_goes_out_again(edith, look, add_pet, facts_now):
    for age in (1, 8):
        add_pet("Rex", "dog", age=age)
    before = [facts_now(number) for number in range(1, 5)]
    page = edith.go("/import")
    edith.press("Continue")
    edith.sees("There is a problem")
    edith.look_over()
    sheet = "name;type;age;notes\nBella;cat;tow;\nNova;cat;2;\nRex;dog;;Limps.\n"
    page.get_by_label("File").set_input_files(
        {"name": "pets.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    )
    edith.press("Continue")
    edith.sees("Match the columns", "Bella")
    edith.look_over()
    page.get_by_label("Update pets with the same name and type, add the rest").check()
    edith.press("Continue")
    edith.sees("Some rows need fixing", "“tow” is not a number", "One row may be about more than one pet.")
    edith.look_over()
    page.get_by_role("textbox", name="Row 2, age").fill("3")
    edith.press("Check again")
    expect(page.get_by_role("heading", name="Rows to fix")).to_have_count(0)
    edith.press("Add 2 to draft")
    edith.sees("Some rows fit several pets. Choose which ones they are about.")
    edith.look_over()
    page.get_by_label("Row 4, which pet it is").select_option("2")
    edith.press("Check again")
    edith.sees("Ready for the draft")
    edith.look_over()
    edith.follow("Preview 3 rows")
    edith.look_over()
    edith.follow("Back to the check")

    edith.press("Add 3 to draft")
    edith.sees("3 changes waiting", "New 2", "Changed 1", "Bella", "Nova", "Limps.")
    edith.look_over()
    edith.press("Save all 3")
    edith.sees("3 changes are saved.", "4 pets")
    expect(page).to_have_url(re.compile("/pets/"))
    edith.look_over()
    after = [facts_now(number) for number in range(1, 5)]
    assert [facts["name"] for facts in after] == ["Rex", "Rex", "Bella", "Nova"]
    assert after[1] == {**before[1], "notes": "Limps."}
    edith.press_in_flash("Undo")
    edith.sees("Undone: 3 changes", "2 pets")
    edith.look_over()
    assert [facts_now(number) for number in range(1, 5)] == before
    edith.press_in_flash("Redo")
    edith.sees("Redone: 3 changes", "4 pets")
    assert [facts_now(number) for number in range(1, 5)] == after


def test_how_far_a_long_job_has_come_is_told(edith):
    """Long enough to be met under way. The page asks again by itself, and so leads on at the end."""
    edith.go("/import")
    rows = "".join(f"Pet {number}\tdog\n" for number in range(1500))
    edith.fill(Or_paste_cells_copied_from_a_spreadsheet=f"name\ttype\n{rows}")
    edith.press("Continue")
    edith.press("Continue")
    edith.sees("This takes a moment")
    edith.look_over(stays=False)
    edith.sees("Ready for the draft")


@pytest.mark.on_both
def test_two_people_and_one_pet(visit, look, rex, facts_now):
    edith, ada = visit("edith", look), visit("ada")
    edith.go(f"/pets/{rex.id}/edit")
    ada.go(f"/pets/{rex.id}/edit")
    ada.fill(Name="Max")
    ada.press("Save")
    edith.fill(Name="Rexina", Notes="Answers to both.")
    edith.press("Save")
    edith.sees("Someone changed this before you", "Ada", "Max", "Rexina")
    edith.look_over()
    ada.follow("Edit")
    ada.fill(Name="Maximilian")
    ada.press("Save")
    edith.page.get_by_label("Yours").check()
    edith.press("Keep this choice")
    edith.sees("It has changed again", "Maximilian", "Rexina")
    edith.look_over()
    assert facts_now(rex.id)["name"] == "Maximilian"
    edith.page.get_by_label("Yours").check()
    edith.press("Keep this choice")
    edith.sees("“Rexina” was changed.")
    hers = {**rex.facts, "name": "Rexina", "notes": "Answers to both."}
    assert facts_now(rex.id) == hers

    ada.go(f"/pets/{rex.id}/edit")
    ada.fill(Name="Rexana", Type="wolf")
    ada.press("Save")
    edith.press_in_flash("Undo")
    edith.sees("This has changed since", "after that change: Rexina", "Rexana", "Maximilian")
    edith.look_over()
    edith.page.get_by_label("What undo would set").check()
    edith.press("Undo")
    edith.sees("Undone: the change to the name, notes of Maximilian", "wolf")
    edith.look_over()
    assert facts_now(rex.id) == {**rex.facts, "name": "Maximilian", "type": "wolf"}


def test_a_litter(edith, look):
    page = edith.go("/pets/litter")
    edith.fill(Type="cat", Age="7")
    page.get_by_label("Unit of the age").select_option("weeks")
    page.locator("#name-1").fill("Nova")
    edith.press("More rows")
    expect(page.locator("#name-1")).to_have_value("Nova")
    page.locator("#name-6").fill("Juno")
    page.locator("#notes-6").fill("The one with the white paw.")
    edith.fill(Type="")
    edith.press("Add to draft")
    edith.sees("There is a problem")
    edith.look_over()
    edith.fill(Type="cat")
    edith.press("Add to draft")
    edith.sees("2 changes waiting", "Nova", "Juno")
    edith.look_over()
    edith.press("Save all 2")
    edith.sees("2 changes are saved.", "Nova", "Juno")
    edith.follow("Juno")
    edith.sees("7 weeks", "The one with the white paw.")
    edith.look_over()


def test_two_that_are_one_are_merged_and_are_two_again(edith, look, add_pet, facts_now):
    add_pet("Élodie", "rabbit", age=2, notes="Shy.")
    add_pet("Elodi", "rabbit", notes="Likes parsley.")
    before = [facts_now(number) for number in (1, 2)]
    page = edith.go("/duplicates")
    page.get_by_role("link", name="Merge").click()
    edith.sees("Shy.", "Likes parsley.")
    edith.look_over()
    edith.press("Add to draft")
    edith.look_over()
    edith.press("Save all 2")
    edith.look_over()
    assert facts_now(2)["notes"] == "Likes parsley.\nShy."
    assert facts_now(1) is None
    edith.press_in_flash("Undo")
    edith.sees("Undone: ", "2 pets", "Élodie", "Elodi")
    edith.look_over()
    assert [facts_now(number) for number in (1, 2)] == before


def test_what_was_typed_outlives_the_end_of_a_session(edith, look, rex, facts_now):
    edith.go(f"/pets/{rex.id}/edit")
    edith.fill(Name="Rexina", Notes="Two lines\nof notes.")
    with edith.in_new_tab():
        edith.go("/pets/")
        edith.press("Sign out")
    edith.press("Save")
    edith.sees("Your session has ended", "What you typed is kept.")
    edith.look_over()
    edith.fill(Name="Edith", Password="a wrong password")
    edith.press("Sign in")
    edith.fill(Password=PASSWORD)
    edith.press("Sign in")
    edith.sees("not saved yet")
    edith.look_over()
    expect(edith.field("Name")).to_have_value("Rexina")
    edith.press("Save")
    edith.sees("“Rexina” was changed.")
    assert facts_now(rex.id) == {**rex.facts, "name": "Rexina", "notes": "Two lines\nof notes."}

    with edith.in_new_tab():
        edith.go("/pets/")
        edith.press("Sign out")
    edith.press("Remove")
    edith.fill(Name="Edith", Password=PASSWORD)
    edith.press("Sign in")
    edith.sees("Send it again")
    edith.look_over()
    assert facts_now(rex.id)
    edith.press("Send it again")
    edith.sees("“Rexina” was removed.")
    assert facts_now(rex.id) is None
