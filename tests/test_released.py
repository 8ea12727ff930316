"""Upgrades: a backup first, all or nothing, and what an older version left comes up whole."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pets.backups import store
from pets.backups.upgrade import begin_register
from pets.db import db
from pets.migrations import FOLDER, NotOurs, steps
from pets.models.pet import Pet
from tests.people import PASSWORD
from tests.released.__main__ import dump
from tests.replay import history_and_register_agree
from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))


def load(app, file):
    """Put a register that an older version left in the place of an app's."""
    register = Path(app.instance_path) / "pets.sqlite"
    with closing(sqlite3.connect(register)) as connection:
        connection.executescript(file.read_text("utf-8"))
    return register


@pytest.mark.parametrize("file", RELEASED, ids=lambda file: file.stem)
def test_a_register_of_each_released_version_comes_up_whole(registers, clock, file):
    with registers.open_new() as app:
        load(app, file)
        with app.app_context():
            begin_register()
            history_and_register_agree()
            [backup] = store.all_backups()
            assert (backup.why, backup.contents.step) == ("upgrade", file.stem)
            assert (backup.contents.pets, backup.contents.accounts) == (2, 0 if file.stem == "0001" else 3)
        edith = app.test_client(name="edith")
        if file.stem == "0001":
            assert "/setup" in edith.get("/pets/").location  # there were no accounts yet
            return
        edith.fill("/login", name="edith", password=PASSWORD)
        assert [row.one("a").text for row in edith.get("/pets/").page.select("tbody tr")] == [
            "Rexie",
            "Žofie",
        ]
        history = edith.get("/pets/1").page.text
        assert "Rex" in history
        assert "found" in edith.get("/history/4").page.text + history
        assert edith.post("/history/6/undo").status_code == 303  # Max, who was removed then, is back
        if file.stem >= "0003":
            draft = edith.get("/draft").page
            assert "Whiskers" in draft.text
            assert draft.submit(edith, action="/draft/save").location.startswith("/pets/")
        if file.stem >= "0005":
            assert "pets.csv" in edith.get("/import").page.text
            assert edith.get("/import/1").page.submit(edith, action="/import/1").location == "/import/1/check"
            assert "not a date" in edith.get("/import/1/check").page.html
        with app.app_context():
            history_and_register_agree()


@pytest.mark.parametrize("step", ["0001", "0007"])
def test_a_backup_of_an_older_version_is_restored_and_brought_up_to_date(app, run, ada, step):
    file = Path(app.instance_path) / "backups" / "pets-20240101-000000.sqlite"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((Path(__file__).parent / "released" / f"{step}.sql").read_text("utf-8"))
    page = ada.get(f"/backups/{file.name}/restore").page
    assert ("There are no accounts in it" in page.text) == (step == "0001")
    run("restore", str(file))
    with app.app_context():
        history_and_register_agree()
        assert db.session.query(Pet).count() == 2
        db.session.remove()


def test_a_register_is_kept_for_each_version_that_was_released():
    kept = {file.stem for file in RELEASED}
    assert kept == {step for step in steps() if step <= max(kept)}, "python -m tests.released"


BROKEN = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9000", "{last}"


def upgrade():
    op.add_column("pet", sa.Column("horns", sa.Integer))
    op.execute("DELETE FROM draft_line")
    op.execute("SELECT 1 FROM nowhere")
"""


@pytest.fixture
def next_version(monkeypatch, tmp_path):
    """A version to come, whose migration fails at its end."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9000_broken.py").write_text(BROKEN.format(last=max(steps())))
    monkeypatch.setattr("pets.migrations.FOLDER", folder)


def test_a_migration_that_fails_leaves_register_and_backup_as_they_were(registers, next_version):
    with registers.open_new() as app:
        register = load(app, RELEASED[-1])
        before = list(dump(register))
        with app.app_context(), pytest.raises(NotOurs) as refused:
            begin_register()
        with app.app_context():
            db.engine.dispose()
        assert list(dump(register)) == before
        [backup] = (Path(app.instance_path) / "backups").iterdir()
        assert list(dump(backup)) == before
        said = str(refused.value)
        assert "did not succeed (no such table: nowhere). The register is as it was before." in said
        assert f"The backup that was made first is {backup}." in said
        assert "Start the version of Pets that was used last" in said
        result = app.test_cli_runner().invoke(args=["pets", "check"])
        assert result.exit_code == 1
        assert "did not succeed" in result.output


def test_without_room_for_the_backup_nothing_is_upgraded(registers, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    with registers.open_new() as app:
        register = load(app, RELEASED[-1])
        before = list(dump(register))
        monkeypatch.setattr("pets.sqlite.file.copy", full)
        with (
            app.app_context(),
            pytest.raises(NotOurs, match=r"has to be upgraded, and was left as it is.*No space"),
        ):
            begin_register()
        assert list(dump(register)) == before


def test_the_program_says_at_its_start_that_it_cannot_upgrade(registers):
    """A newer register, and an older program, as somebody starts it who put the wrong files in place."""
    with registers.lend() as where:
        with closing(sqlite3.connect(Path(where["PETS_INSTANCE"]) / "pets.sqlite")) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        said = subprocess.run(
            [sys.executable, ROOT / "app.py"], env=where, cwd=ROOT, capture_output=True, text=True
        )
        assert said.returncode == 1
        assert said.stderr.startswith("This register was last used by a newer version of Pets")
        assert not (Path(where["PETS_INSTANCE"]) / "backups").exists()
