"""The zip that a workbook is, untrusted: opened within limits, and watched while it is read.

A row, a string and the styles are kept whole before anybody can look at what is in them, so the bytes of each
part are counted on their way. 200,000 rows of our ten columns unpack to 110 MB.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NoReturn
from xml.parsers.expat import ExpatError

from pets.language import gettext as _
from pets.sheets.cells import SheetProblem

MAX_UNPACKED = 300_000_000
MAX_MEMBERS = 1_000
# Of one row, one string, or a part that has neither, such as the styles.
MAX_RUN = 8_000_000  # bytes
MAX_TAGS = 250_000
MAX_TOKEN = 1_000_000  # bytes of one tag or text; older expat reads an unfinished one again and again

_DIMENSION = re.compile(rb'<dimension ref="[A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}([0-9]{1,7})"')
_BYTES_OF_A_ROW = 300

# What a broken file makes zipfile, expat and what reads their parts raise.
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    ExpatError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


class Package(zipfile.ZipFile):
    """An open zip, watched while it is read. Raises SheetProblem for a damaged one, or a bomb."""

    def __init__(self, path: Path) -> None:
        self._run = self._tags = self._token = 0
        if _signatures(path) > MAX_MEMBERS:
            _bomb()
        with readable():
            super().__init__(path)
        # Part names are told apart without case; old programs write backslashes in them.
        self._parts = {member.filename.replace("\\", "/").lower(): member for member in self.infolist()}
        if sum(member.file_size for member in self.infolist()) > MAX_UNPACKED:
            self.close()
            _bomb()

    def open(self, name: Any, mode: Any = "r", pwd: Any = None, *, force_zip64: bool = False) -> IO[bytes]:
        """Open one part. A size that the directory understates is found by its checksum."""
        member = self._parts[name.lower()] if isinstance(name, str) else name
        if member.flag_bits & 1:
            raise locked()
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()  # Excel writes no other, and Python unpacks the others without a bound
        self.counted()
        return io.BufferedReader(_Watched(super().open(member, mode), self), 65_536)

    def has(self, name: str) -> bool:
        """Whether it has this part."""
        return name.lower() in self._parts

    def behind(self, name: str, end: bytes, pattern: bytes) -> list[Any]:
        """What a pattern finds in a part, behind the last end of an element."""
        seen, rest = False, b""
        with super().open(self._parts[name.lower()]) as part:
            while chunk := part.read(1_000_000):
                rest += chunk
                ends = [*re.finditer(rb"</(?:\w+:)?" + end + rb"\s*>", rest)]
                seen = seen or bool(ends)
                rest = rest[ends[-1].end() :] if ends else rest if seen else rest[-100:]
                if len(rest) > MAX_RUN:
                    raise damaged()
        return re.findall(pattern, rest) if seen else []

    def counted(self) -> None:
        """A row or string has come to its end: what follows is the next one's."""
        self._run = self._tags = 0

    def watch(self, data: bytes) -> None:
        """Raises SheetProblem where a row or string has no end."""
        self._run += len(data)
        self._tags += data.count(b"<")
        end = max(data.rfind(b"<"), data.rfind(b">"))
        self._token = self._token + len(data) if end < 0 else len(data) - end
        if self._run > MAX_RUN or self._tags > MAX_TAGS or self._token > MAX_TOKEN:
            raise damaged()


class _Watched(io.RawIOBase):
    """A part on its way to whoever reads it."""

    def __init__(self, part: IO[bytes], package: Package) -> None:
        self._part, self._package = part, package

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._part.read(len(buffer))
        self._package.watch(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._part.close()
        super().close()


def rows_in(path: Path) -> int:
    """About how many rows a workbook has, for showing how far its reading is; 0 for any other file.

    Each sheet says so in its first bytes, or else is known by its size.
    """
    rows = 0
    with suppress(SheetProblem, *UNREADABLE), Package(path) as package:
        for member in package.infolist():
            if member.filename.lower().startswith("xl/worksheets/sheet"):
                with package.open(member) as sheet:
                    told = _DIMENSION.search(sheet.read(2_000))
                rows += int(told[1]) if told else member.file_size // _BYTES_OF_A_ROW
    return rows


def damaged() -> SheetProblem:
    """The refusal of a workbook that cannot be read to its end."""
    return SheetProblem(
        _(
            "This workbook is damaged or cut off. Open it in a spreadsheet, save it again as XLSX and try "
            "with that file."
        )
    )


@contextmanager
def readable() -> Iterator[None]:
    """Read a workbook, of which what is broken is refused as `damaged`."""
    try:
        yield
    except UNREADABLE as error:
        raise damaged() from error


def locked() -> SheetProblem:
    """The refusal of a workbook that asks for a password."""
    return SheetProblem(
        _(
            "This workbook is locked with a password. Open it in a spreadsheet, save a copy without a "
            "password and try that."
        )
    )


def _signatures(path: Path) -> int:
    """Entries in the zip's directory, counted before Python makes an object of each."""
    count, rest = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(io.DEFAULT_BUFFER_SIZE * 64):
            window = rest + chunk
            count += window.count(b"PK\x01\x02")
            rest = window[-3:]
    return count


def _bomb() -> NoReturn:
    raise SheetProblem(
        _(
            "This workbook unpacks to far more than a list of pets needs. "
            "Copy the cells into a new workbook, or save the sheet as CSV, and try that."
        )
    )
