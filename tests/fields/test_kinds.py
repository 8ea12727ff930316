"""The kinds of field by themselves: what they take from people and sheets, refuse, say, and sort by."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from pets import language
from pets.fields.choice import Choice, YesNo
from pets.fields.code import Code
from pets.fields.dates import DateOrder
from pets.fields.day import Day
from pets.fields.number import Number
from pets.fields.pet_link import PetLink, named

ABOUT = {"headings": {"x": ()}, "exported": {"x": 12}}
SEX = Choice(name="x", label="Sex", choices=("female", "male", "not sure"), **ABOUT)
NEUTERED = YesNo(name="x", label="Neutered", **ABOUT)
WEIGHT = Number(name="x", label="Weight", unit="kg", low="0.01", high="900", **ABOUT)
COUNT = Number(name="x", label="Balance", **ABOUT)
SEEN = Day(name="x", label="Vaccinated on", low="2000-01-01", high="2030-12-31", **ABOUT)
CHIP = Code(name="x", label="Microchip", **ABOUT)
TAG = Code(name="x", label="Tag", digits=False, **ABOUT)
MAY_4 = datetime(2026, 5, 4, tzinfo=UTC)
MOTHER = PetLink(name="x", label="Mother", **ABOUT)


class Row:
    """A row of one cell."""

    today, counts_from_1904, faults = date(2026, 6, 1), False, 0

    def __init__(self, cell, order=None):
        self._cell, self.order, self.sentence = cell, order, ""

    def has(self, role):
        return True

    def cell(self, role):
        return self._cell

    def fault(self, role, sentence):
        self.sentence = sentence


@pytest.mark.parametrize(
    ("field", "typed", "fact"),
    [
        *((SEX, text, "female") for text in ("female", " FEMALE ", "Fémale")),
        (SEX, "not  sure", "not sure"),
        (SEX, "mare", "mare"),
        (SEX, "  ", ""),
        *((NEUTERED, text, "yes") for text in ("yes", "Y", "Ja", "oui", "Sí", "1", "x", "TRUE", "yes.")),
        *((NEUTERED, text, "no") for text in ("no", "N", "nein", "Não", "0", "false")),
        (NEUTERED, "perhaps", "perhaps"),
        *((WEIGHT, text, "4.5") for text in ("4.5", "4,5", "4.50", "04,5 kg", "4.5KG", "4.5\u00a0kg")),
        (WEIGHT, "+4.5", "4.5"),
        *((WEIGHT, text, "1234.5") for text in ("1,234.5", "1.234,5", "1 234,5", "1'234.5", "1\u202f234.5")),
        *((COUNT, text, "1234567") for text in ("1,234,567", "1.234.567", "1 234 567", "1234567.000")),
        *((COUNT, text, "-0.5") for text in ("-0.5", "\u2212,5", "- .50")),
        *((COUNT, text, "0") for text in ("0", "-0", "0.0", "-,0")),
        *((COUNT, text, text) for text in ("1,234", "4.5.6", "1e5", "4.5 kg", "٣", "half", ".", "1,23,4")),
        *((SEEN, text, "2024-05-31") for text in ("2024-05-31", "31.5.2024", "31 May 2024", "5/31/2024")),
        *((SEEN, text, text) for text in ("31 February 2024", "1/5/2022", "soon", "2024-02-30")),
        *((CHIP, text, "985112001234567") for text in ("985 112 001 234 567", "985-112-001-234-567")),
        *((TAG, text, "A1234") for text in ("a 12-34", "A‑1234", "Ａ1234")),
        (TAG, "2024/117.b", "2024/117.B"),
        *((MOTHER, text, "12") for text in ("12", "no. 12", "Number 12", "#12", "012")),
        (MOTHER, "Bella", "Bella"),
    ],
)  # fmt: skip
def test_it_takes_what_a_person_types(field, typed, fact):
    assert field.taken(typed) == fact
    if fact:
        assert field.taken(fact) == fact


@pytest.mark.parametrize(
    ("field", "fact", "sentence"),
    [
        (SEX, "x" * 101, "Sex must be female, male or not sure."),
        (SEX, "a\0", "Sex must be female, male or not sure."),
        (NEUTERED, "perhaps", "Neutered must be yes or no."),
        (WEIGHT, "heavy", "Weight must be a number in kg, such as 4.5."),
        (COUNT, "half", "Balance must be a number, such as 4.5."),
        (COUNT, "1,234", "Balance: 1,234 can be read in two ways. Enter 1234 or 1.234."),
        (COUNT, "1" * 13, "Balance must have no more than 12 digits before the point and 6 after it."),
        (SEEN, "2024-02-30", "Vaccinated on must be a day that exists, such as 2024-05-31."),
        (SEEN, "20240530", "Vaccinated on must be a day that exists, such as 2024-05-31."),
        (CHIP, "98_1", "Microchip must be 9 to 15 digits, such as 985 112 001 234 567."),
        (TAG, "Ä!", "Tag must be letters and digits, such as A123."),
        (TAG, "A" * 41, "Tag must have 40 letters and digits or fewer."),
        (MOTHER, "Bella", "Mother must be the name or the number of a pet."),
        (MOTHER, "0", "Mother must be the name or the number of a pet."),
    ],
)
def test_it_keeps_only_what_is_a_fact(field, fact, sentence):
    assert field.problem(fact) == sentence


@pytest.mark.parametrize(
    ("field", "fact", "sentence"),
    [
        (SEX, "mare", "Sex must be female, male or not sure."),
        (WEIGHT, "0", "Weight must be 0.01 kg or more."),
        (WEIGHT, "900.5", "Weight must be 900 kg or less."),
        (SEEN, "1999-12-31", "Vaccinated on must be 1 January 2000 or later."),
        (SEEN, "2031-01-01", "Vaccinated on must be 31 December 2030 or earlier."),
        (CHIP, "A697950", "Microchip must be 9 to 15 digits, such as 985 112 001 234 567."),
        (CHIP, "1" * 16, "Microchip must be 9 to 15 digits, such as 985 112 001 234 567."),
    ],
)
def test_what_may_not_be_entered_any_more_may_stay(field, fact, sentence):
    assert field.problem(fact) is None
    assert field.objection(fact) == sentence


@pytest.mark.parametrize(
    ("field", "cell", "fact"),
    [
        (SEX, "F", "female"),
        (SEX, "m", "male"),
        (SEX, "x", "x"),
        *((NEUTERED, cell, "yes") for cell in (True, 1, 1.0, "WAHR", "✓")),
        (NEUTERED, False, "no"),
        (WEIGHT, 4.5, "4.5"),
        (WEIGHT, 1e-05, "0.00001"),
        (WEIGHT, 12.0, "12"),
        (WEIGHT, "4,5 kg", "4.5"),
        (SEEN, datetime(2024, 5, 31, 12, tzinfo=UTC), "2024-05-31"),
        (SEEN, 45443, "2024-05-31"),
        (SEEN, "5/6/2024", "2024-06-05"),
        (SEEN, "5/6/27", "2027-06-05"),
        (SEEN, "5/6/98", "1998-06-05"),
        *(
            (CHIP, cell, "985112001234567")
            for cell in (985112001234567, 985112001234567.0, "985112001234567.0")
        ),
        (TAG, 117, "117"),
        (MOTHER, 12.0, "12"),
        *((field, " ", None) for field in (SEX, NEUTERED, WEIGHT, SEEN, CHIP, MOTHER)),
    ],
)
def test_it_reads_cells(field, cell, fact):
    row = Row(cell, DateOrder.DAY_MONTH)
    assert (field.parse(row).fact, row.sentence) == (fact, "")


@pytest.mark.parametrize(
    ("field", "cell", "says"),
    [
        (NEUTERED, "perhaps", "“perhaps” is neither yes nor no. Enter yes or no."),
        (WEIGHT, "1,234", "“1,234” is not a number in kg. 1,234 can be read in two ways. Enter 1234 or"),
        (WEIGHT, True, "“TRUE” is not a number in kg. Enter a number such as 4.5."),
        (WEIGHT, MAY_4, "“2026-05-04” is a date. Spreadsheets make dates of numbers"),
        (SEEN, "31/31/2024", "“31/31/2024” is not a day in the calendar. Enter a date such as 2022-05-01."),
        (SEEN, "2019", "“2019” is only a year. Enter a date such as 2022-05-01."),
        (CHIP, "9.85112E+14", "“9.85112E+14” is what a spreadsheet made of a long number"),
        (CHIP, "9,85112E+14", "“9,85112E+14” is what a spreadsheet made of a long number"),
        (TAG, "9.85112E+14", "“9.85112E+14” is what a spreadsheet made of a long number"),
        (CHIP, "unknown", "“unknown” is not a code. Microchip must be 9 to 15 digits"),
        (CHIP, date(2024, 5, 1), "“2024-05-01” is not a code. Microchip must be 9 to 15 digits"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_says_why(field, cell, says):
    row = Row(cell)
    assert field.parse(row) is None
    assert row.sentence.startswith(says)


@pytest.mark.parametrize(
    ("field", "fact", "words", "cell"),
    [
        (SEX, "female", "female", "female"),
        (NEUTERED, "yes", "yes", True),
        (WEIGHT, "4.5", "4.5 kg", 4.5),
        (WEIGHT, "12", "12 kg", 12),
        (COUNT, "123456789012.125", "123456789012.125", "123456789012.125"),
        (SEEN, "2024-05-31", "31 May 2024", date(2024, 5, 31)),
        (CHIP, "985112001234567", "985 112 001 234 567", "985112001234567"),
        (TAG, "A1234", "A1234", "A1234"),
        (MOTHER, "12", "no. 12", 12),
    ],
)
def test_it_says_a_fact_and_brings_it_in_again(field, fact, words, cell):
    assert field.said(fact) == words
    assert list(field.exports([[fact], [None]], date(2026, 6, 1))) == [[cell], [None]]
    assert field.parse(Row(cell)).fact == fact
    assert field.said(None) == ""


def test_a_number_stands_in_a_form_as_the_language_has_it_and_is_read_as_it_was():
    with language.speaking("de"):
        for fact, words, typed in (
            ("4.5", "4,5 kg", "4,5"),
            ("-1.25", "-1,25 kg", "-1,25"),
            ("3", "3 kg", "3"),
        ):
            assert (WEIGHT.said(fact), WEIGHT.typed(fact)) == (words, {WEIGHT.name: typed})
            assert WEIGHT.taken(typed) == fact
        assert WEIGHT.typed("1.234") == {WEIGHT.name: "1.234"}  # 1,234 would be asked about
        assert WEIGHT.said("1.2.3") == "1.2.3 kg"
        assert "4,5" in WEIGHT.problem("much")


numbers = st.decimals(-(10**12) + 1, 10**12 - 1, places=6).map(
    lambda number: COUNT.taken(format(number, "f"))
)


@given(one=numbers, other=numbers)
def test_numbers_sort_by_their_keys(one, other):
    assert COUNT.problem(one) is None
    assert (COUNT.key_of(one) < COUNT.key_of(other)) == (Decimal(one) < Decimal(other))


@given(st.text())
def test_what_is_taken_is_a_fact_or_is_refused_and_stays_what_it_is(text):
    for field in (SEX, NEUTERED, WEIGHT, SEEN, CHIP, TAG, MOTHER):
        fact = field.taken(text)
        assert field.problem(fact) or field.taken(fact or "") == field.tidy(fact) == fact
        assert field.said(fact) is not None
        field.parse(Row(text))


def test_a_link_is_shown_with_its_name_and_read_back(monkeypatch):
    monkeypatch.setattr("pets.fields.pet_link._ask", [{"12": "Bella, the 2nd", "13": ""}.get])
    assert MOTHER.typed("12") == {"x": "Bella, the 2nd, no. 12"}
    assert named("Bella, the 2nd, no. 12") == ("Bella, the 2nd", "12")
    assert named("Bella") == ("Bella", "")
    for number in ("13", "14"):
        assert MOTHER.taken(MOTHER.said(number)) == number
    assert MOTHER.said("13") == "no. 13 (removed)"
