"""Home: every number on it is that of the list, or of the history, that it leads to."""

import random
from datetime import timedelta

import pytest

from pets.changes.changeset import Changeset
from pets.db import db
from pets.fields import BUILT_IN
from pets.fields.age import born_when
from pets.models.field import OwnField
from pets.models.pet import Pet
from tests.conftest import person

pytestmark = pytest.mark.on_both

FACE = "0" * 64
LACKING = {"Birth date", "Photo"} | {str(one.label) for one in BUILT_IN if one.key and not one.missing}
FIELDS = (
    {"label": "Sex", "kind": "choice", "choices": ["female", "male"], "listed": True},
    {"label": "Chip", "kind": "code", "listed": True, "types": ["dog", "cat"]},
    {"label": "Breed", "kind": "line", "listed": False},
    {"label": "Diet", "kind": "text", "listed": True},
)


def card(page, heading):
    """The part of the page below a heading."""
    return next(one for one in page.select("main section.card") if one.one("h2").text == heading)


def bars(page, heading):
    """{what it says: (how many, address)} of a chart, which its table says too."""
    found = {}
    for link in card(page, heading).select(".chart [aria-label]"):
        words, _, count = link["aria-label"].rpartition(": ")
        found[words] = count, link["href"]
    table = card(page, heading).select("table tbody tr")
    assert {row.one("th").text: row.one("td").text for row in table} == {
        words: count for words, (count, _) in found.items()
    }
    return found


def rows(person, address, css):
    """What stands on all pages of a list."""
    found = []
    while address:
        page = person.get(address).page
        found += page.select(css)
        following = page.select("a[rel=next]")
        address = following[0]["href"] if following else None
    return found


def live(chance, clock, kinds):
    """Pets of all sorts come, and some go, in the course of two years."""
    for number, settings in enumerate(FIELDS, 1):
        assert OwnField.add(settings).id == number
    db.session.commit()
    end = clock.now
    for days in sorted(chance.sample(range(700), 30), reverse=True):
        clock.now = end - timedelta(days=days, hours=chance.randrange(24))
        for number in range(chance.choice((1, 1, 2, 5))):
            pet = Pet(name=f"Pet {days} {number}", type=chance.choice(kinds))
            years, more = chance.choice((0, 1, 3, 6, 9, 10, 15)), chance.choice((-1, 0, 1))
            born = f"{born_when(years, 'years', end.date()) + timedelta(days=more)}"
            facts = {
                "born": chance.choice((born, born + "~", None)) if born <= f"{clock.now:%Y-%m-%d}" else None,
                "photo": chance.choice(("", FACE)),
                "own.1": chance.choice(("", "female", "male")),
                "own.2": chance.choice(("", f"98511200{days:04}{number:03}")),
            }
            pet.set_facts(facts)
            db.session.add(pet)
        db.session.commit()
        there = db.session.query(Pet).all()
        for pet in chance.sample(there, min(chance.choice((0, 1, 3)), len(there))):
            db.session.delete(pet)
        db.session.commit()
    clock.now = end


@pytest.mark.parametrize("seed", range(4))
def test_every_bar_leads_to_exactly_what_it_counts(registers, clock, seed):
    chance = random.Random(seed)
    clock.set(chance.choice(("2024-06-15 23:30", "2024-02-29 12:00", "2025-02-28 12:00", "2024-01-01 03:00")))
    zone = chance.choice(("", "Asia/Tokyo", "America/New_York"))
    with registers.open(PETS_TIMEZONE=zone) as app:
        with app.app_context():
            live(
                chance,
                clock,
                ["dog", "Dog", "cat", "Ørn", "100%_\\", "a & b", *(f"kind {n}" for n in range(9))],
            )
        vera = person(app, "vera")
        page = vera.get("/").page
        for heading in ("Types", "Ages", "Missing"):
            for words, (count, address) in bars(page, heading).items():
                assert len(rows(vera, address, "th.pet")) == int(count), (heading, words)
        assert {*LACKING, "Sex", "Chip (dog)", "Chip (cat)"} >= bars(page, "Missing").keys()
        total = sum(int(count) for count, _ in bars(page, "Ages").values())
        assert page.one("p.head__sub").text.startswith(f"{total} pet")
        links = card(page, "Added and removed").select(".chart [aria-label]")
        assert links
        for link in links:
            count, kind, *_ = link["aria-label"].split()
            events = rows(vera, link["href"], "ol.history > li > p > a[href^='/history/']")
            with app.app_context():
                told = [db.session.get(Changeset, int(one["href"].split("/")[2])) for one in events]
                assert sum(getattr(one, kind) for one in told) == int(count), link


def test_of_very_many_it_is_said_that_there_are_more(app, vera, add_pet, monkeypatch):
    for name, age in (("A", 0), ("B", 0), ("C", 0), ("D", 4), ("E", 4), ("F", None)):
        add_pet(name, "cat", age=age)
    monkeypatch.setattr("pets.search.figures.FEW", 1)
    monkeypatch.setattr("pets.search.figures.MOST", 2)
    counts = bars(vera.get("/").page, "Ages")
    assert counts["Under 1 year"][0] == "3"  # what the others leave
    monkeypatch.setattr("pets.search.figures.MOST", 1)
    counts = {words: count for words, (count, _) in bars(vera.get("/").page, "Ages").items()}
    assert counts == {
        "Under 1 year": "1+", "1 to 2 years": "0", "3 to 5 years": "1+", "6 to 9 years": "0",
        "10 years and older": "0", "Not known": "1",
    }  # fmt: skip


def test_of_very_many_some_are_looked_through_for_what_an_own_field_lacks(
    vera, add_pet, session, monkeypatch
):
    OwnField.add({"label": "Sex", "kind": "choice", "choices": ["female"], "listed": True})
    OwnField.add({"label": "Chip", "kind": "code", "listed": True, "types": ["cat"]})
    session.commit()
    for number in range(5):
        add_pet(f"Pet {number}", "cat")
    assert bars(vera.get("/").page, "Missing")["Sex"][0] == "5"
    monkeypatch.setattr("pets.search.figures.FEW", 4)
    monkeypatch.setattr("pets.search.figures.LOOKED", 5)
    monkeypatch.setattr("pets.search.figures.PART", 2)
    counts = {words: count for words, (count, _) in bars(vera.get("/").page, "Missing").items()}
    assert counts == {**dict.fromkeys(LACKING, "5"), "Sex": "2+", "Chip (cat)": "2+"}


def test_types_without_a_bar_are_counted_together(app, vera, add_pet):
    for number in range(10):
        add_pet(f"Pet {number}", f"type {number}")
    add_pet("Last", "type 9")
    section = card(vera.get("/").page, "Types")
    assert next(iter(section.select(".chart [aria-label]")))["aria-label"] == "type 9: 2"
    assert section.one("p.quiet a").text == "2 pets of other types"
    assert section.one("p.quiet a")["href"] == "/types"


def test_what_there_is_to_do(edith, vera, ada, add_pet):
    add_pet("Rex", "dog"), add_pet("Rex", "dog")
    edith.fill("/pets/1/edit", "Add to draft", name="Max")
    links = {link["href"]: link.text for link in card(edith.get("/").page, "To do").select("a")}
    assert links == {"/draft": "1 change in your draft", "/duplicates": "1 likely duplicate"}
    for other in (vera, ada):  # who has no draft
        assert [link["href"] for link in card(other.get("/").page, "To do").select("a")] == ["/duplicates"]


def test_an_empty_register_leads_through_its_first_steps(ada, edith, vera, clock):
    def left(who):
        """The steps that are not ticked, and how many there are."""
        steps = card(who.get("/").page, "First steps").select("ol.steps > li")
        return [step.one("a")["href"] for step in steps if not step.select(".pill")], len(steps)

    assert left(ada) == (["/pets/new", "/import"], 3)  # the cast are colleagues already
    assert left(edith) == (["/pets/new", "/import"], 2)
    page = vera.get("/").page
    assert "Pets appear here once an editor adds them." in page.text
    assert not page.select("form[action='/pets/samples']")
    ada.get("/").page.submit(ada, action="/pets/samples")
    assert left(ada) == (["/import"], 3)
    answer = edith.fill("/import", cells="name\ttype\nTom\tcat\n")
    answer = edith.get(answer.location).page.submit(edith, action=answer.location)
    edith.get(answer.location).page.submit(edith, "Add 1 to draft", action="/import/1/fix")
    to_do = card(edith.get("/").page, "To do")  # though no pet is there yet
    assert [link["href"] for link in to_do.select("a")] == ["/draft"]
    assert not any("First steps" in who.get("/").page.text for who in (edith, ada))


def test_the_first_steps_are_for_a_register_that_is_new(registers, clock):
    with registers.open() as app:
        edith = person(app, "edith")
        assert "First steps" in edith.get("/").page.text
        clock.forward(days=3650)  # since the cast got their accounts
        edith.sign_in()
        assert "First steps" in edith.get("/").page.text  # as long as it is empty
        edith.post("/pets/samples")
        assert "First steps" not in edith.get("/").page.text


def test_what_others_changed_since_one_was_here_last(app, ada, clock):
    def news():
        return card(edith.get("/").page, "Since you were here last")

    edith = app.test_client(name="edith")
    edith.sign_in()
    assert "Nobody else has changed anything since" in news().text
    edith.post("/pets/new", name="Mine", type="cat")
    clock.forward(hours=5)
    ada.post("/pets/new", name="Rex", type="dog")
    ada.fill("/pets/2/edit", name="Max")
    for _ in range(2):  # they stay news while one is here
        clock.forward(minutes=1)
        assert [one.text for one in news().select("li")] == ["Ada 1 added, 1 changed"]
    link = news().one("a")["href"]
    assert edith.get(link).page.text.count("Ada ") == 2
    clock.forward(minutes=1)
    edith.post("/logout")
    clock.forward(minutes=5)
    ada.post("/pets/2/delete", version="2")
    clock.forward(minutes=5)
    app.test_client(name="vera").sign_in()
    edith.sign_in()
    assert [one.text for one in news().select("li")] == ["Ada 1 removed"]


def test_a_bar_of_a_type_that_looks_like_code_is_text(vera, add_pet):
    add_pet("Rex", "<script>alert(1)</script> & “x”")
    answer = vera.get("/")
    assert b"<script>alert" not in answer.data
    [(words, (_, address))] = bars(answer.page, "Types").items()
    assert words == "<script>alert(1)</script> & “x”"
    assert len(rows(vera, address, "th.pet")) == 1
