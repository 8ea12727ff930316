"""Measure the site at 100, 10,000 and 1,000,000 pets beside the raw floor; print the table as Markdown.

    python -m tests.scale [--quick] [--folder FOLDER]

Everything is measured in this run: the real server (`python app.py`, 4 threads) and the floor, in turn,
signed in, over HTTP. The registers are seeded once and kept in the folder. What is compared shares the
noise of the machine: read the ratios.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from tests.scale import measures
from tests.scale.seed import seeded, signed_in
from tests.server import ROOT, Server, _free_port


class Site:
    """Our server on a register of so many pets, with somebody signed in."""

    def __init__(self, folder: Path, pets: int, stack: ExitStack):
        self.pets, self.instance = pets, seeded(folder, pets)
        self.cookie, self.token = signed_in(self.instance)
        self.server = stack.enter_context(Server(PETS_INSTANCE=str(self.instance)))
        self.url = self.server.url


class Floor:
    """The floor on the same register."""

    def __init__(self, site: Site, stack: ExitStack):
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.scale.floor", str(site.instance / "pets.sqlite"), str(port)]
        process = stack.enter_context(subprocess.Popen(command, cwd=ROOT))
        stack.callback(process.kill)
        self.pid = process.pid
        measures.await_answer(self.url + "/pets/")


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
        sites = [Site(given.folder, pets, stack) for pets in sizes]
        floors = [Floor(site, stack) for site in sites]
        for measure in measures.ALL:
            for line in measure(sites, floors, given.quick):
                print(line, flush=True)
            print(flush=True)


if __name__ == "__main__":
    main()
