"""The notebook that Pets grew from, cell by cell, and other sessions than the program's own."""

import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from pets.changes.changeset import Change
from pets.changes.draft_line import DraftLine
from pets.db import Base, db
from pets.models.pet import InvalidPet, Pet
from tests.replay import history_and_register_agree


@pytest.fixture
def engine(app):
    with app.app_context():
        yield db.engine


def told(engine):
    """Who did what, changeset by changeset."""
    with Session(engine) as session:
        changes = session.scalars(select(Change).order_by(Change.id))
        return [(one.changeset_id, one.changeset.who, one.kind, one.pet_name) for one in changes]


def test_the_notebook_stores_what_it_says_and_is_told_in_the_history(engine):
    # In [3] to [5]: the tables are known, and are there.
    assert "pet" in Base.metadata.tables
    Base.metadata.create_all(engine)
    # In [7]
    session = Session(engine)
    session.autocommit = True
    # In [9] to [11]: queued, and not in the table.
    session.add(Pet(name="Justin Timbersnake", type="snek", age=2))
    session.add(Pet(name="Pawtrick Stewart", type="good boy", age=10))
    session.add(Pet(name="Godzilla", type="iguana", age=1))
    session.add(Pet(name="Marshmallow", type="polar bear", age=4))
    with engine.connect() as connection:
        assert connection.execute(text("select * from pet")).fetchall() == []
    assert len(session.new) == 4
    # In [12] to [14]
    session.commit()
    assert not session.new
    assert session.query(Pet.name, Pet.type, Pet.age).all() == [
        ("Justin Timbersnake", "snek", 2),
        ("Pawtrick Stewart", "good boy", 10),
        ("Godzilla", "iguana", 1),
        ("Marshmallow", "polar bear", 4),
    ]
    # In [18] to [21]
    pet = session.query(Pet).filter_by(name="Marshmallow").first()
    pet.age += 1
    pet.type = "kitteh"
    assert list(session.dirty) == [pet]
    session.commit()
    assert not session.dirty
    session.add(Pet(name="Marshmallow", type="polar bear", age=4))
    session.commit()
    # Delete Data
    pet = session.query(Pet).filter_by(name="Godzilla").one()
    session.delete(pet)
    assert list(session.deleted) == [pet]
    session.commit()
    assert not session.deleted
    assert session.query(Pet.id, Pet.name, Pet.type, Pet.age).all() == [
        (1, "Justin Timbersnake", "snek", 2),
        (2, "Pawtrick Stewart", "good boy", 10),
        (4, "Marshmallow", "kitteh", 5),
        (5, "Marshmallow", "polar bear", 4),
    ]
    session.close()
    assert told(engine) == [
        (1, "someone", "added", "Justin Timbersnake"),
        (1, "someone", "added", "Pawtrick Stewart"),
        (1, "someone", "added", "Godzilla"),
        (1, "someone", "added", "Marshmallow"),
        (2, "someone", "changed", "Marshmallow"),
        (3, "someone", "added", "Marshmallow"),
        (4, "someone", "removed", "Godzilla"),
    ]
    history_and_register_agree()


def test_it_runs_without_the_program_around_it(registers):
    """A script of somebody's own, which knows where the database is, and nothing of Flask."""
    with registers.open() as app, app.app_context():
        uri = db.engine.url.render_as_string(hide_password=False)
        db.engine.dispose()
        script = f"""
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from pets.models.pet import Pet
with Session(create_engine({uri!r})) as session:
    session.add(Pet(name="Rex", type="dog", age=2))
    session.commit()
    session.query(Pet).one().name = "Max"
    session.commit()
"""
        subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
        assert [kind for _, _, kind, _ in told(db.engine)] == ["added", "changed"]
        history_and_register_agree()


class TestAnySession:
    def test_rules_keys_versions_and_lines_of_drafts_are_looked_after(self, engine, edith, rex):
        edith.fill(f"/pets/{rex.id}/edit", then="draft", name="Max")
        with Session(engine) as session:
            session.get(Pet, rex.id).name = " Žofka "
            session.commit()
            pet = session.get(Pet, rex.id)
            assert (pet.name, pet.name_key, pet.version) == ("Žofka", "zofka", 2)
            assert session.scalars(select(DraftLine.concern)).all() == ["stale"]
            pet.type = ""
            with pytest.raises(InvalidPet):
                session.commit()
            session.rollback()
        history_and_register_agree()

    def test_each_is_told_once_however_it_is_made(self, engine):
        class Own(Session): ...

        made = [
            Session(engine),
            Own(engine),
            sessionmaker(engine)(),
            Session(binds={Pet: engine, Base: engine}),
        ]
        for session in made:
            with session:
                session.add(Pet(name="Rex", type="dog"))
                session.commit()
        assert len(told(engine)) == len(made)
        history_and_register_agree()

    def test_autoflush_makes_no_second_changeset(self, engine):
        with Session(engine) as session:
            session.add(Pet(name="Rex", type="dog"))
            pet = session.query(Pet).one()
            pet.notes = "shy"
            assert session.query(Pet).filter_by(notes="shy").count() == 1
            session.commit()
        assert [number for number, *_ in told(engine)] == [1, 1]

    def test_a_savepoint_takes_back_what_it_told_and_no_more(self, engine):
        with Session(engine) as session:
            with session.begin_nested() as savepoint:
                session.add(Pet(name="Rex", type="dog"))
                session.flush()
                savepoint.rollback()
            session.add(Pet(name="Max", type="dog"))
            session.flush()
            with session.begin_nested() as savepoint:
                session.query(Pet).one().name = "Moritz"
                session.flush()
                savepoint.rollback()
            with session.begin_nested():
                session.query(Pet).one().notes = "shy"
            session.query(Pet).one().type = "cat"
            session.commit()
        kept = told(engine)
        assert len({number for number, *_ in kept}) == 1
        assert [(kind, name) for _, _, kind, name in kept] == [("added", "Max")] + 2 * [("changed", "Max")]
        history_and_register_agree()

    def test_only_what_is_flushed_is_told(self, engine):
        with Session(engine) as session:
            first, second = Pet(name="Rex", type="dog"), Pet(name="Max", type="dog")
            session.add_all([first, second])
            with pytest.deprecated_call():
                session.flush([first])
            assert inspect(second).pending
            session.commit()
        assert len(told(engine)) == 2
        history_and_register_agree()

    def test_merging_a_pet_into_a_session_is_an_edit(self, engine, rex):
        with Session(engine) as session:
            rex.notes = "shy"
            session.merge(rex)
            session.commit()
        assert [kind for _, _, kind, _ in told(engine)] == ["added", "changed"]
        history_and_register_agree()

    def test_one_that_takes_a_removed_ones_place_at_once_is_not_taken(self, engine, rex, facts_now):
        with Session(engine) as session:
            session.delete(session.get(Pet, rex.id))
            session.add(Pet(id=rex.id, name="Max", type="cat"))
            with pytest.raises(TypeError, match="Set the facts of the pet that is there"):
                session.commit()
            session.rollback()
        assert facts_now(rex.id) == rex.facts

    def test_sessions_on_other_things_are_left_alone(self):
        class Other(DeclarativeBase): ...

        class Notebook(Other):
            __tablename__ = "pet"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]

        engine = create_engine("sqlite://")
        Other.metadata.create_all(engine)
        with Session(engine, info={"changeset": 7, "author": "me"}) as session:
            session.add(Notebook(name=""))
            session.commit()
            session.query(Notebook).update({"name": "X"})
            session.commit()
            session.rollback()
            assert session.query(Notebook.name).all() == [("X",)]
            assert (session.info["changeset"], session.info["author"]) == (7, "me")
        engine.dispose()
