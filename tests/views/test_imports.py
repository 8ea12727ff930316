"""Sheets in: from a file to the draft, and every way in which that can go wrong, said in a sentence."""

import csv
import errno
import io
import os
import sqlite3
import struct
import time
import zipfile
from contextlib import closing
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import FileStorage

from pets import clock
from pets.changes.changeset import Changeset
from pets.changes.draft_line import DraftLine
from pets.db import db
from pets.fields.catalogue import catalogue
from pets.imports.import_row import ImportRow
from pets.imports.importer import Importer
from pets.imports.resolve import RowResolver
from pets.imports.upload import keep_rows
from pets.imports.upload_rows import Import
from pets.models.pet import Pet
from tests.pages import Page
from tests.registers import DATABASE
from tests.server import Server

SHEET = "name,type,age,notes\nRex,dog,2,good boy\nMia,cat,about 3,\n"


def file(content, name="pets.csv"):
    return (io.BytesIO(content if isinstance(content, bytes) else content.encode()), name)


def bring_in(person, content, name="pets.csv") -> Page:
    """Send a file, and open the page of its columns."""
    answer = person.fill("/import", file=file(content, name))
    assert answer.status_code == 303, answer.page.text
    return follow(person, answer.location)


def check(person, page, **answers) -> Page:
    """Answer what the page of the columns asks, and open the page of the rows."""
    answer = page.submit(person, action=page.url, **answers)
    if answer.status_code == 422 and "This is new on the page." in answer.page.text:
        answer = answer.page.submit(person, action=page.url)
    assert answer.status_code == 303, answer.page.text
    return follow(person, answer.location)


def workbook(*rows) -> bytes:
    """An XLSX with these rows."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def counts(page) -> dict[str, str]:
    """What the page of the rows counts."""
    names = [node.text.strip() for node in page.select("dl.stats dt")]
    return dict(zip(names, (node.text.strip() for node in page.select("dl.stats dd")), strict=True))


def stage(person, page, **answers) -> Page:
    """Put the rows in the draft, and open the review."""
    answer = press_stage(person, page, **answers)
    assert answer.status_code == 303, answer.page.text
    return follow(person, answer.location)


def press_stage(person, page, **answers):
    """Press the button that puts the rows in the draft."""
    return page.submit(
        person, page.one('button[formaction$="/stage"]').text, action=address(page) + "/fix", **answers
    )


def mend(person, page, button="Check again", **typed) -> Page:
    """Type over cells on the page of the rows, press a button, and open the page that it leads to."""
    answer = page.submit(person, button, action=address(page) + "/fix", **typed)
    assert answer.status_code == 303, answer.page.text
    return follow(person, answer.location)


def address(page) -> str:
    """The address of the import that a page is about."""
    return "/".join(page.url.partition("?")[0].split("/")[:3])


def save(person, review):
    answer = review.submit(person, action="/draft/save")
    assert answer.status_code == 303
    follow(person, answer.location)


def exported(person, form="csv") -> bytes:
    return person.get(f"/pets.{form}").data


def lines(session):
    return list(session.scalars(select(DraftLine).order_by(DraftLine.id)))


@pytest.mark.on_both
def test_from_a_file_to_the_register(edith, session):
    columns = bring_in(edith, SHEET)
    assert [node.text for node in columns.select("tbody td.quiet")] == [
        "Rex, Mia",
        "dog, cat",
        "2, about 3",
        "good boy",
    ]
    rows = check(edith, columns)
    assert counts(rows) == {"New": "2", "Changed": "0", "Unchanged": "0"}
    assert session.scalar(select(Pet.id)) is None
    save(edith, stage(edith, rows))
    assert [(pet.name, pet.type, pet.age_words) for pet in session.query(Pet).order_by(Pet.id)] == [
        ("Rex", "dog", "about 2 years"),
        ("Mia", "cat", "about 3 years"),
    ]
    assert session.scalar(select(ImportRow.number)) is None


def test_pasted_cells_come_in_the_same_way(edith):
    answer = edith.fill("/import", cells="name\ttype\nRex\tdog\n")
    assert counts(check(edith, edith.get(answer.location).page))["New"] == "1"


def test_who_only_looks_brings_nothing_in(vera, stranger):
    assert vera.get("/import").status_code == 403
    assert stranger.get("/import").status_code == 303


@pytest.mark.parametrize("whose", [0, 1])
def test_nobody_sees_what_another_brings_in(edith, ada, whose):
    mine, other = (edith, ada) if whose == 0 else (ada, edith)
    page = bring_in(mine, FAULTY)
    for path in (page.url, page.url + "/check", page.url + "/faulty.csv"):
        assert other.get(path).status_code == 404
    assert other.post(page.url + "/stage").status_code == 404
    assert "You have not finished pets.csv" not in other.get("/import").page.text
    stage(mine, check(mine, page), faulty="leave")
    assert "Rows of pets.csv were left out" in mine.get("/import").page.text
    assert "pets.csv" not in other.get("/import").page.text


def test_nothing_and_both_at_once_are_refused(edith):
    assert "Choose a file, or paste cells." in edith.fill("/import").page.text
    answer = edith.fill("/import", file=file(SHEET), cells="name\nRex")
    assert answer.status_code == 422
    assert "not both." in answer.page.text


@pytest.mark.on_both
def test_columns_are_chosen_and_remembered_for_the_same_headings(edith, session):
    text = "Hívónév,Faj,Szín\nRex,dog,red\n"
    page = bring_in(edith, text)
    assert "No heading in the first rows is one that Pets knows." in page.text
    answer = page.submit(edith, action=page.url, headings="1")
    assert answer.status_code == 422
    assert "No column holds the names." in answer.page.text
    chosen = {"columns-0": "name", "columns-1": "type", "headings": "1"}
    answer = page.submit(edith, action=page.url, **chosen)
    assert "Not imported yet: “Szín”." in answer.page.text
    twice = page.submit(edith, action=page.url, **{**chosen, "columns-1": "name"})
    assert "Two columns hold the name." in twice.page.text
    rows = check(edith, answer.page, rest="out")
    save(edith, stage(edith, rows))
    again = bring_in(edith, text.replace("Rex", "Max"))
    assert again.form(again.url).fields["columns-0"] == "name"
    assert counts(check(edith, again))["New"] == "1"


def test_an_age_that_fits_the_birth_date_changes_nothing_at_the_end_of_a_month(edith, add_pet, clock):
    clock.set("2024-04-30 12:00")
    edith.sign_in()
    add_pet("Rex", "dog", born_on=date(2024, 1, 31))
    rows = check(edith, bring_in(edith, "name,type,age\nRex,dog,3 months\n"), match="name")
    assert counts(rows)["Unchanged"] == "1"


def test_a_sheet_without_headings_is_asked_about(edith):
    page = bring_in(edith, "Rex,dog,2\nMax,cat,3\n")
    assert "The first row looks like a pet" in page.text
    answer = page.submit(edith, action=page.url, headings="1")
    assert answer.location == page.url
    named = edith.get(page.url).page
    assert "Rex" in [node.text for node in named.select("tbody th bdi")]
    edith.post(page.url, headings="0")
    rows = check(
        edith,
        edith.get(page.url).page,
        **{"columns-0": "name", "columns-1": "type", "columns-2": "age"},
    )
    assert counts(rows)["New"] == "2"


def test_a_workbook_with_several_sheets_is_asked_about(edith):
    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    other = book.create_sheet("Pets")
    for row in (["name", "type", "born"], ["Rex", "dog", date(2022, 5, 1)]):
        other.append(row)
    content = io.BytesIO()
    book.save(content)
    page = bring_in(edith, content.getvalue(), "pets.xlsx")
    assert page.form(page.url).fields["sheet"] == "1"  # the one with headings that are known
    assert page.submit(edith, action=page.url, sheet="0").location == page.url
    assert page.submit(edith, action=page.url, sheet="1").location == page.url
    page = edith.get(page.url).page
    assert "2022-05-01" in page.text
    assert counts(check(edith, page))["New"] == "1"


@pytest.mark.on_both
def test_the_rows_that_are_right_are_paged_by_their_numbers(edith):
    names = [f"Pet {number:02}" for number in range(60)]
    rows = check(edith, bring_in(edith, "name,type,age\n" + "".join(
        f"{name},dog,{'x' if name == 'Pet 03' else 2}\n" for name in names
    )))  # fmt: skip
    page, seen = edith.get(f"{address(rows)}/rows").page, []
    while True:
        seen.append([node.text for node in page.select(".lines b")])
        if not (more := page.select('a[rel="next"]')):
            break
        page = edith.get(more[0]["href"]).page
    assert [len(some) for some in seen] == [25, 25, 9]
    assert [*chain.from_iterable(seen)] == [name for name in names if name != "Pet 03"]
    for cursor in ("5", "WzV"):
        assert edith.get(f"{address(rows)}/rows?after={cursor}").status_code == 400, cursor


def test_what_is_hidden_on_one_of_several_sheets_is_hidden_on_all_together(edith, session):
    book, content = openpyxl.Workbook(), io.BytesIO()
    for title, first, other in (("Dogs", "Rex", "notes"), ("Cats", "Mia", "age")):
        sheet = book.create_sheet(title)
        for row in (["name", other], [first, ""], [f"{first} gone", ""], [f"{first} too", ""]):
            sheet.append(row)
        sheet.row_dimensions[3].hidden = True
    del book["Sheet"]
    book.save(content)
    page = bring_in(edith, content.getvalue(), "pets.xlsx")
    assert "2 rows are hidden in the spreadsheet" in page.text
    rows = check(edith, page, hidden="out")
    assert [node.text for node in rows.select("tbody th")] == ["“Dogs”, row 3", "“Cats”, row 3"]
    page = edith.get(f"{address(rows)}/rows").page
    good = [node.text for node in page.select(".lines .quiet") if node.text.startswith("“")]
    assert good == ["“Dogs”, row 2", "“Dogs”, row 4", "“Cats”, row 2", "“Cats”, row 4"]
    assert counts(rows) == {"New": "4", "Changed": "0", "Unchanged": "0", "No pets": "2"}
    stage(edith, rows)
    assert [(line.name, line.after["type"]) for line in lines(session)] == [
        *(("Rex", "dog"), ("Rex too", "dog"), ("Mia", "cat"), ("Mia too", "cat")),
    ]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (("=1+1", "=A1"), "2 cells have formulas without a result, and count as empty. Open the workbook"),
        (("=1+1", "shy"), "One cell has a formula without a result, and counts as empty."),
        ((2, "shy"), ""),
    ],
)
def test_formulas_without_a_result_are_told_of(edith, cells, says):
    page = bring_in(edith, workbook(["name", "type", "age", "notes"], ["Rex", "dog", *cells]), "pets.xlsx")
    assert says in page.text
    assert ("without a result" in page.text) is bool(says)


@pytest.mark.parametrize(
    ("order", "says", "day"),
    [
        ("day-month", "1 May, the day first", date(2022, 5, 1)),
        ("month-day", "5 January, the month first", date(2022, 1, 5)),
    ],
)
def test_dates_that_can_be_read_both_ways_are_asked_about(edith, session, order, says, day):
    page = bring_in(edith, "name,type,born\nRex,dog,1/5/2022\n")
    answer = page.submit(edith, action=page.url)
    assert answer.status_code == 422
    assert "What does “1/5/2022” mean?" in answer.page.text
    assert says in answer.page.text
    save(edith, stage(edith, check(edith, answer.page, order=order)))
    assert session.scalar(select(Pet.born_on)) == day


@pytest.mark.parametrize(("other", "day"), [("13/5/2022", date(2022, 5, 1)), ("5/13/2022", date(2022, 1, 5))])
def test_one_date_of_the_column_decides_how_all_are_read(edith, session, other, day):
    page = bring_in(edith, f"name,type,born\nRex,dog,1/5/2022\nMax,dog,{other}\n")
    save(edith, stage(edith, check(edith, page)))
    assert session.scalar(select(Pet.born_on).where(Pet.name == "Rex")) == day


@pytest.mark.parametrize(
    ("epoch", "day"), [(CALENDAR_WINDOWS_1900, date(2018, 4, 30)), (CALENDAR_MAC_1904, date(2022, 5, 1))]
)
def test_a_bare_number_is_a_day_as_its_workbook_counts_them(edith, session, epoch, day):
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.epoch = epoch
    for row in (["name", "type", "born"], ["Rex", "dog", 43220]):
        book.active.append(row)
    book.save(content)
    save(edith, stage(edith, check(edith, bring_in(edith, content.getvalue(), "pets.xlsx"))))
    assert session.scalar(select(Pet.born_on)) == day


def test_the_columns_are_agreed_on_without_reading_every_row_again(edith, statements, monkeypatch):
    monkeypatch.setattr("pets.imports.upload_rows.CHUNK", 60)
    reads = []
    for rows in (300, 600):
        page = bring_in(edith, "name,born\n" + "Rex,1/5/2022\n" * rows + "Max,5/13/2022\n")
        statements.clear()
        assert "mean?" not in edith.get(page.url).page.text  # the last row tells which comes first
        assert page.submit(edith, action=page.url).status_code == 422  # of which type are they?
        reads.append(sum("FROM import_row" in statement for statement in statements))
    assert reads[0] == reads[1]


def test_a_type_for_all_where_no_column_tells_it(edith, session):
    page = bring_in(edith, "name\nRex\n")
    for match in ("new", "name"):
        answer = page.submit(edith, action=page.url, match=match)
        assert answer.status_code == 422
        assert "Enter what kind of animal it is" in answer.page.text
    rows = check(edith, edith.get(page.url).page, type_for_all="dog")
    assert counts(rows)["New"] == "1"


def test_what_no_column_holds_is_told_and_asked_in_no_cell(edith, rex):
    page = bring_in(edith, f"id,name\n{rex.id},Max\n,Kim\n")
    rows = check(edith, page, match="number")
    assert counts(rows) == {"New": "0", "Changed": "1", "Unchanged": "0", "To fix": "1"}
    assert "Enter what kind of animal it is, such as cat or dog. No column has it." in rows.text
    assert rows.select("td.wrong input") == []
    assert rows.one('[data-label="Column"]').text == "Type"
    assert [node.text for node in rows.select("td.wrong a")] == ["Match the columns"]
    mended = check(edith, edith.get(page.url).page, type_for_all="cat")
    assert counts(mended)["New"] == "1"


def test_notes_of_the_file_are_shown(edith):
    page = bring_in(edith, "name,type\nZoë,cat\n".encode("cp1252"))
    assert (
        "This file does not say which letters it uses, so they were guessed. Zoë,cat Windows-1252"
        in page.text
    )
    ditto = bring_in(edith, "name,type\nZoë,cat\nMia,〃\n".encode())
    assert "Column B has ditto marks: one row got what is above it." in ditto.text
    nothing = check(edith, bring_in(edith, "name,type\nMia,\nZoë,〃\nBo,cat\n".encode()))
    assert counts(nothing) == {"New": "1", "Changed": "0", "Unchanged": "0", "To fix": "2"}
    assert "“〃” repeats the cell above, which is empty." in nothing.text


FAULTY = "name,type,age\nRex,dog,tow\n,cat,1\n\nMia,cat,1\nBea,cat,2030-01-01\n"


def test_every_faulty_cell_is_named_and_can_be_mended_on_the_page(edith):
    rows = check(edith, bring_in(edith, FAULTY))
    assert counts(rows) == {"New": "1", "Changed": "0", "Unchanged": "0", "To fix": "3", "Empty rows": "1"}
    assert "“tow” is not a number. Enter an age" in rows.text
    assert "Row 3" in rows.text
    action = rows.url.removesuffix("check") + "fix"
    answer = rows.submit(edith, action=action, **{"cell-2-2": "2", "cell-3-0": "Kim"})
    mended = edith.get(answer.location).page
    assert counts(mended)["To fix"] == "1"
    assert counts(mended)["New"] == "3"
    assert [node["name"] for node in mended.select("td.wrong input")] == ["cell-6-2"]


def test_mending_one_cell_leaves_the_lines_of_another_as_they_are(edith, session):
    sheet = 'name,type,age,notes\nRex,dog,tow,"good\nboy\ue000"\n'
    rows = check(edith, bring_in(edith, sheet))
    assert [node["name"] for node in rows.select("td.wrong input")] == ["cell-2-2"]
    assert rows.form(address(rows) + "/fix").fields["cell-2-3"] == "good\nboy\ufffd"
    mended = mend(edith, rows, **{"cell-2-2": "2"})
    assert session.scalar(select(ImportRow.cells).where(ImportRow.number == 2)) == [
        *("Rex", "dog", "2"),
        "good\nboy\ue000",
    ]
    stage(edith, mend(edith, mended, **{"cell-2-3": "good\nboy"}))
    assert lines(session)[0].after["notes"] == "good\nboy"


def test_what_was_typed_is_taken_whatever_button_is_pressed(edith, session):
    rows = check(edith, bring_in(edith, FAULTY))
    answer = press_stage(edith, rows, faulty="wait", **{"cell-2-2": "2"})
    again = edith.get(answer.location).page
    assert "Your fixes are in." in again.text
    assert counts(again)["To fix"] == "2"
    assert again.form(address(again) + "/fix").fields["faulty"] == "wait"
    assert lines(session) == []
    stage(edith, again)
    assert [(line.name, line.concern) for line in lines(session)][:2] == [("Rex", None), ("", "rule")]


@pytest.mark.on_both
def test_a_cell_typed_in_bytes_that_are_no_text_is_not_taken_for_one_that_is_right(edith, session):
    page = check(edith, bring_in(edith, "name,type,age\nR�x,dog,old\n,cat,3\n"))
    page = mend(edith, page, **{"cell-2-2": "3", "cell-3-0": "�"})
    assert counts(page) == {"New": "1", "Changed": "0", "Unchanged": "0", "To fix": "1"}
    stage(edith, page)
    assert [line.name for line in lines(session)] == ["R�x"]  # as it stood in the sheet, and was not typed


def test_the_next_rows_lose_nothing_that_was_typed(edith):
    text = "name,type,age\n" + "".join(f"Pet {number},dog,tow\n" for number in range(30))
    rows = check(edith, bring_in(edith, text))
    assert "Rows to fix 30" in [heading.text for heading in rows.select("h2")]
    further = mend(edith, rows, "Next rows to fix")
    assert len(further.select("td.wrong")) == 5
    further = mend(edith, rows, "Next rows to fix", **{"cell-2-2": "2"})
    assert len(further.select("td.wrong")) == 5
    assert (counts(further)["New"], counts(further)["To fix"]) == ("1", "29")
    assert edith.get("/import/1/check?faulty-after=x").status_code == 400


@pytest.mark.on_both
def test_faulty_rows_wait_in_the_draft_until_they_are_mended(edith, session):
    review = stage(edith, check(edith, bring_in(edith, FAULTY)), faulty="wait")
    assert [line.concern for line in lines(session)] == ["rule", "rule", None, "rule"]
    assert "“tow” is not a number." in review.text
    assert review.submit(edith, action="/draft/save").status_code == 422
    page = edith.get(f"/draft/{lines(session)[0].id}").page
    assert "“tow” is not a number." in page.one(".summary").text
    assert "“tow” is not a number." in page.one(".field--wrong").text
    assert page.one(".field--wrong input")["name"] == "age"
    edith.fill(f"/draft/{lines(session)[0].id}", age="2")
    assert [line.concern for line in lines(session)] == [None, "rule", None, "rule"]


def test_a_faulty_age_is_corrected_by_the_form_of_the_pet_too(edith, rex, session):
    sheet = "name,type,age\nRex,dog,tow\n"
    stage(edith, check(edith, bring_in(edith, sheet), match="name"), faulty="wait")
    edith.fill(f"/pets/{rex.id}/edit", "Add to draft", notes="barks")
    assert [line.concern for line in lines(session)] == ["rule"]
    edith.fill(f"/pets/{rex.id}/edit", "Add to draft", age="7")
    assert [line.concern for line in lines(session)] == [None]


def test_a_faulty_cell_does_not_take_a_good_one_beside_it_along(edith, session, clock):
    sheet = "name,type,born,age,estimated\nRex,dog,2021-05-01,tow,\nMia,cat,soon,2,\n"
    rows = check(edith, bring_in(edith, sheet + "Bo,dog,2021-05-01,,perhaps\n"))
    assert counts(rows) == {"New": "0", "Changed": "0", "Unchanged": "0", "To fix": "3"}
    stage(edith, rows, faulty="wait")
    assert [(line.after["born"], [*line.problems]) for line in lines(session)] == [
        *(("2021-05-01", ["age"]), ("2022-06-15~", ["born"]), ("2021-05-01", ["born"])),
    ]


def test_a_second_row_of_a_pet_that_the_first_leaves_as_it_is_is_asked_about(edith, add_pet):
    add_pet("Rex", "dog", notes="shy")
    rows = check(edith, bring_in(edith, "name,type,notes\nRex,dog,shy\nRex,dog,bold\n"))
    assert counts(rows) == {"New": "0", "Changed": "0", "Unchanged": "1", "To choose": "1"}


def test_faulty_rows_are_set_aside_into_a_file_to_mend(edith, session):
    rows = check(edith, bring_in(edith, FAULTY))
    aside = edith.get(rows.url.removesuffix("check") + "faulty.csv").text.removeprefix("\ufeff").splitlines()
    assert aside[0] == "name,type,age,to fix (import 1)"
    assert aside[1].startswith('Rex,dog,tow,"“tow” is not a number.')
    assert len(aside) == 4
    review = stage(edith, rows, faulty="leave")
    assert "3 rows were left out" in review.text
    assert len(lines(session)) == 1
    upload = edith.get("/import").page
    assert "Download 3 rows to fix" in upload.links
    assert edith.get(upload.links["Download 3 rows to fix"]).text.removeprefix("\ufeff").splitlines() == aside
    mended = "\n".join(aside).replace("tow,", "2,").replace(",cat,1", "Kim,cat,1").replace("2030-01-01", "2")
    again = check(edith, bring_in(edith, mended))
    assert counts(again)["New"] == "3"


def test_rows_set_aside_of_a_sheet_without_headings_are_headed_as_it_was_said(edith):
    page = bring_in(edith, "Rex,dog,2,good boy\nMax,dog,tow\n")
    holds = {f"columns-{place}": what for place, what in enumerate(("name", "type", "age", "notes"))}
    rows = check(edith, page, headings="0", **holds)
    stage(edith, rows, faulty="leave")
    aside = edith.get(page.url + "/faulty.csv").text.removeprefix("\ufeff").splitlines()
    assert aside[0] == "name,type,age,notes,to fix (import 1)"
    assert aside[1].startswith('Max,dog,tow,,"“tow”')


def test_there_is_no_file_to_mend_where_nothing_is_to_be_mended(edith):
    page = bring_in(edith, SHEET)
    stage(edith, check(edith, page))
    assert edith.get(page.url + "/faulty.csv").status_code == 404


def test_an_edit_with_a_fault_waits_in_the_draft_too(edith, rex, session):
    text = exported(edith).decode("utf-8-sig").replace(",dog,", ",,").replace("dog", "")
    sheet = text.splitlines()
    cells = sheet[1].split(",")
    cells[5] = "tow"
    review = stage(edith, check(edith, bring_in(edith, f"{sheet[0]}\n{','.join(cells)}\n")), faulty="wait")
    assert [(line.pet_id, line.concern) for line in lines(session)] == [(rex.id, "rule")]
    assert "“tow” is not a number." in review.text


@pytest.mark.on_both
def test_the_same_file_again_brings_nothing_new(edith, clock):
    clock.set("2024-05-03 10:00")
    save(edith, stage(edith, check(edith, bring_in(edith, SHEET))))
    clock.forward(hours=3)
    page = bring_in(edith, SHEET)
    assert "You imported this on 3 May 2024" in page.text
    rows = check(edith, page)
    assert "You imported this on 3 May 2024 Now 0 rows are new." in rows.text
    assert counts(rows) == {"New": "0", "Changed": "0", "Unchanged": "2"}


@pytest.mark.on_both
def test_rows_update_the_pets_of_the_same_name_and_type(edith, add_pet, session):
    rex = add_pet("Rex", "dog", age=2, notes="shy")
    add_pet("Mia", "cat", age=3)
    text = "name,type,age,notes\nREX,Dog,2,\nmia,cat,3,likes fish\nBob,cat,1,\n"
    rows = check(edith, bring_in(edith, text), match="name")
    assert counts(rows) == {"New": "1", "Changed": "2", "Unchanged": "0"}
    stage(edith, rows)
    first, second, third = lines(session)
    assert (first.pet_id, first.before, first.after) == (
        rex.id,
        {"name": "Rex", "type": "dog"},
        {"name": "REX", "type": "Dog"},
    )
    assert second.after == {"name": "mia", "notes": "likes fish"}
    assert third.part == "new"


@pytest.mark.on_both
def test_names_that_look_alike_are_one_and_names_of_other_letters_are_others(edith, add_pet):
    for name, kind in [("Rex", "dog"), ("バナ", "犬"), ("Йод", "кот"), ("کتاب\u200cها", "گربه")]:
        add_pet(name, kind)
    same = "R\u200be\u00adx,d\u2060og\n\ufeffRex,do\u00adg\nバナ,犬\nЙод,кот\nکتاب\u200cها,گربه\n"
    others = "カ,犬\nハナ,犬\nИод,кот\nکتابها,گربه\n"
    rows = check(edith, bring_in(edith, f"name,type\n{same}{others}"), match="name")
    assert counts(rows) == {"New": "4", "Changed": "0", "Unchanged": "5"}


def test_a_blank_cell_keeps_unless_it_is_to_clear(edith, add_pet, session):
    add_pet("Rex", "dog", age=2, notes="shy")
    page = bring_in(edith, "name,type,notes,age\nRex,dog,,\n")
    assert counts(check(edith, page, match="name"))["Unchanged"] == "1"
    rows = check(edith, edith.get(page.url).page, match="name", blank="clear")
    stage(edith, rows)
    assert lines(session)[0].after == {"notes": "", "born": None}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("name,type,born\nRex,dog,2020-05-01\n", "Unchanged"),
        ("name,type,born,estimated\nRex,dog,2020-05-01,\n", "Unchanged"),
        ("name,type,born,estimated\nRex,dog,2020-05-01,yes\n", "Unchanged"),
        ("name,type,born,estimated\nRex,dog,2020-05-01,no\n", "Changed"),
        ("name,type,born\nRex,dog,2020-05-02\n", "Changed"),
    ],
)
def test_a_birth_date_stays_estimated_unless_the_sheet_says_otherwise(edith, add_pet, text, count):
    add_pet("Rex", "dog", born_on=date(2020, 5, 1), born_estimated=True)
    assert counts(check(edith, bring_in(edith, text), match="name"))[count] == "1"


def test_that_blank_clears_is_not_remembered_for_the_next_sheet(edith, add_pet):
    add_pet("Rex", "dog", notes="shy")
    text = "name,type,notes\nRex,dog,{}\n"
    page = bring_in(edith, text.format(""))
    stage(edith, check(edith, page, match="name", blank="clear"))
    again = bring_in(edith, text.format("bold")).form(page.url.replace("1", "2")).fields
    assert (again["match"], again["blank"]) == ("name", "keep")


@pytest.mark.on_both
def test_what_fits_several_pets_is_asked_not_guessed(edith, add_pet, session):
    first, second = add_pet("Rex", "dog", age=2), add_pet("Rex", "dog", age=9)
    page = bring_in(edith, "name,type,notes\nRex,dog,shy\nRex,dog,bold\nRex,dog,\n")
    rows = check(edith, page, match="name")
    assert counts(rows) == {"New": "0", "Changed": "0", "Unchanged": "1", "To choose": "2"}
    refused = edith.post(rows.url.removesuffix("check") + "stage", seen=rows.one('[name="seen"]')["value"])
    assert refused.status_code == 422
    action = rows.url.removesuffix("check") + "fix"
    answer = rows.submit(edith, action=action, **{"pet-2": str(second.id), "pet-3": "new"})
    chosen = edith.get(answer.location).page
    assert counts(chosen) == {"New": "1", "Changed": "1", "Unchanged": "1"}
    stage(edith, chosen)
    assert [(line.pet_id, line.after["notes"]) for line in lines(session)] == [
        (second.id, "shy"),
        (None, "bold"),
    ]
    assert first.id not in [line.pet_id for line in lines(session)]


def test_a_row_that_was_copied_does_not_overwrite_the_pet_it_was_copied_from(edith, rex):
    head, row = exported(edith).decode("utf-8-sig").splitlines()
    for rows in ([row, row.replace("Rex", "Max")], [row.replace("Rex", "Max"), row]):
        page = check(edith, bring_in(edith, "\n".join([head, *rows])))
        assert counts(page)["To fix"] == "1"
        assert f"Row 2 is about pet {rex.id} already. Remove one of the two rows" in page.text
    assert counts(check(edith, bring_in(edith, f"{head}\n{row}\n{row}")))["Unchanged"] == "2"


def test_a_row_that_was_copied_is_asked_about_where_pets_are_known_by_name(edith, add_pet):
    add_pet("Rex", "dog", notes="shy")
    for notes in (("shy", "bold"), ("bold", "shy")):
        text = "name,type,notes\n" + "".join(f"Rex,dog,{note}\n" for note in notes)
        assert counts(check(edith, bring_in(edith, text), match="name"))["To choose"] == "1"


@pytest.mark.on_both
def test_of_very_many_pets_of_one_name_the_first_are_offered_and_it_is_said(edith, add_pet):
    text = "name,type,notes\nRex,dog,shy\n"
    for count in (50, 51):
        while edith.get("/pets.csv").text.count("Rex") < count:
            add_pet("Rex", "dog")
        rows = check(edith, bring_in(edith, text), match="name")
        assert len(rows.select("select[name=pet-2] option")) == 53
        assert ("The first 50 pets of this name are offered" in rows.text) is (count == 51)


@pytest.mark.on_both
def test_what_the_check_found_is_staged_as_long_as_nothing_was_saved_since(edith, rex, session, monkeypatch):
    judged, judge, staged = [], RowResolver.chunk, []
    monkeypatch.setattr(RowResolver, "chunk", lambda self, rows: judged.append(rows) or judge(self, rows))
    for saved in (False, True):
        page = check(edith, bring_in(edith, "name,type,age\nRex,dog,5\nNew,cat,2\nNo,cat,x\n"), match="name")
        if saved:
            session.add(Pet(name="Another", type="dog"))
            session.commit()
        judged.clear()
        stage(edith, page, faulty="wait")
        assert bool(judged) is saved
        staged.append([(one.name, one.before, one.after, one.problems) for one in lines(session)[-3:]])
        session.rollback()
        edith.get("/draft").page.submit(edith, action="/draft/discard")
    assert staged[0] == staged[1]
    assert [name for name, *_ in staged[0]] == ["Rex", "New", "No"]


def test_what_was_said_after_the_check_is_not_staged_as_it_was_found_before(edith, session, monkeypatch):
    page = check(edith, bring_in(edith, "name,type,note\nNew,cat,shy\n"))
    columns = edith.get(address(page)).page
    monkeypatch.setattr(Importer, "check", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        columns.submit(edith, action=columns.url, **{"columns-2": "+out"})
    monkeypatch.undo()
    stage(edith, page)
    assert lines(session)[0].after["notes"] == ""


@pytest.mark.on_both
def test_a_row_that_was_corrected_is_not_staged_as_it_was_found_before(edith, session, monkeypatch):
    page = check(edith, bring_in(edith, "name,type,age\nNew,cat,2\nNo,cat,x\n"))
    monkeypatch.setattr(Importer, "check", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        page.submit(edith, "Check again", action=address(page) + "/fix", **{"cell-3-2": "3"})
    monkeypatch.undo()
    again = stage(edith, edith.get(page.url).page, faulty="wait")
    assert "New: 2 instead of 1. To fix: 0 instead of 1." in again.text


@pytest.mark.parametrize(
    ("match", "row", "deed", "says"),
    [
        ("name", "REX,dog,2", "add", "To choose: 1 instead of 0."),
        ("number", "Roy,dog,{}", "delete", "To fix: 2 instead of 1."),
        ("number", "Rex,dog,{}", "delete", "Unchanged: 0 instead of 1."),
        ("name", "Rex,dog,2", "delete", "New: 2 instead of 1."),
        ("name", "REX,dog,2", "replace", "Some rows are about other pets now."),
    ],
)
def test_rows_that_stand_for_something_else_by_now_go_back_to_their_page(
    edith, rex, session, match, row, deed, says
):
    text = f"name,type,id\n{row}\nNew,cat,\nNew,,\n".format(rex.id)
    page = check(edith, bring_in(edith, text), match=match)
    if deed != "add":
        session.delete(session.get(Pet, rex.id))
    if deed != "delete":
        session.add(Pet(name="Rex", type="dog"))
    session.commit()
    again = stage(edith, page, faulty="wait")
    assert again.url.startswith(address(page) + "/check")
    assert "The register has changed since these rows were checked" in again.text
    assert says in again.text
    assert not lines(session)
    assert not session.scalars(select(Changeset).filter_by(saved_at=None)).all()
    session.rollback()
    other = press_stage(edith, page)  # from the page before: it shows what is no longer so
    assert other.status_code == 409
    assert "The rows were checked again" in other.page.text


def test_one_pet_chosen_for_two_rows_is_asked_again(edith, add_pet, session):
    first, second = add_pet("Rex", "dog", age=2), add_pet("Rex", "dog", age=9)
    page = bring_in(edith, "name,type,notes\nRex,dog,shy\nRex,dog,bold\n")
    rows = check(edith, page, match="name")
    action = rows.url.removesuffix("check") + "fix"
    twice = rows.submit(edith, action=action, **{"pet-2": str(first.id), "pet-3": str(first.id)})
    again = edith.get(twice.location).page
    assert counts(again) == {"New": "0", "Changed": "1", "Unchanged": "0", "To choose": "1"}
    assert f"Another row is about number {first.id} already. Choose again." in again.text
    answer = again.submit(edith, action=action, **{"pet-3": str(second.id)})
    stage(edith, edith.get(answer.location).page)
    assert {line.pet_id: line.after["notes"] for line in lines(session)} == {
        first.id: "shy",
        second.id: "bold",
    }


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_changed_cell_of_an_export_stages_exactly_that(edith, add_pet, session, form):
    add_pet("Rex", "dog", age=2)
    mia = add_pet("Mia", "cat", born_on=date(2020, 2, 29), notes="=1+1")
    content = exported(edith, form)
    if form == "csv":
        content = content.replace(b"'=1+1", b"shy")
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        [cell] = [cell for row in book.active.rows for cell in row if cell.value == "=1+1"]
        cell.value = "shy"
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
    rows = check(edith, bring_in(edith, content, f"pets.{form}"))
    assert counts(rows) == {"New": "0", "Changed": "1", "Unchanged": "1"}
    stage(edith, rows)
    [line] = lines(session)
    assert (line.pet_id, line.before, line.after) == (mia.id, {"notes": "=1+1"}, {"notes": "shy"})


def test_a_birth_date_is_corrected_in_an_export_though_the_age_beside_it_is_the_old_one(
    edith, add_pet, session
):
    add_pet("Rex", "dog", born_on=date(2020, 5, 1))
    text = exported(edith).decode("utf-8-sig").replace("2020-05-01", "2010-05-01")
    assert counts(check(edith, bring_in(edith, text)))["Changed"] == "1"
    head, row = text.splitlines()
    cells = row.split(",")
    cells[5] = "1"
    rows = check(edith, bring_in(edith, f"{head}\n{','.join(cells)}\n"))
    assert "“1” does not agree with the birth date 1 May 2010." in rows.text
    stage(edith, check(edith, bring_in(edith, text)))
    assert [line.after for line in lines(session)] == [{"born": "2010-05-01"}]


def test_a_workbook_made_from_our_own_csv_is_unchanged(edith, add_pet):
    add_pet("=Rex", "@dog", notes="-1\n+2")
    add_pet("'=Max", "dog", notes="'tis")
    rows = list(csv.reader(io.StringIO(exported(edith).decode("utf-8-sig"), newline="")))
    assert [row[1] for row in rows[1:]] == ["''=Max", "'=Rex"]
    assert counts(check(edith, bring_in(edith, workbook(*rows), "pets.xlsx")))["Unchanged"] == "2"
    rows[2][1] = "'=Moe"
    assert counts(check(edith, bring_in(edith, workbook(*rows), "pets.xlsx")))["Changed"] == "1"


@pytest.mark.on_both
def test_what_changed_since_the_export_is_a_conflict_in_the_review(edith, ada, rex, session, facts_now):
    content = exported(edith).replace(b"Rex", b"Fido")
    ada.fill(f"/pets/{rex.id}/edit", name="Max")
    review = stage(edith, check(edith, bring_in(edith, content)))
    [line] = lines(session)
    assert (line.concern, line.before, line.after) == ("stale", {"name": "Rex"}, {"name": "Fido"})
    assert "Max" in review.text
    answer = review.submit(edith, action="/draft/save")
    assert answer.status_code == 409
    assert facts_now(rex.id)["name"] == "Max"


def test_an_edited_export_that_was_saved_is_unchanged_when_it_comes_in_again(edith, clock, rex):
    content = exported(edith).replace(b"Rex", b"Fido").replace(b",2022-06-15,yes,2,", b",,,4,")
    assert b",,,4," in content
    save(edith, stage(edith, check(edith, bring_in(edith, content))))
    clock.forward(hours=30)
    edith.sign_in()
    again = check(edith, bring_in(edith, content))
    assert counts(again) == {"New": "0", "Changed": "0", "Unchanged": "1"}


def test_what_an_edited_export_changes_anew_is_all_that_is_staged(edith, rex, session):
    content = exported(edith).replace(b"Rex", b"Fido")
    save(edith, stage(edith, check(edith, bring_in(edith, content))))
    stage(edith, check(edith, bring_in(edith, content.replace(b",dog,", b",cat,"))))
    assert [(line.before, line.after) for line in lines(session)] == [({"type": "dog"}, {"type": "cat"})]


@pytest.mark.parametrize("versions", ["1 3", "2 1", "1 2 3", "3 1", "3 2 1", "1 3 1"])
def test_rows_of_one_pet_exported_at_several_times_take_nothing_back(edith, rex, session, versions):
    for name in ("Bob", "Max"):
        session.get(Pet, rex.id).name = name
        session.commit()
    names = {"1": "Rex", "2": "Bob", "3": "Max"}
    text = "".join(f"{rex.id},{version},{names[version]}\n" for version in versions.split())
    rows = check(edith, bring_in(edith, f"id,version,name\n{text}"), match="number")
    assert counts(rows) == {"New": "0", "Changed": "0", "Unchanged": str(len(versions.split()))}


def test_numbers_that_this_register_does_not_know_are_told(edith, rex):
    text = exported(edith).decode("utf-8-sig")
    head, row = text.splitlines()
    rows = [row, row, row.replace("1,Rex", "99,Rex"), row[: row.rindex(",")] + ",7"]
    page = check(edith, bring_in(edith, "\n".join([head, *rows])))
    assert counts(page) == {"New": "0", "Changed": "0", "Unchanged": "2", "To fix": "2"}
    assert "No pet here has number 99." in page.text
    assert "Version 7 of pet 1 is not known here; its latest is 1." in page.text


def test_the_seven_rows_of_the_notebook_show_which_stand_twice(edith, tmp_path, session):
    with closing(sqlite3.connect(tmp_path / "pets.sqlite")) as notebook:
        notebook.execute("CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT, type TEXT, age INTEGER)")
        three = [("Justin Timbersnake", "snek", 2), ("Pawtrick Stewart", "good boy", 10)]
        three.append(("Marshmallow", "polar bear", 4))
        pets = [*three, *three, ("Godzilla", "iguana", 1)]
        notebook.executemany("INSERT INTO pet (name, type, age) VALUES (?, ?, ?)", pets)
        notebook.commit()
    page = bring_in(edith, (tmp_path / "pets.sqlite").read_bytes(), "pets.sqlite")
    stage(edith, check(edith, page))
    assert [line.concern for line in lines(session)] == [None] * 3 + ["alike"] * 3 + [None]


def test_a_number_without_end_is_a_faulty_cell_like_any_other(edith, tmp_path):
    with closing(sqlite3.connect(tmp_path / "pets.sqlite")) as database:
        database.execute("CREATE TABLE pet (name TEXT, type TEXT, age REAL)")
        database.execute("INSERT INTO pet VALUES ('Rex', 'dog', 9e999)")
        database.commit()
    page = bring_in(edith, (tmp_path / "pets.sqlite").read_bytes(), "pets.sqlite")
    assert "“inf” is not a number. Enter an age" in check(edith, page).text


@pytest.mark.on_both
def test_a_large_file_is_read_behind_a_page_that_tells_how_far_it_is(edith):
    text = "name,type\n" + "".join(
        f"Pet {number} of a long list of pets that has many rows,dog\n" for number in range(3000)
    )
    answer = edith.fill("/import", file=file(text))
    assert answer.location.startswith("/work/")
    page = follow(edith, answer.location)
    rows = follow(edith, page.submit(edith, action=page.url).location)
    assert counts(rows)["New"] == "3,000"
    review = follow(edith, press_stage(edith, rows).location)
    assert "3,000 changes are in your draft." in review.text


def follow(person, location) -> Page:
    """Go on to where the work leads that a page tells of, looking again as a browser does: now and then."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        answer = person.get(location)
        if answer.status_code == 303:
            location = answer.location
        elif not location.startswith("/work/"):
            return answer.page
        else:
            time.sleep(0.05)
    raise AssertionError(f"{location} has not ended")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        for number in range(11):
            package.writestr(f"xl/{number}.xml", "\0" * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,type\nMia,cat\n", "Every row is on the register already"),
        ("name,type\nRex,dog\n", "One row may be about more than one pet."),
        ("name,type\n", "There is no row below the headings."),
    ],
)
def test_why_there_is_nothing_to_put_in_the_draft(edith, add_pet, text, says):
    add_pet("Mia", "cat"), add_pet("Rex", "dog"), add_pet("Rex", "dog")
    rows = check(edith, bring_in(edith, text.replace("Rex,dog", "REX,dog")), match="name")
    told = [node.text for node in rows.select("main p")]
    assert says in " ".join(told)
    assert ("Every row" in " ".join(told)) is says.startswith("Every row")


def test_all_rows_left_out_is_nothing_on_the_register(edith, add_pet):
    add_pet("Rex", "dog"), add_pet("Rex", "dog")
    rows = check(edith, bring_in(edith, "name,type\nREX,dog\n"), match="name")
    answer = rows.submit(edith, action=rows.url.removesuffix("check") + "fix", **{"pet-2": "out"})
    assert "Every row is left out." in edith.get(answer.location).page.text


def test_a_sheet_has_as_many_pets_as_is_said_beside_its_headings(edith, monkeypatch):
    monkeypatch.setattr("pets.sheets.cells.MAX_ROWS", 2)
    assert counts(check(edith, bring_in(edith, SHEET)))["New"] == "2"
    answer = edith.fill("/import", file=file(SHEET + "Kim,cat,1,\n"))
    assert "more than 2 rows" in answer.page.text


def test_a_file_that_is_cut_off_in_its_last_letter_is_not_guessed_at(edith):
    answer = edith.fill("/import", file=file("name,type\nZoë,café".encode()[:-1]))
    assert answer.status_code == 422
    assert "The file breaks off in the middle of its last letter: it is cut off." in answer.page.text


HOSTILE = {
    "a zip bomb": (bomb, "unpacks to far more"),
    "a cell of 10 MB": (lambda: b"name\n" + b"x" * 10_000_000, "far too long"),
    "a NUL": (lambda: b"name,type\nRex,d\0g\n", "NUL character"),
    "cut off": (lambda: b'name,type\n"Rex,dog\n', "never closed"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "a picture"),
    "locked": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    "not a database": (lambda: b"SQLite format 3\0" + b"x" * 5000, "damaged"),
    "no workbook": (lambda: b"PK\x03\x04" + struct.pack("<I", 7) * 99, "damaged"),
    "empty": (lambda: b"  \n", "empty"),
    "only blanks": (lambda: b",,\n,,\n", "empty"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_a_sentence_and_leaves_nothing(
    edith, app, session, tmp_path, monkeypatch, what
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    make, says = HOSTILE[what]
    answer = send_much(edith, make(), "pets.xlsx")
    page = answer.page if answer.status_code == 422 else follow(edith, answer.location)
    assert says in page.text
    assert [*session.scalars(select(Import.id)), *session.scalars(select(ImportRow.number))] == []
    assert list(session.scalars(select(Changeset.id))) == []
    left = [path for folder in (tmp_path, uploads(app)) if folder.exists() for path in folder.rglob("*")]
    assert left == []


def send_much(person, content, name="pets.csv"):
    """Send a large file. The client leaves its own copy open."""
    answer = person.fill("/import", file=file(content, name))
    answer.request.environ["wsgi.input"].close()
    return answer


def uploads(app):
    return Path(app.instance_path) / "uploads"


def test_a_file_over_20_mb_is_refused(edith, app):
    answer = send_much(edith, b"name\n" + b"x\n" * 10_600_000)
    assert answer.status_code == 413
    assert "20 MB" in answer.page.text
    assert not uploads(app).exists()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_said_and_nothing_stays(edith, app, session, monkeypatch, error):
    def save(sent, file):
        file.write(sent.read(9))
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(FileStorage, "save", save)
    answer = edith.fill("/import", file=file(SHEET))
    assert answer.status_code == 503
    room = error in (errno.ENOSPC, errno.EDQUOT)
    cure = "Ask an admin to make room on the disk" if room else "an admin has to allow it first"
    assert cure in answer.page.text
    assert list(uploads(app).iterdir()) == []
    assert session.scalar(select(Import.id)) is None


@pytest.mark.on_both
def test_a_file_that_another_process_has_just_swept_is_no_matter(edith, app):
    uploads(app).mkdir()
    (uploads(app) / "gone").symlink_to("nowhere")
    assert counts(check(edith, bring_in(edith, SHEET)))["New"] == "2"


@pytest.mark.on_both
def test_a_read_that_breaks_off_leaves_no_rows(edith, session, monkeypatch):
    def keep(record, sheet):
        for done in keep_rows(record, sheet):
            yield done
            raise OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr("pets.views.uploads.keep_rows", keep)
    assert edith.fill("/import", file=file(SHEET)).status_code == 503
    assert [*session.scalars(select(Import.id)), *session.scalars(select(ImportRow.number))] == []


@pytest.mark.on_both
def test_what_a_server_left_that_died_while_it_read_is_swept_at_the_next_start(registers):
    since = clock.now() - (timedelta() if DATABASE == "sqlite" else timedelta(hours=2))
    with registers.lend() as where:
        with registers.beside(where) as app, app.app_context():
            uploads(app).mkdir()
            (uploads(app) / "left").write_text(SHEET)
            os.utime(uploads(app) / "left", (since.timestamp(), since.timestamp()))
            for account, read in [(1, False), (1, True), (None, False)]:
                about = {"filename": "a", "kind": "csv", "digest": "", "read": read}
                [*Import.begin(account, **about).keep("", iter([(1, ["Rex"])]), {})]
            db.session.execute(update(Import).values(begun_at=since))
            db.session.commit()
        with Server(**where), registers.beside(where) as app, app.app_context():
            assert list(uploads(app).iterdir()) == []
            assert list(db.session.scalars(select(ImportRow.import_id).order_by(ImportRow.import_id))) == [
                2,
                3,
            ]
            assert sorted(db.session.scalars(select(Import.id))) == [2, 3]


OPEN = [
    ("get", ""),
    ("get", "/check"),
    ("post", ""),
    ("post", "/fix"),
    ("post", "/stage"),
    ("post", "/discard"),
]


@pytest.mark.parametrize(("method", "place"), OPEN)
def test_a_sheet_that_was_staged_leads_to_where_its_rows_are(edith, session, method, place):
    page = bring_in(edith, FAULTY)
    stage(edith, check(edith, page), faulty="leave")
    before = [line.after for line in lines(session)]

    def leads_to():
        answer = getattr(edith, method)(page.url + place)
        assert answer.status_code == 303
        assert edith.get(page.url + "/faulty.csv").text.count("\n") == 4
        return answer.location

    assert leads_to() == "/draft"
    review = edith.get("/draft").page
    assert "The rows of pets.csv are in your draft already." in review.text
    assert [line.after for line in lines(session)] == before
    save(edith, review)
    assert leads_to() == f"/history/{session.scalar(select(Changeset.id))}"


def test_a_sheet_whose_draft_was_discarded_says_so(edith):
    page = bring_in(edith, SHEET)
    stage(edith, check(edith, page))
    edith.post("/draft/discard")
    assert edith.get(page.url + "/check").location == "/draft"
    assert "The draft with the rows of pets.csv is gone." in edith.get("/draft").page.text


@pytest.mark.on_both
def test_what_is_not_wanted_is_thrown_away(edith, session):
    page = bring_in(edith, SHEET)
    assert "You have not finished pets.csv" in edith.get("/import").page.text
    page.submit(edith, action=page.url + "/discard")
    assert session.scalar(select(Import.id)) is None
    assert session.scalar(select(ImportRow.number)) is None


@pytest.mark.on_both
def test_what_nobody_comes_back_to_is_forgotten(edith, session, clock):
    bring_in(edith, SHEET)
    clock.forward(days=2)
    edith.sign_in()
    bring_in(edith, "name,type\nMax,dog\n")
    assert len(list(session.scalars(select(Import.id)))) == 1


@pytest.mark.on_both
def test_what_another_person_reads_in_meanwhile_is_not_swept_until_it_is_lost(edith, session, clock):
    bring_in(edith, SHEET)
    session.execute(update(Import).values(read=False))  # as while its rows are read
    session.commit()
    clock.forward(minutes=30)
    bring_in(edith, "name,type\nMax,dog\n")
    assert list(session.scalars(select(Import.read).order_by(Import.id))) == [False, True]
    clock.forward(minutes=31)
    bring_in(edith, "name,type\nBo,dog\n")
    assert list(session.scalars(select(Import.read))) == [True, True]


WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Co"]), min_size=1, max_size=30
) | st.sampled_from(
    [
        "=1+1",
        "'",
        "''=x",
        "_x0041_",
        "_x005F_x0041_",
        "#N/A",
        "+",
        "@x",
        "-",
        '"',
        '\\"',
        '5\\", or so',
        "\\N",
        "\\",
        "a,b",
        "a;b",
        "sep=;",
        "1",
        "TRUE",
    ]
)
PETS = st.lists(
    st.tuples(
        WORDS,
        WORDS,
        st.none() | st.dates(date(1850, 1, 1), date(2024, 6, 1)),
        st.booleans(),
        WORDS | st.just(""),
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.on_both
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@given(pets=PETS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_what_is_exported_and_imported_again_stages_nothing(registers, form, pets):
    with registers.open() as app:
        with app.app_context():
            for name, kind, born_on, estimated, notes in pets:
                pet = Pet(
                    name=name,
                    type=kind,
                    born_on=born_on,
                    born_estimated=bool(born_on and estimated),
                    notes=notes,
                )
                if not catalogue().problems_with(pet.facts):
                    db.session.add(pet)
            db.session.commit()
            kept = db.session.query(Pet).count()
        edith = app.test_client(name="edith")
        rows = check(edith, bring_in(edith, exported(edith, form), f"pets.{form}")) if kept else None
        if rows is not None:
            assert counts(rows) == {"New": "0", "Changed": "0", "Unchanged": str(kept)}


def test_a_row_put_onto_a_line_that_breaks_a_rule_does_not_hide_it(edith, rex, session):
    head, row = exported(edith).decode("utf-8-sig").splitlines()
    bad, good = row.split(","), row.split(",")
    bad[3], bad[5] = "2999-01-01", ""
    good[6] = "shy"
    stage(edith, check(edith, bring_in(edith, f"{head}\n{','.join(bad)}\n")), faulty="wait")
    stage(edith, check(edith, bring_in(edith, f"{head}\n{','.join(good)}\n")))
    [line] = lines(session)
    assert (line.concern, line.after["notes"]) == ("rule", "shy")


def test_a_text_is_read_again_in_the_encoding_that_looks_right(edith, session):
    page = bring_in(edith, "name,type\nJožka,kočka\n".encode("windows-1250"))
    assert "Jožka,kočka" in page.text
    assert "Windows-1252 (Western Europe)" in page.text
    form = page.form(f"{page.url}/encoding")
    assert form.fields["encoding"] == "windows-1250"
    answer = page.submit(edith, action=f"{page.url}/encoding", encoding="macintosh")
    assert answer.location == page.url
    page = edith.get(page.url).page
    assert page.form(f"{page.url}/encoding").fields["encoding"] == "macintosh"
    assert page.submit(edith, action=f"{page.url}/encoding", encoding="klingon").status_code == 400
    page.submit(edith, action=f"{page.url}/encoding", encoding="windows-1250")
    rows = check(edith, edith.get(page.url).page)
    stage(edith, rows)
    assert session.scalars(select(DraftLine.name)).one() == "Jožka"
    assert session.scalars(select(Import.original)).one() is None
