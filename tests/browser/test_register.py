"""Keeping pets in a browser: adding, finding, editing and removing them."""

import pytest
from playwright.sync_api import expect

from pets.models.pet import Pet
from tests.browser.visitor import DESK, Look

PHONE = Look(width=390, scheme="dark")


def names(edith):
    """The pets of the list, as they stand."""
    return edith.page.locator("tbody th a").all_inner_texts()


def test_an_empty_register_offers_the_sample_pets(edith):
    edith.go("/pets/")
    edith.press("Load the sample pets")
    edith.sees("The four sample pets were added.")
    assert names(edith) == ["Godzilla", "Justin Timbersnake", "Marshmallow", "Pawtrick Stewart"]


def test_adding_one_after_another_keeps_the_type(edith):
    edith.go("/pets/new")
    edith.fill(Name="Rex", Type="guinea pig")
    edith.press("Save and add another")
    edith.sees("“Rex” was added.")
    expect(edith.field("Type")).to_have_value("guinea pig")
    expect(edith.field("Name")).to_be_focused()
    edith.fill(Name="Max")
    edith.press("Save")
    edith.go("/pets/")
    assert names(edith) == ["Max", "Rex"]


@pytest.mark.parametrize("look", [DESK, Look(javascript=False, width=320)], ids=str)
def test_a_likely_duplicate_is_asked_about_first(edith, look, rex):
    edith.go("/pets/new")
    edith.fill(Name="REX", Type="Dog", Notes="The other one.")
    edith.press("Save")
    edith.sees("This looks like a pet you already have")
    edith.look_over()
    expect(edith.field("Notes")).to_have_value("The other one.")
    edith.press("Add anyway")
    edith.sees("“REX” was added.")
    edith.go("/pets/")
    edith.sees("2 pets")


@pytest.fixture
def many(session):
    """Fifty cats and three others: three pages."""
    session.add_all([Pet(name=f"Cat {number:02}", type="cat", age=number % 9) for number in range(50)])
    session.add_all([Pet(name="Élodie", type="rabbit"), Pet(name="Zwieback", type="African grey", age=31)])
    session.add(Pet(name="Bartholomew-Maximilian " * 4, type="Norwegian forest dragon " * 2, age=200))
    session.commit()


@pytest.mark.on_both
@pytest.mark.parametrize("look", [DESK, PHONE], ids=str)
def test_finding_pets(edith, look, many):
    def unfold():
        if look is PHONE:
            edith.page.get_by_text("Filters").click()

    edith.go("/pets/")
    edith.sees("1–25 of 53 pets")
    edith.look_over()
    edith.follow("Next")
    edith.sees("26–50 of 53 pets")
    assert names(edith)[0] == "Cat 24"
    edith.follow("Previous")
    assert names(edith)[1] == "Cat 00"

    edith.fill(Search="elodie")
    edith.press("Search")
    assert names(edith) == ["Élodie"]
    edith.follow("Clear")
    unfold()
    edith.field("Type").select_option(label="cat (50)")
    edith.fill(Age_from="8")
    edith.press("Search")
    edith.sees("5 pets match")
    edith.press("Last change")
    edith.sees("Sorted by last change", "5 pets match")
    edith.press("Name")
    assert names(edith) == ["Cat 08", "Cat 17", "Cat 26", "Cat 35", "Cat 44"]

    edith.fill(Search="nobody")
    edith.press("Search")
    edith.sees("Nothing matches", "nobody")
    edith.follow("Show all pets")
    edith.sees("53 pets")
    unfold()
    edith.fill(Age_from="many")
    edith.press("Search")
    assert edith.page.title().startswith("Error: ")


@pytest.mark.parametrize("look", [PHONE], ids=str)
def test_a_phone_shows_six_pets_before_one_scrolls(edith, look, session):
    session.add_all(Pet(name=f"Cat {number}", type="cat", age=number) for number in range(9))
    session.commit()
    edith.go("/pets/1/edit")
    edith.fill(Name="Tom")
    edith.press("Add to draft")  # whose place makes the header two rows
    page = edith.go("/pets/?type=cat")
    page.set_viewport_size({"width": 390, "height": 844})
    edith.sees("9 pets match", "of type cat")
    boxes = [row.bounding_box() for row in page.locator("tbody tr").all()]
    assert len([box for box in boxes if box["y"] + box["height"] <= 844]) >= 6
    page.get_by_text("Filters").click()
    expect(edith.field("Type")).to_have_value("cat")


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str)
def test_the_list_follows_what_is_typed(edith, look, many):
    edith.go("/pets/")
    page, field, late = edith.page, edith.field("Search"), []
    page.route("**/pets/?q=cat", lambda route: late.append(route))
    with page.expect_request("**/pets/?q=cat"):
        field.press_sequentially("cat")
    field.fill("elodi")
    edith.sees("1 pet matches")
    assert len(late) == 1, "it is still waited for, and nobody will see it"
    page.keyboard.press("Home")
    page.keyboard.type("É")  # the caret stayed in the field
    expect(field).to_be_focused()
    expect(field).to_have_value("Éelodi")
    edith.sees("Nothing matches “Éelodi”. Showing “Élodie” instead.")
    expect(page.locator(".unseen[role=status]")).to_contain_text("1 pet matches")
    assert names(edith) == ["Élodie"]
    assert page.title() == "Pets matching “Élodie” – Pets"
    assert page.url.endswith("/pets/?q=%C3%89elodi")
    edith.look_over()

    field.fill("cat 0")
    edith.sees("10 pets match")
    field.fill("zwie")
    edith.sees("1 pet matches")
    edith.follow("Zwieback")
    edith.sees("African grey")
    page.go_back()
    expect(edith.field("Search")).to_have_value("zwie")
    assert names(edith) == ["Zwieback"]
    edith.field("Search").fill("")
    edith.sees("53 pets")
    assert page.url.endswith("/pets/")
    edith.field("Search").fill("elodie")
    edith.field("Search").press("Enter")
    edith.sees("1 pet matches")


def test_editing_and_removing_a_pet(edith, look, rex):
    edith.go(f"/pets/{rex.id}")
    edith.follow("Edit")
    edith.fill(Name="Max")
    edith.press("Save")
    edith.sees("“Max” was changed.")
    edith.press("Remove")
    edith.sees("“Max” was removed.", "No pets yet")
    edith.look_over()
    with edith.page.expect_navigation():
        edith.page.get_by_role("button", name="Undo “Max” was removed.").click()
    edith.sees("Undone: Max is back on the register", "1 pet")
    edith.look_over()
    edith.go(f"/pets/{rex.id}")
    edith.sees("Max", "until")


def test_adding_a_pet_with_the_keyboard_alone(edith, rex):
    page = edith.go("/pets/")

    def tab_to(goal):
        for _ in range(20):
            page.keyboard.press("Tab")
            # Of a date field, the parts show by themselves that they have the focus.
            shown = "one => one.type === 'date' || getComputedStyle(one).outlineStyle !== 'none'"
            focus = page.evaluate_handle("document.activeElement")
            assert focus.evaluate(shown), f"nothing shows that the focus is at {focus}"
            if goal.evaluate("goal => goal === document.activeElement"):
                return
        raise AssertionError(f"no way to {goal} by Tab")

    def enter():
        with page.expect_navigation():
            page.keyboard.press("Enter")

    tab_to(page.get_by_role("link", name="Skip to the content"))
    enter()
    expect(page.get_by_role("main")).to_be_focused()
    tab_to(page.get_by_role("link", name="Add a pet"))
    enter()
    for label, typed in (("Name", "Minka"), ("Type", "cat"), ("Age", "3")):
        tab_to(edith.field(label))
        page.keyboard.type(typed)
    tab_to(page.get_by_label("Unit of the age"))
    page.keyboard.type("weeks")
    tab_to(page.get_by_role("button", name="Save", exact=True))
    enter()
    edith.sees("“Minka” was added.", "3 weeks")
    tab_to(page.get_by_role("status").get_by_role("button", name="Undo"))
    enter()
    edith.sees("Undone: Minka is no longer on the register")


def test_on_paper_the_list_is_a_list(edith, many):
    page = edith.go("/pets/")
    page.emulate_media(media="print")
    expect(page.get_by_role("row", name="Cat 07")).to_be_visible()
    for unwanted in (
        page.get_by_role("navigation"),
        page.locator("button:not(th button)"),
        page.get_by_role("search"),
    ):
        for one in unwanted.all():
            expect(one).to_be_hidden()
    edith.go("/pets/1")
    expect(page.get_by_role("heading", name="Cat 00")).to_be_visible()
    expect(page.get_by_role("link", name="Edit")).to_be_hidden()


def test_keys_for_the_hand_that_does_not_leave_the_keyboard(edith, visit, many):
    page = edith.go("/pets/")
    press = page.keyboard.press

    def goes(*keys):
        with page.expect_navigation():
            for key in keys:
                press(key)

    for key in ("j", "ArrowDown", "j", "k", "x"):
        press(key)
    focused = page.locator(":focus")
    expect(focused).to_have_text("Cat 00")
    expect(page.get_by_label("Choose Cat 00")).to_be_checked()
    edith.sees("1 chosen")
    goes("Enter")
    goes("j")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cat 01")
    goes("e")
    expect(page).to_have_title("Edit Cat 01 – Pets")
    goes("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("nj?")  # in a field, keys are letters
    expect(page.get_by_label("Search")).to_have_value("nj?")
    goes("Enter")
    press("Control+n")
    press("?")
    dialog = page.get_by_role("dialog", name="Which keys are there?")
    expect(dialog).to_contain_text("Add a pet")
    edith.look_over()
    dialog.get_by_label("Use these keys").uncheck()
    press("Escape")
    expect(dialog).to_have_count(0)
    press("n")
    press("j")
    expect(page.get_by_label("Search")).to_have_value("nj?")
    edith.go("/help#keys").get_by_label("Use these keys").check()
    goes("g", "h")
    expect(page).to_have_title("History – Pets")
    goes("n")
    expect(page).to_have_title("Add a pet – Pets")
    vera = visit("vera").go("/pets/")
    vera.keyboard.press("n")
    vera.keyboard.press("x")
    with vera.expect_navigation():
        vera.keyboard.press("g")
        vera.keyboard.press("p")
