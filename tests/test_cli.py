"""The commands: flask --app app pets …"""

import os
import re
import shlex
import subprocess
import sys

import pytest
from sqlalchemy import text

from pets.accounts.account import Account
from pets.accounts.audit_log import SecurityEvent
from pets.accounts.rate_limit import RateLimit
from pets.changes.changeset import Changeset
from pets.cli.group import CODES, pets as pets_commands
from pets.db import db
from pets.models.pet import Pet
from tests.registers import DATABASE
from tests.server import ROOT

OWN = "a dish of cold plums"


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
@pytest.mark.any_database
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
    assert session.query(RateLimit).filter_by(key="account:edith").one().failures == 5
    run("set-password", "edith", "--password-stdin", typed=OWN + "\n")
    assert edith.get("/account").status_code == 303  # signed out everywhere
    assert signs_in(app, "Edith")


@pytest.mark.parametrize("charset", ["cp437", "cp1252"])
@pytest.mark.any_database
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
    run("import", str(sheet), "--save", "--skip-faulty", "--answer", "rest=out", charset=charset)
    run("import", out, charset=charset, fails=True)
    run("export", out, charset=charset)
    run("export", str(tmp_path / "Ž"), charset=charset, fails=True)
    run("move", "--to", "sqlite:////Ž/Ž", charset=charset, fails=True)
    run("sample", charset=charset)
    for words in ("upgrade", "check", "service systemd", "service nginx"):
        run(*words.split(), charset=charset)
    for words in ([], *([name] for name in pets_commands.commands)):
        run(*words, "--help", charset=charset)
    run("backup", charset=charset)
    run("backup", "--rehearse", charset=charset)
    run("doctor", charset=charset)
    run("backup", str(tmp_path / "Ž.sqlite"), charset=charset)
    run("backup", str(tmp_path / "Ž.sqlite"), charset=charset, fails=True)
    run("restore", str(tmp_path / "Ž.sqlite"), charset=charset)


@pytest.mark.parametrize("name", ["Bea", "B\udcffa"])
@pytest.mark.any_database
def test_bytes_that_are_no_letters_are_refused_in_words(run, session, name):
    said = run("add-account", name, "--password-stdin", typed=b"a dish of cold plums\xff\n", fails=True)
    assert "a character that cannot be" in said
    assert session.query(Account).count() == 3


def test_every_command_has_a_manual_page_whose_examples_can_be_typed(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("animals.xlsx", "animals.csv"):
        (tmp_path / name).touch()
    everything = run("--help")
    for name, command in pets_commands.commands.items():
        page = run(name, "--help")
        assert re.search(rf"^  {name} ", everything, re.MULTILINE)
        assert "..." not in command.get_short_help_str(80), f"the first sentence about {name} is too long"
        for words in (*command.examples.values(), *CODES):
            assert " ".join(words.split()) in " ".join(page.split())
        assert command.examples
        for typed in command.examples:
            words = shlex.split(re.split("[<>|]", typed)[0])
            assert words[0] == name
            command.make_context(name, words[1:]).close()


@pytest.mark.any_database
def test_through_a_pipe(registers, app):
    """One that is closed before all is said, as by `head`, in the letters of an old terminal."""
    settings = {name: str(app.config[name]) for name in ("PETS_INSTANCE", "PETS_DATABASE_URI")}
    env = {**os.environ, **settings, "PYTHONIOENCODING": "cp437"}
    pets = [sys.executable, "-m", "flask", "--app", "app", "pets"]
    typed = b"a dish of cold plums\n"
    words = ["add-account", "Žofie", "--password-stdin"]
    said = subprocess.run([*pets, *words], cwd=ROOT, env=env, input=typed, capture_output=True, check=True)
    assert said.stdout == b"?ofie can sign in now, as viewer.\n"
    assert signs_in(app, "Žofie")
    with subprocess.Popen([*pets, "--help"], cwd=ROOT, env=env, stdout=-1, stderr=-1) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


# Pets


def test_the_sample_is_four_pets_told_in_the_history(run, session):
    assert "Four pets were added." in run("sample")
    assert session.query(Pet).count() == 4
    assert [one.who for one in session.query(Changeset)] == ["the command line"]
    assert "pets on the register already" in run("sample", fails=True)


def test_what_was_written_past_the_history_is_named(run, session, add_pet, monkeypatch):
    monkeypatch.setattr("pets.changes.check.CHUNK", 2)  # and each is looked at, wherever a chunk ends
    for name in ("Rex", "Max", "Whiskers", "Polly", "Bo", "Moe"):
        add_pet(name)
    for notes in ("told", "more"):
        session.get(Pet, 5).notes = session.get(Pet, 6).notes = notes
        session.commit()
    assert "Every pet is as its history tells." in run("check")
    if DATABASE == "sqlite":
        session.execute(text("DROP TRIGGER pet_changed_untold"))
        session.execute(text("DROP TRIGGER pet_removed_untold"))
    else:
        session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE pet SET notes = 'x', name_key = 'x' WHERE id = 2"))
    session.execute(text("DELETE FROM pet WHERE id = 3"))
    session.execute(text("UPDATE change SET version = 7 WHERE pet_id = 4"))
    untrue = {"before": '{"notes": "never"}'}
    session.execute(
        text("UPDATE change SET before = CAST(:before AS JSON) WHERE id IN (7, 10)")
        if DATABASE == "postgresql"
        else text("UPDATE change SET before = :before WHERE id IN (7, 10)"),
        untrue,
    )
    session.commit()
    told = run("check", fails=True)
    assert "Pet 1" not in told
    assert "Pet 2 is not as its history tells: notes, name_key" in told
    assert "Pet 3 is not there" in told
    assert "Pet 4: change 4 is of version 7, and should be of version 0." in told
    assert "Pet 5: change 7 does not begin where the one before it ends." in told
    assert "Pet 6: change 10 does not begin where the one before it ends." in told
    assert "5 of the pets" in told


def test_a_database_is_made_and_brought_up_to_date(registers):
    with registers.open_new() as app:
        for _ in range(2):
            result = app.test_cli_runner().invoke(args=["pets", "upgrade"])
            assert "The database is up to date." in result.output
        with app.app_context():
            assert db.session.query(Pet).count() == 0


# Backups (see also tests/test_restore.py)


@pytest.mark.postgresql_only
@pytest.mark.parametrize("words", [["backup"], ["restore", "x"], ["backup", "--rehearse"]])
def test_without_postgresql_s_tools_it_is_said_how(run, ada, monkeypatch, words):
    monkeypatch.setattr("pets.backups.postgresql.shutil.which", lambda tool: None)
    assert "apt-get install postgresql-client" in run(*words, fails=True)
    page = ada.get("/backups").page
    assert "apt-get install postgresql-client" in page.text
    assert not page.select("main form")


def test_a_backup_is_restored_by_command(app, run, add_pet, tmp_path, ada):
    add_pet("Rex")
    file = tmp_path / "copy"
    run("backup", str(file))
    add_pet("Max")
    assert "What was there before is kept as" in run("restore", str(file))
    assert ada.get("/pets/").status_code == 303
    ada.sign_in()
    assert len(ada.get("/pets/").page.select("tbody tr")) == 1
    assert "There is no file" in run("restore", str(tmp_path / "other"), fails=True)
