"""Facts that were stored before a field was kept lack it: each page and each deed takes them as they are."""

import pytest
from sqlalchemy import select

from pets.changes.changeset import Change
from pets.changes.draft_line import DraftLine
from pets.db import db
from pets.fields import FIELDS

NEEDED = ("name", "type")  # a pet without them breaks a rule


@pytest.fixture
def forget(app):
    """Take one field out of every stored change and line, as if it had not been kept at the time."""

    def forget(field):
        with app.app_context():
            for kind in (Change, DraftLine):
                for one in db.session.scalars(select(kind)):
                    one.before, one.after = (
                        facts and {name: fact for name, fact in facts.items() if name != field}
                        for facts in (one.before, one.after)
                    )
            db.session.commit()

    return forget


def look_around(person):
    for address in ("/history", "/history/1", "/history/2", "/draft", "/pets/1", "/pets/1/edit"):
        assert person.get(address).status_code in (200, 302, 404, 410)


@pytest.mark.parametrize("field", FIELDS)
def test_a_removal_is_shown_undone_and_done_once_more(edith, rex, forget, facts_now, field):
    edith.post(f"/pets/{rex.id}/delete", version="1")
    forget(field)
    look_around(edith)
    edith.post("/history/2/draft")
    look_around(edith)
    answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert answer.status_code == (422 if field in NEEDED else 303)
    if field in NEEDED:
        assert edith.post("/history/2/undo").status_code == 422
        edith.fill(edith.get("/draft").page.links["Edit"], **{field: "Rex"})
        answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert answer.status_code == 303
    assert facts_now(rex.id).keys() == rex.facts.keys()
    forget(field)
    assert edith.post(f"{answer.location}/undo").status_code in (303, 409)


@pytest.mark.parametrize("field", FIELDS)
def test_an_edit_is_undone_and_meets_what_another_saved(edith, ada, rex, forget, field):
    edith.fill(f"/pets/{rex.id}/edit", button="Save", name="Max", type="cat", notes="shy", age="5")
    forget(field)
    look_around(edith)
    ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Moe", type="ant", notes="bold", age="6")
    assert edith.post("/history/2/undo").status_code == 409
    edith.post("/history/2/draft")
    look_around(edith)
    ada.post(f"/pets/{rex.id}/delete", version="3")
    look_around(edith)
    assert edith.post("/history/2/undo").status_code == 409


@pytest.mark.parametrize("field", FIELDS)
def test_lines_of_a_draft_are_shown_edited_and_saved(edith, rex, forget, facts_now, field):
    edith.get("/pets/new").page.submit(edith, "Add to draft", name="Bo", type="cat", notes="shy")
    edith.get(f"/pets/{rex.id}/edit").page.submit(edith, "Add to draft", name="Max", notes="old")
    forget(field)
    look_around(edith)
    answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    if field in NEEDED:  # what nobody could know of before it is saved is shown then
        assert answer.status_code == 409
        edith.fill(answer.page.one('a[aria-label="Edit Bo"]')["href"], name="Bo", type="cat")
        answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert answer.status_code == 303
    assert facts_now(rex.id)["notes"] == ("" if field == "notes" else "old")
    assert facts_now(2)["name"] == "Bo"
