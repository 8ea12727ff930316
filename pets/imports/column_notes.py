"""What is noted of each column while its rows are read in, for the questions about all of it."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from typing import Any

from pets.fields.birth_dates import BirthEvidence
from pets.fields.cell import Cell, is_blank, says_nothing, shown
from pets.imports.rows_apart import is_note

_VALUES = 200  # different ones that are kept, to guess what kind they are
_DISTINCT = 20_000  # different ones that are told apart, to see whether a column tells its rows apart
_LONE = 40  # rows of a single cell that are kept
_LENGTH = 100  # characters of a value that are kept


@dataclass
class ColumnNotes:
    """What one column of a sheet holds, in all of its rows, headings included."""

    filled: int = 0  # cells that hold something
    first_row: int = 0  # the first of them
    values: list[str] = field(default_factory=list)  # the first different ones, as text
    distinct: int = 0  # how many different ones, up to _DISTINCT
    nothing: dict[str, int] = field(default_factory=dict)  # words for nothing, and how often
    lone: int = 0  # rows that hold this cell and no other
    lones: list[tuple[int, str]] = field(default_factory=list)  # the first of them
    dates: BirthEvidence = field(default_factory=BirthEvidence)

    def __post_init__(self) -> None:
        self._seen: set[int] = set()  # what tells a cell apart, in the least memory

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "ColumnNotes":
        """The notes as they were kept."""
        kept = {**(kept or {})}
        return cls(**{**kept, "dates": BirthEvidence(**kept.pop("dates", {}))})

    @property
    def kept(self) -> dict[str, Any]:
        """The notes as they are kept, without what they do not say."""
        return {name: value for name, value in asdict(self).items() if value and value != _NO_DATES}

    @property
    def tells_rows_apart(self) -> bool:
        """Whether few of its cells are the same, as those of a number or a code are: some came twice."""
        return self.filled > 1 and self.distinct >= min(self.filled, _DISTINCT) * 0.9

    @property
    def all_differ(self) -> bool:
        """Whether no two of its cells are the same, as far as they were told apart."""
        return self.distinct == self.filled

    def without(self, words: Collection[str]) -> "ColumnNotes":
        """The notes without some values, which stand in or above the headings."""
        return replace(self, values=[value for value in self.values if value not in words])

    def observe(self, cells: Sequence[Cell], numbers: Sequence[int]) -> None:
        """Take some of its cells into account; `numbers`: of their rows."""
        if not self.filled:
            place = next((place for place, cell in enumerate(cells) if not is_blank(cell)), 0)
            self.first_row = numbers[place]
        for cell, count in Counter(cells).items():
            if is_blank(cell):
                continue
            self.filled += count
            if len(self._seen) < _DISTINCT and (mark := hash(cell)) not in self._seen:
                self._seen.add(mark)
                self.distinct += 1
                if len(self.values) < _VALUES:
                    self.values.append(shown(cell).strip()[:_LENGTH])
            if says_nothing(cell):
                word = shown(cell).strip()
                self.nothing[word] = self.nothing.get(word, 0) + count
            self.dates.observe(cell, count)


_NO_DATES = asdict(BirthEvidence())


class SheetNotes:
    """The notes of all columns of a sheet, as they are gathered."""

    def __init__(self) -> None:
        self.columns: dict[int, ColumnNotes] = {}

    def observe(self, rows: Sequence[tuple[int, list[Cell]]]) -> None:
        """Take some rows into account."""
        numbers = [number for number, _ in rows]
        for index, cells in enumerate(zip_longest(*(cells for _, cells in rows))):
            if not all(map(is_blank, cells)):
                self.columns.setdefault(index, ColumnNotes()).observe(cells, numbers)
        for number, text, index in _lone(rows):
            notes = self.columns[index]
            notes.lone += 1
            if len(notes.lones) < _LONE:
                notes.lones.append((number, text[:_LENGTH]))

    def kept(self, sheet: int) -> dict[str, dict[str, Any]]:
        """The notes as they are kept, by the sheet and the column."""
        return {f"{sheet} {column}": one.kept for column, one in self.columns.items()}


def _lone(rows: Sequence[tuple[int, list[Cell]]]) -> Iterator[tuple[int, str, int]]:
    """(number, text, column) of the rows with a single cell that may be a section's heading."""
    for number, cells in rows:
        if all(map(is_blank, cells[:-1])) and not is_note(text := shown(cells[-1]).strip()):
            yield number, text, len(cells) - 1
