"""Whether the tests notice a mistake: small ones are made in the code, one by one.

    pip install cosmic-ray==8.7.0
    python -m tests.reach                     # once for each state of the code
    python -m tests.mutation changes 60 17    # a room of `mistakes.py`, how many at random, and the seed

No file is changed. A forked process gives the mistake to the functions that are loaded, and some of the
tests that reach it try it. Where they notice nothing, and where it is made while Pets is loaded, all of them
try it in a process that loads Pets with it. At the end, each test that noticed one has to pass without it.
"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.mistakes import Mistake, mistakes
from tests.reach import ROOT, tests_of

SOME = 40  # tests that try a mistake first
LONG = 60  # seconds of work after which a test never ends
# What the process before a forked one did not close is not the fault of the tests here.
PYTEST = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]


def apart(work: Callable[[], str]) -> str:
    """What work says in a process of its own, where nothing is printed."""
    said, says = os.pipe()
    if not (process := os.fork()):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            os.write(says, work().encode())
        finally:
            os._exit(sys.exc_info()[0] is not None)
    os.close(says)
    with os.fdopen(said, encoding="utf-8") as answer:
        word = answer.read()
    return "it breaks off, or never ends" if os.waitpid(process, 0)[1] else word


class Trial:
    """A run of pytest in which some tests try each mistake, until one notices it."""

    def __init__(self, tried: dict[Mistake, list[str]], make: Callable[[Mistake], None]):
        self.tried, self.make, self.noticed, self.failed = tried, make, [], ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed:
            return None  # a file of tests could not be loaded
        items = {item.nodeid: item for item in session.items}
        # What all tests share is made before a process forks, and stands if a test of another folder is next.
        first = next((item for item in session.items if "app" in item.fixturenames), session.items[0])
        self.run(
            [first], next((item for item in session.items if item.path.parent != first.path.parent), None)
        )
        signal.setitimer(signal.ITIMER_PROF, 0)
        for mistake, tests in self.tried.items():

            def notice(mistake: Mistake = mistake, tests: list[str] = tests) -> str:
                self.make(mistake)
                return self.run([items[test] for test in tests if test in items], None)

            self.noticed.append(apart(notice))
        return True

    def run(self, items: list[pytest.Item], after: pytest.Item | None) -> str:
        """Run them, and name the first that fails."""
        for item, following in zip(items, [*items[1:], after], strict=True):
            signal.setitimer(signal.ITIMER_PROF, LONG)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                break
        return self.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid

    def notices(self) -> str:
        """The test that noticed each mistake, line by line; an empty line where none did."""
        files = sorted({test.partition("::")[0] for tests in self.tried.values() for test in tests})
        pytest.main([*PYTEST, *files], plugins=[self])
        return "\n".join(self.noticed or ["it does not load"])


def main(room: str, many: int, seed: int) -> None:
    every = list(mistakes(room))
    chosen = random.Random(seed).sample(every, min(many, len(every)))
    found = {mistake: tests_of(mistake.file, mistake.line) for mistake in chosen}
    quick = {mistake: tests[:SOME] for mistake, (tests, loading) in found.items() if tests and not loading}
    noticed = dict(zip(quick, apart(Trial(quick, Mistake.give).notices).split("\n"), strict=True))
    for mistake, (tests, _) in found.items():
        if tests and not noticed.get(mistake):

            def afresh(mistake: Mistake = mistake, tests: list[str] = tests) -> str:
                mistake.load()
                return Trial({mistake: tests}, lambda _: None).notices()

            noticed[mistake] = apart(afresh)
    print("Not noticed:", *(mistake for mistake in chosen if not noticed.get(mistake)), sep="\n")
    print(f"{sum(map(bool, noticed.values()))} of {len(chosen)} noticed; there are {len(every)}")
    sound = sorted({test for test in noticed.values() if "::" in test})
    subprocess.run([sys.executable, "-m", "pytest", *PYTEST, "-x", *sound], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
