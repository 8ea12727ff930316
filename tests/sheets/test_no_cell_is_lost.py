"""The law of imports: each cell of a file is in a fact, in a fault, or in a column that somebody left out."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from pets.fields.cell import DITTO, Cell, says_nothing, shown
from pets.imports.headings import by_role
from pets.imports.importer import Importer
from pets.imports.resolve import ResolvedRow, RowResolver
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import

HEADINGS = st.sampled_from(["type", "notes", "born", "Age", "Colour", "Name", "", "chip", "12", "id"])
CELLS = st.sampled_from(
    [
        *("Rex", "dog", "2 years", "2021-05-01", "tan", "NA", "total", "Dogs:", "x\ny"),
        *("#REF!", "9.85112E+14", '"', "ditto", "\\N", '"Lucky" Luke', '5"', "name"),
    ]
)
# No semicolons and tabs: in a sheet of a few uneven rows, these may well be what stands between its cells.
ROWS = st.lists(
    st.lists(st.none() | CELLS | st.text("abc \"',", min_size=1, max_size=6), max_size=8), max_size=12
)
Cells = list[list[str | None]]


def as_csv(rows: Cells) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Cells) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.any_database
@pytest.mark.parametrize("written", [as_csv, as_xlsx])
@given(
    headings=st.lists(HEADINGS, min_size=1, max_size=5),
    rows=ROWS,
    above=st.sampled_from([1, 60]),
    home=st.sampled_from(["notes", "out"]),
)
@example(headings=["Age", "type", "born"], rows=[[None, "2 years", None, "Rex"]], above=1, home="notes")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_no_cell_is_lost_unsaid(
    session: Any, tmp_path: Path, written: Any, headings: list[str], above: int, rows: Cells, home: str
) -> None:
    """Also one far to the right of the headings, or far below the rows by which columns are known."""
    sent = [["name", *headings], *[["Rex", "dog"]] * above, *rows]
    (tmp_path / "file").write_bytes(written(sent))
    upload = Upload.of_file(tmp_path / "file", "file")
    record = Import.begin(None, filename="file", kind="", digest=upload.digest)
    with upload.opened() as sheet:
        list(keep_rows(record, sheet))
    kept = {row.number: row for row in record.rows()}
    for number, cells in enumerate(sent, 1):
        for cell in cells:
            if cell and cell.strip() and cell.strip() not in {*DITTO, "\\N"}:
                assert letters(cell) in letters("".join(map(shown, kept[number].cells)))
    first = Importer(record)
    plan = Importer(
        record, replace(first.plan, answers={**first.plan.answers, "rest": home, "sections": "pets"})
    ).agreed
    importer = Importer(record, plan)
    below = [row for row in kept.values() if row.number > importer.columns.heading_row]
    for one in RowResolver(record, plan, importer.columns, importer.order).chunk(below):
        for at, cell in enumerate(one.row.cells):
            if shown(cell).strip():
                assert is_accounted_for(importer, one, at, cell), (one, at)


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def is_accounted_for(importer: Importer, one: ResolvedRow, at: int, cell: Cell) -> bool:
    """Whether a cell is in a fact or a fault of its row, or a person knows that it is not."""
    if at in importer.plan.out or one.state in ("apart", "asked", "alike"):
        return True  # such a row is shown whole
    role = importer.columns.columns[at].role
    if any(fault[0] == at for fault in one.found or ()) or says_nothing(cell):
        return True
    facts = (one.staged and one.staged.after) or {}
    if at in importer.plan.noted or (role in by_role() and by_role()[role].free):
        name = "notes" if at in importer.plan.noted else by_role()[role or ""].name
        return letters(shown(cell)).casefold() in letters(facts.get(name) or "").casefold()
    return bool(facts.get("born")) if role in ("born", "age") else role is not None
