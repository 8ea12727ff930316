"""All that is told of a sheet on its way in, and all that goes into the draft, line by line in `told.txt`.

A case there is the sheet as it is pasted, or “@” and a file of `tests/sheets/cases`; what is answered of its
columns (`> name=value`), then of its rows (`>> name=value`); and all that the pages say. The register has the
pets and fields of `here`.
"""

from datetime import date
from pathlib import Path

import pytest

from pets.models.field import OwnField
from tests.pages import Page
from tests.views.test_import_questions import case
from tests.views.test_imports import address, check, follow, lines, mend, press_stage

CASES = dict(
    one.split("\n", 1) for one in (Path(__file__).parent / "told.txt").read_text("utf-8").split("\n# ")[1:]
)


@pytest.fixture
def here(ada, add_pet, clock):
    """What is on the register before the sheet comes."""
    ada.fill("/fields/new?kind=code", label="Chip", unique_code="y")
    for label in ("Colour", "Cage", "Weight"):
        ada.fill("/fields/new?kind=line", label=label)
    ada.fill("/fields/new?kind=pet_link", label="Mother")
    ada.post("/fields/3/retire")
    add_pet("Rex", "dog", born_on=date(2020, 5, 1), notes="shy", own={"1": "985112000000001", "2": "tan"})
    add_pet("Mia", "cat", born_on=date(2021, 2, 3))
    add_pet("Mia", "cat", born_on=date(2022, 2, 3))
    add_pet("Bo", "dog")


@pytest.mark.any_database
@pytest.mark.parametrize("name", CASES)
def test_all_that_is_told_of_a_sheet(ada, here, session, name):
    sheet, answers, told = [], ({}, {}), []
    for line in CASES[name].rstrip().split("\n"):
        if line.startswith(">"):
            key, _, value = line.lstrip("> ").partition("=")
            answers[line.startswith(">>")][key] = value
        else:
            (told if answers[0] else sheet).append(line)
    found = all_told(ada, "\n".join(sheet), *answers, session)
    assert [line.rstrip() for line in found] == told


def all_told(person, cells, of_columns, of_rows, session):
    """The lines that a person reads from a sheet to the draft."""
    if cells.startswith("@"):
        page = case(person, cells[1:])
    else:
        page = follow(person, person.fill("/import", cells=cells).location)
    yield from words(page)
    rows = check(person, page, **of_columns)
    for field in session.query(OwnField).where(OwnField.id > 5).order_by(OwnField.id):
        more = (field.digits, field.unique_code) if field.kind == "code" else field.choices
        yield f"FIELD {field.label}: {field.kind} {more}"
    if of_rows:
        yield from words(rows)
        rows = mend(person, rows, **of_rows)
    yield from words(rows)
    at = address(rows)
    yield from words(person.get(f"{at}/rows").page)
    if person.get(f"{at}/faulty.csv").status_code == 200:
        for line in person.get(f"{at}/faulty.csv").text.removeprefix("\ufeff").splitlines():
            yield f"CSV {line}"
    faulty = {"faulty": "wait"} if "faulty" in rows.form(f"{at}/fix").names else {}
    press_stage(person, rows, **faulty)
    for line in lines(session):
        before, after = line.before or {}, line.after or {}
        facts = [f"{name}: {before.get(name) or ''} → {fact or ''}" for name, fact in after.items()]
        facts = [fact for fact in facts if not fact.endswith(":  → ")]
        yield f"DRAFT {line.pet_id or 'new'} {line.name} {facts} {line.problems or ''}"


def words(page: Page):
    """What a page says, a line for each row, question and sentence, with what is chosen and in the fields."""
    chosen = "h1, h2, p, tr, li, legend, label, dl"
    parts = page.one("main").select(chosen)
    inside = {below.element for part in parts for below in part.select(chosen)}
    for part in parts:
        if part.element not in inside:
            filled = [one["value"] for one in part.select('input[name^="cell-"]')]
            filled += [
                one.text
                for one in part.select("option")
                if one.get("selected") is not None or "new field" in one.text
            ]
            filled += [one.text for one in part.select('select[name^="pet-"] option')]
            filled += ["chosen"] * (part.tag == "label" and bool(part.select("input[checked]")))
            yield " | ".join([part.text, *filled])
