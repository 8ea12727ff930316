"""What the forms of one pet, of a litter and of many have in common."""

import pytest

from pets import language
from pets.changes.draft_line import DraftLine
from pets.web import request as asked

ASKED = "Did you mean Dog? Save again to keep “dogs”."


@pytest.fixture
def dog(add_pet):
    return add_pet("Rex", "Dog")


def test_a_type_in_the_other_number_is_asked_about_and_one_click_takes_it(edith, dog, facts_now):
    asked = edith.fill("/pets/new", name="Max", type="dogs")
    assert asked.status_code == 422
    assert asked.page.one("#type-problem").text == ASKED
    assert asked.page.submit(edith, "Use Dog").location == "/pets/2"
    assert facts_now(2)["type"] == "Dog"


def test_it_is_kept_by_saving_again_and_then_is_a_type_like_any(edith, dog, facts_now):
    asked = edith.fill("/pets/new", name="Max", type="dogs").page
    assert (
        asked.submit(edith, name="").page.one("#type")["value"] == "dogs"
    )  # another question does not undo it
    assert asked.submit(edith).status_code == 303
    assert facts_now(2)["type"] == "dogs"
    assert edith.fill("/pets/new", name="Tom", type="Dogs").status_code == 303
    edit = edith.get("/pets/2/edit").page
    assert edit.submit(edith, name="Moritz").status_code == 303
    assert facts_now(2)["type"] == "dogs"


def test_a_type_that_was_kept_is_asked_about_again_once_it_is_another(edith, dog, add_pet):
    add_pet("Minka", "cat")
    asked = edith.fill("/pets/new", name="Max", type="dogs").page
    assert "Did you mean cat?" in asked.submit(edith, type="cats").page.text


def test_the_button_does_what_was_asked_for_before_the_question(edith, dog, session):
    asked = edith.fill("/pets/new", "Add to draft", name="Max", type="dogs").page
    assert asked.submit(edith, "Use Dog").location == "/draft"
    assert session.query(DraftLine).one().after["type"] == "Dog"
    another = edith.fill("/pets/new", "Save and add another", name="Tom", type="dogs").page
    assert another.submit(edith, "Use Dog").location.startswith("/pets/new?")


def test_so_it_is_in_a_litter_in_an_edit_and_for_many(edith, dog, add_pet, session):
    cat = add_pet("Minka", "cat")
    for url, about in {
        "/pets/litter": {"name": ["Max", "", "", "", ""]},
        f"/pets/{cat.id}/edit": {},
        f"/pets/bulk?pet={cat.id}.1": {},
    }.items():
        asked = edith.fill(url, type="dogs", **about)
        assert (asked.status_code, asked.page.one("#type-problem").text) == (422, ASKED), url
        assert asked.page.submit(edith, "Use Dog").status_code == 303
    assert {line.after["type"] for line in session.query(DraftLine)} == {"Dog"}


@pytest.mark.parametrize("typed", ["dog", "DOG", "dogfish", "d\0ogs", "dogs" * 1_000])
def test_other_types_are_not_asked_about(edith, dog, typed):
    assert "Did you mean" not in edith.fill("/pets/new", name="Max", type=typed).text


def test_after_save_and_add_another_the_cursor_is_in_the_name(edith):
    assert not edith.get("/pets/new").page.select("[autofocus]")
    again = edith.fill("/pets/new", "Save and add another", name="Rex", type="dog")
    assert edith.get(again.location).page.one("[autofocus]")["name"] == "name"


# Beside the form


def alike(page):
    """The pets that stand beside a form as likely to be the one that it is about."""
    return [link["href"] for link in page.select("#duplicates-found a")]


@pytest.mark.on_both
def test_what_is_typed_so_far_is_looked_for_on_the_register(edith, dog, add_pet, clock):
    other = add_pet("Rex", "cat")
    for typed, found in {
        "name=REX&type=dog": [dog.id],
        "name=Rex&type=Dogs": [dog.id],
        "name=Rex": [],
        "name=Max&name=Rex&type=dog": [dog.id],  # of a litter
        "name=Rex&type=cat&born_on=2020-05-01": [other.id],
        "name=Rex&type=cat&age=x&born_on=no": [other.id],
        f"name=Rex&type=dog&but={dog.id}": [],
        "name=R%00ex&type=dog&but=x": [],
        "": [],
    }.items():
        page = edith.get(f"/pets/alike?{typed}").page
        assert alike(page) == [f"/pets/{number}" for number in found], typed


@pytest.mark.on_both
def test_so_is_a_code(ada, edith, dog):
    ada.post("/fields/new", suggested="microchip")
    edith.fill(f"/pets/{dog.id}/edit", **{"own.1": "985112001234567"})
    assert alike(edith.get("/pets/alike?own.1=985 112 001 234 567").page) == [f"/pets/{dog.id}"]


@pytest.mark.on_both
def test_beside_the_form_of_a_pet_stand_its_siblings(edith):
    edith.fill("/pets/litter", type="cat", born_on="2024-01-01", name=["Minka", "Mohr", "", "", ""])
    edith.get("/draft").page.submit(edith, action="/draft/save")
    page = edith.get("/pets/1/edit").page
    assert [link.text for link in page.select(".beside__aside .glimpses a")] == ["Mohr"]
    assert edith.fill("/pets/1/edit", name="").status_code == 422  # whose page has them, too


# In another language


class Marked:
    """A catalogue in which each text is itself between marks."""

    def gettext(self, text):
        return f"«{text}»"

    def pgettext(self, context, text):
        return f"«{text}»"

    def ngettext(self, one, several, num):
        return f"«{one if num == 1 else several}»"


def test_labels_ages_and_problems_follow_the_language_of_each_request(
    edith, vera, add_pet, clock, monkeypatch
):
    """What is made once, such as a form, is made for each language; files are as they were."""
    for module in (language, asked):  # a language that no other test speaks: words are kept
        monkeypatch.setattr(module, "CODES", ("en", "it"))
    monkeypatch.setattr(language, "_catalog", lambda code: Marked())
    add_pet("Rex", "dog", age=2)
    italian, english = ({"headers": {"Accept-Language": code}} for code in ("it", "en"))
    for _ in range(2):
        for request, around in ((italian, ("«", "»")), (english, ("", ""))):

            def marked(text, around=around):
                return text.join(around)

            form = edith.get("/pets/new", **request).page
            assert form.one('label[for="notes"]').text == f"{marked('Notes')} {marked('(optional)')}"
            assert marked("about 2 years") in vera.get("/pets/", **request).page.one("tbody tr").text
            beside = edith.get("/pets/alike?name=Rex&type=dog", **request).page
            assert marked("about 2 years") in beside.one("#duplicates-found li").text
            exported = vera.get("/pets.csv", **request).get_data(as_text=True)
            assert "id,name,type,born,estimated,age" in exported
            assert "«" not in exported
