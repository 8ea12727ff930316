"""Backups, as admins make and fetch them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pets.accounts.audit_log import SecurityEvent
from pets.backups import store

pytestmark = pytest.mark.sqlite_only


def backups(person):
    return [item.text for item in person.get("/backups").page.select("td code")]


def test_a_backup_is_made_listed_and_fetched_whole(ada, rex, session, tmp_path, clock):
    ada.sign_in()
    assert "No backups yet" in ada.get("/backups").page.text
    answer = ada.get("/backups").page.submit(ada, "Create a backup")
    [name] = backups(ada)
    assert answer.location == "/backups"
    assert name.startswith("pets-202406")
    fetched = ada.get("/backups").page.submit(ada, action=f"/backups/{name}")
    assert fetched.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert fetched.headers["Cache-Control"] == "no-store"
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(fetched.data)
    fetched.close()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM pet").fetchall() == [("Rex",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    told = [one.event for one in session.query(SecurityEvent).order_by(SecurityEvent.id)]
    assert told[-2:] == ["backup", "backup-fetched"]


def test_the_page_names_the_folder_they_are_in(ada, app):
    [where] = ada.get("/backups").page.select(".stack p code")
    assert where.text == str(Path(app.instance_path) / "backups")


def test_without_the_register_s_file_the_page_still_answers(ada, app):
    ada.sign_in()
    token = ada.token
    (Path(app.instance_path) / "pets.sqlite").unlink()
    assert ada.get("/backups").status_code == 200
    answer = ada.post("/backups", csrf_token=token)
    assert answer.status_code == 503
    assert "pets.sqlite was removed" in answer.page.text


def test_it_is_its_owners_only(ada, app):
    ada.post("/backups")
    with app.app_context():
        [made] = store.all_backups()
        assert made.file.stat().st_mode & 0o777 == 0o600
        assert made.file.parent.stat().st_mode & 0o777 == 0o700


def test_two_within_a_second_are_not_mixed_up(ada, clock):
    ada.sign_in()
    ada.post("/backups")
    page = ada.post("/backups", follow_redirects=True).page
    assert "is there already. Wait a second" in page.text
    assert len(backups(ada)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "pets.sqlite",
        "secret_key",
        "..%2fsecret_key",
        "%2e%2e%2fpets.sqlite",
        "..",
        "pets-20240101-000000.sqlite",
        "pets-20240101-000000.sqlite%00",
        "pets-20240101-000000.sqlite%0a",
        "pets-２0240101-000000.sqlite",
        "/etc/passwd",
        "pets-20240101-000000.sqlite.part",
    ],
)
def test_nothing_but_backups_is_fetched(ada, name):
    answer = ada.post(f"/backups/{name}")
    assert answer.status_code in (404, 405, 308)
    assert b"SQLite" not in answer.data


def test_a_full_disk_is_said(ada, monkeypatch):
    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pets.sqlite.file.os.fsync", full)
    page = ada.post("/backups", follow_redirects=True).page
    assert "could not be written" in page.text
    assert "No space left" in page.text
    assert not backups(ada)
