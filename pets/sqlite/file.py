"""A SQLite database as files: copied by SQLite itself, put in place whole, and missed when it is gone."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory

try:
    import fcntl
except ImportError:  # Windows, which by itself keeps a file that is open from being replaced
    fcntl = None  # type: ignore[assignment]

WAIT = 15  # seconds that a lock is waited for
LOGS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file that is or was in use
PART = ".part"
UNREADABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
UNOPENED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# Where SQLite locks, by its file format: the file itself for each connection, and -shm for each of WAL mode.
LOCKS = (("", 0x40000000, 512), ("-shm", 120, 9))


def logs(file: Path) -> list[Path]:
    """What there is of SQLite's logs beside a database."""
    return [log for end in LOGS if (log := beside(file, end)).exists()]


def beside(file: Path, end: str) -> Path:
    """The file of the same name with something after it."""
    return file.with_name(file.name + end)


def copy(source: Path, target: Path) -> None:
    """Copy a database as of one moment, with what is still in its log, into one file, and check that.

    The source is left as it is, and may be in use. Raises sqlite3.DatabaseError where it is no whole
    database, OSError where a file cannot be read or written.
    """
    source = source.resolve()  # beside that are its logs
    if not source.stat().st_size:  # SQLite would throw its log away
        raise sqlite3.DatabaseError("file is empty")
    try:
        _copy(source, target, "ro")
    except sqlite3.OperationalError as problem:
        if _code(problem) not in UNOPENED:
            raise
        # On a disk that is only read SQLite cannot open a file that has a log: it can where the copy will be.
        with TemporaryDirectory(dir=target.parent, prefix=target.name, suffix=PART) as folder:
            for file in (source, *logs(source)):
                shutil.copyfile(file, Path(folder) / file.name)
            _copy(Path(folder) / source.name, target, "rw")


def _copy(source: Path, target: Path, mode: str) -> None:
    with closing(_open(source, mode)) as connection, closing(_open(target, "rw")) as made:
        connection.execute("BEGIN")
        connection.execute(
            "SELECT 1 FROM sqlite_master"
        ).fetchone()  # one moment, and no waiting from here on
        connection.backup(made)
        made.execute("PRAGMA journal_mode = DELETE")
        _check(made)


def check(file: Path, until: float | None = None) -> bool:
    """Read all of a database, which may be in use; given up `until` then (by time.monotonic).

    Returns whether all of it was read. Raises sqlite3.DatabaseError where it is not whole.
    """
    with closing(_open(file, "ro")) as connection:
        if until is not None:
            connection.set_progress_handler(lambda: time.monotonic() > until, 1_000)
        try:
            _check(connection)
        except sqlite3.OperationalError as problem:
            if _code(problem) == sqlite3.SQLITE_INTERRUPT:
                return False
            raise
    return True


def _check(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _open(file: Path, mode: str) -> sqlite3.Connection:
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None)


def fold_in(file: Path) -> None:
    """Bring SQLite's log into the file, which then stands alone. Raises OperationalError if it is in use."""
    with closing(sqlite3.connect(file, timeout=1, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")
    beside(file, "-shm").unlink(missing_ok=True)  # which SQLite leaves where it had the file for itself alone


def in_use(file: Path) -> bool:
    """Whether another process has a database open, be it damaged or removed, as far as the system tells.

    No connection of this process may be open: its locks would end.
    """
    for end, start, length in LOCKS if fcntl else ():
        with suppress(FileNotFoundError), beside(file, end).open("rb+") as opened:
            try:
                fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
            except (BlockingIOError, PermissionError):
                return True
    return False


def is_damage(problem: object) -> bool:
    """Whether an error of SQLite says that the file is damaged, or cut off so that there is nothing in it."""
    emptied = _code(problem) == sqlite3.SQLITE_ERROR and "no such table" in str(problem)
    return emptied or _code(problem) in UNREADABLE


def is_passing(problem: object) -> bool:
    """Whether an error of SQLite says that another has the file, or that the disk is full."""
    return _code(problem) in (*TAKEN, sqlite3.SQLITE_FULL)


def _code(problem: object) -> int:
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF  # what is above tells more of the same


@contextmanager
def becoming(target: Path) -> Iterator[Path]:
    """An empty file, its owner's only, that becomes the target once it is whole and on the disk."""
    with making(target) as part:
        yield part
        put_in_place(part, target)


@contextmanager
def making(target: Path) -> Iterator[Path]:
    """An empty file, its owner's only, to be written and then put in the place of the target."""
    part = beside(target, PART)
    sweep(target.parent, part.name)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    hand_over(part)
    try:
        yield part
    finally:
        sweep(target.parent, part.name)


def hand_over(made: Path) -> None:
    """Give what root has made to whose folder it is in: the server, which is not root, has to use it."""
    if os.name == "posix" and os.geteuid() == 0:
        folder = made.parent.stat()
        with suppress(OSError):  # a stick may not know owners
            os.chown(made, folder.st_uid, folder.st_gid)


def put_in_place(part: Path, target: Path) -> None:
    """Give a file that is whole the name of the target, once all of it is on the disk."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """See to it that a new name in a folder is on the disk, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep(folder: Path, name: str) -> None:
    """Remove what was left half written in a folder by somebody who was killed: files with such names."""
    for file in folder.glob(f"{escape(name)}*") if folder.is_dir() else ():
        if any(file.name.endswith(PART + end) for end in ("", *LOGS)):
            shutil.rmtree(file, ignore_errors=True) if file.is_dir() else file.unlink(missing_ok=True)


def busy(why: str) -> sqlite3.OperationalError:
    """The error that SQLite has for a database that another is writing to."""
    problem = sqlite3.OperationalError(why)
    problem.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return problem
