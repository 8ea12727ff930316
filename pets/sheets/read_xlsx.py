"""XLSX: the sheets of a workbook and the cells of one of them, streamed.

Formulas give the value they last had; there is no way to run one. openpyxl, which writes our workbooks, took
three times as long to read one, and tells neither hidden rows nor what a number format adds to a number.
"""

import posixpath
from collections.abc import Container, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

from pets.language import gettext as _, ngettext
from pets.sheets.cells import Merged, Row, SheetProblem, Source, hidden_sheets, unlike
from pets.sheets.escapes import unescaped
from pets.sheets.number_formats import built_in, number_format
from pets.sheets.read_zip import Package, readable
from pets.sheets.xlsx_rows import Style, XlsxRows, place
from pets.sheets.xml_events import Attributes, events, tags

_MERGED = rb'<(?:\w+:)?mergeCell [^>]*?ref="([^":]+):([^"]+)"'
MAX_STRINGS = 1_500_000
MAX_STRING_CHARACTERS = 60_000_000


class Workbook(Source):
    """The visible worksheets of an XLSX; chart sheets and hidden ones are left out."""

    def __init__(self, path: Path) -> None:
        """Raises SheetProblem for a workbook that cannot be read, or has no sheet with cells."""
        super().__init__()
        self._package = Package(path)
        with ExitStack() as unless_read, readable():
            unless_read.callback(self.close)
            self._read()
            unless_read.pop_all()

    def rows(self, name: str) -> Generator[Row, None, None]:
        """(row number, cells) of each row of one sheet that is stored."""
        part = self._sheets[name]
        with readable():
            self.merged += self._merged(part)
            totals = self._totals(part)
            with self._package.open(part) as stream:
                reader = XlsxRows(self.strings, self.styles, self.counts_from_1904, self._struck_strings)
                for _ in events(stream, reader.start, reader.end, reader.text):
                    for row, hidden, struck in reader.found:
                        if row[0] in totals:
                            self.aside[row[0]] = "total"
                        yield self.noted(row, hidden and row[0] not in totals, struck)
                    if reader.found:
                        self._package.counted()
                        reader.found.clear()
        self._unreckoned[name] = reader.unreckoned
        self._comments[name] = self._commented(part)
        self.notes = (*self._said, *self._left_out())

    def close(self) -> None:
        """Let go of the file."""
        self._package.close()

    # Private

    def _left_out(self) -> Iterator[str]:
        """What is said of formulas without a result, and of comments, on the sheets that were read."""
        if unreckoned := sum(self._unreckoned.values()):
            yield ngettext(
                "One cell has a formula without a result, and counts as empty. Open the workbook in a "
                "spreadsheet, save it and import it again.",
                "%(num)s cells have formulas without a result, and count as empty. Open the workbook in a "
                "spreadsheet, save it and import it again.",
                unreckoned,
            )
        if comments := sum(self._comments.values()):
            yield ngettext(
                "One cell has a comment, which is not imported.",
                "%(num)s cells have comments, which are not imported.",
                comments,
            )

    def _read(self) -> None:
        kinds = {
            tag[2].get("PartName", "")[1:]: tag[2]["ContentType"]
            for tag in self._tags("[Content_Types].xml", "Override")
        }
        books = [part for part, kind in kinds.items() if kind.endswith("main+xml") and ".sheet" in kind]
        book = books[0] if books else "xl/workbook.xml"
        links = self._links(book)
        self._sheets: dict[str, str] = {}
        hidden = []
        for _parent, name, told in self._tags(book):
            if name == "workbookPr" and told.get("date1904") in ("1", "true"):
                self.counts_from_1904 = True
            kind, part = links.get(told.get("id", ""), ("", "")) if name == "sheet" else ("", "")
            if kind == "worksheet" and self._package.has(part):
                if told.get("state", "visible") == "visible":
                    self._sheets[unlike(unescaped(told["name"]), self._sheets)] = part
                else:
                    hidden.append(told["name"])
        if not self._sheets:
            raise SheetProblem(_("This workbook has no sheet with cells. Choose another file."))
        self.sheet_names = tuple(self._sheets)
        self._said = hidden_sheets(hidden)
        self.notes, self._unreckoned, self._comments = self._said, dict[str, int](), dict[str, int]()
        of_kind = dict(links.values())
        of_kind |= {kind.rpartition(".")[2].removesuffix("+xml"): part for part, kind in kinds.items()}
        self.styles = [*self._styles(of_kind.get("styles", "xl/styles.xml"))]
        self._struck_strings: Container[int] = ()
        self.strings = [*self._strings(of_kind.get("sharedStrings", ""))]

    def _tags(self, part: str, only: str = "") -> Iterator[tuple[str, str, Attributes]]:
        """The elements of a small part; none where there is no such part."""
        if self._package.has(part):
            with self._package.open(part) as stream:
                yield from (tag for tag in tags(stream) if not only or tag[1] == only)

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: its name for it → the kind of part, and the part."""
        folder, name = posixpath.split(part)
        return {
            told["Id"]: (
                told["Type"].rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, told["Target"].replace("\\", "/")))[1:],
            )
            for _, _, told in self._tags(f"{folder}/_rels/{name}.rels", "Relationship")
            if told.get("TargetMode") != "External"
        }

    def _styles(self, part: str) -> Iterator[Style]:
        codes: dict[str, str] = {}
        fonts, struck = -1, set[str]()
        for parent, name, told in self._tags(part):
            if (parent, name) == ("fonts", "font"):
                fonts += 1
            elif (parent, name) == ("font", "strike") and told.get("val") not in ("0", "false"):
                struck.add(str(fonts))
            elif name == "numFmt":
                codes[told.get("numFmtId", "")] = told.get("formatCode", "")
            elif (parent, name) == ("cellXfs", "xf"):
                number = told.get("numFmtId", "0")
                code = codes[number] if number in codes else built_in(int(number))
                is_text, is_struck = told.get("quotePrefix") in ("1", "true"), told.get("fontId") in struck
                yield Style(number_format(code), is_text, is_struck)

    def _strings(self, part: str) -> Iterator[str]:
        if not self._package.has(part):
            return
        reader, count, characters = _Strings(), 0, 0
        with self._package.open(part) as stream:
            for _pause in events(stream, reader.start, reader.end, reader.text):
                count += len(reader.found)
                characters += sum(map(len, reader.found))
                if count > MAX_STRINGS or characters > MAX_STRING_CHARACTERS:
                    raise SheetProblem(
                        _(
                            "This workbook holds far more text than a list of pets. Copy the list into a "
                            "new workbook and try that."
                        )
                    )
                if reader.found:
                    self._package.counted()
                yield from reader.found
                reader.found.clear()
        self._struck_strings = reader.struck

    def _merged(self, part: str) -> list[Merged]:
        """The cells that are one over several rows; a sheet tells of them behind its rows."""
        found = []
        for first, last in self._package.behind(part, b"sheetData", _MERGED):
            (column, top), (_, bottom) = place(first.decode()), place(last.decode())
            if bottom > top:
                found.append(Merged(top, bottom, column))
        return found

    def _commented(self, part: str) -> int:
        """How many cells of a sheet have a comment."""
        parts = [comments for kind, comments in self._links(part).values() if kind == "comments"]
        return sum(1 for comments in parts for _ in self._tags(comments, "comment"))

    def _totals(self, part: str) -> set[int]:
        """The rows that a table of the sheet declares to be its totals."""
        rows: set[int] = set()
        for kind, table in self._links(part).values():
            for _parent, _name, told in self._tags(table, "table") if kind == "table" else ():
                count = int(told.get("totalsRowCount", "0"))
                last = place(told["ref"].rpartition(":")[2])[1]
                rows |= {last - number for number in range(min(count, 10))}
        return rows


class _Strings:
    """The strings that cells share, without how they are spoken."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.struck: set[int] = set()  # the places of those that are struck out, or some of their letters
        self._place = 0
        self._parts: list[str] = []
        self._text: list[str] = []
        self._spoken = False
        self.text = self._text.append

    def start(self, name: str, told: Attributes) -> None:
        if name == "t":
            self._text.clear()
        elif name == "rPh":
            self._spoken = True
        elif name == "strike" and told.get("val") not in ("0", "false"):
            self.struck.add(self._place)

    def end(self, name: str) -> None:
        if name == "t" and not self._spoken:
            self._parts += self._text
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            self.found.append(unescaped("".join(self._parts)))
            self._place += 1
            self._parts.clear()
