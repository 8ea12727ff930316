"""Which tests reach which statement of Pets, and how long each takes: `mutation.py` chooses its tests by it.

    python -m tests.reach            # all but those in a browser
    python -m tests.reach FILES      # some files of tests: beside what is known

Each statement is loaded with a mark before it: with coverage.py, which traces every call, the tests take
twice as long. What only another process reaches (see `server.py`) is not seen.
"""

import ast
import builtins
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

ROOT = Path(__file__).parent.parent
REACHED: set[tuple[str, int]] = builtins.__dict__.setdefault("__reached__", set())  # marked code asks
# A line for each test: {"test": …, "seconds": …, "reached": {file: [first lines of statements]}}
KNOWN = Path(tempfile.gettempdir()) / "pets-reach.jsonl"


def starts(statement: ast.stmt) -> int:
    """Its first line, with what decorates it."""
    return min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", []))])


class Marks(ast.NodeTransformer):
    """Has each statement of a file note that it is reached."""

    def __init__(self, file: str):
        self.file = file

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for part in ("body", "orelse", "finalbody"):
            if isinstance(statements := getattr(node, part, None), list):
                setattr(node, part, [one for statement in statements for one in self.marked(statement)])
        return node

    def marked(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return [statement]  # a docstring, which has to come first
        mark = ast.parse(f"__reached__.add(({self.file!r}, {starts(statement)}))").body[0]
        return [ast.copy_location(mark, statement), statement]


def load(loader: SourceFileLoader, name: str, get_code=SourceFileLoader.get_code) -> CodeType | None:
    """What is loaded of a file: with marks, if it is one of Pets."""
    path = Path(loader.path)
    if not path.is_relative_to(ROOT / "pets"):
        return get_code(loader, name)
    tree = Marks(str(path.relative_to(ROOT))).visit(ast.parse(path.read_bytes()))
    return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    SourceFileLoader.get_code = load


def pytest_collection_finish() -> None:
    note("", 0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item):
    began = time.process_time()
    done = yield
    note(item.nodeid, time.process_time() - began)
    return done


def note(test: str, seconds: float) -> None:
    """What was reached since the last."""
    lines = defaultdict(list)
    for file, line in sorted(REACHED):
        lines[file].append(line)
    REACHED.clear()
    with KNOWN.open("ab", buffering=0) as known:
        known.write(
            json.dumps({"test": test, "seconds": round(seconds, 3), "reached": lines}).encode() + b"\n"
        )


@cache
def known() -> tuple[dict[tuple[str, int], set[str]], dict[str, float]]:
    """The tests that reach each statement ("" while Pets is loaded), and how long each takes."""
    tests, seconds = defaultdict(set), {}
    with KNOWN.open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            seconds[line["test"]] = line["seconds"]
            for file, numbers in line["reached"].items():
                for number in numbers:
                    tests[file, number].add(line["test"])
    return tests, seconds


@cache
def statements(file: str) -> list[tuple[int, int]]:
    """The first and the last line of each."""
    nodes = ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
    return [(starts(node), node.end_lineno) for node in nodes if isinstance(node, ast.stmt)]


def tests_of(file: str, line: int) -> tuple[list[str], bool]:
    """The tests that reach the statement on a line; and whether it runs while Pets is loaded: then those that
    reach any of its file. First come those that reach much of the file in little time, and of a test with
    many cases one before the others."""
    tests, seconds = known()
    all_of_it = [tests[file, first] for first, _ in statements(file)]
    found = tests[file, max(first for first, last in statements(file) if first <= line <= last)]
    if loading := "" in found:
        found = set().union(*all_of_it) - {""}
    much = Counter(test for some in all_of_it for test in some)
    cases, ordered = Counter[str](), []
    for test in sorted(found, key=lambda test: (-much[test] / (seconds[test] + 0.1), test)):
        cases[name := test.partition("[")[0]] += 1
        ordered.append((cases[name], len(ordered), test))
    return [test for _, _, test in sorted(ordered)], loading


if __name__ == "__main__":
    if not (files := sys.argv[1:]):
        KNOWN.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-x", "-p", "tests.reach", "-p", "no:cacheprovider"]
    subprocess.run([*command, "--ignore=tests/browser", *files], cwd=ROOT, check=True)
