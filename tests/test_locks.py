"""Locks between programs, as Linux and macOS have them, and as Windows does."""

import errno
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from pets.sqlite import lock
from tests.server import ROOT

fcntl = pytest.importorskip("fcntl", reason="Windows is tried here on another system")
pytestmark = pytest.mark.any_database


def locking(descriptor, mode, length):
    """As Python has it on Windows: it never waits, and says of a lock that another has that it is denied."""
    assert (mode, length) == ("LK_NBLCK", 1)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


@pytest.fixture(params=["Linux", "Windows"], autouse=True)
def system(request, monkeypatch):
    if request.param == "Windows":
        monkeypatch.setattr(lock, "fcntl", None)
        monkeypatch.setattr(
            lock, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK="LK_NBLCK"), raising=False
        )
    return request.param


def test_a_file_is_held_by_one_program_until_that_ends(tmp_path):
    file = tmp_path / "pets.sqlite-server"
    take = f"assert hold(Path({str(file)!r})); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", f"from pathlib import Path; from pets.sqlite.lock import hold; {take}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        other.stdout.readline()
        assert not lock.hold(file)
        other.kill()
    assert lock.hold(file)
    assert not lock.hold(file)


def test_in_a_folder_one_copies_after_the_other(tmp_path):
    began, done = threading.Event(), []

    def copy():
        began.set()
        with lock.alone(tmp_path):
            done.append("other")

    with lock.alone(tmp_path):
        other = threading.Thread(target=copy)
        other.start()
        began.wait()
        other.join(0.3)
        done.append("one")
    other.join()
    assert done == ["one", "other"]


def test_a_disk_that_knows_no_locks_keeps_nobody_waiting(tmp_path, monkeypatch, system):
    def refused(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    if system == "Windows":
        monkeypatch.setattr(lock.msvcrt, "locking", refused)
    else:
        monkeypatch.setattr(lock, "fcntl", SimpleNamespace(flock=refused, LOCK_EX=0))
    with lock.alone(tmp_path):
        assert tmp_path.is_dir()
