"""What OWASP ASVS 5.0 asks for, against what is proven: `tests/asvs.toml` is read row by row."""

import ast
import functools
import io
import json
import logging
import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from pets.accounts.account import Account
from pets.db import db
from pets.web.log import JsonLines

ROOT = Path(__file__).parent.parent
ROWS = tomllib.loads((ROOT / "tests/asvs.toml").read_text("utf-8"))["row"]

# What we took on: level 1 as far as it applies, and what is worth it of level 2.
TAKEN = """
1.2.1 1.2.2 1.2.3 1.2.4 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.3 4.1.1 5.2.1
5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2 7.2.1 7.2.2
7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1
1.3.7 2.2.3 2.3.2 2.3.3 2.4.1 3.3.2 3.3.3 3.3.4 3.4.3 3.4.4 3.4.5 3.4.6 4.1.3 5.1.1 5.2.3 5.4.1 5.4.2 6.2.9
6.2.10 6.2.11 7.1.2 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 8.1.2 8.2.3 13.4.2 13.4.4 13.4.5 14.3.2 15.2.2
15.2.3 15.3.3 15.3.4 15.3.7 16.2.1 16.2.2 16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.5.1
16.5.2 16.5.3
""".split()
NOT_TAKEN = "3.5.4 5.4.3 6.2.12 6.3.3 13.3.1 16.4.3".split()  # and tests/security.md says so


@functools.cache
def proofs_in(file: str) -> set[str]:
    """The tests of a file: tests/test_asvs.py::test_scripts_keep_nothing_in_the_browser."""
    path = ROOT / file
    tree = ast.parse(path.read_text("utf-8")) if path.is_file() else ast.Module([], [])
    defined = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {f"{file}::{name}" for name in defined if name.startswith("test_")}


def test_a_row_has_tests_that_are_there_or_a_reason():
    for row in ROWS:
        assert row["requirement"].endswith("."), row["id"]
        if "not_done" in row:
            assert len(row["not_done"].split()) > 5, row["id"]
            assert "tests" not in row, row["id"]
            continue
        assert row["does"].endswith("."), row["id"]
        assert row["tests"], row["id"]
        for test in row["tests"]:
            assert test in proofs_in(test.partition("::")[0]), f"{row['id']} names {test}, which is not there"


def test_every_requirement_that_we_took_on_has_a_row_and_no_other():
    ids = [row["id"] for row in ROWS]
    assert sorted(ids) == sorted(TAKEN + NOT_TAKEN)
    assert {row["id"] for row in ROWS if "not_done" in row} == set(NOT_TAKEN)


def test_it_is_written_down_what_is_promised_and_what_is_not():
    promised = (ROOT / "tests/security.md").read_text("utf-8")
    for word in ("What is promised", "asvs.toml", "second factor", "within a week"):
        assert word in promised, f"tests/security.md says nothing of {word}"


def test_the_readme_is_for_the_person_who_runs_it():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme.count("\n") <= 130
    assert "pets service nginx" in readme
    for link in re.findall(r"\]\(([^)#]+)\)", readme):
        assert (ROOT / link).is_file(), f"the README leads to {link}, which is not there"


@pytest.mark.parametrize(
    "file", ["README.md", "pets/README.md", "tests/security.md", "tests/scale/README.md"]
)
def test_a_command_can_be_typed_as_it_is_written(file):
    text = (ROOT / file).read_text("utf-8")
    assert not re.findall(r"(?:`|^ *)(?:pets|flask|python|pip|pytest) [^`\n]+", text, re.MULTILINE)


def test_how_to_add_is_read_on_one_screen():
    assert (ROOT / "pets/README.md").read_text("utf-8").partition("## How to add")[2].count("\n") <= 30


def test_scripts_keep_nothing_in_the_browser():
    """But for whether a person has turned the keys off."""
    for script in (ROOT / "static").rglob("*.js"):
        text = re.sub(r"localStorage\.\w+\(OFF\b", "", script.read_text("utf-8"))
        for store in (
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "caches",
            "document.cookie",
            "serviceWorker",
        ):
            assert store not in text, f"{script.name} keeps something in {store}"


def test_an_error_that_is_logged_tells_no_values(app, session):
    account = Account(role="viewer", password_hash="scrypt:secret")
    account.rename("Edith")
    db.session.add(account)
    with pytest.raises(IntegrityError, match="name_key") as problem:
        db.session.commit()
    session.rollback()
    assert "scrypt:secret" not in str(problem.value)


def test_every_line_of_the_log_is_one_object_of_json():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.Logger("pets")
    log.addHandler(handler)
    try:
        raise ValueError('\r\n{"event": "signed-in"}')
    except ValueError:
        log.exception("reference %s: /pets/%s", "ab12", '\n{"event"}\x1b[2J\x7f')
    [line] = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["from"]) == ("ERROR", "pets")
    assert told["at"].endswith("+00:00")
    [problem] = told["errors"]
    assert problem["error"] == "builtins.ValueError"
    assert line.isprintable()
