"""Several sheets of a workbook as one: those that hold pets, one below the other, each row with its sheet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pets.fields.cell import Cell
from pets.fields.text import plain
from pets.imports.columns import Columns, Headings
from pets.imports.mapping import NOTHING_SAID
from pets.imports.rows_apart import type_of_sheet
from pets.imports.sheet_plan import SheetPlan
from pets.imports.upload_rows import Import
from pets.language import gettext as _, quoted
from pets.sheets.cells import MAX_COLUMNS, MAX_ROWS, Row

TOGETHER = ""  # the name by which it is kept; a page calls it “All sheets”


def choose_sheet(record: Import) -> Iterator[int]:
    """Choose the sheet to begin with: the one with the most known headings. Where several hold pets, one that
    holds all of them is put together behind them, and chosen. Tells how many rows it has so far."""
    found = {place: _columns(record, place) for place in range(len(record.sheets))}
    known = {place: len(columns.mapping) for place, columns in found.items()}
    record.sheet = max(known, key=lambda place: known[place])
    lists = {
        place: columns
        for place, columns in found.items()
        if columns.headings is Headings.FOUND and not columns.missing
    }
    headings = dict.fromkeys(key for columns in lists.values() for key in _keys(columns))
    if len(lists) > 1 and len(headings) < MAX_COLUMNS and _rows_of(record, lists) < MAX_ROWS:
        yield from _put_together(record, lists, [*headings])


def _put_together(record: Import, lists: Mapping[int, Columns], keys: list[str]) -> Iterator[int]:
    """Keep the rows of these sheets once more, behind one row of all their headings."""
    names, sheet = record.sheets, _Together(record, lists, keys)
    yield from record.keep(TOGETHER, sheet.rows(), sheet.aside)
    record.parts, record.sheet = {str(len(names)): sheet.parts}, len(names)
    others = [quoted(name) for place, name in enumerate(names) if place not in lists]
    if others:
        note = _("“All sheets” leaves out %(sheets)s.", sheets=", ".join(others))
        record.notes = [*record.notes, note]


class _Together:
    """Several sheets as one: their columns of the same heading are the same."""

    def __init__(self, record: Import, lists: Mapping[int, Columns], keys: list[str]) -> None:
        self.parts: list[tuple[int, int, str]] = []  # of the rows so far: see Import
        self.aside: dict[int, str] = {}
        self._record, self._lists = record, lists
        named = {
            key: column.heading
            for columns in [*lists.values()][::-1]
            for key, column in zip(_keys(columns), columns.columns, strict=True)
        }
        self._places = {
            place: [keys.index(key) for key in _keys(columns)] for place, columns in lists.items()
        }
        has_types = any("type" in columns.mapping for columns in lists.values())
        names = {place: record.sheets[place] for place in lists}
        self._last = (
            names if has_types else {place: type_of_sheet(name) or name for place, name in names.items()}
        )
        self._headings: list[Cell] = [*(named[key] for key in keys), "Sheet" if has_types else "Type"]

    def rows(self) -> Iterator[Row]:
        """The headings, and then the rows of each sheet below those of the one before."""
        yield 1, self._headings
        last = 1
        for place, columns in self._lists.items():
            self._record.sheet, shift = place, last - columns.heading_row
            self.parts.append((last + 1, shift, self._record.sheets[place]))
            for row in self._record.rows(after=columns.heading_row):
                last = row.number + shift
                if row.aside:
                    self.aside[last] = row.aside
                yield last, self._cells(place, row.cells)

    def _cells(self, place: int, cells: list[Any]) -> list[Any]:
        """The cells of a row of one of the sheets, and what its sheet is called."""
        found: list[Any] = [None] * len(self._headings)
        for at, cell in zip(self._places[place], cells, strict=False):
            found[at] = cell
        found[-1] = self._last[place]
        return found


def _rows_of(record: Import, places: Iterable[int]) -> int:
    chosen, rows = record.sheet, 0
    for record.sheet in places:
        rows += record.total()
    record.sheet = chosen
    return rows


def _columns(record: Import, place: int) -> Columns:
    record.sheet = place
    return SheetPlan(record, NOTHING_SAID).found


def _keys(columns: Columns) -> list[str]:
    """What tells each of the columns from the others: its heading, and which of that heading it is."""
    seen: Counter[str] = Counter()
    keys = []
    for column in columns.columns:
        key = plain(column.heading)
        seen[key] += 1
        keys.append(f"{key} {seen[key]}")
    return keys
