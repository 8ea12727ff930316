"""Ages: reckoned from birth dates alike in Python and on both databases, and said as people say them."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from sqlalchemy import Date, literal, select, union_all
from sqlalchemy.orm import aliased

from pets.fields.age import age_in, age_words, best_unit, born_fact, born_when, latest_birth, read_born
from pets.models.pet import Pet

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def test_it_grows_by_itself(session, add_pet, clock):
    number = add_pet("Rex", "dog", age=2).id
    clock.forward(days=364)
    assert session.get(Pet, number).age == 2
    clock.forward(days=2)
    assert session.get(Pet, number).age == 3
    assert session.query(Pet.age).scalar() == 3


def test_setting_it_means_about_that_old_today(add_pet, clock):
    assert add_pet("Rex", "dog", age=2).facts["born"] == "2022-06-15~"


def test_setting_the_age_it_has_keeps_the_birth_date(session, add_pet, clock):
    pet = session.merge(add_pet("Rex", "dog", born_on=date(2022, 1, 9)))
    pet.age = 2
    assert pet.facts["born"] == "2022-01-09"
    pet.age += 1
    assert pet.facts["born"] == "2021-06-15~"
    pet.age = None
    assert pet.facts["born"] is None


@pytest.mark.parametrize("years", [-1, 201, 10**30, float("nan")])
def test_what_is_no_age_is_refused(app, years):
    with app.app_context(), pytest.raises(ValueError, match="from 0 to 200"):
        Pet(name="Rex", type="dog", age=years)


def test_who_was_born_on_a_leap_day_has_a_birthday_each_year(session, clock, add_pet):
    number = add_pet("Leap", "frog", born_on=date(2020, 2, 29)).id
    for day, years in {
        "2023-02-27": 2,
        "2023-02-28": 3,
        "2023-03-01": 3,
        "2024-02-28": 3,
        "2024-02-29": 4,
    }.items():
        clock.set(day + " 12:00")
        assert session.get(Pet, number).age == years, day
        assert session.query(Pet.age).filter(Pet.id == number).scalar() == years, day


def test_the_day_begins_where_the_site_is(registers, clock):
    clock.set("2024-06-15 20:00")  # the 16th in Tokyo
    with registers.open(PETS_TIMEZONE="Asia/Tokyo") as app, app.app_context():
        assert Pet(name="Rex", type="dog", age=1).facts["born"] == "2023-06-16~"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(births=st.lists(DAYS, min_size=5, max_size=30), today=DAYS)
@example(births=[date(2020, 2, 28), date(2020, 2, 29), date(2020, 3, 1)], today=date(2023, 2, 28))
def test_both_databases_reckon_it_as_python_does(session, clock, births, today):
    clock.set(f"{today} 12:00")
    rows = union_all(*(select(literal(birth, Date).label("born_on")) for birth in births)).subquery()
    pet = aliased(Pet, rows, adapt_on_names=True)
    for birth, age in session.query(pet.born_on, pet.age):
        assert age == age_in("years", birth, today)
    session.rollback()


@given(today=DAYS, count=st.integers(0, 200), unit=st.sampled_from(["years", "months", "weeks"]))
@example(today=date(2024, 2, 29), count=1, unit="years")
@example(today=date(2024, 3, 31), count=1, unit="months")
def test_what_is_told_is_what_is_reckoned_back(today, count, unit):
    assert age_in(unit, born_when(count, unit, today), today) == count


@given(today=DAYS, years=st.integers(0, 200))
@example(today=date(2023, 2, 28), years=3)
def test_the_latest_birth_is_the_last_day_that_makes_the_age(today, years):
    latest = latest_birth(years, today)
    assert age_in("years", latest, today) == years
    following = latest + timedelta(days=1)
    assert following > today or age_in("years", following, today) < years


@given(born_on=DAYS, days=st.integers(0, 3000))
def test_nobody_grows_younger(born_on, days):
    today = born_on + timedelta(days=days)
    for unit in ("years", "months", "weeks"):
        assert 0 <= age_in(unit, born_on, today) <= age_in(unit, born_on, today + timedelta(days=1))


@pytest.mark.parametrize(
    ("born_on", "estimated", "words"),
    [
        ("2024-06-15", False, "0 weeks"),
        ("2024-06-16", False, "0 weeks"),
        ("2024-06-08", False, "1 week"),
        ("2024-04-25", False, "7 weeks"),
        ("2024-03-16", False, "13 weeks"),
        ("2024-03-15", False, "3 months"),
        ("2024-01-15", True, "about 5 months"),
        ("2023-06-16", False, "11 months"),
        ("2023-06-15", False, "1 year"),
        ("2022-06-15", False, "2 years"),
        ("2022-06-15", True, "about 2 years"),
    ],
)
def test_it_is_said_as_people_say_it(born_on, estimated, words):
    assert age_words(date.fromisoformat(born_on), estimated, date(2024, 6, 15)) == words


def test_what_is_not_known_is_not_said():
    assert age_words(None, True, date(2024, 6, 15)) == ""


@given(born_on=DAYS, days=st.integers(0, 3000), estimated=st.booleans())
def test_a_birth_date_is_read_as_it_was_written(born_on, days, estimated):
    assert read_born(born_fact(born_on, estimated)) == (born_on, estimated)
    assert best_unit(born_on, born_on + timedelta(days=days)) in ("years", "months", "weeks")


@pytest.mark.parametrize("fact", ["2024", "2024-02-30", "31.5.2024", "2024-05-31?", "２０２４-05-31", "~"])
def test_what_is_no_birth_date_is_refused(fact):
    with pytest.raises(ValueError, match=r"date|day|month|isoformat"):
        read_born(fact)
