"""Delimited text into records, as spreadsheets, databases and people write it.

Python's csv takes any quotation mark at the beginning of a cell for the opening of a quoted one, and all up
to the next for its text. Here it counts only where it also closes, at the end of a cell: `"Lucky" Luke` keeps
his, and a lone one does not swallow the rows below it. Line ends are expected as "\\n".
"""

import re
from collections import deque
from collections.abc import Iterator

from pets.fields.cell import Cell, meant
from pets.language import gettext as _, number
from pets.sheets.cells import MAX_CELL, MAX_COLUMNS, Row, SheetProblem, too_long
from pets.sheets.escapes import NULL, restored

# A line without any of these is cells and nothing else.
_SPECIAL = re.compile(r"""["'#\\“”„″〃‟´`]|\d[Ee][+\d]|Err:|(?i:ditt?o|idem|do\.)""")
_WRAPPED = re.compile(r'="((?:[^"]|"")*)"')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_GOES_ON = re.compile(r"(?<!\\)(?:\\\\)*\\\n\Z")  # a line end that is part of the cell
_MEANT = {"t": "\t", "n": "\n", "r": "\n", "0": ""}
_LONGEST = MAX_CELL * MAX_COLUMNS


class Records:
    """The records of a text; `number` is of the one being read, as a spreadsheet counts rows."""

    def __init__(
        self, text: Iterator[str], delimiter: str, pasted: bool = False, escapes: bool = False
    ) -> None:
        """pasted: whether it was copied from cells: no mark is left open then, and no cell holds a tab;
        escapes: whether a character after a backslash is text (see `has_escapes`)."""
        self.number = 0
        self._text, self._delimiter, self._pasted, self._escapes = text, delimiter, pasted, escapes
        self._open_ones = pasted  # whether marks that do not close are known to be letters
        self._again: deque[str] = deque()  # lines that were looked at in vain
        inside = r'[^"\\]*+(?:(?:""|\\.)[^"\\]*+)*+' if escapes else '[^"]*+(?:""[^"]*+)*+'
        self._inside = re.compile(inside, re.DOTALL)
        self._closing = re.compile(rf" *(?={re.escape(delimiter)}|\n?\Z)")
        self._plain = re.compile(
            rf"(?:[^\\{re.escape(delimiter)}]|\\.)*+" if escapes else rf"[^{re.escape(delimiter)}]*+",
            re.DOTALL,
        )

    def __iter__(self) -> Iterator[Row]:
        """(number, cells) of each record.

        Raises SheetProblem for a NUL character, a quotation mark that is never closed and a line without end.
        """
        while True:
            self.number += 1
            line = self._line()
            if line is None:
                return
            if _SPECIAL.search(line):
                yield self.number, list(map(self._cell, self._split(line)))
            else:
                yield self.number, [*line.removesuffix("\n").split(self._delimiter)]

    def _split(self, line: str) -> Iterator[str]:
        """The cells of a record that begins with this line."""
        if self._escapes:
            while _GOES_ON.search(line) and (more := self._line()) is not None:
                line += more
        at, index = 0, 0
        while True:
            start = at
            while line[start : start + 1] == " ":
                start += 1
            quoted = self._quoted(line, start, index) if line[start : start + 1] == '"' else None
            if quoted:
                cell, line, at = quoted
            else:
                end = self._plain.match(line, at).end()  # type: ignore[union-attr]  # it matches anything
                cell, at = line[at:end].removesuffix("\n") if end == len(line) else line[at:end], end
            yield cell
            if line[at : at + 1] in ("", "\n"):
                return
            at, index = at + 1, index + 1

    def _quoted(self, line: str, start: int, index: int) -> tuple[str, str, int] | None:
        """The quoted cell that opens at `start`, the line with those below that it runs over, and where it
        ends; None where the mark is part of the cell."""
        at, pulled = start + 1, deque[str]()
        while True:
            at = self._inside.match(line, at).end()  # type: ignore[union-attr]
            if at < len(line):
                closing = self._closing.match(line, at + 1)
                if closing and not (self._pasted and "\t" in line[start:at]):
                    return line[start + 1 : at].replace('""', '"'), line, closing.end()
                break
            more = self._line() if at - start <= MAX_CELL else None
            if more is None and not self._open_ones:
                raise too_long(self.number, index) if at - start > MAX_CELL else self._open()
            if more is None:
                break
            line += more
            pulled.append(more)
        self._open_ones = True
        self._again.extendleft(reversed(pulled))
        return None

    def _cell(self, text: str) -> Cell:
        if text == NULL:
            return None
        if self._escapes:
            return _ESCAPED.sub(lambda pair: _MEANT.get(pair[1], pair[1]), text)
        if wrapped := _WRAPPED.fullmatch(text.strip()):  # against Excel, which takes zeros off a number
            return wrapped[1].replace('""', '"')
        if text.startswith("'") and (kept := restored(text)) != text:
            return kept
        return meant(text)

    def _line(self) -> str | None:
        if self._again:
            return self._again.popleft()
        try:
            line = next(self._text, None)
        except UnicodeDecodeError as error:
            raise SheetProblem(
                _(
                    "Row %(row)s breaks off in the middle of a letter: the file is damaged or cut off. "
                    "Save the sheet as “CSV UTF-8” again.",
                    row=self.number,
                )
            ) from error
        if line is not None and "\0" in line:
            raise SheetProblem(
                _(
                    "Row %(row)s holds a NUL character, which no text may hold: the file is damaged, or not "
                    "a CSV at all. Save the sheet as “CSV UTF-8” again.",
                    row=self.number,
                )
            )
        if line is not None and len(line) > _LONGEST:
            raise SheetProblem(
                _(
                    "Row %(row)s is far too long (%(length)s characters). "
                    "Check that the file has line breaks between its rows, then try again.",
                    row=self.number,
                    length=number(len(line)),
                )
            )
        return line

    def _open(self) -> SheetProblem:
        return SheetProblem(
            _(
                "Row %(row)s opens a quotation mark that is never closed: the file is cut off, or a "
                "quotation mark is missing. Correct that row, or save the sheet as CSV again.",
                row=self.number,
            )
        )


def has_escapes(sample: str, delimiter: str) -> bool:
    """Whether a database wrote a text: a cell of it is \\N, or a mark in a quoted cell has a backslash.

    Not where all is as RFC 4180 has it: there a backslash is a letter, also before a mark.
    """
    mark = re.escape(delimiter)
    null = re.compile(rf'(?:^|{mark})"?\\N"?(?={mark}|$)', re.MULTILINE)
    inner = re.compile(rf'(?:^|{mark})"(?:[^"\\]|""|\\[^"])*\\"(?! *(?:{mark}|$))', re.MULTILINE)
    cell = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{mark}\n]*+)'
    usual = re.compile(rf"(?:{cell}(?:{mark}{cell})*+(?:\n|\Z))*+")
    return bool(null.search(sample) or (inner.search(sample) and not usual.fullmatch(sample)))
