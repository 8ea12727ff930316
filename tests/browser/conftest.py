"""The cast in a real browser, on the real server. Whatever the browser complains of fails the test."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.visitor import DESK, PLAIN_PHONE, Bench, Look, Visitor
from tests.conftest import missing
from tests.people import CAST
from tests.server import Server

HERE = Path(__file__).parent
PROGRAMS = ["chromium-headless-shell", "chromium", "google-chrome"]  # the first takes half the time
ARGUMENTS = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
FAILED = pytest.StashKey[bool]()


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
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
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
def bench(browser):
    return Bench(browser)


@pytest.fixture(scope="session")
def running_site(registers):
    with registers.lend() as where, Server(**where, PETS_PATTERNS="1") as server:
        yield server


@pytest.fixture
def site(running_site, registers):
    """The real server on an empty register. One process serves all tests, each with an empty register."""
    registers.empty(running_site.settings)
    return running_site


@pytest.fixture
def app(site, registers):
    """The register that the site serves, so that `add_pet`, `facts_now` and `session` are about it."""
    with registers.beside(site.settings) as app:
        yield app


@pytest.fixture(params=[DESK, PLAIN_PHONE], ids=str)
def look(request):
    """A test that asks for this is run at a desk, and once more on a narrow phone without scripts."""
    return request.param


@pytest.fixture(scope="session")
def chairs(browser, bench, running_site):
    """Browsers that nobody sits at, by whether they run scripts: to start one takes a second."""
    return {javascript: [] for javascript in (True, False)}


@pytest.fixture
def visit(request, browser, bench, chairs, site, registers, tmp_path_factory):
    """`edith = visit("edith")`: somebody with a browser of their own, watched until the end of the test.
    `url`: of another site than the one that all tests share."""
    visitors = []

    def come(name: str, look: Look = DESK, url: str = site.url) -> Visitor:
        free = chairs[look.javascript] if url == site.url else []
        visitor = free.pop() if free else Visitor(browser, bench, url, look.javascript)
        visitors.append(visitor)
        visitor.come(name, look, registers.cookie(name) if name in CAST else None)
        return visitor

    yield come
    failed = request.node.stash.get(FAILED, False)
    if failed:
        print(site.output[-3000:])
    for visitor in visitors:
        if failed:
            picture = tmp_path_factory.getbasetemp() / f"{request.node.name}-{visitor.name}.png"
            visitor.page.screenshot(path=picture, full_page=True)
            print(f"{visitor.name} sees {visitor.page.url}: {picture}")
        visitor.leave()
        if visitor.url == site.url:
            chairs[visitor.look.javascript].append(visitor)
    complaints = [f"{visitor.name}: {complaint}" for visitor in visitors for complaint in visitor.complaints]
    assert not complaints, "\n".join(complaints)


def _cast(name):
    @pytest.fixture(name=name)
    def member(request, visit):
        look = request.getfixturevalue("look") if "look" in request.fixturenames else DESK
        return visit(name, look)

    return member


vera, edith, ada, stranger = map(_cast, ("vera", "edith", "ada", "stranger"))
