"""The columns of the list, as each person chooses them."""

import pytest

from pets.fields import BUILT_IN

# The names of further fields that are built in, by the headings of their columns.
MORE = dict([(str(field.column), field.name) for field in BUILT_IN if field.column][3:])


@pytest.fixture(autouse=True)
def _pets(ada, add_pet):
    ada.post("/fields/new", suggested="sex")
    ada.post("/fields/new", suggested="breed")
    ada.post("/fields/new?kind=text", label="Story")
    ada.fill("/pets/new", button="Save", name="Rex", type="dog", **{"own.1": "male", "own.2": "beagle"})
    add_pet("Tom", "cat", age=2)


def headings(person, query=""):
    return [heading.text for heading in person.get(f"/pets/{query}").page.select("thead th")]


def lines(person, query=""):
    """What stands beside each name."""
    rows = person.get(f"/pets/{query}").page.select("tbody tr")
    return [[cell.text for cell in row.select("td.wide, td.num")] for row in rows]


def choose(person, query="", **typed):
    page = person.get(person.get(f"/pets/{query}").page.links["Columns"]).page
    return page.form("/pets/columns").submit(person, **typed)


def test_each_person_chooses_their_own(vera, edith):
    assert headings(vera) == ["Name", "Type", "Age", *MORE, "Sex", "Last change"]
    assert choose(vera, "?type=dog", column=["own.2", "type"]).location == "/pets/?type=dog"
    assert headings(vera) == ["Name", "Type", "Breed", "Last change"]
    assert lines(vera) == [["dog", "beagle"], ["cat", ""]]
    assert headings(edith) == ["Name", "Type", "Age", *MORE, "Sex", "Last change"]
    assert choose(vera, column=None).status_code == 303
    assert headings(vera) == ["Name", "Last change"]
    assert lines(vera) == [[], []]
    page = vera.get("/pets/columns").page
    page.form("/pets/columns").submit(vera, "Use the standard columns")
    assert headings(vera) == headings(edith)
    assert "Use the standard columns" not in vera.get("/pets/columns").page.text


def test_what_can_be_chosen_is_what_can_be_shown(ada, vera):
    boxes = [box["value"] for box in vera.get("/pets/columns").page.select('[name="column"]')]
    assert boxes == ["type", "born", *MORE.values(), "own.1", "own.2"]
    choose(vera, column=["own.1", "own.2"])
    ada.post("/fields/1/retire")
    assert headings(vera) == ["Name", "Breed", "Last change"]
    vera.post("/pets/columns", column=["own.3", "own.99", "notes", "type"])
    assert headings(vera) == ["Name", "Type", "Last change"]


def test_the_usual_ones_follow_what_an_admin_lists(ada, vera):
    choose(vera)  # as they were
    ada.get("/fields/2").page.select("form")[-2]
    ada.post("/fields/1/retire")
    assert headings(vera) == ["Name", "Type", "Age", *MORE, "Last change"]


def test_a_saved_view_has_the_columns_it_was_saved_with(vera, edith):
    choose(edith, column=["own.2"])
    page = edith.get(edith.get("/pets/?type=dog").page.links["Save this view"]).page
    location = page.submit(edith, name="Breeds", whose="everybody").location
    assert location == "/pets/?type=dog&columns=name,own.2"
    assert headings(vera, "?type=dog&columns=name,own.2") == ["Name", "Breed", "Last change"]
    # Sorting, filtering and turning pages stay in it; choosing columns leaves it.
    page = vera.get(location).page
    assert page.links["Breed"] == "/pets/?type=dog&sort=own.2&columns=name,own.2"
    assert page.form("/pets/").submit(vera, q="rex").request.args["columns"] == "name,own.2"
    assert choose(vera, "?type=dog&columns=name,own.2").location == "/pets/?type=dog"
    assert headings(vera) == ["Name", "Breed", "Last change"]


def test_unknown_columns_in_an_address_are_left_out(vera):
    assert headings(vera, "?columns=own.2,own.99,nothing") == ["Name", "Breed", "Last change"]
    assert headings(vera, "?columns=") == ["Name", "Type", "Age", *MORE, "Sex", "Last change"]
