"""The worst moments of a server: begun twice at once, told to stop in the middle, or misled by its clock."""

import re
import sqlite3
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from app import create_app
from pets.backups import store
from pets.backups.make import make_automatically
from pets.backups.nightly import tend
from pets.changes.changeset import Change
from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db
from pets.models.pet import Pet
from tests.people import PASSWORD
from tests.registers import DATABASE
from tests.replay import history_and_register_agree
from tests.server import Server
from tests.test_together import Tab, looking_at

LINES = 6000


@pytest.fixture
def empty(registers, tmp_path):
    """The settings of a register that is not there yet."""
    with registers.open_new() as app:
        where = {"PETS_INSTANCE": str(tmp_path / "data")}
        if DATABASE == "postgresql":
            where["PETS_DATABASE_URI"] = app.config["PETS_DATABASE_URI"]
        yield where


def test_two_servers_that_start_at_one_moment_make_one_register(empty, tmp_path):
    """In PostgreSQL both serve it. A SQLite file is one server's, and the other says so."""
    with ExitStack() as stack:
        servers = [Server(**empty) for _ in range(2)]
        for number, server in enumerate(servers):
            server._output = tmp_path / f"{number}.log"
            stack.callback(server.kill)
        with ThreadPoolExecutor(2) as pool:
            began = list(pool.map(Server.begins, servers))
        assert sorted(began) == [DATABASE == "postgresql", True]
        for server, serves in zip(servers, began, strict=True):
            if serves:
                assert "Create the first one here" in server.output
            else:
                assert server.output.startswith("Another server has this register open. Stop that first")
                assert server.wait() == 1
        assert len({file.name for file in (tmp_path / "data").glob("secret_key*")}) == 1
        with looking_at(servers[0]) as session:
            assert session.query(Pet).count() == 0
            history_and_register_agree()


def test_a_server_that_is_begun_twice_takes_nothing_from_the_one_that_serves(empty, tmp_path):
    """The link to the first account still opens."""
    with Server(**empty) as first:
        link = re.search(r"Create the first one here: (\S+)", first.output)[1]
        other = Server(**empty)
        other.port, other._output = first.port, tmp_path / "other.log"
        assert not other.begins()
        with urllib.request.urlopen(link) as answer:
            assert answer.status == 200


@pytest.mark.sqlite_only
def test_a_register_that_is_reached_by_a_link_has_one_server_too(empty, tmp_path):
    with Server(**empty):
        (tmp_path / "link.sqlite").symlink_to(tmp_path / "data" / "pets.sqlite")
        address = f"sqlite:///{tmp_path}/link.sqlite"
        other = Server(PETS_INSTANCE=str(tmp_path / "other"), PETS_DATABASE_URI=address)
        assert not other.begins()
        assert other.output.startswith("Another server has this register open.")


@pytest.mark.sqlite_only
def test_who_is_being_answered_when_it_is_told_to_stop_gets_the_answer(serve, registers):
    server = serve()
    tab = Tab(server, registers.cookie("edith"))
    tab.get("/pets/new")
    file = Path(server.settings["PETS_INSTANCE"]) / "pets.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN IMMEDIATE")
        sent = pool.submit(tab.post, "/pets/new", name="Rex", type="dog")
        time.sleep(0.3)  # it waits for the lock by now
        server.tell_to_stop()
        time.sleep(6)  # longer than waitress would wait by itself
        other.execute("ROLLBACK")
        status, where = sent.result(20)
    assert (status, where) == (303, "/pets/1")
    assert server.wait() == 0
    with looking_at(server) as session:
        assert session.query(Pet).one().name == "Rex"


def test_a_long_job_in_which_it_is_told_to_stop_is_done_whole_or_not_at_all(serve, registers):
    server = serve()
    app = create_app(server.settings)
    with app.app_context():
        facts = {"name": "", "type": "dog", "born": None, "notes": ""}
        lines = (
            Wanted(None, 0, f"Pet {number}", None, {**facts, "name": f"Pet {number}"})
            for number in range(LINES)
        )
        Draft.begin(2, "Edith").stage(lines)
        db.session.commit()
        db.engine.dispose()
    tab = Tab(server, registers.cookie("edith"))
    form = tab.get("/draft")
    status, work = tab.post("/draft/save", draft=form["draft"], revision=form["revision"])
    assert (status, work[:6]) == (303, "/work/")
    done = 0
    for _ in range(2000):
        _, _, text = tab._ask("GET", work)
        done = int(re.search(r"<progress[^>]*>(\d+)<", text)[1])
        if done:
            break
        threading.Event().wait(0.01)
    assert 0 < done < LINES, "it was not met in the middle"
    server.tell_to_stop()
    assert server.wait() == 0
    with looking_at(server) as session:
        pets, draft = session.query(Pet).count(), Draft.held(2)
        assert (pets, draft and draft.size) in ((0, LINES), (LINES, None))
        history_and_register_agree()
    assert "Traceback" not in server.output


def test_a_restore_under_many_who_save_loses_nothing_that_was_acknowledged(serve, registers):
    """It is in the register that came, or in the one that is kept; and nobody is shown an error of ours."""
    server = serve()
    ada, people = Tab(server, registers.cookie("ada")), []
    ada.get("/backups")
    assert ada.post("/backups")[0] == 303
    added, odd, over = [], [], threading.Event()

    def save(person):
        tab, number = Tab(server, registers.cookie("edith")), 0
        tab.get("/pets/new")
        while not over.is_set():
            number += 1
            status, where = tab.post("/pets/new", name=f"{'ABCDEFGH'[person] * 3} {number}", type="dog")
            if status == 303 and where.startswith("/login"):
                return
            if status == 303:
                added.append(f"{'ABCDEFGH'[person] * 3} {number}")
            elif status not in (200, 422, 503):  # the form is shown again, to be sent now or after that
                odd.append(status)

    people = [threading.Thread(target=save, args=(person,)) for person in range(8)]
    for person in people:
        person.start()
    with looking_at(server):
        [backup] = [made for made in store.all_backups() if not made.why]  # and not of the night
    ada.get(f"/backups/{backup.name}/restore")
    status, work = ada.post(f"/backups/{backup.name}/restore", password=PASSWORD)
    assert (status, work[:6]) == (303, "/work/")
    for person in people:
        person.join(30)
    over.set()
    assert not odd
    assert added
    server.stop()
    assert "Traceback" not in server.output
    with looking_at(server):
        history_and_register_agree()
        assert db.session.query(Pet).count() == 0
        [kept] = [one for one in store.all_backups() if one.why == "before"]
        db.session.remove()
        with store.archive().tried(kept.file):
            history_and_register_agree()
            assert {pet.name for pet in db.session.query(Pet)} >= set(added)


JUMPS = [timedelta(hours=-7), timedelta(hours=7), timedelta(days=-4000), timedelta(days=400)]
PAGES = ("/", "/pets/", "/pets/1", "/history", "/draft", "/backups", "/health", "/security", "/pets.csv")


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_clock_that_jumps_loses_nothing_and_keeps_nobody_out(app, ada, clock, monkeypatch, jump):
    """Work goes on, at worst after signing in again; what is undone is undone in the order it was done in."""
    ada.sign_in()
    assert ada.post("/pets/new", name="Rex", type="dog").location == "/pets/1"
    now = time.time
    for turn, moved in (("after", jump), ("back", -jump)):
        ahead = jump.total_seconds() if turn == "after" else 0
        monkeypatch.setattr(time, "time", lambda ahead=ahead: now() + ahead)
        clock.forward(days=moved.days, seconds=moved.seconds)
        if ada.get("/pets/new").status_code != 200:
            assert ada.sign_in().status_code == 303
        assert ada.fill("/pets/1/edit", name=f"Rex {turn}").status_code == 303
        assert ada.get("/pets/1").page.one("h1").text == f"Rex {turn}"
        with app.app_context():
            make_automatically("nightly")
            tend()
        assert [ada.get(path).status_code for path in PAGES] == [200] * len(PAGES)
    with app.app_context():
        history_and_register_agree()
        names = [change.after["name"] for change in db.session.query(Change).order_by(Change.id)]
        assert names == ["Rex", "Rex after", "Rex back"]
        assert len(store.all_backups()) >= 1
        assert not [one for one in store.all_backups() if one.problem]
