"""The fields that admins add: made, changed, moved, retired; each with a security event."""

import pytest

from pets.accounts.audit_log import SecurityEvent
from pets.fields.suggestions import SUGGESTIONS
from pets.models.field import OwnField
from tests.pages import Form


@pytest.fixture
def sex(ada):
    """Field 1: a choice of female and male."""
    ada.post("/fields/new", suggested="sex")


def own(session):
    """[(label, kind), …] in the order of the form."""
    return [(field.label, field.kind) for field in session.scalars(OwnField.in_order())]


def field(session, number=1):
    return session.get(OwnField, number, populate_existing=True)


def events(session):
    """[(event, about), …] of fields, oldest first."""
    return [
        (one.event, one.about)
        for one in session.scalars(SecurityEvent.all_of_them().order_by(SecurityEvent.id))
        if one.event.startswith("field-")
    ]


def form(page):
    """The form of a field, on its page."""
    return Form(page.one('main form.form[method="post"]'))


def rows(page):
    """[the words of each row], of the table of fields."""
    return [[cell.text for cell in row.select("th, td")] for row in page.select("tbody tr")]


# Adding


def test_each_suggestion_is_one_press_and_is_then_offered_no_more(ada, session):
    for name in SUGGESTIONS:
        page = ada.get("/fields/new").page
        assert page.select("main form button")[0].text == SUGGESTIONS[name]["label"]
        answer = ada.post("/fields/new", suggested=name)
        assert answer.location == "/fields"
    assert own(session) == [(one["label"], one["kind"]) for one in SUGGESTIONS.values()]
    assert not ada.get("/fields/new").page.select("main form")
    assert events(session)[0] == ("field-added", "Sex: kind Choice")
    ada.post("/fields/new", suggested="sex")  # pressed twice
    assert len(own(session)) == len(SUGGESTIONS)


@pytest.mark.on_both
def test_a_suggestion_that_is_there_by_another_hand_is_said_to_be(ada, session):
    ada.fill("/fields/new?kind=line", label="séx")
    assert "Sex" not in [button.text for button in ada.get("/fields/new").page.select("main form button")]

    def press(name):  # in a tab that was open before
        return ada.post("/fields/new", suggested=name, follow_redirects=True).page.text

    assert "There is a field named “séx” already." in press("sex")
    press("breed")
    ada.post("/fields/2/retire")
    assert "There is a retired field named “Breed” already" in press("breed")
    assert own(session) == [("séx", "line"), ("Breed", "line")]


def test_a_suggestion_is_known_again_in_another_language(ada, session, monkeypatch):
    monkeypatch.setattr("pets.views.fields.labels", lambda name: [name, "Rasse" if name == "breed" else "-"])
    ada.fill("/fields/new?kind=line", label="Rasse")
    assert "Breed" not in [button.text for button in ada.get("/fields/new").page.select("main form button")]
    ada.post("/fields/new", suggested="breed")
    assert own(session) == [("Rasse", "line")]


def test_one_of_ones_own_is_made_by_its_kind(ada, session):
    page = ada.get(ada.get("/fields/new").page.links["Choice"]).page
    sent = {
        "label": "  Coat ",
        "hint": "How long it is.",
        "more": "short\nlong\n\nSHORT\n",
        "types": "cat\ndog",
    }
    answer = page.submit(ada, **sent, required="y")
    assert answer.location == "/fields"
    coat = field(session)
    assert (coat.label, coat.kind, coat.hint, coat.choices, coat.types, coat.required, coat.listed) == (
        "Coat", "choice", "How long it is.", ["short", "long"], ["cat", "dog"], True, False,
    )  # fmt: skip
    assert page.submit(ada, **sent, required="y").location == "/fields"  # sent twice
    assert len(own(session)) == 1
    assert rows(ada.get("/fields").page)[-1] == ["Coat", "Choice", "only for cat, dog required", "0", ""]


@pytest.mark.parametrize(
    ("kind", "typed", "problem"),
    [
        ("line", {"label": ""}, "Enter a name, such as Sex or Microchip number."),
        ("line", {"label": "–"}, "Enter a name, such as Sex or Microchip number."),
        ("line", {"label": "x" * 5000}, "“Name” is 5,000 characters long. Shorten it to 60 or fewer."),
        ("line", {"label": "a\0b"}, "“Name” holds a character that cannot be kept. Type it again."),
        ("line", {"label": "birth-date"}, "Every pet has “birth-date” already. Choose another name."),
        ("line", {"label": "ID"}, "Every pet has “ID” already. Choose another name."),
        ("line", {"label": "To fix"}, "Every pet has “To fix” already. Choose another name."),
        ("line", {"label": "SÈX"}, "There is a field named Sex. Choose another name."),
        ("line", {"hint": "x" * 201}, "“Hint” is 201 characters long. Shorten it to 200 or fewer."),
        (
            "line",
            {"types": "\n".join(map(str, range(51)))},
            "There are 51 types. Enter 50 or fewer.",
        ),
        ("choice", {}, "Enter the choices, each on a line of its own."),
        (
            "choice",
            {"more": "\n".join(map(str, range(500)))},
            "There are 500 choices, too many to choose from. "
            "Enter 200 or fewer, or make it a field of words.",
        ),
        ("choice", {"more": "x" * 101}, "A choice is 101 characters long. Shorten it to 100 or fewer."),
        ("number", {"low": "light"}, "Lowest must be a number, such as 4.5."),
        ("number", {"low": "2", "high": "1,5"}, "Highest must be 2 or more."),
        ("day", {"high": "31 February"}, "Highest must be a day that exists, such as 2024-05-31."),
        ("number", {"unit": "x" * 21}, "“Unit” is 21 characters long. Shorten it to 20 or fewer."),
    ],
)
def test_mistakes_are_told_and_nothing_typed_is_lost(ada, sex, session, kind, typed, problem):
    sent = {"label": "Coat", "hint": "Soft?", **typed}
    answer = ada.post(f"/fields/new?kind={kind}", **sent)
    assert answer.status_code == 422
    assert [link.text for link in answer.page.select(".summary a")] == [problem]
    shown = answer.page.form().fields
    assert {name: shown[name].replace("\ufffd", "\0") for name in sent} == sent
    assert own(session) == [("Sex", "choice")]


@pytest.mark.on_both
def test_there_is_an_end_to_how_many_are_in_use(ada, app, session):
    for number in range(50):
        OwnField.add({"label": f"Field {number}", "kind": "line"})
    session.commit()
    answer = ada.post("/fields/new?kind=line", label="One more")
    assert answer.status_code == 422
    assert "There are 50 fields already" in answer.page.one(".summary").text
    assert answer.page.form().fields["label"] == "One more"
    told = ada.post("/fields/new", suggested="sex", follow_redirects=True).page
    assert "There are 50 fields already" in told.text
    ada.post("/fields/7/retire")
    assert ada.post("/fields/new?kind=line", label="One more").status_code == 303
    assert "There are 50 fields already" in ada.post("/fields/7/restore", follow_redirects=True).page.text


def test_a_number_has_its_unit_and_its_ends(ada, session):
    sent = {"label": "Weight", "unit": "kg", "low": "0,5", "high": "120.0", "listed": "y"}
    ada.get("/fields/new?kind=number").page.submit(ada, **sent)
    weight = field(session)
    assert (weight.unit, weight.low, weight.high, weight.listed) == ("kg", "0.5", "120", True)
    shown = form(ada.get("/fields/1").page).fields
    assert (shown["low"], shown["high"]) == ("0.5", "120")


# Changing


def test_a_field_is_changed_and_the_log_says_how(ada, sex, session):
    page = ada.get("/fields/1").page
    assert [choice["value"] for choice in page.select('[name="choice"]')] == ["female", "male"]
    typed = {"label": "Gender", "hint": "As far as one can see", "more": "unknown", "listed": None}
    form(page).submit(ada, **typed, place=["2", "1"])
    gender = field(session)
    assert (gender.label, gender.choices, gender.listed) == ("Gender", ["male", "female", "unknown"], False)
    assert events(session)[-1] == (
        "field-changed",
        "Sex: name Sex → Gender; hint none → As far as one can see; "
        "choices female, male → male, female, unknown; in the list yes → no",
    )
    page = ada.get(ada.get("/fields").page.links["Who changed a field, and how"]).page
    assert "changed the field Sex: name Sex → Gender" in page.text
    assert len(page.select("ol.history > li")) == 2


@pytest.mark.on_both
def test_two_admins_change_one_field(ada, sex, session):
    mine, theirs = ada.get("/fields/1").page, ada.get("/fields/1").page
    ada.post("/fields/new", suggested="breed")
    ada.post("/fields/1/down", place="1")  # the order of the form is none of its settings
    wrong = form(mine).submit(ada, hint="As it looks", label="").page  # it was filled before theirs was saved
    form(theirs).submit(ada, hint="As on its papers")
    answer = form(wrong).submit(ada, label="Sex")
    assert answer.status_code == 409
    told = "hint: now “As on its papers”, yours “As it looks”"
    assert told in answer.page.text
    assert field(session).hint == "As on its papers"
    assert form(answer.page).submit(ada).status_code == 303
    assert field(session).hint == "As it looks"
    assert form(mine).submit(ada, hint="As it looks").status_code == 303  # sent twice: nothing is lost


@pytest.mark.parametrize(
    ("choices", "problem"),
    [
        (["male", "female"], "“male” is what another choice was called so far. Rename one at a time."),
        (["", ""], "Enter the choices, each on a line of its own."),
        (["x" * 101, "male"], "A choice is 101 characters long. Shorten it to 100 or fewer."),
    ],
)
def test_choices_that_nobody_could_tell_apart_are_refused(ada, sex, session, choices, problem):
    answer = form(ada.get("/fields/1").page).submit(ada, choice=choices)
    assert answer.status_code == 422
    assert problem in [link.text for link in answer.page.select(".summary a")]
    assert [choice["value"] for choice in answer.page.select('[name="choice"]')] == choices
    assert field(session).choices == ["female", "male"]


def test_two_choices_become_one(ada, sex, session):
    form(ada.get("/fields/1").page).submit(ada, choice=["male", "male"])
    assert field(session).choices == ["male"]


# The order, and retiring


@pytest.mark.on_both
def test_fields_move_and_a_second_press_moves_no_further(ada, session):
    for name in ("sex", "breed", "colour"):
        ada.post("/fields/new", suggested=name)
    page = ada.get("/fields").page
    for _ in range(2):
        page.form("/fields/1/down").submit(ada)
    assert [label for label, _ in own(session)] == ["Breed", "Sex", "Colour"]
    ada.get("/fields").page.form("/fields/3/up").submit(ada)
    assert [label for label, _ in own(session)] == ["Breed", "Colour", "Sex"]
    assert [row[0] for row in rows(ada.get("/fields").page)][-3:] == ["Breed", "Colour", "Sex"]
    assert events(session)[-2:] == [("field-moved", "Sex: down"), ("field-moved", "Colour: up")]
    assert ada.post("/fields/1/down", place="3").status_code == 303  # it is the last


@pytest.mark.on_both
def test_a_field_is_retired_and_restored(ada, sex, session):
    for _ in range(2):
        answer = ada.post("/fields/1/retire")
        assert answer.location == "/fields"
    page = ada.get("/fields").page
    assert page.select("h2")[0].text == "Retired"
    assert (
        "There is a retired field named Sex. Restore it"
        in ada.post("/fields/new?kind=line", label="sex").page.text
    )
    assert ada.post("/fields/1/up", place="1").location == "/fields#field-1"  # it has no place
    page.form("/fields/1/restore").submit(ada)
    assert not field(session).retired_at
    assert [event for event, _ in events(session)] == ["field-added", "field-retired", "field-restored"]


def test_what_is_not_there_is_not_found(ada):
    assert ada.get("/fields/1").status_code == 404
    for path in ("retire", "restore", "up", "down"):
        assert ada.post(f"/fields/1/{path}").status_code == 404
    assert ada.post("/fields/1/sideways").status_code == 404
