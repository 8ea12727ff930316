"""Several servers on one PostgreSQL: nothing lost, nothing twice; and the database restarted under them."""

import contextlib
import http.client
import re
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, select

from pets.backups import in_use, store
from pets.changes.changeset import Change, Changeset
from pets.db import db
from pets.models.pet import Pet
from tests.people import PASSWORD
from tests.registers import _name
from tests.replay import history_and_register_agree
from tests.server import Server
from tests.test_together import Tab, at_once, looking_at

pytestmark = pytest.mark.postgresql_only

PEOPLE, ROUNDS = 8, 4


@pytest.fixture(scope="module")
def lent(registers):
    with registers.lend() as where, Server(**where) as one, Server(**where) as other:
        yield where, (one, other)


@pytest.fixture
def servers(lent, registers):
    """Two processes that know of each other only through the database; they share the key of cookies."""
    where, both = lent
    registers.empty(where)
    return both


@pytest.fixture
def cookie(registers):
    return registers.cookie("edith")


def test_eight_people_at_two_servers_lose_nothing(servers, cookie):
    shared = Tab(servers[0], cookie).post("/pets/new", name="Shared", type="dog", notes="")[1]

    def work(place):
        saved = []
        for turn in range(ROUNDS):
            tab = Tab(servers[(place + turn) % 2], cookie)  # the same person goes from one to the other
            status, address = tab.post("/pets/new", name=f"Pet {place}-{turn}", type="cat")
            assert status == 303
            form = tab.get(address + "/edit")
            assert tab.post(address + "/edit", **{**form, "notes": f"by {place}"})[0] == 303
            form = tab.get(shared + "/edit")
            status, _ = tab.post(shared + "/edit", **{**form, "notes": f"{place}-{turn}"})
            assert status in (303, 409)
            saved += [f"{place}-{turn}"] if status == 303 else []
        return saved

    saved = [note for notes in at_once(PEOPLE, work) for note in notes]
    with looking_at(servers[0]) as session:
        history_and_register_agree()
        changes = session.scalars(select(Change).where(Change.pet_id == 1, Change.version > 0))
        assert sorted(change.after["notes"] for change in changes) == sorted(saved)
        names = session.scalars(select(Pet.name).where(Pet.notes.startswith("by ")))
        assert len(set(names)) == PEOPLE * ROUNDS


def test_one_form_sent_to_both_servers_makes_one_pet(servers, cookie):
    form = Tab(servers[0], cookie).get("/pets/new")
    answers = at_once(
        6,
        lambda place: Tab(servers[place % 2], cookie).post(
            "/pets/new", **{**form, "name": "Rex", "type": "dog"}
        ),
    )
    with looking_at(servers[1]) as session:
        [rex] = session.scalars(select(Pet))  # the number of a race that was lost is not used
        assert set(answers) == {(303, f"/pets/{rex.id}")}


def test_a_draft_filled_at_both_servers_is_one_and_is_saved_once(servers, cookie):
    def stage(place):
        tab = Tab(servers[place % 2], cookie)
        form = tab.get("/pets/new")
        return tab.post("/pets/new", **{**form, "name": f"Pet {place}", "type": "cat", "then": "draft"})[0]

    assert set(at_once(6, stage)) == {303}
    form = Tab(servers[0], cookie).get("/draft")
    at_once(4, lambda place: Tab(servers[place % 2], cookie).post("/draft/save", **form))
    with looking_at(servers[0]) as session:
        assert sorted(session.scalars(select(Pet.name))) == [f"Pet {place}" for place in range(6)]
        assert session.scalars(select(Changeset.added).where(Changeset.added > 0)).all() == [6]
        history_and_register_agree()


def test_whoever_signs_out_at_one_is_out_at_the_other(servers, cookie):
    tab = Tab(servers[0], cookie)
    tab.get("/pets/")
    assert tab.post("/logout") == (303, "/login")
    with pytest.raises(AssertionError, match="303"):
        Tab(servers[1], cookie).get("/pets/")


def test_guesses_at_both_servers_count_together(servers):
    statuses = [guess(servers[turn % 2]) for turn in range(8)]
    assert statuses[0] == 422
    assert 429 in statuses


def guess(server):
    """Try a wrong password, in a browser that is new."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    token = re.search(
        r'name="csrf_token" value="([^"]+)', browser.open(f"{server.url}/login").read().decode()
    )
    fields = {"csrf_token": token[1], "name": "Vera", "password": "not hers at all"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        browser.open(f"{server.url}/login", urlencode(fields).encode())
    with refused.value as answer:
        return answer.status


def test_a_database_that_restarts_is_waited_for_in_words(servers, cookie, registers):
    """All connections are cut again and again while people work: 503 at most, and all goes on by itself."""
    done, saved, statuses = threading.Event(), [], []

    def work(place):
        number = 0
        while not done.is_set():
            tab, number = Tab(servers[place % 2], cookie), number + 1
            with contextlib.suppress(AssertionError, http.client.HTTPException, KeyError):
                tab.get("/pets/new")
                status, _ = tab.post("/pets/new", name=f"Pet {place}-{number}", type="cat")
                statuses.append(status)
                saved.extend([f"Pet {place}-{number}"] if status == 303 else [])
                continue
            statuses.append(_refusal(servers[place % 2], cookie))

    people = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for person in people:
        person.start()
    cut_off(registers, servers[0], times=12)
    before = len(saved)
    for _ in range(2000):
        if len(saved) > before:
            break
        time.sleep(0.01)
    done.set()
    for person in people:
        person.join()
    assert set(statuses) <= {200, 303, 503}, servers[0].output + servers[1].output
    assert len(saved) > before, "nobody could save any more"
    for server in servers:
        assert "Traceback" not in server.output
        Tab(server, cookie).get("/pets/")
    with looking_at(servers[0]) as session:
        assert set(saved) <= set(session.scalars(select(Pet.name)))
        history_and_register_agree()


def _refusal(server, cookie):
    """The status of the list just now; if it is a refusal, it has to say when to come again."""
    tab = Tab(server, cookie)
    connection = http.client.HTTPConnection(tab._host, timeout=40)
    with contextlib.closing(connection):
        connection.request("GET", "/pets/", headers=tab._headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    if answer.status == 503:
        assert answer.headers["Retry-After"]
        assert "The register cannot answer now" in text
    return answer.status


def cut_off(registers, server, times):
    """End every connection to the database of a server, as its restart would."""
    name = _name(server.settings["PETS_DATABASE_URI"])
    with registers._database._connect("dbname=postgres", autocommit=True) as beside:
        for _ in range(times):
            time.sleep(0.15)
            beside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )


def test_a_backup_is_restored_by_the_last_server_that_runs(registers):
    """What another server knows is about the register that goes; and none begins while one is replaced."""
    with registers.lend() as where, Server(**where) as one, Server(**where) as other:
        ada = Tab(one, registers.cookie("ada"))
        edith = Tab(other, registers.cookie("edith"))
        ada.get("/backups")
        assert ada.post("/backups")[0] == 303
        assert edith.post("/pets/new", name="Rex", type="dog") == (303, "/pets/1")
        with looking_at(one):
            [backup] = [made for made in store.all_backups() if not made.why]
        assert restored(ada, backup) == "/backups"
        with registers.beside(where) as app:
            refused = app.test_cli_runner().invoke(args=["pets", "restore", str(backup.file)])
        assert (refused.exit_code, "Stop the server or command" in refused.output) == (1, True)
        assert edith.get("/pets/1")
        other.stop()
        assert restored(ada, backup).startswith("/login")
        with looking_at(one) as session:
            assert session.query(Pet).count() == 0


def test_nobody_comes_in_while_a_register_is_replaced(registers):
    with registers.open() as app, app.app_context():
        url = db.engine.url
        db.session.remove()
        db.engine.dispose()
        with in_use.by_nobody(url):
            assert app.test_client(name="edith").get("/pets/").status_code == 503
        assert app.test_client(name="edith").get("/pets/").status_code == 200


def restored(person, backup):
    """Try to restore a backup. Returns where that leads."""
    person.get(f"/backups/{backup.name}/restore")
    status, work = person.post(f"/backups/{backup.name}/restore", password=PASSWORD)
    assert (status, work[:6]) == (303, "/work/")
    where = ""
    while not where:
        _, where, _ = person._ask("GET", work)
    return where


def test_a_connection_lost_within_a_request_is_503_not_500(registers):
    """An idle connection is looked at before it is used; this one is lost between two statements."""
    with registers.open(TESTING=False) as app:
        edith = app.test_client(name="edith")
        edith.get("/pets/")
        with app.app_context():
            cut = []

            def cut_before(connection, cursor, statement, *rest):
                if "pet_type" in statement and not cut:
                    cut.append(connection.connection.dbapi_connection.info.backend_pid)
                    with registers._database._connect("dbname=postgres", autocommit=True) as beside:
                        beside.execute("SELECT pg_terminate_backend(%s)", cut)

            event.listen(db.engine, "before_cursor_execute", cut_before)
        answer = edith.get("/pets/?type=dog")  # of which there is no copy
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert answer.page.heading == "The register cannot answer now"
        assert edith.get("/pets/").status_code == 200
