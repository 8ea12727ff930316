"""What every answer carries, over HTTP and HTTPS, of the application and of the real server."""

import json
import os
import re
import stat
from contextlib import closing
from email.message import Message as HTTPMessage
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from app import create_app
from tests.people import HEADERS, PASSWORD

pytestmark = pytest.mark.any_database


def test_nothing_may_be_run_framed_or_fetched_but_what_is_ours(stranger):
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in stranger.get("/login").headers["Content-Security-Policy"].split(";")
    )
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}  # and so nothing is unsafe-inline


def test_errors_carry_the_same_headers(registers):
    """tests/people.py looks at these headers on every answer of every test; here are the rare ones."""
    with registers.open(TESTING=False) as app:
        app.add_url_rule("/broken", "broken", mark(lambda: 1 / 0))
        ada = app.test_client(name="ada")
        answers = {
            400: ada.get("/security?after=x"),
            403: app.test_client(name="vera").get("/accounts"),
            404: ada.get("/nowhere"),
            405: ada.get("/logout"),
            413: ada.post("/pets/new", name="x" * 3_000_000),
            500: ada.get("/broken"),
        }
        for status, answer in answers.items():
            assert answer.status_code == status
            assert answer.page.heading
            assert answer.headers["Cache-Control"] == "no-store"
            for name, value in HEADERS.items():
                assert answer.headers[name] == value
        assert "ZeroDivisionError" not in answers[500].page.html
        assert "Traceback" not in answers[500].page.html


def mark(view):
    view.deed, view.confirmed = "look", False
    return view


def test_files_for_everybody_may_be_kept_and_nothing_else(stranger, ada, rex):
    page = stranger.get("/login").page
    for file in (page.one("script")["src"], page.one('link[rel="stylesheet"]')["href"]):
        assert "immutable" in stranger.get(file).headers["Cache-Control"]
    for url in ("/pets/", f"/pets/{rex.id}", "/accounts", "/login", "/logout", "/nowhere"):
        assert ada.get(url).headers["Cache-Control"] == "no-store"


def test_nobody_else_may_read_answers(ada):
    answer = ada.get("/pets/", headers={"Origin": "http://evil.example"})
    assert not [name for name in answer.headers if name[0].startswith("Access-Control")]


def test_over_http_the_cookie_works_and_nothing_speaks_of_https(stranger):
    answer = stranger.get("/login")
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert re.match("pets-[0-9a-f]{8}=", cookie)
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_the_cookie_is_secure_and_from_this_host_alone(registers):
    with registers.open(PETS_TRUSTED_PROXIES="1") as app:
        stranger = app.test_client(name="stranger")
        https = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "pets.example"}
        page = stranger.get("/login", headers=https)
        [cookie] = page.headers.getlist("Set-Cookie")
        assert re.match("__Host-pets-[0-9a-f]{8}=", cookie)
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie.split("; ")
        assert "Domain" not in cookie
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_each_register_on_a_host_has_cookies_of_its_own(registers, tmp_path):
    """Browsers send a cookie to every port of the host."""
    apps = [create_app({"PETS_INSTANCE": str(tmp_path / name)}) for name in ("one", "other", "one")]
    one, other, again = (app.config["SESSION_COOKIE_NAME"] for app in apps)
    assert one == again != other


def test_every_cookie_lasts_whatever_the_clock_of_the_pc_says(stranger):
    answer = stranger.post("/login", name="edith", password=PASSWORD)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("Max-Age=" in cookie and "Expires=" in cookie for cookie in cookies)


def test_a_cookie_that_was_set_over_http_is_not_taken_over_https(registers):
    with registers.open(PETS_TRUSTED_PROXIES="1") as app:
        edith = app.test_client(name="edith")
        assert edith.get("/account").status_code == 200
        https = {"X-Forwarded-Proto": "https"}
        assert edith.get("/account", headers=https).status_code == 303


def test_what_a_client_says_of_itself_counts_nothing_without_a_proxy(stranger):
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    answer = stranger.get("/login", headers={**forged, "Forwarded": "host=evil.example"})
    assert "Strict-Transport-Security" not in answer.headers
    assert "evil.example" not in str(answer.headers) + answer.text


def test_only_the_nearest_proxies_are_believed(registers):
    with registers.open(PETS_TRUSTED_PROXIES="1", PETS_ALLOWED_HOSTS="pets.example") as app:
        stranger = app.test_client(name="stranger")
        told = {"X-Forwarded-Host": "evil.example, pets.example", "X-Forwarded-Proto": "http, https"}
        assert stranger.get("/login", headers=told).status_code == 200
        told["X-Forwarded-Host"] = "pets.example, evil.example"
        assert stranger.get("/login", headers=told).status_code == 400


@pytest.mark.parametrize("host", ["evil.example", "pets.example.evil.example", "", "a b", "x\x00"])
def test_a_forged_host_is_refused_in_words(registers, host):
    with registers.open(PETS_ALLOWED_HOSTS="pets.example, .corp.example") as app:
        stranger = app.test_client(name="stranger")
        for url in ("/login", "/pets/", "/nowhere", "/pets"):
            answer = stranger.get(url, headers={"Host": host})
            assert answer.status_code == 400
            assert answer.page.heading == "That request could not be read"
            assert "evil" not in answer.page.html


@pytest.mark.parametrize("host", ["pets.example", "pets.example:5000", "www.corp.example"])
def test_the_hosts_that_are_ours_are_answered(registers, host):
    with registers.open(PETS_ALLOWED_HOSTS="pets.example, .corp.example") as app:
        stranger = app.test_client(name="stranger")
        assert stranger.get("/login", headers={"Host": host}).status_code == 200


def test_no_redirect_names_a_host(registers):
    """A forged Host header must not lead anybody away, also where no hosts were set."""
    with registers.open() as app:
        edith = app.test_client(name="edith")
        for url in ("/pets", "/", "/pets//", "//evil.example/pets/", "//evil.example", "/\\evil.example"):
            answer = edith.get(url, headers={"Host": "evil.example"})
            assert answer.status_code in (302, 303, 308, 404), url
            assert answer.location in (None, "/", "/pets/") or answer.location.startswith(
                "/login?next=%2F"
            ), url


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "", "٣", "10"])
def test_a_setting_that_makes_no_sense_is_refused_with_a_sentence(registers, value, tmp_path):
    with pytest.raises(ValueError, match=r"PETS_TRUSTED_PROXIES is .* Set it to a whole number from 0 to 9"):
        create_app({"PETS_INSTANCE": str(tmp_path), "PETS_TRUSTED_PROXIES": value})


# The real server


class Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    text: str


def ask(server, path, method="GET", data=None, headers=None):
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    with closing(connection):
        form = {"Content-Type": "application/x-www-form-urlencoded"} if data else {}
        connection.request(method, path, data, {**form, **(headers or {})})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())


def test_the_real_server_names_no_version_and_keeps_its_log_in_lines_of_json(serve, registers, tmp_path):
    file = tmp_path / "pets.log"
    server = serve(PETS_LOG=str(file))
    vera = {"Cookie": "=".join(registers.cookie("vera"))}
    for path, status in (("/login", 200), ("/nowhere", 404), ("/accounts", 303)):
        answer = ask(server, path)
        assert answer.status == status
        assert "Server" not in answer.headers
        assert "python" not in str(answer.headers).lower()
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
    assert ask(server, "/accounts", headers=vera).status == 403
    assert ask(server, "/logout", headers=vera).status == 405
    assert ask(server, "/login", "TRACE").status == 405
    for path in ("/.git/config", "/app.py", "/instance/secret_key", "/static/../app.py", "/%2e%2e/app.py"):
        assert ask(server, path).status == 404
    page = ask(server, "/login")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = urlencode({"csrf_token": token, "name": "a\nb", "password": PASSWORD})
    own = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}
    assert ask(server, "/login", "POST", sent, own).status == 422
    server.stop()
    lines = [line for line in server.output.splitlines() if line.startswith("{")]
    assert file.read_text("ascii").splitlines() == lines
    assert os.name != "posix" or stat.S_IMODE(file.stat().st_mode) == 0o600
    told = [json.loads(line) for line in lines]
    assert [line["event"] for line in told if "event" in line] == ["forbidden", "refused"]
    assert PASSWORD not in server.output
    assert token not in server.output
