"""A sheet coming in: what a file is by its content (never by its name), and its rows."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path

from pets.language import gettext as _, lazy_gettext, ngettext, quoted
from pets.sheets.cells import MAX_BYTES, Row, SheetProblem, Source, bounded
from pets.sheets.encodings import by_its_start, garbled, repaired
from pets.sheets.fill_down import FillDown
from pets.sheets.read_csv import Delimited
from pets.sheets.read_html import WebPage
from pets.sheets.read_sqlite import PetTable
from pets.sheets.read_zip import Package, locked

_INSTEAD = lazy_gettext("Save the list as XLSX or CSV and choose that file.")
_FOREIGN = (  # what a file is that begins so
    (lazy_gettext("a PDF"), [b"%PDF"]),
    (lazy_gettext("a picture"), [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*"]),
    (lazy_gettext("a picture or a recording"), [b"RIFF"]),
    (lazy_gettext("a text document (RTF)"), [b"{\\rtf"]),
    (lazy_gettext("a compressed archive"), [b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ"]),
    (lazy_gettext("a program"), [b"MZ", b"\x7fELF"]),
)
_WEB_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|meta|table|body|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SPREADSHEETML = b"urn:schemas-microsoft-com:office:spreadsheet"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Sheet:
    """What came in: one table of cells, or the several of a workbook. Close it, or use it in a `with`.

    kind: "csv", "xlsx" (of any workbook), "sqlite" or "pasted"; file: where it lies, of all but what was
    pasted. The rest is as its `Source` has it. What is merged over rows, or repeated by a ditto mark, is
    filled in.
    """

    def __init__(self, source: Source, kind: str, file: Path | None = None) -> None:
        self._source = source
        self.kind, self.file = kind, file
        self.sheet_names = source.sheet_names
        self.counts_from_1904 = source.counts_from_1904
        self.encoding, self.spellings = source.encoding, source.spellings
        self.aside = source.aside
        self._filled: dict[str, FillDown] = {}
        self._garbled = ""

    def __enter__(self) -> "Sheet":
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences to show beside it; some are known only when the rows have been read."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        yield from self._source.notes
        if self._garbled:
            yield garbled(self._garbled)
        for name, filled in self._filled.items():
            for note in filled.notes:
                yield f"{quoted(name)}: {note}" if len(self.sheet_names) > 1 else note
        if cells := self._source.struck:
            yield ngettext(
                "One cell is struck out in the spreadsheet, and imported like the others: %(cells)s.",
                "%(num)s cells are struck out in the spreadsheet, and imported like the others: %(cells)s.",
                len(cells),
                cells=", ".join([*cells[:5], *["…"] * (len(cells) > 5)]),
            )

    def rows(self, name: str | None = None) -> Iterator[Row]:
        """(row number as the spreadsheet shows it, cells) of every row that holds something, streamed.

        `name`: which one of `sheet_names` (default the first). Numbers begin at 1 and count records as
        Excel does: a CSV cell with line breaks in it is still one row. Blank rows are left out but counted
        in the numbers. Cells are without trailing blanks.
        Raises SheetProblem, also in the middle, for what `open_sheet` could not see without reading
        everything.
        """
        name = name or self.sheet_names[0]
        self._source.begin()
        self._filled[name] = FillDown()
        rows = self._filled[name].rows(bounded(self._source.rows(name)), self._source.merged)
        known = isinstance(self._source, Delimited) and self.encoding  # of a file, all of it was looked at
        return rows if known else self._looked_at(rows)

    def _looked_at(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows; the first text is noted whose letters were encoded twice before anybody saw the file."""
        for number, cells in rows:
            for cell in cells if not self._garbled else ():
                if isinstance(cell, str) and not cell.isascii() and repaired(cell) != cell:
                    self._garbled = cell[:100]
                    break
            yield number, cells


def open_sheet(path: Path, encoding: str = "") -> Sheet:
    """The sheet in the file at `path`, which is not changed. encoding: of a text, as a person says.

    Raises SheetProblem for a file that is too large, empty, of another kind, locked, damaged or hostile.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise SheetProblem(
            _(
                "This file is larger than %(most)s MB. Split the list, or leave out pictures, and try again.",
                most=MAX_BYTES // 1_000_000,
            )
        )
    with path.open("rb") as file:
        start = file.read(4_096)
    if not start.strip():
        raise SheetProblem(
            _("This file is empty. Choose a file with a row of headings and a row for each pet.")
        )
    if start.startswith(b"SQLite format 3\0"):
        return Sheet(PetTable(path), "sqlite", path)
    if start.startswith((b"PK\x03\x04", _OLE2)) or _is_flat(start):
        return Sheet(_workbook(path, start), "xlsx", path)
    if _SPREADSHEETML in start[:2_000]:
        from pets.sheets.read_spreadsheetml import XmlWorkbook  # and with it openpyxl

        return Sheet(XmlWorkbook(path), "xlsx", path)
    if _WEB_PAGE.match(start.lstrip(b"\xef\xbb\xbf \t\r\n")):
        return Sheet(WebPage(path, encoding), "csv", path)
    _refuse_foreign(path, start)
    return Sheet(Delimited.file(path, encoding), "csv", path)


def pasted(text: str) -> Sheet:
    """The sheet in cells that were copied from a spreadsheet and pasted. Raises SheetProblem as
    `open_sheet` does."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise SheetProblem(
            _("That is too much to paste. Save the list as XLSX or CSV and choose that file instead.")
        )
    if not text.strip():
        raise SheetProblem(
            _("Nothing was pasted. Copy the cells in your spreadsheet, headings too, and paste them here.")
        )
    return Sheet(Delimited.text(text), "pasted")


def _workbook(path: Path, start: bytes) -> Source:
    # Loaded with the first workbook: what they need takes a tenth of the start.
    from pets.sheets.read_ods import OpenDocument
    from pets.sheets.read_xls import OldWorkbook
    from pets.sheets.read_xlsx import Workbook

    if _is_flat(start):
        return OpenDocument(path, None)
    if start.startswith(_OLE2):
        if _ENCRYPTED in path.read_bytes():
            raise locked()
        return OldWorkbook(path)
    package = Package(path)
    if package.has("mimetype") and package.has("content.xml"):
        return OpenDocument(path, package)
    package.close()
    _refuse_other_zip(path)
    return Workbook(path)


def _is_flat(start: bytes) -> bool:
    """Whether a file is OpenDocument in a single XML file."""
    return start.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml") and b"<office:document " in start


def _refuse_foreign(path: Path, start: bytes) -> None:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for what, magics in _FOREIGN:
        if any(start.startswith(magic) and (len(magic) > 2 or _is_binary(start)) for magic in magics):
            raise _no_sheet(_("This file is %(what)s, not a spreadsheet.", what=what))
    if text.startswith(b"<?xml"):
        raise _no_sheet(_("This file is XML, but no spreadsheet."))
    if text.startswith((b"[{", b"[\n{", b"[\r\n{", b'{"', b"{\n")):
        raise _no_sheet(_("This file is JSON, which Pets writes but does not read."))
    if _is_binary(start):
        raise _no_sheet(_("This file is not a spreadsheet that Pets knows."))


def _is_binary(start: bytes) -> bool:
    """Many control characters; NUL does not count, for in a CSV its row is named."""
    try:  # in UTF-16 half of a ž or a я is such a byte
        text = getincrementaldecoder(by_its_start(start) or "latin-1")().decode(start)
    except UnicodeDecodeError:
        text = start.decode("latin-1")
    return sum("\0" < char < "\t" or "\r" < char < " " for char in text) > len(text) * 0.02


def _refuse_other_zip(path: Path) -> None:
    with Package(path) as zipped:
        if zipped.has("xl/workbook.bin"):
            raise _no_sheet(_("This is a binary Excel workbook (.xlsb)."))
        if not zipped.has("[Content_Types].xml") or zipped.has("word/document.xml"):
            raise _no_sheet(_("This file is a zip archive or another kind of document, not a workbook."))


def _no_sheet(why: str) -> SheetProblem:
    return SheetProblem(f"{why} {_INSTEAD}")
