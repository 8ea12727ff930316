"""Pets going out as CSV and JSON, in chunks of bytes: any number of rows, a batch in memory at a time."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from pets.fields.catalogue import catalogue
from pets.fields.cell import Cell, shown
from pets.sheets.escapes import SUSPECT, armoured

# A cell for each of the columns; the moments are text in the site's zone: "2026-05-03 14:05:09+02:00".
ExportRow = tuple[Any, ...]

YES_NO = {True: "yes", False: "no"}
_BATCH = 1_000


def export_columns() -> tuple[str, ...]:
    """The headings of a file of pets; those of retired fields are left out."""
    headings = (heading for field in catalogue().asked for heading in field.exported)
    return ("id", *headings, "added", "changed", "version")


def csv_chunks(rows: Iterable[ExportRow]) -> Iterator[bytes]:
    """Pets as CSV. Times are written as they stand, without a zone."""
    said = (
        (pet_id, *map(_said, cells), added and added[:19], changed and changed[:19], version)
        for pet_id, *cells, added, changed, version in rows
    )
    return _csv(export_columns(), said)


def csv_of_cells(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Cells that came in, as CSV to go out again."""
    return _csv(headings, ([_safe(cell) for cell in row] for row in rows))


def _csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """CSV as Excel reads it anywhere: UTF-8 with byte order mark, CRLF; text in the rows has to be harmless.

    The headings come before the first row is asked for.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(map(armoured, headings))
    yield b"\xef\xbb\xbf" + buffer.getvalue().encode(errors="replace")
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(batch)
        yield buffer.getvalue().encode(errors="replace")


def json_chunks(rows: Iterable[ExportRow]) -> Iterator[bytes]:
    """A JSON list of objects with the headings for keys; dates and times in ISO 8601, unknown ones null."""
    headings, blanks = export_columns(), [blank for field in catalogue().asked for blank in field.blanks]
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
    yield b"["
    before = "\n"
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        objects = (encode(_object(row, headings, blanks)) for row in batch)
        yield (before + ",\n".join(objects)).encode(errors="replace")
        before = ",\n"
    yield b"\n]\n"


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, (tuple, list)):
        return shown(cell)  # to come in as damaged again
    return armoured(cell) if isinstance(cell, str) else cell


def _said(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return armoured(cell) if cell[:1] in SUSPECT else cell
    return YES_NO[cell] if isinstance(cell, bool) else cell


def _object(row: ExportRow, headings: Sequence[str], blanks: Sequence[tuple[str, Cell]]) -> dict[str, Cell]:
    *cells, added, changed, version = row
    moments = added and added.replace(" ", "T"), changed and changed.replace(" ", "T")
    told = dict(zip(headings, (*cells, *moments, version), strict=True))
    for heading, value in blanks:
        if told[heading] is None:
            told[heading] = value
    return told
