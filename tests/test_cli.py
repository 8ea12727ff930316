"""The commands: flask --app app pets …"""

import io
import sqlite3
import stat
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from flask import has_app_context

from app import create_app
from pets import backups
from pets.db import db
from pets.models import Account, Changeset, Pet, SecurityEvent, SignIn, Throttle
from tests.registers import DATABASE
from tests.server import Server

OWN = "a dish of cold plums"


@pytest.fixture
def run(app):
    """`run("add-account", "Bea")` → what it says, after it succeeded; `fails=True` where it must not.
    `charset`: of the terminal."""

    def run(*words, fails=False, typed=None, charset="utf-8"):
        if has_app_context():
            db.session.rollback()  # the test's own: on SQLite it holds the writers' turn
        result = app.test_cli_runner(charset=charset).invoke(args=["pets", *words], input=typed)
        assert (result.exit_code != 0) == fails, result.output
        assert "Traceback" not in result.output
        return result.output

    return run


def signs_in(app, name, password=OWN):
    return app.test_client(name=name).fill("/login", name=name, password=password).status_code == 303


# Accounts


def test_an_account_is_added_with_a_password_from_standard_input(app, run, session):
    assert "Bea can sign in now, as admin." in run(
        "add-account", "Bea", "--role", "admin", "--password-stdin", typed=OWN + "\n"
    )
    assert signs_in(app, "Bea")
    [event] = session.query(SecurityEvent).filter_by(event="account-added")
    assert (event.who, event.about) == ("the command line", "Bea (admin)")


def test_or_from_a_prompt_twice_and_a_viewer_it_is(app, run, session):
    said = run("add-account", "Bea", typed=f"{OWN}\n{OWN}\n")
    assert OWN not in said
    assert session.query(Account).filter_by(name="Bea").one().role == "viewer"
    assert "do not match" in run("add-account", "Max", typed=f"{OWN}\n{OWN}x\n", fails=True)


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["add-account", "édith"], OWN, "There is an account named édith already"),
        (["add-account", " "], OWN, "Enter a name"),
        (["add-account", "x" * 61], OWN, "too long"),
        (["add-account", "Bea", "--role", "owner"], OWN, "owner"),
        (["add-account", "Bea"], "short", "too short"),
        (["add-account", "Bea"], "password2024!", "tried first"),
        (["add-account", "Bea"], "", "too short"),
        (["set-password", "Nobody"], OWN, "There is no account named Nobody"),
        (["set-password", "Edith"], "edith2024!", "is a name"),
    ],
)
def test_what_will_not_do_is_said_and_changes_nothing(run, session, words, typed, said):
    assert said in run(*words, "--password-stdin", typed=typed + "\n", fails=True)
    assert session.query(Account).count() == 3


def test_a_new_password_is_the_way_back_in(app, run, session, edith):
    """For who forgot it, who is made to wait, and who was ended."""
    account = session.query(Account).filter_by(name="Edith").one()
    account.end()
    session.commit()
    for _ in range(6):
        app.test_client(name="stranger").post("/login", name="edith", password="no")
    assert session.query(Throttle).filter_by(key="account:edith").one().failures == 5
    run("set-password", "edith", "--password-stdin", typed=OWN + "\n")
    assert edith.get("/account").status_code == 303  # signed out everywhere
    assert signs_in(app, "Edith")


@pytest.mark.parametrize("charset", ["cp437", "cp1252"])
def test_a_terminal_that_lacks_letters_shows_another_in_their_place(run, app, tmp_path, charset):
    """Each command, when what it says holds a name: or it would do all of it, and end in a traceback."""
    sheet, out = tmp_path / "Šelmy.csv", str(tmp_path / "Ž\udcff.csv")
    sheet.write_text("name,type,age,žluť\nŽofie,cat,ž\n", encoding="utf-8")
    said = run("add-account", "Łucja", "--password-stdin", typed=OWN, charset=charset)
    assert "?ucja can sign in" in said
    run("set-password", "Łucja", "--password-stdin", typed=OWN, charset=charset)
    assert signs_in(app, "Łucja")
    run("set-password", "Žluť", "--password-stdin", typed=OWN, charset=charset, fails=True)
    run("import", str(sheet), "--save", charset=charset, fails=True)
    run("import", str(sheet), "--save", "--skip-faulty", charset=charset)
    run("import", out, charset=charset, fails=True)
    run("export", out, charset=charset)
    run("export", str(tmp_path / "Ž"), charset=charset, fails=True)
    run("move", "--to", "sqlite:////Ž/Ž", charset=charset, fails=True)
    for words in ([], ["import"], ["move"], ["add-account"]):
        run(*words, "--help", charset=charset)
    if DATABASE == "sqlite":
        run("backup", str(tmp_path / "Ž.sqlite"), charset=charset)
        run("backup", str(tmp_path / "Ž.sqlite"), charset=charset, fails=True)
        run("restore", str(tmp_path / "Ž.sqlite"), charset=charset)


@pytest.mark.parametrize("name", ["Bea", "B\udcffa"])
def test_bytes_that_are_no_letters_are_refused_in_words(run, session, name):
    said = run("add-account", name, "--password-stdin", typed=b"a dish of cold plums\xff\n", fails=True)
    assert "a character that cannot be" in said
    assert session.query(Account).count() == 3


# Pets


def test_the_sample_is_four_pets_told_in_the_history(run, session):
    assert "Four pets were added." in run("sample")
    assert session.query(Pet).count() == 4
    assert [one.who for one in session.query(Changeset)] == ["the command line"]
    assert "pets on the register already" in run("sample", fails=True)


def test_a_database_is_made_and_brought_up_to_date(registers):
    with registers.open_new() as app:
        for _ in range(2):
            result = app.test_cli_runner().invoke(args=["pets", "upgrade"])
            assert "The database is up to date." in result.output
        with app.app_context():
            assert db.session.query(Pet).count() == 0


# Backups


@pytest.mark.sqlite_only
def test_a_register_is_copied_and_put_back(app, run, session, add_pet, tmp_path, edith):
    add_pet("Rex")
    copy = tmp_path / "copy.sqlite"
    assert f"The backup is {copy}." in run("backup", str(copy))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    add_pet("Max")
    session.remove()
    said = run("restore", str(copy))
    assert "as it was when" in said
    assert [pet.name for pet in session.query(Pet)] == ["Rex"]
    [aside] = [file for file in copy_folder(app).iterdir() if "-before-" in file.name]
    assert str(aside) in said
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT name FROM pet ORDER BY id").fetchall() == [("Rex",), ("Max",)]
    assert [one.event for one in session.query(SecurityEvent)][-1] == "restored"


def copy_folder(app):
    return Path(app.instance_path)


@pytest.mark.sqlite_only
def test_whoever_was_signed_in_when_the_backup_was_made_signs_in_anew(app, run, session, edith, tmp_path):
    """Or a session that was ended since, with its telephone lost, would go on."""
    copy = tmp_path / "copy.sqlite"
    run("backup", str(copy))
    edith.post("/logout")
    session.remove()
    run("restore", str(copy))
    assert not session.query(SignIn).filter_by(ended_at=None).all()
    assert edith.get("/account").status_code == 303


@pytest.mark.sqlite_only
def test_a_backup_goes_into_its_folder_when_no_file_is_named(app, run):
    run("backup")
    with app.app_context():
        assert len(backups.all_backups()) == 1


@pytest.mark.sqlite_only
def test_a_backup_overwrites_nothing(run, tmp_path):
    there = tmp_path / "there.sqlite"
    there.write_text("mine")
    assert "is there already" in run("backup", str(there), fails=True)
    assert there.read_text() == "mine"
    assert "could not be written" in run("backup", str(tmp_path / "nowhere" / "x.sqlite"), fails=True)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("kind", ["missing", "text", "empty", "other", "damaged", "newer"])
def test_what_is_no_backup_is_not_put_in_the_place_of_the_register(
    app, run, session, add_pet, tmp_path, kind
):
    add_pet("Rex")
    file = tmp_path / "file.sqlite"
    if kind == "text":
        file.write_text("not a database at all, but long enough to look at " * 50)
    elif kind == "empty":
        file.touch()
    elif kind in ("damaged", "newer"):
        run("backup", str(file))
    if kind == "damaged":
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
    elif kind in ("other", "newer"):
        with closing(sqlite3.connect(file)) as connection, connection:
            newer = "UPDATE alembic_version SET version_num = '9999'"
            connection.execute("CREATE TABLE other (id)" if kind == "other" else newer)
    session.remove()
    said = run("restore", str(file), fails=True)
    assert {"missing": "There is no file", "newer": "newer version"}.get(
        kind, "is not a whole backup"
    ) in said
    assert [pet.name for pet in session.query(Pet)] == ["Rex"]
    assert not [file for file in copy_folder(app).iterdir() if "before" in file.name or "part" in file.name]


@pytest.mark.sqlite_only
def test_a_disk_that_fills_up_leaves_the_register_as_it_was(
    app, run, session, add_pet, tmp_path, monkeypatch
):
    add_pet("Rex")
    copy = tmp_path / "copy.sqlite"
    run("backup", str(copy))
    session.remove()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    assert "Nothing was changed" in run("restore", str(copy), fails=True)
    assert [pet.name for pet in session.query(Pet)] == ["Rex"]


@pytest.mark.sqlite_only
def test_nothing_is_put_back_under_a_running_server(registers, tmp_path):
    with registers.lend() as where, Server(**where) as server:
        runner = create_app(where).test_cli_runner()
        copy = tmp_path / "copy.sqlite"
        assert runner.invoke(args=["pets", "backup", str(copy)]).exit_code == 0  # while people work
        refused = runner.invoke(args=["pets", "restore", str(copy)])
        assert refused.exit_code == 1
        assert "Stop the server" in refused.output
        server.stop()
        assert runner.invoke(args=["pets", "restore", str(copy)]).exit_code == 0
        server.start()
        assert "Sign in" in read(server.url + "/login")


def read(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return io.TextIOWrapper(answer).read()


@pytest.mark.postgresql_only
@pytest.mark.parametrize("words", [["backup"], ["restore", "x"]])
def test_postgresql_has_its_own_commands(run, words):
    assert "pg_dump" in run(*words, fails=True)
