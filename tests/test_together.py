"""Several at once, and the worst moments: no error, nothing lost, nothing twice, nothing half."""

import contextlib
import http.client
import random
import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import event, select

from app import create_app
from pets.changes.changeset import Change, Changeset
from pets.changes.merge import apply
from pets.db import db
from pets.models.pet import SAMPLES, Pet
from tests.registers import DATABASE
from tests.replay import history_and_register_agree

MANY = 16
KILLS = {"sqlite": 6, "postgresql": 3}[DATABASE]  # PostgreSQL is a server of its own, and lives on


class Tab:
    """Somebody's browser at a real server."""

    def __init__(self, server, cookie):
        self._host = urlsplit(server.url).netloc
        self._headers = {"Cookie": "=".join(cookie)}
        self._connection = http.client.HTTPConnection(self._host, timeout=40)
        self.token = ""

    def get(self, path):
        status, _, text = self._ask("GET", path)
        assert status == 200, (path, status)
        fields = {
            name: unescape(value)
            for name, value in re.findall(r'<input\b[^>]* name="(\w+)"[^>]* value="([^"]*)"', text)
        }
        fields |= dict(re.findall(r'<select name="(\w+)" hidden.*?<option selected>(\d+)', text, re.DOTALL))
        self.token = fields.get("csrf_token", self.token)
        return fields

    def post(self, path, **fields):
        """Returns the status and where it leads."""
        if not self.token:
            self.get("/pets/new")
        status, location, _ = self._ask("POST", path, urlencode({"csrf_token": self.token, **fields}))
        return status, location

    def _ask(self, method, path, body=None):
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        try:
            self._connection.request(method, path, body, {**self._headers, **kind})
            answer = self._connection.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            self._connection.close()


@contextlib.contextmanager
def looking_at(server):
    """The register of a server, from beside it."""
    app = create_app(server.settings)
    with app.app_context():
        try:
            yield db.session
        finally:
            db.session.remove()
            db.engine.dispose()


def at_once(number, deed):
    """Let so many threads begin the same moment; their results in order."""
    start = threading.Barrier(number)

    def begin(place):
        start.wait()
        return deed(place)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))


def test_sixteen_people_write_at_once_and_nothing_is_lost(serve, registers):
    server = serve(PETS_THREADS=str(MANY))
    cookie = registers.cookie("edith")
    shared = Tab(server, cookie).post("/pets/new", name="Shared", type="dog")[1]

    def work(place):
        tab = Tab(server, cookie)
        statuses, mine = [], {}
        for round_ in range(2):
            name = f"Pet {place}-{round_}"
            status, address = tab.post("/pets/new", name=name, type=f"kind {place % 3}")
            statuses.append(status)
            form = tab.get(address + "/edit")
            statuses.append(tab.post(address + "/edit", **{**form, "notes": f"by {place}"})[0])
            mine[name] = f"by {place}"
            form = tab.get(shared + "/edit")
            shared_status, _ = tab.post(shared + "/edit", **{**form, "notes": name})
            if shared_status == 303:
                mine[f"shared {name}"] = name
            statuses.append({409: 303}.get(shared_status, shared_status))
        statuses.append(tab.post(address + "/delete", version="2")[0])
        del mine[name]
        return statuses, mine, name

    results = at_once(MANY, work)
    assert {status for statuses, *_ in results for status in statuses} == {303}
    assert "locked" not in server.output
    assert "Traceback" not in server.output
    with looking_at(server) as session:
        history_and_register_agree()
        stored = [(pet.name, pet.notes) for pet in session.scalars(select(Pet)) if pet.name != "Shared"]
        told = [change.after["notes"] for change in session.get(Pet, 1) and history_of(1)[1:]]
        removed = {
            change.pet_name for change in session.scalars(select(Change).where(Change.after.is_(None)))
        }
    saved = {name: notes for _, mine, _ in results for name, notes in mine.items()}
    assert sorted(stored) == sorted((n, notes) for n, notes in saved.items() if not n.startswith("shared "))
    assert sorted(told) == sorted(notes for name, notes in saved.items() if name.startswith("shared "))
    assert removed == {name for *_, name in results}


def history_of(number):
    return Change.history_of([number])[number]


def test_a_double_click_makes_one_pet(app):
    form = app.test_client(name="edith").get("/pets/new").page.form().fields
    answers = at_once(
        5, lambda _: app.test_client(name="edith").post("/pets/new", {**form, "name": "Rex", "type": "dog"})
    )
    with app.app_context():
        [rex] = db.session.scalars(select(Pet))  # PostgreSQL does not use the number of a race that was lost
        assert {(answer.status_code, answer.location) for answer in answers} == {(303, f"/pets/{rex.id}")}
        history_and_register_agree()


@pytest.fixture
def meeting(monkeypatch):
    """Two requests that save wait for one another just before they do, where the database lets them."""
    both = threading.Barrier(2)
    seen = threading.local()

    def apply_together(lines, choices):
        if not getattr(seen, "once", False):
            seen.once = True
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(0.3)  # SQLite lets one write at a time: there is no such moment
        return apply(lines, choices)

    monkeypatch.setattr("pets.views.conflicts.apply", apply_together)


def answers_of_two(app, url, first, second):
    return at_once(
        2, lambda place: app.test_client(name=("edith", "ada")[place]).post(url, (first, second)[place])
    )


def test_a_lost_race_ends_where_an_old_page_does(app, meeting, rex, edith, ada):
    url = f"/pets/{rex.id}/edit"
    form = {"name": "Rex", "type": "dog", "age": "2", "age_unit": "years", "version": "1"}
    answers = answers_of_two(app, url, {**form, "name": "Max"}, {**form, "name": "Moritz"})
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    (lost,) = (answer.page for answer in answers if answer.status_code == 409)
    winner = "Max" if answers[0].status_code == 303 else "Moritz"
    loser = {"Max": "Moritz", "Moritz": "Max"}[winner]
    stale = edith.post(url, {**form, "name": loser})
    assert (stale.status_code, stale.page.title) == (409, lost.title)
    assert lost.form().names == stale.page.form().names
    assert lost.form().fields["name"] == loser
    for page in (lost, stale.page):
        kept, wanted = page.select("label.option")
        assert winner in kept.text
        assert loser in wanted.text


def test_a_lost_race_about_different_facts_is_merged(app, meeting, rex, facts_now):
    form = {"name": "Rex", "type": "dog", "age": "2", "age_unit": "years", "version": "1"}
    answers = answers_of_two(app, f"/pets/{rex.id}/edit", {**form, "name": "Max"}, {**form, "type": "wolf"})
    assert [answer.status_code for answer in answers] == [303, 303]
    assert facts_now(rex.id) == {**rex.facts, "name": "Max", "type": "wolf"}


def test_an_edit_that_races_with_a_removal_is_asked_about_or_merged(app, meeting, rex, facts_now):
    form = {"name": "Max", "type": "dog", "age": "2", "age_unit": "years", "version": "1"}

    def deed(place):
        person = app.test_client(name=("edith", "ada")[place])
        return person.post(
            *((f"/pets/{rex.id}/edit", form), (f"/pets/{rex.id}/delete", {"version": "1"}))[place]
        )

    answers = at_once(2, deed)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert (facts_now(rex.id) is None) == (answers[1].status_code == 303)


def test_many_who_edit_one_pet_at_once_all_get_an_answer(app, rex, facts_now):
    form = {"name": "Rex", "type": "dog", "age": "2", "age_unit": "years", "version": "1"}

    def deed(place):
        person = app.test_client(name="edith")
        return person.post(f"/pets/{rex.id}/edit", {**form, "notes": f"by {place}"}).status_code

    statuses = at_once(8, deed)
    assert sorted(statuses) == [303] + 7 * [409]
    with app.app_context():
        history_and_register_agree()


def test_undoing_the_same_at_once_is_done_once(app, rex, facts_now):
    def deed(_):
        return app.test_client(name="edith").post("/history/1/undo").status_code

    assert at_once(4, deed) == 4 * [303]
    assert facts_now(rex.id) is None
    with app.app_context():
        assert [one.undoes_id for one in db.session.scalars(select(Changeset))] == [None, 1]


def test_whoever_kills_the_server_loses_nothing_that_was_acknowledged(serve, registers):
    server = serve()
    cookie = registers.cookie("edith")
    moments = random.Random()
    seed = moments.randrange(2**32)
    moments.seed(seed)
    print("seed", seed)
    Tab(server, cookie).post("/pets/samples")
    added, latest, tries = [], 1, 0
    for _ in range(KILLS):
        tab = Tab(server, cookie)
        tab.get("/pets/new")
        killer = threading.Timer(moments.uniform(0.005, 0.25), server.kill)
        killer.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                tries += 1
                name = f"Pet {tries}"
                status, _ = tab.post("/pets/new", name=name, type="ant")
                assert status == 303
                added.append(name)
                status, address = tab.post(f"/history/{latest}/undo")  # four pets go, or come back, together
                assert status == 303
                latest = int(address.rpartition("/")[2])
        killer.join()
        server.start()
        with looking_at(server) as session:
            latest = max(
                session.scalars(select(Changeset.id).where(Changeset.added + Changeset.removed == 4))
            )
    server.kill()
    with looking_at(server) as session:
        names = list(session.scalars(select(Pet.name)))
        samples = [name for name in names if name in {sample[0] for sample in SAMPLES}]
        assert len(samples) in (0, len(SAMPLES))
        missing = set(added) - set(names)
        assert not missing, "acknowledged, but lost"
        assert len(names) == len(set(names))
        history_and_register_agree()
    assert "Traceback" not in server.output


@pytest.mark.sqlite_only
def test_a_full_disk_is_told_and_reading_goes_on(registers):
    room = {"pages": 2**30}
    with registers.open(TESTING=False) as app:
        with app.app_context():
            engine = db.engine

        @event.listens_for(engine, "checkout")
        def limit(connection, record, fairy):
            connection.execute(f"PRAGMA max_page_count = {room['pages']}")

        edith = app.test_client(name="edith")
        edith.post("/pets/new", name="Rex", type="dog")
        with engine.connect() as connection:
            room["pages"] = connection.exec_driver_sql("PRAGMA page_count").scalar()
        saved = 1
        while (
            answer := edith.post("/pets/new", name=f"P{saved}", type="a", notes="x" * 4000)
        ).status_code == 303:
            saved += 1
            assert saved < 50, "the disk never was full"
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "The disk that holds the register is full" in answer.page.text
        assert "Nothing was saved" in answer.page.text
        assert edith.get("/pets/").page.select("h1")
        assert edith.get("/pets/1").status_code == 200
        assert edith.post("/pets/1/delete", version="1").status_code in (303, 503)

        room["pages"] = 2**30
        assert edith.post("/pets/new", name="Late", type="dog").status_code == 303
        with app.app_context():
            history_and_register_agree()
            assert set(db.session.scalars(select(Pet.name))) >= {f"P{number}" for number in range(1, saved)}


@pytest.mark.sqlite_only
def test_who_waits_for_another_program_too_long_is_told(registers, monkeypatch):
    with registers.open(TESTING=False) as app:
        with app.app_context():
            engine = db.engine
        event.listen(
            engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout = 50")
        )
        edith = app.test_client(name="edith")
        other = engine.raw_connection()
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = edith.post("/pets/new", name="Rex", type="dog")
        assert (answer.status_code, "cannot answer now" in answer.page.text) == (503, True)
        assert time.monotonic() - began < 5
        assert edith.get("/pets/").status_code == 200
        other.rollback()
        other.close()
        assert edith.post("/pets/new", name="Rex", type="dog").status_code == 303


@pytest.mark.sqlite_only
def test_another_program_that_holds_the_lock_stops_no_page_and_loses_no_form(serve, registers):
    server = serve(PETS_THREADS="4")
    *savers, reader = (Tab(server, registers.cookie("edith")) for _ in range(5))
    for tab in (*savers, reader):
        tab.get("/pets/new")
    file = Path(server.settings["PETS_INSTANCE"]) / "pets.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor(4) as pool:
        other.execute("BEGIN IMMEDIATE")
        asked = [
            pool.submit(saver._ask, "POST", "/pets/new", urlencode(fields))
            for number, saver in enumerate(savers)
            if (fields := {"csrf_token": saver.token, "name": f"Rex {number}", "type": "dog"})
        ]
        time.sleep(2.5)
        began = time.monotonic()
        reader.get("/pets/")
        assert time.monotonic() - began < 2
        other.execute("ROLLBACK")
        answers = [one.result() for one in asked]
    statuses = [status for status, *_ in answers]
    assert sorted(statuses) == [
        303,
        303,
        503,
        503,
    ]  # two wait patiently, and two leave their threads to readers
    kept = [text for status, _, text in answers if status == 503]
    assert all("What you typed is kept on this page" in text and 'value="Rex ' in text for text in kept)
