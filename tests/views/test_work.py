"""Long work: begun once, told while it goes on, whole or not at all; and nobody's form is lost to it."""

import threading
from importlib import import_module

import pytest
from sqlalchemy.exc import OperationalError

from pets.db import db
from pets.models import Draft, Staged
from pets.work import Desk, Outcome, Work, desk


def facts(name):
    return {"name": name, "type": "dog", "born": None, "notes": ""}


@pytest.fixture
def large(monkeypatch):
    """More than two changes take a page of their own."""
    for room in ("pets.work", "pets.views.work", "pets.views.draft", "pets.views.history"):
        monkeypatch.setattr(f"{room}.LARGE", 2)


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
    monkeypatch.setattr(import_module("pets.db"), "PATIENCE", 0.1)  # `pets.db` is what that holds
    monkeypatch.setattr("pets.work.OFTEN", 0.02)
    begun, ended = threading.Event(), threading.Event()

    class Saving:
        def __call__(self, account_id=2):
            def deed(work):
                draft = Draft.begin(work.account_id, "Edith")
                draft.stage([Staged(None, 0, "Bo", None, facts("Bo"))])
                work.counted(40)
                begun.set()
                ended.wait(10)
                db.session.commit()
                return Outcome("It is done.")

            with app.app_context():
                self.work = desk().begin(Work("Saving", account_id, 100, "much"), deed, "Edith")
            assert begun.wait(10)
            threading.Event().wait(0.15)
            return f"/work/{self.work.id}"

        def end(self):
            ended.set()
            for _ in range(200):
                if self.work.outcome is not None:
                    return
                threading.Event().wait(0.05)

    saving = Saving()
    yield saving
    ended.set()
    for thread in threading.enumerate():
        if thread.name.startswith("Saving"):
            thread.join(10)


def test_a_large_draft_is_staged_and_saved_behind_a_page(edith, large, add_pet, facts_now):
    pets = [add_pet(name) for name in ("Rex", "Max", "Bo")]
    assert to_the_end(edith, edith.post("/types", type="dog", name="wolf")) == "/draft"
    page = edith.get("/draft").page
    assert "3 changes are in your draft" in page.text
    done = to_the_end(edith, page.form("/draft/save").submit(edith))
    assert done.startswith("/history/")
    assert {facts_now(pet.id)["type"] for pet in pets} == {"wolf"}
    undone = to_the_end(edith, edith.post(f"{done}/undo"))
    assert undone.startswith("/history/")
    assert {facts_now(pet.id)["type"] for pet in pets} == {"dog"}
    assert to_the_end(edith, edith.post(f"{done}/undo")) == done
    assert "nothing left to undo" in edith.get(done).page.text


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


def test_a_large_undo_that_clashes_undoes_nothing_and_leads_to_the_draft(
    edith, ada, large, add_pet, facts_now
):
    pets = [add_pet(name) for name in ("Rex", "Max", "Bo")]
    to_the_end(edith, edith.post("/types", type="dog", name="wolf"))
    done = to_the_end(edith, edith.get("/draft").page.form("/draft/save").submit(edith))
    edith.get(done)
    ada.fill(f"/pets/{pets[0].id}/edit", type="cat")
    assert to_the_end(edith, edith.post(f"{done}/undo")) == done
    page = edith.get(done).page
    assert "One fact was changed since, and nothing was undone" in page.text
    assert facts_now(pets[1].id)["type"] == "wolf"
    assert to_the_end(edith, page.form(f"{done}/draft").submit(edith)) == "/draft"
    assert "dog" in edith.get("/draft").page.text


def test_what_clashes_saves_nothing_and_says_so(edith, ada, large, add_pet, facts_now):
    pets = [add_pet(name) for name in ("Rex", "Max", "Bo")]
    to_the_end(edith, edith.post("/types", type="dog", name="wolf"))
    ada.fill(f"/pets/{pets[0].id}/edit", type="cat")
    assert to_the_end(edith, edith.get("/draft").page.form("/draft/save").submit(edith)) == "/draft"
    assert "Nothing was saved" in edith.get("/draft").page.text
    assert [facts_now(pet.id)["type"] for pet in pets] == ["cat", "dog", "dog"]


def test_work_that_breaks_changes_nothing_and_gives_a_reference(edith, large, add_pet, monkeypatch, caplog):
    for name in ("Rex", "Max", "Bo"):
        add_pet(name)

    def breaks(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Draft, "stage", breaks)
    assert to_the_end(edith, edith.post("/types", type="dog", name="wolf")) == "/draft"
    page = edith.get("/draft").page
    assert "did not succeed, and nothing was changed" in page.text
    assert "Nothing waits" in page.text
    assert "ZeroDivisionError" in caplog.text


def test_the_same_is_begun_once(app, saving):
    saving()
    with app.app_context():
        again = desk().begin(Work("Saving", 2, 100, "much"), lambda work: Outcome(""), "Edith")
    assert again.id == saving.work.id


def test_only_whose_work_it_is_sees_it(edith, ada, saving):
    address = saving()
    assert "40 of 100" in edith.get(address).page.text
    assert ada.get(address).status_code == 404


def test_the_end_of_work_is_told_though_the_database_was_away_meanwhile(app, monkeypatch):
    monkeypatch.setattr("pets.work.OFTEN", 0.01)
    told = []

    class Away:
        def report(self, work):
            told.append(work.outcome)
            if len(told) < 5:
                raise OperationalError("UPDATE", None, Exception("the server is starting up"))

    with app.app_context():
        desk()._store, store = Away(), desk()._store
        desk()._do(Work("Saving", 2, 100, "much"), lambda work: Outcome("It is done."), "Edith")
        desk()._store = store
    assert told[-1] == Outcome("It is done.")
    assert len(told) >= 5


def test_work_that_nobody_knows_is_told_as_lost(edith):
    assert "nothing of it was saved" in edith.get("/work/x").page.text


@pytest.mark.sqlite_only
class TestWaiting:
    """On SQLite, which has one pen."""

    def test_others_look_at_pets_all_the_while(self, vera, saving, rex):
        saving()
        assert "Rex" in vera.get("/pets/").page.text

    def test_a_form_is_kept_and_shown_how_far_it_is(self, ada, saving):
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

    def test_pasted_cells_are_kept_beside_a_file_that_nobody_chose(self, ada, saving):
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

    def test_nobody_else_finds_the_form(self, ada, edith, saving):
        saving()
        answer = ada.post("/pets/new", name="Max", type="cat")
        assert edith.get(answer.headers["Refresh"].partition("url=")[2]).status_code == 404

    def test_a_password_is_not_shown_again(self, ada, saving):
        saving()
        answer = ada.post("/account/password", old_password="rain on a tin roof", new_password="a" * 12)
        assert answer.status_code == 503
        assert "rain on a tin roof" not in answer.page.html

    def test_a_stranger_learns_nothing_of_it(self, app, saving):
        stranger = app.test_client(name="stranger")
        token = stranger.token
        saving()
        answer = stranger.post("/login", name="Ada", password="rain on a tin roof", csrf_token=token)
        assert answer.status_code == 503
        assert "40 of 100" not in answer.page.text

    def test_a_second_long_work_waits_its_turn(self, app, saving):
        saving()

        def deed(work):
            Draft.begin(work.account_id, "Ada").stage([Staged(None, 0, "Max", None, facts("Max"))])
            db.session.commit()
            return Outcome("That too.")

        with app.app_context():
            second = desk().begin(Work("Saving", 3, 100, "more"), deed, "Ada")
            threading.Event().wait(0.3)
            assert second.outcome is None
            saving.end()
            for _ in range(100):
                if second.outcome:
                    break
                threading.Event().wait(0.05)
            assert second.outcome == Outcome("That too.")


@pytest.mark.postgresql_only
class TestProcesses:
    """On PostgreSQL, where the server may have several."""

    def test_work_is_seen_from_another_process(self, app, saving):
        saving()
        threading.Event().wait(0.7)
        with app.app_context():
            other = Desk(app)
            seen = other.find(saving.work.id, 2)
            assert (seen.title, seen.done, seen.total, seen.outcome) == ("Saving", 40, 100, None)
            assert other.under_way().id == saving.work.id
            saving.end()
            threading.Event().wait(0.3)
            assert other.find(saving.work.id, 2).outcome == Outcome("It is done.")

    def test_work_of_a_killed_process_is_lost_after_a_while(self, app, clock):
        with app.app_context():
            desk()._store.add(Work("Saving", 2, 100, "much", id="x"))
            clock.forward(seconds=59)
            assert desk().find("x", 2)
            clock.forward(seconds=2)
            assert desk().find("x", 2) is None
            assert desk().under_way() is None

    def test_others_save_meanwhile(self, ada, saving):
        saving()
        assert ada.post("/pets/new", name="Max", type="cat").status_code == 303
