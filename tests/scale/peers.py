"""What is measured beside ours, each in a process of its own: the floor, and Django's admin."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from tests.scale.django_admin import NAME, PASSWORD
from tests.server import ROOT, _free_port

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Peer:
    """`python -m tests.scale.MODULE ARGUMENTS PORT`, which answers at `url`."""

    path, cookie = "/pets/", ""

    def __init__(self, module: str, stack: ExitStack, *arguments: object):
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", f"tests.scale.{module}", *map(str, arguments), str(port)]
        process = stack.enter_context(subprocess.Popen(command, cwd=ROOT))
        stack.callback(process.kill)
        self.pid = process.pid
        self._await_answer()

    def _await_answer(self) -> None:
        for _ in range(600):  # a million pets are filled in first
            try:
                urllib.request.urlopen(self.url + self.path, timeout=5).close()
            except urllib.error.URLError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError(f"{self.url} does not answer")


class Django(Peer):
    """Django's admin, with somebody signed in; and with each version kept, if so asked ("history")."""

    path = "/admin/admin/pet/"

    def __init__(self, stack: ExitStack, register: Path, folder: Path, *more: str):
        super().__init__("django_admin", stack, register, folder, *more)
        jar = CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        door = f"{self.url}/admin/login/?next={self.path}"
        [token] = TOKEN.findall(browser.open(door).read().decode())
        form = {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert browser.open(door, urlencode(form).encode()).url.endswith(self.path)
        self.cookie = "; ".join(f"{one.name}={one.value}" for one in jar)

    def form(self, page: str) -> dict[str, str]:
        """What the form of a pet holds, to be sent back."""
        fields = dict(re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', page))
        return {**fields, "csrfmiddlewaretoken": TOKEN.findall(page)[-1], "_save": "Save"}
