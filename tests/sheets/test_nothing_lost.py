"""The law of an import: each cell is in a fact, in a fault, or in what a person said to leave out."""

import csv
import io
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from pets.db import db
from pets.fields.birth_dates import is_empty_day
from pets.fields.nothing import says_nothing
from pets.imports.headings import READ_ONLY
from pets.imports.importer import Importer
from pets.imports.resolve import ResolvedRow, RowResolver
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import

NAMED = ["Name", "Species", "Date of birth", "Age (mo)", "Notes", "Colour", "ID", "", "Tag", "Changed"]
HEADINGS = st.lists(st.sampled_from(NAMED), min_size=1, max_size=6).map(lambda more: ["Name", *more])
CELLS = st.sampled_from(
    [
        *("", "", "Rex", "Mia", "dog", "cat", "tan", "shy, bites", "2020-05-01", "1/5/2020", "13/5/2020"),
        *("Mar 2019", "2 years", "8", "<1", "about 3", "0", "NA", "?", "unknown", "1900-01-01", "Total"),
        *("Dogs", "A664", "Name", "Printed on 3 May", "#REF!", "9.85112E+14", "985112000000001", "tow"),
    ]
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=9), min_size=1, max_size=12)


@given(headings=HEADINGS, rows=ROWS, rest=st.sampled_from(["notes", "out"]))
@example(["Name", "Species", "Notes"], [["Rex", "dog", "shy", "needs gloves"]], "notes")
@example(["Name", "Species"], [["Rex", "dog"]] * 60 + [["Mia", "cat", "", "", "", "late"]], "notes")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_no_cell_is_lost_unsaid(
    session: Any, headings: list[str], rows: list[list[str]], rest: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter="\t").writerows([headings, *rows])
    importer = agreed(text.getvalue(), rest)
    resolver = RowResolver(importer.record, importer.plan, importer.columns, importer.order)
    kept = [row for row in importer.record.rows() if row.number > importer.columns.heading_row]
    for one in resolver.chunk(kept):
        lost = [
            (index, cell) for index, cell in enumerate(one.row.cells) if is_lost(importer, one, index, cell)
        ]
        assert not lost, (one, [column.role for column in importer.columns.columns])
    db.session.rollback()


def agreed(text: str, rest: str) -> Importer:
    """A sheet whose columns a person has agreed on, by what is likely, and by `rest`."""
    upload = Upload.received(None, text)
    record = Import.begin(None, filename="cells", kind="", digest=upload.digest)
    with upload, upload.opened() as sheet:
        list(keep_rows(record, sheet))
    importer = Importer(record)
    assume(not importer.columns.missing)
    said = {one.name: one.suggested or next(iter(one.choices)) for one in importer.questions}
    answers = {**said, "rest": rest} if "rest" in said else said
    return Importer(record, Importer(record, replace(importer.plan, answers=answers)).agreed)


def is_lost(importer: Importer, one: ResolvedRow, index: int, cell: Any) -> bool:
    """Whether a cell is nowhere, and nothing says so."""
    text = str(cell[0] if isinstance(cell, list) else "" if cell is None else cell).strip()
    role, plan = importer.columns.columns[index].role, importer.plan
    said = not text or one.state == "apart" or index in plan.out or role in READ_ONLY
    if said or (says_nothing(text) and index not in plan.kept_words):
        return False
    facts = (one.staged and one.staged.after) or {}
    faults = one.found if one.state == "faulty" else ()
    if any(column == index for column, *_ in faults):
        return False
    if role in ("born", "age"):
        told = (
            facts.get("born")
            or is_empty_day(text)
            or any(named in ("born", "age") for _, named, *_ in faults)
        )
        return not told
    return text.casefold() not in " ".join(fact or "" for fact in facts.values()).casefold()
