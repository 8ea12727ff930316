"""What a person says of the rows of an import: cells that they corrected, pets that they chose, answers."""

from dataclasses import replace

from werkzeug.datastructures import MultiDict

from pets.fields.text import writable
from pets.imports.answers import ANSWERS
from pets.imports.import_row import ImportRow
from pets.imports.mapping import ColumnMapping
from pets.imports.upload_rows import Import

MOST = 1000  # rows that are looked up for one form; a page shows far fewer


def taken(record: Import, sent: MultiDict[str, str]) -> bool:
    """Take the cells that a person corrected, and what they chose where a row fits several pets.

    Returns whether there was anything to take: a cell that came back as it was shown stays as it is kept,
    which may be a date, or hold what no page can show.
    """
    corrected: dict[ImportRow, dict[int, str]] = {}
    chosen = False
    parts = [([*name.split("-"), "", ""])[:3] for name in sent]
    numbers = {number for what, number, column in parts if number.isdecimal() and len(number) < 8}
    rows = record.rows_at([*map(int, numbers)][:MOST])
    for (what, number, column), values in zip(parts, sent.listvalues(), strict=True):
        row = rows.get(int(number)) if number in numbers else None
        if row is None:
            continue
        for value in values:  # a cell stands on the page as often as something is wrong with it
            if (
                what == "pet"
                and (value in ("new", "out", "pet") or value.isdecimal())
                and value != row.choice
            ):
                row.choice, chosen = value, True
            elif what == "cell" and column.isdecimal() and len(column) < 3:
                typed = _lines_of(value.replace("\0", ""))
                if writable(typed) != _lines_of(row.text(int(column))):
                    corrected.setdefault(row, {})[int(column)] = typed
    for row, cells in corrected.items():
        row.correct(cells)
    anything = _answered(record, sent) or chosen or bool(corrected)
    if anything:
        record.uncheck()
    return anything


def _answered(record: Import, sent: MultiDict[str, str]) -> bool:
    """Take what a person said once for many rows. Returns whether it is anything new."""
    plan = ColumnMapping.of(record.plan)
    said = {name: sent[f"answer-{name}"] for name in ANSWERS if f"answer-{name}" in sent}
    if all(plan.answers.get(name, "") == answer for name, answer in said.items()):
        return False
    answers = {name: answer for name, answer in {**plan.answers, **said}.items() if answer}
    record.plan = replace(plan, answers=answers).kept
    return True


def _lines_of(text: str) -> str:
    """A text with its line ends as they are kept, whatever the browser or the sheet made of them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
