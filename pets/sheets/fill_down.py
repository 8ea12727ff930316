"""What a cell says of the rows below it: one that is merged over them, or repeated by a ditto mark."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, repeat

from pets.fields.cell import DITTO, DITTO_WORDS, Cell, Damaged, Ditto, is_blank, shown
from pets.language import ngettext
from pets.sheets.cells import Merged, Row, column_letter

_OF_NAMES = re.compile("nam|nom|jm|imi", re.IGNORECASE)  # a pet may well be called Ditto


class FillDown:
    """Fills the rows of one sheet as they pass; `notes` then say what was filled."""

    def __init__(self) -> None:
        self._marks: Counter[int] = Counter()
        self._merges: Counter[int] = Counter()

    @property
    def notes(self) -> Iterator[str]:
        """A sentence for each column that was filled."""
        for at, count in sorted(self._merges.items()):
            yield ngettext(
                "Column %(column)s has merged cells: one row below them got the same.",
                "Column %(column)s has merged cells: %(num)s rows below them got the same.",
                count,
                column=column_letter(at),
            )
        for at, count in sorted(self._marks.items()):
            yield ngettext(
                "Column %(column)s has ditto marks: one row got what is above it.",
                "Column %(column)s has ditto marks: %(num)s rows got what is above them.",
                count,
                column=column_letter(at),
            )

    def rows(self, rows: Iterable[Row], merged: list[Merged]) -> Iterator[Row]:
        """The rows, filled. merged: may grow while they pass."""
        first: list[Cell] = []
        above: list[Cell] = []
        coming: list[Merged] = []
        open_ones: dict[int, tuple[int, Cell]] = {}
        known = 0
        for number, cells in rows:
            if above and not DITTO.isdisjoint(cells):
                self._repeat(cells, above, first)
            if open_ones:
                self._fill(number, cells, open_ones)
            if known < len(merged):
                coming = sorted([*coming, *merged[known:]], reverse=True)
                known = len(merged)
            while coming and coming[-1].top <= number:
                top, bottom, column = coming.pop()
                if top == number and column <= len(cells) and not is_blank(cells[column - 1]):
                    open_ones[column - 1] = (bottom, cells[column - 1])
            first, above = first or cells, cells
            yield number, cells

    def _repeat(self, cells: list[Cell], above: list[Cell], first: list[Cell]) -> None:
        for at, (cell, over) in enumerate(zip(cells, chain(above, repeat(None)), strict=False)):
            if isinstance(cell, Ditto):
                if cell in DITTO_WORDS and at < len(first) and _OF_NAMES.search(shown(first[at])):
                    continue
                if is_blank(over) or isinstance(over, Damaged):
                    cells[at] = Damaged(cell)  # or it would become a type that is called "
                else:
                    cells[at] = over
                    self._marks[at] += 1

    def _fill(self, number: int, cells: list[Cell], open_ones: dict[int, tuple[int, Cell]]) -> None:
        for at, (bottom, cell) in [*open_ones.items()]:
            if number > bottom:
                del open_ones[at]
            elif at >= len(cells) or is_blank(cells[at]):
                cells += [None] * (at + 1 - len(cells))
                cells[at] = cell
                self._merges[at] += 1
