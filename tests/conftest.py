"""The cast, a register for each test, and a clock that stands still."""

import gc
import json
import logging
import os
import random
import shutil
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import has_app_context

import pets.clock
from pets.db import db
from pets.models.pet import Pet
from pets.web.log import JsonLines
from tests.listening import listening
from tests.registers import DATABASE, Registers
from tests.server import Server

PAGES = ("browser", "views")  # folders of tests that run on PostgreSQL only where they are marked
gc.disable()  # until all tests are collected
REQUIRED = os.environ.get("PETS_TEST_REQUIRE", "").replace(",", " ").split()

hypothesis.settings.register_profile("pets", deadline=None, max_examples=50, print_blob=True)
hypothesis.settings.register_profile("ci", hypothesis.settings.get_profile("pets"), derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "pets")


# Registers lie in memory where there is room: each save of each test is synced to the disk.
MEMORY, ROOM = Path("/dev/shm"), 2**30
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def missing(what: str, why: str) -> None:
    """Skip for want of something, unless PETS_TEST_REQUIRE says that it has to be here."""
    if what in REQUIRED:
        pytest.fail(f"{why} (PETS_TEST_REQUIRE names {what})", pytrace=False)
    pytest.skip(why)


def pytest_addoption(parser):
    parser.addoption("--order", type=int, metavar="SEED", help="in another order, files and their tests")


def pytest_report_header():
    return f"register in {DATABASE}"


def pytest_collection_modifyitems(config, items):
    """Leave out what is about the other database, and of a second run what no database can change. Of the
    pages that is most: what each of them and each form sends is tried on both by `test_plans.py`."""

    def elsewhere(item):
        if DATABASE == "sqlite":
            return item.get_closest_marker("postgresql_only")
        marks = {mark.name for mark in item.iter_markers()}
        once = item.path.parent.name in PAGES and not marks & {"on_both", "postgresql_only"}
        return once or "registers" not in item.fixturenames or marks & {"sqlite_only", "any_database"}

    config.hook.pytest_deselected(items=[item for item in items if elsewhere(item)])
    items[:] = [item for item in items if not elsewhere(item)]
    if (seed := config.getoption("order")) is not None:
        order = random.Random(seed)
        places = {item.path: order.random() for item in items}
        items.sort(key=lambda item: (places[item.path], order.random()))


def pytest_collection_finish():
    gc.freeze()  # what is loaded by now stays, and need not be looked through again and again
    gc.set_threshold(50_000, 20, 20)  # nor all that is young at every 700th object
    gc.enable()


@pytest.fixture(scope="session")
def registers(tmp_path_factory):
    """`with registers.open() as app:` for a test that needs several of them, or other settings."""
    registers = Registers(tmp_path_factory.mktemp("registers"))
    yield registers
    registers.close()


@pytest.fixture
def app(registers):
    with registers.open() as app:
        yield app


@pytest.fixture
def session(app):
    """`db.session`, as in a shell. A person's request ends its transaction, so it sees what they did."""
    with app.app_context():
        yield db.session


@pytest.fixture
def run(app):
    """`run("add-account", "Bea")` → what it says, after it succeeded; `fails=True` where it must not.
    `charset`: of the terminal."""

    def run(*words, fails=False, typed=None, charset="utf-8"):
        if has_app_context():
            db.session.rollback()  # the test's own: on SQLite it holds the writers' turn
        result = app.test_cli_runner(charset=charset).invoke(args=["pets", *words], input=typed)
        assert (result.exit_code != 0) == fails, result.output
        assert "Traceback" not in result.output
        assert result.exit_code in (0, 1, 2)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output

    return run


@pytest.fixture
def log_restored():
    """What a server sets up as it begins its log is as it was once the test has ended."""
    root, raises = logging.getLogger(), logging.raiseExceptions
    hooks = threading.excepthook, sys.unraisablehook
    handlers, level, levels = root.handlers[:], root.level, {}
    for name in ("alembic", "waitress.queue"):
        levels[name] = logging.getLogger(name).level
    yield
    logging.captureWarnings(False)
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in set(handlers) - set(root.handlers):
        root.addHandler(handler)
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    (threading.excepthook, sys.unraisablehook), logging.raiseExceptions = hooks, raises


@pytest.fixture
def logged():
    """The lines of the log so far, each read from its JSON."""
    lines, root = [], logging.getLogger()

    class Reader(logging.Handler):
        def emit(self, record):
            line = self.format(record)
            assert line.isascii()
            assert line.isprintable()
            lines.append(json.loads(line))

    reader, level = Reader(), root.level
    reader.setFormatter(JsonLines())
    root.addHandler(reader)
    root.setLevel("INFO")
    yield lines
    root.removeHandler(reader)
    root.setLevel(level)


@pytest.fixture
def statements(app):
    """The SQL sent so far; clear it where counting is to begin."""
    sent = []
    with listening(app, lambda statement, _: sent.append(statement)):
        yield sent


def person(app, name):
    """Somebody at a browser of their own, signed in if they have an account (see `tests/people.py`)."""
    return app.test_client(name=name)


@pytest.fixture
def vera(app):
    """Views."""
    return person(app, "vera")


@pytest.fixture
def edith(app):
    """Edits."""
    return person(app, "edith")


@pytest.fixture
def ada(app):
    """Administers."""
    return person(app, "ada")


@pytest.fixture
def stranger(app):
    """Has no account."""
    return person(app, "stranger")


@pytest.fixture
def add_pet(app):
    """`rex = add_pet("Rex", "dog", age=2)`: a pet on the register, loaded and by itself."""

    def add(name="Rex", type="dog", **facts):
        with app.app_context():
            pet = Pet(name=name, type=type, **facts)
            db.session.add(pet)
            db.session.commit()
            db.session.refresh(pet)
            db.session.expunge(pet)
            return pet

    return add


@pytest.fixture
def rex(add_pet):
    return add_pet("Rex", "dog", age=2)


class Facts(dict):
    """A pet's facts, the same as others that leave out fields in which it has nothing."""

    __hash__ = None

    def __eq__(self, other):
        return {name: fact for name, fact in self.items() if fact or name in other} == dict(other)


@pytest.fixture
def facts_now(app):
    """`facts_now(number)`: the pet's facts as they are stored now, or None."""

    def facts(number):
        with app.app_context():
            pet = db.session.get(Pet, number)
            return pet and Facts(pet.facts)

    return facts


class Clock:
    """The site stands still in time until told: `clock.forward(days=1)`, `clock.set("2024-02-29 12:00")`."""

    def __init__(self):
        # In the past, so that the cast, who signed in today, stay signed in however far it is put forward.
        self.now = datetime(2024, 6, 15, 12, tzinfo=UTC)

    def set(self, moment: str | datetime) -> None:
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self.now = moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def forward(self, **much) -> None:
        self.now += timedelta(**much)


class StoppedDatetime:
    """Stands for `datetime` in `pets/clock.py`, and knows another time."""

    def __init__(self, clock: Clock):
        self._clock = clock

    def now(self, zone=None) -> datetime:
        return self._clock.now.astimezone(zone)

    def __getattr__(self, name):
        return getattr(datetime, name)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(pets.clock, "datetime", StoppedDatetime(clock))
    return clock


@pytest.fixture
def serve(registers):
    """`server = serve()`: the real server on an empty register, for what it takes a process to see."""
    with ExitStack() as stack:

        def start(**settings):
            where = stack.enter_context(registers.lend())
            return stack.enter_context(Server(**where, **settings))

        yield start
