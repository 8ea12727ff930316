"""Own fields: what an admin adds is kept like any other fact, found by keys, and of its register alone."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pets.changes.check import unrecorded
from pets.db import db
from pets.fields import BUILT_IN, FIELDS
from pets.fields.text import plain
from pets.models.field import OwnField, PetKey
from pets.models.pet import Pet


@pytest.fixture
def declare(app):
    """`declare("Breed", kind="line")`: an own field of the register; returns its name in forms."""

    def declare(label, kind="line", **settings):
        with app.app_context():
            version = OwnField.next_version()
            field = OwnField(
                version=version, place=1, label=label, label_key=plain(label), kind=kind, **settings
            )
            db.session.add(field)
            db.session.commit()
            return f"own.{field.id}"

    return declare


def keys(app):
    with app.app_context():
        columns = (PetKey.field_id, PetKey.key, PetKey.name_key, PetKey.pet_id)
        return [tuple(row) for row in db.session.execute(select(*columns).order_by(*columns))]


def consistent(app):
    with app.app_context():
        return list(unrecorded()) == []


def test_it_is_kept_shown_undone_and_keyed(app, edith, declare, facts_now):
    breed, story = declare("Breed"), declare("Story", "text")
    sent = {"name": "Rex", "type": "dog", breed: " Old  Élan", story: "Found\nin May"}
    answer = edith.fill("/pets/new", button="Save", **sent)
    assert answer.status_code == 303
    facts = facts_now(1)
    assert (facts[breed], facts[story]) == ("Old Élan", "Found\nin May")
    text = edith.get("/pets/1").page.one("main").text
    assert "Old Élan" in text
    assert "in May" in text
    assert keys(app) == [(1, "old elan", "rex", 1)]
    edith.fill("/pets/1/edit", button="Save", name="Max", **{breed: "beagle"})
    assert keys(app) == [(1, "beagle", "max", 1)]
    edith.post("/history/2/undo")
    assert facts_now(1) == facts
    edith.post("/pets/1/delete", version="3")
    assert keys(app) == []
    edith.post("/history/4/undo")
    assert facts_now(1) == facts
    assert keys(app) == [(1, "old elan", "rex", 1)]
    assert consistent(app)
    assert edith.get("/pets/?q=elan").page.select("tbody tr a")


def test_it_waits_in_the_draft_and_goes_out_and_in(app, edith, declare, facts_now):
    breed = declare("Breed")
    edith.fill("/pets/new", button="Add to draft", name="Rex", type="dog", **{breed: "beagle"})
    assert "beagle" in edith.get("/draft").page.one("main").text
    edith.get("/draft").page.form("/draft/save").submit(edith)
    assert facts_now(1)[breed] == "beagle"
    assert b",Breed,added," in edith.get("/pets.csv").data
    assert b",beagle," in edith.get("/pets.csv").data
    assert edith.get("/pets.json").json[0]["Breed"] == "beagle"
    edith.get("/pets/bulk", query_string={"pet": "1.1"}).page.submit(edith, **{breed: "pug"})
    assert "pug" in edith.get("/draft").page.one("main").text
    assert consistent(app)


def test_each_register_has_its_own(registers, app, declare):
    breed = declare("Breed")
    with app.app_context():
        assert breed in FIELDS
    with registers.open() as other, other.app_context():
        assert list(FIELDS) == [field.name for field in BUILT_IN]
        with Session(db.engine) as session:
            session.add(Pet(name="Rex", type="dog"))
            session.commit()
    with app.app_context(), Session(db.engine) as session:
        pet = Pet.of({"name": "Rex", "type": "dog", breed: "pug"})
        session.add(pet)
        session.commit()
        assert pet.facts[breed] == "pug"
    assert keys(app) == [(1, "pug", "rex", 1)]
