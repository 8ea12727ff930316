"""What a sheet does not tell is asked: of its columns on one page, of its rows on the next, once for all."""

import csv
import io
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from pets.imports.import_row import ImportRow
from pets.models.pet import Pet
from pets.search.listing import cursor
from tests.views.test_imports import (
    address,
    bring_in,
    check,
    counts,
    lines,
    mend,
    press_stage,
    save,
    stage,
    workbook,
)  # fmt: skip

CASES = Path(__file__).parents[1] / "sheets" / "cases"


def case(person, name):
    return bring_in(person, (CASES / name).read_bytes(), name)


def born(session) -> list[str]:
    return [line.after["born"] for line in lines(session)]


def test_the_unit_of_ages_is_said_and_can_be_changed(edith, session, clock):
    page = case(edith, "c24-age-mo.csv")
    assert page.form(page.url).fields["unit"] == "months"
    assert "The heading “Age (mo)” says so." in page.text
    stage(edith, check(edith, page, unit="weeks"))
    assert born(session) == ["2024-04-20~", "2024-05-11~"]


@pytest.mark.parametrize(("answer", "day"), [("swap", "2021-05-03"), ("stand", "2021-03-05")])
def test_days_that_a_spreadsheet_may_have_swapped_are_asked_about(edith, session, answer, day):
    page = case(edith, "x05-half-swapped-dates.xlsx")
    assert "3 May 2021, 4 November 2020, 7 February 2022" in page.text
    assert page.submit(edith, action=page.url).status_code == 422
    stage(edith, check(edith, page, swapped=answer))
    assert (born(session)[0], born(session)[1]) == (day, "2021-05-13")


def test_an_hour_of_the_evening_before_is_the_nearest_day(edith, session):
    page = case(edith, "y06-exceljs-prague.xlsx")
    assert "13 May 2021, the nearest day" in page.text
    stage(edith, check(edith, page))
    assert born(session) == ["2021-05-13", "2018-08-13", "2016-12-01"]
    edith.post("/draft/discard")
    stage(edith, check(edith, case(edith, "y06-exceljs-prague.xlsx"), moments="stands"))
    assert born(session)[-1] == "2016-11-30"


def test_words_for_nothing_are_counted_and_can_be_kept(edith, session):
    text = "name,type,notes\nNull,cat,NA\nRex,dog,NA\nMia,cat,shy\n"
    page = bring_in(edith, text)
    assert "name: one cell says “Null”" in page.text
    assert "notes: 2 cells say “NA”" in page.text
    rows = check(edith, page, kept_words="0")
    stage(edith, rows)
    assert [(line.name, line.after["notes"]) for line in lines(session)] == [
        *(("Null", ""), ("Rex", ""), ("Mia", "shy")),
    ]


def test_headings_can_be_pointed_at_and_what_is_above_them_is_said(edith, session):
    page = case(edith, "c16-letterhead.csv")
    assert "Happy Paws Rescue; 12 Mill Lane; Tel 555 0100" in page.text
    assert page.form(page.url).fields["headings"] == "9"
    strange = bring_in(edith, "Our list\nx,y\nHívónév,Faj\nRex,dog\n")
    assert strange.submit(edith, action=strange.url, headings="3").status_code == 303
    again = edith.get(strange.url).page
    rows = check(edith, again, **{"columns-0": "name", "columns-1": "type"})
    assert counts(rows)["New"] == "1"


def test_headings_of_sections_are_the_types_of_the_rows_below(edith, session):
    text = "Name,Age\nDogs\nRex,2\nMax,3\nCats\nMia,1\nPrinted on 3 May 2024\nTotal,3\n"
    page = bring_in(edith, text)
    assert page.form(page.url).fields["sections"] == "type"
    rows = check(edith, page)
    assert counts(rows) == {"New": "3", "Changed": "0", "Unchanged": "0", "No pets": "4"}
    for words in ("the heading of a section: dog", "a note about the list", "a total"):
        assert words in rows.text
    behind = cursor(SimpleNamespace(number=5), [ImportRow.number])
    good = edith.get(f"{address(rows)}/rows?after={behind}").page
    assert "Mia" in good.text
    assert "cat" in good.text
    assert "Rex" not in good.text
    stage(edith, rows)
    assert [line.after["type"] for line in lines(session)] == ["dog", "dog", "cat"]


def test_a_row_that_was_taken_for_no_pet_can_be_one(edith, session):
    rows = check(edith, bring_in(edith, "name,type,age\nTotal,,2\nRex,dog,1\n"))
    assert counts(rows)["No pets"] == "1"
    rows = mend(edith, rows, **{"pet-2": "pet"})
    rows = mend(edith, rows, **{"cell-2-1": "cat"})
    assert counts(rows) == {"New": "2", "Changed": "0", "Unchanged": "0"}


@pytest.mark.parametrize(("answer", "day"), [("born", "2016-01-15"), ("age", "2023-06-15~")])
def test_ages_that_do_not_agree_with_birth_dates_have_one_answer(edith, session, clock, answer, day):
    rows = check(edith, case(edith, "c08-age-frozen.csv"))
    assert "30 rows have an age that does not agree with the birth date" in rows.text
    rows = mend(edith, rows, **{"answer-disputes": answer})
    assert counts(rows)["New"] == "30"
    assert rows.form(address(rows) + "/fix").fields["answer-disputes"] == answer
    stage(edith, rows)
    assert born(session)[0] == day


def test_rows_without_a_name_show_the_rest_and_have_one_answer(edith, session):
    rows = check(edith, case(edith, "c02-no-names.csv"), rest="out")
    assert counts(rows)["To fix"] == "14"
    hint = rows.select("td.wrong .field__hint")[0].text
    assert "A8000" in hint
    assert "Shorthair" in hint
    rows = mend(edith, rows, **{"answer-no_name": "type:0"})
    assert counts(rows)["New"] == "40"
    stage(edith, rows)
    assert lines(session)[0].name == "Cat A8000"


def test_at_most_three_columns_are_offered_to_call_pets_by(edith):
    text = "name,type,tag,chip,cage,file\n,dog,a1,b1,c1,d1\n,cat,a2,b2,c2,d2\n"
    rows = check(edith, bring_in(edith, text), rest="out")
    ways = [one["value"] for one in rows.select('[name="answer-no_name"]') if one["value"][:3] == "as:"]
    assert ways == ["as:2", "as:3", "as:4"]


def test_a_dog_of_126_years_is_said_before_it_is_saved(edith, add_pet, clock):
    text = "name,type,born\nBo,dog,1898-03-05\nShelly,tortoise,1950-03-05\n"
    rows = check(edith, bring_in(edith, text))
    assert "A dog of 126 years? Correct the birth date or the age, or leave it empty." in rows.text
    assert counts(rows) == {"New": "1", "Changed": "0", "Unchanged": "0", "To fix": "1"}
    assert counts(mend(edith, rows, **{"answer-doubts": "keep"}))["New"] == "2"


@pytest.mark.on_both
def test_how_old_a_type_becomes_is_known_by_those_on_the_register(edith, session, clock):
    text = "name,type,born\nPolly,parrot,1950-03-05\nCoco,Parrot,1970-03-05\nShelly,tortoise,1950-03-05\n"
    assert counts(check(edith, bring_in(edith, text)))["New"] == "3"
    born = [date(1984, 1, 1), *[date(2010, 1, 1)] * 28]
    session.add_all([Pet(name=f"Bird {at}", type="parrot", born_on=day) for at, day in enumerate(born)])
    session.commit()
    assert counts(check(edith, bring_in(edith, text)))["New"] == "3"  # too few are known
    session.add(Pet(name="One more", type="parrot", born_on=date(2012, 1, 1)))
    session.commit()
    rows = check(edith, bring_in(edith, text))
    assert "A parrot of 74 years?" in rows.text
    assert counts(rows) == {"New": "2", "Changed": "0", "Unchanged": "0", "To fix": "1"}


@pytest.mark.on_both
def test_the_same_list_is_known_by_its_rows(edith, add_pet):
    save(edith, stage(edith, check(edith, case(edith, "m1-list.csv"))))
    page = case(edith, "m1-list-saved-again.csv")
    assert page.form(page.url).fields["match"] == "name"
    assert "Of the first 3 rows, 3 have the name and type of a pet that is here already." in page.text
    rows = check(edith, page)
    assert counts(rows) == {"New": "0", "Changed": "0", "Unchanged": "3"}
    assert "Add 0" not in rows.text
    assert not rows.select('button[formaction$="/stage"]')


@pytest.mark.on_both
def test_likely_duplicates_are_named_to_be_merged_kept_or_left_out(edith, add_pet, session, clock):
    rex = add_pet("Rex", "dog", born_on=date(2020, 5, 1))
    add_pet("Mia", "cat", age=9), add_pet("Kim", "cat", born_on=date(2021, 1, 2))
    text = "name,type,born,notes\nRex,dog,,shy\nMia,cat,2024-01-01,\nKim,cat,2021-01-02,\nBo,dog,,\n"
    rows = check(edith, bring_in(edith, text), match="new")
    assert counts(rows) == {"New": "1", "Changed": "0", "Unchanged": "0", "Maybe here already": "3"}
    assert "Merge with Rex, dog, 4 years (number 1)" in rows.one("select[name=pet-2]").text
    assert "One row is like a pet that is here, with the same birth date or code" in rows.text
    rows = mend(edith, rows, **{"answer-alike": "out", "pet-2": str(rex.id)})
    assert counts(rows) == {
        "New": "1",
        "Changed": "1",
        "Unchanged": "0",
        "Maybe here already": "1",
        "Left out": "1",
    }
    stage(edith, rows)
    assert [(line.name, line.part) for line in lines(session)] == [
        *(("Rex", "changed"), ("Mia", "new"), ("Bo", "new")),
    ]


def test_the_file_of_rows_to_fix_knows_its_import(edith, session, add_pet):
    page = case(edith, "m2-to-mend.csv")
    page = page.submit(edith, action=page.url, **{"columns-1": "+out", "columns-4": "+notes"}).page
    rows = check(edith, page, match="name", order="day-month", type_for_all="dog")
    aside = edith.get(address(rows) + "/faulty.csv").data.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(aside, newline="")))
    assert [row[0] for row in table] == ["Name", "Ivy"]
    stage(edith, rows)
    table[1][2] = "3/5/2021"
    out = io.StringIO()
    csv.writer(out).writerows(table)
    page = bring_in(edith, out.getvalue())
    fields = page.form(page.url).fields
    assert (fields["order"], fields["type_for_all"], fields["match"]) == ("day-month", "dog", "name")
    assert fields["columns-4"] == "+notes"
    stage(edith, check(edith, page))
    ivy = lines(session)[-1].after
    assert (ivy["type"], ivy["born"], ivy["notes"]) == ("dog", "2021-05-03", "z\nBreed: Pug")


def test_the_rows_that_are_right_can_be_looked_at_first(edith, rex, session):
    text = "name,type,notes\nRex,dog,bold\n" + "".join(f"Pet {number},cat,\n" for number in range(30))
    rows = check(edith, bring_in(edith, text + ",cat,\n"), match="name")
    first = edith.get(rows.links["Preview 31 rows"]).page
    assert len(first.select("ul.lines > li")) == 25
    assert first.select("ul.lines ins")[0].text == "bold"
    assert len(edith.get(first.links["Next →"]).page.select("ul.lines > li")) == 6
    assert not lines(session)
    edith.post(address(rows) + "/discard")
    assert edith.get(address(rows) + "/rows").status_code == 404


def test_nothing_is_staged_where_a_page_says_so(edith, session):
    rows = check(edith, bring_in(edith, "name,type,age\n,cat,1\n"))
    assert "Add 0" not in rows.text
    answer = press_stage(edith, rows, faulty="leave")
    assert answer.status_code in (303, 422)
    assert session.scalar(select(Pet.id)) is None


def test_a_workbooks_real_days_are_read_as_they_are(edith, session):
    book = workbook(["name", "type", "born"], ["Rex", "dog", date(2021, 5, 12)], ["Max", "dog", "2019"])
    stage(edith, check(edith, bring_in(edith, book, "pets.xlsx")))
    assert born(session) == ["2021-05-12", "2019-07-01~"]


def test_rows_that_are_struck_out_are_asked_about(edith, session):
    page = case(edith, "x12-comments-strike.xlsx")
    assert "One row is struck out in the spreadsheet." in page.text
    refused = page.submit(edith, action=page.url)
    assert "Choose what to do with the struck-out rows." in refused.page.text
    rows = check(edith, page, struck="out")
    assert "struck out in the spreadsheet" in rows.text
    assert counts(rows)["No pets"] == "1"
    assert counts(check(edith, edith.get(page.url).page, struck="take"))["New"] == "2"


def test_a_breed_is_no_type_but_may_be_chosen_as_one(edith, session):
    page = bring_in(edith, "Name,Breed\nRex,Collie\n")
    assert "If “Breed” says what kind of animal each is, choose “type” for it above" in page.text
    assert page.submit(edith, action=page.url).status_code == 422
    stage(edith, check(edith, page, **{"columns-1": "type"}))
    assert lines(session)[0].after["type"] == "Collie"
