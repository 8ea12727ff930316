"""Many pets at once: a litter, a bulk edit, types, duplicates and sheets, all of them through the draft."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESK, Look

PLAIN_PHONE = Look(javascript=False, width=320, scheme="dark")
LOOKS = pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)


@LOOKS
def test_a_litter_with_more_rows(edith, look):
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
    edith.press("Save all 2")
    edith.sees("2 changes are saved.", "Nova", "Juno")


@LOOKS
def test_the_pets_that_were_ticked_are_changed_alike(edith, look, add_pet, facts_now):
    for name in ("Rex", "Max", "Minka"):
        add_pet(name, "dog", age=2)
    page = edith.go("/pets/")
    page.get_by_label("Choose Rex").check()
    edith.press("Last change")
    edith.sees("1 chosen")
    expect(page.get_by_label("Choose Rex")).to_be_checked()
    page.get_by_label("Choose Max").check()
    if look.javascript:  # which keeps a tick as it is made
        edith.sees("2 chosen")
        edith.follow("Rex")
        edith.follow("All pets")
        expect(page.get_by_label("Choose Max")).to_be_checked()
        expect(page.get_by_label("Choose all on this page")).to_have_js_property("indeterminate", True)
    edith.look_over()
    edith.press("Change")
    edith.sees("Change 2 pets")
    edith.fill(Type="wolf", Age="many")
    page.get_by_label("Set it, as below").check()
    edith.press("Add to draft")
    edith.sees("There is a problem")
    edith.look_over()
    edith.fill(Age="3")
    edith.press("Add to draft")
    edith.sees("2 changes waiting", "type dog → wolf", "age 2 → 3")
    edith.press("Save all 2")
    assert [facts_now(number)["type"] for number in (1, 2, 3)] == ["wolf", "wolf", "dog"]


def test_one_box_ticks_all_of_the_page(edith, add_pet):
    for name in ("Rex", "Max"):
        add_pet(name, "dog")
    page = edith.go("/pets/")
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_label("Choose Max")).to_be_checked()
    page.get_by_label("Choose Max").uncheck()
    expect(page.get_by_label("Choose all on this page")).not_to_be_checked()
    page.get_by_label("All 2 that match").check()
    edith.press("Change")
    edith.sees("Change 2 pets")


@LOOKS
def test_types_are_merged(edith, look, add_pet, facts_now):
    for number, kind in enumerate(("kitteh", "feline", "dog")):
        add_pet(f"Pet {number}", kind)
    page = edith.go("/types")
    page.get_by_label("Choose kitteh").check()
    page.get_by_label("Choose feline").check()
    edith.press("Add to draft")
    edith.sees("There is a problem")
    edith.look_over()
    edith.fill(New_name="cat")
    edith.press("Add to draft")
    edith.press("Save all 2")
    assert [facts_now(number)["type"] for number in (1, 2, 3)] == ["cat", "cat", "dog"]


@LOOKS
def test_two_that_are_one_are_merged(edith, look, add_pet, facts_now):
    add_pet("Élodie", "rabbit", age=2, notes="Shy.")
    add_pet("Elodi", "rabbit", notes="Likes parsley.")
    page = edith.go("/duplicates")
    page.get_by_role("link", name="Merge").click()
    edith.sees("Shy.", "Likes parsley.")
    edith.look_over()
    edith.press("Add to draft")
    edith.press("Save all 2")
    assert facts_now(2)["notes"] == "Likes parsley.\nShy."
    assert facts_now(1) is None


@LOOKS
def test_a_sheet_is_mended_on_the_way_in(edith, look, rex, facts_now):
    page = edith.go("/import")
    edith.press("Continue")
    edith.sees("There is a problem")
    edith.look_over()
    sheet = "name;type;age\nBella;cat;tow\nNova;cat;2\n"
    page.get_by_label("File").set_input_files(
        {"name": "pets.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    )
    edith.press("Continue")
    edith.sees("Match the columns", "Bella")
    edith.look_over()
    edith.press("Continue")
    edith.sees("Some rows need fixing", "“tow” is not a number")
    page.get_by_role("textbox", name="Row 2, age").fill("3")
    edith.press("Check again")
    edith.sees("Ready for the draft")
    edith.look_over()
    edith.press("Add 2 to draft")
    edith.sees("2 changes waiting", "Bella", "Nova")
    edith.press("Save all 2")
    edith.sees("2 changes are saved.", "Bella", "Nova")
    assert facts_now(2)["name"] == "Bella"
