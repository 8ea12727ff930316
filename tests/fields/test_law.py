"""The law of the fields: each is in every feature, through the pages, and none of them names it."""

import csv
import io
import json
from datetime import date, datetime

import openpyxl
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from pets import clock
from pets.changes.check import unrecorded
from pets.changes.draft_line import DraftLine
from pets.db import db
from pets.fields import TYPED
from pets.models.pet import Pet
from tests.fields.samples import EVERY, OWN, SAMPLES, add_mothers, declare_own_fields, typed

NAMES, OWN_NAMES = list(EVERY), [field.name for field in OWN]


def those(what):
    """The fields of which this is so."""
    return pytest.mark.parametrize("name", [name for name, field in EVERY.items() if what(field)])


# Own fields are stored alike: one of them stands for all, on another database too.
each = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.any_database) if name in OWN_NAMES[1:] else name for name in NAMES],
)
each_stored = pytest.mark.parametrize("name", [name for name in NAMES if name not in OWN_NAMES[1:]])


def said(name, which="first"):
    """A fact in words, as they stand on a page."""
    sample = getattr(SAMPLES[name], which)
    if EVERY[name].links:  # by the name that the register knows
        return sample.typed[name]
    return " ".join(EVERY[name].said(sample.fact).split()) or "none"


@pytest.fixture(autouse=True)
def own_fields(app, request):
    """A register with an own field of each kind; for `known`, with that pet in the first changeset."""
    with app.app_context():
        declare_own_fields()
        if "known" in request.fixturenames:
            db.session.add(Pet.of({name: one.first.fact for name, one in SAMPLES.items()}))
            db.session.flush()
        add_mothers()
        db.session.commit()


@pytest.fixture
def known(own_fields, facts_now):
    """Pet number 1, of which everything is known."""
    return facts_now(1)


@pytest.fixture
def other(app, known):
    """Pet number 2, which is another in everything."""
    with app.app_context():
        db.session.add(Pet.of({name: one.second.fact for name, one in SAMPLES.items()}))
        db.session.commit()


@pytest.fixture
def drafted(session):
    """`drafted()`: the lines of the draft, as (before, after)."""

    def lines():
        session.rollback()
        return [
            (line.before, line.after) for line in session.scalars(select(DraftLine).order_by(DraftLine.id))
        ]

    return lines


def save_draft(person):
    answer = person.get("/draft").page.form("/draft/save").submit(person)
    assert answer.status_code == 303, answer.page.text


# On a form, on a page, in the list


@pytest.mark.any_database
@each
def test_a_form_says_what_is_wrong_at_its_control(edith, facts_now, name):
    one = SAMPLES[name]
    answer = edith.fill("/pets/new", **typed("first") | one.wrong.typed)
    assert answer.status_code == 422
    page, control = answer.page, answer.page.one(f'[id="{one.control}"]')
    assert one.says in [page.one(f'[id="{place}"]').text for place in control["aria-describedby"].split()]
    assert (f"#{one.control}", one.says) in [(link["href"], link.text) for link in page.select(".summary a")]
    assert facts_now(1) is None


@pytest.mark.any_database
@those(lambda field: field.missing)
def test_a_form_asks_for_what_must_be_known(edith, name):
    answer = edith.fill("/pets/new", **typed("first") | dict.fromkeys(SAMPLES[name].first.typed, ""))
    assert [link.text for link in answer.page.select(".summary a")] == [EVERY[name].missing]


def test_each_that_was_typed_is_kept_and_shown_on_the_page_of_the_pet(edith, facts_now):
    answer = edith.fill("/pets/new", button="Save", **typed("first"))
    assert answer.status_code == 303
    assert facts_now(1) == {name: one.first.fact for name, one in SAMPLES.items()}
    text = edith.get(answer.location).page.one("main").text
    assert [name for name in NAMES if said(name) not in text] == []


@pytest.mark.any_database
@those(lambda field: field.column)
def test_it_has_a_column_in_the_list(vera, known, name):
    page = vera.get("/pets/").page
    assert EVERY[name].column in [heading.text for heading in page.select("thead th")]
    [row] = [row for row in page.select("tbody tr") if row.select('a[href="/pets/1"]')]
    assert EVERY[name].listed(known[name], clock.today()) in row.text


@those(lambda field: field.searched)
def test_its_words_find_the_pet(vera, other, name):
    for which, number in (("first", 1), ("second", 2)):
        word = getattr(SAMPLES[name], which).fact.split()[0]
        page = vera.get("/pets/", query_string={"q": word}).page
        links = [link["href"].partition("?")[0] for link in page.select("tbody tr a")]
        assert links == [f"/pets/{number}"]


@those(lambda field: field.sort)
def test_the_list_is_sorted_by_it(vera, other, name):
    for order, numbers in ((EVERY[name].sort, [1, 2]), (f"-{EVERY[name].sort}", [2, 1])):
        page = vera.get("/pets/", query_string={"sort": order}).page
        links = [link["href"].partition("?")[0] for link in page.select("tbody tr a")]
        shown = [number for link in links if (number := int(link.rpartition("/")[2])) < 900]
        assert shown == (numbers[::-1] if EVERY[name].kind == "born" else numbers)  # ages, not days


@those(lambda field: field.own_id and field.filters)
def test_the_list_is_filtered_by_it(vera, other, name):
    for one in EVERY[name].filters:
        begins, ends = one.name.endswith(".from"), one.name.endswith(".to")
        for which, number in (("first", 1), ("second", 2)):
            fact = getattr(SAMPLES[name], which).fact
            page = vera.get("/pets/", query_string={one.name: fact}).page
            shown = {
                int(link["href"].partition("?")[0].rpartition("/")[2]) for link in page.select("tbody tr a")
            }
            assert shown == ({number, 2} if begins else {1, number} if ends else {number}), one.name


# Changed, undone, and in the draft


def tells(page, name, before="first", after="second"):
    """Whether a page tells of an edit."""
    facts = (getattr(SAMPLES[name], which).fact for which in (before, after))
    what, *sides = EVERY[name].difference(*facts, clock.today())
    if EVERY[name].links:
        sides = [said(name, before), said(name, after)]
    edits = [
        [line.one("span").text, *(line.one(tag).text for tag in ("del", "ins"))]
        for line in page.select("ul.diff li")
    ]
    return [what, *(" ".join(side.split()) for side in sides)] in edits


@each
def test_an_edit_is_told_and_undone_and_done_again(edith, known, facts_now, name):
    edith.fill("/pets/1/edit", button="Save", **typed("second", name))
    second = SAMPLES[name].second.fact
    assert facts_now(1) == {**known, name: second}
    for address in ("/history/2", "/history", "/pets/1"):
        assert tells(edith.get(address).page, name)
    edith.post("/history/2/undo")
    assert facts_now(1) == known
    edith.post("/history/3/undo")
    assert facts_now(1) == {**known, name: second}
    with edith.application.app_context():
        assert list(unrecorded()) == []


@each
def test_the_draft_shows_it_before_and_after_and_saves_it(edith, known, facts_now, name):
    edith.fill("/pets/1/edit", button="Add to draft", **typed("third", name))
    line = edith.get("/draft").page.links["Edit"]
    assert edith.get(line).page.form().fields.items() >= typed("third", name).items()
    edith.fill(line, **typed("second", name))
    assert tells(edith.get("/draft").page, name)
    save_draft(edith)
    assert facts_now(1) == {**known, name: SAMPLES[name].second.fact}


def test_a_new_pet_waits_in_the_draft_with_each(edith, facts_now):
    edith.fill("/pets/new", button="Add to draft", **typed("first"))
    text = edith.get("/draft").page.one("main").text
    assert [name for name in NAMES if said(name) not in text] == []
    save_draft(edith)
    assert facts_now(1) == {name: one.first.fact for name, one in SAMPLES.items()}


@each
def test_where_two_changed_it_a_person_chooses(edith, ada, known, facts_now, name):
    form = edith.get("/pets/1/edit").page
    ada.fill("/pets/1/edit", button="Save", **typed("second", name))
    answer = form.submit(edith, "Save", **typed("third", name))
    assert answer.status_code == 409
    assert {said(name, "second"), said(name, "third")} <= {
        words.text for words in answer.page.select(".option span")
    }
    answer.page.submit(edith, **{f"choice-1-{name}": "set"})
    assert facts_now(1)[name] == SAMPLES[name].third.fact


@each
def test_where_two_changed_it_the_review_asks(edith, ada, known, facts_now, name):
    edith.fill("/pets/1/edit", button="Add to draft", **typed("third", name))
    ada.fill("/pets/1/edit", button="Save", **typed("second", name))
    page = edith.get("/draft").page
    assert {said(name, "second"), said(name, "third")} <= {
        words.text for words in page.select(".option span")
    }
    [form] = [form for form in page.select("form") if form["action"].endswith("/choose")]
    page.form(form["action"]).submit(edith, **{f"choice-{name}": "set"})
    save_draft(edith)
    assert facts_now(1)[name] == SAMPLES[name].third.fact


def test_a_pet_that_was_removed_is_shown_with_each_and_comes_back(edith, known, facts_now):
    edith.post("/pets/1/delete", version="1")
    answer = edith.get("/pets/1")
    assert answer.status_code == 410
    text = answer.page.one("main").text
    assert [name for name in NAMES if said(name) not in text] == []
    edith.post("/history/2/undo")
    assert facts_now(1) == known


@each
def test_of_two_pets_that_become_one_it_is_chosen_or_both_are_kept(edith, other, facts_now, name):
    field, one = EVERY[name], SAMPLES[name]
    page = edith.get("/duplicates/1/2").page
    assert all(said(name, which) in page.text for which in ("first", "second"))
    page.submit(edith, **{} if field.merges else {name: "goes"})
    save_draft(edith)
    merged = field.merged(one.first.fact, one.second.fact) if field.merges else one.second.fact
    assert facts_now(1)[name] == merged


def test_a_litter_says_each_once_or_for_every_pet(edith, drafted):
    sent = {}
    for name, field in EVERY.items():
        if field.shared:
            sent |= typed("first", name)
        if field.own:
            sent[field.own] = [SAMPLES[name].second.fact, "", "", "", ""]
    edith.get("/pets/litter").page.submit(edith, "Add to draft", **sent)
    [(_, after)] = drafted()
    for name, field in EVERY.items():
        shared = SAMPLES[name].first.fact if field.shared else None
        own = SAMPLES[name].second.fact if field.own else None
        assert after[name] == field.joined(shared, own), name


@pytest.mark.any_database
@those(lambda field: field.shared)
def test_many_are_changed_in_it_alike(edith, known, drafted, name):
    for sent, becomes in SAMPLES[name].bulk:
        page = edith.get("/pets/bulk", query_string={"pet": "1.1"}).page
        edith.post("/draft/discard")
        page.submit(edith, **sent)
        assert drafted()[-1] == ({name: known[name]}, {name: becomes})


@each
def test_no_other_way_leads_to_its_columns(session, known, name):
    for column in EVERY[name].columns or ["own"]:
        with pytest.raises(DBAPIError, match="written through a SQLAlchemy session"):
            session.execute(text(f"UPDATE pet SET {column} = {column}"))
        session.rollback()


# Sheets


def bring_in(person, content, name="pets.csv"):
    """Send a file, take its columns as they seem to be, and stage its rows, if there is anything to stage."""
    answer = person.fill("/import", file=(io.BytesIO(content), name))
    answer = person.get(answer.location).page.submit(person, action=answer.location)
    page = person.get(answer.location).page
    if stage := page.select('button[formaction$="/stage"]'):
        page.submit(person, stage[0].text, action=answer.location.removesuffix("check") + "fix")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("name", "role"), [(field.name, role) for field in EVERY.values() for role in field.headings]
)
def test_an_import_knows_its_headings(edith, drafted, name, role):
    cells, fact = SAMPLES[name].cells[role]
    needed = {
        field.name: SAMPLES[field.name].first.fact for field in TYPED if field.missing and field.name != name
    }
    headings = EVERY[name].headings[role]
    for heading in (headings[0], headings[-1]):  # all of them: see tests/sheets/test_columns.py
        row = {**needed, **{heading if known == role else known: cell for known, cell in cells.items()}}
        edith.post("/draft/discard")
        out = io.StringIO()
        csv.writer(out).writerows([row.keys(), row.values()])
        bring_in(edith, out.getvalue().encode())
        assert drafted()[-1][1][name] == fact, heading


def exported(person, form):
    """The one row of the list as a file, by heading."""
    content = person.get(f"/pets.{form}").data
    if form == "json":
        return json.loads(content)[0]
    if form == "csv":
        return next(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    headings, row, *_ = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    days = [str(cell.date()) if isinstance(cell, datetime) else cell for cell in row]
    return dict(zip(headings, days, strict=True))


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_an_export_has_each(vera, known, form):
    row = exported(vera, form)
    for name, field in EVERY.items():
        stored = [[value] for value in field.write(known[name]).values()]
        cells = (cell for [cell] in field.exports(stored, clock.today()))
        for heading, cell in zip(field.exported, cells, strict=True):
            if isinstance(cell, bool) and form != "json":
                cell = "yes" if cell else "no"
            assert row[heading] == (str(cell) if form == "csv" or isinstance(cell, date) else cell)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_brought_in_again_stages_nothing(edith, other, drafted, form):
    bring_in(edith, edith.get(f"/pets.{form}").data, f"pets.{form}")
    assert drafted() == []


# Facts that were stored before the field was kept


@pytest.fixture
def forget(app):
    """Take one field out of every stored change and line, as if it had not been kept at the time."""

    def forget(name):
        with app.app_context():
            for table in (Pet.metadata.tables[one] for one in ("change", "draft_line")):
                for row in db.session.execute(select(table)).mappings().all():
                    sides = {
                        side: row[side] and {key: fact for key, fact in row[side].items() if key != name}
                        for side in ("before", "after")
                    }
                    db.session.execute(table.update().where(table.c.id == row["id"]).values(sides))
            db.session.commit()

    return forget


def look_around(person):
    for address in ("/history", "/history/1", "/history/2", "/draft", "/pets/1", "/pets/1/edit"):
        assert person.get(address).status_code in (200, 302, 404, 410)


@each_stored
def test_a_removal_without_it_is_shown_undone_and_done_once_more(edith, known, forget, facts_now, name):
    edith.post("/pets/1/delete", version="1")
    forget(name)
    look_around(edith)
    edith.post("/history/2/draft")
    look_around(edith)
    answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert answer.status_code == (422 if EVERY[name].missing else 303)
    if EVERY[name].missing:
        assert edith.post("/history/2/undo").status_code == 422
        edith.fill(edith.get("/draft").page.links["Edit"], **typed("first", name))
        answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert answer.status_code == 303
    assert facts_now(1).keys() == known.keys()
    saved = edith.change_told(answer)
    forget(name)
    assert edith.post(f"{saved}/undo").status_code in (303, 409)


@each_stored
def test_an_edit_without_it_is_undone_and_meets_what_another_saved(edith, ada, known, forget, name):
    edith.fill("/pets/1/edit", button="Save", **typed("second"))
    forget(name)
    look_around(edith)
    ada.fill("/pets/1/edit", button="Save", **typed("third"))
    assert edith.post("/history/2/undo").status_code == 409
    edith.post("/history/2/draft")
    look_around(edith)
    ada.post("/pets/1/delete", version="3")
    look_around(edith)
    assert edith.post("/history/2/undo").status_code == 409


@each_stored
def test_lines_of_a_draft_without_it_are_shown_edited_and_saved(
    edith, known, session, forget, facts_now, name
):
    edith.get("/pets/new").page.submit(edith, "Add to draft", **typed("second"))
    edith.get("/pets/1/edit").page.submit(edith, "Add to draft", **typed("third"))
    forget(name)
    look_around(edith)
    answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    if EVERY[name].missing:  # what nobody could know of before it is saved is shown then
        assert answer.status_code == 409
        line = answer.page.one(f'a[aria-label="Edit {SAMPLES["name"].second.fact}"]')
        edith.fill(line["href"], **typed("second", name))
        answer = edith.get("/draft").page.form("/draft/save").submit(edith)
    assert answer.status_code == 303
    assert facts_now(1) == {field: one.third.fact for field, one in SAMPLES.items()} | {name: known[name]}
    [added] = session.scalars(select(Pet).where(Pet.id.between(2, 900)))
    assert added.facts.keys() >= known.keys()
