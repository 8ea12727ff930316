"""A SQLite file that somebody hands in: the rows of its table `pet`, and nothing else of it.

The file is untrusted, so this follows SQLite's own "Defense Against The Dark Arts": read-only and immutable,
schema not trusted, cells checked, small limits, nothing attached, and an authorizer that knows one table.
"""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from pets.fields.cell import Cell
from pets.language import gettext as _, lazy_gettext
from pets.sheets.cells import MAX_COLUMNS, Row, SheetProblem, Source, finite, too_wide

_STEPS = 100_000
_MAX_STEPS = 3_000  # times _STEPS: 200,000 pets take about 100
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 3,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 8,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 50,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 10,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_DAMAGED = lazy_gettext(
    "This SQLite file is damaged or cut off. Make a fresh copy while no program has it open, and try that."
)
_WAL = lazy_gettext(
    "This database keeps its latest changes in a second file (-wal), which is not here. If something is "
    "missing, close the program that uses it and import the file again."
)


class PetTable(Source):
    """The table `pet` of a SQLite file; its column names are row 1, as headings."""

    def __init__(self, path: Path) -> None:
        """Raises SheetProblem when the file is damaged, or `pet` is missing, a view or a virtual table."""
        super().__init__()
        self._path = path
        with path.open("rb") as file:
            header = file.read(100)
        self.notes = (str(_WAL),) if header[18:20] == b"\x02\x02" else ()
        try:
            with closing(self._connect()) as connection:
                _check_schema(connection)
                _check_integrity(connection)
        except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError) as error:
            raise SheetProblem(str(_DAMAGED)) from error

    def rows(self, name: str = "") -> Generator[Row, None, None]:
        """(row number, cells): row 1 are the column names, then the pets by their number."""
        number = 0
        try:
            with closing(self._connect()) as connection:
                connection.set_authorizer(_only("pet"))
                found = connection.execute("SELECT * FROM pet")
                names: list[Cell] = [column[0] for column in found.description]
                if len(names) > MAX_COLUMNS:
                    raise too_wide(1, len(names))
                yield 1, names
                for number, record in enumerate(found, 2):
                    for heading, cell in zip(names, record, strict=True):
                        if isinstance(cell, bytes):
                            raise SheetProblem(
                                _(
                                    "Row %(row)s, column “%(column)s” of table pet holds binary data, not "
                                    "text. Empty that cell, or export the table as CSV without that column.",
                                    row=number,
                                    column=heading,
                                )
                            )
                    yield number, [finite(cell) for cell in record]
        except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError) as error:
            raise SheetProblem(
                _("The table pet cannot be read after row %(row)s.", row=number) + f" {_DAMAGED}"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self._path.absolute()))}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,  # a half-read generator may be closed by another thread
        )
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        steps = iter(range(_MAX_STEPS))
        connection.set_progress_handler(lambda: next(steps, None) is None, _STEPS)
        for pragma in (
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "mmap_size=0",
            "temp_store=MEMORY",
            "query_only=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection


def _check_schema(connection: sqlite3.Connection) -> None:
    connection.set_authorizer(_only("sqlite_master"))
    found = connection.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = 'pet' COLLATE NOCASE"
    ).fetchall()
    connection.set_authorizer(None)
    if not any(kind in ("table", "view") for kind, _ in found):
        raise SheetProblem(
            _(
                "This SQLite file has no table named pet. Choose a database with such a table, or export "
                "yours as CSV."
            )
        )
    kind, sql = found[0]
    if len(found) > 1 or kind != "table" or not str(sql).lower().startswith("create table"):
        raise SheetProblem(
            _(
                "In this SQLite file pet is a view or a virtual table, which Pets does not run. "
                "Export its rows as CSV and bring that in."
            )
        )


def _check_integrity(connection: sqlite3.Connection) -> None:
    connection.set_authorizer(_only("pet", check="quick_check"))
    if connection.execute("PRAGMA quick_check(pet)").fetchall() != [("ok",)]:
        raise SheetProblem(str(_DAMAGED))


def _only(table: str, check: str = "") -> Callable[..., int]:
    """An authorizer that lets one table be read, and nothing else be done; `check`: but for this pragma."""

    def allowed(
        action: int, name: str | None, _column: str | None, _db: str | None, inner: str | None
    ) -> int:
        if check and action == sqlite3.SQLITE_PRAGMA and name == check:
            return sqlite3.SQLITE_OK
        reads = action == sqlite3.SQLITE_READ and name is not None and name.lower() == table
        selects = inner is None and (reads or action == sqlite3.SQLITE_SELECT)
        return sqlite3.SQLITE_OK if selects else sqlite3.SQLITE_DENY

    return allowed
