"""The types: counted, told with their ages, and given one name."""

import pytest

from pets.search.types import types_page

pytestmark = pytest.mark.on_both


def rows(page):
    """[(name, what is told under it, pets, ages), …]"""
    return [
        (row.one("a").text, also(row), row.one("td.num").text, row.one("td.wide").text)
        for row in page.select("tbody tr")
    ]


def also(row):
    return [spellings.text for spellings in row.select("th > .quiet")]


def test_they_are_listed_with_counts_and_ages(vera, add_pet):
    for name, kind, age in (("A", "dog", 3), ("B", "dog", None), ("C", "dog", 9), ("D", "cat", None)):
        add_pet(name, kind, age=age)
    assert rows(vera.get("/types").page) == [
        ("cat", [], "1", "not known"),
        ("dog", [], "3", "3 years – 9 years"),
    ]


def test_spellings_of_one_type_stand_together(vera, add_pet):
    for name, kind in (("A", "dog"), ("B", "Dog"), ("C", "Dog"), ("D", "DOG")):
        add_pet(name, kind)
    [(name, also, count, _)] = rows(vera.get("/types").page)
    assert (name, also, count) == ("Dog", ["also DOG (1), dog (1)"], "4")


def test_who_may_only_look_is_offered_no_ticks(vera, rex):
    assert not vera.get("/types").page.select("main form")


def test_an_empty_register_has_none(edith):
    assert "No types yet" in edith.get("/types").page.text


def test_several_are_merged_through_the_draft(edith, add_pet, facts_now):
    pets = [
        add_pet(name, kind) for name, kind in (("A", "Cat"), ("B", "cats"), ("C", "kitteh"), ("D", "dog"))
    ]
    answer = edith.get("/types").page.submit(edith, type=["cats", "kitteh"], name="cat")
    assert answer.location == "/draft"
    page = edith.get("/draft").page
    assert [line.text for line in page.select("ul.diff")] == ["type cats → Cat", "type kitteh → Cat"]
    page.form("/draft/save").submit(edith)
    assert [facts_now(pet.id)["type"] for pet in pets] == ["Cat", "Cat", "Cat", "dog"]


def test_a_type_is_respelled(edith, add_pet, facts_now):
    pets = [add_pet(name, kind) for name, kind in (("A", "cat"), ("B", "cat"), ("C", "Cat"))]
    edith.get("/types").page.submit(edith, type="cat", name="Cat")
    page = edith.get("/draft").page
    assert len(page.select("ul.lines li bdi")) == 2
    page.form("/draft/save").submit(edith)
    assert {facts_now(pet.id)["type"] for pet in pets} == {"Cat"}
    assert rows(edith.get("/types").page)[0][:2] == ("Cat", [])


@pytest.mark.parametrize(
    ("ticked", "name", "problem"),
    [
        ([], "cat", "Tick at least one type."),
        (["dog"], "", "Enter what kind of animal it is, such as cat or dog."),
        (["dog"], "x" * 61, "“Type” is 61 characters long. Shorten it to 60 or fewer."),
    ],
)
def test_mistakes_are_told_and_ticks_are_kept(edith, rex, ticked, name, problem):
    answer = edith.post("/types", type=ticked, name=name)
    assert answer.status_code == 422
    assert [link.text for link in answer.page.select(".summary a")] == [problem]
    assert [tick["value"] for tick in answer.page.select("[checked]")] == ticked


def test_what_is_there_already_puts_nothing_in(edith, rex):
    edith.post("/types", type="dog", name="dog")
    assert "it would change nothing" in edith.get("/draft").page.text


def test_there_are_pages_of_them(vera, add_pet):
    for number in range(53):
        add_pet("Rex", f"kind {number:02}")
    page = vera.get("/types").page
    assert len(rows(page)) == 50
    assert [name for name, *_ in rows(vera.get(page.links["Next →"]).page)] == [
        "kind 50",
        "kind 51",
        "kind 52",
    ]
    assert vera.get("/types?after=x").status_code == 400


def test_their_ages_are_read_from_an_index_alone(app, add_pet, statements, session):
    add_pet("Rex", "dog", age=2)
    statements.clear()
    types_page("")
    session.rollback()
    asked = [statement for statement in statements if "born_on" in statement]
    assert len(asked) == 1
    assert asked[0].count("LIMIT") == 2
