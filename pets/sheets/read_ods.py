"""OpenDocument: the sheets of an ODS, or of the single XML file that a FODS is, streamed.

LibreOffice writes it, and says of an empty row or cell how often it is repeated: up to a million times.
"""

import re
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import IO

from openpyxl.utils.datetime import from_excel

from pets.fields.cell import Cell, Damaged, is_blank, meant, shown
from pets.language import gettext as _
from pets.sheets.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    Merged,
    Row,
    SheetProblem,
    Source,
    day_cell,
    finite,
    hidden_sheets,
    too_wide,
    unlike,
)
from pets.sheets.read_zip import Package, damaged, locked, readable
from pets.sheets.xml_events import Attributes, events

MOST_WORK = 500_000_000  # bytes of XML: each sheet is looked for from the beginning
_UNIT = re.compile(r"(\D*?)-?\d(?:[\d.,\s]*\d)?(\D*)")  # a number, and what its format adds
_DAY = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")


class OpenDocument(Source):
    """The visible sheets of a document."""

    def __init__(self, path: Path, package: Package | None) -> None:
        """package: the zip that an ODS is. Raises SheetProblem for a document that cannot be read."""
        super().__init__()
        self._package = package
        self._open: Callable[[], IO[bytes]] = (
            (lambda: package.open("content.xml")) if package else lambda: path.open("rb")
        )
        names = _Names()
        with ExitStack() as unless_read, readable():
            unless_read.callback(self.close)
            if package:
                _refuse_other_documents(package)
            for _pause in self._events(names.start, names.end):
                pass
            size = package.getinfo("content.xml").file_size if package else path.stat().st_size
            if not names.visible or size * len(names.visible) > MOST_WORK:
                raise SheetProblem(
                    _(
                        "This document has no sheet with cells, or too many. Save the list alone, as XLSX "
                        "or CSV."
                    )
                )
            unless_read.pop_all()
        self.sheet_names, self._places = tuple(names.visible), names.visible
        self.notes = hidden_sheets(names.hidden)

    def rows(self, name: str) -> Generator[Row, None, None]:
        """(row number, cells) of each row of one sheet that holds something."""
        reader = _Rows(self._places[name], self.merged)
        with readable(), closing(self._events(reader.start, reader.end, reader.text)) as heard:
            for _ in heard:
                for number, cells, times, hidden, struck in reader.found:
                    for again in range(min(times, MAX_ROWS + 2)):
                        yield self.noted((number + again, [*cells]), hidden, struck)
                reader.found.clear()
                if reader.ended:
                    return

    def close(self) -> None:
        """Let go of the file."""
        if self._package:
            self._package.close()

    def _events(
        self,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None],
        text: Callable[[str], None] = lambda _: None,
    ) -> Generator[None, None, None]:
        with self._open() as part:
            for _ in events(part, start, end, text):
                if self._package:
                    self._package.counted()
                yield


class _Names:
    """Hears which sheets there are."""

    def __init__(self) -> None:
        self.visible: dict[str, int] = {}  # with their places
        self.hidden: list[str] = []
        self._unseen: set[str] = set()  # styles of tables that are not shown
        self._style = ""
        self._depth = self._tables = 0

    def start(self, name: str, told: Attributes) -> None:
        if name == "style":
            self._style = told.get("style:name", "")
        elif name == "table-properties" and told.get("table:display") == "false":
            self._unseen.add(self._style)
        elif name == "table":
            self._depth += 1
            if self._depth == 1:
                self._tables += 1
                called = told.get("table:name", "")
                if told.get("table:style-name") in self._unseen:
                    self.hidden.append(called)
                else:
                    self.visible[unlike(called, self.visible)] = self._tables

    def end(self, name: str) -> None:
        self._depth -= name == "table"


class _Rows:
    """Hears the rows of one sheet. `found`: number, cells, how often they stand there, if hidden, and the
    columns of those that are struck out."""

    def __init__(self, place: int, merged: list[Merged]) -> None:
        """place: of the sheet among all, the first is 1."""
        self.found: list[tuple[int, list[Cell], int, bool, list[int]]] = []
        self._style, self._strikes = "", set[str]()  # styles of cells that strike out what is in them
        self.ended = False
        self._place, self._merged = place, merged
        self._depth = self._notes = self._tables = 0
        self._here = False
        self._next, self._row, self._blank = 1, list[Cell](), 0
        self._row_told: Attributes = {}
        self._told: Attributes = {}
        self._lines: list[str] = []
        self._text: list[str] = []
        self.text = self._text.append

    def start(self, name: str, told: Attributes) -> None:
        """An element begins."""
        if name == "table":
            self._depth += 1
            self._tables += self._depth == 1
            self._here = self._depth == 1 and self._tables == self._place
        elif name == "style":
            self._style = told.get("style:name", "")
        elif name == "text-properties" and told.get("style:text-line-through-style", "none") != "none":
            self._strikes.add(self._style)
        elif not self._here:
            self._text.clear()
        elif name == "table-row":
            self._row_told, self._row, self._blank, self._struck = told, [], 0, list[int]()
        elif name in ("table-cell", "covered-table-cell"):
            self._told = told
            self._lines.clear()
        elif name == "p":
            self._text.clear()
        elif name == "s":
            self._text.append(" " * min(int(told.get("text:c", "1")), 1_000))
        elif name in ("tab", "line-break"):
            self._text.append("\t" if name == "tab" else "\n")
        elif name == "annotation":
            self._notes += 1

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "table":
            self.ended = self.ended or (self._here and self._depth == 1)
            self._depth -= 1
            self._here = False
        elif not self._here:
            return
        elif name == "p" and not self._notes:
            self._lines.append("".join(self._text))
        elif name == "annotation":
            self._notes -= 1
        elif name in ("table-cell", "covered-table-cell"):
            self._add(int(self._told.get("table:number-columns-repeated", "1")))
        elif name == "table-row":
            times = int(self._row_told.get("table:number-rows-repeated", "1"))
            if times < 1:
                raise damaged()
            if self._row:
                hidden = self._row_told.get("table:visibility", "visible") != "visible"
                self.found.append((self._next, self._row, times, hidden, self._struck))
            self._next += times

    def _add(self, times: int) -> None:
        cell = _cell(self._told, "\n".join(self._lines))
        if is_blank(cell):
            self._blank += times
            return
        column = len(self._row) + self._blank + 1
        if column + times - 1 > MAX_COLUMNS:
            raise too_wide(self._next, column + times - 1)
        span = int(self._told.get("table:number-rows-spanned", "1"))
        if span > 1:
            self._merged.append(Merged(self._next, self._next + span - 1, column))
        self._row += [None] * self._blank + [cell] * times
        if self._told.get("table:style-name") in self._strikes:
            self._struck += range(column, column + times)
        self._blank = 0


def _cell(told: Attributes, text: str) -> Cell:
    kind = told.get("office:value-type", "string")
    if told.get("calcext:value-type") == "error":
        return Damaged(text)
    if kind in ("float", "currency", "percentage") and "office:value" in told:
        return _number(float(told["office:value"]), text)
    if kind == "date" and "office:date-value" in told:
        return day_cell(datetime.fromisoformat(told["office:date-value"]))
    if kind == "boolean" and "office:boolean-value" in told:
        return told["office:boolean-value"] == "true"
    return meant(told.get("office:string-value") or text)


def _number(number: float, text: str) -> Cell:
    """A number; with its unit or its zeros, where it is shown with them; or the day that it is shown as."""
    whole = int(number) if number.is_integer() and abs(number) < 1e15 else number
    if _DAY.fullmatch(text) and 0 < number < 2_958_466:
        return day_cell(from_excel(number))
    unit = _UNIT.fullmatch(text)
    if unit and any(map(str.isalpha, unit[1] + unit[2])):
        return f"{unit[1]}{shown(whole)}{unit[2]}".strip()
    return text if text[:1] == "0" and text.isdecimal() and int(text) == number else finite(whole)


def _refuse_other_documents(package: Package) -> None:
    with package.open("mimetype") as part:
        if b"spreadsheet" not in part.read(200):
            raise SheetProblem(
                _("This is an OpenDocument file, but no spreadsheet. Save the list as XLSX or CSV.")
            )
    if package.has("META-INF/manifest.xml"):
        with package.open("META-INF/manifest.xml") as part:
            if b"encryption-data" in part.read(1_000_000):
                raise locked()
