"""Whether all is well: what a monitor is told, and what admins read, on a page and in the terminal."""

import shutil
import sqlite3
from collections import namedtuple
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import pets.clock
from pets.backups import make
from pets.db import db
from pets.health import machine
from pets.models.pet import Pet
from pets.sqlite import file as sqlite_file, network

pytestmark = pytest.mark.on_both

SQLITE = pytest.mark.sqlite_only


def test_a_monitor_is_told_without_a_session(stranger, statements):
    statements.clear()
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert len([one for one in statements if "alembic_version" in one]) == 1
    assert "Set-Cookie" not in answer.headers
    assert not [one for one in statements if "sign_in" in one]
    assert stranger.head("/healthz").status_code == 200


def test_a_register_of_another_version_is_no_good(registers):
    with registers.open(TESTING=False) as app:
        with app.app_context():
            db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
            db.session.commit()
        answer = app.test_client(name="stranger").get("/healthz")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("what", ["removed", "emptied"])
def test_a_register_that_is_gone_is_no_good(registers, what):
    with registers.open(TESTING=False) as app:
        stranger = app.test_client(name="stranger")
        assert stranger.get("/healthz").status_code == 200
        with app.app_context():
            file = db.engine.url.database
        if what == "removed":
            Path(file).rename(file + ".away")
        else:
            with sqlite3.connect(file) as connection:
                connection.execute("DROP TABLE alembic_version")
            connection.close()
        answer = stranger.get("/healthz")
        assert answer.status_code == 503
        assert "register" in answer.page.text


# The check-up


@contextmanager
def ailing(registers, tmp_path, monkeypatch, what):
    """A register that something is wrong with."""
    settings = {
        "open to the network": {"PETS_HOST": "0.0.0.0"},
        "a proxy without HTTPS": {"PETS_TRUSTED_PROXIES": "1"},
    }.get(what, {})
    with registers.open(**settings) as app:
        folder = Path(app.instance_path)
        if what == "a full disk":
            usage = namedtuple("usage", "total used free")(10**9, 10**9 - 5, 5)
            monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        elif what == "a network disk":
            mounts = tmp_path / "mountinfo"
            mounts.write_text(f"1 1 0:1 / / rw - ext4 a rw\n2 1 0:2 / {folder.parent} rw - nfs4 a:/b rw\n")
            monkeypatch.setattr(network, "MOUNTS", mounts)
        elif what == "a key that others may read":
            folder.chmod(0o755)
            (folder / "secret_key").chmod(0o644)
        elif what == "an old schema":
            with app.app_context():
                db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
                db.session.commit()
        elif what == "another package":
            monkeypatch.setattr(machine, "version", lambda name: "0" if name == "waitress" else real(name))
        elif what == "a clock that is years behind":
            monkeypatch.setattr(pets.clock, "now", lambda: real_now() - timedelta(days=20_000))
        elif what == "a clock that was ahead":
            monkeypatch.setattr(pets.clock, "now", lambda: real_now() + timedelta(hours=3))
            with app.app_context():
                db.session.add(Pet(name="Rex", type="dog"))
                db.session.commit()
            monkeypatch.setattr(pets.clock, "now", real_now)
        elif what == "damage":
            monkeypatch.setattr(sqlite_file, "check", broken)
        elif what == "a register as large as a library":
            monkeypatch.setattr("pets.views.health.PATIENCE", -1)
            monkeypatch.setattr("pets.cli.health.PATIENCE", -1)
            with app.app_context():
                db.session.add_all(
                    Pet(name=f"Rex {number}", type="dog", notes="x" * 99) for number in range(500)
                )
                db.session.commit()
        yield app


def broken(*_):
    problem = sqlite3.DatabaseError("row 7 missing from index ix_pet")
    problem.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    raise problem


real, real_now = machine.version, pets.clock.now


@pytest.mark.parametrize(
    ("what", "name", "state", "words"),
    [
        ("open to the network", "HTTPS", "BAD", "Passwords travel in the clear"),
        ("open to the network", "Host names", "look", "Set PETS_ALLOWED_HOSTS"),
        ("a full disk", "Disk space", "BAD", "is: 0 MB"),
        ("a clock that is years behind", "Clock", "BAD", "The program itself is younger"),
        ("a clock that was ahead", "Clock", "BAD", "yet to come"),
        ("another package", "Versions", "look", "was tested with: waitress"),
        ("an old schema", "Database", "BAD", "Restart the server"),
        ("a key that others may read", "Permissions", "BAD", "secret_key"),
        pytest.param("a network disk", "Location", "BAD", "a network disk (nfs4)", marks=SQLITE),
        pytest.param("damage", "Integrity", "BAD", "row 7 missing", marks=SQLITE),
        pytest.param("a register as large as a library", "Integrity", "look", "too large", marks=SQLITE),
    ],
)
def test_the_page_and_the_terminal_say_what_is_wrong_and_what_to_do(
    registers, tmp_path, monkeypatch, what, name, state, words
):
    with ailing(registers, tmp_path, monkeypatch, what) as app:
        page = app.test_client(name="ada").get("/health").page
        [line] = [one for one in page.select(".lines > li") if one.select("b")[0].text == name]
        assert line.one(".pill").text == {"BAD": "fix this", "look": "check this"}[state]
        assert words in line.text
        assert "To do:" in line.text
        result = app.test_cli_runner().invoke(args=["pets", "doctor"])
        said = result.output.splitlines()
        [number] = [
            number for number, one in enumerate(said) if one.startswith(f"{state.ljust(4)}  {name}: ")
        ]
        assert words in " ".join(said[number : number + 2])
        assert said[number + 1].strip().startswith("To do: ")
        assert result.exit_code == ("BAD " in result.output)
        key = (Path(app.instance_path) / "secret_key").read_text()
        assert key not in result.output + page.html


@pytest.mark.sqlite_only
def test_a_backup_is_well_once_it_was_tried_and_lies_on_another_disk_too(registers, tmp_path, monkeypatch):
    (tmp_path / "stick").mkdir()
    with registers.open(PETS_BACKUPS=str(tmp_path / "stick")) as app:
        ada, runner = app.test_client(name="ada"), app.test_cli_runner()

        def said():
            [line] = [
                one.text for one in ada.get("/health").page.select(".lines > li") if "Backups" in one.text
            ]
            return line

        assert "There is no good backup" in said()
        runner.invoke(args=["pets", "backup"])
        assert "None was tried by restoring it yet" in said()
        runner.invoke(args=["pets", "backup", "--rehearse"])
        assert "came up whole" in said()
        assert "All are on the disk of the register" in said()
        monkeypatch.setattr(make, "_is_away", lambda folder: True)
        assert "Backups OK" in said()
        app.config["PETS_BACKUPS"] = ""
        assert "Set PETS_BACKUPS to a folder on another disk" in said()


def test_where_all_is_well_the_terminal_says_so(run, ada):
    run("backup")
    said = run("doctor")
    assert not [line for line in said.splitlines() if line.startswith("BAD")]
    assert "It answers, and is up to date." in said


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"X-Forwarded-Proto": "https"}, "This page came over HTTPS."),
        ({}, "The proxy handed this page on as plain HTTP."),
    ],
)
def test_behind_a_proxy_the_page_tells_how_it_came(registers, headers, found):
    with registers.open(PETS_TRUSTED_PROXIES="1", PETS_ALLOWED_HOSTS="localhost") as app:
        ada = app.test_client(name="ada")
        if headers:
            ada.set_cookie(f"__Host-{app.config['SESSION_COOKIE_NAME']}", ada.cookie)
        page = ada.get("/health", headers=headers).page
        assert found in page.text
        assert "The site answers to localhost and to no other name." in page.text


@pytest.mark.sqlite_only
def test_the_doctor_begins_no_register_where_there_is_none(registers):
    with registers.open_new() as app:
        result = app.test_cli_runner().invoke(args=["pets", "doctor"])
        assert result.exit_code == 1
        assert "There is no register at" in result.output
        assert "could not be checked" not in result.output
        assert [file.name for file in Path(app.instance_path).iterdir()] == ["secret_key"]


@pytest.mark.sqlite_only
def test_a_register_on_a_network_disk_is_refused(registers, tmp_path, monkeypatch):
    with ailing(registers, tmp_path, monkeypatch, "a network disk") as app:
        result = app.test_cli_runner().invoke(args=["pets", "upgrade"])
        assert result.exit_code == 1
        assert (
            "is on a network disk (nfs4), where SQLite would damage it. Set PETS_INSTANCE to" in result.output
        )


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/srv/pets/a", "cifs"),
        ("/srv/petshop", None),
        ("/srv/two words/a", "fuse.sshfs"),
        ("/srv/two words/here", None),
        ("/home/é", "nfs"),
        ("/etc", None),
    ],
)
def test_what_a_place_is_on_is_told_by_the_nearest_mount(tmp_path, monkeypatch, place, kind):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 1 8:1 / / rw shared:1 - ext4 /dev/sda rw\n"
        "2 1 0:2 / /srv/pets rw - ext4 /dev/sdb rw\n"
        "3 2 0:3 / /srv/pets rw master:2 - cifs //a/b rw\n"
        "4 1 0:4 / /srv/two\\040words rw - fuse.sshfs a:/b rw\n"
        "5 4 0:5 / /srv/two\\040words/here rw - ext4 /dev/sdc rw\n"
        "6 1 0:6 / /home/é rw - nfs a:/b rw\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(network, "MOUNTS", mounts)
    assert network.network_kind(Path(place)) == kind
    monkeypatch.setattr(network, "MOUNTS", tmp_path / "none")
    assert network.network_kind(Path(place)) is None


MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect, root data)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
map -hosts on /net (autofs, nosuid, automounted, nobrowse)
//ada@nas._smb._tcp.local/pets on /Volumes/pets (smbfs, nodev, nosuid, mounted by ada)
afp_0TQCV10QsPgy0TShVK000000-4.2d000006 on /Volumes/old server (afpfs, nodev, nosuid, mounted by ada)
nas:/export on /net/nas/export (nfs, nodev, nosuid, automounted, nobrowse)
https://dav.example.org/ on /Volumes/dav on é (webdav, nodev, noexec, nosuid, mounted by ada)
ada@nas:/srv on /Volumes/ssh (macfuse, nodev, nosuid, synchronous, mounted by ada)
/dev/disk4s1 on /Volumes/stick (2) (msdos, local, nodev, nosuid, noowners, mounted by ada)
/dev/disk5s1 on /Volumes/pets/image (hfs, local, nodev, nosuid, journaled, mounted by ada)
"""


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/Users/ada/Pets", None),
        ("/System/Volumes/Data/home/ada", None),
        ("/Volumes/pets/instance", "smbfs"),
        ("/Volumes/pets/image/instance", None),
        ("/Volumes/petshop", None),
        ("/Volumes/old server/instance", "afpfs"),
        ("/net/nas/export/instance", "nfs"),
        ("/Volumes/dav on é/instance", "webdav"),
        ("/Volumes/ssh", "macfuse"),
        ("/Volumes/stick (2)/instance", None),
    ],
)
def test_on_macos_it_is_told_by_what_is_mounted(tmp_path, monkeypatch, place, kind):
    program = tmp_path / "mount"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{MACOS}END\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(network.sys, "platform", "darwin")
    monkeypatch.setattr(network, "LIST", str(program))
    assert network.network_kind(Path(place)) == kind
    program.write_text("#!/bin/sh\nexit 1\n")
    assert network.network_kind(Path(place)) is None
