"""Sheets out: the list in view, as a file that streams and in which nothing runs."""

import csv
import io
import json
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from pets.accounts.audit_log import SecurityEvent
from pets.db import db
from pets.fields import BUILT_IN
from pets.models.pet import Pet

pytestmark = pytest.mark.on_both


def rows(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture
def three(add_pet):
    return [add_pet("Rex", "dog", age=2), add_pet("Mia", "cat", age=3), add_pet("Bob", "cat", age=9)]


def test_the_list_in_view_in_its_order(vera, three):
    for query, names in {
        "": ["Bob", "Mia", "Rex"],
        "?sort=-name": ["Rex", "Mia", "Bob"],
        "?type=cat": ["Bob", "Mia"],
        "?q=mi": ["Mia"],
        "?min_age=3&sort=-age": ["Bob", "Mia"],
        "?q=nobody": [],
    }.items():
        assert [row["name"] for row in rows(vera.get(f"/pets.csv{query}"))] == names, query
        assert [pet["name"] for pet in json.loads(vera.get(f"/pets.json{query}").data)] == names, query


def test_more_than_a_page_comes_out(vera, app):
    with app.app_context():
        db.session.add_all(Pet(name=f"Pet {number:03}", type="dog") for number in range(60))
        db.session.commit()
    page = vera.get("/pets/").page
    assert len(rows(vera.get(page.links["CSV"]))) == 60
    [later] = [address for address in page.links.values() if "after=" in address]
    assert len(rows(vera.get(later.replace("/pets/", "/pets.csv")))) == 60


def test_the_page_leads_to_the_files_of_what_it_shows(vera, three):
    links = vera.get("/pets/?type=cat&sort=-name").page.links
    assert [links[name] for name in ("CSV", "Excel", "JSON")] == [
        f"/pets.{form}?type=cat&sort=-name" for form in ("csv", "xlsx", "json")
    ]
    assert "Import" not in links


def test_what_an_editor_can_bring_in_is_offered(edith, rex):
    assert edith.get("/pets/").page.links["Import"] == "/import"


def test_a_workbook_has_headings_that_stay_a_filter_and_real_dates(vera, add_pet):
    add_pet("=1+1", "dog", age=2)
    answer = vera.get("/pets.xlsx")
    assert answer.headers["Content-Disposition"] == "attachment; filename=pets.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:{get_column_letter(sheet.max_column)}2")
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert sheet["D2"].is_date
    assert sheet["I2"].is_date


def test_csv_is_harmless_and_excel_reads_it(vera, add_pet):
    add_pet("=cmd|x", "dög", notes="@x")
    answer = vera.get("/pets.csv")
    more = "".join([f"{one}," for field in BUILT_IN for one in field.exported][6:])
    headings = f"id,name,type,born,estimated,age,notes,{more}added,changed,version\r\n"
    assert answer.data.startswith(b"\xef\xbb\xbf" + headings.encode())
    assert answer.content_type == "text/csv; charset=utf-8"
    assert [(row["name"], row["type"], row["notes"]) for row in rows(answer)] == [("'=cmd|x", "dög", "'@x")]


def test_times_are_those_of_the_site(registers):
    with registers.open(PETS_TIMEZONE="Asia/Tokyo") as app:
        with app.app_context():
            db.session.add(Pet(name="Rex", type="dog"))
            db.session.commit()
            added = db.session.query(Pet).one().added_at
        [pet] = json.loads(app.test_client(name="vera").get("/pets.json").data)
        assert pet["added"].endswith("+09:00")
        assert pet["added"][:10] == f"{added.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%d}"


def test_nobody_else_takes_anything(stranger):
    assert stranger.get("/pets.csv").status_code == 303


@pytest.mark.parametrize("query", ["?sort=colour", "?after=x", "?min_age=old"])
def test_an_address_that_makes_no_sense_is_refused(vera, query):
    assert vera.get(f"/pets.csv{query}").status_code == 400


def test_taking_everything_is_told_in_the_log(vera, rex, logged, session):
    vera.get("/pets.csv?type=dog")
    assert not logged
    vera.get("/pets.csv")
    [told] = logged
    assert (told["event"], told["path"]) == ("export", "/pets.csv")
    assert told["account"]
    assert not session.query(SecurityEvent).filter_by(event="export").count()


def test_the_first_bytes_come_before_the_first_pet_is_read(vera, rex, statements):
    answer = vera.get("/pets.csv", buffered=False)
    begun = len(statements)
    stream = answer.iter_encoded()
    assert next(stream).endswith(b"version\r\n")
    assert len(statements) == begun
    assert b"Rex" in next(stream)
    answer.close()


def test_half_of_the_threads_are_left_to_pages(vera, ada, rex):
    stalled = [vera.get("/pets.csv", buffered=False) for _ in range(2)]
    answer = ada.get("/pets.json")
    assert answer.status_code == 503
    assert answer.page.heading == "Others are downloading the list"
    assert ada.get("/pets/").status_code == 200
    stalled[0].close()  # the reader goes
    assert ada.get("/pets.json").status_code == 200
    assert rows(stalled[1])  # the reader takes it to the end
    assert [ada.get(f"/pets.{form}").status_code for form in ("csv", "json", "xlsx", "csv")] == [200] * 4


def test_an_export_that_fails_keeps_nobody_from_the_next(registers, monkeypatch):
    """However often, and at whatever moment: before it is begun, or before its first bytes."""

    def fails(*_):
        raise OSError(24, "Too many open files")

    def fails_later(*_):
        yield fails()

    with registers.open(TESTING=False) as app:
        vera = app.test_client(name="vera")
        for place, failing in (("export_rows", fails), ("export_rows", fails_later)):
            with monkeypatch.context() as patch:
                patch.setattr(f"pets.views.exports.{place}", failing)
                for _ in range(app.config["PETS_THREADS"]):
                    answer = vera.get("/pets.xlsx")
                    assert answer.status_code == 503
                    assert "too many files open" in answer.page.text
        assert vera.get("/pets.xlsx").status_code == 200
