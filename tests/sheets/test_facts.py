"""Cells to facts: dates, ages and numbers as people write them, and faulty cells named as the spreadsheet
does."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given, strategies as st

from pets.fields.age import UNITS, Age, age_in, age_words
from pets.fields.ages import AgeProblem, read_age
from pets.fields.birth_dates import read_birth_date
from pets.fields.cell import Cell
from pets.fields.dates import DateOrder, DateProblem, from_serial, read_date
from pets.imports.cells_to_facts import FactReader, PetRow
from pets.imports.columns import columns_of
from pets.sheets.sheet import pasted

TODAY = date(2024, 5, 31)
DAYS = st.dates(date(1824, 6, 1), TODAY)


def pet(headings: str, *cells: Cell, order: DateOrder | None = None) -> PetRow:
    columns = columns_of(pasted(headings + "\n1").rows())
    return FactReader(columns, TODAY, order).row(list(cells))


def complaints(headings: str, *cells: Cell) -> list[str]:
    columns = columns_of(pasted(headings + "\n1").rows()).columns
    problems = pet(headings, *cells).problems
    return [f"{columns[one.column].heading}: {one.sentence}" for one in problems if one.column is not None]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2022-05-01", date(2022, 5, 1)),
        (" 2022-5-1 ", date(2022, 5, 1)),
        ("20220501", date(2022, 5, 1)),
        ("2022/05/01", date(2022, 5, 1)),
        ("2022-05-01T10:30:00Z", date(2022, 5, 1)),
        ("2022-05-01 00:00:00", date(2022, 5, 1)),
        ("1.5.2022", date(2022, 5, 1)),
        ("13/5/2022", date(2022, 5, 13)),
        ("5/13/2022 12:00 AM", date(2022, 5, 13)),
        ("5/5/22", date(2022, 5, 5)),
        ("1 May 2022", date(2022, 5, 1)),
        ("1st of may 2022", date(2022, 5, 1)),
        ("May 1, 2022", date(2022, 5, 1)),
        ("Sun, 1-May-22", date(2022, 5, 1)),
        ("Sept. 3rd 1999", date(1999, 9, 3)),
        ("1 May '99", date(1999, 5, 1)),
        ("31.5.24", date(2024, 5, 31)),
        ("1.6.24", date(1924, 6, 1)),
        ("29.2.23", DateProblem),
        (date(2022, 5, 1), date(2022, 5, 1)),
        (datetime.fromisoformat("2022-05-01 10:00:00"), date(2022, 5, 1)),
        (44682, date(2022, 5, 1)),
        (44682.75, date(2022, 5, 1)),
        ("44682", date(2022, 5, 1)),
        (1, DateProblem),
        (2022, DateProblem),
        ("2022", DateProblem),
        ("May 2022", DateProblem),
        ("2022-05", DateProblem),
        ("31/4/2022", DateProblem),
        ("14/14/2022", DateProblem),
        ("0/0/2022", DateProblem),
        ("2022-13-01", DateProblem),
        ("1/5/2022", DateProblem),
        ("1/5-2022", DateProblem),
        ("tow", DateProblem),
        ("9" * 400, DateProblem),
        (1e300, DateProblem),
        (True, DateProblem),
    ],
)
def test_dates(cell: Cell, day: date | type[DateProblem]) -> None:
    if isinstance(day, date):
        assert read_date(cell, TODAY) == day
    else:
        with pytest.raises(DateProblem, match="“"):
            read_date(cell, TODAY)


@pytest.mark.parametrize(
    ("cell", "born"),
    [
        ("2014", (date(2014, 7, 1), True)),
        (2014, (date(2014, 7, 1), True)),
        ("03/2019", (date(2019, 3, 15), True)),
        ("May-19", (date(2019, 5, 15), True)),
        ("early 2019", (date(2019, 2, 15), True)),
        ("Winter 2020", (date(2020, 1, 15), True)),
        ("Spring 2020", (date(2020, 4, 15), True)),
        ("mid-2019", (date(2019, 7, 15), True)),
        ("Sommer 2018", (date(2018, 7, 15), True)),
        ("autumn of 2018", (date(2018, 10, 15), True)),
        ("Herbst 2018", (date(2018, 10, 15), True)),
        ("late 2017", (date(2017, 11, 15), True)),
        ("Q1 2019", (date(2019, 2, 15), True)),
        ("2019-Q4", (date(2019, 11, 15), True)),
        ("2018/2019", (date(2019, 1, 1), True)),
        ("2018/19", (date(2019, 1, 1), True)),
        ("2018-2020", (date(2019, 7, 1), True)),
        ("2014-2019", (date(2017, 1, 1), True)),
        ("2012/05", (date(2012, 5, 15), True)),
        ("ca. 2015", (date(2015, 7, 1), True)),
        ("est. 5/2019", (date(2019, 5, 15), True)),
        ("2015?", (date(2015, 7, 1), True)),
        ("2019-05-03 (est)", (date(2019, 5, 3), True)),
        ("2019-05-00", (date(2019, 5, 15), True)),
        ("2024", (date(2024, 1, 1), True)),
        ("0000-00-00", (None, False)),
        ("1/0/1900", (None, False)),
        ("Thu May 02 2019 00:00:00 GMT+0200 (Central European Summer Time)", (date(2019, 5, 2), False)),
        ("2. květen 2019", (date(2019, 5, 2), False)),
        ("2019年5月2日", (date(2019, 5, 2), False)),
        ("2019-05-02 00:00:00+00", (date(2019, 5, 2), False)),
    ],
)
def test_birth_dates(cell: Cell, born: tuple[date | None, bool]) -> None:
    assert read_birth_date(cell, TODAY, DateOrder.DAY_MONTH, False, {}) == born


def test_the_order_of_day_and_month_is_obeyed() -> None:
    assert read_date("1/5/2022", TODAY, DateOrder.DAY_MONTH) == date(2022, 5, 1)
    assert read_date("1/5/2022", TODAY, DateOrder.MONTH_DAY) == date(2022, 1, 5)
    with pytest.raises(DateProblem, match="not a day in the calendar"):
        read_date("1/13/2022", TODAY, DateOrder.DAY_MONTH)


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (1, date(1900, 1, 1)),
        (59, date(1900, 2, 28)),
        (60, date(1900, 2, 28)),
        (61, date(1900, 3, 1)),
        (0, None),
        (-1, None),
        (3e6, None),
    ],
)
def test_serial_dates(serial: float, day: date | None) -> None:
    assert from_serial(serial) == day


@pytest.mark.parametrize(("serial", "day"), [(0, date(1904, 1, 1)), (43220, date(2022, 5, 1)), (-1, None)])
def test_serial_dates_that_count_from_1904(serial: float, day: date | None) -> None:
    assert from_serial(serial, from_1904=True) == day


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%b %d, %Y", "%d/%m/%Y", "%d-%b-%Y"]))
def test_a_written_day_is_read_back(day: date, how: str) -> None:
    written = day.strftime(how).replace("%Y", str(day.year))
    assert read_date(written, TODAY, DateOrder.DAY_MONTH) == day


@pytest.mark.parametrize(
    ("cell", "age"),
    [
        ("2", Age(2, "years")),
        (2, Age(2, "years")),
        (2.0, Age(2, "years")),
        (0, Age(0, "years")),
        ("2 years", Age(2, "years")),
        ("2years old", Age(2, "years")),
        ("3y", Age(3, "years")),
        ("3 yo", Age(3, "years")),
        ("about 3", Age(3, "years")),
        ("~3", Age(3, "years")),
        ("ca. 3 yrs.", Age(3, "years")),
        ("7 weeks", Age(7, "weeks")),
        ("7WKS", Age(7, "weeks")),
        ("5 mo", Age(5, "months")),
        ("10 days", Age(10, "days")),
        ("1½", Age(18, "months")),
        ("½", Age(6, "months")),
        ("1 1/2 years", Age(18, "months")),
        ("1/2 year", Age(6, "months")),
        (2.5, Age(30, "months")),
        ("2,5", Age(30, "months")),
        ("1.5 weeks", Age(10, "days")),
        ("2 years 3 months", Age(27, "months")),
        ("2y3m", Age(27, "months")),
        ("2 years, 3 months old", Age(27, "months")),
        ("2 weeks and 3 days", Age(17, "days")),
        ("two", Age(2, "years")),
        ("a year", Age(1, "years")),
        ("200", Age(200, "years")),
        ("٣", Age(3, "years")),
        ("<1", Age(0, "years")),
        ("under 1", Age(0, "years")),
        ("puppy", Age(0, "years")),
        ("Young Adult", AgeProblem),
        ("senior cat", AgeProblem),
        ("newborn", Age(0, "months")),
        ("1-2 years", Age(18, "months", (1, 2, "years"))),
        ("2+", Age(2, "years", (2, 200, "years"))),
        ("over 10", Age(10, "years", (10, 200, "years"))),
        ("4 y.o.", Age(4, "years")),
        ("4-year-old", Age(4, "years")),
        ("4 (est)", Age(4, "years")),
        ("4?", Age(4, "years")),
        ("two and a half years", Age(30, "months")),
        ("18/12", Age(18, "months")),
        ("6/52", Age(6, "weeks")),
        ("3 Monate", Age(3, "months")),
        ("2 años", Age(2, "years")),
        ("adult", AgeProblem),
        ("tow", AgeProblem),
        ("201", AgeProblem),
        ("2401 months", AgeProblem),
        ("9" * 500, AgeProblem),
        ("-1", AgeProblem),
        (-1, AgeProblem),
        ("1e3", AgeProblem),
        ("NaN", AgeProblem),
        ("3 months 2 years", AgeProblem),
        ("2 years 3 weeks", Age(107, "weeks")),
        ("4 months 2 weeks", Age(19, "weeks")),
        ("2 months, 10 days", Age(71, "days")),
        ("2y/o", Age(2, "years")),
        ("est. 3", Age(3, "years")),
        ("3 weeks 2 months", AgeProblem),
        ("1/0", AgeProblem),
        ("2022-05-01", AgeProblem),
        (date(2022, 5, 1), AgeProblem),
        (True, AgeProblem),
        ("years", AgeProblem),
        ("2 2", AgeProblem),
    ],
)
def test_ages(cell: Cell, age: Age | type[AgeProblem]) -> None:
    if isinstance(age, Age):
        assert read_age(cell) == age
    else:
        with pytest.raises(AgeProblem, match="Enter an age such as 2, 7 weeks or about 3"):
            read_age(cell)


@pytest.mark.parametrize(
    ("age", "born"),
    [
        (Age(2, "years"), date(2022, 5, 31)),
        (Age(3, "months"), date(2024, 2, 29)),
        (Age(15, "months"), date(2023, 2, 28)),
        (Age(7, "weeks"), date(2024, 4, 12)),
        (Age(10, "days"), date(2024, 5, 21)),
        (Age(0, "years"), date(2023, 11, 30)),
        (Age(0, "weeks"), date(2024, 5, 28)),
        (Age(0, "days"), TODAY),
    ],
)
def test_an_age_counts_back_from_today(age: Age, born: date) -> None:
    assert age.born(TODAY) == born
    assert age.fits(born, TODAY)
    assert not age.fits(born, TODAY + timedelta(days=400))


@given(DAYS, st.integers(0, 20_000), st.booleans())
@example(date(2024, 1, 31), 90, False)  # until 30 April
@example(date(2020, 2, 29), 1095, False)  # until 28 February
def test_law_an_age_that_the_register_tells_is_no_reason_to_forget_the_day(
    born: date, days: int, estimated: bool
) -> None:
    today = born + timedelta(days=days)
    told = [f"{age_in(unit, born, today)} {unit}" for unit in UNITS]
    for age in map(read_age, [age_words(born, estimated, today), *told]):
        assert age.fact(born.isoformat(), today) == born.isoformat()
        assert age.fits(age.born(today), today)


def test_a_row_becomes_facts() -> None:
    found = pet("id,name,type,dob,notes,version", "12", " Rex ", "dog", "2022-05-01", "a\r\nb", 3)
    assert (found.id, found.version, found.problems) == (12, 3, [])
    assert found.facts == {"name": "Rex", "type": "dog", "born": "2022-05-01", "notes": "a\nb"}


def test_a_blank_cell_is_none_and_a_missing_column_is_absent() -> None:
    assert pet("name,born,notes", "Rex").facts == {"name": "Rex", "born": None, "notes": None}
    assert pet("name,age", "Rex", " ").facts == {"name": "Rex", "born": None}
    assert pet("name,age", "Rex", "unknown").facts == {"name": "Rex", "born": None}
    assert pet("name", "Rex").facts == {"name": "Rex"}


def test_numbers_in_a_text_column_are_the_text_that_is_seen() -> None:
    assert pet("name,notes,type", 7, 2.0, True).facts == {"name": "7", "notes": "2", "type": "TRUE"}


@pytest.mark.parametrize(
    ("headings", "cells", "born"),
    [
        ("name,born,estimated", ("x", "2022-05-01", "yes"), "2022-05-01~"),
        ("name,born,estimated", ("x", "2022-05-01", True), "2022-05-01~"),
        ("name,born,estimated", ("x", "2022-05-01", "No"), "2022-05-01"),
        ("name,born,estimated", ("x", None, "yes"), None),
        ("name,born", ("x", "2022-05-01~"), "2022-05-01~"),
        ("name,born", ("x", "about 1 May 2022"), "2022-05-01~"),
        ("name,age", ("x", 2), "2022-05-31~"),
        ("name,age (weeks)", ("x", 2), "2024-05-17~"),
        ("name,age in months", ("x", "2"), "2024-03-31~"),
        ("name,born,age", ("x", "2022-05-01", 2), "2022-05-01"),
        ("name,born,age", ("x", "2022-05-01", "1"), "2022-05-01"),
        ("name,born,age", ("x", None, 2), "2022-05-31~"),
        ("name,born,age", ("x", "?", 2), "2022-05-31~"),
        ("name,born,age,changed", ("x", "2015-05-01", 5, "2020-06-01 10:00:00"), "2015-05-01"),
        (
            "name,born,age,changed",
            ("x", "2015-05-01", 5, datetime.fromisoformat("2020-06-01 10:00:00")),
            "2015-05-01",
        ),
    ],
)
def test_born(headings: str, cells: tuple[Cell, ...], born: str | None) -> None:
    found = pet(headings, *cells)
    assert (found.facts["born"], found.problems) == (born, [])


@pytest.mark.parametrize(
    ("headings", "cells", "complaint"),
    [
        (
            "Name,Age",
            ("x", "tow"),
            "Age: “tow” is not a number. Enter an age such as 2, 7 weeks or about 3.",
        ),
        ("name,DOB", ("x", "31/4/2022"), "DOB: “31/4/2022” is not a day in the calendar. "),
        ("name,dob", ("x", "1/5/2022"), "dob: “1/5/2022” can be read in two ways. "),
        ("id,name", ("-1", "x"), "id: “-1” is not the number of a pet. "),
        ("id,name", ("9" * 30, "x"), "id: "),
        ("id,name", (True, "x"), "id: "),
        ("name,version", ("x", "1.5"), "version: “1.5” is not a version of a pet. "),
        ("name,born,estimated", ("x", "2022-05-01", "Perhaps"), "estimated: “Perhaps” is neither yes"),
        ("name,born", ("x", "about 3"), "born: “about 3” is not a date. "),
        ("name,born", ("x", "ca. 1/5/2022"), "born: “ca. 1/5/2022” can be read in two ways. "),
        (
            "name,born,Age",
            ("x", "2015-05-01", 2),
            "Age: “2” does not agree with the birth date 1 May 2015. ",
        ),
        ("name,born,age,changed", ("x", "2015-05-01", 8, "2024-05-03"), "age: “8” does not agree"),
    ],
)
def test_a_faulty_cell_is_named(headings: str, cells: tuple[Cell, ...], complaint: str) -> None:
    (said,) = complaints(headings, *cells)
    assert said.startswith(complaint)
    stays = "2022-05-01" if "estimated" in headings else None  # the day beside the faulty cell
    assert pet(headings, *cells).facts.get("born") == stays or "born" not in headings


def test_all_problems_are_told_at_once_with_their_cells() -> None:
    found = pet("id,name,born,age", "x", "Rex", "y", "z")
    assert [(problem.column, problem.role) for problem in found.problems] == [
        (0, "id"),
        (2, "born"),
        (3, "age"),
    ]
    assert found.facts == {"name": "Rex"}


def test_a_rule_of_the_register_is_told_at_the_cell_it_is_about() -> None:
    row = FactReader(columns_of(pasted("Name\tAge\nx\ty").rows()), TODAY).row(["Rex", 3])
    assert row.broken("born", "Too old.") == (1, "age", "Too old.", "")
    assert row.broken("name", "Too long.") == (0, "name", "Too long.", "")
    assert row.broken("type", "Enter a type.") == (None, "type", "Enter a type.", "")


CELLS = st.one_of(
    st.none(), st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.dates(), st.datetimes(), st.from_regex(r"[0-9 /.\-½a-z~]{0,12}", fullmatch=True),
)  # fmt: skip


@given(st.lists(CELLS, max_size=8))
def test_no_cell_breaks_the_reading(cells: list[Cell]) -> None:
    found = pet("id,born,age,estimated,name,type,changed,version", *cells)
    assert len(found.problems) <= 7
    for problem in found.problems:
        assert problem.sentence.endswith(".")
