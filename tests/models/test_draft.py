"""What a draft promises, whoever fills it: one line a pet, saved as it was seen, undone as it was before."""

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import func, select

from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.changes.draft_line import DraftLine
from pets.changes.duplicates import Seen, resembled, resembling
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields import TYPED
from pets.fields.resemblance import one_slip, variants
from pets.models.pet import Pet

EDITH = 2  # the cast's editor, by her account's number


def facts(name="Rex", type="dog", born=None, notes=""):
    told = {"name": name, "type": type, "born": born, "notes": notes}
    return {field.name: field.nothing for field in TYPED} | told


def new(**what):
    return Wanted(None, 0, what.get("name", "Rex"), None, facts(**what))


def edit(pet, **after):
    return Wanted(pet.id, pet.version, pet.name, {field: pet.facts[field] for field in after}, after)


def removal(pet):
    return Wanted(pet.id, pet.version, pet.name, pet.facts, None)


@pytest.fixture
def stage(session):
    """`stage(change, …)`: put changes in Edith's draft."""

    def put(*changes):
        draft = Draft.begin(EDITH, "Edith")
        draft.stage(changes)
        session.commit()
        return lines()

    return put


def lines():
    """What the draft holds, without what numbers a line."""
    found = db.session.scalars(select(DraftLine).order_by(DraftLine.id)).all()
    told = [(line.part, line.name, line.before, line.after, line.concern) for line in found]
    db.session.rollback()
    return told


def test_a_draft_has_its_three_parts(stage, add_pet):
    rex, max_ = add_pet("Rex"), add_pet("Max")
    assert stage(new(name="Bo"), edit(rex, name="Roy"), removal(max_)) == [
        ("new", "Bo", None, facts("Bo"), None),
        ("changed", "Roy", {"name": "Rex"}, {"name": "Roy"}, None),
        ("removed", "Max", facts("Max"), None, None),
    ]


def test_the_counts_stand_on_the_changeset(stage, session, add_pet):
    stage(new(name="Bo"), new(name="Moe"), removal(add_pet()))
    assert Draft.of(EDITH).counts() == {"new": 2, "changed": 0, "removed": 1}
    assert Draft.of(EDITH).size == 3


def test_staging_twice_is_staging_once(stage, rex):
    once = stage(edit(rex, name="Roy"))
    assert stage(edit(rex, name="Roy")) == once
    assert stage(edit(rex, name="Roy"), edit(rex, name="Roy")) == once


def test_staging_what_a_pet_already_is_leaves_no_line(stage, rex):
    assert stage(edit(rex, name="Rex")) == []


def test_a_line_that_is_corrected_to_what_the_pet_is_goes(stage, session, rex):
    stage(edit(rex, name="Roy"))
    draft = Draft.of(EDITH)
    line = session.scalar(draft.lines())
    line.correct(rex.facts, rex.facts)
    draft.reassess(line, rex.facts)
    session.commit()
    assert lines() == []


def test_two_edits_of_one_pet_are_one_line(stage, rex):
    stage(edit(rex, name="Roy"))
    assert stage(edit(rex, notes="shy")) == [
        ("changed", "Roy", {"name": "Rex", "notes": ""}, {"name": "Roy", "notes": "shy"}, None)
    ]


def test_a_removal_replaces_an_edit(stage, rex):
    stage(edit(rex, name="Roy"))
    assert [part for part, *_ in stage(removal(rex))] == ["removed"]


def test_a_line_keeps_its_place(stage, session, add_pet):
    rex, max_ = add_pet("Rex"), add_pet("Max")
    stage(edit(rex, name="Roy"), edit(max_, name="Moe"))
    assert [name for _, name, *_ in stage(edit(rex, name="Ray"))] == ["Ray", "Moe"]


def test_a_line_that_breaks_a_rule_is_of_concern(stage):
    assert stage(new(name=""))[0][-1] == "rule"


@pytest.mark.parametrize(
    ("theirs", "concern"),
    [
        ({"name": "Ray"}, "stale"),
        ({"name": "Roy"}, "idle"),
        ({"notes": "shy"}, None),
        ({"name": "Rex"}, None),
    ],
)
def test_what_another_saves_later_concerns_a_line_where_it_meets_it(stage, session, rex, theirs, concern):
    stage(edit(rex, name="Roy"))
    session.get(Pet, rex.id).set_facts(theirs)
    session.commit()
    assert lines()[0][-1] == concern


def test_what_another_has_saved_since_a_pet_was_seen_concerns_what_is_put_in(stage, session, rex):
    session.get(Pet, rex.id).set_facts({"name": "Ray", "notes": "shy"})
    session.commit()
    assert stage(edit(rex, name="Roy"))[0][-1] == "stale"
    assert stage(edit(rex, name="Ray")) == []  # the pet is that already


@pytest.mark.parametrize(
    ("there", "added", "how"),
    [
        (facts("Rex", "dog"), facts("rex", "Dog"), "alike"),
        (facts("Élodie", "cat"), facts("elodie", "cats"), "alike"),
        (facts("Rex", "dog", "2020-05-01"), facts("Rex", "dog", "2021-04-30~"), "alike"),
        (facts("Rex", "dog", "2020-05-01"), facts("rex", "dogs", "2020-05-01"), "same"),
        (facts("Rex", "dog", "2020-05-01"), facts("Rex", "dog", "2020-05-01~"), "alike"),
        (facts("Rex", "dog", "2020-05-01~"), facts("Rex", "dog", "2020-05-01"), "alike"),
        (facts("Rex", "dog", "2020-05-01"), facts("Rex", "dog", "2023-05-01"), None),
        (facts("Rex", "dog", "2020-05-01"), facts("Rex", "dog"), "alike"),
        (facts("Rex", "dog", "2020-05-01"), facts("Rex", "dog", "2021-05-03"), None),
        (facts("Rex", "dogs"), facts("Rex", "dog", "1990-01-01"), "alike"),
        (facts("Rex", "glas"), facts("Rex", "glass"), None),
        (facts("Rex", "glass"), facts("Rex", "glas"), None),
        (facts("Rex", "dog"), facts("Re\u200bx", "do\u00adgs"), "alike"),
        (facts("ハナ", "犬"), facts("バナ", "犬"), None),
        (facts("Rex", "dog"), facts("Rex", "cat"), None),
        (facts("Rex", "dog"), facts("Max", "dog"), None),
    ],
)
def test_what_resembles_what(session, there, added, how):
    pet = Pet()
    pet.set_facts(there)
    session.add(pet)
    session.commit()
    assert resembling([facts("Other"), added]) == ({1: how} if how else {})
    assert [found.name for found in resembled(added, 2)] == [pet.name] * bool(how)
    assert Seen([there]).meets(added) == how


def test_the_second_of_two_new_pets_that_resemble_each_other_is_of_concern(stage):
    assert [concern for *_, concern in stage(new(name="Bo"), new(name="Bo"))] == [None, "alike"]


def test_what_was_staged_before_is_resembled_too(stage):
    stage(new(name="Bo"))
    assert [concern for *_, concern in stage(new(name="bo"))] == [None, "alike"]


@pytest.mark.parametrize("remembered", [0, 10_000])
def test_many_resemble_earlier_ones_whether_these_are_remembered_or_read_again(
    stage, monkeypatch, remembered
):
    monkeypatch.setattr("pets.changes.concern._REMEMBERED", remembered)
    stage(new(name="Pet 7"))
    many = [new(name=f"Pet {number % 550}") for number in range(1100)]  # the same again two chunks later
    _, *concerns = [concern for *_, concern in stage(*many)]
    assert concerns == [None] * 7 + ["alike"] + [None] * 542 + ["alike"] * 550


def test_saving_makes_what_the_draft_showed(stage, session, add_pet, facts_now):
    rex, max_ = add_pet("Rex"), add_pet("Max")
    stage(new(name="Bo"), edit(rex, name="Roy"), removal(max_))
    draft = Draft.of(EDITH)
    number = draft.id
    assert not draft.save().total
    session.commit()
    assert facts_now(rex.id)["name"] == "Roy"
    assert facts_now(max_.id) is None
    saved = session.get(Changeset, number)
    assert (saved.added, saved.changed, saved.removed, saved.size) == (1, 1, 1, 3)
    assert saved.saved_at is not None
    assert lines() == []


def test_a_draft_that_conflicts_saves_nothing(stage, session, add_pet, facts_now):
    rex, max_ = add_pet("Rex"), add_pet("Max")
    stage(edit(max_, name="Moe"), edit(rex, name="Roy"))
    session.get(Pet, rex.id).name = "Ray"
    session.commit()
    assert Draft.of(EDITH).save().total == 1
    session.rollback()
    assert facts_now(max_.id)["name"] == "Max"
    assert len(lines()) == 2


def test_at_most_one_draft_for_each_account(stage, session):
    stage(new(name="Bo"))
    first = Draft.of(EDITH).id
    assert Draft.begin(EDITH, "Edith").id == first
    session.rollback()


def test_a_draft_of_thousands_is_staged_and_saved_in_chunks(stage, session):
    stage(*(new(name=f"Pet {number}") for number in range(1203)))
    told = []
    Draft.of(EDITH).save(told.append)
    session.commit()
    assert told == [500, 1000, 1203]
    assert session.scalar(select(func.count()).select_from(Pet)) == 1203
    session.rollback()


# Laws

NAMES = st.sampled_from(["Rex", "Max", "Bo", ""])
NOTES = st.sampled_from(["", "shy"])
EDITS = st.dictionaries(st.sampled_from(["name", "notes"]), NAMES, min_size=1)
DEEDS = st.lists(st.one_of(st.tuples(st.integers(0, 2), EDITS), st.tuples(st.integers(0, 2), st.none())))


def staged(pets, deeds):
    """Deeds on three pets, as changes: an edit, or None for a removal."""
    for place, after in deeds:
        pet = pets[place]
        yield removal(pet) if after is None else edit(pet, **after)


def three_pets():
    pets = [Pet(name=name, type="dog") for name in ("Rex", "Max", "Bo")]
    db.session.add_all(pets)
    db.session.commit()
    for pet in pets:
        db.session.refresh(pet)
        db.session.expunge(pet)
    db.session.rollback()
    return pets


@settings(max_examples=15)  # each on a register of its own
@given(deeds=DEEDS)
def test_law_staging_all_twice_is_staging_all_once(registers, deeds):
    with registers.open() as app, app.app_context():
        pets = three_pets()
        # One deed for each pet: of several the later ones decide, and then the first ones would come again.
        changes = list(staged(pets, dict(deeds).items()))
        Draft.begin(EDITH, "Edith").stage(changes)
        db.session.commit()
        once = lines()
        Draft.begin(EDITH, "Edith").stage(changes)
        db.session.commit()
        assert lines() == once


@settings(max_examples=15)  # each on a register of its own
@given(deeds=DEEDS)
def test_law_save_then_undo_restores_every_pet(registers, deeds):
    with registers.open() as app, app.app_context():
        before = {pet.id: pet.facts for pet in three_pets()}
        draft = Draft.begin(EDITH, "Edith")
        draft.stage([*staged([db.session.get(Pet, number) for number in before], deeds), new(name="Moe")])
        draft.drop_all("rule")
        number = draft.id
        edits = list(db.session.scalars(draft.lines("changed")))
        promised = {line.pet_id: line.facts(before[line.pet_id]) for line in edits}
        assert not draft.save().total
        db.session.commit()
        for pet_id, wanted in promised.items():  # preview equals save
            assert db.session.get(Pet, pet_id).facts == wanted
        again = Draft.begin(EDITH, "Edith")
        again.stage_undo(db.session.get(Changeset, number))
        assert not again.save().total
        db.session.commit()
        assert {pet.id: pet.facts for pet in db.session.scalars(select(Pet))} == before
        assert db.session.get(Changeset, again.id).undoes_id == number
        db.session.rollback()


WORDS = st.text("abc", max_size=5)


@given(one=WORDS, other=WORDS)
def test_law_one_slip_is_one_edit_and_goes_both_ways(one, other):
    letters = "abc"
    slips = {one[:at] + one[at + 1 :] for at in range(len(one))}
    slips |= {one[:at] + letter + one[at:] for at in range(len(one) + 1) for letter in letters}
    slips |= {one[:at] + letter + one[at + 1 :] for at in range(len(one)) for letter in letters}
    slips |= {one[:at] + one[at + 1] + one[at] + one[at + 2 :] for at in range(len(one) - 1)}
    assert one_slip(one, other) == one_slip(other, one) == (other in slips or one == other)
    if one_slip(one, other):
        assert variants(one) & variants(other)
