"""What each page and each form asks of the database: how many statements, and how the database goes about
them. Neither may grow with the register, nor with what a form is about."""

import io
import itertools
import re
from collections import Counter
from io import BytesIO

import pytest
from sqlalchemy import inspect, text

from pets.accounts.account import Account
from pets.accounts.audit_log import record
from pets.accounts.sessions import SignIn
from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db
from pets.models.field import OwnField
from pets.models.pet import Pet
from pets.search.saved_view import SavedView
from tests.conftest import person
from tests.files.test_picture import sent
from tests.listening import listening
from tests.pages import Form
from tests.people import PASSWORD
from tests.registers import DATABASE

FEW, MANY = 2, 60  # of everything; more than one page shows
WHO = 1  # every page first asks, in one statement, who is there and how large their draft is
EDITH, ADA = 2, 3

# What each page sends beside that, however many rows it shows.
COUNTS = {
    "/": 8,  # types, ages, own fields, months, duplicates, pairs kept both; two for first steps
    "/pets/": 4,  # the types, with the total; how many have each choice; a page; what waits of it
    "/pets/?q=rex": 6,  # and how many match; how many removed ones do
    "/pets/?q=r": 5,
    "/pets/?q=re": 6,
    "/pets/?q=nobody": 7,  # and what else may have been meant
    "/pets/?q=dogs": 8,  # whether it is a plural, and no name
    "/pets/?q=rex+quiet": 6,
    "/pets/?q=rex&type=dog": {"sqlite": 6, "postgresql": 5},  # the rarer of the two leads
    "/pets/?q=rex&min_age=2&sort=-changed": {"sqlite": 6, "postgresql": 5},
    "/pets/?type=dog": 5,
    "/pets/?type=dog&sort=age": 6,  # those without a birth date end the list
    "/pets/?type=dog&sort=-changed": 5,
    "/pets/?min_age=2": 5,
    "/pets/?type=dog&min_age=2&max_age=9": 5,
    "/pets/?sort=-name": 4,
    "/pets/?sort=type": 4,
    "/pets/?sort=-type": 4,
    "/pets/?sort=age": 4,
    "/pets/?sort=-age": 4,
    "/pets/?type=dog&sort=age&min_age=11": 4,
    "/pets/?q=059&sort=age": 7,
    "/pets/?sort=changed": 4,
    "/pets/?sort=-added": 4,
    "next": 4,
    "previous": 4,
    "/pets/?own.1=female": 5,
    "/pets/?own.1=female&type=dog": {"sqlite": 7, "postgresql": 5},  # each is counted, then both together
    "/pets/?own.1=female&own.2.from=3": {"sqlite": 7, "postgresql": 5},
    "/pets/?own.2.from=3&own.2.to=7": 5,
    "/pets/?own.2.from=3&sort=-own.2": 5,
    "/pets/?own.2.from=3&sort=own.1": 5,
    "/pets/?sort=-own.3": 4,
    "/pets/?own.3=985112000000007": 5,
    "/pets/?own.4=beag": {"sqlite": 6, "postgresql": 5},
    "/pets/?without=photo": 5,
    "/pets/?without=photo&type=dog": 5,
    "/pets/?without=own.1": 5,
    "/pets/?without=own.1&sort=own.2": 6,
    "/pets/?q=rex&own.1=male": {"sqlite": 6, "postgresql": 5},
    "/pets/?q=12000&sort=own.2": 7,
    "/pets/?q=number+3": 7,  # the pet of this number
    "/pets/1": 6,  # the pet, its history, those beside it in the list, what waits of it
    "/pets/1?q=rex&sort=-added": 7,  # and how many match
    "/pets/1?own.1=female&sort=own.2": 7,
    "/pets/new": 1,
    "/pets/1/edit": 4,  # and the draft, with the line that may wait in it
    "/history": 4,  # a page, its changes, what undid them, the people to choose from
    "/history?who=Edith": 4,
    "/history?pet=1": 4,
    "/history?pet=rex": 5,  # how many are called that
    "/history?kind=changed": 4,
    "/history?kind=undone": 4,
    "/history?day=2024-06-15": 4,
    "/history?kind=added&since=2024-06-01&until=2024-06-30": 4,
    "/history/1": 5,
    "/account": 1,
}
# Further pages with a list on them: they send as many for two rows as for sixty.
MORE = [
    *("/draft", "/draft?part=new", "/draft?part=changed", "/draft?part=removed", "/draft?part=concerns"),
    *("/draft/1", "/duplicates", "/duplicates/1/2", "/types", "/pets/bulk?all=1", "/pets/bulk?pet=1.1"),
    *("/import", "/import/1", "/import/1/check", "/import/1/faulty.csv", "/accounts", "/accounts/4"),
    *(
        "/fields",
        "/fields/1",
        "/saved-views/1/edit",
        "/security",
        "/backups",
        "/pets.csv",
        "/pets.json",
        "/pets.xlsx",
    ),
    "/pets.csv?q=rex&type=dog&sort=-changed",
]
BY_ADA = ("/accounts", "/fields", "/saved-views", "/security", "/backups")


# The own fields that pets are looked for by, numbered from one. A listed choice tells how many pets have it.
OWN = [
    {"label": "Sex", "kind": "choice", "choices": ["female", "male"], "listed": True},
    {"label": "Weight", "kind": "number"},
    {"label": "Chip", "kind": "code"},
    {"label": "Breed", "kind": "line"},
]


class Register:
    """A register with so many of everything, and what is sent to its database.

    The first pet has a long history; Edith has many lines of every kind in her draft, a sheet with as many
    faulty rows and questions, and as many sessions.
    """

    def __init__(self, app, rows):
        self.app, self.rows, self.sent = app, rows, []
        self.asked = {}  # what pages send that were asked for once
        self.edith, self.ada = person(app, "edith"), person(app, "ada")
        with app.app_context():
            Changeset.author("Edith", EDITH)
            self._add_pets()
            self._add_people()
            for number in range(min(self.rows, 30)):  # fewer than there may be
                OwnField.add({"label": f"Field {number}", "kind": "line", "listed": False})
                view = SavedView(account_id=ADA, query="?q=rex")
                view.keep(f"View {number}", shared=False)
                db.session.add(view)
            db.session.commit()
        self.draft()
        answer = self.upload(("Rex 000,dog,1", "Twin,cat,1", "Faulty,cat,many"))
        self.edith.get(answer.location).page.submit(self.edith, action=answer.location)
        with app.app_context():
            if DATABASE == "postgresql":
                db.session.execute(text("ANALYZE"))
            db.session.commit()

    def _add_pets(self):
        for number, own in enumerate(OWN, 1):
            assert OwnField.add(own).id == number
        for number in range(self.rows):
            kind, age = ("dog", "cat", "rabbit")[number % 3], number % 12 if number % 7 else None
            notes = "quiet" if number % 2 else ""
            pet = Pet(name=f"Rex {number:03}", type=kind, age=age, notes=notes)
            chip, sex = f"985112000{number:06}", ("female", "male", "")[number % 3]
            pet.set_facts({"own.1": sex, "own.2": str(number % 9), "own.3": chip, "own.4": "Old beagle"})
            db.session.add(pet)
            if number > self.rows - 10:
                db.session.commit()
        db.session.add_all([Pet(name="Twin", type="cat"), Pet(name="Twin", type="cat")])
        db.session.add_all([Pet(name="Odd", type=f"type {number}") for number in range(self.rows)])
        db.session.commit()
        for number in range(self.rows):
            db.session.get(Pet, 1).notes = f"edited {number}"
            db.session.commit()

    def _add_people(self):
        for number in range(self.rows):
            account = Account(role="viewer", password_hash="")
            account.rename(f"Viewer {number}")
            db.session.add(account)
            some = {"account_id": EDITH, "browser": "Firefox", "address": "::1"}
            db.session.add(SignIn(token_hash=f"hash {number}", **some))
            record("signed-in", "Edith", address="::1")

    def draft(self, *kinds):
        """Put so many lines of each kind in Edith's draft, which is a new one."""
        with self.app.app_context():
            pets = db.session.query(Pet).filter_by(name="Odd").order_by(Pet.id)[: self.rows]
            if draft := Draft.of(EDITH):
                draft.discard()
                db.session.flush()
            lines = {
                "new": [Wanted(None, 0, "", None, {"name": "New", "type": "emu"}) for _ in pets],
                "alike": [Wanted(None, 0, "", None, {"name": "Twin", "type": "cat"}) for _ in pets],
                "changed": [self._edit(pet, {"notes": "Old"}) for pet in pets],
                "stale": [self._edit(pet, {"type": "other"}, {"type": "before"}) for pet in pets],
                "removed": [Wanted(pet.id, pet.version, pet.name, pet.facts, None) for pet in pets],
            }
            share = self.rows // 2
            for place, kind in enumerate(kinds or ("new", "alike", "changed", "removed")):
                # A pet stands on one line only: of several kinds, each has its share of the pets.
                some = lines[kind] if len(kinds) == 1 else lines[kind][place % 2 * share :][:share]
                Draft.begin(EDITH, "Edith").stage(some)
            number = Draft.of(EDITH).id
            db.session.commit()
        return number

    def _edit(self, pet, after, before=None):
        before = before or {field: pet.facts[field] for field in after}
        return Wanted(pet.id, pet.version, pet.name, before, after)

    def upload(self, rows):
        """Send a sheet with these rows, each so many times."""
        lines = [row.replace("Twin", f"Twin{' ' * number}") for number in range(self.rows) for row in rows]
        sheet = "\n".join(["name,type,age", *lines]).encode()
        return self.edith.fill("/import", file=(io.BytesIO(sheet), "pets.csv"))

    def hear(self, do):
        """What is sent while something is done, with its parameters, but for the transaction's own."""
        self.sent.clear()
        answer = do()
        _ = answer.data  # to the end, where it is streamed
        assert answer.status_code in (200, 303), answer.page.text
        return [one for one in self.sent if not re.match("BEGIN|ROLLBACK|SET|SAVEPOINT|RELEASE", one[0])]

    def ask(self, path):
        """What a page sends."""
        who = self.ada if path.startswith(BY_ADA) else self.edith
        path = self.address(path)
        return self.hear(lambda: who.get(path))

    def ask_once(self, path):
        """What a page sends, asked for once: where nothing changes, it sends the same to every law."""
        if path not in self.asked:
            self.asked[path] = self.ask(path)
        return self.asked[path]

    def address(self, path):
        """The address of a page; of the second, and of the first again, by their links."""
        if path not in ("next", "previous"):
            return path
        following = self.edith.get("/pets/").page.one("a[rel=next]")["href"]
        return following if path == "next" else self.edith.get(following).page.one("a[rel=prev]")["href"]

    def plan(self, statement, parameters, explain, *before):
        """How the database would go about a statement, step by step."""
        several = isinstance(parameters, list)  # the same for each of many rows
        with self.app.app_context(), db.engine.connect() as connection:
            for order in before:
                connection.exec_driver_sql(order)
            given = parameters[0] if several else parameters
            return [step[-1] for step in connection.exec_driver_sql(f"{explain} {statement}", given)]

    def read_to_the_end(self, statement, parameters, walks=False):
        """The steps of a plan that go through a table from end to end, and the plan."""
        if not re.match(r"\s*(SELECT|WITH|UPDATE|DELETE|INSERT.*\bSELECT\b)", statement, re.DOTALL):
            return [], ""
        if DATABASE == "sqlite":
            steps = self.plan(statement, parameters, "EXPLAIN QUERY PLAN")
            # A SCAN with an index walks along it, and LIMIT ends that.
            walks = walks or "LIMIT" in statement
            scans = [step for step in steps if re.match(rf"SCAN {LARGE}", step)]
            scans = [
                step for step in scans if not (walks and ("USING" in step or re.search(BY_NUMBER, statement)))
            ]
        else:
            # At sixty pets a scan is the quickest, so it is forbidden: what still scans has no index to use.
            steps = self.plan(statement, parameters, "EXPLAIN", "SET LOCAL enable_seqscan = off")
            scans = [step for step in steps if re.search(rf"Seq Scan on {LARGE}", step)]
        return scans, f"{statement}\n{parameters}\n" + "\n".join(steps)


# The tables that grow. Accounts, fields and types are few, and read whole to be chosen from.
LARGE = (
    r"(pet|pet_key|lead|place|key\d+|change|changeset|sign_in|throttle|security_event|kept_form|draft_line|import|import_row|form_token|work|kept_both)"
    r"(_\d+)?\b"
)


@pytest.fixture(scope="module")
def registers_of(registers):
    """`few, many`: one register with two of everything, and one with sixty; to be looked at only."""
    yield from _of_both_sizes(registers)


@pytest.fixture(scope="module")
def changed(registers):
    """The like, for those who change it. Each brings along what it changes."""
    yield from _of_both_sizes(registers)


def _of_both_sizes(registers):
    with registers.open() as small, registers.open() as large:
        few, many = Register(small, FEW), Register(large, MANY)
        with (
            listening(small, lambda *what: few.sent.append(what)),
            listening(large, lambda *what: many.sent.append(what)),
        ):
            yield few, many


@pytest.fixture
def full(registers_of):
    return registers_of[1]


def told(sent):
    return "\n".join(statement for statement, _ in sent)


def more(many, few):
    """What is sent more often."""
    counts = Counter(statement for statement, _ in many)
    counts.subtract(statement for statement, _ in few)
    return "\n".join(f"{count:+} × {statement}" for statement, count in counts.items() if count)


@pytest.mark.parametrize("path", COUNTS)
def test_a_page_sends_so_many_statements(path, full):
    allowed = COUNTS[path]
    count = allowed[DATABASE] if isinstance(allowed, dict) else allowed
    sent = full.ask_once(path)
    assert len(sent) == WHO + count, told(sent)


@pytest.mark.any_database
@pytest.mark.parametrize("path", ["/pets/", "/pets/?q=rex", "/pets/?type=dog", "/history", "/pets/1", *MORE])
def test_a_full_page_sends_no_more_than_a_small_one(path, registers_of):
    few, many = (register.ask_once(path) for register in registers_of)
    assert len(many) == len(few), more(many, few)


# Each must be answered out of an index: EXPLAIN is read for every statement of these pages.
LISTS = [path for path in COUNTS if path.startswith(("/pets/?", "/history", "next", "previous"))]
LISTS += ["/", "/pets/", "/pets/1", "/account", *MORE]
EXPORTS = tuple(f"/pets.{form}" for form in ("csv", "json", "xlsx"))
BY_NUMBER = r"ORDER BY \w+\.id\b"  # which is how the rows lie
# The few places that sort what they have gathered, all of it bounded.
GATHERED = (
    r"pet_search MATCH|pet_type|\+ (pet|place)\.|change\.changeset_id IN|\.id IN \(SELECT"
    r"|FROM (account|field|saved_view)\b|sign_in\.account_id =|GROUP BY draft_line\.concern"
)


ONLY_ONE = "/pets/?own.3=985112000000007"


@pytest.mark.parametrize("path", [path for path in COUNTS if "own." in path])
def test_a_long_list_is_walked_along_an_index(path, full, monkeypatch):
    for limit in ("MANY", "GATHERED", "AGED", "FOUND"):
        monkeypatch.setattr(f"pets.search.plan.{limit}", 1)
    for statement, parameters in full.ask(path):
        scans, plan = full.read_to_the_end(statement, parameters)
        assert not scans, plan
        gathers = re.search("pet_search MATCH|FROM pet_type", statement) or path == ONLY_ONE
        assert gathers or "TEMP B-TREE" not in plan, plan


@pytest.mark.parametrize("path", LISTS)
def test_a_page_reads_no_table_from_end_to_end(path, full):
    for statement, parameters in full.ask_once(path):
        scans, plan = full.read_to_the_end(statement, parameters, path.startswith(EXPORTS))
        assert not scans, plan
        assert "TEMP B-TREE" not in plan or re.search(GATHERED, statement), plan


def _places(statement, word):
    """Which of a statement's parameters stand behind a word."""
    return [statement[: found.end()].count("?") for found in re.finditer(rf"{word} (?=\?)", statement)]


@pytest.mark.parametrize("path", LISTS)
def test_nothing_is_skipped_or_counted_to_the_end(path, full):
    for statement, parameters in full.ask_once(path):
        values = parameters.values() if isinstance(parameters, dict) else parameters
        if DATABASE == "sqlite":  # SQLAlchemy writes OFFSET behind each LIMIT there, and binds 0
            skips = [list(values)[place] for place in _places(statement, "OFFSET")]
            assert not any(skips), statement
        else:
            assert "OFFSET" not in statement
        counted = re.search(r"\bcount\([^)]*\)[^()]*\bFROM (pet|pet_key|change|changeset)\b", statement)
        assert not counted, f"counts every row: {statement}"


# Forms: what gets each of them ready, and returns what sends it. Named by the endpoint that it is sent to.


def form(who, path, action=None, button=None, **typed):
    page = who.get(path).page
    return lambda: page.form(action).submit(who, button, **typed)


def post(who, path, **sent):
    _ = who.token
    return lambda: who.post(path, **sent)


def with_history(on, count=1, type="emu"):
    """The numbers of some new pets, each with a long history."""
    with on.app.app_context():
        Changeset.author("Edith", EDITH)
        pets = [Pet(name=f"Nobody {number}", type=type) for number in range(count)]
        db.session.add_all(pets)
        for number in range(on.rows):
            for pet in pets:
                pet.notes = f"edited {number}"
            db.session.commit()
        return [pet.id for pet in pets]


def changeset(on):
    """The number of a changeset that touched so many pets."""
    with on.app.app_context():
        Changeset.author("Edith", EDITH)
        for pet in db.session.query(Pet).filter_by(name="Odd"):
            pet.notes += "!"
        db.session.commit()
        return Changeset.just_saved()


def of_first_line(on, kind, what):
    number = on.draft(kind)
    with on.app.app_context():
        line = db.session.scalar(Draft.of(EDITH).lines().limit(1))
    assert number
    return f"/draft/{line.id}{what}"


def edit_one(on, **how):
    [number] = with_history(on)
    return form(on.edith, f"/pets/{number}/edit", notes="Edited.", **how)


def delete_one(on):
    [number] = with_history(on)
    return form(on.edith, f"/pets/{number}", f"/pets/{number}/delete")


def save_draft(on, *kinds):
    on.draft(*kinds)
    return form(on.edith, "/draft", "/draft/save")


def restore_draft(on):
    number = on.draft()
    on.edith.post("/draft/discard")
    return post(on.edith, f"/draft/{number}/restore")


def discard_draft(on):
    on.draft()
    return post(on.edith, "/draft/discard")


def drop_lines(on):
    on.draft("alike")
    return post(on.edith, "/draft/drop/alike")


def choose_line(on):
    path = of_first_line(on, "stale", "/choose")
    page = on.edith.get("/draft").page
    names = {radio["name"] for radio in page.form(path).node.select('input[type="radio"]')}
    return form(on.edith, "/draft", path, **dict.fromkeys(names, "set"))


def merge_line(on):
    path = of_first_line(on, "alike", "/merge")
    pet = on.edith.get("/draft").page.select(f'form[action="{path}"] input[name="pet"]')[0]["value"]
    return post(on.edith, path, pet=pet)


def undo_one(on):
    number = changeset(on)
    with on.app.app_context():
        change = db.session.execute(
            text("SELECT max(id) FROM change WHERE changeset_id = :it"), {"it": number}
        )
        return post(on.edith, f"/history/{number}/undo", change=change.scalar())


def merge(on):
    stays, goes = with_history(on, 2)
    return form(on.edith, f"/duplicates/{stays}/{goes}")


def keep_both(on, deed):
    one, other = with_history(on, 2)
    return post(on.edith, f"/duplicates/{one}/{other}/{deed}")


def litter(on):
    pups = {"name": ["Pup"] * on.rows, "own": [""] * on.rows}
    return form(on.edith, "/pets/litter", button="Add to draft", type="emu", **pups)


def bulk(on):
    with on.app.app_context():
        pets = db.session.query(Pet).filter_by(name="Odd")
        ticked = "&".join(f"pet={pet.id}.{pet.version}" for pet in pets)
    return form(on.edith, f"/pets/bulk?{ticked}", type="elephant")


def bulk_all(on):
    return form(on.edith, "/pets/bulk?all=1&search=q%3Dodd", type="elephant")


def rename_types(on):
    with on.app.app_context():
        db.session.add_all([Pet(name="Wolf", type="wolf") for _ in range(on.rows)])
        db.session.commit()
    return post(on.edith, "/types", type="wolf", name="dog")


def upload(on):
    return lambda: on.upload(("Brought in,cat,1", f"{next(NUMBERS)},cat,many"))


def files(on):
    """Send a new picture of a pet."""
    [number] = with_history(on)
    shown = BytesIO(sent(colour=(next(NUMBERS) % 256, 0, 0)))
    return number, form(on.edith, f"/pets/{number}/files", f"/pets/{number}/files", files=[(shown, "a.jpg")])


def change_file(on):
    number, send = files(on)
    assert send().status_code == 303
    page = on.edith.get(f"/pets/{number}/files").page
    action = next(Form(one).path for one in page.select("form") if one.get("action", "").count("/") == 4)
    return lambda: page.submit(on.edith, action=action)


def send_photos(on):
    [number] = with_history(on)
    shown = BytesIO(sent(colour=(0, next(NUMBERS) % 256, 0)))
    return form(on.edith, "/photos", "/photos", files=[(shown, f"{number}.jpg")])


def columns(on):
    path = upload(on)().location
    return form(on.edith, path, path)


def reread(on):
    sheet = "\n".join(["name,type", *(f"Zoë {number},cat" for number in range(on.rows))]).encode("cp1252")
    path = on.edith.fill("/import", file=(io.BytesIO(sheet), "pets.csv")).location
    page = on.edith.get(path).page
    encoding = page.select('[name="encoding"]')[0]["value"]
    return lambda: page.form(f"{path}/encoding").submit(on.edith, encoding=encoding)


def rows(on):
    path = columns(on)().location
    return path, path.partition("/check")[0]


def fix_import(on):
    path, about = rows(on)
    return form(on.edith, path, f"{about}/fix")


def stage_import(on):
    path, about = rows(on)
    seen = on.edith.get(path).page.one('[name="seen"]')["value"]
    return post(on.edith, f"{about}/stage", seen=seen, faulty="wait")


def discard_import(on):
    return post(on.edith, f"{rows(on)[1]}/discard")


def account(on, what, ended=False):
    """A form about somebody with many sessions."""
    with on.app.app_context():
        somebody = Account(role="viewer", password_hash="")
        somebody.rename(f"Somebody {next(NUMBERS)}")
        db.session.add(somebody)
        db.session.flush()
        for _ in range(on.rows):
            some = {"account_id": somebody.id, "browser": "Firefox", "address": "::1"}
            db.session.add(SignIn(token_hash=f"another {next(NUMBERS)}", **some))
        if ended:
            somebody.end()
        db.session.commit()
        number = somebody.id
    if what:
        return post(on.ada, f"/accounts/{number}/{what}")
    return form(on.ada, f"/accounts/{number}", f"/accounts/{number}", role="editor")


def new_account(on):
    return form(on.ada, "/accounts/new", name=f"Somebody {next(NUMBERS)}")


def mine(on, path, **typed):
    """A form about one's own account, from a browser that is signed in for it."""
    vera = person(on.app, "vera")
    vera.sign_in()
    return form(vera, path, path, **typed) if typed else post(vera, path)


def end_my_sessions(on):
    vera = mine(on, "/account/confirm", password=PASSWORD)
    vera()
    return mine(on, "/account/end-sessions")


def own_field(on):
    """The address of an own field."""
    with on.app.app_context():
        number = OwnField.add({"label": f"Field no. {next(NUMBERS)}", "kind": "line"}).id
        db.session.commit()
    return f"/fields/{number}"


def edit_field(on):
    page = on.ada.get(own_field(on)).page
    return lambda: Form(page.one('main form.form[method="post"]')).submit(on.ada, hint="Such as this.")


def retire_field(on, *before):
    path = own_field(on)
    for deed in before:
        on.ada.post(f"{path}/{deed}")
    return post(on.ada, f"{path}/{'restore' if before else 'retire'}")


def move_field(on):
    path = own_field(on)
    page = on.ada.get("/fields").page
    return lambda: page.form(f"{path}/up").submit(on.ada)


def saved_view(on):
    path = f"/saved-views/new?search=?q={next(NUMBERS)}"
    return form(on.ada, path, name=f"View no. {next(NUMBERS)}")


def of_saved_view(on, what, **typed):
    saved_view(on)()
    with on.app.app_context():
        number = db.session.scalar(text("SELECT max(id) FROM saved_view"))
    return post(on.ada, f"/saved-views/{number}/{what}", **typed)


NUMBERS = itertools.count()
DEEDS = {
    "new_pet": lambda on: form(on.edith, "/pets/new", name=f"{next(NUMBERS)}", type="emu"),
    "new_pet in the draft": lambda on: form(
        on.edith, "/pets/new", name="Somebody", type="emu", button="Add to draft"
    ),
    "new_pet signed out": lambda on: post(person(on.app, "stranger"), "/pets/new", name="Rex", type="dog"),
    "edit_pet": edit_one,
    "edit_pet in the draft": lambda on: edit_one(on, button="Add to draft"),
    "delete_pet": delete_one,
    "add_samples": lambda on: post(on.edith, "/pets/samples"),
    "edit_line": lambda on: form(on.edith, of_first_line(on, "changed", ""), notes="Else."),
    "drop_line": lambda on: post(on.edith, of_first_line(on, "removed", "/drop")),
    "drop_lines": drop_lines,
    "choose_line": choose_line,
    "keep_line": lambda on: post(on.edith, of_first_line(on, "alike", "/keep")),
    "merge_line": merge_line,
    "save_draft": lambda on: save_draft(on, "new", "changed"),
    "save_draft with new ones": lambda on: save_draft(on, "new"),
    "save_draft with changes": lambda on: save_draft(on, "changed"),
    "discard_draft": discard_draft,
    "restore_draft": restore_draft,
    "undo_changeset": lambda on: post(on.edith, f"/history/{changeset(on)}/undo"),
    "undo_changeset in part": undo_one,
    "undo_in_draft": lambda on: post(on.edith, f"/history/{changeset(on)}/draft"),
    "merge_pets": merge,
    "keep_both": lambda on: keep_both(on, "keep"),
    "forget_kept_both": lambda on: keep_both(on, "forget"),
    "edit_files": lambda on: files(on)[1],
    "change_file": change_file,
    "send_photos": send_photos,
    "new_litter": litter,
    "choose_pets": lambda on: form(on.edith, "/pets/", "/pets/chosen"),
    "change_pets": bulk,
    "change_pets that match": bulk_all,
    "rename_types": rename_types,
    "new_import": upload,
    "edit_import": columns,
    "reread_import": reread,
    "fix_import": fix_import,
    "stage_import": stage_import,
    "discard_import": discard_import,
    "sign_in": lambda on: form(person(on.app, "stranger"), "/login", name="vera", password=PASSWORD),
    "sign_out": lambda on: mine(on, "/logout"),
    "confirm": lambda on: mine(on, "/account/confirm", password=PASSWORD),
    "end_my_sessions": end_my_sessions,
    "my_account": lambda on: mine(on, "/account", language="en"),
    "new_field": lambda on: form(on.ada, "/fields/new?kind=line", label=f"Field no. {next(NUMBERS)}"),
    "edit_field": edit_field,
    "retire_field": retire_field,
    "restore_field": lambda on: retire_field(on, "retire"),
    "move_field": move_field,
    "choose_columns": lambda on: form(on.ada, "/pets/columns"),
    "new_saved_view": saved_view,
    "edit_saved_view": lambda on: of_saved_view(on, "edit", name=f"View no. {next(NUMBERS)}"),
    "delete_saved_view": lambda on: of_saved_view(on, "delete"),
    "new_account": new_account,
    "edit_account": lambda on: account(on, ""),
    "reset_password": lambda on: account(on, "reset"),
    "end_sessions": lambda on: account(on, "end-sessions"),
    "end_account": lambda on: account(on, "end"),
    "return_account": lambda on: account(on, "return", ended=True),
}
# A register that is new has no rows; a password is one row; backups go round the session.
NOT_COUNTED = {"setup", "change_password", "add_backup", "fetch_backup", "upload_backup", "restore_backup"}


# SQLAlchemy sends an update that looks at a version by itself, to be told how many rows it found.
ROW_BY_ROW = r"UPDATE pet SET .* WHERE pet\.id = \S+ AND pet\.version = "


@pytest.mark.parametrize("deed", DEEDS)
def test_a_form_sends_no_more_for_many_and_reads_nothing_from_end_to_end(deed, changed):
    few, many = (register.hear(DEEDS[deed](register)) for register in changed)
    many, few = ([one for one in sent if not re.match(ROW_BY_ROW, one[0])] for sent in (many, few))
    assert len(many) == len(few), more(many, few)
    for statement, parameters in many:
        scans, plan = changed[1].read_to_the_end(statement, parameters)
        assert not scans, plan


def test_every_form_is_among_them(full):
    rules = [rule for rule in full.app.url_map.iter_rules() if "POST" in rule.methods]
    endpoints = {rule.endpoint.removeprefix("pets.") for rule in rules}
    assert endpoints == {deed.split()[0] for deed in DEEDS} | NOT_COUNTED


# What runs inside the database, where no plan tells of it.


def test_what_refers_to_a_row_is_found_by_an_index(full):
    """Or removing the row looks through all that could refer to it."""
    with full.app.app_context():
        inspector = inspect(db.engine)
        for table in inspector.get_table_names():
            led = [index["column_names"] for index in inspector.get_indexes(table)]
            led.append(inspector.get_pk_constraint(table)["constrained_columns"])
            for key in inspector.get_foreign_keys(table):
                columns = key["constrained_columns"]
                assert any(names[: len(columns)] == columns for names in led), f"{table}: {columns}"


@pytest.mark.sqlite_only
def test_no_trigger_reads_a_table_from_end_to_end(full):
    with full.app.app_context(), db.engine.connect() as connection:
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        for name, sql in triggers.all():
            for step in _steps(sql):
                plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {step}")]
                assert not [line for line in plan if re.match(rf"SCAN {LARGE}", line)], (name, step, plan)


def _steps(trigger):
    """A trigger's condition and its statements, with a value for each that it would see."""
    seen = re.sub(r"\b(new|old)\.\w+", "1", trigger)
    if condition := re.search(r"\bWHEN (.*?) BEGIN\b", seen, re.DOTALL):
        yield f"SELECT {condition[1]}"
    for step in seen.partition("BEGIN")[2].split(";")[:-1]:
        if "RAISE" not in step:
            yield step.strip()
