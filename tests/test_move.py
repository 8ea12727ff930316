"""Moving a register to another database: all of it arrives, or nothing does."""

from contextlib import contextmanager

import pytest
from sqlalchemy import text

from app import create_app
from pets import clock, move
from pets.accounts.account import Account
from pets.changes.changeset import Changeset
from pets.changes.check import unrecorded
from pets.changes.draft import Draft
from pets.changes.form_token import FormToken
from pets.changes.undo import undo
from pets.changes.wanted import Wanted
from pets.db import Base, db
from pets.fields.settings import DEFAULTS
from pets.migrations import bring_up_to_date
from pets.models.field import OwnField
from pets.models.file import File
from pets.models.pet import Pet
from pets.search.pets import PetSearch
from tests.files.test_picture import sent


@pytest.fixture
def other(registers, tmp_path):
    """The address of an empty database: PostgreSQL where the tests run on it, else SQLite."""
    with registers.open_new() as app:
        yield app.config["PETS_DATABASE_URI"] or f"sqlite:///{tmp_path / 'other.sqlite'}"


@pytest.fixture
def opened(tmp_path):
    """`with opened(uri) as app:` an app on a database, with a data folder of its own."""

    @contextmanager
    def open(uri):
        app = create_app({"TESTING": True, "PETS_INSTANCE": str(tmp_path), "PETS_DATABASE_URI": uri})
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()

    return open


@pytest.fixture
def lived_in(opened):
    """A register in SQLite that has been used: pets that came and went, history, an undo, a draft."""
    with opened("") as app:
        use(app)
        yield app


def use(app):
    """Do a bit of everything."""
    with app.app_context():
        bring_up_to_date()
        Changeset.author("Edith")
        OwnField.add(BREED)
        db.session.commit()
        for number in range(30):
            pet = Pet(name=f"Žofka {number}", type="cat" if number % 3 else "кот", age=number % 5 or None)
            pet.set_facts({"own.1": "Žofín cat" if number == 7 else ""})
            db.session.add(pet)
        db.session.commit()
        last = db.session.query(Pet).order_by(Pet.id.desc()).first()
        db.session.delete(last)
        db.session.commit()
        first, photo = db.session.query(Pet).first(), File.made(sent())
        File.keep([photo])
        first.name = "Барсик"
        first.set_facts({"photo": photo.digest})
        db.session.commit()
        undo(db.session.get(Changeset, 1), None, only=3)
        db.session.commit()
        account = Account(role="editor", password_hash="x")
        account.rename("Edith")
        db.session.add(account)
        db.session.commit()
        draft = Draft.begin(account.id, "Edith")
        draft.stage([Wanted(None, 0, "Rex", None, FACTS)])
        FormToken.record(account.id, "a form of Edith", "digest", "Rex", draft_id=draft.id)
        db.session.commit()


BREED = {**DEFAULTS, "label": "Breed", "kind": "line", "listed": True, "types": ["dog"]}
FACTS = {"name": "Rex", "type": "dog", "born": "2020-02-29~", "notes": "two\nlines"}


def carry(app, uri):
    with app.app_context():
        return move.move(uri, lambda done: None)


def test_everything_arrives(lived_in, other, opened):
    tables = carry(lived_in, other)
    assert tables["pet"] == 28
    assert tables["change"] == 33
    assert tables["draft_line"] == tables["form_token"] == 1
    assert tables["pet_type"] == 2
    assert tables["field"] == tables["pet_key"] == tables["file"] == 1
    with opened(other) as there, there.app_context():
        assert [
            File.sent(face, small=False)[0] for (face,) in db.session.query(Pet.photo).filter(Pet.photo != "")
        ]
        assert {
            table.name: len(db.session.execute(table.select()).all()) for table in Base.metadata.sorted_tables
        } == tables
        assert [row.name for row in PetSearch(q="барс").find().page.rows] == ["Барсик"]
        assert PetSearch(asked={"type": "кот"}).count() == 10
        assert list(unrecorded()) == []


def test_a_draft_that_undoes_something_newer_than_itself_arrives(lived_in, other, opened):
    """Whatever points at another row of its own table."""
    with lived_in.app_context():
        db.session.add(newest := Changeset(saved_at=clock.now()))
        db.session.flush()
        Draft.of(Account.named("edith").id).changeset.undoes_id = newest.id
        db.session.commit()
        number = newest.id
    carry(lived_in, other)
    with opened(other) as there, there.app_context():
        assert Draft.of(Account.named("edith").id).changeset.undoes_id == number


def test_an_error_of_either_database_is_a_sentence(lived_in, other):
    with lived_in.app_context():
        db.session.execute(text("DROP TABLE kept_form"))
        db.session.commit()
    answer = lived_in.test_cli_runner().invoke(args=["pets", "move", "--to", other])
    assert answer.exit_code == 1
    assert isinstance(answer.exception, SystemExit)
    assert "no such table" in answer.output


def test_numbers_go_on_where_they_were(lived_in, other, opened):
    """The last pet was removed before the move: its number is not given to another."""
    carry(lived_in, other)
    with opened(other) as there, there.app_context():
        pet = Pet(name="Max", type="dog")
        db.session.add(pet)
        db.session.commit()
        assert pet.id == 31


def test_a_database_that_is_not_empty_is_left_alone(lived_in, other, opened):
    carry(lived_in, other)
    with pytest.raises(move.CannotMove, match="not empty"):
        carry(lived_in, other)


def test_a_row_that_changes_on_the_way_is_found_out(lived_in, other, opened, monkeypatch):
    digest = move._digest
    seen = []

    def forget_one(found, batch):
        seen.append(batch)
        digest(found, batch[1:] if len(seen) == 3 else batch)

    monkeypatch.setattr(move, "_digest", forget_one)
    with pytest.raises(move.CannotMove, match="did not arrive as it was"):
        carry(lived_in, other)
    with opened(other) as there, there.app_context():
        assert db.session.execute(text("SELECT count(*) FROM pet")).scalar() == 0


@pytest.mark.parametrize(
    "uri", ["nonsense", "mysql://pets", "sqlite://", "postgresql://nobody@127.0.0.1:1/none"]
)
def test_an_address_that_leads_nowhere_is_told(lived_in, uri):
    if uri.startswith("postgresql"):
        pytest.importorskip("psycopg")
    with pytest.raises(move.CannotMove):
        carry(lived_in, uri)


def test_it_does_not_move_onto_itself(lived_in):
    with lived_in.app_context():
        uri = str(db.engine.url)
    with pytest.raises(move.CannotMove, match="already"):
        carry(lived_in, uri)


def test_the_command_says_what_to_do_next(lived_in, other):
    answer = lived_in.test_cli_runner().invoke(args=["pets", "move", "--to", other])
    assert answer.exit_code == 0, answer.output
    assert "28 pets" in answer.output
    assert "PETS_DATABASE_URI" in answer.output


@pytest.mark.postgresql_only
def test_the_way_back_is_the_same(lived_in, other, opened, tmp_path):
    there = carry(lived_in, other)
    with opened(other) as app:
        assert carry(app, f"sqlite:///{tmp_path / 'back.sqlite'}") == there
