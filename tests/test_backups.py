"""Backups by themselves: each night and before what is large, read again, kept twice, and rehearsed."""

import io
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pets.backups import make, store
from pets.backups.make import spare
from pets.backups.nightly import Nightly, tend
from pets.backups.store import Backup
from tests.registers import DATABASE


@pytest.fixture
def night(app):
    """What the server does by itself, if it is due."""

    def tend_now(app=app):
        with app.app_context():
            tend()

    return tend_now


def listed(person):
    """The page's table: when, pets, size, checked."""
    rows = person.get("/backups").page.select("tbody tr")
    return [[cell.text for cell in row.select("th, td")] for row in rows]


def told(app):
    """What an admin reads on any page; in a browser of their own, since the nights of a test end sessions."""
    return app.test_client(name="ada").get("/pets/").page.text


def names(app):
    with app.app_context():
        return [one.name for one in store.all_backups()]


def test_one_is_made_each_night_or_at_the_first_start_of_a_day(app, ada, rex, night, clock):
    clock.set("2024-06-15 09:00")
    for _ in range(2):
        night()
    assert len(names(app)) == 1
    clock.set("2024-06-16 00:30")  # the night has begun, but it is not 3 o'clock where the site is
    with app.app_context():
        app.config["PETS_TIMEZONE"] = "UTC"
    night()
    assert len(names(app)) == 1
    clock.set("2024-06-16 03:05")
    night()
    newest, *_ = names(app)
    assert newest == f"pets-20240616-030500-nightly.{'sqlite' if DATABASE == 'sqlite' else 'dump'}"
    _, made, pets, size, checked = listed(ada)[0][:5]
    assert "made automatically" in made
    assert pets == "1"
    assert size.endswith("MB")
    assert "good" in checked


def backup(moment, why="nightly"):
    return Backup(Path(f"{moment:%Y%m%d-%H%M%S}{why}"), why, moment, 1)


@pytest.mark.any_database
def test_seven_days_four_weeks_and_twelve_months_are_kept(app):
    """Three years of nights, and let go of after each."""
    there, now = [], datetime(2021, 1, 1, 3, tzinfo=UTC)
    mine = backup(now - timedelta(hours=1), "")
    with app.app_context():
        app.config["PETS_TIMEZONE"] = "UTC"
        for _ in range(3 * 365):
            now += timedelta(days=1)
            there.append(backup(now))
            gone = {one.name for one in spare([*there, mine], 7, 4, 12)}
            assert mine.name not in gone
            there = [one for one in there if one.name not in gone]
    days = sorted(((now - one.made_at).days for one in there), reverse=False)
    assert days[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert len(there) <= 7 + 4 + 12
    assert {(one.made_at.year, one.made_at.month) for one in there} >= {
        ((now - timedelta(days=30 * ago)).year, (now - timedelta(days=30 * ago)).month) for ago in range(12)
    }


@pytest.mark.any_database
def test_the_newest_before_an_upgrade_and_a_large_save_stay(app):
    now = datetime(2024, 6, 1, 12, tzinfo=UTC)
    many = [backup(now + timedelta(days=ago)) for ago in range(400)]
    upgrade, older, large = (
        backup(now, "upgrade"),
        backup(now - timedelta(hours=1), "upgrade"),
        backup(now, "import"),
    )
    with app.app_context():
        gone = spare([*many, upgrade, older, large], 7, 4, 12)
    assert older in gone
    assert not {upgrade.name, large.name} & {one.name for one in gone}


@pytest.mark.any_database
def test_admins_are_told_on_every_page_when_the_newest_good_one_is_old(app, ada, edith, night, clock):
    sentence = "The newest good backup of the register is from 15 June 2024."
    night()
    clock.forward(days=3)
    assert sentence not in ada.get("/pets/").page.text
    clock.forward(hours=1)
    for page in ("/pets/", "/account", "/backups"):
        assert sentence in ada.get(page).page.text
        assert sentence not in (edith.get(page).page.text if page != "/backups" else "")
    night()
    assert sentence not in ada.get("/pets/").page.text


@pytest.mark.any_database
def test_one_that_rots_is_found_and_no_longer_counts(app, ada, night, clock):
    night()
    [name] = names(app)
    file = Path(app.instance_path) / "backups" / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    clock.forward(days=4)
    with app.app_context():
        assert store.newest_good() is None
    assert "damaged" in listed(ada)[0][4]
    night()
    assert len(names(app)) == 2
    with app.app_context():
        assert store.newest_good().name == names(app)[0]


def sheet(rows):
    return io.BytesIO(("name,type\n" + "".join(f"Pet {row},dog\n" for row in range(rows))).encode())


def test_one_is_made_before_more_than_a_thousand_changes_are_saved(app, run, rex, tmp_path):
    for rows in (1000, 1001):
        file = tmp_path / "pets.csv"
        file.write_bytes(sheet(rows).getvalue())
        run("import", str(file), "--match", "new", "--save")
    with app.app_context():
        [made] = store.all_backups()
        assert made.why == "import"
        assert made.contents.pets == 1001


@pytest.mark.any_database
def test_a_disk_without_room_stops_no_large_save_but_is_told(app, ada, run, monkeypatch, tmp_path):
    (tmp_path / "pets.csv").write_bytes(sheet(1001).getvalue())

    def full(part):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(type(archive_of(app)), "write", lambda self, part: full(part))
        said = run("import", str(tmp_path / "pets.csv"), "--save")
    assert "No backup could be made before it" in said
    assert "1,001 changes were saved" in said
    assert "No space left" in ada.get("/pets/").page.text
    assert not list((Path(app.instance_path) / "backups").iterdir())


def archive_of(app):
    with app.app_context():
        return store.archive()


@pytest.fixture
def second(registers, tmp_path, monkeypatch):
    """A register with a second folder for its backups, and the disk that it is on."""
    disk = {"away": True}
    monkeypatch.setattr(make, "_is_away", lambda there: disk["away"])
    folder = tmp_path / "stick"
    folder.mkdir()
    with registers.open(PETS_BACKUPS=str(folder)) as app:
        yield app, folder, disk


@pytest.mark.any_database
def test_each_is_copied_to_the_second_folder(second, night, clock):
    app, folder, _ = second
    night(app)
    assert [file.name for file in folder.iterdir()] == names(app)
    [copy] = folder.iterdir()
    assert copy.read_bytes() == (Path(app.instance_path) / "backups" / copy.name).read_bytes()
    assert str(folder) in app.test_client(name="ada").get("/backups").page.text


@pytest.mark.any_database
def test_a_second_folder_that_is_not_really_there_gets_nothing_and_is_told(second, night, clock):
    app, folder, disk = second
    night(app)
    [kept] = folder.iterdir()
    kept.unlink()
    disk["away"] = False  # the stick was pulled out: what is left is the place where it was
    clock.forward(days=1)
    night(app)
    assert not list(folder.iterdir())
    assert "is an empty place: the disk or share that was there is not connected" in told(app)
    folder.rmdir()
    clock.forward(days=1)
    night(app)
    assert "is not there. Plug in the disk" in told(app)
    folder.mkdir()
    disk["away"] = True
    night(app)
    assert len(list(folder.iterdir())) == 3
    assert "Plug in" not in told(app)


@pytest.mark.any_database
def test_a_second_folder_on_the_same_disk_is_used_and_said_to_be(second, night):
    app, folder, disk = second
    disk["away"] = False
    night(app)
    assert len(list(folder.iterdir())) == 1
    assert "on the same disk" in app.test_client(name="ada").get("/backups").page.text


def rehearsed(app):
    with app.app_context():
        return store.notes().get("rehearsed", {}).get("at", "")[:16]


def test_the_newest_is_rehearsed_each_month_and_told(registers, clock, night):
    """By night; where the machine is off then, a week later by day."""
    with registers.open(PETS_TIMEZONE="UTC") as app:
        ada = app.test_client(name="ada")
        ada.post("/fields/new", suggested="sex")  # each register has fields of its own
        ada.post("/pets/new", {"name": "Rex", "type": "dog", "own.1": "female"})
        for moment, found in (
            ("2024-06-15T12:00", ""),
            ("2024-06-16T03:05", "2024-06-16T03:05"),
            ("2024-07-15T03:05", "2024-06-16T03:05"),
            ("2024-07-16T12:00", "2024-06-16T03:05"),
            ("2024-07-23T12:00", "2024-07-23T12:00"),
        ):
            clock.set(moment)
            night(app)
            assert rehearsed(app) == found, moment
        said = app.test_client(name="ada").get("/backups").page.text
    assert "rehearsed" in said
    assert "It came up whole, with 1 pet, as its history tells." in said


def test_a_rehearsal_by_hand_says_what_it_found(app, run, rex, add_pet, edith):
    edith.fill(f"/pets/{rex.id}/edit", name="Max")  # what it was called before ends on a day of the site's
    assert "There is no good backup" in run("backup", "--rehearse", fails=True)
    run("backup")
    add_pet("Max")
    assert "It came up whole, with 1 pet" in run("backup", "--rehearse")
    assert not list(Path(app.instance_path).rglob("*.part*"))


@pytest.mark.sqlite_only
def test_a_rehearsal_that_fails_is_told_in_red(app, ada, run, rex):
    with closing(sqlite3.connect(Path(app.instance_path) / "pets.sqlite")) as connection, connection:
        connection.execute("DROP TRIGGER pet_changed_untold")
        connection.execute("UPDATE pet SET notes = 'x'")
    run("backup")
    assert "Pet 1 is not as its history tells: notes" in run("backup", "--rehearse", fails=True)
    assert "The rehearsal of a backup failed." in ada.get("/pets/").page.text


@pytest.mark.any_database
@pytest.mark.parametrize("kept", ["", "7", "7 4", "7 4 12 1", "a b c", "-1 4 12", "7 4 1000"])
def test_what_is_kept_has_to_be_three_numbers(registers, kept):
    with pytest.raises(ValueError, match="PETS_BACKUPS_KEPT"), registers.open(PETS_BACKUPS_KEPT=kept):
        pass


@pytest.mark.any_database
def test_none_are_made_where_that_is_set(registers, night):
    with registers.open(PETS_BACKUPS_KEPT="0 0 0") as app:
        night(app)
        assert names(app) == []


@pytest.mark.any_database
def test_the_server_makes_one_by_itself(app, monkeypatch):
    monkeypatch.setattr("pets.backups.nightly.SOON", 0.01)
    thread = Nightly(app)
    monkeypatch.setattr("pets.backups.nightly.AGAIN", 60)
    thread.start()
    for _ in range(500):
        with app.app_context():
            if store.notes().get("files"):
                break
        thread.join(0.02)
    assert [one for one in names(app) if "nightly" in one]
