"""Every page that a GET shows, in every look: a page that is new is covered by itself."""

import pytest

from pets.fields.own import KINDS
from tests.browser.visitor import BY_LOOK, DESK, Look
from tests.conftest import person

# What stands in the address of a page that needs to be told which one, and the states worth a look of others.
ADDRESSES = {
    "pets.change_pets": ["/pets/bulk?pet=1.2&pet=2.1", "/pets/bulk?all=1"],
    "pets.check_import": ["/import/1/check"],
    "pets.edit_account": ["/accounts/1"],
    "pets.edit_field": ["/fields/1", "/fields/2?kind=number&pet=1", "/fields/3"],
    "pets.edit_files": ["/pets/1/files"],
    "pets.edit_import": ["/import/1"],
    "pets.edit_line": ["/draft/1"],
    "pets.edit_pet": ["/pets/1/edit"],
    "pets.edit_saved_view": ["/saved-views/1/edit"],
    "pets.import_rows": ["/import/1/rows"],
    "pets.list_pets": [
        "/pets/",
        "/pets/?own.1=female&columns=name,own.1,own.2,own.3",
        "/pets/?q=nobody",
        "/pets/?min_age=x",
        "/pets/?sort=x",
    ],
    "pets.merge_pets": ["/duplicates/3/5"],
    "pets.new_field": ["/fields/new", *(f"/fields/new?kind={kind}" for kind in KINDS)],
    "pets.print_card": ["/pets/1/card"],
    "pets.print_record": ["/pets/1/record"],
    "pets.restore_backup": ["/backups/pets-20240101-000000.sqlite/restore"],
    "pets.show_changeset": ["/history/1", "/history/6"],
    "pets.security_events": ["/security", "/security?fields=1"],
    "pets.show_stashed_form": ["/kept/gone"],
    "pets.show_saved_view": ["/saved-views/1"],
    "pets.show_pet": ["/pets/1", "/pets/2", "/pets/4", "/pets/999"],
    "pets.show_waiting": ["/waiting/gone"],
    "pets.show_job": ["/work/gone"],
}
# One of each kind: figures, list, pet, form, changes to check, history, choices, rows of a sheet, settings.
HANDFUL = [
    *("/", "/pets/", "/pets/1", "/pets/1/edit", "/draft", "/history/6", "/duplicates/3/5"),
    *("/import/1", "/import/1/check", "/account"),
]
NO_PAGES = {
    "static",
    "pets.export_pets",
    "pets.faulty_rows",
    "pets.show_file",
    "pets.show_thumb",
    "pets.answer_monitor",
}  # files
SHEET = "name;type;age\nRex;dog;4\nBella;cat;tow\n;cat;2\nElodie;rabbit;2\n"
LONG = "Wolfeschlegelsteinhausenbergerdorff"  # without a gap where it could be broken


@pytest.fixture
def lived_in(app, add_pet):
    """A register with some history, long names among it, and a draft of Ada's with something of each kind."""
    for name, kind, age in (
        ("Rex", "dog", 4),
        (LONG, LONG, 200),
        ("Élodie", "rabbit", 2),
        ("Zwieback", "cat", 9),
        ("Elodi", "rabbit", 2),
    ):
        add_pet(name, kind, age=age, notes=f"{name} is shy.\nAnd kind.")
    edith = person(app, "edith")
    edith.fill("/pets/1/edit", name="Max", type="wolf", age="5", notes=LONG * 3)
    edith.get("/pets/4").page.submit(edith, action="/pets/4/delete")
    ada = person(app, "ada")
    ada.post("/fields/new", suggested="sex")
    ada.post("/fields/new?kind=line", label=LONG, hint=LONG * 3, types=LONG, listed="y", required="y")
    ada.post("/fields/new?kind=choice", label=f"{LONG} chosen", more=f"{LONG}\nshort", listed="y")
    ada.post("/fields/new", suggested="status")
    ada.post("/fields/4/retire")
    ada.post("/saved-views/new", search="?type=dog", name=LONG, whose="everybody")
    for facts in (
        {"name": "Nova", "type": "cat"},
        {"name": "Élodie", "type": "rabbit"},
        {"name": LONG, "type": LONG},
    ):
        ada.fill("/pets/new", "Add to draft", **facts)
    ada.fill("/pets/2/edit", "Add to draft", name="Short", notes="")
    ada.fill("/pets/3/edit", "Add to draft", name="Elodie")
    edith.fill("/pets/3/edit", name="Lodie")
    ada.fill("/import", cells=SHEET)
    ada.get("/import/1").page.submit(ada)


def addresses(app):
    """The address of every page, and of several states of some."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint not in NO_PAGES:
            needed = rule.endpoint not in ADDRESSES and rule.arguments
            assert not needed, f"{rule.rule} ({rule.endpoint}) needs an address in ADDRESSES"
            found += ADDRESSES.get(rule.endpoint, [rule.rule])
    return found


def test_every_page(ada, app, lived_in):
    for address in addresses(app):
        ada.go(address)
        ada.turn_to(DESK)
        ada.look_over()
        ada.turn_to(Look(width=390, scheme="dark"))
        ada.look_over(BY_LOOK)
        ada.turn_to(Look(width=320))
        ada.scrolls_down_only()


def test_every_page_without_scripts(visit, app, lived_in):
    """The HTML is the same, so axe-core need not read it again."""
    ada = visit("ada", Look(javascript=False, width=320, scheme="dark"))
    for address in addresses(app):
        ada.go(address)
        ada.scrolls_down_only()


# Whatever one presses or types into, and what is told by a shape: each needs an edge that is no background.
WITHOUT_AN_EDGE = """() =>
    [...document.querySelectorAll("main :is(.button, .pill, .initial, input, select, textarea)")]
    .filter(one => one.checkVisibility() && !["checkbox", "radio"].includes(one.type))
    .filter(one => { const { borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(one)
        return parseFloat(borderTopWidth) === 0 || borderTopColor === backgroundColor })
    .map(one => one.outerHTML)"""


def test_forced_colours_and_text_twice_as_large(ada, app, lived_in):
    for address in HANDFUL:
        page = ada.go(address)
        page.emulate_media(forced_colors="active")
        ada.look_over(BY_LOOK)
        assert page.evaluate(WITHOUT_AN_EDGE) == [], address
        page.emulate_media(forced_colors="none")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        ada.scrolls_down_only()


def test_every_address_of_the_table_is_a_page(app):
    unknown = ADDRESSES.keys() - {rule.endpoint for rule in app.url_map.iter_rules()}
    assert not unknown
