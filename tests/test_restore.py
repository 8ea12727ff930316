"""Backup and restore: whatever stands at either end, nothing that was saved is lost.

And the register's file under a server: missed when it goes, and whole when the server has stopped.
"""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace as replace_file
from pathlib import Path

import pytest

from app import main
from pets import close
from pets.accounts.audit_log import SecurityEvent
from pets.accounts.sessions import SignIn
from pets.backups import restore, store
from pets.backups.restore import COMMAND
from pets.db import db
from pets.migrations import NotOurs, bring_up_to_date
from pets.models.pet import Pet
from pets.sqlite import file as sqlite_file
from tests.server import Server

pytestmark = pytest.mark.sqlite_only

GARBAGE = b"\xff\x00\xa5" * 3000


def insert(connection, name):
    """Write a pet by hand, and its change before it: the database takes none without."""
    [(number,)] = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM pet")
    changeset = connection.execute(
        "INSERT INTO changeset (who, added, changed, removed) VALUES ('Edith', 1, 0, 0)"
    ).lastrowid
    connection.execute(
        "INSERT INTO change (changeset_id, pet_id, version, pet_name, name_key, after)"
        " VALUES (?, ?, 0, ?, ?, '{}')",
        (changeset, number, name, name.lower()),
    )
    connection.execute(
        "INSERT INTO pet (id, name, type, born_estimated, notes, version, added_at, changed_at, name_key,"
        " type_key, search_text) VALUES (?, ?, 'dog', 0, '', 1, ?, ?, ?, 'dog', ?)",
        (number, name, *2 * ["2024-01-01 00:00:00.000000"], *2 * [name.lower()]),
    )


class At:
    """A database with its logs: the register, or a file to be restored."""

    def __init__(self, file: Path):
        self.file = file

    @property
    def files(self):
        """What they hold, but for -shm, which every reader writes to."""
        logs = [log for log in sqlite_file.logs(self.file) if not log.name.endswith("-shm")]
        return {file.name: file.read_bytes() for file in (self.file, *logs) if file.exists()}

    def add(self, name):
        """Save a pet, as a program of its own that is then killed: what it wrote stands in the log."""
        beside = self.file.with_name("killed")
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            insert(connection, name)
            for end in ("", "-wal"):
                shutil.copyfile(sqlite_file.beside(self.file, end), sqlite_file.beside(beside, end))
        for end in ("", "-wal"):
            sqlite_file.beside(beside, end).replace(sqlite_file.beside(self.file, end))

    def spoil(self, how):
        """Make it what a bad day may have left there; a log that there is stays."""
        whole = self.file.read_bytes()
        self.file.write_bytes(
            {
                "sound": whole,
                "garbage": GARBAGE,
                "first page": GARBAGE[:4096] + whole[4096:],
                "a page": whole[:-8192] + GARBAGE[:4096] + whole[-4096:],
                "truncated": whole[: len(whole) // 2],
                "nothing": b"",
            }.get(how, b"Not a database at all, but long enough to look at." * 100)
        )
        if how == "missing":
            self.file.unlink()
        if how == "foreign":
            self.file.unlink()
            with closing(sqlite3.connect(self.file)) as connection, connection:
                connection.execute("CREATE TABLE other (id)")


STATES = ["sound", "garbage", "first page", "a page", "truncated", "nothing", "missing", "foreign", "text"]
ALL = [(how, logged) for how in STATES for logged in (False, True)]
IDS = [f"{how}{' with a log' if logged else ''}" for how, logged in ALL]


def names(file):
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [name for (name,) in connection.execute("SELECT name FROM pet ORDER BY id")]


@pytest.fixture
def run(app, run):
    """A command, after which nothing is open: it would be a process of its own."""

    def alone(*words, **how):
        said = run(*words, **how)
        with app.app_context():
            db.engine.dispose()
        return said

    return alone


@pytest.fixture
def register(app):
    """The register; in the end nothing half written is left beside it."""
    folder = Path(app.instance_path)
    yield At(folder / "pets.sqlite")
    assert not [file.name for file in folder.rglob("*") if file.name.endswith((".part", ".part-wal"))]


@pytest.fixture
def backup(run, register, tmp_path):
    """A backup with Rex in it; the register has Rex, and Max since."""
    register.add("Rex")
    run("backup", str(tmp_path / "backup.sqlite"))
    register.add("Max")
    return At(tmp_path / "backup.sqlite")


@pytest.mark.parametrize(("how", "logged"), ALL, ids=IDS)
def test_a_backup_is_restored_whatever_stands_in_the_register_s_place(run, register, backup, how, logged):
    """The log of what was there touches nothing that comes there; nothing of what was there is gone."""
    if not logged:
        sqlite_file.fold_in(register.file)
    register.spoil(how)
    was = register.files
    said = run("restore", str(backup.file))
    assert names(register.file) == ["Rex"]
    assert set(register.files) == {"pets.sqlite"}
    kept = {file.name: file for file in register.file.parent.iterdir() if "-before-" in file.name}
    assert all(name in said for name in kept)
    if how == "sound":
        [aside] = kept.values()
        assert names(aside) == ["Rex", "Max"]
    elif how != "foreign":
        contents = {file.read_bytes() for name, file in kept.items() if not name.endswith("-shm")}
        assert contents == set(was.values())


@pytest.mark.parametrize(("how", "logged"), ALL, ids=IDS)
def test_what_is_no_whole_backup_is_not_put_in_the_register_s_place(run, register, backup, how, logged):
    """And a whole one is taken with all that is in its log, and left as it is."""
    if logged:
        with closing(sqlite3.connect(backup.file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        backup.add("Bob")
    backup.spoil(how)
    files = backup.files, register.files
    said = run("restore", str(backup.file), fails=how != "sound")
    if how == "sound":
        assert names(register.file) == (["Rex", "Bob"] if logged else ["Rex"])
    else:
        assert ("There is no file" if how == "missing" else "is not a whole backup") in said
        assert names(register.file) == ["Rex", "Max"]
        assert not [file for file in register.file.parent.iterdir() if "-before-" in file.name]
        assert register.files["pets.sqlite"] == files[1]["pets.sqlite"]
    assert backup.files == files[0]


@pytest.mark.parametrize("place", ["backup", "register"])
def test_half_a_transaction_of_the_older_kind_of_log_is_taken_back(run, register, backup, place):
    """SQLite's rollback journal, which a program that was killed left beside either file."""
    killed = {"backup": backup, "register": register}[place]
    was = names(killed.file)
    sqlite_file.fold_in(killed.file)
    with closing(sqlite3.connect(killed.file, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("DROP TRIGGER pet_changed_untold")
        connection.execute("UPDATE pet SET name = name || hex(zeroblob(20000))")
        connection.execute("CREATE TABLE half AS SELECT hex(zeroblob(100000)) AS done")
        files = killed.files
    for name, held in files.items():
        (killed.file.parent / name).write_bytes(held)
    assert len(killed.files) == 2
    said = run("restore", str(backup.file))
    assert names(register.file) == ["Rex"]
    aside = Path(said.split()[-1].removesuffix("."))
    assert names(aside) == (was if place == "register" else ["Rex", "Max"])


@pytest.mark.parametrize("how", STATES)
def test_a_backup_that_is_made_is_whole_or_not_there(run, register, tmp_path, how):
    register.add("Rex")
    register.add("Max")
    register.spoil(how)
    copy = tmp_path / "copy.sqlite"
    if how == "sound":
        run("backup", str(copy))
        assert names(copy) == ["Rex", "Max"]
        assert [file.name for file in tmp_path.iterdir()] == [copy.name]
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    else:
        assert "register" in run("backup", str(copy), fails=True)
        assert not copy.exists()


def test_a_newer_version_s_backup_is_left_to_it(run, register, backup):
    with closing(sqlite3.connect(backup.file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in run("restore", str(backup.file), fails=True)
    assert names(register.file) == ["Rex", "Max"]


def test_everybody_is_signed_out_before_the_file_is_in_its_place(
    app, run, register, backup, edith, session, monkeypatch
):
    """Or a session that was ended since, with its phone lost, would go on where the restore is killed."""

    def killed(folder):
        if "Max" not in names(folder / "pets.sqlite"):
            raise KeyboardInterrupt

    monkeypatch.setattr(sqlite_file, "_sync", killed)
    run("restore", str(backup.file), fails=True)
    assert names(register.file) == ["Rex"]
    assert not session.query(SignIn).filter_by(ended_at=None).all()
    assert [one.event for one in session.query(SecurityEvent)][-1] == "restored"
    assert edith.get("/account").status_code == 303


def test_what_a_killed_backup_or_restore_left_is_swept(run, register, backup):
    folder = register.file.parent / "backups"
    folder.mkdir(exist_ok=True)
    for name in ("pets.sqlite.part", "pets.sqlite.part-wal", "pets-before-20240101-000000.sqlite.part"):
        (register.file.parent / name).touch()
    (folder / "pets-20240101-000000.sqlite.part").touch()
    mine = register.file.parent / "pets.partners.txt"
    mine.touch()
    run("backup")
    assert mine.exists()
    assert len(list(folder.iterdir())) == 1  # and of the rest, see `register`


def test_a_backup_goes_into_its_folder_and_overwrites_nothing(app, run, tmp_path):
    run("backup")
    with app.app_context():
        assert len(store.all_backups()) == 1
    there = tmp_path / "there.sqlite"
    there.write_text("mine")
    assert "is there already" in run("backup", str(there), fails=True)
    assert there.read_text() == "mine"
    assert "could not be written" in run("backup", str(tmp_path / "nowhere" / "x.sqlite"), fails=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can do this")
def test_what_root_makes_is_whose_the_data_folder_is(app, run, register, backup):
    """Who restores with sudo must not leave a register that the service may not open."""
    register.file.chmod(0o600)
    for place in (register.file.parent, *register.file.parent.rglob("*")):
        os.chown(place, 1234, 5678)
    run("backup")
    run("restore", str(backup.file))
    for file in register.file.parent.rglob("*"):
        assert (file.name, file.stat().st_uid, file.stat().st_gid) == (file.name, 1234, 5678)


def test_a_disk_that_fills_up_leaves_the_register_as_it_was(run, register, backup, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlite_file, "copy", full)
    assert "Nothing was changed" in run("restore", str(backup.file), fails=True)
    assert names(register.file) == ["Rex", "Max"]


def test_nothing_is_put_back_under_a_running_server(registers, tmp_path):
    """Not even where its file is damaged, or gone."""
    with registers.lend() as where, registers.beside(where) as app, Server(**where) as server:
        runner = app.test_cli_runner()
        copy = tmp_path / "copy.sqlite"
        register = At(Path(where["PETS_INSTANCE"]) / "pets.sqlite")
        assert runner.invoke(args=["pets", "backup", str(copy)]).exit_code == 0  # while people work
        for how in ("sound", "first page", "missing"):
            register.spoil(how)
            refused = runner.invoke(args=["pets", "restore", str(copy)])
            assert refused.exit_code == 1
            assert "Stop the server" in refused.output
        server.stop()
        assert runner.invoke(args=["pets", "restore", str(copy)]).exit_code == 0


# Under the server


def remove(file):
    file.unlink()


def replace(file):
    shutil.copyfile(file, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
@pytest.mark.parametrize("deed", [remove, replace])
def test_nothing_is_acknowledged_that_goes_into_a_file_without_a_name(register, edith, deed, end):
    form = {"name": "Rex", "type": "dog", "notes": "as it was typed"}
    assert edith.post("/pets/new", form).status_code == 303
    deed(sqlite_file.beside(register.file, end))
    for _ in range(2):
        answer = edith.post("/pets/new", form)
        assert answer.status_code == 503
        assert f"The file pets.sqlite{end} was removed or replaced" in answer.page.text
        assert "stop the server" in answer.page.text
        assert answer.page.form().fields["notes"] == "as it was typed"
    assert (end, deed) != ("", remove) or not register.file.exists()  # nor is an empty one made


@pytest.mark.parametrize("saves", [1, 3])
def test_nothing_is_acknowledged_after_the_log_was_cut_short(register, edith, saves):
    """As the same file, so that nothing was replaced: what follows in it would be gone at the next start."""
    for number in range(saves):
        assert edith.post("/pets/new", name=f"Pet {number}", type="dog").status_code == 303
    token = edith.token
    os.truncate(sqlite_file.beside(register.file, "-wal"), 0)
    for _ in range(2):
        answer = edith.post("/pets/new", name="Rex", type="dog", csrf_token=token)
        assert answer.status_code == 503
        assert "The file pets.sqlite-wal was cut short" in answer.page.text
    alone = shutil.copyfile(register.file, register.file.with_name("alone.sqlite"))
    assert "Rex" not in names(alone)  # and it is whole


def test_a_log_that_another_program_folded_in_is_no_matter(register, edith):
    for name in ("Rex", "Max"):
        assert edith.post("/pets/new", name=name, type="dog").status_code == 303
        with closing(sqlite3.connect(register.file)) as connection:
            assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    assert names(register.file) == ["Rex", "Max"]


def test_all_files_that_went_are_named(register, edith):
    edith.post("/pets/new", name="Rex", type="dog")
    for end in ("", "-wal"):
        sqlite_file.beside(register.file, end).unlink()
    answer = edith.post("/pets/new", name="Max", type="dog")
    assert "The files pets.sqlite, pets.sqlite-wal were removed or replaced" in answer.page.text


def test_no_empty_register_begins_where_one_was_removed_under_the_server(app, register, edith):
    assert edith.post("/pets/new", name="Rex", type="dog").status_code == 303
    register.file.unlink()
    close(app)
    with app.app_context(), pytest.raises(NotOurs, match="is missing or empty, but its log"):
        bring_up_to_date()
    assert not register.file.exists()


def test_a_log_that_ends_with_its_last_connection_is_not_missed(app, register, edith):
    for name in ("Rex", "Max"):
        assert edith.post("/pets/new", name=name, type="dog").status_code == 303
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    assert names(register.file) == ["Rex", "Max"]


@pytest.mark.parametrize("how", ["garbage", "first page", "truncated", "nothing"])
def test_a_damaged_register_is_said_to_be_with_the_backup_to_restore(app, run, register, edith, clock, how):
    for _ in range(2):
        clock.forward(seconds=1)
        run("backup")
    good, newest = sorted((register.file.parent / "backups").iterdir())
    newest.write_bytes(newest.read_bytes()[:8192])
    edith.get("/pets/new")
    with app.app_context(), closing(db.engine.raw_connection()) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        register.spoil(how)
        connection.execute("PRAGMA shrink_memory")  # what it had read before
    for answer in (edith.get("/pets/"), edith.post("/pets/new", name="Rex", type="dog")):
        assert answer.status_code == 503
        assert "damaged" in answer.page.text
        assert good.name in answer.page.text


@pytest.mark.parametrize("how", ["garbage", "first page", "truncated"])
def test_a_damaged_register_is_told_to_whoever_starts_the_server_or_a_command(
    run, register, how, monkeypatch, log_restored
):
    run("backup")
    [good] = (register.file.parent / "backups").iterdir()
    register.spoil(how)
    before = register.file.read_bytes()
    monkeypatch.setenv("PETS_INSTANCE", str(register.file.parent))
    monkeypatch.setenv("PETS_HOST", "nowhere.invalid")  # where it could not be served either
    with pytest.raises(SystemExit) as refused:
        main()
    # What the server knows of its place is not known at another terminal.
    where = f"PETS_INSTANCE={register.file.parent} "
    for said, told in ((str(refused.value.code), where), (run("sample", fails=True), "")):
        assert "or a damaged one. It was left as it is. Restore a backup" in said
        assert f"To restore it: {told}{COMMAND} restore {good}" in said
    assert register.file.read_bytes() == before


def test_at_a_terminal_of_windows_the_command_can_be_typed(app, run, register, monkeypatch):
    """Where single quotes are letters as others are."""
    run("backup")
    monkeypatch.setattr(restore, "POSIX", False)
    good = Path("C:/Data of Pets/pets.sqlite")
    monkeypatch.setattr(store, "newest_good", lambda: replace_file(store.all_backups()[0], file=good))
    with app.app_context():
        assert restore.way_back().endswith(f'{COMMAND} restore "{good}"')


def test_a_register_that_is_gone_but_for_its_log_is_not_begun_again(run, register):
    register.add("Rex")
    register.file.unlink()
    files = register.files
    assert "pets.sqlite-wal is there" in run("sample", fails=True)
    assert register.files == files


def test_after_a_clean_stop_the_file_alone_holds_everything(registers, tmp_path):
    with registers.lend() as where, Server(**where) as server:
        register = At(Path(where["PETS_INSTANCE"]) / "pets.sqlite")
        with registers.beside(where) as app, app.app_context():
            db.session.add(Pet(name="Rex", type="dog"))
            db.session.commit()
        assert len(register.files) == 2
        server.stop()
        copy = shutil.copyfile(register.file, tmp_path / "alone.sqlite")
        assert names(copy) == ["Rex"]
        assert set(register.files) == {"pets.sqlite"}
