"""Tables of a web page: what many programs call .xls, and Excel opens as one. Only what is shown is read."""

import codecs
import re
from collections.abc import Generator, Iterator
from html.parser import HTMLParser
from pathlib import Path

from pets.fields.cell import Cell, meant
from pets.language import gettext as _
from pets.sheets.cells import MAX_COLUMNS, Merged, Row, SheetProblem, Source, too_wide
from pets.sheets.encodings import Encoding, decodes, encoding_of

_CHUNK = 65_536
_UNREAD = 500_000  # characters of one tag or comment: the parser looks again and again for its end
_LAST = 10_000  # of one that has no end at all
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,20})", re.IGNORECASE)


class WebPage(Source):
    """The tables of a page that have rows; one in a cell of another is text of that cell."""

    def __init__(self, path: Path, chosen: str = "") -> None:
        """Raises SheetProblem for a page without a table, and for letters that nobody knows."""
        super().__init__()
        self._path = path
        self.encoding, self.spellings = _encoding(path, chosen)
        places = list(dict.fromkeys(table for table, _ in self._rows(_Tables())))
        if not places:
            raise SheetProblem(
                _("This web page has no table. Save the list as XLSX or CSV and choose that file.")
            )
        names = [_("Table %(number)s", number=number) for number, _place in enumerate(places, 1)]
        self._places = dict(zip(names if len(names) > 1 else [""], places, strict=True))
        self.sheet_names = tuple(self._places)

    def rows(self, name: str) -> Generator[Row, None, None]:
        """(row number, cells) of each row of one table."""
        tables = _Tables(self.merged, self._places[name])
        yield from (row for _table, row in self._rows(tables))

    def _rows(self, tables: "_Tables") -> Iterator[tuple[int, Row]]:
        with self._path.open(encoding=self.encoding) as text:
            while chunk := text.read(_CHUNK):
                tables.feed(chunk)
                if len(tables.rawdata) > _UNREAD:
                    raise _broken()
                yield from tables.taken()
        if len(tables.rawdata) > _LAST:
            raise _broken()
        tables.close()
        tables.end_row()
        yield from tables.taken()


class _Tables(HTMLParser):
    """Hears the rows of all tables, or of one."""

    def __init__(self, merged: list[Merged] | None = None, only: int = 0) -> None:
        """only: the number of a table; the first of the page is 1."""
        super().__init__()
        self._merged, self._only = [] if merged is None else merged, only
        self._found: list[tuple[int, Row]] = []
        self._tables = self._depth = self._unheard = self._number = 0
        self._row: list[Cell] | None = None
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._covered: dict[int, int] = {}  # columns with a cell of a row above → the last row that it covers

    def taken(self) -> list[tuple[int, Row]]:
        """The rows that came to their end since this was asked, each with the number of its table."""
        found, self._found = self._found, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._tables, self._number = self._tables + 1, 0
                self._covered.clear()
        elif tag in ("script", "style"):
            self._unheard += 1
        elif self._depth != 1 or self._only not in (0, self._tables):
            return
        elif tag == "tr":
            self.end_row()
            self._number += 1
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            told = dict(attrs)
            across, down = (_count(told.get(name)) for name in ("colspan", "rowspan"))
            self._text, self._span = [], (across, down)
        elif tag in ("br", "p", "div") and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self._depth == 1:
                self.end_row()
            self._depth = max(self._depth - 1, 0)
        elif tag in ("script", "style"):
            self._unheard = max(self._unheard - 1, 0)
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth == 1 and tag == "tr":
            self.end_row()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._unheard:
            self._text.append(re.sub(r"[ \t\r\n]+", " ", data))

    def end_row(self) -> None:
        """A row is over, also where the page does not say so."""
        self._end_cell()
        if self._row:
            self._found.append((self._tables, (self._number, self._row)))
        self._row = None

    def _end_cell(self) -> None:
        if self._text is None or self._row is None:
            return
        lines = (line.strip() for line in "".join(self._text).split("\n"))
        text, self._text = "\n".join(lines).strip(), None
        while self._covered.get(len(self._row), 0) >= self._number:
            self._row.append(None)
        across, down = self._span
        if len(self._row) + across > MAX_COLUMNS:
            raise too_wide(self._number, len(self._row) + across)
        if down > 1:
            last = self._number + down - 1
            self._covered.update((len(self._row) + more, last) for more in range(across))
            self._merged.append(Merged(self._number, last, len(self._row) + 1))
        self._row += [meant(text) or None, *[None] * (across - 1)]


def _count(told: str | None) -> int:
    return min(max(int(told), 1), 100_000) if told and told.isascii() and told.isdecimal() else 1


def _encoding(path: Path, chosen: str) -> Encoding:
    """As a person says, else as the page does, if its letters are so; else as it seems."""
    with path.open("rb") as file:
        declared = _CHARSET.search(file.read(4_096)) if not chosen else None
    try:
        name = codecs.lookup(declared[1].decode()).name.replace("iso8859-1", "cp1252") if declared else ""
    except LookupError:
        name = ""
    return Encoding(name) if name and decodes(path, name) else encoding_of(path, chosen)


def _broken() -> SheetProblem:
    return SheetProblem(
        _("This web page is damaged or cut off. Save the list as XLSX or CSV and choose that file.")
    )
