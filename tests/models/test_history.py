"""History writes itself: whole, by one listener, exact enough to replay, and all of it can be undone."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from pets.changes.changeset import Change, Changeset
from pets.changes.check import unrecorded
from pets.changes.merge import Choices, _apply
from pets.changes.undo import undo
from pets.db import db
from pets.fields import TYPED
from pets.fields.catalogue import catalogue
from pets.models.field import OwnField
from pets.models.pet import SAMPLES, InvalidPet, Pet
from tests.fields import samples
from tests.registers import DATABASE
from tests.replay import history_and_register_agree


@pytest.fixture
def told(session):
    """`told()`: the whole history, as (changeset, pet, version, before, after)."""

    def tell():
        session.rollback()
        changes = session.scalars(select(Change).order_by(Change.id))
        return [(one.changeset_id, one.pet_id, one.version, one.before, one.after) for one in changes]

    return tell


REX = {field.name: field.nothing for field in TYPED}
REX |= {"name": "Rex", "type": "dog", "born": None, "notes": ""}


class TestTheListener:
    def test_what_is_saved_together_is_told_together(self, session, told):
        session.add_all([Pet(name="Rex", type="dog"), Pet(name="Whiskers", type="cat")])
        session.commit()
        session.add(Pet(name="Polly", type="parrot"))
        session.commit()
        assert [(number, pet) for number, pet, *_ in told()] == [(1, 1), (1, 2), (2, 3)]
        assert [(one.added, one.size, one.who) for one in session.scalars(select(Changeset))] == [
            (2, 2, "someone"),
            (1, 1, "someone"),
        ]

    def test_several_flushes_of_one_transaction_are_one_changeset(self, session, told):
        pet = Pet(name="Rex", type="dog")
        session.add(pet)
        session.flush()
        pet.name = "Max"
        session.flush()
        session.delete(pet)
        session.commit()
        assert told() == [
            (1, 1, 0, None, REX),
            (1, 1, 1, {"name": "Rex"}, {"name": "Max"}),
            (1, 1, 2, {**REX, "name": "Max"}, None),
        ]
        changeset = session.get(Changeset, 1)
        assert (changeset.added, changeset.changed, changeset.removed) == (1, 1, 1)

    def test_an_edit_names_what_differs_and_nothing_else(self, session, rex, told):
        pet = session.get(Pet, rex.id)
        pet.name, pet.type, pet.notes = "Max", "dog", ""
        session.commit()
        assert told()[1:] == [(2, rex.id, 1, {"name": "Rex"}, {"name": "Max"})]
        assert session.get(Pet, rex.id).version == 2

    def test_setting_the_same_value_is_no_change(self, session, rex, told):
        pet = session.get(Pet, rex.id)
        pet.name, pet.age, pet.notes = " Rex ", 2, "\n"
        assert pet in session.dirty
        session.commit()
        assert len(told()) == 1
        assert (Changeset.just_saved(), session.get(Pet, rex.id).version) == (None, 1)

    def test_changing_a_value_and_back_is_no_change(self, session, rex, told):
        pet = session.get(Pet, rex.id)
        pet.name = "Max"
        pet.name = "Rex"
        session.commit()
        assert len(told()) == 1

    def test_what_was_there_is_known_after_a_commit_too(self, session, told):
        pet = Pet(name="Rex", type="dog", age=2)
        session.add(pet)
        session.commit()  # everything on it is expired now
        pet.name = "Max"
        session.commit()
        assert told()[-1][3:] == ({"name": "Rex"}, {"name": "Max"})

    def test_a_removal_keeps_the_whole_pet_as_it_was_stored(self, session, rex, told):
        pet = session.get(Pet, rex.id)
        pet.name = "not saved"
        session.delete(pet)
        session.commit()
        assert told()[-1] == (2, rex.id, 1, catalogue().brief(rex.facts), None)
        assert session.get(Changeset, 2).removed == 1

    def test_what_is_rolled_back_is_not_told(self, session, rex, told):
        session.get(Pet, rex.id).name = "Max"
        session.flush()
        session.rollback()
        session.add(Pet(name="Polly", type="parrot"))
        session.commit()
        assert [(pet, version) for _, pet, version, *_ in told()] == [(rex.id, 0), (rex.id + 1, 0)]

    def test_what_breaks_a_rule_is_not_told_and_leaves_no_trace(self, session, rex, told):
        session.get(Pet, rex.id).name = ""
        with pytest.raises(InvalidPet):
            session.commit()
        session.rollback()
        session.commit()
        assert len(told()) == 1
        assert session.get(Pet, rex.id).name == "Rex"

    def test_ids_are_never_used_again(self, session, add_pet):
        number = add_pet("Rex").id
        session.delete(session.get(Pet, number))
        session.commit()
        assert add_pet("Max").id > number

    def test_who_and_when_are_kept(self, session, clock):
        Changeset.author("Vera")
        session.add(Pet(name="Rex", type="dog"))
        session.flush()
        clock.forward(minutes=3)  # one transaction has one moment
        session.add(Pet(name="Max", type="dog"))
        session.commit()
        changeset = session.get(Changeset, 1)
        assert (changeset.who, changeset.saved_at) == ("Vera", clock.now - timedelta(minutes=3))
        assert session.get(Pet, 2).added_at == session.get(Pet, 1).changed_at == changeset.saved_at

    def test_former_names_are_kept_with_the_day_they_ended(self, session, clock, rex):
        for name in ("Max", "Maximilian"):
            session.get(Pet, rex.id).name = name
            session.commit()
            clock.forward(days=1)
        assert session.get(Pet, rex.id).former_names == [["Rex", "2024-06-15"], ["Max", "2024-06-16"]]


WRITES = {
    "query.update": lambda session: session.query(Pet).update({"name": "X"}),
    "query.delete": lambda session: session.query(Pet).filter_by(name="Rex").delete(),
    "update": lambda session: session.execute(update(Pet).values(name="X")),
    "update of a version": lambda session: session.execute(update(Pet).values(version=Pet.version + 1)),
    "update with its version": lambda s: s.execute(update(Pet).values(name="X", version=Pet.version + 1)),
    "update of a number": lambda session: session.execute(update(Pet).values(id=Pet.id + 100)),
    "delete": lambda session: session.execute(delete(Pet)),
    "insert": lambda session: session.execute(insert(Pet).values(name="X")),
    "insert many": lambda session: session.execute(insert(Pet), [{"name": "X"}, {"name": "Y"}]),
    "update many": lambda session: session.execute(update(Pet), [{"id": 1, "name": "X", "version": 1}]),
    "update of the table": lambda session: session.execute(update(Pet.__table__).values(name="X")),
    "delete from the table": lambda session: session.execute(delete(Pet.__table__)),
    "insert into the table": lambda session: session.execute(Pet.__table__.insert().values(name="X")),
    "bulk_save_objects": lambda session: session.bulk_save_objects([Pet(name="X", type="dog")]),
    "bulk_insert_mappings": lambda session: session.bulk_insert_mappings(Pet, [{"name": "X"}]),
    "bulk_update_mappings": lambda session: session.bulk_update_mappings(
        Pet, [{"id": 1, "name": "X", "version": 1}]
    ),
    "on the connection": lambda session: session.connection().execute(update(Pet.__table__).values(name="X")),
    "a version by hand": lambda session: setattr(session.get(Pet, 1), "version", 9) or session.flush(),
    "text": lambda session: session.execute(text("UPDATE pet SET notes = 'x'")),
    "text: delete": lambda session: session.execute(text("DELETE FROM pet")),
    "text: age": lambda session: session.execute(text("UPDATE pet SET born_on = NULL WHERE id = 1")),
    "text: a copy": lambda session: session.execute(text(A_COPY)),
    "driver": lambda session: session.connection().exec_driver_sql("UPDATE pet SET name = 'X'"),
    "cursor": lambda s: s.connection().connection.cursor().execute("UPDATE pet SET name = 'X'"),
}
ONLY_SQLITE = {
    "replace": lambda session: session.execute(text("REPLACE INTO pet SELECT * FROM pet")),
    "update or replace": lambda s: s.execute(text("UPDATE OR REPLACE pet SET name = 'X'")),
}
ONLY_POSTGRESQL = {
    "truncate": lambda session: session.execute(text("TRUNCATE pet")),
    "upsert": lambda s: s.execute(text(A_COPY + " ON CONFLICT (id) DO UPDATE SET name = 'X'")),
}
OTHERS = ", ".join(column.name for column in Pet.__table__.columns if column.name != "id")
A_COPY = f"INSERT INTO pet (id, {OTHERS}) SELECT 1000 + id, {OTHERS} FROM pet"


class TestTheDatabase:
    """No way round the listener: the database takes no pet without the change beside it."""

    @pytest.mark.parametrize("way", WRITES | (ONLY_SQLITE if DATABASE == "sqlite" else ONLY_POSTGRESQL))
    def test_what_is_not_told_is_refused_with_a_sentence(self, session, rex, facts_now, way):
        write = (WRITES | ONLY_SQLITE | ONLY_POSTGRESQL)[way]
        # Through the cursor itself the driver's own error comes.
        with pytest.raises(Exception, match="written through a SQLAlchemy session") as refused:
            write(session)
        assert "IntegrityError" in repr(refused.value) or way == "cursor"
        session.rollback()
        assert facts_now(rex.id) == rex.facts
        assert not list(unrecorded())

    def test_a_pet_that_was_removed_does_not_come_back_untold(self, session, rex):
        row = dict(session.execute(select(Pet.__table__)).mappings().one())
        session.delete(session.get(Pet, rex.id))
        session.commit()
        for version in (1, 2, 3):
            with pytest.raises(IntegrityError, match="written through a SQLAlchemy session"):
                session.execute(insert(Pet.__table__).values({**row, "version": version}))
            session.rollback()

    def test_what_is_no_fact_may_be_looked_after(self, session, rex):
        session.execute(text("UPDATE pet SET search_text = search_text, former_names = NULL"))
        session.commit()


class TestUndo:
    def undo(self, number, choices=None, only=None):
        conflicts = undo(db.session.get(Changeset, number), choices or Choices(), only)
        db.session.rollback() if conflicts.total else db.session.commit()
        return conflicts

    @pytest.fixture
    def facts_now(self, session):
        def facts(number):
            pet = session.get(Pet, number, populate_existing=True)
            return pet and pet.facts

        return facts

    def test_an_added_pet_is_removed(self, session, rex, facts_now):
        assert self.undo(1).total == 0
        assert facts_now(rex.id) is None
        assert session.get(Changeset, 2).undoes_id == 1

    def test_a_removed_one_comes_back_as_the_same_pet(self, session, clock, rex):
        clock.forward(days=3)
        session.delete(session.get(Pet, rex.id))
        session.commit()
        self.undo(2)
        pet = session.get(Pet, rex.id)
        assert (pet.facts, pet.version, pet.added_at) == (rex.facts, 3, rex.added_at)
        assert pet.changed_at == clock.now

    def test_an_edit_goes_back_field_by_field(self, session, rex, facts_now):
        pet = session.get(Pet, rex.id)
        pet.name = "Max"
        session.commit()
        pet.type = "wolf"
        session.commit()
        assert self.undo(2).total == 0
        assert facts_now(rex.id) == {**rex.facts, "type": "wolf"}

    def test_undo_of_an_undo_is_as_before(self, session, rex, facts_now):
        session.get(Pet, rex.id).name = "Max"
        session.commit()
        self.undo(2)
        self.undo(3)
        assert facts_now(rex.id) == {**rex.facts, "name": "Max"}
        self.undo(4)
        assert facts_now(rex.id) == rex.facts

    def test_undoing_twice_does_nothing_the_second_time(self, session, rex):
        session.get(Pet, rex.id).name = "Max"
        session.commit()
        self.undo(2)
        assert self.undo(2).total == 0
        assert Changeset.just_saved() is None

    def test_a_pet_that_stands_in_it_several_times_goes_all_the_way_back(self, session, rex, facts_now):
        pet = session.get(Pet, rex.id)
        for name in ("Max", "Moritz"):
            pet.name = name
            session.flush()
        session.delete(pet)
        session.commit()
        assert self.undo(2).total == 0
        assert facts_now(rex.id) == rex.facts

    def test_what_changed_since_is_not_overwritten_unless_chosen(self, session, rex, facts_now):
        pet = session.get(Pet, rex.id)
        pet.name = "Max"
        session.commit()
        pet.name = "Moritz"
        session.commit()
        conflicts = self.undo(2)
        (conflict,) = conflicts.shown
        assert (conflict.field, conflict.then["name"], conflict.now["name"], conflict.wanted["name"]) == (
            "name",
            "Max",
            "Moritz",
            "Rex",
        )
        assert conflict.by.changeset_id == 3
        assert facts_now(rex.id)["name"] == "Moritz"
        self.undo(2, Choices(rest="keep"))
        assert facts_now(rex.id)["name"] == "Moritz"
        self.undo(2, Choices(rest="set"))
        assert facts_now(rex.id)["name"] == "Rex"

    def test_undoing_the_edit_of_a_pet_that_is_gone_asks_about_the_whole_pet(self, session, rex, facts_now):
        pet = session.get(Pet, rex.id)
        pet.name = "Max"
        session.commit()
        session.delete(pet)
        session.commit()
        (conflict,) = self.undo(2).shown
        assert (conflict.field, conflict.now, conflict.wanted) == (
            "",
            None,
            then := catalogue().brief(rex.facts),
        )
        assert conflict.then == {**then, "name": "Max"}
        self.undo(2, Choices(rest="set"))
        assert facts_now(rex.id) == rex.facts

    def test_one_change_of_many_is_undone_by_itself(self, session, facts_now):
        session.add_all(Pet(name=name, type=kind) for name, kind, _ in SAMPLES)
        session.commit()
        self.undo(1, only=session.scalar(select(Change.id).where(Change.pet_id == 2)))
        assert [facts_now(number) is None for number in (1, 2, 3, 4)] == [False, True, False, False]

    def test_a_thousand_changes_are_undone_in_one_transaction_and_little_memory(self, session, monkeypatch):
        held = []

        def watched(lines, choices):
            held.append(len(session.identity_map) + len(session.new))
            return _apply(lines, choices)

        monkeypatch.setattr("pets.changes.merge._apply", watched)
        session.add_all(Pet(name=f"Pet {number}", type="ant") for number in range(1200))
        session.commit()
        session.expunge_all()
        assert self.undo(1).total == 0
        assert session.query(Pet).count() == 0
        assert session.get(Changeset, 2).removed == 1200
        assert len(held) == 3
        assert max(held) < 20


NAMES = st.sampled_from(["Rex", "Max", "rex", "Žofka", "a"])
TYPES = st.sampled_from(["dog", "cat", "Dog"])
BORN = st.sampled_from([None, "2020-02-29", "2022-01-01~", "2022-01-01"])
OWN_FACTS = {
    field.name: st.sampled_from(
        ["", samples.SAMPLES[field.name].first.fact, samples.SAMPLES[field.name].second.fact]
    )
    for field in samples.OWN
}
FACTS = st.fixed_dictionaries(
    {"name": NAMES, "type": TYPES, "born": BORN, "notes": st.sampled_from(["", "x"])}, optional=OWN_FACTS
)
EDIT = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "type": TYPES,
        "born": BORN,
        "notes": st.sampled_from(["", "x\ny"]),
        **OWN_FACTS,
    },
)
CODE = next(field.name for field in samples.OWN if field.unique)


class Register(RuleBasedStateMachine):
    """Somebody who adds, edits, removes and undoes as they please; history must be able to follow."""

    def __init__(self, registers):
        super().__init__()
        self.open = registers.open()
        self.context = self.open.__enter__().app_context()
        self.context.push()
        samples.declare_own_fields()
        db.session.commit()
        self.snapshots = {0: {}}  # the register after each changeset

    def teardown(self):
        db.session.rollback()
        self.context.pop()
        self.open.__exit__(None, None, None)

    def commit(self):
        db.session.commit()
        number = Changeset.just_saved()
        if number is not None:
            self.snapshots[number] = self.register()
        return number

    @contextmanager
    def unless_a_code_is_taken(self):
        """What would give two pets one code is refused, and leaves no trace."""
        refused = None
        try:
            yield
        except InvalidPet as problem:
            refused = problem
        if refused:
            assert refused.problems.keys() == {CODE}
            db.session.rollback()
            assert self.register() == self.latest

    def register(self):
        return {pet.id: pet.facts for pet in db.session.scalars(select(Pet))}

    def pet(self, data):
        return db.session.get(Pet, data.draw(st.sampled_from(sorted(self.latest))))

    @property
    def latest(self):
        return self.snapshots[max(self.snapshots)]

    @rule(several=st.lists(FACTS, min_size=1, max_size=3), flushed=st.booleans())
    def add(self, several, flushed):
        with self.unless_a_code_is_taken():
            for facts in several:
                pet = Pet()
                pet.set_facts(facts)
                db.session.add(pet)
                if flushed:
                    db.session.flush()
            self.commit()

    @precondition(lambda self: self.latest)
    @rule(data=st.data(), edits=st.lists(EDIT, min_size=1, max_size=2))
    def edit(self, data, edits):
        pet = self.pet(data)
        with self.unless_a_code_is_taken():
            for facts in edits:
                pet.set_facts(facts)
                db.session.flush()
            self.commit()

    @precondition(lambda self: self.latest)
    @rule(data=st.data(), facts=EDIT)
    def edit_one_and_remove_another(self, data, facts):
        self.pet(data).set_facts(facts)
        db.session.delete(self.pet(data))
        with self.unless_a_code_is_taken():
            self.commit()

    @rule(place=st.integers(1, len(samples.OWN)), retired=st.booleans())
    def retire_or_restore_a_field(self, place, retired):
        db.session.get(OwnField, place).retire(retired)
        db.session.commit()
        assert self.register() == self.latest

    @precondition(lambda self: len(self.snapshots) > 1)
    @rule(
        data=st.data(),
        answer=st.sampled_from([None, "keep", "set"]),
        single=st.booleans(),
    )
    def undo(self, data, answer, single):
        number = data.draw(st.sampled_from(sorted(self.snapshots)[1:]), label="changeset")
        changes = list(
            db.session.scalars(select(Change).where(Change.changeset_id == number).order_by(Change.id))
        )
        only = data.draw(st.sampled_from([change.id for change in changes])) if single else None
        changes = [change for change in changes if only in (None, change.id)]
        before = self.register()
        with self.unless_a_code_is_taken():
            conflicts = undo(db.session.get(Changeset, number), Choices(rest=answer), only)
            self._undone(changes, conflicts, answer, before)

    def _undone(self, changes, conflicts, answer, before):
        if conflicts.total:
            assert answer is None
            db.session.rollback()
            assert self.register() == before
            return
        touched = {change.pet_id for change in changes}
        wanted = {}
        for change in reversed(changes):
            wanted[change.pet_id] = (
                {**(wanted.get(change.pet_id) or {}), **change.before} if change.before is not None else None
            )
        self.commit()
        now = self.register()
        assert {pet: facts for pet, facts in now.items() if pet not in touched} == {
            pet: facts for pet, facts in before.items() if pet not in touched
        }
        if answer == "keep":
            return
        for pet, facts in wanted.items():
            assert (pet in now) == (facts is not None)
            assert facts is None or facts.items() <= now[pet].items()

    @precondition(lambda self: len(self.snapshots) > 1)
    @rule()
    def undo_the_last_and_undo_that(self):
        numbers = sorted(self.snapshots)
        last = numbers[-1]
        before, after = self.snapshots[numbers[-2]], self.snapshots[last]
        assert undo(db.session.get(Changeset, last), Choices()).total == 0
        undoing = self.commit()
        assert self.register() == before
        if undoing is not None:
            assert undo(db.session.get(Changeset, undoing), Choices()).total == 0
            self.commit()
            assert self.register() == after

    @invariant()
    def replaying_all_of_history_gives_the_register(self):
        history_and_register_agree()


def test_whatever_is_done_history_gives_the_register_back(registers):
    run_state_machine_as_test(
        lambda: Register(registers),
        settings=settings(max_examples=12, stateful_step_count=12, deadline=None),
    )
