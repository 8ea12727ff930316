"""Pets going out as CSV and JSON, in chunks of bytes: any number of rows, a batch in memory at a time."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pets.fields.cell import Cell
from pets.sheets.escapes import SUSPECT, armoured

# id, name, type, born ("2022-05-01"), estimated, age, notes, added and changed ("2026-05-03 14:05:09+02:00"),
# version
ExportRow = tuple[int, str, str, str | None, bool, int | None, str, str | None, str | None, int]

EXPORT_COLUMNS = ("id", "name", "type", "born", "estimated", "age", "notes", "added", "changed", "version")
_BATCH = 1_000


def csv_chunks(rows: Iterable[ExportRow]) -> Iterator[bytes]:
    """Pets as CSV. Times are written as they stand, without a zone."""
    return csv_rows(
        EXPORT_COLUMNS,
        (
            (
                pet_id,
                armoured(name) if name[:1] in SUSPECT else name,
                armoured(kind) if kind[:1] in SUSPECT else kind,
                born,
                ("yes" if estimated else "no") if born else "",
                age,
                armoured(notes) if notes[:1] in SUSPECT else notes,
                added and added[:19],
                changed and changed[:19],
                version,
            )
            for pet_id, name, kind, born, estimated, age, notes, added, changed, version in rows
        ),
    )


def csv_of_cells(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Cells that came in, as CSV to go out again."""
    return csv_rows(
        [armoured(heading) for heading in headings], ([_safe(cell) for cell in row] for row in rows)
    )


def csv_rows(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """CSV as Excel reads it anywhere: UTF-8 with byte order mark, CRLF; text in it has to be harmless.

    The headings come before the first row is asked for.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(headings)
    yield b"\xef\xbb\xbf" + buffer.getvalue().encode(errors="replace")
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(batch)
        yield buffer.getvalue().encode(errors="replace")


def json_chunks(rows: Iterable[ExportRow]) -> Iterator[bytes]:
    """A JSON list of objects with the keys of EXPORT_COLUMNS; dates and times in ISO 8601, unknown ones
    null."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    yield b"["
    before = "\n"
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        objects = (encode(dict(zip(EXPORT_COLUMNS, _iso(row), strict=True))) for row in batch)
        yield (before + ",\n".join(objects)).encode(errors="replace")
        before = ",\n"
    yield b"\n]\n"


def _safe(cell: Cell) -> Cell:
    return armoured(cell) if isinstance(cell, str) else cell


def _iso(row: ExportRow) -> tuple[object, ...]:
    *facts, added, changed, version = row
    return (*facts, added and added.replace(" ", "T"), changed and changed.replace(" ", "T"), version)
