"""A field that is declared otherwise when pets have something in it: renamed choices, and other kinds."""

import pytest
from sqlalchemy import select

from pets.changes.check import unrecorded
from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields import FIELDS
from pets.models.field import OwnField, PetKey
from pets.models.pet import Pet
from tests.pages import Form

pytestmark = pytest.mark.on_both

KINDS = {
    "line": {}, "text": {}, "choice": {"more": "female\nmale"}, "yes_no": {},
    "number": {"unit": "kg"}, "day": {}, "code": {"digits": "letters"}, "pet_link": {},
}  # fmt: skip


@pytest.fixture
def declare(ada):
    """`declare("choice", more="female\\nmale")`: field 1, named Own, of this kind."""

    def declare(kind="line", **typed):
        return ada.post(f"/fields/new?kind={kind}", label="Own", **{**KINDS[kind], **typed})

    return declare


@pytest.fixture
def have(app):
    """`have("Rex", "female")`: a pet of this name that has this in field 1; returns its number."""

    def have(name, fact):
        with app.app_context():
            pet = Pet(name=name, type="dog")
            pet.set_facts({"own.1": fact})
            db.session.add(pet)
            db.session.commit()
            return pet.id

    return have


def form(page):
    return Form(page.one('main form.form[method="post"]'))


def save_draft(person):
    return person.get("/draft").page.form("/draft/save").submit(person)


def own_facts(app):
    """{name: what it has in field 1}"""
    with app.app_context():
        assert not list(unrecorded())
        return {pet.name: pet.facts["own.1"] for pet in db.session.scalars(select(Pet).order_by(Pet.id))}


def keys(app):
    with app.app_context():
        return [
            tuple(row) for row in db.session.execute(select(PetKey.key, PetKey.pet_id).order_by(PetKey.key))
        ]


def diffs(person):
    return [line.text for line in person.get("/draft").page.select("ul.diff li")]


# Choices that are renamed


def test_a_renamed_choice_follows_through_the_draft(app, ada, vera, declare, have):
    declare("choice")
    for name, fact in (("Rex", "male"), ("Ada", "female"), ("Max", "male")):
        have(name, fact)
    page = ada.get("/fields/1").page
    for _ in range(2):  # a double click
        assert form(page).submit(ada, choice=["female", "tom"]).location == "/draft"
        assert diffs(ada) == ["own male → tom", "own male → tom"]
    assert own_facts(app) == {"Rex": "male", "Ada": "female", "Max": "male"}
    save_draft(ada)
    assert own_facts(app) == {"Rex": "tom", "Ada": "female", "Max": "tom"}
    assert vera.get("/pets/?q=tom").page.select("tbody tr a")
    assert form(page).submit(ada, choice=["female", "tom"]).location == "/fields"  # nothing is left to do


def test_the_old_word_is_accepted_until_nobody_has_it(app, ada, edith, declare, have):
    declare("choice")
    rex = have("Rex", "male")
    edith.fill(f"/pets/{have('Max', 'female')}/edit", button="Add to draft", **{"own.1": "male"})
    form(ada.get("/fields/1").page).submit(ada, choice=["female", "tom"])
    ada.post("/draft/discard")
    edith.fill(f"/pets/{rex}/edit", button="Save", notes="Still male.")
    save_draft(edith)
    assert own_facts(app) == {"Rex": "male", "Max": "male"}
    page = ada.get("/fields/1").page
    assert "2 pets still have “male”, which is called “tom” now" in page.text
    assert form(page).submit(ada).location == "/draft"
    save_draft(ada)
    assert own_facts(app) == {"Rex": "tom", "Max": "tom"}
    # Once more, and back: what is offered again is no former word.
    form(ada.get("/fields/1").page).submit(ada, choice=["female", "male"])
    with app.app_context():
        assert db.session.get(OwnField, 1).former == {"tom": "male"}


def test_a_choice_that_is_offered_no_more_is_kept_and_named(app, ada, vera, declare, have):
    declare("choice", listed="y")
    have("Rex", "male")
    assert form(ada.get("/fields/1").page).submit(ada, choice=["female", ""]).location == "/fields"
    assert own_facts(app) == {"Rex": "male"}
    link = ada.get("/fields/1").page.links["male"]
    assert len(vera.get(link).page.select("tbody tr")) == 1
    form(ada.get("/fields/1").page).submit(ada, more="male")
    assert "male" not in ada.get("/fields/1").page.links


def test_a_sheet_with_the_old_word_means_the_new_one(app, ada, declare, have):
    declare("choice")
    have("Rex", "female")
    form(ada.get("/fields/1").page).submit(ada, choice=["girl", "male"])
    path = ada.fill("/import", cells="name\ttype\tOwn\nZoe\tcat\tFEMALE").location
    check = ada.get(ada.get(path).page.submit(ada, action=path).location).page
    Form(check.one("form.form--wide")).submit(ada, "Add 1 to draft")
    assert "own girl" in ada.get("/draft?part=new").page.text


def test_many_are_renamed_behind_a_page(app, ada, declare):
    declare("choice")
    with app.app_context():
        for number in range(501):
            pet = Pet(name=f"Rex {number}", type="dog")
            pet.set_facts({"own.1": "male"})
            db.session.add(pet)
        db.session.commit()
    answer = form(ada.get("/fields/1").page).submit(ada, choice=["female", "tom"])
    assert answer.location.startswith("/work/")


def test_saved_views_follow(ada, declare, have):
    declare("choice", listed="y")
    have("Rex", "male")
    for query in ("?own.1=male&type=dog", "?q=male"):
        ada.post("/saved-views/new", search=query, name=query)
    form(ada.get("/fields/1").page).submit(ada, choice=["female", "tom cat"])
    assert ada.get("/saved-views/1").location == "/pets/?type=dog&own.1=tom+cat"
    assert ada.get("/saved-views/2").location == "/pets/?q=male"


# Other kinds


def test_what_is_in_use_is_offered_as_choices(ada, declare, have):
    declare("line")
    for fact in ("tan", "White", "tan"):
        have("Rex", fact)
    page = ada.get("/fields/1?kind=choice").page
    assert form(page).fields["more"] == "tan\nWhite"
    assert form(page).submit(ada).location == "/fields"


def test_an_empty_field_becomes_of_any_kind(app, ada, declare):
    declare("line")
    for kind in (*KINDS, "line", *reversed(KINDS)):
        answer = form(ada.get(f"/fields/1?kind={kind}").page).submit(ada, **KINDS[kind])
        assert answer.location == "/fields", answer.page
        with app.app_context():
            assert db.session.get(OwnField, 1).kind == kind


FACTS = {
    ("line", "choice"): (["female", "male"], "Male", "male"),
    ("line", "number"): (["4.5", "120"], "4,5 kg", "4.5"),
    ("line", "day"): (["2024-05-31"], "31 May 2024", "2024-05-31"),
    ("line", "yes_no"): (["yes", "no"], "Oui", "yes"),
    ("line", "code"): (["A12", "985112001234567"], "a-13", "A13"),
    ("text", "line"): (["tan", "white"], "tan\N{NO-BREAK SPACE}white", "tan white"),
    ("choice", "line"): (["female", "male"], None, None),
    ("number", "text"): (["4.5", "120"], None, None),
    ("day", "line"): (["2024-05-31"], None, None),
    ("line", "pet_link"): (["1"], "no. 1", "1"),
}


@pytest.mark.parametrize(("kinds", "facts"), FACTS.items(), ids=map(" to ".join, FACTS))
def test_it_becomes_of_another_kind_where_all_fits(app, ada, declare, have, kinds, facts):
    (kind, other), (fits, misfit, read) = kinds, facts
    declare(kind)
    for number, fact in enumerate(fits):
        have(f"Fits {number}", fact)
    if misfit:
        odd = have("Odd", misfit)
        worse = have("Worse", "\N{SNOWMAN}" * 101 if other != "line" else "x\n" * 200)
        answer = form(ada.get(f"/fields/1?kind={other}").page).submit(ada, **KINDS[other], hint="Kept")
        page = ada.get(answer.location).page
        assert "The kind was not changed. 2 pets have something in it that does not fit" in page.text
        assert {f"/pets/{odd}", f"/pets/{worse}"} <= {*page.links.values()}
        assert form(page).fields["hint"] == "Kept"
        assert form(page).submit(ada, "Put what does not fit into my draft").location == "/draft"
        assert len(diffs(ada)) == 2
        save_draft(ada)
        have_now = own_facts(app)
        assert (have_now["Odd"], have_now["Worse"] or "") == (read, "") if read else True
    page = ada.get(f"/fields/1?kind={other}").page
    answer = form(page).submit(ada, **KINDS[other])
    assert answer.location == "/fields"
    with app.app_context():
        field = db.session.get(OwnField, 1)
        assert field.kind == other
        own = db.session.scalars(select(Pet).order_by(Pet.id)).all()
        expected = sorted((FIELDS["own.1"].key_of(pet.own["1"]), pet.id) for pet in own if pet.own)
        expected = [] if other == "text" else expected
    assert sorted(keys(app)) == expected
    assert set(fits) <= {*own_facts(app).values()}


def test_codes_that_two_pets_share_keep_it_from_becoming_of_unique_ones(app, ada, declare, have):
    declare("line")
    have("Rex", "A1")
    max_ = have("Max", "A1")
    page = ada.get("/fields/1?kind=code").page
    answer = form(page).submit(ada, digits="letters")
    page = ada.get(answer.location).page
    assert "Several pets have the same code: A1." in page.text
    assert keys(app) == [("a1", 1), ("a1", 2)]
    ada.fill(f"/pets/{max_}/edit", button="Save", **{"own.1": "A2"})
    assert form(page).submit(ada).location == "/fields"
    assert keys(app) == [("A1", 1), ("A2", 2)]


def test_a_code_becomes_unique_only_where_it_is(app, ada, declare, have):
    declare("code", unique_code=None)
    have("Rex", "A1")
    have("Max", "A1")
    answer = form(ada.get("/fields/1").page).submit(ada, unique_code="y")
    assert answer.status_code == 422
    assert "Several pets have the same code: A1. Correct them first." in answer.page.text


def test_a_field_that_is_retired_while_a_form_is_open(app, ada, edith, declare, have):
    declare("line")
    number = have("Rex", "tan")
    page = edith.get(f"/pets/{number}/edit").page
    ada.post("/fields/1/retire")
    assert "tan" in edith.get(f"/pets/{number}").page.text
    answer = page.submit(edith, "Save", notes="Seen.", **{"own.1": "white"})
    assert answer.status_code == 422
    assert "“Own” is not kept any more" in answer.page.text
    assert "“white” was typed there" in answer.page.text
    assert own_facts(app) == {"Rex": "tan"}


# A draft that waits in the meantime


def test_what_a_line_says_of_a_setting_is_what_saving_holds_to(app, ada, edith, declare, have):
    """However the line came to be, and only as long as the setting says so."""
    declare("choice")
    number = have("Rex", "female")
    form(ada.get("/fields/1").page).submit(ada, choice=["female", ""])
    with app.app_context():
        change = Wanted(number, 1, "Rex", {"own.1": "female"}, {"own.1": "male"})
        Draft.begin(2, "Edith").stage([change])
        db.session.commit()
    for _ in range(2):
        page = edith.get("/draft").page
        assert "Needs attention" in page.text
        assert page.select(".field__problem")
        answer = page.form("/draft/save").submit(edith)
        assert (answer.status_code, "Some changes have errors" in answer.page.text) == (422, True)
    ada.fill(f"/pets/{number}/edit", button="Save", notes="shy")  # which looks at the line again
    assert "Needs attention" in edith.get("/draft").page.text
    form(ada.get("/fields/1").page).submit(ada, more="male")
    assert save_draft(edith).status_code == 303
    assert own_facts(app) == {"Rex": "male"}
