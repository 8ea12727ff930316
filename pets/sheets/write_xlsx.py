"""Pets going out as XLSX, written by openpyxl: the workbook is complete before its first byte is sent.

openpyxl wants a temporary file for each sheet and a second pass to pack them. 100,000 pets take 10 s and
10 MB of memory.
"""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from pets.fields.catalogue import catalogue
from pets.fields.cell import Cell
from pets.sheets.escapes import escaped, is_formula
from pets.sheets.write_csv import YES_NO, ExportRow, export_columns

MAX_PETS = 1_048_575  # a sheet ends at row 1,048,576, the first are headings; more pets go on a further sheet
_FIRST_SAFE_DAY = date(1900, 3, 1)  # Excel counts a 29 February 1900, and nothing before that year
_CHUNK = 65_536

Columns = dict[int, tuple[str, int]]  # by their place: the heading and the width, in characters


def xlsx_chunks(rows: Iterable[ExportRow]) -> Iterator[bytes]:
    """A workbook with a frozen row of headings, a filter and real dates.

    Days before March 1900, which Excel does not know, are written as ISO text. Every text is a string,
    never a formula.
    """
    widths = (8, *(width for field in catalogue().asked for width in field.exported.values()), 19, 19, 8)
    columns = dict(enumerate(zip(export_columns(), widths, strict=True), 1))
    book = Workbook(write_only=True)
    with tempfile.TemporaryFile() as file:
        try:
            remaining = iter(rows)
            more: list[ExportRow] = []
            while more or not book.worksheets:
                _write(book, columns, islice(chain(more, remaining), MAX_PETS))
                more = list(islice(remaining, 1))
        finally:
            book.save(file)  # also where it breaks off: that takes openpyxl's own files away
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write(book: Workbook, columns: Columns, rows: Iterable[ExportRow]) -> None:
    place = len(book.worksheets) + 1
    sheet = book.create_sheet("pets" if place == 1 else f"pets {place}")
    sheet.freeze_panes = "A2"
    for place, (_, width) in columns.items():
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_heading(sheet, heading) for heading, _ in columns.values()])
    number = 1
    for row in rows:
        number += 1
        pet_id, *cells, added, changed, version = row
        moments = (one and datetime.fromisoformat(one[:19]) for one in (added, changed))
        sheet.append((pet_id, *(_cell(sheet, cell) for cell in cells), *moments, version))
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{number}"


def _heading(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # an own field may be called "=1+1"
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    """A cell, its text as text: openpyxl would take "=1+1" for a formula and "#N/A" for an error."""
    if isinstance(value, bool):
        return YES_NO[value]
    if isinstance(value, date) and value < _FIRST_SAFE_DAY:
        return value.isoformat()
    if not isinstance(value, str):
        return value
    text = escaped(value)
    if not is_formula(text) and text not in ERROR_CODES:
        return text or None
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = is_formula(text)
    return cell
