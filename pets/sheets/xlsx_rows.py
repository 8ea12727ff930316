"""The rows of one sheet of an XLSX, from the events of its XML."""

from collections.abc import Container, Sequence
from functools import lru_cache
from typing import NamedTuple

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from pets.fields.cell import Cell, Damaged, is_blank, meant
from pets.sheets.cells import MAX_COLUMNS, Row, column_number, day_cell, finite, too_wide
from pets.sheets.escapes import unescaped
from pets.sheets.number_formats import PLAIN, NumberFormat
from pets.sheets.read_zip import damaged
from pets.sheets.xml_events import Attributes

EXCEL_ROWS = 1_048_576
_DIGITS = "0123456789"


class Style(NamedTuple):
    """What the style of a cell says of what is in it."""

    format: NumberFormat = PLAIN
    is_text: bool = False  # marked as text, so that it is no error or number, whatever it looks like
    is_struck: bool = False


class XlsxRows:
    """Hears the events of a sheet; `found` are the rows that ended since it was emptied, each with whether it
    is hidden, and the columns of its cells that are struck out (the first is 1)."""

    def __init__(
        self, strings: Sequence[str], styles: Sequence[Style], from_1904: bool, struck: Container[int]
    ) -> None:
        """from_1904: whether days are counted from there; struck: the places of those strings that are struck
        out in themselves."""
        self.found: list[tuple[Row, bool, list[int]]] = []
        self._strikes = {str(place) for place, style in enumerate(styles) if style.is_struck}
        self._struck_strings, self._struck = struck, list[int]()
        self.unreckoned = 0  # formulas without a result: who writes workbooks leaves that to the spreadsheet
        self._strings, self._styles, self._from_1904 = strings, styles, from_1904
        self._text: list[str] = []
        self._parts: list[str] = []
        self._row: list[Cell] = []
        self._number = self._column = 0
        self._hidden = self._formula = self._spoken = False
        self._value: str | None = None
        self._kind, self._style = "n", ""
        self.text = self._text.append

    def start(self, name: str, told: Attributes) -> None:
        """An element begins."""
        if name == "c":
            self._kind, self._style = told.get("t", "n"), told.get("s", "")
            self._value, self._formula = None, False
            self._column = column_number(told["r"].rstrip(_DIGITS)) if "r" in told else self._column + 1
            if self._parts:
                self._parts.clear()
        elif name == "v" or name == "t":
            self._text.clear()
        elif name == "row":
            number = int(told["r"]) if "r" in told else self._number + 1
            if not self._number < number <= EXCEL_ROWS:
                raise damaged()
            self._number, self._row, self._column, self._struck = number, [], 0, []
            self._hidden = told.get("hidden") in ("1", "true")
            self._text.clear()
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._spoken = True

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "c":
            self._add()
        elif name == "v":
            self._value = "".join(self._text)
        elif name == "t":
            if not self._spoken:
                self._parts += self._text
        elif name == "row":
            self.found.append(((self._number, self._row), self._hidden, self._struck))
        elif name == "rPh":
            self._spoken = False

    def _add(self) -> None:
        cell = self._cell()
        if is_blank(cell):
            return
        column, row = self._column, self._row
        if column > MAX_COLUMNS:
            raise too_wide(self._number, column)
        missing = column - 1 - len(row)
        if missing < 0:
            raise damaged()
        if missing:
            row += [None] * missing
        row.append(cell)
        if self._style in self._strikes or (
            self._kind == "s" and self._struck_strings and int(self._value or 0) in self._struck_strings
        ):
            self._struck.append(column)

    def _cell(self) -> Cell:
        kind, value = self._kind, self._value
        if kind == "inlineStr":
            return self._told(unescaped("".join(self._parts)))
        if value is None or value == "":
            self.unreckoned += self._formula and kind != "str"
            return None
        if kind == "s":
            return self._told(self._strings[int(value)])
        if kind == "str":
            return self._told(unescaped(value))
        if kind == "n":
            form = self._styles[int(self._style)].format if self._style else PLAIN
            return number_told(value, form, self._from_1904)
        if kind == "b":
            return value.strip() in ("1", "true")
        if kind == "e":
            return Damaged(value)
        if kind == "d":
            return day_cell(from_ISO8601(value))
        raise damaged()

    def _told(self, text: str) -> Cell:
        is_text = self._style and self._styles[int(self._style)].is_text
        return text if is_text else meant(text)


def number_cell(number: float, form: NumberFormat, from_1904: bool) -> Cell:
    """What a number stands for: a day, a text with its unit or zeros, or itself. from_1904: whether days are
    counted from there."""
    if form.is_date:
        return _moment(number, form, from_1904)
    if isinstance(number, float) and 1e15 <= abs(number) < 1e300:
        return Damaged(f"{number:G}")  # a workbook keeps 15 digits
    return form.text(number) or finite(number)


@lru_cache(10_000)
def number_told(value: str, form: NumberFormat, from_1904: bool) -> Cell:
    """The same of a number as XML has it. Raises ValueError."""
    return number_cell(int(value) if value.lstrip("-").isdecimal() else float(value), form, from_1904)


def _moment(number: float, form: NumberFormat, from_1904: bool) -> Cell:
    epoch = CALENDAR_MAC_1904 if from_1904 else CALENDAR_WINDOWS_1900
    try:
        return day_cell(from_excel(number, epoch, timedelta=form.is_duration))
    except (OverflowError, ValueError):
        return Damaged("#####")  # as a spreadsheet shows what is no day


def place(reference: str) -> tuple[int, int]:
    """The column and row of a cell: "B7" is (2, 7). Raises ValueError."""
    letters = reference.rstrip(_DIGITS)
    return column_number(letters), int(reference[len(letters) :])
