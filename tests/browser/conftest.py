"""The cast in a real browser, on the real server. Whatever the browser complains of fails the test."""

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, Response, sync_playwright
from playwright.sync_api import Page as BrowserPage

from tests.conftest import missing
from tests.people import CAST
from tests.server import Server

HERE = Path(__file__).parent
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], "preload": False}
ARGUMENTS = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
FAILED = pytest.StashKey[bool]()


@dataclass(frozen=True)
class Look:
    """How somebody meets the site."""

    javascript: bool = True
    width: int = 1280
    scheme: str = "light"

    def __str__(self):
        return f"{'js' if self.javascript else 'nojs'}-{self.width}-{self.scheme}"


DESK = Look()
# Every pair of (script, width), (script, scheme), (width, scheme) in six looks instead of twelve.
LOOKS = [
    DESK,
    Look(javascript=False, width=1280, scheme="dark"),
    Look(javascript=False, width=390, scheme="light"),
    Look(javascript=True, width=390, scheme="dark"),
    Look(javascript=True, width=320, scheme="light"),
    Look(javascript=False, width=320, scheme="dark"),
]


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def browser():
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    arguments = [*ARGUMENTS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        # Without a Chromium of the system's, the one that `playwright install chromium` brings.
        program = program or playwright.chromium.executable_path
        if not Path(program).exists():
            missing("browser", "Chromium is not here: install it, or say where it is with CHROMIUM")
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running_site(registers):
    with registers.lend() as where, Server(**where) as server:
        yield server


@pytest.fixture
def site(running_site, registers):
    """The real server on an empty register. One process serves all tests, each with a register anew."""
    registers.empty(running_site.settings)
    return running_site


@pytest.fixture(params=LOOKS, ids=str)
def look(request):
    """A test that asks for this is run once for each look."""
    return request.param


@pytest.fixture
def visit(request, browser, site, registers, tmp_path_factory):
    """`edith = visit("edith")`: somebody with a browser of their own, watched until the end of the test."""
    visitors = []

    def come(name: str, look: Look = DESK) -> "Visitor":
        visitors.append(visitor := Visitor(name, browser, site.url, look))
        if name in CAST:
            cookie = {"name": "pets", "value": registers.cookie(name), "url": site.url}
            visitor.page.context.add_cookies([cookie])
        return visitor

    yield come
    for visitor in visitors:
        if request.node.stash.get(FAILED, False) and not visitor.page.is_closed():
            picture = tmp_path_factory.getbasetemp() / f"{request.node.name}-{visitor.name}.png"
            visitor.page.screenshot(path=picture, full_page=True)
            print(f"{visitor.name} sees {visitor.page.url}: {picture}")
        visitor.page.context.close()
    complaints = [f"{visitor.name}: {complaint}" for visitor in visitors for complaint in visitor.complaints]
    assert not complaints, "\n".join(complaints)


def _cast(name):
    @pytest.fixture(name=name)
    def member(request, visit):
        look = request.getfixturevalue("look") if "look" in request.fixturenames else DESK
        return visit(name, look)

    return member


vera, edith, ada, stranger = map(_cast, ("vera", "edith", "ada", "stranger"))


class Visitor:
    """Somebody at a browser. `edith.page` is playwright's page; what it complains of is in `complaints`."""

    def __init__(self, name: str, browser: Browser, url: str, look: Look):
        self.name, self.look, self.url = name, look, url
        self.complaints: list[str] = []
        self._browser = browser
        context = self._new_context(look.javascript)
        self.page: BrowserPage = context.new_page()
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("dialog", self._stopped)

    def _new_context(self, javascript: bool) -> BrowserContext:
        context = self._browser.new_context(
            base_url=self.url,
            color_scheme=self.look.scheme,
            java_script_enabled=javascript,
            viewport={"width": self.look.width, "height": 800},
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        return context

    def go(self, path: str) -> BrowserPage:
        self.page.goto(path)
        return self.page

    def look_over(self) -> None:
        """The page as it stands shuts nobody out (axe-core) and needs no sideways scrolling."""
        self.page.wait_for_load_state()
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.look.width, f"{self.page.url} is {wide} px wide in a window of {self.look.width}"
        with self._page_for_axe() as page:
            found = Axe().run(page, options=AXE)
        assert not found.response["violations"], f"{self.page.url} as {self.look}: {found.generate_report()}"

    @contextmanager
    def _page_for_axe(self):
        """axe-core needs timers, which stand still without scripts: there it gets the same page with the
        site's scripts kept away from it."""
        if self.look.javascript:
            yield self.page
            return
        html = self.page.content()
        with self._new_context(javascript=True) as context:
            context.route("**/*.js", lambda route: route.abort())
            context.route(self.page.url, lambda route: route.fulfill(body=html, content_type="text/html"))
            page = context.new_page()
            page.goto(self.page.url)
            yield page

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self.complaints.append(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page left before all of it was there
            self.complaints.append(f"{request.failure}: {request.url}")

    def _answered(self, response: Response) -> None:
        # A page may well say 404 or 422; what a page is made of may not.
        if response.status >= (500 if response.request.is_navigation_request() else 400):
            self.complaints.append(f"{response.status}: {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        told_by_answered = message.text.startswith("Failed to load resource: the server responded")
        if message.type in {"error", "warning"} and not told_by_answered:
            self.complaints.append(f"console: {message.text}")

    def _stopped(self, dialog) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")
        dialog.accept()
