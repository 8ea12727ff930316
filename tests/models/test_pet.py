"""The pet: the notebook's history, its rules, and its types."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func

from pets.fields.catalogue import catalogue
from pets.models.pet import InvalidPet, Pet
from pets.models.type import PetType

GOOD = {"name": "Rex", "type": "dog", "born": None, "notes": ""}


class TestTheNotebook:
    """The notebook that Pets grew from, cell by cell, on our own model and `db.session`."""

    def add_the_four(self, session):
        session.add(Pet(name="Justin Timbersnake", type="snek", age=2))
        session.add(Pet(name="Pawtrick Stewart", type="good boy", age=10))
        session.add(Pet(name="Godzilla", type="iguana", age=1))
        session.add(Pet(name="Marshmallow", type="polar bear", age=4))

    def test_it_does_what_it_says(self, session):
        self.add_the_four(session)
        assert session.query(Pet.id).all() == []
        assert sorted(pet.name for pet in session.new) == [
            "Godzilla",
            "Justin Timbersnake",
            "Marshmallow",
            "Pawtrick Stewart",
        ]

        session.commit()
        assert not session.new
        assert session.query(Pet.name, Pet.type, Pet.age).order_by(Pet.id).all() == [
            ("Justin Timbersnake", "snek", 2),
            ("Pawtrick Stewart", "good boy", 10),
            ("Godzilla", "iguana", 1),
            ("Marshmallow", "polar bear", 4),
        ]

        pet = session.query(Pet).filter_by(name="Marshmallow").first()
        pet.age += 1
        pet.type = "kitteh"
        assert list(session.dirty) == [pet]
        session.commit()
        assert not session.dirty

        pet = session.query(Pet).filter_by(name="Godzilla").one()
        session.delete(pet)
        assert list(session.deleted) == [pet]
        session.commit()
        assert not session.deleted
        session.close()

        assert session.query(Pet.id, Pet.name, Pet.type, Pet.age).order_by(Pet.id).all() == [
            (1, "Justin Timbersnake", "snek", 2),
            (2, "Pawtrick Stewart", "good boy", 10),
            (4, "Marshmallow", "kitteh", 5),
        ]

    def test_running_its_cells_again_is_seen_and_told(self, session):
        self.add_the_four(session)
        session.commit()
        self.add_the_four(session)
        assert len(session.new) == 4
        session.rollback()
        assert session.query(Pet).count() == 4

    def test_it_asks_the_age_like_any_column(self, session):
        self.add_the_four(session)
        session.commit()
        assert session.query(Pet.name).filter(Pet.age > 3).order_by(Pet.age).all() == [
            ("Marshmallow",),
            ("Pawtrick Stewart",),
        ]
        assert session.query(Pet).filter_by(age=10).one().name == "Pawtrick Stewart"
        assert session.query(func.max(Pet.age)).scalar() == 10


class TestRules:
    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("name", "", "Enter the pet’s name."),
            ("name", "\u200d\u200b", "nothing to see"),
            ("name", "\u0301\u0302", "nothing to see"),
            ("name", "\u3164", "nothing to see"),
            ("name", "\u2800", "nothing to see"),
            ("name", "x" * 101, "101 characters long. Shorten it to 100 or fewer"),
            ("name", "a\x00b", "cannot be kept"),
            ("name", "a\x1bb", "cannot be kept"),
            ("name", "a\x7fb", "cannot be kept"),
            ("name", "a\x85b", "cannot be kept"),
            ("name", "a\ud800", "cannot be kept"),
            ("name", "a\ue000", "cannot be kept"),
            ("name", "a\ufffe", "cannot be kept"),
            ("type", "", "Enter what kind of animal"),
            ("type", "x" * 61, "61 characters long. Shorten it to 60 or fewer"),
            ("type", "a\nb", "cannot be kept"),
            ("notes", "x" * 4001, "4,001 characters long. Shorten it to 4,000 or fewer"),
            ("notes", "a\x00b", "cannot be kept"),
            ("notes", "a\udfff", "cannot be kept"),
            ("born", "2024-06-16", "can’t be in the future"),
            ("born", "1824-06-14", "over 200 years old"),
            ("born", "2023-02-29", "a day that exists"),
            ("born", "yesterday", "a day that exists"),
        ],
    )
    @pytest.mark.any_database
    def test_what_is_wrong_is_said(self, app, clock, field, value, sentence):
        with app.app_context():
            problems = catalogue().problems_with({**GOOD, field: value})
        assert list(problems) == [field]
        assert sentence in problems[field]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "x" * 100),
            ("name", "!"),
            ("name", "🐍"),
            ("name", "Жучка"),
            ("name", "𐍈"),
            ("name", "O’Malley-Šimková 3rd (the cat)"),
            ("name", "<script>alert(1)</script>"),
            ("type", "x" * 60),
            ("notes", "x" * 4000),
            ("notes", "one\n\ttwo"),
            ("born", "2024-06-15"),
            ("born", "1824-06-15"),
            ("born", "2020-02-29~"),
        ],
    )
    def test_what_is_right_is_kept(self, app, clock, field, value):
        with app.app_context():
            assert catalogue().problems_with({**GOOD, field: value}) == {}

    def test_only_what_is_asked_about_is_judged(self, app):
        with app.app_context():
            assert catalogue().problems_with({}) == {}
            assert catalogue().problems_with({"notes": ""}) == {}

    def test_nothing_that_breaks_them_gets_through_the_session(self, session):
        session.add(Pet(name="Rex", type=" "))
        with pytest.raises(InvalidPet) as refused:
            session.commit()
        assert list(refused.value.problems) == ["type"]
        session.rollback()
        assert session.query(Pet).count() == 0

    def test_no_edit_that_breaks_them_gets_through_either(self, session, rex, facts_now):
        session.get(Pet, rex.id).born_on = date(1700, 1, 1)
        with pytest.raises(InvalidPet, match="200 years"):
            session.commit()
        session.rollback()
        assert facts_now(rex.id) == rex.facts

    @given(
        name=st.text(max_size=110),
        type=st.text(max_size=70),
        notes=st.text(max_size=50),
        born=st.none() | st.dates().map(str) | st.text(max_size=12),
    )
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_facts_are_either_told_what_is_wrong_or_stored_as_they_are(
        self, session, name, type, notes, born
    ):
        facts = Pet.tidied({"name": name, "type": type, "notes": notes, "born": born})
        problems = catalogue().problems_with(facts)
        assert problems.keys() <= facts.keys()
        assert all(len(sentence) > 10 and sentence.endswith(".") for sentence in problems.values())
        if problems:
            return
        pet = Pet()
        pet.set_facts(facts)
        session.add(pet)
        session.flush()
        session.refresh(pet)
        assert pet.facts.items() >= facts.items()
        session.rollback()


class TestTypes:
    def test_the_spelling_on_the_register_is_taken(self, session, add_pet):
        add_pet("Rex", "Dog")
        add_pet("Max", "Dog")
        add_pet("Odd", "doG")
        assert Pet.tidied({**GOOD, "type": "DOG"})["type"] == "Dog"
        assert Pet.tidied({**GOOD, "type": "Døg"})["type"] == "Døg"  # an accent is no matter of case
        assert Pet.tidied({**GOOD, "type": "d\u200bo\u00adg"})["type"] == "Dog"

    def test_a_pet_may_correct_the_spelling_of_a_type_that_only_it_has(self, session, add_pet):
        pet = add_pet("Rex", "dgo")
        assert Pet.tidied({**GOOD, "type": "DGO"}, pet.facts)["type"] == "DGO"
        session.rollback()
        add_pet("Max", "dgo")
        assert Pet.tidied({**GOOD, "type": "DGO"}, pet.facts)["type"] == "dgo"

    def test_they_are_counted_whatever_is_done(self, session, add_pet):
        def counted():
            session.rollback()
            return [(kind, pets) for kind, _, pets in session.execute(PetType.most_used())]

        rex, max_, whiskers = add_pet("Rex", "dog"), add_pet("Max", "dog"), add_pet("Whiskers", "cat")
        assert counted() == [("dog", 2), ("cat", 1)]
        session.get(Pet, rex.id).type = "cat"
        session.commit()
        assert counted() == [("cat", 2), ("dog", 1)]
        session.delete(session.get(Pet, max_.id))
        session.commit()
        assert counted() == [("cat", 2)]
        session.delete(session.get(Pet, whiskers.id))
        session.delete(session.get(Pet, rex.id))
        session.commit()
        assert counted() == []
