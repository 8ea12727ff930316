"""CSV and pasted cells: which encoding, which delimiter, and the records in them, streamed."""

import io
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from pets.fields.cell import is_blank
from pets.sheets.cells import Row, SheetProblem, Source
from pets.sheets.encodings import REPAIRED, UTF_8, Encoding, encoding_of, repaired
from pets.sheets.records import Records, has_escapes

_DELIMITERS = "\t;|,"
_SAMPLE = 65_536
_SAMPLE_RECORDS = 50


class Delimited(Source):
    """Delimited text, read again from its start with every call of `rows`."""

    def __init__(
        self, opened: Callable[[], TextIO], pasted: bool = False, encoding: Encoding = UTF_8
    ) -> None:
        super().__init__()
        self._opened, self._pasted = opened, pasted
        self.encoding, self.spellings = encoding
        self.notes = (encoding.note,) if encoding.note else ()
        with opened() as text:
            sample = text.read(_SAMPLE)
        first, newline, _ = sample.partition("\n")
        first = first.strip('"')
        self._skip_first = bool(newline) and len(first) == 5 and first[:4].lower() == "sep="
        self._delimiter = first[4] if self._skip_first else self._delimiter_of(sample)
        self._escapes = has_escapes(sample, self._delimiter)

    @classmethod
    def file(cls, path: Path, chosen: str = "") -> "Delimited":
        """The CSV at `path`, in the encoding that a person chose, or that it seems to be in.

        Raises SheetProblem when it is in none that we know.
        """
        encoding = encoding_of(path, chosen)
        codec = "utf-8" if encoding.name == REPAIRED else encoding.name
        return cls(lambda: path.open(encoding=codec), encoding=encoding)

    @classmethod
    def text(cls, text: str) -> "Delimited":
        """Cells pasted from a spreadsheet (tabs between them) or typed with another delimiter."""
        return cls(lambda: io.StringIO(text, newline=None), pasted=True, encoding=Encoding(""))

    def rows(self, name: str = "") -> Generator[Row, None, None]:
        """(number, cells) of each record; the number counts records, as Excel does, not lines:
        a quoted cell with line breaks is one row there, and a first line `sep=;` is none.

        Raises SheetProblem as `Records` does.
        """
        with self._opened() as text:
            if self._skip_first:
                text.readline()
            lines = map(repaired, text) if self.encoding == REPAIRED else text
            yield from Records(lines, self._delimiter, self._pasted, self._escapes)

    def _delimiter_of(self, sample: str) -> str:
        """The delimiter under which the first records have the most even number of cells; the comma when in
        doubt."""
        best, delimiter = (0.0, 0), ","
        for candidate in _DELIMITERS:
            widths = self._widths(sample, candidate)
            several = Counter(width for width in widths if width > 1)
            if not several:
                continue
            width, rows = several.most_common(1)[0]
            share = rows / len(widths)
            if widths[0] > 1 or share >= 0.5:
                best, delimiter = max(
                    (best, delimiter), ((round(share, 1), width), candidate), key=lambda s: s[0]
                )
        return delimiter

    def _widths(self, sample: str, delimiter: str) -> list[int]:
        widths: list[int] = []
        records = Records(io.StringIO(sample), delimiter, self._pasted, has_escapes(sample, delimiter))
        with suppress(SheetProblem):
            for _, cells in records:
                if not all(map(is_blank, cells)):
                    widths.append(len(cells))
                if len(widths) == _SAMPLE_RECORDS:
                    return widths
        return widths[:-1] if len(sample) == _SAMPLE and len(widths) > 1 else widths
