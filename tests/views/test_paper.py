"""The list, cards and records as they go to the printer."""

from io import BytesIO

import pytest
import segno

from pets.db import db
from pets.models.field import OwnField
from pets.models.pet import Pet
from pets.views import paper
from tests.files.test_picture import sent


@pytest.fixture
def three(add_pet):
    for name, kind in (("Max", "dog"), ("Mia", "cat"), ("Rex", "dog")):
        add_pet(name, kind, age=2, notes=f"{name} likes walks")


def rows(page):
    return [[cell.text for cell in row.select("td")] for row in page.select("table.paper tbody tr")]


def test_the_list_on_paper_has_all_that_match_and_says_what_was_looked_for(vera, three, clock):
    page = vera.get("/pets/print?type=dog&sort=-name").page
    assert [row[1] for row in rows(page)] == ["Rex", "Max"]
    assert "2 pets · of type dog · sorted by name" in page.text
    assert "likes walks" not in page.text


def test_it_shows_what_was_chosen_and_has_room_to_write(vera, three):
    page = vera.get("/pets/print").page
    form = page.form("/pets/print")
    page = form.submit(vera, show=["name", "notes"], blanks="3").page
    assert rows(page)[0] == ["1", "Max", "Max likes walks", "", "", ""]
    assert page.select(".paper--wide")
    assert len(rows(page)) == 3


def test_of_very_many_it_says_how_many_it_shows(vera, three, monkeypatch):
    monkeypatch.setattr(paper, "MOST_LINES", 2)
    page = vera.get("/pets/print").page
    assert len(rows(page)) == 2
    assert "3 pets" in page.text
    assert "Only the first 2 are shown." in page.text


def test_a_card_leads_a_phone_to_the_page_of_its_pet(vera, three, monkeypatch):
    asked, make = [], segno.make_qr
    monkeypatch.setattr(
        segno, "make_qr", lambda address, **how: asked.append(address) or make(address, **how)
    )
    page = vera.get("/pets/2/card").page
    assert page.one(".cage h2").text == "Mia"
    assert "No. 2" in page.text
    assert asked == ["http://localhost/pets/2"]


def test_cards_of_those_that_are_ticked_or_of_all_that_match(edith, three):
    def names(page):
        return [card.text for card in page.select(".cage h2")]

    assert names(edith.get("/pets/cards?q=walks&type=dog").page) == ["Max", "Rex"]
    listed = edith.get("/pets/").page.form("/pets/chosen")
    page = edith.get(listed.submit(edith, "Print cards", pet=["1.1", "2.1"]).location).page
    assert names(page) == ["Max", "Mia"]
    again = page.form("/pets/cards").submit(edith, show=["notes"], size="label").page
    assert names(again) == ["Max", "Mia"]
    assert again.select(".cards--label")
    assert [one.text for one in again.select(".cage dt")] == ["Notes", "Notes"]
    assert edith.get("/pets/cards?size=poster").status_code == 400


def test_the_record_has_all_that_is_known(edith, three):
    edith.fill("/pets/1/edit", name="Maximus")
    edith.fill("/pets/1/files", action="/pets/1/files", files=[(BytesIO(sent()), "a.jpg")])
    page = edith.get("/pets/1/record").page
    text = page.one("main").text
    for words in ("Maximus", "dog", "2 years", "Max likes walks", "Former name Max", "Edith", "changed"):
        assert words in text
    assert page.select("img.record__face")
    assert page.select(".record__history img")
    assert not page.select("img[loading]")
    assert edith.get("/pets/9/record").status_code == 404


def test_a_litter_leads_from_one_to_the_next(edith):
    answer = edith.fill(
        "/pets/litter", "Add to draft", type="dog", born_on="2026-05-01", name=["Ann", "Ben", "Cid", "", ""]
    )
    assert answer.status_code == 303
    edith.get("/draft").page.form("/draft/save").submit(edith)
    page = edith.get("/pets/2").page
    assert [link.text for link in page.select(".gallery li > a")] == ["Ann", "Cid"]
    assert [link["href"] for link in page.select("main p a") if "Next sibling" in link.text] == ["/pets/3"]
    assert "Next sibling: Ann" in edith.get("/pets/3").page.text
    edith.fill("/pets/new", name="Dot", type="dog", born_on="2026-05-01")
    assert "Siblings" not in edith.get("/pets/4").page.text


@pytest.mark.on_both
def test_pets_of_one_mother_are_siblings_too(edith, add_pet, app):
    for name in ("Mum", "Ann", "Ben", "Cid"):
        add_pet(name, "dog")
    with app.app_context():
        field = OwnField.add({"label": "Mother", "kind": "pet_link"})
        db.session.commit()
        for number in (2, 3):
            db.session.get(Pet, number).set_facts({f"own.{field.id}": "1"})
        db.session.commit()
    assert "Next sibling: Ben" in edith.get("/pets/2").page.text
    assert "Siblings" not in edith.get("/pets/4").page.text
