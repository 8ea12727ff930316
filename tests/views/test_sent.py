"""A form that is sent again: the same makes nothing twice, another is asked about, nothing typed is lost."""

import pytest

from pets.changes.draft import Draft
from pets.changes.draft_line import DraftLine
from pets.changes.form_token import KEPT, MOST, FormToken
from pets.models.pet import Pet
from tests.conftest import Facts

REX = {"name": "Rex", "type": "dog"}
FORMS = {  # form: how it is opened, its button, what it says, what it says after that, where it leads
    "add": ("/pets/new", "Save", REX, {"name": "Bob", "notes": "shy"}, "/pets/3"),
    "draft": ("/pets/new", "Add to draft", REX, {"name": "Bob", "notes": "shy"}, "/draft"),
    "litter": (
        "/pets/litter",
        "Add to draft",
        {"type": "dog", "name": ["Bo", "Di"], "own": ["", ""]},
        {"name": ["Bo", "Ed"], "own": ["", "shy"]},
        "/draft",
    ),
    "bulk": (
        "/pets/bulk?all=1&search=?type=cat",
        "Add to draft",
        {"notes": "fed"},
        {"notes": "ill"},
        "/draft",
    ),
}


@pytest.fixture(params=FORMS)
def case(request, edith, add_pet):
    add_pet("Mia", "cat")
    add_pet("Tom", "cat")
    opened, *rest = FORMS[request.param]
    return edith.get(opened).page.form(), *rest


@pytest.fixture
def things(session):
    """What is on the register, and in the draft."""

    def found():
        session.rollback()
        lines = session.query(DraftLine).order_by(DraftLine.id)
        told = (
            [pet.name for pet in session.query(Pet).order_by(Pet.id)],
            [line.after and Facts(line.after) for line in lines],
        )
        session.rollback()
        return told

    return found


def save_all(person):
    return person.get("/draft").page.form("/draft/save").submit(person)


@pytest.mark.on_both
def test_the_same_makes_nothing_twice_and_says_so(edith, case, things):
    form, button, says, _, leads = case
    assert form.submit(edith, button, **says).location == leads
    made = things()
    for _ in range(2):
        assert form.submit(edith, button, **says).location == leads
        assert "This form has been sent" in edith.get(leads).page.text
    assert things() == made


def test_another_is_asked_about_with_everything_typed(edith, case, things):
    form, button, says, then, leads = case
    form.submit(edith, button, **says)
    made = things()
    answer = form.submit(edith, button, **{**says, **then})
    assert answer.status_code == 409
    assert things() == made
    again = answer.page.form()
    for field, value in then.items():
        assert again.filled.getlist(field)[:2] == (value if isinstance(value, list) else [value])
    assert form.submit(edith, button, **{**says, **then}).status_code == 409
    more = {"/pets/litter": "Add these pets too", "/pets/bulk": "Add these changes too"}
    answer = again.submit(edith, more.get(again.path, "Add another pet"))
    assert answer.location == leads.replace("3", "4")
    assert things() != made


def test_a_slip_that_was_sent_is_corrected_in_the_pet_that_was_added(edith, ada, things, facts_now):
    form = edith.get("/pets/new").page.form()
    form.submit(edith, "Save", name="Rxe", type="dog", age="2")
    ada.fill("/pets/1/edit", button="Save", notes="by Ada")
    page = form.submit(edith, "Save", name="Rex", type="dog", age="2").page
    assert "This form has been sent: it added “Rxe”." in page.text
    before = facts_now(1)
    assert page.submit(edith, "Change Rxe to this").location == "/pets/1"
    assert facts_now(1) == {**before, "name": "Rex"}
    assert things() == (["Rex"], [])


def test_or_in_its_line_of_the_draft(edith, things):
    form = edith.get("/pets/new").page.form()
    form.submit(edith, "Add to draft", name="Rxe", type="dog")
    page = form.submit(edith, "Add to draft", **REX).page
    assert page.submit(edith, "Change Rxe to this").location == "/draft"
    assert things()[1] == [{**REX, "born": None, "notes": ""}]


@pytest.mark.parametrize("first", ["Add to draft", "Save"])
@pytest.mark.parametrize("second", ["Add to draft", "Save"])
def test_it_is_one_form_whichever_button_is_pressed(edith, things, first, second):
    form = edith.get("/pets/new").page.form()
    leads = form.submit(edith, first, **REX).location
    made = things()
    assert form.submit(edith, second, **REX).location == leads
    assert things() == made


@pytest.mark.on_both
@pytest.mark.parametrize("button", ["Add to draft", "Save"])
def test_it_is_known_after_the_draft_that_took_it_was_saved(edith, things, button):
    form = edith.get("/pets/new").page.form()
    form.submit(edith, "Add to draft", **REX)
    save_all(edith)
    assert form.submit(edith, button, **REX).location == "/pets/1"
    assert "it added “Rex”" in edith.get("/pets/1").page.text
    page = form.submit(edith, button, name="Bob", type="dog").page
    assert page.submit(edith, "Change Rex to this").location == "/pets/1"
    assert things() == (["Bob"], [])


def test_so_is_a_litter(edith, things):
    form = edith.get("/pets/litter").page.form()
    says = {"type": "dog", "name": ["Bo", "Di"], "own": ["", ""]}
    form.submit(edith, "Add to draft", **says)
    saved = edith.change_told(save_all(edith))
    assert form.submit(edith, "Add to draft", **says).location == saved
    assert things() == (["Bo", "Di"], [])


@pytest.mark.parametrize("gone", ["/draft/1/drop", "/draft/discard"])
def test_what_is_no_longer_in_the_draft_can_be_put_in_again(edith, gone, session):
    form = edith.get("/pets/new").page.form()
    form.submit(edith, "Add to draft", **REX)
    edith.post(gone)
    answer = form.submit(edith, "Add to draft", **REX)
    assert answer.status_code == 409
    assert "no longer in your draft" in answer.page.text
    assert answer.page.submit(edith, "Add another pet").location == "/draft"
    assert [line.name for line in session.scalars(Draft.of(2).lines())] == ["Rex"]


@pytest.mark.parametrize("who_began", ["ada edith", "edith ada"])
def test_a_draft_of_somebody_else_says_nothing_of_what_was_sent(edith, ada, who_began):
    form = edith.get("/pets/new").page.form()
    for name in who_began.split():
        if name == "ada":
            ada.fill("/pets/new", "Add to draft", name="Di", type="cat")
        else:
            form.submit(edith, "Add to draft", **REX)
    edith.post("/draft/discard")
    assert "no longer in your draft" in form.submit(edith, "Add to draft", **REX).page.text


@pytest.mark.on_both
def test_a_pet_that_was_removed_since_is_told_of_and_not_added_again(edith, things):
    form = edith.get("/pets/new").page.form()
    form.submit(edith, "Save", **REX)
    edith.post("/pets/1/delete", version="1")
    assert edith.get(form.submit(edith, "Save", **REX).location).status_code == 410
    assert things() == ([], [])


def test_empty_rows_and_white_space_say_nothing(edith, things):
    form = edith.get("/pets/litter").page.form()
    form.submit(edith, "Add to draft", type="dog", name=["Bo"], own=[""])
    again = form.submit(edith, "Add to draft", type="dog ", name=["Bo", "", ""], own=["", "", ""])
    assert again.location == "/draft"
    assert len(things()[1]) == 1


@pytest.mark.on_both
def test_the_same_token_of_another_person_is_another_form(edith, ada, things):
    form = edith.get("/pets/new").page.form()
    form.submit(edith, "Save", **REX)
    assert (
        ada.post("/pets/new", {**form.fields, **REX}, anyway="1", csrf_token=ada.token).location == "/pets/2"
    )


@pytest.mark.on_both
def test_tokens_are_forgotten_in_time_and_when_there_are_many(app, session, clock):
    with app.app_context():
        for number in range(MOST + 3):
            FormToken.record(2, f"token {number}", "digest", pet_id=number)
            clock.forward(seconds=1)
        FormToken.record(3, "of another", "digest", pet_id=1)
        session.commit()
        assert session.query(FormToken).count() == MOST + 1
        assert FormToken.of(2, "token 2") is None
        clock.forward(seconds=KEPT.total_seconds())
        FormToken.record(2, "new", "digest", pet_id=1)
        assert [sent.token for sent in session.query(FormToken).order_by(FormToken.token)] == [
            "new",
            "of another",
        ]
