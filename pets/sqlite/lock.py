"""Locks between programs on Linux, macOS and Windows, which end at the latest with the program."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where a folder cannot be locked: a file in it is
    fcntl = None  # type: ignore[assignment]
    import msvcrt

FILE = "pets.lock"
TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
AGAIN = 0.1  # seconds after which Windows is asked again


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else copies in a folder, and keep others waiting; a network disk may not know how."""
    file, how = (folder, os.O_RDONLY) if fcntl else (folder / FILE, os.O_RDWR | os.O_CREAT)
    descriptor = os.open(file, how, 0o600)
    try:
        with suppress(OSError):
            while not _lock(descriptor, wait=True):
                time.sleep(AGAIN)
        yield
    finally:
        os.close(descriptor)


def hold(file: Path) -> bool:
    """Take a file for this process until it ends. Returns whether nobody else has taken it."""
    if not file.parent.is_dir():
        return True
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    if _lock(descriptor, wait=False):
        return True
    os.close(descriptor)
    return False


def _lock(descriptor: int, wait: bool) -> bool:
    """Lock an open file. Returns False where another has; on Windows, which does not wait, in either case."""
    try:
        if fcntl:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        else:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except OSError as problem:
        if problem.errno not in TAKEN:
            raise
        return False
    return True
