"""CSV and pasted cells: which encoding, which delimiter, and the records in them, streamed.

Charset guessers get ordinary files wrong, so the order is fixed: byte order mark, UTF-16 by its NUL bytes,
strict UTF-8, and last Windows-1252 with a note, because that is what Excel writes where it writes no UTF-8.
"""

import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from pets.fields.cell import is_blank
from pets.sheets.cells import Row, SheetProblem, Source
from pets.sheets.records import Records, has_escapes

_DELIMITERS = "\t;|,"
_SAMPLE = 65_536
_SAMPLE_RECORDS = 50
_GUESSED = (
    "This file is not UTF-8; it was read as Windows-1252. Check that accents look right; "
    "if they do not, save it as “CSV UTF-8” and bring it in again."
)


class Delimited(Source):
    """Delimited text, read again from its start with every call of `rows`."""

    def __init__(
        self, opened: Callable[[], TextIO], notes: tuple[str, ...] = (), pasted: bool = False
    ) -> None:
        super().__init__()
        self._opened, self._pasted = opened, pasted
        self.notes = notes
        with opened() as text:
            sample = text.read(_SAMPLE)
        first, newline, _ = sample.partition("\n")
        first = first.strip('"')
        self._skip_first = bool(newline) and len(first) == 5 and first[:4].lower() == "sep="
        self._delimiter = first[4] if self._skip_first else self._delimiter_of(sample)
        self._escapes = has_escapes(sample, self._delimiter)

    @classmethod
    def file(cls, path: Path) -> "Delimited":
        """The CSV at `path`; raises SheetProblem when it is in no encoding that we know."""
        encoding = _encoding_of(path)
        notes = (_GUESSED,) if encoding == "cp1252" else ()
        return cls(lambda: path.open(encoding=encoding), notes)

    @classmethod
    def text(cls, text: str) -> "Delimited":
        """Cells pasted from a spreadsheet (tabs between them) or typed with another delimiter."""
        return cls(lambda: io.StringIO(text, newline=None), pasted=True)

    def rows(self, name: str = "") -> Generator[Row, None, None]:
        """(number, cells) of each record; the number counts records, as Excel does, not lines:
        a quoted cell with line breaks is one row there, and a first line `sep=;` is none.

        Raises SheetProblem as `Records` does.
        """
        with self._opened() as text:
            if self._skip_first:
                text.readline()
            yield from Records(text, self._delimiter, self._pasted, self._escapes)

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


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4_096)
        if start.startswith(BOM_UTF8):
            encoding = "utf-8-sig"
        elif start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            encoding = "utf-16"
        elif len(start) > 3 and start[1::2].count(0) > len(start) * 0.3:
            encoding = "utf-16-le"
        elif len(start) > 3 and start[::2].count(0) > len(start) * 0.3:
            encoding = "utf-16-be"
        else:
            return "utf-8" if _is_utf8(path) else "cp1252" if _decodes(path, "cp1252") else _unknown()
    return encoding if _decodes(path, encoding) else _unknown()


def _is_utf8(path: Path) -> bool:
    """Raises SheetProblem where it is, but for a last letter of which some bytes are missing."""
    decoder, plain = getincrementaldecoder("utf-8")(), True
    with path.open("rb") as file:
        try:
            while chunk := file.read(1_000_000):
                plain = decoder.decode(chunk).isascii() and plain
        except UnicodeDecodeError:
            return False
    rest, _ = decoder.getstate()
    if plain and len(rest) == 1 and rest >= b"\xe0":
        return False  # one é or the like, and all before it plain: a Windows-1252 file may end so
    if rest:
        raise SheetProblem(
            "The file breaks off in the middle of its last letter: it is cut off. "
            "Save the sheet as “CSV UTF-8” again."
        )
    return True


def _decodes(path: Path, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(1_000_000):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _unknown() -> str:
    raise SheetProblem(
        "The letters in this file are in no encoding that Pets knows, or the file is cut off. "
        "Open it in a spreadsheet, save it as “CSV UTF-8” and try again."
    )
