"""XLSX: the sheets of a workbook and the cells of one of them, read with openpyxl, streamed.

Formulas give the value they last had; there is no way to run one.
"""

import warnings
from collections.abc import Generator
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS
from openpyxl.xml.functions import iterparse

from pets.fields.cell import Cell, is_blank
from pets.sheets.cells import MAX_COLUMNS, Row, SheetProblem, Source, finite, too_wide
from pets.sheets.escapes import unescaped
from pets.sheets.read_zip import UNREADABLE, Package, damaged, refusal

MAX_STRINGS = 1_500_000
MAX_STRING_CHARACTERS = 60_000_000
EXCEL_ROWS = 1_048_576

# openpyxl tells of each feature of a workbook that it would not write again; nothing is written here.
warnings.filterwarnings("ignore", module="openpyxl")


class Workbook(Source):
    """The visible worksheets of an XLSX; chart sheets and hidden ones are left out."""

    def __init__(self, path: Path) -> None:
        """Raises SheetProblem for a workbook that cannot be read, or has no sheet with cells."""
        self._package = Package(path)
        try:
            self._reader = _Reader(self._package)
            self._reader.read()
            if not self._reader.parts:
                raise SheetProblem("This workbook has no sheet with cells. Choose another file.")
        except (SheetProblem, *UNREADABLE) as error:
            self.close()
            raise refusal(error) from error
        self.sheet_names = tuple(self._reader.parts)
        self.counts_from_1904 = self._reader.wb.epoch == CALENDAR_MAC_1904

    def rows(self, name: str) -> Generator[Row, None, None]:
        """(row number, cells) of each row of one sheet that is stored."""
        last = 0
        with closing(self._reader.rows(name)) as rows:
            for number, cells in rows:
                if not last < number <= EXCEL_ROWS:
                    raise damaged()
                last = number
                yield number, _row(number, cells)
        self.notes = _notes(sum(self._reader.unreckoned.values()))

    def close(self) -> None:
        """Let go of the file."""
        self._package.close()


class _Reader(ExcelReader):  # type: ignore[misc]
    """openpyxl's reader on our own package, for the cells alone.

    Shared strings are kept as they stand in the file: openpyxl takes "x005F_" out of them but leaves other
    escapes, after which "_x0041_" might be an A or those seven characters.
    """

    def __init__(self, package: Package) -> None:
        super().__init__(package.fp, read_only=True, data_only=True, keep_links=False)
        self.archive = package
        self.unreckoned: dict[str, int] = {}  # formulas without a result, by the sheet they were met in

    def read(self) -> None:
        """What the cells need, and no properties, themes or names."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        self.read_worksheets()

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is None or part.PartName[1:] not in self.valid_files:
            return
        characters = 0
        with self.archive.open(part.PartName[1:]) as stream:
            for _, node in iterparse(stream):
                if node.tag.endswith("}si"):
                    text = Text.from_tree(node).content
                    characters += len(text)
                    if len(self.shared_strings) == MAX_STRINGS or characters > MAX_STRING_CHARACTERS:
                        raise _too_much_text()
                    self.shared_strings.append(text)
                    self.archive.counted()
                    node.clear()

    def read_worksheets(self) -> None:
        """Only find them. openpyxl would parse one that does not tell its size to the end, to learn it."""
        self.parts = {
            sheet.name: link.target
            for sheet, link in self.parser.find_sheets()
            if link.Type.endswith("/worksheet")
            and sheet.state == "visible"
            and link.target in self.valid_files
        }

    def rows(self, name: str) -> Generator[tuple[int, list[dict[str, Any]]], None, None]:
        """The rows of one sheet, as openpyxl's parser has them."""
        book = self.wb
        try:
            with self.archive.open(self.parts[name]) as part:
                parser = _Parser(
                    part,
                    self.shared_strings,
                    data_only=True,
                    epoch=book.epoch,
                    date_formats=book._date_formats,
                    timedelta_formats=book._timedelta_formats,
                )
                for row in parser.parse():
                    self.archive.counted()
                    yield row
                self.unreckoned[name] = parser.unreckoned
        except UNREADABLE as error:
            raise refusal(error) from error


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's parser of one sheet, which counts the formulas that nobody has reckoned.

    A program that writes workbooks leaves that to the spreadsheet. (Text may well come out empty.)
    """

    unreckoned = 0

    def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
        number, cells = super().parse_row(row)
        for element, cell in zip(row, cells, strict=True):
            if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
                self.unreckoned += 1
        return number, cells


def _row(number: int, cells: list[dict[str, Any]]) -> list[Cell]:
    row: list[Cell] = []
    for cell in cells:
        value, column = _cell(cell["value"]), cell["column"]
        if is_blank(value):
            continue
        if column > MAX_COLUMNS:
            raise too_wide(number, column)
        if column <= len(row):
            raise damaged()
        row += [None] * (column - 1 - len(row)) + [value]
    return row


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, (int, bool)):
        return value
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    return value if isinstance(value, date) else str(value)


def _notes(unreckoned: int) -> tuple[str, ...]:
    if not unreckoned:
        return ()
    cells, count = "One cell holds a formula", "counts"
    if unreckoned > 1:
        cells, count = f"{unreckoned:,} cells hold formulas", "count"
    return (
        f"{cells} without a result, and {count} as empty. Open the workbook in a spreadsheet, save it and "
        "bring it in again.",
    )


def _too_much_text() -> SheetProblem:
    return SheetProblem(
        "This workbook holds far more text than a list of pets. Copy the list into a new workbook and "
        "try that."
    )
