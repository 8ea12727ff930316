"""Jobs: begun once, told while they go on, whole or not at all; and nobody's form is lost to them."""

import io
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError

from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db
from pets.imports.import_row import ImportRow
from pets.imports.importer import Importer
from pets.imports.upload_rows import Import
from pets.models.job import Progress
from pets.models.pet import InvalidPet
from pets.web.jobs import LARGE, TRIES, Job, Jobs, Outcome, jobs

pytestmark = pytest.mark.on_both


def facts(name):
    return {"name": name, "type": "dog", "born": None, "notes": ""}


@pytest.fixture
def large(monkeypatch):
    """More than two changes take a page of their own."""
    monkeypatch.setattr("pets.views.jobs.LARGE", 2)


def to_the_end(person, answer):
    """Look again, as the page does by itself, until the work has ended. Returns where it leads."""
    assert answer.location.startswith("/work/"), answer.location
    for _ in range(200):
        page = person.get(answer.location)
        if page.status_code == 303:
            return page.location
        assert page.headers["Refresh"] == "1"
        assert page.page.one("progress")["max"]
        threading.Event().wait(0.05)
    raise AssertionError("it does not end")


@pytest.fixture
def saving(app, monkeypatch):
    """Somebody saves very much: `saving()` begins it, `saving.end()` lets it end."""
    monkeypatch.setattr("pets.web.jobs.OFTEN", 0.02)
    begun, may_end = threading.Event(), threading.Event()

    class Saving:
        def __call__(self, account_id=2, writes=True):
            def deed(job):
                if writes:
                    draft = Draft.begin(job.account_id, "Edith")
                    draft.stage([Wanted(None, 0, "Bo", None, facts("Bo"))])
                job.counted(40)
                begun.set()
                may_end.wait(10)
                db.session.commit()
                return Outcome("It is done.")

            with app.app_context():
                self.job = jobs().begin(Job("Saving", account_id, 100, "much", "Edith"), deed, nullcontext())
            assert begun.wait(10)
            return f"/work/{self.job.id}"

        def end(self):
            may_end.set()
            until(lambda: self.job.outcome)

    saving = Saving()
    yield saving
    may_end.set()


def until(holds):
    """Look again until this holds."""
    for _ in range(500):
        if holds():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it does not come to hold")


def test_a_large_draft_is_staged_and_saved_behind_a_page(edith, large, add_pet, facts_now):
    pets = [add_pet(name) for name in ("Rex", "Max", "Bo")]
    assert to_the_end(edith, edith.post("/types", type="dog", name="wolf")) == "/draft"
    page = edith.get("/draft").page
    assert "3 changes are in your draft" in page.text
    done = edith.change_told(to_the_end(edith, page.form("/draft/save").submit(edith)))
    assert done.startswith("/history/")
    assert {facts_now(pet.id)["type"] for pet in pets} == {"wolf"}
    undone = to_the_end(edith, edith.post(f"{done}/undo"))
    assert undone.startswith("/history/")
    assert {facts_now(pet.id)["type"] for pet in pets} == {"dog"}
    assert to_the_end(edith, edith.post(f"{done}/undo")) == done
    assert "Already undone: 3 changes" in edith.get(done).page.text


def test_a_form_that_makes_long_work_is_known_while_that_is_under_way(edith, large, session):
    """Whichever ends first: the work in its thread, or the second request."""
    form = edith.get("/pets/litter").page.form()
    says = {"type": "dog", "name": ["Bo", "Di", "Ed"], "own": [""] * 3}
    first, second = (form.submit(edith, "Add to draft", **says) for _ in range(2))
    assert second.location in (first.location, "/draft")
    assert form.submit(edith, "Add to draft", **{**says, "type": "cat"}).status_code == 409
    assert to_the_end(edith, first) == "/draft"
    assert form.submit(edith, "Add to draft", **says).location == "/draft"
    assert [line.after["type"] for line in session.scalars(Draft.of(2).lines())] == ["dog"] * 3


def test_a_large_undo_that_conflicts_undoes_nothing_and_leads_to_the_draft(
    edith, ada, large, add_pet, facts_now
):
    pets = [add_pet(name) for name in ("Rex", "Max", "Bo")]
    to_the_end(edith, edith.post("/types", type="dog", name="wolf"))
    done = edith.change_told(to_the_end(edith, edith.get("/draft").page.form("/draft/save").submit(edith)))
    ada.fill(f"/pets/{pets[0].id}/edit", type="cat")
    assert to_the_end(edith, edith.post(f"{done}/undo")) == done
    page = edith.get(done).page
    assert "One fact was changed since, and nothing was undone" in page.text
    assert facts_now(pets[1].id)["type"] == "wolf"
    assert to_the_end(edith, page.form(f"{done}/draft").submit(edith)) == "/draft"
    assert "dog" in edith.get("/draft").page.text


def test_what_conflicts_saves_nothing_and_says_so(edith, ada, large, add_pet, facts_now):
    pets = [add_pet(name) for name in ("Rex", "Max", "Bo")]
    to_the_end(edith, edith.post("/types", type="dog", name="wolf"))
    ada.fill(f"/pets/{pets[0].id}/edit", type="cat")
    assert to_the_end(edith, edith.get("/draft").page.form("/draft/save").submit(edith)) == "/draft"
    assert "Nothing was saved" in edith.get("/draft").page.text
    assert [facts_now(pet.id)["type"] for pet in pets] == ["cat", "dog", "dog"]


def test_a_job_that_breaks_changes_nothing_and_gives_a_reference(edith, large, add_pet, monkeypatch, caplog):
    for name in ("Rex", "Max", "Bo"):
        add_pet(name)

    def breaks(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Draft, "stage", breaks)
    assert to_the_end(edith, edith.post("/types", type="dog", name="wolf")) == "/draft"
    page = edith.get("/draft").page
    assert "did not succeed, and nothing was changed" in page.text
    assert "Your draft is empty" in page.text
    assert "ZeroDivisionError" in caplog.text


def test_a_job_is_known_by_account_address_and_form(edith, ada, large, saving, add_pet, facts_now):
    """Two people may ask for the same, one person for two things about the same; a form sent twice is one."""
    pets = [add_pet(name) for name in ("Rex", "Max", "Bo")]
    saving(writes=False)
    rename = {"type": "dog", "name": "wolf"}
    asked = [edith.post("/types", rename), ada.post("/types", rename)]
    asked += [edith.post("/types", type="dog", name="fox")]
    assert len({answer.location for answer in asked}) == 3
    assert edith.post("/types", rename).location == asked[0].location
    saving.end()
    for person, answer in zip((edith, ada, edith), asked, strict=True):
        assert to_the_end(person, answer) == "/draft"
    assert [len(person.get("/draft").page.form("/draft/save").fields) > 0 for person in (edith, ada)]
    done = ada.change_told(to_the_end(ada, ada.get("/draft").page.form("/draft/save").submit(ada)))
    assert {facts_now(pet.id)["type"] for pet in pets} == {"wolf"}
    assert to_the_end(edith, edith.post(f"{done}/draft")) == "/draft"
    assert to_the_end(edith, edith.post(f"{done}/undo")).startswith("/history/")
    assert {facts_now(pet.id)["type"] for pet in pets} == {"dog"}


def test_what_takes_up_to_a_third_of_a_second_is_done_at_once(edith, session):
    """Measured: 500 changes take 0.2 s to save on SQLite, 0.3 s on PostgreSQL, and as long to undo."""
    Draft.begin(2, "Edith").stage(
        Wanted(None, 0, f"Pet {number}", None, facts(f"Pet {number}")) for number in range(LARGE)
    )
    session.commit()
    done = edith.change_told(edith.get("/draft").page.form("/draft/save").submit(edith))
    assert done.startswith("/history/")
    assert edith.post(f"{done}/undo").location.startswith("/history/")
    sheet = "name,type\n" + "Rex,dog\n" * (LARGE + 1)
    assert edith.post("/import", cells=sheet).location.startswith("/work/")


def test_one_worker_does_all_jobs_of_a_process_one_after_the_other(app, vera, saving):
    """Each takes a connection, and pages are made with what is left."""
    saving()
    with app.app_context():
        waiting = [
            jobs().begin(Job("Saving", 2, 9, f"more {number}", "Edith"), lambda _: Outcome(""), nullcontext())
            for number in range(20)
        ]
        assert vera.get("/pets/").status_code == 200
        assert db.engine.pool.checkedout() <= 2  # the job's own, and one that tells other processes of it
        assert not any(job.outcome for job in waiting)
        saving.end()
        until(lambda: all(job.outcome for job in waiting))


def test_a_job_for_which_there_is_no_thread_ends_and_the_next_one_is_done(edith, large, add_pet, monkeypatch):
    for name in ("Rex", "Max", "Bo"):
        add_pet(name)
    start = threading.Thread.start

    def refuse(thread):
        if thread.name == "jobs":
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        assert to_the_end(edith, edith.post("/types", type="dog", name="wolf")) == "/draft"
    page = edith.get("/draft").page
    assert "The server has no room for “" in page.text
    assert to_the_end(edith, edith.post("/types", type="dog", name="wolf")) == "/draft"
    assert "3 changes are in your draft" in edith.get("/draft").page.text


def sqlite_error(code):
    problem = sqlite3.OperationalError("its own words")
    problem.sqlite_errorcode = code
    return OperationalError("UPDATE", None, problem)


def postgresql_error(state, **more):
    problem = Exception("its own words")
    problem.sqlstate = state
    return OperationalError("UPDATE", None, problem, **more)


CAUSES = [
    (sqlite_error(sqlite3.SQLITE_FULL), "The disk that holds the register is full"),
    (postgresql_error("53100"), "The disk that holds the register is full"),
    (OSError(28, "no space"), "The disk that holds the register is full"),
    (postgresql_error("57P01"), "The database was restarted or cannot be reached"),
    (postgresql_error(None, connection_invalidated=True), "The database was restarted or cannot be reached"),
    (sqlite_error(sqlite3.SQLITE_BUSY), "Someone else was saving to the register for too long"),
    (NoConnection(), "Too many people are asking the database at once"),
    (StaleDataError(), "Someone else changed the same pets at the same time"),
    (InvalidPet({"name": "Enter a name."}), "Enter a name."),
    (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), "The disk that holds the register cannot be read or written"),
    (postgresql_error("58030"), "The disk that holds the register cannot be read or written"),
]


@pytest.mark.parametrize(("problem", "says"), CAUSES)
@pytest.mark.any_database
def test_a_job_that_does_not_succeed_says_why(edith, large, add_pet, monkeypatch, problem, says):
    for name in ("Rex", "Max", "Bo"):
        add_pet(name)

    def breaks(*_):
        raise problem

    with monkeypatch.context() as broken:
        broken.setattr(Draft, "stage", breaks)
        assert to_the_end(edith, edith.post("/types", type="dog", name="wolf")) == "/draft"
    text = edith.get("/draft").page.text
    assert f"did not succeed, and nothing was changed. {says}" in text
    assert "its own words" not in text


@pytest.mark.parametrize("lost", [StaleDataError(), IntegrityError("", None, Exception()), CAUSES[5][0]])
def test_a_lost_race_is_run_again_with_its_file_and_told_in_the_log(
    edith, app, session, large, monkeypatch, caplog, lost
):
    """What a lost try had read and stored is read again, and not kept twice."""
    keep, kept = Import.keep, []

    def keep_and_lose(*args):
        for rows in keep(*args):
            kept.append(rows)
            if len(kept) in range(2, TRIES * 2, 2):
                raise lost
            yield rows

    monkeypatch.setattr(Import, "keep", keep_and_lose)
    monkeypatch.setattr("pets.imports.upload_rows.CHUNK", 100)
    sheet = "name,type\n" + "".join(f"Pet {number},dog\n" for number in range(300))
    answer = edith.fill("/import", file=(io.BytesIO(sheet.encode()), "pets.csv"))
    assert to_the_end(edith, answer).startswith("/import/")
    assert session.query(ImportRow).count() == 301
    assert not list((Path(app.instance_path) / "uploads").iterdir())
    assert caplog.text.count("to be tried again") == TRIES - 1


def test_pasted_cells_that_lose_a_race_are_taken_again(edith, session):
    lost = []

    def lose(_):
        if len(lost) < TRIES - 1:
            lost.append("race")
            raise StaleDataError

    event.listen(db.session, "before_commit", lose)
    answer = edith.fill("/import", cells="name;type\nRex;dog\n")
    event.remove(db.session, "before_commit", lose)
    assert answer.location.startswith("/import/")
    assert len(lost) == TRIES - 1
    assert session.query(Import).count() == 1


def test_only_whose_work_it_is_sees_it(edith, ada, saving):
    address = saving()
    assert "40 of 100" in edith.get(address).page.text
    assert ada.get(address).status_code == 404


def test_a_job_that_nobody_knows_is_told_as_lost(edith):
    assert "nothing of it was saved" in edith.get("/work/x").page.text


@pytest.mark.sqlite_only
class TestWaiting:
    """On SQLite, which has one pen."""

    @pytest.fixture
    def hasty(self, monkeypatch):
        """Nobody waits long for a turn."""
        monkeypatch.setattr("pets.sqlite.turns.WAIT", 0.1)
        monkeypatch.setattr("pets.sqlite.turns.PATIENCE", 0.1)

    def test_others_look_at_pets_all_the_while(self, vera, saving, rex):
        saving()
        assert "Rex" in vera.get("/pets/").page.text

    def test_people_wait_for_a_job_and_then_save(self, app, ada, saving, monkeypatch):
        """As many as leave half of the four threads for reading; the others give up and keep their forms."""
        monkeypatch.setattr("pets.sqlite.turns.PATIENCE", 0.05)
        people = [app.test_client(name="ada") for _ in range(6)]
        for person in people:
            person.get("/pets/new")
        saving()
        with ThreadPoolExecutor(6) as threads:
            asked = [
                threads.submit(person.post, "/pets/new", name=f"Pet {10**number}", type="cat")
                for number, person in enumerate(people)
            ]
            until(lambda: sum(one.done() for one in asked) == 4)
            saving.end()
        assert sorted(one.result().status_code for one in asked) == [303, 303, 503, 503, 503, 503]

    def test_a_form_is_kept_and_shown_how_far_it_is(self, ada, saving, hasty):
        saving()
        answer = ada.post("/pets/new", name="Max", type="cat")
        assert answer.status_code == 503
        assert "40 of 100" in answer.page.text
        address = answer.headers["Refresh"].partition("url=")[2]
        assert ada.get(address).status_code == 503
        assert answer.page.submit(ada, action="/pets/new").status_code == 503
        saving.end()
        page = ada.get(address).page
        assert page.heading == "Send it now"
        assert page.submit(ada, action="/pets/new").location.startswith("/pets/")

    def test_pasted_cells_are_kept_beside_a_file_that_nobody_chose(self, ada, saving, hasty):
        token = ada.token
        saving()
        body = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
            for name, more, value in (
                ("csrf_token", "", token),
                ("file", '; filename=""\r\nContent-Type: application/octet-stream', ""),
                ("cells", "", "name"),
            )
        )
        answer = ada.post("/import", f"{body}--x--".encode(), content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 503
        assert answer.page.form("/import").fields["cells"] == "name"

    def test_nobody_else_finds_the_form(self, ada, edith, saving, hasty):
        saving()
        answer = ada.post("/pets/new", name="Max", type="cat")
        assert edith.get(answer.headers["Refresh"].partition("url=")[2]).status_code == 404

    def test_a_password_is_not_shown_again(self, ada, saving, hasty):
        saving()
        answer = ada.post("/account/password", old_password="rain on a tin roof", new_password="a" * 12)
        assert answer.status_code == 503
        assert "rain on a tin roof" not in answer.page.html

    def test_a_stranger_learns_nothing_of_it(self, app, saving, hasty):
        stranger = app.test_client(name="stranger")
        token = stranger.token
        saving()
        answer = stranger.post("/login", name="Ada", password="rain on a tin roof", csrf_token=token)
        assert answer.status_code == 503
        assert "40 of 100" not in answer.page.text

    def test_others_see_what_kind_of_job_it_is_and_not_what_it_is_about(
        self, ada, edith, hasty, large, monkeypatch
    ):
        sheet = edith.post("/import", cells="name,type\nRex,dog\n").location
        columns = edith.get(sheet).page
        begun, may_end = threading.Event(), threading.Event()

        def check(*_):
            db.session.connection()
            begun.set()
            may_end.wait(10)

        monkeypatch.setattr(Importer, "check", check)
        monkeypatch.setattr(Import, "filename", "edith-secret-list.csv")
        monkeypatch.setattr("pets.views.jobs.LARGE", 0)
        answer = columns.submit(edith, action=sheet)
        assert begun.wait(10)
        page = ada.post("/pets/new", name="Max", type="cat").page
        may_end.set()
        assert "Checking a sheet" in page.text
        assert "secret" not in page.html
        to_the_end(edith, answer)

    def test_a_form_sent_twice_leads_to_its_job_without_waiting_for_it(
        self, app, edith, saving, large, add_pet
    ):
        for name in ("Rex", "Max", "Bo"):
            add_pet(name)
        saving(writes=False)
        answer = edith.post("/types", type="dog", name="wolf")
        with app.app_context(), db.engine.connect() as other:
            other.exec_driver_sql("SELECT 1")  # as the job itself: it has the turn
            assert edith.post("/types", type="dog", name="wolf").location == answer.location


@pytest.mark.postgresql_only
class TestProcesses:
    """On PostgreSQL, where the server may have several."""

    def test_a_job_is_seen_from_another_process(self, app, saving):
        saving()
        with app.app_context():
            other = Jobs(app)
            until(lambda: other.find(saving.job.id, 2).done)
            seen = other.find(saving.job.id, 2)
            assert (seen.title, seen.done, seen.total, seen.outcome) == ("Saving", 40, 100, None)
            assert other.under_way().id == saving.job.id
            saving.end()
            until(lambda: other.find(saving.job.id, 2).outcome)
            assert other.find(saving.job.id, 2).outcome == Outcome("It is done.")

    def test_the_end_is_told_though_the_database_was_away_in_between(self, app, saving, monkeypatch):
        report, away = Progress.report, [postgresql_error("57P01")] * 5

        def be_away(*args):
            if away:
                raise away.pop()
            report(*args)

        monkeypatch.setattr(Progress, "report", be_away)
        saving()
        saving.end()
        with app.app_context():
            other = Jobs(app)
            until(lambda: other.find(saving.job.id, 2).outcome)

    def test_a_job_of_a_killed_process_is_lost_after_a_while(self, app, clock):
        with app.app_context():
            Progress.add(db.engine, id="x", account_id=2, title="Saving", about="much", total=100)
            clock.forward(seconds=59)
            assert jobs().find("x", 2)
            clock.forward(seconds=2)
            assert jobs().find("x", 2) is None
            assert jobs().under_way() is None

    def test_others_save_in_the_meantime(self, ada, saving):
        saving()
        assert ada.post("/pets/new", name="Max", type="cat").status_code == 303
