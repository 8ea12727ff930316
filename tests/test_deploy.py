"""Deploying it: what `pets service` prints is taken by systemd, and by nginx, behind which it is tried."""

import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from http.client import HTTPSConnection
from urllib.parse import urlencode
from urllib.request import HTTPErrorProcessor, Request, build_opener

import pytest

from app import create_app
from pets.web.bodies import MANY_FILES_LIMIT
from tests.conftest import missing
from tests.people import PASSWORD
from tests.server import ROOT, _free_port as free_port

HOST = "pets.example.org"


def printed(settings, *words):
    """What `pets service` prints where these settings are made."""
    app = create_app(settings)
    app.extensions["pets-environment"] = settings
    result = app.test_cli_runner().invoke(args=["pets", "service", *words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.any_database
def test_the_unit_of_systemd_holds_the_settings_but_no_password(tmp_path):
    data = tmp_path / 'data 100% "here"'
    settings = {
        "PETS_BACKUPS": str(tmp_path / "stick"),
        "PETS_INSTANCE": str(data),
        "PETS_HOST": "0.0.0.0",
        "PETS_LOG": str(tmp_path / "log" / "pets.log"),
    }
    unit = printed({**settings, "PETS_DATABASE_URI": "postgresql://pets:sec%40ret@db/pets"}, "systemd")
    assert 'Environment="PETS_HOST=0.0.0.0"' in unit
    [typed] = re.findall("^#   sudo env (.*) [^ ]*flask --app app pets doctor$", unit, re.MULTILINE)
    assert dict(pair.split("=", 1) for pair in shlex.split(typed)) == settings
    assert 'data 100%% \\"here\\""' in unit
    assert f'"-{tmp_path / "log"}" "-{tmp_path / "stick"}"' in writable(unit)
    assert "sec" not in re.sub("(?i)sec(tion|ret in|urity|=)", "", unit)
    assert "postgresql://pets@db/pets" in printed(
        {**settings, "PETS_DATABASE_URI": "postgresql://pets@db/pets"}
    )
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    file = tmp_path / "pets.service"
    file.write_text(unit)
    told = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")


def writable(unit):
    return re.search("^ReadWritePaths=(.*)", unit, re.MULTILINE)[1]


@pytest.mark.any_database
def test_the_unit_lets_a_stick_come_and_go(tmp_path):
    """Allowed by itself, its folder would be held by the service, which does not see it unplugged."""
    unit = printed({"PETS_INSTANCE": str(tmp_path), "PETS_BACKUPS": "/media/stick/pets"})
    assert writable(unit) == f'"-{tmp_path}" "-/media"'


@pytest.mark.any_database
def test_the_unit_says_which_folders_are_still_to_be_made(tmp_path):
    """It does not take the log's folder from others, such as /var/log, and lets the register be written."""
    settings = {
        "PETS_INSTANCE": str(tmp_path / "data"),
        "PETS_LOG": str(tmp_path / "pets.log"),
        "PETS_DATABASE_URI": f"sqlite:///{tmp_path}/register/pets.sqlite",
        "PETS_BACKUPS": str(tmp_path / "two words"),
    }
    unit = printed(settings)
    made = re.search("mkdir -p (.*); sudo chown (.*): (.*)", unit)
    assert made[1] == made[3] == f"{tmp_path}/register '{tmp_path}/two words'"
    assert f'"-{tmp_path}/register"' in writable(unit)
    assert "mkdir" not in printed({"PETS_INSTANCE": str(tmp_path / "data")})


@pytest.mark.any_database
def test_the_lines_for_windows_hold_the_settings(tmp_path):
    settings = {"PETS_HOST": "it's", "PETS_BACKUPS": str(tmp_path / "it's $here"), "PETS_TIMEZONE": ""}
    lines = printed({"PETS_INSTANCE": str(tmp_path), **settings}, "windows")
    assert "SetEnvironmentVariable('PETS_HOST', 'it''s', 'Machine')" in lines
    assert f"icacls '{tmp_path}/it''s $here' /grant '*S-1-5-19:(OI)(CI)M'" in lines
    assert f"icacls '{sys.base_prefix}' /grant '*S-1-5-19:(OI)(CI)RX'" in lines  # or Python does not start
    assert f"-Argument app.py -WorkingDirectory '{ROOT}'" in lines
    assert "$do" in lines


@pytest.mark.any_database
@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_proxy_hands_on_whatever_the_site_itself_takes(tmp_path, proxy):
    site = printed({"PETS_INSTANCE": str(tmp_path)}, proxy)
    assert "sign in" not in site
    assert int(re.search(r"(?:max_body|max)_size (\d+)", site)[1]) * 10**6 >= MANY_FILES_LIMIT


@pytest.mark.any_database
@pytest.mark.parametrize("under", ["pets", "/pe ts", "//x", "/../x", '/"'])
def test_a_path_that_is_none_is_refused(tmp_path, under):
    app = create_app({"PETS_INSTANCE": str(tmp_path)})
    result = app.test_cli_runner().invoke(args=["pets", "service", "nginx", "--under", under])
    assert (result.exit_code, "Give a path" in result.output) == (1, True)


# Behind nginx


class Site:
    """A site behind nginx with HTTPS, asked as a browser would."""

    def __init__(self, port, plain_port, certificate):
        self.port, self.plain_port = port, plain_port
        self._trust = ssl.create_default_context(cafile=certificate)
        self.cookies = {}

    def ask(self, path, fields=None, source="127.0.0.1", **headers):
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            raw = socket.create_connection(("127.0.0.1", self.port), 10, (source, 0))
            connection.sock = self._trust.wrap_socket(raw, server_hostname=HOST)
            told = {"Host": HOST, "Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items()), **headers}
            if fields:
                told["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST" if fields else "GET", path, urlencode(fields or {}) or None, told)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer, answer.read().decode()


def answers(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def nginx(folder, site):
    """nginx as Debian has it, as an ordinary program, with this site and a certificate of its own making."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(),
            *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    port, plain_port = free_port(), free_port()
    site = re.sub("listen 443 ssl", f"listen 127.0.0.1:{port} ssl", site)
    site = re.sub("listen 80", f"listen 127.0.0.1:{plain_port}", site)
    site = site.replace(f"/etc/ssl/certs/{HOST}.pem", str(certificate))
    site = site.replace(f"/etc/ssl/private/{HOST}.key", str(key))
    paths = "".join(
        f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.getuid() == 0 else ''} daemon off; pid {folder}/pid; error_log stderr;"
        f"worker_processes 1; events {{}} http {{ access_log off; {paths}\n{site}\n}}"
    )
    command = ["nginx", "-p", folder, "-c", folder / "nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            until = time.monotonic() + 10
            while not answers(port):
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < until
                time.sleep(0.02)
            yield Site(port, plain_port, certificate)
        finally:
            process.terminate()


@pytest.mark.parametrize("under", ["", "/register"])
def test_behind_nginx_with_https(serve, tmp_path, under):
    for program in ("nginx", "openssl"):
        if not shutil.which(program):
            missing("nginx", f"{program} is not here")
    server = serve(PETS_TRUSTED_PROXIES="1", PETS_ALLOWED_HOSTS=HOST, PETS_PROXY_USER_HEADER="X-Remote-User")
    config = printed({**server.settings, "PETS_PORT": str(server.port)}, "nginx", "--under", under)
    with nginx(tmp_path, config) as site:
        answer, page = site.ask(f"{under}/login")
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        [cookie] = answer.headers.get_all("Set-Cookie")
        assert re.match("__Host-pets-.*; Secure; HttpOnly; Path=/; SameSite=Lax", cookie)
        assert f'href="{under}/static/' in page
        forged = {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Prefix": "/evil", "X-Remote-User": "Ada"}
        token = re.search('name="csrf_token" value="([^"]+)', page)[1]
        fields = {"csrf_token": token, "name": "edith", "password": PASSWORD, "next": "/pets/?q=a%2Fb"}
        answer, _ = site.ask(f"{under}/login", fields, "127.0.0.5", Referer=f"https://{HOST}/", **forged)
        assert (answer.status, answer.headers["Location"]) == (303, f"{under}/pets/?q=a%2Fb")
        assert site.ask(f"{under}/pets/")[0].status == 200
        assert site.ask(f"{under}/pets/", Host="evil.example")[0].status == 400
        opener = build_opener(NoRedirect)
        plain = Request(f"http://127.0.0.1:{site.plain_port}{under}/", headers={"Host": HOST})
        with opener.open(plain) as answer:
            assert answer.headers["Location"] == f"https://{HOST}{under}/"
        assert site.ask(f"{under}/healthz")[0].status == 200
    [told] = [json.loads(line) for line in server.output.splitlines() if '"signed-in"' in line]
    assert (told["address"], told["path"]) == ("127.0.0.5", "/login")


class NoRedirect(HTTPErrorProcessor):
    def http_response(self, request, response):
        return response
