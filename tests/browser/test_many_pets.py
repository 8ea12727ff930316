"""Many pets at once: a litter, a bulk edit, types, duplicates and sheets, all of them through the draft."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESK, PLAIN_PHONE

LOOKS = pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)


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
