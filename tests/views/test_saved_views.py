"""Saved views: a search under a name, one's own or everybody's."""

import pytest


@pytest.fixture(autouse=True)
def _pets(add_pet):
    add_pet("Rex", "dog")
    add_pet("Tom", "cat")


def save(person, name="Cats", query="?type=cat&sort=-age", **typed):
    """What the form on the list's "Save this view" answers."""
    page = person.get(person.get(f"/pets/{query}").page.links["Save this view"]).page
    return page.submit(person, name=name, **typed)


def tabs(person, query=""):
    """(the views above the list, the one that is in view)."""
    page = person.get(f"/pets/{query}").page
    found = page.select('nav[aria-label="Saved views"] a')
    return [tab.text for tab in found], [tab.text for tab in found if tab.get("aria-current")]


def test_a_search_with_its_order_gets_a_name(vera, edith):
    answer = save(vera, "Old cats")
    assert answer.location == "/pets/?type=cat&sort=-age"
    assert tabs(vera) == (["All pets", "Old cats"], ["All pets"])
    assert tabs(vera, "?type=cat&sort=-age") == (["All pets", "Old cats"], ["Old cats"])
    assert tabs(vera, "?type=cat") == (["All pets", "Old cats"], [])
    assert vera.get("/saved-views/1").location == "/pets/?type=cat&sort=-age"
    assert tabs(edith) == ([], [])
    assert edith.get("/saved-views/1").status_code == 404
    assert edith.post("/saved-views/1/delete").status_code == 404


@pytest.mark.on_both
def test_a_form_that_is_sent_twice_saves_one(edith):
    for _ in range(2):
        assert save(edith, "Cats", whose="everybody").status_code == 303 if not _ else True
        edith.post("/saved-views/new", search="?type=cat&sort=-age", name="CATS", whose="everybody")
    assert tabs(edith)[0] == ["All pets", "CATS"]


def test_editors_save_for_everybody_and_viewers_do_not(vera, edith, ada):
    save(edith, "Cats", whose="everybody")
    assert not vera.get("/saved-views/new?search=?type=dog").page.select('[name="whose"]')
    vera.post("/saved-views/new", search="?type=dog", name="Dogs", whose="everybody")
    assert tabs(vera)[0] == ["All pets", "Cats", "Dogs"]
    assert tabs(ada)[0] == ["All pets", "Cats"]
    # Vera sees it, but may not change it; whoever saved it and an admin may.
    assert "Edit this view" not in vera.get("/saved-views/1", follow_redirects=True).page.links
    assert vera.get("/saved-views/1/edit").status_code == 403
    assert vera.post("/saved-views/1/delete").status_code == 403
    page = ada.get(ada.get("/pets/?type=cat&sort=-age").page.links["Edit this view"]).page
    page.form("/saved-views/1/edit").submit(ada, name="All cats")
    assert tabs(vera)[0] == ["All pets", "All cats", "Dogs"]
    edith.get("/saved-views/1/edit").page.form("/saved-views/1/edit").submit(edith, whose="mine")
    assert tabs(vera)[0] == ["All pets", "Dogs"]
    assert ada.get("/saved-views/1/edit").status_code == 404
    edith.get("/saved-views/1/edit").page.form("/saved-views/1/delete").submit(edith)
    assert tabs(edith) == ([], [])


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (" ", "Enter a name, such as Reserved cats."),
        ("x" * 5000, "The name is 5,000 characters long. Shorten it to 60 or fewer."),
        ("a\0b", "The name has a character that can’t be saved. Type it again."),
        ("CÀTS", "You already have a view called “CÀTS”. Choose another name."),
    ],
)
def test_mistakes_are_told_and_the_search_is_kept(vera, name, problem):
    save(vera, "Cats")
    answer = save(vera, name, "?q=rex")
    assert answer.status_code == 422
    assert [link.text for link in answer.page.select(".summary a")] == [problem]
    assert "Pets matching “rex”" in answer.page.text
    assert answer.page.submit(vera, name="Rex").location == "/pets/?q=rex"


@pytest.mark.on_both
def test_a_view_is_replaced_by_another_search(vera, edith):
    save(vera, "Cats")
    answer = save(vera, "Cats", "?type=cat&q=tom")
    assert answer.page.submit(vera, "Replace that view").location == "/pets/?q=tom&type=cat"
    assert vera.get("/saved-views/1").location == "/pets/?q=tom&type=cat"
    assert len(tabs(vera)[0]) == 2
    # Not one that is somebody else's.
    save(edith, "Dogs", "?type=dog", whose="everybody")
    edith.post("/saved-views/2/edit", name="Dogs", whose="everybody")
    assert "Replace" not in save(vera, "Dogs", "?q=rex").text


@pytest.mark.on_both
def test_there_is_an_end_to_them(vera):
    for number in range(50):
        vera.post("/saved-views/new", search=f"?q={number}", name=f"View {number}")
    answer = vera.post("/saved-views/new", search="?q=50", name="One more")
    assert "There are already 50 views." in answer.page.text


def test_an_address_that_is_none_is_refused(vera):
    assert vera.get("/saved-views/new?search=?sort=nothing").status_code == 400
    assert vera.get("/saved-views/new?search=?after=nonsense").status_code == 400
