"""Fields that are another pet, on the pages: typed by name or number, shown both ways, moved by a merge."""

import pytest

from tests.replay import history_and_register_agree

pytestmark = pytest.mark.on_both


@pytest.fixture
def family(ada, add_pet):
    """A field Mother (1) and a field Friend (2); Bella 1, Luna 2, Rex 3."""
    for label in ("Mother", "Friend"):
        ada.fill("/fields/new?kind=pet_link", label=label)
    for name, kind in (("Bella", "cat"), ("Luna", "cat"), ("Rex", "dog")):
        add_pet(name, kind)


MOTHER, FRIEND = "own.1", "own.2"


def shown(person, number):
    """{what: words} on the page of a pet."""
    page = person.get(f"/pets/{number}").page
    return dict(
        zip(*[[node.text for node in page.select(f"dl.facts {tag}")] for tag in ("dt", "dd")], strict=True)
    )


def test_it_is_typed_by_name_and_shown_on_both_pages(edith, vera, family, facts_now):
    edith.fill("/pets/3/edit", button="Save", **{MOTHER: "bella", FRIEND: "no. 2"})
    assert (facts_now(3)[MOTHER], facts_now(3)[FRIEND]) == ("1", "2")
    assert shown(vera, 3)["Mother"] == "Bella, no. 1"
    assert vera.get("/pets/3").page.links["Bella, no. 1"] == "/pets/1"
    assert shown(vera, 1)["Mother of"] == "Rex"
    assert "Friend of" not in shown(vera, 1)
    assert shown(vera, 1)["Not known"] == "Mother, Friend"  # in one row, however many they are
    assert vera.get("/pets/2").page.links["Rex"] == "/pets/3"
    form = edith.get("/pets/3/edit").page.form()
    assert form.fields[MOTHER] == "Bella, no. 1"
    form.submit(edith, "Save", name="Max")
    assert facts_now(3)[MOTHER] == "1"


def test_what_is_no_one_pet_is_told(edith, family, add_pet, facts_now):
    add_pet("Luna", "dog")
    for typed, says in (
        ("luna", "Several pets are called “Luna”. Enter the number of one: 2 (cat), 4 (dog)."),
        ("99", "No pet has the number 99. Enter the name or the number of one."),
        ("Luna, no. 1", "“Bella” has the number 1. Enter the name or the number alone."),
    ):
        answer = edith.fill("/pets/3/edit", button="Save", **{MOTHER: typed})
        assert [link.text for link in answer.page.select(".summary a")] == [says]
        assert answer.page.form().fields[MOTHER] == typed
        for page, request in (("/pets/litter", {}), ("/pets/bulk", {"query_string": {"pet": "3.1"}})):
            answer = edith.get(page, **request).page.submit(edith, **{MOTHER: typed})
            assert says in [link.text for link in answer.page.select(".summary a")]


def test_the_list_is_filtered_by_its_name_or_number(edith, family, add_pet):
    edith.fill("/pets/3/edit", button="Save", **{MOTHER: "1"})
    for typed in ("1", "number 1", "bella", "Bella, no. 1"):
        answer = edith.get("/pets/", query_string={MOTHER: typed})
        assert (answer.status_code, "1 pet matches" in answer.page.text) == (200, True), typed
        assert "Rex" in answer.page.links
    add_pet("Luna", "dog")
    for typed, says in (
        ("luna", "Several pets are called “Luna”. Enter the number of one: 2 (cat), 4 (dog)."),
        ("nobody", "No pet is called “nobody”. Enter a name as it is here, or a number."),
        ("a\0b", "No pet is called"),
    ):
        answer = edith.get("/pets/", query_string={MOTHER: typed})
        assert (answer.status_code, says[:24] in answer.page.text) == (422, True), typed
    assert edith.get("/pets.csv", query_string={MOTHER: "bella"}).text.count("\n") == 2


def test_no_pet_is_its_own(edith, family, facts_now):
    says = "A pet cannot be its own mother. Enter another."
    answer = edith.fill("/pets/1/edit", button="Save", **{MOTHER: "Bella"})
    assert [link.text for link in answer.page.select(".summary a")] == [says]
    edith.get("/pets/bulk", query_string={"pet": ["1.1", "3.1"]}).page.submit(edith, **{MOTHER: "Bella"})
    edith.get("/draft").page.form("/draft/save").submit(edith)
    assert (facts_now(1)[MOTHER], facts_now(3)[MOTHER]) == ("", "1")


def test_a_pet_that_is_renamed_or_removed_is_still_meant(edith, ada, family, facts_now):
    edith.fill("/pets/3/edit", button="Save", **{MOTHER: "Bella"})
    form = edith.get("/pets/3/edit").page.form()
    ada.fill("/pets/1/edit", button="Save", name="Isabella")
    assert form.submit(edith, "Save", name="Max").status_code == 303
    assert shown(edith, 3)["Mother"] == "Isabella, no. 1"
    ada.post("/pets/1/delete", version="2")
    assert shown(edith, 3)["Mother"] == "no. 1 (removed)"
    assert edith.fill("/pets/3/edit", button="Save", name="Rex").status_code == 303
    assert (facts_now(3)["name"], facts_now(3)[MOTHER]) == ("Rex", "1")


def test_a_merge_moves_the_links_in_the_same_changeset(edith, session, family, facts_now):
    edith.fill("/pets/3/edit", button="Save", **{MOTHER: "Luna", FRIEND: "Luna"})
    edith.fill("/pets/1/edit", button="Save", **{FRIEND: "Luna"})
    before = [facts_now(number) for number in (1, 2, 3)]
    page = edith.get("/duplicates/1/2").page
    assert "1 pet links to number 2, and will link to number 1 instead: Rex" in page.text
    page.submit(edith)
    saved = edith.change_told(edith.get("/draft").page.form("/draft/save").submit(edith))
    assert facts_now(2) is None
    assert (facts_now(3)[MOTHER], facts_now(3)[FRIEND]) == ("1", "1")
    assert facts_now(1)[FRIEND] == ""  # no pet is its own friend
    assert shown(edith, 1)["Mother of"] == shown(edith, 1)["Friend of"] == "Rex"
    edith.post(f"{saved}/undo")
    assert [facts_now(number) for number in (1, 2, 3)] == before
    history_and_register_agree()


def test_a_sheet_names_them_and_its_export_changes_nothing(edith, run, family, add_pet, facts_now, tmp_path):
    add_pet("Luna", "dog")
    sheet = tmp_path / "pets.csv"
    sheet.write_text("name,type,mother\nPip,dog,BELLA\nPup,dog,3\nPop,dog,Luna\nPan,dog,99\n", "utf-8")
    told = run("import", str(sheet), "--save", fails=True)
    assert "row 4, mother: Several pets are called “Luna”. Enter the number of one: 2 (cat), 4 (dog)." in told
    assert "row 5, mother: No pet has the number 99. Enter the name or the number of one." in told
    run("import", str(sheet), "--save", "--skip-faulty")
    assert (facts_now(5)[MOTHER], facts_now(6)[MOTHER]) == ("1", "3")
    edith.post("/pets/1/delete", version="1")  # what is gone may stay where it stands
    export = tmp_path / "again.csv"
    export.write_bytes(edith.get("/pets.csv").data)
    assert "0 new, 0 changed, 5 unchanged" in run("import", str(export))
