"""Starting and stopping: settings that make sense, a key of its own, and a sentence where it cannot."""

import os
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from app import SETTINGS, create_app, main
from pets.accounts.audit_log import SecurityEvent
from pets.db import db
from pets.migrations import bring_up_to_date
from tests.server import ROOT

WRONG = {
    "PETS_PORT": ["", "http", "-1", "65536", "80.0", "٨٠", "9" * 5000],
    "PETS_THREADS": ["0", "65", "many"],
    "PETS_SESSION_HOURS": ["0", "169", "12h"],
    "PETS_TRUSTED_PROXIES": ["-1", "10", "yes"],
    "PETS_TIMEZONE": ["Europe/Nowhere", "../../etc/passwd", "\0", "x" * 5000],
}


LATER = ("alembic", "openpyxl")  # loaded when first needed, which at most starts they are not


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path, log_restored):
    """No settings but those of the test, and a data folder of its own."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(capsys, **settings):
    """What the program says as it refuses to start."""
    for name, value in settings.items():
        os.environ[name] = value
    try:
        with pytest.raises(SystemExit) as refused:
            main()
    finally:
        for name in settings:
            del os.environ[name]
    return str(refused.value.code)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG.items() for value in values],
    ids=lambda text: text[:20],
)
def test_a_setting_that_makes_no_sense_is_told_with_what_it_takes(tmp_path, name, value):
    with pytest.raises(ValueError, match=f"{name} is .*Set it to"):
        create_app({"PETS_INSTANCE": str(tmp_path), name: value})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PETS_PORT": "http"}, "PETS_PORT is 'http'. Set it to a whole number from 0 to 65535."),
        ({"PETS_HOST": ""}, "PETS_HOST"),
        ({"PETS_LOG": "nowhere/at/all.log"}, "PETS_LOG is 'nowhere/at/all.log', and cannot be written"),
        ({"PETS_INSTANCE": "a_file"}, "PETS_INSTANCE"),
        ({"PETS_INSTANCE": "a_file/below"}, "PETS_INSTANCE"),
        ({"PETS_DATABASE_URI": "somewhere"}, "PETS_DATABASE_URI"),
        ({"PETS_DATABASE_URI": "sqlite://"}, "PETS_DATABASE_URI"),
        ({"PETS_DATABASE_URI": "mysql://db/pets"}, "PETS_DATABASE_URI"),
        ({"PETS_DATABASE_URI": "postgresql+no_driver://db/pets"}, "PETS_DATABASE_URI"),
        ({"PETS_DATABASE_URI": "postgresql://127.0.0.1:1/none"}, "PETS_DATABASE_URI"),
        ({"PETS_DATABASE_URI": "sqlite:////nowhere/at/all/pets.sqlite"}, "PETS_DATABASE_URI"),
    ],
    ids=str,
)
def test_it_refuses_to_start_with_a_sentence(capsys, tmp_path, settings, sentence):
    (tmp_path / "a_file").touch()
    said = refusal(capsys, **settings)
    assert sentence in said
    assert "Traceback" not in said


def test_a_command_says_no_more_than_that_sentence(tmp_path):
    settings = {"PETS_INSTANCE": str(tmp_path), "PETS_PORT": "http"}
    said = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "pets", "check"],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert said.stderr == "Error: PETS_PORT is 'http'. Set it to a whole number from 0 to 65535.\n"


def test_a_data_folder_may_have_any_name(tmp_path):
    folder = tmp_path / "who? where#1 50%20é"
    with create_app({"PETS_INSTANCE": str(folder)}).app_context():
        bring_up_to_date()
        db.session.remove()
        db.engine.dispose()
    assert [file.name for file in tmp_path.iterdir()] == [folder.name]
    assert (folder / "pets.sqlite").exists()


def test_a_backup_is_restored_in_a_folder_of_any_name(tmp_path):
    """And everybody is signed out in the register that came, not in one beside the folder."""
    folder = tmp_path / "who? where#1 50%20é"
    app = create_app({"PETS_INSTANCE": str(folder)})
    runner = app.test_cli_runner()
    file = str(tmp_path / "copy.sqlite")
    for words in (["sample"], ["backup"], ["backup", "--rehearse"], ["backup", file], ["restore", file]):
        done = runner.invoke(args=["pets", *words])
        assert (done.exit_code, words) == (0, words), done.output
    assert {one.name for one in tmp_path.iterdir()} == {folder.name, "copy.sqlite"}
    with app.app_context():
        events = [one.event for one in db.session.query(SecurityEvent)]
        assert events[-1] == "restored"
        db.session.remove()
        db.engine.dispose()


def test_it_does_not_start_where_another_listens(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = refusal(capsys, PETS_PORT=str(other.getsockname()[1]))
    assert "PETS_PORT" in said


def test_it_refuses_the_notebooks_database_and_leaves_it_as_it_was(capsys, tmp_path):
    file = tmp_path / "instance" / "pets.sqlite"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TABLE pet (id INTEGER PRIMARY KEY, name VARCHAR, type VARCHAR, age INTEGER)"
        )
    before = file.read_bytes()
    assert "import it there" in refusal(capsys)
    assert file.read_bytes() == before


def test_making_the_application_touches_no_database(tmp_path):
    app = create_app({"PETS_INSTANCE": str(tmp_path / "data")})
    assert [path.name for path in Path(app.instance_path).iterdir()] == ["secret_key"]
    create_app(
        {"PETS_INSTANCE": str(tmp_path / "data"), "PETS_DATABASE_URI": "postgresql://127.0.0.1:1/none"}
    )


def test_the_key_is_made_once_and_its_owner_alone_may_read_it(tmp_path):
    first = create_app({"PETS_INSTANCE": str(tmp_path / "data")})
    second = create_app({"PETS_INSTANCE": str(tmp_path / "data")})
    other = create_app({"PETS_INSTANCE": str(tmp_path / "other")})
    assert first.secret_key == second.secret_key != other.secret_key
    assert len(first.secret_key) == 64
    file = tmp_path / "data" / "secret_key"
    assert file.read_text() == first.secret_key
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_two_registers_on_one_host_keep_their_people_apart(tmp_path):
    """A browser sends a cookie to every port of a host; each has to have a name of its own, for good."""
    names = [
        create_app({"PETS_INSTANCE": str(tmp_path / folder)}).config["SESSION_COOKIE_NAME"]
        for folder in ("cats", "dogs", "cats")
    ]
    assert names[0] == names[2] != names[1]


def test_of_servers_that_start_together_all_use_the_key_that_was_there_first(monkeypatch, tmp_path):
    """Another starts whenever this one has opened a file, and meets no half-written key."""
    keys, open_file = [], os.open

    def then_another_starts(*given):
        monkeypatch.setattr(os, "open", open_file)
        descriptor = open_file(*given)
        keys.append(create_app({"PETS_INSTANCE": str(tmp_path)}).secret_key)
        return descriptor

    monkeypatch.setattr(os, "open", then_another_starts)
    keys.append(create_app({"PETS_INSTANCE": str(tmp_path)}).secret_key)
    assert keys[0] == keys[1]
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_a_power_cut_leaves_no_key_that_is_not_on_the_disk(monkeypatch, tmp_path):
    def cut(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", cut)
    with pytest.raises(KeyboardInterrupt):
        create_app({"PETS_INSTANCE": str(tmp_path)})
    assert not (tmp_path / "secret_key").exists()


def test_a_disk_without_hard_links_will_do(monkeypatch, tmp_path):
    def refused(*given):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    key = create_app({"PETS_INSTANCE": str(tmp_path)}).secret_key
    assert (tmp_path / "secret_key").read_text() == key


def test_a_key_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(ValueError, match=r"secret_key cannot be read or made \(Is a directory\)"):
        create_app({"PETS_INSTANCE": str(tmp_path)})


@pytest.mark.parametrize("content", ["", "short", "Ž" * 64], ids=["empty", "short", "no ASCII"])
def test_a_damaged_key_is_told(tmp_path, content):
    (tmp_path / "secret_key").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"secret_key is damaged. Remove it and start again"):
        create_app({"PETS_INSTANCE": str(tmp_path)})


def test_what_the_environment_says_counts_and_what_is_given_counts_more(monkeypatch, tmp_path):
    monkeypatch.setenv("PETS_INSTANCE", str(tmp_path / "data"))
    monkeypatch.setenv("PETS_THREADS", "7")
    assert create_app().config["PETS_THREADS"] == 7
    assert create_app({"PETS_THREADS": "8"}).config["PETS_THREADS"] == 8
    assert create_app().config["PETS_PORT"] == 5000


def test_the_server_says_where_it_is_and_stops_when_told(serve):
    server = serve()
    assert f"Open {server.url}/ in a browser" in server.output
    with urllib.request.urlopen(server.url + "/login") as answer:
        assert answer.status == 200
    server.stop()
    assert server.wait() == 0
    assert "Traceback" not in server.output
    server.start()
    with urllib.request.urlopen(server.url + "/login") as answer:
        assert answer.status == 200


def test_a_server_for_all_of_the_network_says_where_others_find_it(serve):
    server = serve(PETS_HOST="0.0.0.0")
    [address] = re.findall(rf"Open http://([0-9.]+):{server.port}/ in a browser", server.output)
    assert address != "0.0.0.0"
    with urllib.request.urlopen(f"http://{address}:{server.port}/login") as answer:
        assert answer.status == 200
    assert "Passwords travel in the clear" in server.output


def test_the_first_start_makes_the_register_and_says_how_to_make_an_account(tmp_path):
    program = subprocess.Popen(
        [sys.executable, ROOT / "app.py"],
        cwd=tmp_path,
        env={**os.environ, "PETS_PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        where, account = program.stdout.readline(), program.stdout.readline()
        assert where.startswith("Pets is running. Open http://127.0.0.1:")
        assert "There are no accounts yet." in account
        with urllib.request.urlopen(account.split()[-1]) as answer:
            assert answer.status == 200
        assert (tmp_path / "instance" / "pets.sqlite").exists()
    finally:
        program.terminate()
        program.communicate(timeout=15)
    assert program.returncode == 0


@pytest.mark.parametrize("command", [["routes"], ["pets", "--help"]])
def test_flask_knows_the_application(tmp_path, command):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command],
        cwd=ROOT,
        env={**os.environ, "PETS_INSTANCE": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pets" in done.stdout


def test_what_a_start_does_not_need_is_not_loaded(tmp_path):
    program = f"""import sys
from app import create_app
from pets.migrations import bring_up_to_date
with create_app({{"PETS_INSTANCE": {str(tmp_path)!r}}}).app_context():
    bring_up_to_date()
print(*sys.modules)"""
    first, second = (
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert "alembic" in first.stdout.split()
    assert not set(LATER) & set(second.stdout.split())
