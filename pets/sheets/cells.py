"""What every sheet speaks: cells, rows, their limits, and the one exception that tells a person what to
do."""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time
from functools import lru_cache
from math import isfinite
from types import MappingProxyType
from typing import NamedTuple

from pets.fields.cell import Cell, is_blank
from pets.language import gettext as _, number

Row = tuple[int, list[Cell]]

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 100
MAX_CELL = 32_767  # Excel's own limit on the text in a cell


class Merged(NamedTuple):
    """Cells of one column that were made one over several rows."""

    top: int  # row numbers
    bottom: int
    column: int  # the first is 1


class Source:
    """Where the rows of a sheet come from: a file of one kind, or what was pasted.

    notes: sentences to show beside it; sheet_names: of a workbook, else ("",); counts_from_1904: whether its
    serial dates do; encoding: of a text; spellings: the encodings it may be in, where that is not sure, with
    a line that differs. Of the sheet being read: `merged`, known with its first row; and `aside`, the rows so
    far that the file itself sets apart (row number → "hidden", "struck" out, or "total" of a table). `struck`
    are the single cells that are struck out.
    """

    notes: tuple[str, ...] = ()
    sheet_names: tuple[str, ...] = ("",)
    counts_from_1904 = False
    encoding = ""
    spellings: Mapping[str, str] = MappingProxyType({})

    def __init__(self) -> None:
        self.merged: list[Merged] = []
        self.aside: dict[int, str] = {}
        self.struck: list[str] = []

    def begin(self) -> None:
        """Forget what was noted of the sheet that was read before."""
        self.merged.clear()
        self.aside.clear()

    def noted(self, row: Row, hidden: bool, struck: Sequence[int]) -> Row:
        """The row; noted are whether it is hidden, and the columns (the first is 1) of its cells that are
        struck out: all, or some."""
        number, cells = row
        if hidden:
            self.aside[number] = "hidden"
        if struck and len(struck) == sum(not is_blank(cell) for cell in cells):
            self.aside.setdefault(number, "struck")
        elif struck:
            self.struck += [f"{column_letter(column - 1)}{number}" for column in struck]
        return row

    def rows(self, name: str) -> Generator[Row, None, None]:
        """(row number, cells) of each row of one of its sheets."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file."""


class SheetProblem(Exception):
    """A sheet that cannot be read as it is; the message is a sentence that says what to do."""


def column_letter(index: int) -> str:
    """The name a spreadsheet gives the column at `index` (0 is A, 26 is AA)."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


@lru_cache(1_000)
def column_number(letters: str) -> int:
    """The number of the column with this name (A is 1, AA is 27). Raises ValueError; the last is XFD."""
    if len(letters) > 3:  # a million of them take minutes to reckon with
        raise ValueError(letters[:10])
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        number = number * 26 + ord(letter) - 64
    return number


def unlike(name: str, others: Collection[str]) -> str:
    """The name of a sheet, made another than those of the others."""
    while name in others:
        name += " (2)"
    return name


def hidden_sheets(names: Collection[str]) -> tuple[str, ...]:
    """What is said of the sheets that a file does not show."""
    told = _("Hidden sheets are left out: %(sheets)s.", sheets=", ".join(names))
    return (told,) if names else ()


def finite(cell: Cell) -> Cell:
    """The cell, or its text where it is a number without end, which JSON does not know."""
    return str(cell) if isinstance(cell, float) and not isfinite(cell) else cell


def day_cell(told: object) -> Cell:
    """A moment as a cell: the day alone at midnight; what is no day, such as a duration, as text."""
    if isinstance(told, datetime):
        return told.date() if told.time() == time() else told
    return told if isinstance(told, date) else str(told)


def too_long(row: int, index: int) -> SheetProblem:
    """The refusal of a cell that holds more than a spreadsheet allows."""
    return SheetProblem(
        _(
            "Row %(row)s, column %(column)s holds more than %(most)s characters. Shorten that cell (a "
            "missing quotation mark can also join many cells into one), then try again.",
            row=row,
            column=column_letter(index),
            most=number(MAX_CELL),
        )
    )


def too_wide(row: int, columns: int) -> SheetProblem:
    """The refusal of a row with more columns than a list of pets has."""
    return SheetProblem(
        _(
            "Row %(row)s has %(columns)s columns, and a sheet may have %(most)s. "
            "Remove the columns that are not about pets, then try again.",
            row=row,
            columns=number(columns),
            most=MAX_COLUMNS,
        )
    )


def bounded(rows: Generator[Row, None, None]) -> Iterator[Row]:
    """The rows that hold something, without trailing blank cells, within the limits.

    Row numbers are kept, so the blank rows left out can be counted from the gaps.
    Raises SheetProblem for more than MAX_ROWS rows (and one of headings), MAX_COLUMNS columns or MAX_CELL
    characters in a cell.
    """
    count = 0
    with closing(rows):  # what a reader has open is let go of when a limit is met in the middle
        for row, cells in rows:
            while cells and is_blank(cells[-1]):
                cells.pop()
            if not cells:
                continue
            count += 1
            if count > MAX_ROWS + 1:
                raise SheetProblem(
                    _(
                        "This sheet has more than %(most)s rows. Split it into smaller sheets and import "
                        "them one by one.",
                        most=number(MAX_ROWS),
                    )
                )
            if len(cells) > MAX_COLUMNS:
                raise too_wide(row, len(cells))
            for index, cell in enumerate(cells):
                if isinstance(cell, str) and len(cell) > MAX_CELL:
                    raise too_long(row, index)
            yield row, cells
