"""A home for every column of a sheet: a field, a line of the notes, or left out since somebody said so."""

import csv
import io
from pathlib import Path

import pytest

from pets.models.field import OwnField
from pets.models.pet import Pet
from tests.pages import Page
from tests.views.test_imports import bring_in, check, counts, exported, lines, mend, save, stage

CASES = Path(__file__).parents[1] / "sheets" / "cases"
LIST = "Name,Species,Colour,Chip,Weight\n" + "".join(
    f"Pet {number},dog,{'tan' if number % 2 else 'black'},98511200000{number:04},{number}.5\n"
    for number in range(1, 9)
)


def kinds(session) -> dict[str, str]:
    """The own fields, with their kinds."""
    return {field.label: field.kind for field in session.query(OwnField).order_by(OwnField.id)}


def options(page: Page, place: int) -> str:
    """What a column may be imported as."""
    return page.one(f'select[name="columns-{place}"]').text


def test_a_field_is_known_by_other_headings_of_its_kind(ada):
    for label, kind in (
        ("Colour", "line"),
        ("Microchip number", "code"),
        ("Kennel", "line"),
        ("Breed", "line"),
    ):
        ada.fill(f"/fields/new?kind={kind}", label=label)
    page = bring_in(
        ada, "Name,Species,Color,Chip No.,Location,Breed\nRex,dog,tan,985112000000001,A 3,beagle\n"
    )
    chosen = [one["value"] for one in page.select('select[name^="columns-"] option[selected]')]
    assert chosen == ["name", "type", "own.1", "own.2", "own.3", "own.4"]
    ada.fill("/fields/new?kind=line", label="Color")  # its very own heading comes first
    page = bring_in(ada, "Name,Species,Color,Colour\nRex,dog,tan,black\n")
    chosen = [one["value"] for one in page.select('select[name^="columns-"] option[selected]')]
    assert chosen == ["name", "type", "own.5", "own.1"]


@pytest.mark.on_both
def test_a_citys_sheet_goes_in_whole_and_its_export_comes_back_as_nothing_new(ada, session):
    content = (CASES / "migration.csv").read_bytes()
    rows = check(ada, bring_in(ada, content, "migration.csv"), rest="fields")
    assert kinds(session) == {
        "Animal ID": "code",
        "DateTime": "line",
        "Outcome Type": "choice",
        "Sex upon Outcome": "choice",
        "Breed": "line",
        "Color": "line",
        "Microchip": "code",
    }
    rows = mend(ada, rows, **{"answer-no_name": "type:0", "answer-disputes": "born"})
    assert counts(rows) == {"New": "200", "Changed": "0", "Unchanged": "0"}
    save(ada, stage(ada, rows))
    session.rollback()
    own = {str(field.id): field.label for field in session.query(OwnField)}
    told = [
        {own[key]: fact for key, fact in (pet.own or {}).items()}
        for pet in session.query(Pet).order_by(Pet.id)
    ]
    sheet = [*csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    for pet, cells in zip(told, sheet[1:], strict=True):
        row = dict(zip(sheet[0], cells, strict=True))
        assert {label: pet.get(label, "") for label in own.values()} == {
            one: row[one] for one in own.values()
        }
    for form in ("csv", "xlsx"):
        again = check(ada, bring_in(ada, exported(ada, form), f"pets.{form}"))
        assert counts(again) == {"New": "0", "Changed": "0", "Unchanged": "200"}
    again = check(ada, bring_in(ada, content, "migration.csv"))
    assert counts(again)["New"] == "0"


def test_a_column_becomes_a_field_of_the_kind_of_its_cells(ada, session):
    page = bring_in(ada, LIST)
    assert "a new field “Weight” (number)" in options(page, 4)
    rows = check(ada, page, **{"columns-2": "+notes", "columns-3": "+field", "columns-4": "+field"})
    assert kinds(session) == {"Chip": "code", "Weight": "number"}
    stage(ada, rows)
    first = lines(session)[0].after
    assert (first["notes"], first["own.1"], first["own.2"]) == ("Colour: tan", "985112000000001", "1.5")
    assert ada.get("/fields").page.text.count("Weight") >= 1
    assert kinds(session).keys() == {"Chip", "Weight"}


@pytest.mark.parametrize(("kind", "retired"), [("line", False), ("number", True)])
def test_a_field_of_that_name_that_cannot_hold_the_column_stays_as_it_is(ada, session, kind, retired):
    ada.fill(f"/fields/new?kind={kind}", label="Weight")
    if retired:
        ada.post("/fields/1/retire")
    check(ada, bring_in(ada, LIST), **{"columns-2": "+notes", "columns-3": "+notes", "columns-4": "+field"})
    assert kinds(session) == {"Weight": kind, "Weight (E)": "number"}


@pytest.mark.parametrize(
    ("cells", "offered"), [("0 1 1 0", True), ("1 1 1 1", False), ("yes yes yes yes", True)]
)
def test_a_column_of_yes_and_no_may_become_such_a_field(ada, cells, offered):
    rows = "".join(f"Pet {number},dog,{cell}\n" for number, cell in enumerate(cells.split()))
    page = bring_in(ada, f"Name,Species,Tame\n{rows}")
    assert ("a new field “Tame” (yes or no)" in options(page, 2)) == offered


def test_days_of_which_no_two_are_the_same_become_a_field_of_days_and_no_codes(ada):
    days = "".join(f"Pet {day},dog,2024-05-{day},{day}/5/2024,2024-05-{day}\n" for day in range(13, 23))
    page = bring_in(ada, f"Name,Species,Came,Seen,\n{days}")
    assert "a new field “Came” (date)" in options(page, 2)
    assert "a new field “Seen” (date)" in options(page, 3)
    assert "a new field “Column E” (date)" in options(page, 4)


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("1.5 2.5 n/a", "number"),
        ("2024-05-13 n/a 2024-05-13", "date"),
        ("yes n/a no", "yes or no"),
        ("985112000000001 n/a 985112000000002", "code"),
        ("n/a n/a n/a", "words"),
        (f"{'x' * 90} {'y' * 90} n/a", "words"),
        (f"{'x' * 91} {'y' * 90} n/a", "notes"),
    ],
)
def test_words_for_nothing_keep_no_column_from_its_kind(ada, cells, kind):
    rows = "".join(f"Pet {number},dog,{cell}\n" for number, cell in enumerate(cells.split() * 4))
    rows = rows if kind != "code" else "".join(rows.splitlines(keepends=True)[:3])
    page = bring_in(ada, f"Name,Species,What\n{rows}")
    assert f"a new field “What” ({kind})" in options(page, 2)


def test_who_may_not_add_fields_is_told_who_may(edith, session):
    page = bring_in(edith, LIST)
    assert "new field" not in page.text
    assert "An admin can make fields of them" in page.text
    assert "Put them into the notes, a line each: “Colour: tan”" in page.text
    refused = page.submit(edith, action=page.url)
    assert refused.status_code == 422
    assert "Choose what to do with these columns" in refused.page.text
    forged = edith.post(page.url, **{**page.form(page.url).fields, "rest": "fields"})
    assert forged.status_code == 422
    assert kinds(session) == {}
    rows = check(edith, refused.page, rest="notes")
    stage(edith, rows)
    assert lines(session)[0].after["notes"] == "Colour: tan\nChip: 985112000000001\nWeight: 1.5"


@pytest.mark.on_both
def test_a_pet_is_known_by_its_code_before_its_name(ada, session):
    save(ada, stage(ada, check(ada, bring_in(ada, LIST), rest="fields")))
    renamed = LIST.replace("Pet 1,dog", "Rex,wolf").replace("985112000000002", "985112000000099")
    page = bring_in(ada, renamed)
    assert page.form(page.url).fields["match"] == "name"
    rows = check(ada, page)
    assert counts(rows) == {"New": "1", "Changed": "1", "Unchanged": "6"}
    stage(ada, rows)
    changed, new = lines(session)
    assert (changed.pet_id, changed.after) == (1, {"name": "Rex", "type": "wolf"})
    assert (new.part, new.after["name"], new.after["own.2"]) == ("new", "Pet 2", "985112000000099")


def test_a_second_column_of_a_name_that_is_taken_gets_another(ada, session):
    page = bring_in(ada, "Name,Name,Notes,Species\nRex,Ann,shy,dog\nMax,Bob,bold,dog\n")
    assert "Column B could be the name too." in page.text
    for _ in range(2):  # a double click makes them once
        assert page.submit(ada, action=page.url, rest="fields").status_code == 303
    assert kinds(session) == {"Name (B)": "line"}
    wide = ",".join(f"Colour {number}" for number in range(50))
    page = bring_in(ada, f"Name,Species,{wide}\nRex,dog,{wide}\n")
    refused = page.submit(ada, action=page.url, rest="fields")
    assert refused.status_code == 422
    assert "A register has 50 fields at most." in refused.page.text
    assert kinds(session) == {"Name (B)": "line"}


@pytest.mark.on_both
def test_lines_of_notes_are_not_added_twice(edith, add_pet, session):
    add_pet("Rex", "dog", notes="shy")
    text = "name,type,colour\nRex,dog,tan\n"
    save(edith, stage(edith, check(edith, bring_in(edith, text), match="name", rest="notes")))
    session.rollback()
    assert session.query(Pet).one().notes == "shy\ncolour: tan"
    assert counts(check(edith, bring_in(edith, text), match="name"))["Unchanged"] == "1"


@pytest.mark.parametrize("rest", ["notes", "out"])
def test_a_cell_outside_the_headings_is_shown_and_asked_about(edith, session, rest):
    page = bring_in(edith, (CASES / "c12-extra-cell-late.csv").read_bytes())
    assert "bites (first in row 62)" in page.text
    assert page.submit(edith, action=page.url).status_code == 422
    stage(edith, check(edith, page, rest=rest))
    notes = [line.after["notes"] for line in lines(session) if line.name == "Molly"]
    assert notes == ["shy\nbites\nneeds gloves" if rest == "notes" else "shy"]
