"""SpreadsheetML 2003: a workbook as a single XML file, which many programs write and call .xls. Streamed."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pets.fields.cell import Cell, Damaged, is_blank, meant
from pets.language import gettext as _
from pets.sheets.cells import MAX_COLUMNS, Merged, Row, SheetProblem, Source, day_cell, too_wide, unlike
from pets.sheets.number_formats import PLAIN, NumberFormat, number_format
from pets.sheets.read_zip import damaged, readable
from pets.sheets.xlsx_rows import EXCEL_ROWS, number_told
from pets.sheets.xml_events import Attributes, events


class XmlWorkbook(Source):
    """The worksheets of such a file."""

    def __init__(self, path: Path) -> None:
        """Raises SheetProblem for one that cannot be read, or has no sheet with cells."""
        super().__init__()
        self._path = path
        heard = _Cells(self.merged)
        for _row in self._heard(heard):
            pass
        self._places: dict[str, int] = {}
        for place, name in heard.names.items():
            self._places[unlike(name, self._places)] = place
        if not self._places:
            raise SheetProblem(_("This workbook has no sheet with cells. Choose another file."))
        self.sheet_names, self.counts_from_1904 = tuple(self._places), heard.from_1904

    def rows(self, name: str) -> Generator[Row, None, None]:
        """(row number, cells) of each row of one sheet."""
        yield from (self.noted(*told) for told in self._heard(_Cells(self.merged, self._places[name])))

    def _heard(self, cells: "_Cells") -> Iterator[tuple[Row, bool, list[int]]]:
        with readable(), self._path.open("rb") as file:
            for _pause in events(file, cells.start, cells.end, cells.text):
                yield from cells.found
                cells.found.clear()


class _Cells:
    """Hears the rows of all sheets, or of one. `found`: each row, if it is hidden, and the columns of those
    cells that are struck out; `names`: of the sheets that have some."""

    def __init__(self, merged: list[Merged], only: int = 0) -> None:
        """only: the number of a sheet; the first is 1."""
        self.found: list[tuple[Row, bool, list[int]]] = []
        self.names: dict[int, str] = {}
        self.from_1904 = False
        self._merged, self._only = merged, only
        self._formats: dict[str, NumberFormat] = {}
        self._strikes: set[str] = set()
        self._style, self._name, self._sheet, self._comment = "", "", 0, False
        self._number, self._row, self._hidden, self._struck = 0, list[Cell](), False, list[int]()
        self._column, self._cell_told, self._kind = 0, Attributes(), "String"
        self._text: list[str] = []
        self.text = self._text.append

    def start(self, name: str, told: Attributes) -> None:
        """An element begins."""
        told = {key.rpartition(":")[2]: value for key, value in told.items()}
        if name == "Style":
            self._style = told.get("ID", "")
        elif name == "NumberFormat":
            self._formats[self._style] = number_format(told.get("Format", "General"))
        elif name == "Font" and told.get("StrikeThrough") == "1" and not self._sheet:
            self._strikes.add(self._style)
        elif name == "Worksheet":
            self._sheet, self._name, self._number = self._sheet + 1, told.get("Name", ""), 0
        elif name == "Row":
            number = int(told.get("Index", self._number + 1))
            if not self._number < number <= EXCEL_ROWS:
                raise damaged()
            self._number, self._row, self._struck, self._column = number, [], [], 0
            self._hidden = told.get("Hidden") == "1"
        elif name == "Cell":
            self._column, self._cell_told = int(told.get("Index", self._column + 1)), told
            self._text.clear()
        elif name == "Data" and not self._comment:
            self._kind = told.get("Type", "String")
            self._text.clear()
        elif name == "Comment":
            self._comment = True

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "Data" and not self._comment:
            self._add("".join(self._text))
        elif name == "Comment":
            self._comment = False
        elif name == "Cell":
            self._column += int(self._cell_told.get("MergeAcross", "0"))
        elif name == "Row" and self._row and self._only in (0, self._sheet):
            self.names.setdefault(self._sheet, self._name)
            self.found.append(((self._number, self._row), self._hidden, self._struck))
        elif name == "Date1904":
            self.from_1904 = True

    def _add(self, text: str) -> None:
        style, column = self._cell_told.get("StyleID", ""), self._column
        cell = self._cell(text, self._formats.get(style, PLAIN))
        if is_blank(cell):
            return
        if column > MAX_COLUMNS:
            raise too_wide(self._number, column)
        if column <= len(self._row):
            raise damaged()
        self._row += [*[None] * (column - 1 - len(self._row)), cell]
        if down := int(self._cell_told.get("MergeDown", "0")):
            self._merged.append(Merged(self._number, self._number + down, column))
        if style in self._strikes:
            self._struck.append(column)

    def _cell(self, text: str, form: NumberFormat) -> Cell:
        if self._kind == "Number":
            return number_told(text, form, self.from_1904)
        if self._kind == "Boolean":
            return text.strip() == "1"
        if self._kind == "Error":
            return Damaged(text)
        if self._kind == "DateTime":
            with suppress(ValueError):
                return day_cell(datetime.fromisoformat(text))
        return meant(text)
