"""Several sheets of a workbook as one: those that hold pets, one below the other, each row with its sheet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pets.fields.cell import Cell
from pets.fields.text import plain
from pets.imports.column_notes import SheetNotes
from pets.imports.columns import Columns, Headings
from pets.imports.mapping import NOTHING_SAID
from pets.imports.rows_apart import type_of_sheet
from pets.imports.sheet_plan import SheetPlan
from pets.imports.upload_rows import ASKED_ABOUT, CHUNK, Import
from pets.language import gettext as _, quoted
from pets.sheets.cells import MAX_COLUMNS, MAX_ROWS

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
    together, count, last = len(record.sheets), 0, 1
    notes, parts = SheetNotes(), list[tuple[int, int, str]]()
    kept = _Together(record, lists, keys)
    _keep(record, together, [(1, kept.headings)], notes, {})
    for place, columns in lists.items():
        record.sheet, shift = place, last - columns.heading_row
        parts.append((last + 1, shift, record.sheets[place]))
        rows = record.rows(after=columns.heading_row)
        while chunk := list(islice(rows, CHUNK)):
            aside = {row.number + shift: row.aside for row in chunk if row.aside}
            _keep(
                record,
                together,
                [(row.number + shift, kept.cells(place, row.cells)) for row in chunk],
                notes,
                aside,
            )
            last, count = chunk[-1].number + shift, count + len(chunk)
            yield count
    record.noted = {**record.noted, **notes.kept(together)}
    for told in ASKED_ABOUT.values():
        count = sum(record.hidden.get(told(place), 0) for place in lists)
        record.hidden = {**record.hidden, told(together): count}
    record.parts = {str(together): parts}
    record.sheets, record.sheet = [*record.sheets, TOGETHER], together
    others = [quoted(name) for place, name in enumerate(record.sheets[:together]) if place not in lists]
    if others:
        note = _("“All sheets” leaves out %(sheets)s.", sheets=", ".join(others))
        record.notes = [*record.notes, note]


class _Together:
    """The columns of several sheets as one: those of the same heading are the same."""

    def __init__(self, record: Import, lists: Mapping[int, Columns], keys: list[str]) -> None:
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
        self.headings: list[Cell] = [*(named[key] for key in keys), "Sheet" if has_types else "Type"]

    def cells(self, place: int, cells: list[Any]) -> list[Any]:
        """The cells of a row of one of the sheets, and what its sheet is called."""
        found: list[Any] = [None] * len(self.headings)
        for at, cell in zip(self._places[place], cells, strict=False):
            found[at] = cell
        found[-1] = self._last[place]
        return found


def _keep(
    record: Import, place: int, rows: list[tuple[int, list[Any]]], notes: SheetNotes, aside: Mapping[int, str]
) -> None:
    record.keep(place, rows, aside)
    notes.observe(rows)


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
