"""The XML of one worksheet, tag by tag, into rows of cells."""

from datetime import date, datetime

from pets.sheets.cells import MAX_CELL, MAX_COLUMNS, Cell, Row, is_blank, too_long, too_wide
from pets.sheets.dates import from_serial
from pets.sheets.escapes import unescaped
from pets.sheets.package import damaged

_EXCEL_ROWS = 1_048_576
_MAX_RAW = MAX_CELL * 7  # every character may be written _xHHHH_


class Worksheet:
    """Takes the tags of a worksheet as expat meets them, and gives the rows that are complete."""

    def __init__(self, strings: list[str], days: set[str], from_1904: bool) -> None:
        self._strings, self._days, self._from_1904 = strings, days, from_1904
        self._rows: list[Row] = []
        self._row: list[Cell] = []
        self._number = self._length = 0
        self._column = -1
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._keeps = self._phonetic = False
        self._columns: dict[str, int] = {}

    def taken(self) -> list[Row]:
        """The rows that are complete; each is given once."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name[name.find(":") + 1 :]
        if name == "c":
            reference = attributes.get("r")
            self._column = self._column + 1 if reference is None else self._column_of(reference)
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._parts = []
            self._length = 0
        elif name == "v" or name == "t":
            self._keeps = not self._phonetic
        elif name == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isdecimal() and len(number) < 8 else self._number + 1
            if not 0 < self._number <= _EXCEL_ROWS:
                raise damaged()
            self._row = []
            self._column = -1
        elif name == "rPh":
            self._phonetic = True

    def text(self, data: str) -> None:
        if self._keeps:
            self._parts.append(data)
            self._length += len(data)
            if self._length > _MAX_RAW:
                raise too_long(self._number, self._column)

    def end(self, name: str) -> None:
        name = name[name.find(":") + 1 :]
        if name == "v" or name == "t":
            self._keeps = False
        elif name == "c":
            if self._parts:
                self._put(self._value("".join(self._parts)))
        elif name == "row":
            self._rows.append((self._number, self._row))
        elif name == "rPh":
            self._phonetic = False

    def _put(self, value: Cell) -> None:
        row, gap = self._row, self._column - len(self._row)
        if self._column >= MAX_COLUMNS:
            if is_blank(value):
                return
            raise too_wide(self._number, self._column + 1)
        if gap < 0:
            raise damaged()
        if gap:
            row.extend([None] * gap)
        row.append(value)

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            if not (letters.isascii() and letters.isalpha() and len(letters) < 4):
                raise damaged()
            column = 0
            for letter in letters.upper():
                column = column * 26 + ord(letter) - 64
            column = self._columns[letters] = column - 1
        return column

    def _value(self, text: str) -> Cell:
        kind = self._kind
        if kind == "s":
            if not (text.isdecimal() and len(text) < 9 and int(text) < len(self._strings)):
                raise damaged()
            return self._strings[int(text)]
        if kind == "n":
            return self._number_of(text)
        if kind == "b":
            return text in ("1", "true")
        if kind == "d":
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return text
            return moment.replace(tzinfo=None) if "T" in text else moment.date()
        return unescaped(text)  # inlineStr, str (a formula's text), e (an error such as #REF!)

    def _number_of(self, text: str) -> int | float | date | datetime | str:
        if text.removeprefix("-").isdecimal() and len(text) < 20:
            number: int | float = int(text)
        else:
            try:
                number = float(text)
            except ValueError:
                return text
            if number - number != 0:  # infinite, or not a number
                return text
        if self._style in self._days:
            return from_serial(number, self._from_1904) or number
        return number
