"""Own fields: what an admin adds is kept like any other fact, found by keys, and of its register alone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pets.changes.check import unrecorded
from pets.db import db
from pets.fields import BUILT_IN, FIELDS
from pets.fields.own import TAKEN
from pets.fields.text import plain
from pets.imports.headings import READ_ONLY
from pets.models.field import OwnField, PetKey
from pets.models.pet import InvalidPet, Pet
from pets.sheets.write_csv import export_columns


@pytest.fixture
def declare(app):
    """`declare("Breed", kind="line")`: an own field of the register; returns its name in forms."""

    def declare(label, kind="line", **settings):
        with app.app_context():
            version = OwnField.next_version()
            field = OwnField(
                version=version, place=1, label=label, label_key=plain(label), kind=kind, **settings
            )
            db.session.add(field)
            db.session.commit()
            return f"own.{field.id}"

    return declare


def keys(app):
    with app.app_context():
        columns = (PetKey.field_id, PetKey.key, PetKey.name_key, PetKey.pet_id)
        return [tuple(row) for row in db.session.execute(select(*columns).order_by(*columns))]


def consistent(app):
    with app.app_context():
        return list(unrecorded()) == []


def test_it_is_kept_shown_undone_and_keyed(app, edith, declare, facts_now):
    breed, story = declare("Breed"), declare("Story", "text")
    sent = {"name": "Rex", "type": "dog", breed: " Old  Élan", story: "Found\nin May"}
    answer = edith.fill("/pets/new", button="Save", **sent)
    assert answer.status_code == 303
    facts = facts_now(1)
    assert (facts[breed], facts[story]) == ("Old Élan", "Found\nin May")
    text = edith.get("/pets/1").page.one("main").text
    assert "Old Élan" in text
    assert "in May" in text
    assert keys(app) == [(1, "old elan", "rex", 1)]
    edith.fill("/pets/1/edit", button="Save", name="Max", **{breed: "beagle"})
    assert keys(app) == [(1, "beagle", "max", 1)]
    edith.post("/history/2/undo")
    assert facts_now(1) == facts
    edith.post("/pets/1/delete", version="3")
    assert keys(app) == []
    edith.post("/history/4/undo")
    assert facts_now(1) == facts
    assert keys(app) == [(1, "old elan", "rex", 1)]
    assert consistent(app)
    assert edith.get("/pets/?q=elan").page.select("tbody tr a")


def test_a_key_that_was_written_past_the_history_is_named(app, edith, declare):
    edith.fill("/pets/new", button="Save", name="Rex", type="dog", **{declare("Breed"): "pug"})
    with app.app_context():
        db.session.execute(update(PetKey).values(key="pig"))
        db.session.commit()
        assert list(unrecorded()) == ["Pet 1 is not as its history tells: keys of own fields."]


def test_it_waits_in_the_draft_and_goes_out_and_in(app, edith, declare, facts_now):
    breed = declare("Breed")
    edith.fill("/pets/new", button="Add to draft", name="Rex", type="dog", **{breed: "beagle"})
    assert "beagle" in edith.get("/draft").page.one("main").text
    edith.get("/draft").page.form("/draft/save").submit(edith)
    assert facts_now(1)[breed] == "beagle"
    assert b",Breed,added," in edith.get("/pets.csv").data
    assert b",beagle," in edith.get("/pets.csv").data
    assert edith.get("/pets.json").json[0]["Breed"] == "beagle"
    edith.get("/pets/bulk", query_string={"pet": "1.1"}).page.submit(edith, **{breed: "pug"})
    assert "pug" in edith.get("/draft").page.one("main").text
    assert consistent(app)


def test_each_register_has_its_own(registers, app, declare):
    breed = declare("Breed")
    with app.app_context():
        assert breed in FIELDS
    with registers.open() as other, other.app_context():
        assert list(FIELDS) == [field.name for field in BUILT_IN]
        with Session(db.engine) as session:
            session.add(Pet(name="Rex", type="dog"))
            session.commit()
    with app.app_context(), Session(db.engine) as session:
        pet = Pet.of({"name": "Rex", "type": "dog", breed: "pug"})
        session.add(pet)
        session.commit()
        assert pet.facts[breed] == "pug"
    assert keys(app) == [(1, "pug", "rex", 1)]


def sentences(answer):
    """What a page says is wrong."""
    return " ".join(one.text for one in answer.page.select(".field__problem, .summary li, .error p, .panel"))


def test_a_code_is_of_one_animal(app, edith, ada, declare, facts_now):
    chip = declare("Chip", "code")
    one, other = "985 112 001 234 567", "985112007654321"
    page = edith.get("/pets/new").page
    for _ in range(2):  # a form that is sent twice does not meet the pet that it added itself
        assert page.submit(edith, "Save", name="Rex", type="dog", **{chip: one}).location == "/pets/1"
    answer = edith.fill("/pets/new", button="Save", name="Tom", type="cat", **{chip: one.replace(" ", "")})
    assert answer.status_code == 422
    assert "“Rex”, number 1, has this chip already." in sentences(answer)
    assert answer.page.one('.field__problem a[href="/pets/1"]')
    # Different codes are different animals, however alike they are; without one it may be either.
    assert edith.fill("/pets/new", name="Rex", type="dog", **{chip: other}).status_code == 303
    assert "No two of these pets" in edith.get("/duplicates").page.one("main").text
    assert edith.fill("/pets/new", name="Rex", type="dog").status_code == 422
    assert edith.fill("/pets/2/edit", button="Save", **{chip: one}).status_code == 422
    # In a litter and a draft, and where it is given up in the same draft.
    rows = {"name": ["A", "B", "", "", ""], f"{chip}-each": ["111111111", "111-111-111", "", "", ""]}
    answer = edith.get("/pets/litter").page.submit(edith, "Add to draft", type="dog", **rows)
    assert "Pet 2: Two of these pets have the chip 111111111." in sentences(answer)
    edith.fill("/pets/1/edit", button="Add to draft", **{chip: ""})
    edith.fill("/pets/2/edit", button="Add to draft", **{chip: one})
    assert edith.get("/draft").page.form("/draft/save").submit(edith).status_code == 303
    assert [facts_now(number)[chip] for number in (1, 2)] == ["", one.replace(" ", "")]
    # Undone, another pet may have it by now.
    ada.fill("/pets/1/edit", button="Save", **{chip: other})
    answer = edith.post("/history/3/undo")
    assert answer.status_code in (409, 422)
    assert "“Rex”, number 1, and “Rex”, number 2, cannot both have the chip" in answer.page.text
    assert consistent(app)


def test_a_code_that_somebody_else_gave_away_is_said_in_the_draft(app, edith, ada, declare, facts_now):
    chip = declare("Chip", "code")
    edith.fill("/pets/new", button="Add to draft", name="Rex", type="dog", **{chip: "985112001"})
    page = edith.get("/draft").page
    ada.fill("/pets/new", name="Tom", type="cat", **{chip: "985112001"})
    answer = page.form("/draft/save").submit(edith)
    assert answer.status_code == 409
    assert "“Tom”, number 1, has this chip already." in sentences(answer)
    assert facts_now(2) is None


def test_a_code_moves_when_two_become_one(app, edith, declare, facts_now):
    chip = declare("Chip", "code")
    for name, code in (("Rex", "985112001"), ("Rexy", "985112002")):
        edith.fill("/pets/new", button="Save", name=name, type="dog", **{chip: code})
    edith.get("/duplicates/1/2").page.submit(edith, **{chip: "goes"})
    assert not sentences(edith.get("/draft"))
    assert edith.get("/draft").page.form("/draft/save").submit(edith).status_code == 303
    assert facts_now(1)[chip] == "985112002"
    assert consistent(app)
    assert edith.post("/history/3/undo").status_code == 303
    assert [facts_now(number)[chip] for number in (1, 2)] == ["985112001", "985112002"]
    assert consistent(app)


def test_two_that_save_one_code_at_once(app, declare):
    chip = declare("Chip", "code")

    def add(name, between=lambda: None):
        with app.app_context():
            db.session.add(Pet.of({"name": name, "type": "dog", chip: "985112001"}))
            db.session.flush()
            between()
            db.session.commit()

    with ThreadPoolExecutor(1) as other:

        def begin():
            later.append(other.submit(add, "Tom"))
            with suppress(TimeoutError):
                later[0].result(0.3)

        later = []
        add("Rex", begin)
        with pytest.raises(InvalidPet, match="“Rex”, number 1, has this chip already"):
            later[0].result()
    assert keys(app) == [(1, "985112001", "rex", 1)]
    assert consistent(app)


def test_settings_that_change_while_a_line_waits_are_said_on_it(app, edith, ada, declare, facts_now, session):
    sex = declare("Sex", "choice", choices=["female", "male"], required=True)
    edith.fill("/pets/new", button="Add to draft", name="Rex", type="dog", **{sex: "male"})
    page = edith.get("/draft").page
    field = session.get(OwnField, 1)
    field.set({"choices": ["f", "m"]})
    session.commit()
    assert "Sex must be f or m." in sentences(edith.get("/draft"))
    assert page.form("/draft/save").submit(edith).status_code == 409
    assert edith.get("/draft").page.form("/draft/save").submit(edith).status_code == 422
    edith.fill(edith.get("/draft").page.links["Edit"], **{sex: "m"})
    assert edith.get("/draft").page.form("/draft/save").submit(edith).status_code == 303
    # What a pet has may stay, and what was stored once may come back.
    session.rollback()
    session.get(OwnField, 1).set({"choices": ["f"]})
    session.commit()
    assert edith.fill("/pets/1/edit", button="Save", name="Max").status_code == 303
    assert edith.fill("/pets/1/edit", button="Save", **{sex: ""}).status_code == 422
    edith.fill("/pets/1/edit", button="Save", **{sex: "f"})
    edith.fill("/pets/new", button="Add to draft", name="Tom", type="cat", **{sex: "f"})
    edith.post("/history/3/draft")
    assert edith.get("/draft").page.form("/draft/save").submit(edith).status_code == 303
    assert facts_now(1)[sex] == "m"
    assert edith.fill("/pets/new", name="Ada", type="cat").status_code == 422


def test_a_field_that_is_retired_while_a_form_or_draft_holds_it(app, edith, declare, facts_now, session):
    breed = declare("Breed")
    edith.fill("/pets/new", button="Add to draft", name="Rex", type="dog", **{breed: "pug"})
    page = edith.get("/pets/new").page
    session.get(OwnField, 1).retire(True)
    session.commit()
    answer = page.submit(edith, "Save", name="Tom", type="cat", **{breed: "siamese"})
    assert answer.status_code == 422
    assert "“siamese” was typed there." in sentences(answer)
    assert answer.page.submit(edith, "Save").status_code == 303
    assert breed not in edith.get("/pets/new").page.form().fields
    assert edith.get("/draft").page.form("/draft/save").submit(edith).status_code == 303
    assert facts_now(2)[breed] == "pug"
    assert "pug" in edith.get("/pets/2").page.one("main").text
    assert "Breed" not in edith.get("/pets/1").page.one("main").text
    assert consistent(app)


def test_an_undo_beside_other_lines_is_known_as_one(app, edith, declare, facts_now, session):
    edith.fill("/pets/new", name="Rex", type="dog")
    edith.fill("/pets/1/edit", button="Save", name="Typo")
    edith.fill("/pets/new", button="Add to draft", name="Tom", type="cat")
    edith.post("/history/2/draft")
    edith.get("/draft").page.form("/draft/save").submit(edith)
    assert facts_now(1)["name"] == "Rex"
    assert session.get(Pet, 1).former_names is None
    assert consistent(app)


def test_what_need_not_be_asked_is_folded_away(edith, declare):
    trained = declare("Litter trained", "yes_no", types=["Cat"], required=True)
    colour = declare("Colour")
    page = edith.get("/pets/new").page
    assert [one.text for one in page.select("summary")] == ["Only for cat Litter trained", "More Colour"]
    assert page.one(f'details [name="{colour}"]')
    assert edith.fill("/pets/new", button="Save", name="Rex", type="dog").status_code == 303
    assert edith.get("/pets/1/edit").page.one(f'details [name="{trained}"]')
    assert "Litter trained" not in edith.get("/pets/1").page.one("dl").text
    answer = edith.fill("/pets/new", button="Save", name="Tom", type="cat")
    assert "Fill in “Litter trained”." in sentences(answer)
    assert not answer.page.select(f'details [name="{trained}"]')
    assert edith.fill("/pets/1/edit", button="Save", **{trained: "yes"}).status_code == 303  # never refused
    assert "Litter trained yes" in edith.get("/pets/1").page.one("dl").text


def test_rows_of_a_sheet_meet_the_register(run, edith, declare, facts_now, tmp_path):
    chip, mother, sex = (
        declare("Chip", "code"),
        declare("Mother", "pet_link"),
        declare("Sex", "choice", choices=["female", "male"]),
    )
    edith.fill("/pets/new", button="Save", name="Rexa", type="dog", **{chip: "111 111 111"})
    sheet = tmp_path / "pets.csv"
    rows = [
        "name,type,CHIP,mother,sex",
        "Tom,dog,222-222-222,rexa,F",
        "Tim,dog,111111111,1,m",
        "Tam,dog,222222222,Nobody,x",
        "Tum,dog,,Tom,male",
    ]
    sheet.write_text("\n".join(rows))
    said = run("import", str(sheet), "--save", "--skip-faulty")
    for sentence in (
        "row 3, CHIP: “Rexa”, number 1, has this chip already.",
        "row 4, CHIP: Row 2 has this chip too.",
        "row 4, mother: No pet is called “Nobody”.",
        "row 4, sex: Sex must be female or male.",
        "row 5, mother: “Tom” is in this sheet too, but not saved yet.",
    ):
        assert sentence in said
    assert [facts_now(2)[name] for name in (chip, mother, sex)] == ["222222222", "1", "female"]
    out = tmp_path / "out.csv"
    run("export", str(out))
    assert "2 unchanged, 0 faulty" in run("import", str(out), "--save")


@pytest.mark.any_database
def test_none_is_called_like_a_column_of_a_file_that_goes_out(session):
    assert {*map(plain, export_columns()), *READ_ONLY} <= TAKEN
