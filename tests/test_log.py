"""The log as the server sets it up: a file that stays small, and one line for whatever happens."""

import json
import logging
import threading
import warnings

import pytest

from pets.web import log


@pytest.fixture
def begin(log_restored, tmp_path):
    """`lines = begin()`: log to a file from here on; `lines()` is what stands in it."""

    def begin():
        log.begin(str(tmp_path / "pets.log"))
        return lambda: [json.loads(line) for line in (tmp_path / "pets.log").read_text().splitlines()]

    return begin


def test_a_file_grows_so_far_and_old_ones_go(begin, monkeypatch, tmp_path):
    monkeypatch.setattr(log, "SIZE", 1_000)
    lines = begin()
    for number in range(100):
        logging.getLogger("pets").warning("number %s", number)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["pets.log", *(f"pets.log.{number}" for number in range(1, 6))]
    assert all(file.stat().st_size <= 1_000 for file in tmp_path.iterdir())
    assert lines()[-1]["message"] == "number 99"


def test_what_nobody_caught_is_a_line_too(begin):
    lines = begin()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old and tired", DeprecationWarning, stacklevel=1)
    thread = threading.Thread(target=lambda: {}["Rex"])
    thread.start()
    thread.join()

    class Falling:
        def __del__(self):
            raise ZeroDivisionError("Rex")

    Falling()
    told, ended, fell = lines()
    assert (told["from"], told["level"]) == ("py.warnings", "WARNING")
    assert "old and tired" in told["message"]
    assert [one["error"] for one in ended["errors"]] == ["builtins.KeyError"]
    assert [one["error"] for one in fell["errors"]] == ["builtins.ZeroDivisionError"]
    assert "Rex" not in str([ended, fell])
