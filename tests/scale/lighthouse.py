"""How Lighthouse marks the list, the form and a pet of a register of 10,000, at a desk and on a phone.

    npm install --prefix .venv/node lighthouse
    python -m tests.scale.lighthouse [--folder FOLDER] [PATH …]

A phone is Lighthouse's own: its slow network and processor, four times slower than this machine's.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import app as program
from tests.scale.seed import seeded, signed_in
from tests.server import Server

LIGHTHOUSE = Path(program.__file__).parent / ".venv/node/node_modules/.bin/lighthouse"
PAGES = ("/", "/pets/", "/pets/new", "/pets/1")
KINDS = ("performance", "accessibility", "best-practices")
CHROMIUM = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"


def marks(url: str, cookie: str, desk: bool) -> dict[str, int]:
    """What a page is marked with, out of 100, by kind; and what it lost marks for."""
    browser = shutil.which("chromium") or shutil.which("google-chrome") or ""
    found = subprocess.run(
        [
            *(os.environ.get("LIGHTHOUSE", LIGHTHOUSE), url, "--quiet", "--output=json"),
            *(f"--only-categories={','.join(KINDS)}", f"--chrome-flags={CHROMIUM}"),
            f"--extra-headers={json.dumps({'Cookie': cookie})}",
            *(["--preset=desktop"] if desk else []),
        ],
        capture_output=True, text=True, check=True, env={**os.environ, "CHROME_PATH": browser},
    )  # fmt: skip
    told = json.loads(found.stdout)
    for name, audit in told["audits"].items():
        if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative":
            print(f"    {name}: {audit['title']} {audit.get('displayValue', '')}")
    return {kind: round(told["categories"][kind]["score"] * 100) for kind in KINDS}


def main() -> None:
    """Mark each page in both ways."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.scale.lighthouse", description=__doc__.split("\n\n")[0]
    )
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "pets-scale")
    asked.add_argument("paths", nargs="*", default=PAGES)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder) / "register"
        shutil.copytree(seeded(given.folder, 10_000), here)
        cookie, _ = signed_in(here)
        with Server(PETS_INSTANCE=str(here)) as server:
            for path in given.paths:
                for desk in (True, False):
                    told = marks(server.url + path, cookie, desk)
                    print(f"{path} {'desk ' if desk else 'phone'} {told}", flush=True)


if __name__ == "__main__":
    main()
