"""CSV and pasted cells: which encoding, which delimiter, and the records in them, streamed.

Charset guessers get ordinary files wrong, so the order is fixed: byte order mark, UTF-16 by its NUL bytes,
strict UTF-8, and last Windows-1252 with a note, because that is what Excel writes where it writes no UTF-8.
"""

import csv
import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TextIO

from pets.fields.cell import Cell
from pets.sheets.cells import MAX_CELL, MAX_COLUMNS, Row, SheetProblem, Source, too_long
from pets.sheets.escapes import restored

_DELIMITERS = "\t;|,"
_SAMPLE = 65_536
_SAMPLE_RECORDS = 50
_GUESSED = (
    "This file is not UTF-8; it was read as Windows-1252. Check that accents look right; "
    "if they do not, save it as “CSV UTF-8” and bring it in again."
)


class Delimited(Source):
    """Delimited text, read again from its start with every call of `rows`."""

    def __init__(self, opened: Callable[[], TextIO], notes: tuple[str, ...] = ()) -> None:
        self._opened = opened
        self.notes = notes
        with opened() as text:
            sample = text.read(_SAMPLE)
        first, newline, _ = sample.partition("\n")
        first = first.rstrip("\r").strip('"')
        self._skip_first = bool(newline) and len(first) == 5 and first[:4].lower() == "sep="
        self._delimiter = first[4] if self._skip_first else _delimiter_of(sample)

    @classmethod
    def file(cls, path: Path) -> "Delimited":
        """The CSV at `path`; raises SheetProblem when it is in no encoding that we know."""
        encoding = _encoding_of(path)
        notes = (_GUESSED,) if encoding == "cp1252" else ()
        return cls(lambda: path.open(encoding=encoding, newline=""), notes)

    @classmethod
    def text(cls, text: str) -> "Delimited":
        """Cells pasted from a spreadsheet (tabs between them) or typed with another delimiter."""
        return cls(lambda: io.StringIO(text, newline=""))

    def rows(self, name: str = "") -> Generator[Row, None, None]:
        """(number, cells) of each record; the number counts records, as Excel does, not lines:
        a quoted cell with line breaks is one row there, and a first line `sep=;` is none.

        Raises SheetProblem for a NUL character, a quotation mark that is never closed and a cell without end.
        """
        with self._opened() as text:
            if self._skip_first:
                text.readline()
            lines = _Lines(text)
            records = csv.reader(lines, delimiter=self._delimiter)
            while True:
                number = lines.begin_record()
                try:
                    record = next(records, None)
                except csv.Error as error:
                    raise SheetProblem(
                        f"Row {number} has a cell that does not end; perhaps a quotation mark is missing. "
                        "Open the file in a spreadsheet, mend that row, save it as CSV and try again."
                    ) from error
                if lines.cut_short:
                    raise SheetProblem(
                        f"Row {number} opens a quotation mark that is never closed: the file is cut off, "
                        "or a "
                        "quotation mark is missing. Mend that row, or save the sheet as CSV again."
                    )
                if record is None:
                    return
                if lines.characters > MAX_CELL:
                    for index, field in enumerate(record):
                        if len(field) > MAX_CELL:
                            raise too_long(number, index)
                cells: list[Cell] = list(map(restored, record)) if lines.apostrophe else list(record)
                yield number, cells


class _Lines:
    """The lines on their way to csv.reader, which tells neither records from lines nor a cut-off end."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.record = self.pulled = self.characters = 0
        self.apostrophe = self.cut_short = False

    def begin_record(self) -> int:
        self.record += 1
        self.pulled = self.characters = 0
        self.apostrophe = False
        return self.record

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._text, None)
        except UnicodeDecodeError as error:
            raise SheetProblem(
                f"Row {self.record} breaks off in the middle of a letter: the file is damaged or cut off. "
                "Save the sheet as “CSV UTF-8” again."
            ) from error
        if line is None:
            self.cut_short = self.pulled > 0
            raise StopIteration
        self.pulled += 1
        self.characters += len(line)
        if "\0" in line:
            raise SheetProblem(
                f"Row {self.record} holds a NUL character, which no text may hold: the file is damaged, "
                "or not "
                "a CSV at all. Save the sheet as “CSV UTF-8” again."
            )
        if len(line) > MAX_CELL * MAX_COLUMNS:
            raise SheetProblem(
                f"Row {self.record} is far too long ({len(line):,} characters). "
                "Check that the file has line breaks between its rows, then try again."
            )
        self.apostrophe = self.apostrophe or "'" in line
        return line


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


def _delimiter_of(sample: str) -> str:
    """The delimiter under which the first records have the most even number of cells; the comma when in
    doubt."""
    best, delimiter = (0.0, 0), ","
    for candidate in _DELIMITERS:
        widths = _widths(sample, candidate)
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


def _widths(sample: str, delimiter: str) -> list[int]:
    widths = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if any(field.strip() for field in record):
                widths.append(len(record))
            if len(widths) == _SAMPLE_RECORDS:
                return widths
    except csv.Error:
        return widths
    return widths[:-1] if len(sample) == _SAMPLE and len(widths) > 1 else widths
