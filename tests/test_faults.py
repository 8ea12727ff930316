"""What a bad day brings: no file left to open, a clock that jumps, two servers or registers side by side."""

import re
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from pets.db import db
from pets.models.pet import Pet
from tests.people import PASSWORD
from tests.replay import history_and_register_agree
from tests.server import Server

resource = pytest.importorskip("resource", reason="Windows has no limit of open files")


def ask(server, path, cookie, fields=None):
    """The status and the text that the real server answers."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        told = {"Cookie": "=".join(cookie), **form}
        connection.request("POST" if fields else "GET", path, urlencode(fields or {}) or None, told)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except ConnectionError:  # turned away while it was still sending
        return 503, "too many files open"
    finally:
        connection.close()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux lets another process be limited")
def test_out_of_files_every_answer_is_in_words_nothing_is_lost_and_it_heals(serve, registers):
    server, cookie = serve(PETS_BACKUPS_KEPT="0 0 0"), registers.cookie("edith")
    page = ask(server, "/pets/new", cookie)[1]
    token = re.search('name="csrf_token" value="([^"]+)', page)[1]
    usual, most = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    saved, statuses = [], set()
    for left in range(4):
        highest = max(int(file.name) for file in Path(f"/proc/{server.pid}/fd").iterdir())
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (highest + 1 + left, most))
        for path in ("/pets/", "/healthz", "/pets.xlsx", "/history", "/import"):
            status, text = ask(server, path, cookie)
            statuses.add(status)
            assert status in (200, 503), (path, status, text)
            assert status == 200 or "too many files open" in text, text
        name = f"Rex {left}"
        status, text = ask(server, "/pets/new", cookie, {"csrf_token": token, "name": name, "type": "dog"})
        assert status in (303, 503), text
        saved += [name] if status == 303 else []
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (usual, most))
    assert statuses == {200, 503}
    assert ask(server, "/pets.xlsx", cookie)[0] == 200
    names = ask(server, "/pets.csv", cookie)[1]
    assert [name for name in (f"Rex {left}" for left in range(4)) if name in names] == saved
    assert len(server.output.splitlines()) < 60
    assert "Traceback" not in server.output


@pytest.mark.parametrize("jump", [{"hours": 5}, {"hours": -7}, {"days": -7300}, {"days": 3300}], ids=str)
def test_a_clock_that_jumps_loses_nothing_and_keeps_nobody_out(app, edith, clock, jump):
    edith.fill("/pets/new", name="Rex", type="dog", notes="before")
    edith.post("/pets/new", name="Bo", type="cat", then="draft")
    form = edith.get("/pets/1/edit").page.form()
    clock.forward(**jump)
    if edith.get("/draft").status_code == 303:  # years later the session is over
        edith.fill("/login", name="Edith", password=PASSWORD)
        form = edith.get("/pets/1/edit").page.form()
    assert form.submit(edith, name="Rexy").status_code == 303
    saved = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert saved.status_code == 303
    assert edith.get(saved.location).status_code == 200
    changes = [link["href"] for link in edith.get("/pets/1").page.select('a[href^="/history/"]')]
    assert edith.post(f"{changes[0]}/undo").status_code == 303  # "Rex" again
    clock.forward(**{unit: -much for unit, much in jump.items()})
    if edith.get("/draft").status_code == 303:
        edith.fill("/login", name="Edith", password=PASSWORD)
    assert edith.fill("/pets/1/edit", notes="and back").status_code == 303
    for sort in ("changed", "-changed"):
        assert {"Rex", "Bo"} <= set(edith.get(f"/pets/?sort={sort}").page.links)
    pages = [edith.get(path).page.text for path in ("/pets/1", "/history")]
    assert not [page for page in pages if re.search(r"-[0-9]+ (minute|hour|day)", page)]
    assert all("Rexy" in page for page in pages)
    with app.app_context():
        history_and_register_agree()
        assert db.session.get(Pet, 1).facts["notes"] == "and back"


def test_a_clock_that_is_years_behind_refuses_a_birth_yet_to_come_in_words(edith, clock):
    edith.fill("/pets/new", name="Rex", type="dog", age="3")
    clock.forward(days=-7300)
    assert edith.get("/pets/1").status_code == 200
    page = edith.fill("/pets/new", name="Max", type="dog", born_on="2020-01-01").page
    assert page.one("#born_on").get("aria-invalid") == "true"
    clock.forward(days=7300)
    edith.fill("/login", name="Edith", password=PASSWORD)
    assert edith.fill("/pets/1/edit", notes="all is well again").status_code == 303


def test_two_servers_whose_clocks_differ_by_seconds_are_one(registers, clock):
    """Seven seconds, there and back with each request: as behind a proxy that takes turns."""
    with registers.lend() as where, registers.beside(where) as ahead, registers.beside(where) as behind:
        edith = [app.test_client(name="edith") for app in (ahead, behind)]
        edith[0].fill("/login", name="edith", password=PASSWORD)
        edith[1].cookie = edith[0].cookie

        def ask(deed):
            """Do it at one server, and be at the other next, with the same cookies."""
            here, there = edith
            answer = deed(here)
            there.cookie = here.cookie
            edith.reverse()
            clock.forward(seconds=-7 if here.application is ahead else 7)
            return answer

        for name in ("Rex", "Max", "Bo"):
            page = ask(lambda one: one.get("/pets/new")).page
            answer = ask(lambda one, page=page, name=name: page.form().submit(one, name=name, type="dog"))
            assert answer.location.startswith("/pets/")
            form = ask(lambda one, answer=answer: one.get(answer.location + "/edit")).page.form()
            assert ask(lambda one, form=form: form.submit(one, notes="x")).status_code == 303
            assert ask(lambda one, form=form: form.submit(one, notes="y")).status_code == 409
        last = ask(lambda one, answer=answer: one.get(answer.location)).page
        change = last.select('a[href^="/history/"]')[0]["href"]
        assert ask(lambda one: one.post(f"{change}/undo")).status_code == 303
        with behind.app_context():
            history_and_register_agree()
            assert [pet.notes for pet in db.session.query(Pet).order_by(Pet.id)] == ["x", "x", ""]


def test_two_registers_on_one_host_do_not_sign_each_other_out(registers):
    """A browser sends its cookies to every port of a host."""
    browser = build_opener(HTTPCookieProcessor())
    with ExitStack() as stack:
        servers = []
        for _ in range(2):
            where = stack.enter_context(registers.lend())
            (Path(where["PETS_INSTANCE"]) / "secret_key").unlink()
            servers.append(stack.enter_context(Server(**where)))

        def send(server, path, **fields):
            with browser.open(server.url + path, timeout=10) as page:
                token = re.search('name="csrf_token" value="([^"]+)', page.read().decode())[1]
            body = urlencode({"csrf_token": token, **fields}).encode()
            with browser.open(server.url + path, body, timeout=10) as answer:
                return answer.read().decode()

        for server in servers:
            assert "Sign out" in send(server, "/login", name="edith", password=PASSWORD)
        for server, name in zip(servers, ("Rex", "Max"), strict=True):
            assert f"<bdi>{name}</bdi>" in send(server, "/pets/new", name=name, type="dog")
        for server, name, other in zip(servers, ("Rex", "Max"), ("Max", "Rex"), strict=True):
            with browser.open(server.url + "/pets/", timeout=10) as page:
                text = page.read().decode()
            assert name in text
            assert other not in text
