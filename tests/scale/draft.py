"""How long a draft of 100,000 new pets with five own fields takes to stage, to look at, and to save; and how
much memory.

    python -m tests.scale.draft [PETS]

Each is measured in a process of its own, on a register that holds a tenth as many pets already.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from pets.accounts.account import Account
from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db, takes_long
from pets.migrations import bring_up_to_date
from tests.people import Person, hire_cast
from tests.scale.own import declare, own_facts

PETS = 100_000
GOALS = {"stage": 10, "review": 0.1, "save": 25}  # seconds
MEMORY = 200  # MB, at any time
OWN = 5  # own fields
NAMES = "Rex Bella Luna Max Molly Charlie Daisy Rocky Coco Milo Ruby Buddy Lola Jack Zoe Élodie Žofka".split()
TYPES = "dog cat rabbit hamster parrot horse goat tortoise iguana snek".split()


def pets(count: int, first: int = 0) -> Iterator[Wanted]:
    """So many pets, each with a name, a type, a birth date and, every third, notes."""
    for number in range(first, first + count):
        name = f"{NAMES[number % len(NAMES)]} {number // len(NAMES)}"
        born = f"{2005 + number % 20}-{number % 12 + 1:02}-{number % 28 + 1:02}{'~' * (number % 2)}"
        notes = "friendly with children" if number % 3 == 0 else ""
        facts = {"name": name, "type": TYPES[number % len(TYPES)], "born": born, "notes": notes}
        own = {f"own.{field}": fact for field, fact in own_facts(number).items() if int(field) <= OWN}
        yield Wanted(None, 0, name, None, facts | own)


def stage(count: int, first: int = 0) -> None:
    takes_long()
    Draft.begin(_edith(), "Edith").stage(pets(count, first))
    db.session.commit()


def save() -> None:
    takes_long()
    Changeset.author("Edith", _edith())
    draft = Draft.held(_edith())
    assert draft is not None
    assert not draft.save().total
    db.session.commit()


def _edith() -> int:
    account = Account.named("Edith")
    assert account is not None
    return account.id


def set_up(folder: str, count: int) -> None:
    app = create_app({"PETS_INSTANCE": folder})
    with app.app_context():
        bring_up_to_date()
    app.test_client_class = Person
    hire_cast(app)
    with app.app_context():
        declare(OWN)
        db.session.commit()
        stage(count // 10, count)
        save()


def measure(folder: str, what: str, count: int) -> None:
    """One step, in a process of its own: prints seconds, and the megabytes the process held at most."""
    app = create_app({"PETS_INSTANCE": folder})
    with app.app_context():
        if what == "review":
            edith = _signed_in(app)
            seconds = statistics.median(_look(edith) for _ in range(9))
        else:
            began = time.perf_counter()
            stage(count) if what == "stage" else save()
            seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(seconds, memory)


def _signed_in(app: Flask) -> FlaskClient:
    """A client that does not look at its pages as people in tests do: that takes longer than to make them."""
    app.test_client_class = Person
    person = app.test_client(name="edith")
    person.sign_in()
    edith = FlaskClient(app)
    edith.set_cookie(app.config["SESSION_COOKIE_NAME"], person.cookie)
    return edith


def _look(edith: FlaskClient) -> float:
    began = time.perf_counter()
    assert edith.get("/draft").status_code == 200
    return time.perf_counter() - began


def main() -> None:
    """Measure all steps, and say which missed its goal."""
    if len(sys.argv) == 4:
        measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PETS
    missed = []
    with TemporaryDirectory() as folder:
        set_up(folder, count)
        print(f"A draft of {count:,} new pets with {OWN} own fields")
        for what, goal in GOALS.items():
            command = [sys.executable, "-m", "tests.scale.draft", folder, what, str(count)]
            found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            seconds, memory = (float(number) for number in found.split())
            print(f"{what:8} {seconds:7.3f} s  (under {goal})  {memory:5.0f} MB  (under {MEMORY})")
            if seconds > goal or memory > MEMORY:
                missed.append(what)
    if missed:
        sys.exit(f"Missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
