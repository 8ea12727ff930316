"""What an import keeps, of which rows, for whom and how long."""

import io

import openpyxl
import pytest
from sqlalchemy import select

from pets.imports.import_row import ImportRow
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import
from tests.views.test_imports import FAULTY, address, bring_in, check, counts, lines, stage


def sheets(**rows) -> bytes:
    """An XLSX with these sheets."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    del book["Sheet"]
    for title, cells in rows.items():
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(row)
    book.save(content)
    return content.getvalue()


PLAIN = [["name", "type", "age"], ["Rex", "dog", 2], ["Max", "dog", "x"]]
MORE = [["list"], [], ["age", "name", "colour"], [3, "Mia", "red"], [4, "Bo"], ["y", "Kim", "tan"]]
OTHER = [["price", "item"], [1, "bowl"]]


@pytest.mark.any_database
def test_several_sheets_are_one_with_all_their_columns(edith, session):
    page = bring_in(edith, sheets(Dogs=PLAIN, Prices=OTHER, Cats=MORE, Bills=OTHER), "pets.xlsx")
    assert "“All sheets” leaves out “Prices”, “Bills”." in page.text
    assert [row.text for row in page.select("tbody tr")] == [
        "name A Rex, Max, Mia",
        "type B dog",
        "age C 2, x, 3",
        "colour D red, tan",
        "Sheet E Dogs, Cats",
    ]
    rows = check(edith, page, rest="notes")
    faulty = [node.text for node in rows.select("tbody th")]
    assert faulty == [
        "“Dogs”, row 3 Max",
        "“Cats”, row 4 Mia",
        "“Cats”, row 5 Bo",
        "“Cats”, row 6 Kim",
        "“Cats”, row 6 Kim",
    ]
    stage(edith, rows, faulty="wait")
    assert [(line.name, line.after["notes"], line.after["type"]) for line in lines(session)] == [
        ("Rex", "Sheet: Dogs", "dog"),
        ("Max", "Sheet: Dogs", "dog"),
        ("Mia", "colour: red\nSheet: Cats", ""),
        ("Bo", "Sheet: Cats", ""),
        ("Kim", "colour: tan\nSheet: Cats", ""),
    ]


@pytest.mark.any_database
def test_the_rows_of_several_sheets_are_counted_as_they_are_read_and_as_they_are_put_together(
    session, tmp_path, monkeypatch
):
    monkeypatch.setattr("pets.imports.upload_rows.CHUNK", 2)
    path = tmp_path / "pets.xlsx"
    path.write_bytes(sheets(Dogs=PLAIN, Cats=MORE, Prices=OTHER))
    record = Import.begin(None, filename=path.name, kind="", digest="")
    with Upload.of_file(path, path.name).opened() as sheet:
        assert [*keep_rows(record, sheet)] == [2, 3, 5, 7, 8, 10, 12, 14, 16]
    assert record.total() == 1 + 2 + 3


@pytest.mark.any_database
@pytest.mark.parametrize("faulty", ["leave", "wait"])
def test_only_rows_to_fix_and_their_headings_stay_once_a_sheet_is_staged(edith, session, faulty):
    page = bring_in(edith, sheets(Dogs=PLAIN, Prices=[["x", "bowl"]], Cats=PLAIN), "pets.xlsx")
    other = bring_in(edith, FAULTY)
    stage(edith, check(edith, page, rest="out"), faulty=faulty)
    kept = (
        select(ImportRow.sheet, ImportRow.number).where(ImportRow.import_id == 1).order_by(ImportRow.number)
    )
    assert session.execute(kept).all() == ([(3, 1), (3, 3), (3, 5)] if faulty == "leave" else [])
    assert counts(check(edith, other))["To fix"] == "3"


@pytest.mark.any_database
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_several_imports_at_once_each_is_what_it_was(edith, session, order):
    """They have the same headings, and the same is said of them."""
    checked = [
        check(edith, bring_in(edith, f"name,type,age\n{name},dog,1\n{name}a,dog,x\n{name}b,cat,\n"))
        for name in ("Rex", "Max", "Kim")
    ]
    for place in order:
        stage(edith, checked[place], faulty="leave")
    names = [name for place in order for name in (("Rex", "Rexb"), ("Max", "Maxb"), ("Kim", "Kimb"))[place]]
    assert [line.name for line in lines(session)] == names
    for page, name in zip(checked, ("Rex", "Max", "Kim"), strict=True):
        aside = edith.get(f"{address(page)}/faulty.csv").text.splitlines()
        assert [line.partition(",")[0] for line in aside[1:]] == [f"{name}a"]


@pytest.mark.any_database
def test_an_import_is_offered_again_for_a_day_the_latest_first(edith, session, clock):
    for name in "ab":
        bring_in(edith, "name,type\nRex,dog\n", f"{name}.csv")
    left = [bring_in(edith, FAULTY, f"{name}.csv") for name in "cd"]
    for page in left:
        stage(edith, check(edith, page), faulty="leave")
    offered = ["/import/2", "/import/1", "/import/4/faulty.csv", "/import/3/faulty.csv"]

    def links():
        found = [link["href"] for link in edith.get("/import").page.select("main a[href]")]
        return [link for link in found if link.startswith("/import/")]

    assert links() == offered
    clock.forward(hours=23, minutes=59)
    edith.sign_in()
    assert links() == offered
    clock.forward(minutes=1)
    assert links() == []
    clock.forward(seconds=1)
    bring_in(edith, "name,type\nRex,dog\n")
    assert [*session.scalars(select(ImportRow.import_id).distinct())] == [5]
    assert [*session.scalars(select(Import.id).order_by(Import.id))] == [3, 4, 5]


@pytest.mark.any_database
@pytest.mark.parametrize("whose", [0, 1])
def test_what_was_said_of_these_headings_is_offered_to_who_said_it_the_latest_first(edith, ada, whose):
    mine, other = (edith, ada) if whose == 0 else (ada, edith)
    text = "Name,Species,Kennel\nRex,dog,a\n"

    def offered(person):
        page = bring_in(person, text)
        return page.form(page.url).fields["columns-2"]

    for home in ("notes", "+out", "+notes"):
        stage(mine, check(mine, bring_in(mine, text), **{"columns-2": home}))
        assert (offered(mine), offered(other)) == (home, "")
        check(mine, bring_in(mine, text), **{"columns-2": "age"})  # but was never staged
        assert offered(mine) == home
        assert "columns-2" in bring_in(mine, text.replace("Kennel", "Cage")).form().fields
    changed = bring_in(mine, text.replace("Species,Kennel", "Kennel,Species"))
    assert changed.form(changed.url).fields["columns-1"] == ""


@pytest.mark.any_database
@pytest.mark.parametrize("whose", [0, 1])
def test_rows_to_fix_come_back_under_the_plan_of_their_import_to_who_had_it(edith, ada, whose):
    mine, other = (edith, ada) if whose == 0 else (ada, edith)
    rows = check(mine, bring_in(mine, "name,type,A\nRex,dog,x\n"), **{"columns-2": "age"})
    aside = mine.get(f"{address(rows)}/faulty.csv").text
    assert aside.splitlines()[0].endswith("name,type,A,to fix (import 1)")
    for person, holds in ((mine, "age"), (other, "")):
        page = bring_in(person, aside)
        assert page.form(page.url).fields["columns-2"] == holds
        page = bring_in(person, aside.replace("import 1", "import 77"))
        assert page.form(page.url).fields["columns-2"] == ""


@pytest.mark.any_database
def test_the_very_same_file_is_known_until_its_draft_is_discarded(edith, ada):
    rows = check(edith, bring_in(edith, "name,type\nZed,dog\n"))
    stage(edith, rows)
    for person in (edith, ada):
        again = bring_in(person, "name,type\nZed,dog\n")
        assert again.form(again.url).fields["match"] == "name"
        other = bring_in(person, "name,type\nZoe,dog\n")
        assert other.form(other.url).fields["match"] == "new"
    edith.post("/draft/discard")
    again = bring_in(edith, "name,type\nZed,dog\n")
    assert again.form(again.url).fields["match"] == "new"
