"""Sheets from the command line: told first, saved only when asked."""

import csv
import json

import pytest

from pets.changes.changeset import Changeset
from pets.models.pet import Pet

CSV = "name,type,age\nRex,dog,2\nMia,cat,about 3\n"


@pytest.fixture
def sheet(tmp_path):
    """`sheet("name,type\\n…")`: the path of a file that holds this."""

    def write(text, name="pets.csv"):
        (tmp_path / name).write_text(text, "utf-8")
        return str(tmp_path / name)

    return write


@pytest.fixture
def run(session, app):
    """`run("import", …)`: what `flask pets` answers."""

    def command(*words):
        session.rollback()  # a command is another process: neither holds the register for the other
        answer = app.test_cli_runner().invoke(args=["pets", *words])
        session.rollback()
        return answer

    return command


def test_an_import_tells_what_it_would_do(run, sheet, session):
    answer = run("import", sheet(CSV))
    assert answer.exit_code == 0, answer.output
    assert "2 new, 0 changed, 0 unchanged, 0 faulty" in answer.output
    assert "Nothing was saved" in answer.output
    assert session.query(Pet).count() == session.query(Changeset).count() == 0


def test_an_import_saves_all_as_one_changeset(run, sheet, session):
    answer = run("import", sheet(CSV), "--save")
    assert "2 changes were saved." in answer.output
    changeset = session.query(Changeset).one()
    assert (changeset.who, changeset.added, changeset.saved_at is None) == ("the command line", 2, False)
    assert "0 new, 0 changed, 2 unchanged" in run("import", sheet(CSV)).output
    assert "There was nothing to change." in run("import", sheet(CSV), "--save").output
    assert session.query(Changeset).count() == 1


def test_faulty_cells_are_named_and_stop_it(run, sheet, session):
    file = sheet("name,type,age\nRex,dog,tow\nMia,cat,1\n")
    answer = run("import", file, "--save")
    assert answer.exit_code == 1
    assert "row 2, age: “tow” is not a number. Enter an age" in answer.output
    assert session.query(Pet).count() == 0
    assert "1 change was saved." in run("import", file, "--save", "--skip-faulty").output
    assert [pet.name for pet in session.query(Pet)] == ["Mia"]


def test_what_no_column_holds_is_named(run, sheet):
    assert "row 2, type: Enter what kind of animal it is" in run("import", sheet("name,age\nRex,2\n")).output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("born,type\n2020-01-02,dog\n", "No column holds the names"),
        ("name,type,born\nRex,dog,1/5/2022\n", "Add --dates day-month or --dates month-day."),
        ("", "This file is empty"),
    ],
)
@pytest.mark.any_database
def test_what_has_to_be_said_first(run, sheet, text, says):
    answer = run("import", sheet(text), "--save")
    assert answer.exit_code == 1
    assert says in answer.output


def test_rows_that_fit_several_pets_are_left_to_the_browser(run, sheet, add_pet, session):
    add_pet("Rex", "dog", age=2), add_pet("Rex", "dog", age=9)
    answer = run("import", sheet("name,type,notes\nRex,dog,shy\n"), "--save", "--match", "name")
    assert answer.exit_code == 1
    assert "0 faulty, 1 that may be about more than one pet" in answer.output
    assert "One row may be about more than one pet" in answer.output


def test_what_is_left_out_and_what_resembles_is_said_of_one(run, sheet, add_pet):
    add_pet("Rex", "dog", age=2)
    file = sheet("name,type,,\nRex,dog,red,\n")
    assert "Nothing is taken from column C (row 2: red)." in run("import", file).output
    assert "rest=notes (Put them into the notes" in run("import", file, "--save", "--match", "new").output
    answer = run("import", file, "--save", "--match", "new", "--answer", "rest=out")
    assert "1 change was saved. One new pet resembles another." in answer.output


def test_the_file_of_rows_to_fix_brings_its_answers_back(run, sheet, session, tmp_path):
    text = "name,born,colour\nRex,1/5/2021,tan\nMax,3/5/2021x,red\n"
    said = ["--dates", "day-month", "--type", "dog", "--answer", "rest=notes"]
    aside = tmp_path / "aside.csv"
    answer = run("import", sheet(text), "--save", "--skip-faulty", "--to-fix", str(aside), *said)
    assert "1 change was saved." in answer.output
    aside.write_text(aside.read_text("utf-8-sig").replace("2021x", "2021"), "utf-8")
    assert "1 change was saved." in run("import", str(aside), "--save").output
    session.rollback()
    tried = run(
        "import",
        sheet(text.replace(",colour", ",kind,colour").replace(",tan", ",,tan").replace(",red", ",,red")),
        "--to-fix",
        str(aside),
        *said,
    )
    assert "1 unchanged, 1 faulty" in tried.output  # a blank cell of the type does not tell it either
    aside.write_text(aside.read_text("utf-8-sig").replace("2021x", "2021"), "utf-8")
    assert "0 new, 0 changed, 1 unchanged" in run("import", str(aside)).output
    told = [(pet.name, pet.type, str(pet.born_on), pet.notes) for pet in session.query(Pet).order_by(Pet.id)]
    assert told == [("Rex", "dog", "2021-05-01", "colour: tan"), ("Max", "dog", "2021-05-03", "colour: red")]


@pytest.mark.any_database
def test_a_question_is_named_with_its_answers(run, sheet, session):
    file = sheet("name,type,colour\nRex,dog,tan\n")
    assert "“colour” is no question. These are: " in run("import", file, "--answer", "colour=x").output
    answer = run("import", file, "--answer", "rest=fields")
    assert "With --save, “colour” becomes a field (words)." in answer.output
    assert "1 change was saved." in run("import", file, "--save", "--answer", "rest=fields").output
    assert session.query(Pet).one().own == {"1": "tan"}
    faulty = sheet("name,type,tag\n,dog,A1\n,dog,A2\n")
    answer = run("import", faulty, "--answer", "rest=out")
    assert "2 rows have no name. One answer for all: --answer no_name=as:2 (Call them by tag" in answer.output
    assert "2 new" in run("import", faulty, "--answer", "rest=out", "--answer", "no_name=type:2").output


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_an_export_and_what_comes_of_importing_it(run, rex, tmp_path, ending):
    file = tmp_path / f"all.{ending}"
    assert run("export", str(file)).exit_code == 0
    if ending == "json":
        assert [pet["name"] for pet in json.loads(file.read_bytes())] == ["Rex"]
    else:
        assert "0 new, 0 changed, 1 unchanged" in run("import", str(file)).output
    if ending == "csv":
        assert [row["name"] for row in csv.DictReader(file.read_text("utf-8-sig").splitlines())] == ["Rex"]


def test_an_old_export_does_not_overwrite_what_changed_since(run, rex, tmp_path, edith, facts_now):
    file = tmp_path / "all.csv"
    run("export", str(file))
    edith.fill(f"/pets/{rex.id}/edit", name="Max")
    file.write_text(file.read_text("utf-8-sig").replace("Rex", "Fido"), "utf-8")
    answer = run("import", str(file), "--save")
    assert answer.exit_code == 1
    assert "One fact needs a choice" in answer.output
    assert facts_now(rex.id)["name"] == "Max"


@pytest.mark.any_database
def test_a_file_of_no_known_ending_is_refused(run, tmp_path):
    answer = run("export", str(tmp_path / "pets.doc"))
    assert answer.exit_code == 1
    assert ".csv, .xlsx or .json" in answer.output
    assert not list(tmp_path.iterdir())


@pytest.mark.any_database
def test_a_file_that_cannot_be_written_is_said_in_a_sentence(run, tmp_path):
    answer = run("export", str(tmp_path / "none" / "pets.csv"))
    assert (answer.exit_code, answer.exception.__class__) == (1, SystemExit)
    assert f"There is no folder {tmp_path / 'none'}." in answer.output
    (tmp_path / "pets.csv.part").symlink_to("/dev/full")
    answer = run("export", str(tmp_path / "pets.csv"))
    assert "pets.csv could not be written: No space left on device." in answer.output


@pytest.mark.any_database
def test_the_likely_answer_that_it_tells_is_the_one_it_goes_by(run, sheet, session):
    file = sheet("Name,Age\nCats,\nMia,3\nBo,4\nDogs,\nRex,2\n")
    answer = run("import", file, "--save")
    assert "Headings: their text is the type of the rows below, such as Cats." in answer.output
    assert "3 changes were saved." in answer.output
    assert {pet.name: pet.type for pet in session.query(Pet)} == {"Mia": "cat", "Bo": "cat", "Rex": "dog"}
    evenings = "".join(f"P{day},cat,2019-05-{day:02}T22:00:00Z\n" for day in range(10, 15))
    answer = run(
        "import",
        sheet(f"Name,Type,DOB,Race\n{evenings}Q,cat,1/0/1900,Manx\n"),
        "--answer",
        "rest=out",
        "--save",
    )
    assert "Nothing is taken from column Race (such as Manx)." in answer.output
    assert "11 May 2019, the nearest day" in answer.output
    assert "both ways" not in answer.output
    session.rollback()
    assert str(session.query(Pet).filter_by(name="P10").one().born_on) == "2019-05-11"


@pytest.mark.any_database
def test_a_name_over_several_lines_or_cells_is_a_fault(run, sheet, session):
    rows = 'Rex,dog,"bites\nneeds gloves"\n"Mia\nBo",cat,\n"Lu\tTo",cat,\nKim,"cat\r\ndog",\n'
    answer = run("import", sheet(f"name,type,notes\n{rows}"), "--save", "--skip-faulty")
    assert "1 new, 0 changed, 0 unchanged, 3 faulty" in answer.output
    assert answer.output.count("runs over several lines or cells. Type the name alone.") == 2
    assert session.query(Pet).one().notes == "bites\nneeds gloves"
