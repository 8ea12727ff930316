"""Restoring a backup on its page: seen first, whole or not at all, under people who work, and undone."""

import io
import sqlite3
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from pets.backups import store
from pets.backups.make import make_backup
from pets.db import db, snapshot
from pets.migrations import NotOurs
from pets.models.pet import Pet
from pets.sqlite import file as sqlite_file
from tests.people import PASSWORD
from tests.replay import history_and_register_agree
from tests.test_restore import ALL, IDS, At, names
from tests.views.test_jobs import large, saving, to_the_end  # noqa: F401

pytestmark = pytest.mark.on_both

OTHERS = "pets-20240101-000000.sqlite"


@pytest.fixture
def backup(app, add_pet):
    """The name of a backup with Rex in it; the register has Rex, and Max since."""
    add_pet("Rex")
    with app.app_context():
        name = make_backup().name
    add_pet("Max")
    return name


def restore(person, name, password=PASSWORD):
    return person.fill(f"/backups/{name}/restore", action=f"/backups/{name}/restore", password=password)


def restored(app, person, name):
    """Restore it, and sign in again. Returns what is told then."""
    work = restore(person, name).location
    assert work.startswith("/work/")
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(20)
    assert person.get(work).location == f"/login?next={work.replace('/', '%2F')}"
    answer = person.fill(f"/login?next={work}", name=person.name, password=PASSWORD)
    assert answer.location == work
    return person.get(work, follow_redirects=True).page


def test_a_backup_is_restored_and_that_is_undone_the_same_way(app, clock, ada, edith, backup):
    page = ada.get(f"/backups/{backup}/restore").page
    assert [cell.text for cell in page.select("tbody tr")[1].select("td")] == ["1", "2"]
    page = restored(app, ada, backup)
    assert "The register is as it was on" in page.text
    assert len(ada.get("/pets/").page.select("tbody tr")) == 1
    assert edith.get("/pets/").location.startswith("/login")
    [kept] = [row for row in page.select("tbody tr") if "replaced by a restore" in row.text]
    name = kept.select("code")[0].text
    assert f"To undo this, restore {name}." in page.text
    clock.forward(seconds=1)
    restored(app, ada, name)
    assert len(ada.get("/pets/").page.select("tbody tr")) == 2
    assert [event.text for event in ada.get("/security").page.select("ol p b")]
    assert "restored the backup" in ada.get("/security").page.text


def test_it_takes_the_password_even_if_that_was_just_given(app, ada, backup):
    answer = restore(ada, backup, password="not it")
    assert answer.status_code == 422
    assert "The password is wrong" in answer.page.text
    assert restore(ada, backup, password="").status_code == 422
    assert len(ada.get("/pets/").page.select("tbody tr")) == 2


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("how", "logged"), ALL, ids=IDS)
def test_only_what_is_a_whole_backup_is_restored(app, ada, backup, how, logged):
    folder = Path(app.instance_path)
    there = At(folder / "backups" / OTHERS)
    (folder / "backups" / backup).rename(there.file)
    if logged:
        with closing(sqlite3.connect(there.file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        there.add("Bob")
    there.spoil(how)
    files = there.files
    if how == "sound":
        restored(app, ada, OTHERS)
        assert names(folder / "pets.sqlite") == (["Rex", "Bob"] if logged else ["Rex"])
    elif how == "missing":
        assert ada.get(f"/backups/{OTHERS}/restore").status_code == 404
    else:
        page = ada.get(f"/backups/{OTHERS}/restore").page
        assert "This backup cannot be restored" in page.text
        assert ada.post(f"/backups/{OTHERS}/restore", password=PASSWORD).status_code == 409
        assert names(folder / "pets.sqlite") == ["Rex", "Max"]
    assert there.files == files
    assert not list(folder.rglob("*.part*"))


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "how", ["sound", "garbage", "a page", "truncated", "nothing", "foreign", "text", "newer"]
)
def test_a_backup_is_uploaded_looked_into_and_restored(app, ada, backup, tmp_path, how):
    folder = Path(app.instance_path)
    other = At(tmp_path / "other.sqlite")
    other.file.write_bytes((folder / "backups" / backup).read_bytes())
    if how == "newer":
        with closing(sqlite3.connect(other.file)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    else:
        other.spoil(how)
    answer = ada.fill(
        "/backups", action="/backups/upload", file=(io.BytesIO(other.file.read_bytes()), "../../x.sqlite")
    )
    uploaded = [file for file in (folder / "backups").iterdir() if "uploaded" in file.name]
    if how == "sound":
        [file] = uploaded
        assert answer.location == f"/backups/{file.name}/restore"
        with app.app_context():
            assert store.newest_good().name == backup  # what came from elsewhere is no backup of today
        restored(app, ada, file.name)
        assert names(folder / "pets.sqlite") == ["Rex"]
    else:
        assert answer.status_code == 422
        assert ("newer version" if how == "newer" else "not a whole backup") in answer.page.text
        assert not uploaded
    assert not list(folder.rglob("*.part*"))


@pytest.mark.sqlite_only
def test_an_upload_that_meets_a_full_disk_leaves_nothing(app, ada, backup, monkeypatch):
    def full(self, target):
        Path(target).write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("werkzeug.datastructures.FileStorage.save", full)
    answer = ada.fill("/backups", action="/backups/upload", file=(io.BytesIO(b"SQLite format 3"), "x.sqlite"))
    assert answer.status_code == 422
    assert "could not be kept: No space left on device" in answer.page.text
    assert [file.name for file in (Path(app.instance_path) / "backups").iterdir()] == [backup]


def test_a_backup_may_be_as_large_as_all_that_can_be_sent_at_once(ada):
    """A register with photos is larger than any one file that people otherwise send."""
    name = b"--b\r\nContent-Disposition: form-data; name="
    token = name + b'"csrf_token"\r\n\r\n' + ada.token.encode()
    file = name + b'"file"; filename="x.sqlite"\r\n\r\n' + bytes(30_000_000)
    body = b"\r\n".join((token, file, b"--b--\r\n"))
    answer = ada.post("/backups/upload", body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 422
    assert "not a whole backup" in answer.page.text


def test_without_a_file_nothing_is_uploaded(ada):
    answer = ada.fill("/backups", action="/backups/upload")
    assert answer.status_code == 422
    assert "Choose the file of a backup" in answer.page.text


def test_a_form_that_was_under_way_is_not_saved_into_the_register_that_came(
    app, ada, edith, backup, monkeypatch
):
    """It was let in by a session that has ended since, and is about pets that may be others by now."""
    from pets.forms.pet import PetForm

    let_in, may_go_on, validate = threading.Event(), threading.Event(), PetForm.validate

    def waits(self, *args, **kwargs):
        let_in.set()
        db.session.rollback()
        may_go_on.wait(10)
        return validate(self, *args, **kwargs)

    token = edith.token
    monkeypatch.setattr(PetForm, "validate", waits)
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(edith.post, "/pets/new", name="Bo", type="dog", csrf_token=token)
        assert let_in.wait(10)
        restored(app, ada, backup)
        may_go_on.set()
        answer = sent.result(20)
    assert answer.status_code == 503
    assert "was restored from a backup" in answer.page.text
    assert len(ada.get("/pets/").page.select("tbody tr")) == 1


def test_jobs_that_waited_are_not_done_on_the_register_that_came(app, ada, edith, backup, saving, large):  # noqa: F811
    for name in ("Bo", "Di", "Ed"):
        edith.post("/pets/new", name=name, type="dog", then="draft")
    saving(writes=False)
    assert restore(ada, backup).location.startswith("/work/")
    sent = edith.get("/draft").page.submit(edith, action="/draft/save").location
    assert sent.startswith("/work/")
    saving.end()
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(20)
    edith.sign_in()
    assert "a backup was restored in the meantime" in edith.get(sent, follow_redirects=True).page.text
    assert len(edith.get("/pets/").page.select("tbody tr")) == 1


@pytest.mark.sqlite_only
def test_who_stays_too_long_keeps_the_register_from_being_replaced(app, ada, backup, monkeypatch):
    monkeypatch.setattr("pets.sqlite.gate.PATIENCE", 0.1)
    with app.app_context(), snapshot(db.engine):
        answer = restore(ada, backup)
        end = to_the_end(ada, answer)
    page = ada.get(end).page
    assert "Someone has been saving or exporting for too long. Nothing was changed." in page.text
    assert len(ada.get("/pets/").page.select("tbody tr")) == 2
    assert not [file for file in Path(app.instance_path).iterdir() if "-before-" in file.name]


@pytest.mark.sqlite_only
def test_another_program_that_has_it_open_keeps_it_from_being_replaced(app, ada, backup, monkeypatch):
    monkeypatch.setattr(sqlite_file, "in_use", lambda register: True)
    end = to_the_end(ada, restore(ada, backup))
    assert "Another program has the register open" in ada.get(end).page.text
    assert len(ada.get("/pets/").page.select("tbody tr")) == 2


@pytest.mark.postgresql_only
@pytest.mark.parametrize("how", ["garbage", "truncated", "nothing", "foreign"])
def test_only_a_whole_backup_of_postgresql_is_restored(app, run, ada, backup, how):
    file = Path(app.instance_path) / "backups" / backup
    whole = file.read_bytes()
    broken = {"garbage": whole[:500] + b"?" * 500, "truncated": whole[: len(whole) // 2], "nothing": b""}
    file.write_bytes(broken.get(how, whole))
    if how == "foreign":
        with app.app_context():
            address = db.engine.url.set(drivername="postgresql").render_as_string()
        what = ["--format=custom", "--schema=pristine", f"--file={file}", f"--dbname={address}"]
        subprocess.run(["pg_dump", *what], check=True)
    assert "This backup cannot be restored" in ada.get(f"/backups/{backup}/restore").page.text
    assert ada.post(f"/backups/{backup}/restore", password=PASSWORD).status_code == 409
    assert "is not a whole backup" in run("restore", str(file), fails=True)
    assert len(ada.get("/pets/").page.select("tbody tr")) == 2


@pytest.mark.postgresql_only
def test_a_backup_that_cannot_be_brought_up_to_date_leaves_the_register_as_it_was(
    app, ada, backup, monkeypatch
):
    def fails(first=None):
        raise NotOurs("The upgrade did not succeed.")

    monkeypatch.setattr("pets.migrations.bring_up_to_date", fails)
    end = to_the_end(ada, restore(ada, backup))
    assert end.startswith("/login")  # the sessions of the register that came back have ended
    ada.sign_in()
    assert len(ada.get("/pets/").page.select("tbody tr")) == 2


@pytest.mark.postgresql_only
def test_a_backup_is_restored_into_a_new_database_where_the_old_one_is_gone(app, registers, ada, backup):
    file = Path(app.instance_path) / "backups" / backup
    with registers.open_new() as other, other.app_context():
        said = other.test_cli_runner().invoke(args=["pets", "restore", str(file)])
        assert said.exit_code == 0, said.output
        assert "is kept as" not in said.output
        assert not [*Path(other.instance_path).glob("*-before-*")]
        history_and_register_agree()
        assert db.session.query(Pet).count() == 1
        db.session.remove()
