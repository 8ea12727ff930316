"""What comes in: a file or pasted cells, read once into the rows that an import keeps, and gone after."""

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path

from flask import current_app
from werkzeug.datastructures import FileStorage

from pets import clock
from pets.db import db
from pets.imports.all_sheets import choose_sheet
from pets.imports.upload_rows import LOST, Import
from pets.language import gettext as _
from pets.sheets.cells import SheetProblem
from pets.sheets.read_zip import rows_in
from pets.sheets.sheet import Sheet, open_sheet, pasted


@dataclass
class Upload:
    """Something to read, once. Use it in a `with`: after that it is gone."""

    filename: str
    digest: str
    rows: int  # about how many
    file: Path | None = None
    cells: str = ""
    ours: bool = False  # to be taken away once it is read
    encoding: str = ""  # of a text, as a person says

    @classmethod
    def received(cls, sent: FileStorage | None, cells: str) -> "Upload":
        """What somebody sent: a file, or cells pasted."""
        if not sent:
            return cls(
                _("pasted cells"),
                sha256(cells.encode(errors="replace")).hexdigest(),
                cells.count("\n"),
                cells=cells,
            )
        _take_away(clock.now() - LOST)
        with tempfile.NamedTemporaryFile(dir=_folder(), delete=False) as file:
            try:
                sent.save(file)
                file.flush()
                upload = cls.of_file(Path(file.name), (sent.filename or "")[-100:] or "a file")
            except BaseException:  # a full disk, mostly
                Path(file.name).unlink()
                raise
        upload.ours = True
        return upload

    @classmethod
    def again(cls, filename: str, digest: str, original: bytes, encoding: str) -> "Upload":
        """A text that was kept, to be read in another encoding."""
        with tempfile.NamedTemporaryFile(dir=_folder(), delete=False) as file:
            size = file.write(zlib.decompress(original))
        return cls(filename, digest, size // 60, Path(file.name), ours=True, encoding=encoding)

    @classmethod
    def of_file(cls, path: Path, filename: str) -> "Upload":
        """A file that is somebody's own, and stays."""
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return cls(filename, digest, rows_in(path) or path.stat().st_size // 60, file=path)

    def opened(self) -> Sheet:
        """The sheet in it. Raises SheetProblem."""
        return open_sheet(self.file, self.encoding) if self.file else pasted(self.cells)

    def __enter__(self) -> "Upload":
        return self

    def __exit__(self, *_: object) -> None:
        if self.file and self.ours:
            self.file.unlink(missing_ok=True)


def keep_rows(record: Import, sheet: Sheet) -> Iterator[int]:
    """Keep what came in, a chunk at a time, and tell how many rows that makes; the caller commits each.

    Raises SheetProblem where the sheet cannot be read to its end.
    """
    record.kind, record.counts_from_1904 = sheet.kind, sheet.counts_from_1904
    done = 0
    for name in sheet.sheet_names:
        for more in record.keep(name, sheet.rows(name), sheet.aside):
            done += more
            yield done
    if not done:
        raise SheetProblem(
            _("This sheet is empty. Choose one with a row of headings and a row for each pet.")
        )
    record.notes, record.encoding, record.spellings = [*sheet.notes], sheet.encoding, dict(sheet.spellings)
    if sheet.file and sheet.spellings:
        record.original = zlib.compress(sheet.file.read_bytes(), 1)
    for more in choose_sheet(record) if len(record.sheets) > 1 else ():
        done += more
        yield done
    record.read = True


def _folder() -> Path:
    folder = Path(current_app.instance_path) / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def sweep() -> None:
    """At the start of the server, take away what one left that died while it read. The caller commits.

    A register in SQLite has one server, whose death let go of all; on PostgreSQL others may be reading.
    """
    before = clock.now() - (timedelta() if db.engine.dialect.name == "sqlite" else LOST)
    Import.sweep(before)
    _take_away(before)


def _take_away(before: datetime) -> None:
    """Take away the files that came before a moment; another process may be doing the same."""
    for file in _folder().iterdir():
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < before.timestamp():
                file.unlink()
