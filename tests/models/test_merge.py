"""The one rule by which a change meets a pet as it is now: merged field by field, or asked about."""

import pytest
from hypothesis import given, strategies as st

from pets.changes.merge import SHOWN, Choices, Conflict, Conflicts, meet

REX = {"name": "Rex", "type": "dog", "born": None, "notes": ""}
MAX = {**REX, "name": "Max"}


def rex(**other):
    return {**REX, **other}


@pytest.mark.parametrize(
    ("before", "after", "now", "result", "conflicting"),
    [
        # an edit
        ({"name": "Rex"}, {"name": "Max"}, rex(), MAX, []),
        ({"name": "Rex"}, {"name": "Max"}, rex(type="cat"), rex(name="Max", type="cat"), []),
        ({"name": "Rex"}, {"name": "Max"}, rex(name="Max"), MAX, []),  # somebody did the same
        ({"name": "Rex"}, {"name": "Max"}, rex(name="Moritz"), rex(name="Moritz"), ["name"]),
        (
            {"name": "Rex", "type": "dog"},
            {"name": "Max", "type": "cat"},
            rex(name="Moritz"),
            rex(name="Moritz", type="cat"),
            ["name"],
        ),
        (
            {"name": "Rex", "type": "dog"},
            {"name": "Max", "type": "cat"},
            rex(name="A", type="b"),
            rex(name="A", type="b"),
            ["name", "type"],
        ),
        ({"born": None}, {"born": "2020-01-01"}, rex(), rex(born="2020-01-01"), []),
        ({"born": "2020-01-01"}, {"born": None}, rex(born="2020-01-01~"), rex(born="2020-01-01~"), ["born"]),
        (REX, rex(notes="x"), rex(name="Max"), rex(name="Max", notes="x"), []),  # whole facts, as of a form
        ({"name": "Rex"}, {"name": "Max"}, None, None, [""]),  # the pet is gone
        (REX, REX, None, None, []),  # … but nothing was to be changed
        (REX, REX, MAX, MAX, []),
        # adding
        (None, REX, None, REX, []),
        (None, REX, REX, REX, []),  # it is there already, the very same
        (None, REX, MAX, MAX, [""]),
        # removing
        (REX, None, REX, None, []),
        (REX, None, None, None, []),  # somebody did the same
        (REX, None, MAX, MAX, [""]),
        # facts from before a kind of fact was kept: what only one side names is not compared
        ({"name": "Rex"}, None, REX, None, []),
        (None, {"name": "Rex"}, REX, REX, []),
    ],
)
def test_a_change_meets_a_pet(before, after, now, result, conflicting):
    assert meet(before, after, now) == (result, conflicting)


FACTS = st.fixed_dictionaries({field: st.sampled_from("ab") for field in REX})
STATE = st.none() | FACTS


@given(before=STATE, after=STATE, now=STATE)
def test_nothing_is_overwritten_that_the_change_did_not_know(before, after, now):
    result, conflicting = meet(before, after, now)
    if now == before:
        assert (result, conflicting) == (after, [])
    elif now == after:
        assert (result, conflicting) == (now, [])
    elif now is not None and result is not None:
        for field in REX:
            assert result[field] == now[field] or (
                now[field] == before[field] and result[field] == after[field]
            )
    else:
        assert result == now


@given(before=FACTS, mine=FACTS, theirs=FACTS)
def test_different_fields_merge_to_the_same_whoever_is_first(before, mine, theirs):
    forwards, first = meet(before, mine, theirs)
    backwards, second = meet(before, theirs, mine)
    assert first == second
    if not first:
        assert forwards == backwards


def conflict(number=1, version=3, field="name"):
    return Conflict(number, "Rex", version, field, REX, MAX, REX)


@pytest.mark.parametrize(
    ("choices", "wants"),
    [
        (Choices(), None),
        (Choices({"1-name": "set"}), True),
        (Choices({"1-name": "keep"}), False),
        (Choices({"1-type": "set"}), None),
        (Choices({"2-name": "set"}), None),
        (Choices({"1-name": "whatever"}), None),
        (Choices(rest="set"), True),
        (Choices(rest="keep"), False),
        (Choices(rest="whatever"), None),
        (Choices({"1-name": "keep"}, rest="set"), False),
        (Choices({"1-name": "set"}, seen={1: 3}), True),
        (Choices({"1-name": "set"}, seen={1: 2}), None),  # it has changed again since it was shown
        (Choices(rest="set", seen={1: 2}), None),
        (Choices(rest="set", seen={2: 2}), True),
    ],
)
def test_a_choice_counts_for_what_was_shown(choices, wants):
    assert choices.wants(conflict()) is wants


def test_the_whole_pet_is_chosen_by_a_name_of_its_own():
    assert conflict(field="").key == "1-pet"
    assert Choices({"1-pet": "set"}).wants(conflict(field="")) is True


def test_of_many_conflicts_the_first_are_kept_and_all_are_counted():
    some, more = Conflicts(), Conflicts()
    for number in range(SHOWN - 1):
        some.add(conflict(number))
    for number in range(10):
        more.add(conflict(1000 + number))
    some += more
    assert (some.total, len(some.shown), some.shown[-1].pet_id) == (SHOWN + 9, SHOWN, 1000)
