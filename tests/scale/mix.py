"""An ordinary day in half a minute: sixteen people who list, search, look, edit and save; and how long each
page took, beside Django's admin that keeps versions.

    python -m tests.scale.mix [--seconds 30] [--folder FOLDER]
"""

import argparse
import random
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.scale.client import Answer, Client, cpu, percentile
from tests.scale.peers import Django
from tests.scale.seed import NAMES, seeded, signed_in
from tests.server import Server

PEOPLE, PETS, TURNS = 16, 10_000, 3
DONE = (200, 302, 303)

# Ten requests, each an address and perhaps a form; what comes back is its answer.
Round = Generator[tuple[str, dict[str, str] | None], Answer | None, None]


def ours(pet: int, chance: random.Random) -> Round:
    """What one person does here, about one pet."""
    listed = yield "/pets/", None
    [following] = re.findall(r' rel="next" href="([^"]+)"', text(listed))
    yield "/pets/" + unescape(following).removeprefix("/pets/"), None
    for name in chance.sample(NAMES, 2):
        yield f"/pets/?q={quote(name)}", None
    for other in chance.sample(range(1, PETS), 2):
        yield f"/pets/{other}", None
    page = text((yield f"/pets/{pet}/edit", None))
    [version] = re.findall("<option selected>([0-9]+)</option>", page)
    chosen = dict(re.findall(r'<select [^>]*name="(\w+)".*?value="(\w+)" selected', page))
    form = {**inputs(page), **chosen, "version": version}
    saved = yield f"/pets/{pet}/edit", {**form, "notes": f"seen {chance.random()}"}
    yield saved.headers.get("location", "/"), None
    yield f"/history?pet={pet}", None


def theirs(pet: int, chance: random.Random) -> Round:
    """The same in Django's admin, where the page after a save is the list."""
    pets = Django.path
    yield pets, None
    yield f"{pets}?p=2", None
    for name in chance.sample(NAMES, 2):
        yield f"{pets}?q={quote(name)}", None
    for other in chance.sample(range(1, PETS), 2):
        yield f"{pets}{other}/change/", None
    form = inputs(text((yield f"{pets}{pet}/change/", None)))
    saved = yield f"{pets}{pet}/change/", {**form, "notes": f"seen {chance.random()}", "_save": "Save"}
    yield saved.headers.get("location", "/"), None
    yield f"{pets}{pet}/history/", None


def text(answer: Answer) -> str:
    return answer.body.decode()


def inputs(page: str) -> dict[str, str]:
    """What the boxes of a page's forms hold."""
    return {
        name: unescape(held) for name, held in re.findall(r'<input [^>]*name="(\w+)" value="([^"]*)"', page)
    }


class Side:
    """A server on which everybody goes round and round, and what came of it."""

    def __init__(self, who: str, server: Server | Django, cookie: str, go_round: Callable[..., Round]):
        self._who, self._server, self._cookie, self._round = who, server, cookie, go_round
        self._told: list[tuple[int, float]] = []  # each answer's status and seconds
        self._cost = self._seconds = 0.0

    def live(self, seconds: float) -> None:
        """Let everybody work for so long."""
        until, before = time.perf_counter() + seconds, cpu(self._server.pid)
        with ThreadPoolExecutor(PEOPLE) as pool:
            for told in pool.map(lambda place: self._person(place, until), range(PEOPLE)):
                self._told += told
        self._cost += cpu(self._server.pid) - before
        self._seconds += seconds

    def _person(self, place: int, until: float) -> list[tuple[int, float]]:
        client, chance, told = Client(self._server.url, self._cookie), random.Random(place), []
        while True:
            pet = chance.randrange(PETS // PEOPLE) * PEOPLE + place + 1  # nobody else's
            steps, answer = self._round(pet, chance), None
            with suppress(StopIteration):
                while True:
                    path, form = steps.send(answer)
                    answer = client.post(path, urlencode(form).encode()) if form else client.get(path)
                    if time.perf_counter() > until:
                        return told
                    told.append((answer.status, answer.took))

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self._told) / self._seconds

    def slowest(self, part: float = 0.99) -> float:
        """Milliseconds that this part of the answers took at most."""
        return percentile([took for _, took in self._told], part) * 1000

    def __str__(self) -> str:
        errors = sum(status not in DONE for status, _ in self._told)
        cost = self._cost / len(self._told) * 1000
        waited = f"{self.slowest(0.5):.0f} ms | {self.slowest():.0f} ms"
        return f"| {self._who} | {self.rate:.0f}/s, {cost:.1f} ms of a processor | {errors} | {waited} |"


def measured(instance: Path, seconds: float) -> Iterator[str]:
    """Both in turn, on copies of a register; the lines of a table."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        here = Path(folder) / "register"
        shutil.copytree(instance, here)
        cookie, _ = signed_in(here)
        server = stack.enter_context(Server(PETS_INSTANCE=str(here)))
        django = Django(stack, here / "pets.sqlite", here, "history")
        us = Side("ours", server, cookie, ours)
        them = Side("Django’s admin with django-simple-history", django, django.cookie, theirs)
        for _ in range(TURNS):
            for side in (us, them):
                side.live(seconds / TURNS)
    yield f"| {PEOPLE} people, {PETS:,} pets, ten requests each | answers | errors | median | p99 |"
    yield "|---|---|---|---|---|"
    yield from map(str, (us, them))
    ratios = f"{us.rate / them.rate:.1f} (goal ≥ 5) | | | {us.slowest() / them.slowest():.2f} (goal ≤ 0.25)"
    yield f"| ours ÷ Django’s | {ratios} |"


def mix(scales, quick) -> Iterator[str]:
    """Sixteen people at once."""
    yield from measured(scales[1].site.instance, 9 if quick else 30)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m tests.scale.mix", description=__doc__.split("\n\n")[0])
    asked.add_argument("--seconds", type=float, default=30, help="for each of the two")
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "pets-scale")
    given = asked.parse_args()
    for line in measured(seeded(given.folder, PETS), given.seconds):
        print(line, flush=True)
