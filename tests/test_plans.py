"""What each page asks of the database: how many statements, and how the database goes about them."""

import re

import pytest
from sqlalchemy import text

from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.db import db
from pets.models.pet import Pet
from tests.listening import listening
from tests.registers import DATABASE

PETS = 100
WHO = 1  # every page first asks, in one statement, who is there and how large their draft is

# What each page sends beside that, however many rows it shows.
COUNTS = {
    "/pets/": 3,  # the total, the types to choose from, a page
    "/pets/?q=rex": 3,
    "/pets/?q=r": 3,
    "/pets/?q=re": 3,
    "/pets/?q=nobody": 3,
    "/pets/?q=rex+quiet": 3,
    "/pets/?q=rex&type=dog": {"sqlite": 4, "postgresql": 3},  # the rarer of the two leads
    "/pets/?q=rex&min_age=2&sort=-changed": {"sqlite": 4, "postgresql": 3},
    "/pets/?type=dog": 3,
    "/pets/?type=dog&sort=age": 3,
    "/pets/?type=dog&sort=-changed": 3,
    "/pets/?min_age=2": 3,
    "/pets/?type=dog&min_age=2&max_age=9": 3,
    "/pets/?sort=-name": 3,
    "/pets/?sort=type": 3,
    "/pets/?sort=-type": 3,
    "/pets/?sort=age": 3,
    "/pets/?sort=-age": 3,
    "/pets/?type=dog&sort=age&min_age=11": 3,
    "/pets/?q=099&sort=age": 4,  # those without a birth date end the list
    "/pets/?sort=changed": 3,
    "/pets/?sort=-added": 3,
    "next": 3,
    "previous": 3,
    "/pets/1": 2,  # the pet, its history
    "/pets/new": 1,
    "/pets/1/edit": 2,
    "/history": 4,  # a page, its changes, what undid them, the people to choose from
    "/history?who=Edith": 4,
    "/history?pet=1": 4,
    "/history?pet=rex": 5,  # how many are called that
    "/history?kind=changed": 4,
    "/history?kind=undone": 4,
    "/history?day=2024-06-15": 4,
    "/history/1": 5,
    "/account": 1,
}


class Full:
    """A register of a hundred pets, and an editor who looks at it."""

    def __init__(self, app):
        self.app, self.sent = app, []
        self.edith = app.test_client(name="edith")
        with app.app_context():
            Changeset.author("Edith", 2)
            self._add()
        self.edith.get("/pets/")

    def _add(self):
        for number in range(PETS):
            kind, age = ("dog", "cat", "rabbit")[number % 3], number % 12 if number % 7 else None
            notes = "quiet" if number % 2 else ""
            db.session.add(Pet(name=f"Rex {number:03}", type=kind, age=age, notes=notes))
            if number > PETS - 20:
                db.session.commit()
        db.session.commit()
        for pet in db.session.query(Pet).filter(Pet.id < 20):
            pet.notes = "edited"
            db.session.commit()
        if DATABASE == "postgresql":
            db.session.execute(text("ANALYZE"))
        db.session.commit()

    def ask(self, path):
        """The statements that a page sends, with their parameters, but for the transaction's own."""
        path = self.address(path)
        self.sent.clear()
        answer = self.edith.get(path)
        assert answer.status_code == 200, path
        _ = answer.data  # to the end, where it is streamed
        return [one for one in self.sent if not re.match("BEGIN|ROLLBACK|SET", one[0])]

    def plan(self, statement, parameters, explain, *before):
        """How the database would go about a statement, step by step."""
        with self.app.app_context(), db.engine.connect() as connection:
            for order in before:
                connection.exec_driver_sql(order)
            return [step[-1] for step in connection.exec_driver_sql(f"{explain} {statement}", parameters)]

    def address(self, path):
        """The address of a page; of the second, and of the first again, by their links."""
        if path not in ("next", "previous"):
            return path
        following = self.edith.get("/pets/").page.one("a[rel=next]")["href"]
        return following if path == "next" else self.edith.get(following).page.one("a[rel=prev]")["href"]


@pytest.fixture(scope="module")
def full(registers):
    with registers.open() as app:
        full = Full(app)
        with listening(app, lambda *what: full.sent.append(what)):
            yield full


@pytest.mark.parametrize("path", COUNTS)
def test_a_page_sends_so_many_statements(path, full):
    allowed = COUNTS[path]
    count = allowed[DATABASE] if isinstance(allowed, dict) else allowed
    sent = full.ask(path)
    assert len(sent) == WHO + count, "\n".join(statement for statement, _ in sent)


@pytest.mark.parametrize("path", ["/pets/", "/pets/?q=rex", "/pets/?type=dog", "/history", "/types"])
def test_a_full_page_sends_no_more_than_one_row_does(path, full, edith, rex):
    few, many = [], full.ask(path)
    with listening(edith.application, lambda statement, _: few.append(statement)):
        edith.get(path)
    assert len([one for one in few if not re.match("BEGIN|ROLLBACK|SET", one)]) == len(many)


# Each must be answered out of an index: EXPLAIN is read for every statement of these pages.
LISTS = [path for path in COUNTS if path.startswith(("/pets/?", "/history", "next", "previous"))]
LISTS += ["/pets/", "/pets/1", "/types", "/pets.csv", "/pets.csv?q=rex&type=dog&sort=-changed"]

SCANS = r"Seq Scan on (pet|change|changeset|sign_in|draft_line)\b"
# The few places that sort what they have gathered, all of it bounded.
GATHERED = r"pet_search MATCH|pet_type|undoes_id IN|\+ pet\.|change\.changeset_id IN|\.id IN \(SELECT"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("path", LISTS)
def test_sqlite_reads_no_table_from_end_to_end(path, full):
    for statement, parameters in full.ask(path):
        steps = full.plan(statement, parameters, "EXPLAIN QUERY PLAN")
        words = f"{statement}\n{parameters}\n" + "\n".join(steps)
        for step in steps:
            # A SCAN with an index walks along it, and LIMIT ends that.
            walks = ("USING" in step or "ORDER BY pet.id" in statement) and (
                "LIMIT" in statement or path.startswith("/pets.csv")
            )
            scans = re.match(r"SCAN (pet|change|changeset|account|sign_in)(_\d+)?\b", step) and not walks
            assert not scans, words
            assert "TEMP B-TREE" not in step or re.search(GATHERED, statement), words


@pytest.mark.postgresql_only
@pytest.mark.parametrize("path", LISTS)
def test_postgresql_has_an_index_for_everything(path, full):
    """At a hundred pets a scan is the quickest, so it is forbidden: what still scans has no index to use."""
    for statement, parameters in full.ask(path):
        if not statement.lstrip().startswith(("SELECT", "WITH")):
            continue
        plan = full.plan(statement, parameters, "EXPLAIN", "SET LOCAL enable_seqscan = off")
        scans = [step for step in plan if re.search(SCANS, step)]
        assert not scans, f"{statement}\n{parameters}\n" + "\n".join(plan)


def test_beginning_a_draft_looks_through_nothing_that_is_saved(full):
    with full.app.app_context():
        full.sent.clear()
        Draft.begin(2, "Edith")
        sent = [one for one in full.sent if re.match("SELECT|DELETE", one[0])]
        db.session.rollback()
    assert len(sent) == 3
    explain = (
        ("EXPLAIN QUERY PLAN",) if DATABASE == "sqlite" else ("EXPLAIN", "SET LOCAL enable_seqscan = off")
    )
    for statement, parameters in sent:
        plan = full.plan(statement, parameters, *explain)
        assert not [step for step in plan if re.search(f"SCAN changeset|{SCANS}", step)], plan


def _places(statement, word):
    """Which of a statement's parameters stand behind a word."""
    return [statement[: found.end()].count("?") for found in re.finditer(rf"{word} (?=\?)", statement)]


@pytest.mark.parametrize("path", LISTS)
def test_nothing_is_skipped_or_counted_to_the_end(path, full):
    for statement, parameters in full.ask(path):
        values = parameters.values() if isinstance(parameters, dict) else parameters
        if DATABASE == "sqlite":  # SQLAlchemy writes OFFSET behind each LIMIT there, and binds 0
            skips = [list(values)[place] for place in _places(statement, "OFFSET")]
            assert not any(skips), statement
        else:
            assert "OFFSET" not in statement
        counted = re.search(r"\bcount\([^)]*\)[^()]*\bFROM (pet|change|changeset)\b", statement)
        assert not counted, f"counts every row: {statement}"
