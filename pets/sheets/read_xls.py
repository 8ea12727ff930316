"""Old Excel workbooks (.xls), read with xlrd, which keeps what formats and hidden rows say.

The whole workbook is in memory: at most 65,536 rows a sheet, and 20 MB of a file.
"""

import io
import struct
from collections.abc import Generator
from pathlib import Path
from typing import Any

import xlrd

from pets.fields.cell import Cell, Damaged, is_blank, meant
from pets.language import gettext as _
from pets.sheets.cells import MAX_COLUMNS, Merged, Row, SheetProblem, Source, hidden_sheets, too_wide
from pets.sheets.number_formats import number_format
from pets.sheets.read_zip import UNREADABLE, damaged, locked
from pets.sheets.xlsx_rows import number_cell

_UNREADABLE = (*UNREADABLE, AssertionError, struct.error, xlrd.XLRDError, xlrd.compdoc.CompDocError)


class OldWorkbook(Source):
    """The visible worksheets of an .xls."""

    def __init__(self, path: Path) -> None:
        """Raises SheetProblem for a workbook that cannot be read, or has no sheet with cells."""
        super().__init__()
        try:
            self._book = xlrd.open_workbook(
                str(path), formatting_info=True, ragged_rows=True, logfile=io.StringIO()
            )
            sheets = {sheet.name: sheet for sheet in self._book.sheets()}
        except _UNREADABLE as error:
            raise (locked() if "encrypted" in str(error) else damaged()) from error
        self._sheets = {name: sheet for name, sheet in sheets.items() if not sheet.visibility and sheet.nrows}
        hidden = [name for name, sheet in sheets.items() if sheet.visibility and sheet.nrows]
        if not self._sheets:
            raise SheetProblem(_("This workbook has no sheet with cells. Choose another file."))
        self.sheet_names = tuple(self._sheets)
        self.notes = hidden_sheets(hidden)
        self._strikes = {font.font_index for font in self._book.font_list if font.struck_out}
        self.counts_from_1904 = bool(self._book.datemode)

    def rows(self, name: str) -> Generator[Row, None, None]:
        """(row number, cells) of each row of one sheet."""
        sheet = self._sheets[name]
        self.merged += [
            Merged(top + 1, bottom, left + 1)
            for top, bottom, left, _ in sheet.merged_cells
            if bottom - top > 1
        ]
        for at in range(sheet.nrows):
            cells = [self._cell(sheet, cell) for cell in sheet.row(at)]
            if any(cell is not None for cell in cells[MAX_COLUMNS:]):
                raise too_wide(at + 1, len(cells))
            hidden = at in sheet.rowinfo_map and bool(sheet.rowinfo_map[at].hidden)
            struck = self._struck(sheet, at, cells) if self._strikes else ()
            yield self.noted((at + 1, cells[:MAX_COLUMNS]), hidden, struck)

    def _struck(self, sheet: Any, at: int, cells: list[Cell]) -> list[int]:
        """The columns of the cells of a row that are struck out; the first is 1."""
        told = zip(sheet.row(at), cells, strict=True)
        return [
            place
            for place, (cell, value) in enumerate(told, 1)
            if not is_blank(value) and self._book.xf_list[cell.xf_index].font_index in self._strikes
        ]

    def close(self) -> None:
        """Let go of the file."""
        self._book.release_resources()

    def _cell(self, sheet: Any, cell: Any) -> Cell:
        if cell.ctype == xlrd.XL_CELL_TEXT:
            return meant(cell.value) if cell.value else None
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return Damaged(xlrd.error_text_from_code.get(cell.value, "#N/A"))
        if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
            style = self._book.xf_list[cell.xf_index]
            code = self._book.format_map[style.format_key].format_str
            whole = cell.value.is_integer() and abs(cell.value) < 1e15
            return number_cell(
                int(cell.value) if whole else cell.value, number_format(code), self.counts_from_1904
            )
        return None
