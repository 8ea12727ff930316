"""Measure the site at 100, 10,000 and 1,000,000 pets beside the raw floor and Django's admin, as Markdown.

    python -m tests.scale [--quick] [--folder FOLDER]

Everything is measured in this run: the real server (`python app.py`, 4 threads) and the others, in turn,
signed in, over HTTP. The registers are seeded once and kept in the folder. What is compared shares the
noise of the machine: read the ratios.
"""

import argparse
import os
import platform
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tests.scale import measures
from tests.scale.mix import mix
from tests.scale.peers import Django, Peer
from tests.scale.seed import seeded, signed_in
from tests.server import Server


class Site:
    """Our server on a register of so many pets, with somebody signed in."""

    def __init__(self, folder: Path, pets: int, stack: ExitStack):
        self.pets, self.instance = pets, seeded(folder, pets)
        self.cookie, self.token = signed_in(self.instance)
        self.server = stack.enter_context(Server(PETS_INSTANCE=str(self.instance)))
        self.url = self.server.url


class Scale(NamedTuple):
    """What is measured beside each other on registers of one size."""

    site: Site
    floor: Peer
    django: Django


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__.split("\n\n")[0])
    asked.add_argument("--quick", action="store_true", help="a look: 100 and 10,000 pets, few rounds")
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "pets-scale")
    given = asked.parse_args()
    sizes = [100, 10_000] if given.quick else [100, 10_000, 1_000_000]
    given.folder.mkdir(parents=True, exist_ok=True)
    print(
        f"Measured on {datetime.now().astimezone():%-d %B %Y}: {os.cpu_count()} cores, {platform.machine()},"
    )
    print(f"Python {platform.python_version()}, SQLite {measures.sqlite_version()}.\n", flush=True)
    with ExitStack() as stack:
        scales = []
        for pets in sizes:
            site = Site(given.folder, pets, stack)
            register = site.instance / "pets.sqlite"
            scales.append(Scale(site, Peer("floor", stack, register), Django(stack, register, site.instance)))
        for measure in (*measures.ALL, mix):
            for line in measure(scales, given.quick):
                print(line, flush=True)
            print(flush=True)


if __name__ == "__main__":
    main()
