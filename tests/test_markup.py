"""Every page through the HTML checker of the W3C, which knows more rules than a parser does (vnu-jar)."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import app as program
from tests.browser.test_pages import addresses, lived_in  # noqa: F401  a fixture
from tests.conftest import missing

CHECKER = Path(program.__file__).parent / ".venv/node/node_modules/vnu-jar/build/dist/vnu.jar"


@pytest.fixture
def checker() -> list[str]:
    """The command that checks what it is given; `.ci/run` fetches it."""
    java, jar = shutil.which("java"), Path(os.environ.get("VNU_JAR", CHECKER))
    if not (java and jar.exists()):
        missing("vnu", f"Java or {jar} is not here: npm install --prefix .venv/node vnu-jar, or set VNU_JAR")
    return [str(java), "-Xss4m", "-jar", str(jar), "--format", "json", "--stdout", "--errors-only"]


def complaints(checker: list[str], files: dict[str, Path]) -> Counter[str]:
    found = subprocess.run([*checker, *map(str, files.values())], capture_output=True, text=True, check=False)
    by_file = {path.as_uri(): address for address, path in files.items()}
    return Counter(
        f"{by_file[one['url'].replace('file:/', 'file:///', 1)]}: {one['message']} {one.get('extract', '')!r}"
        for one in json.loads(found.stdout)["messages"]
    )


@pytest.mark.any_database
@pytest.mark.usefixtures("lived_in")
def test_every_page_is_valid_html(app, ada, stranger, checker, tmp_path):
    app.config["PETS_PATTERNS"] = 1
    files = {}
    for number, (who, address) in enumerate(
        [*((ada, address) for address in addresses(app)), (stranger, "/sign-in"), (stranger, "/nowhere")]
    ):
        answer = who.get(address)
        if answer.mimetype == "text/html" and not answer.location:
            files[address] = tmp_path / f"{number}.html"
            files[address].write_text(answer.text, "utf-8")
    assert len(files) > 50
    assert not complaints(checker, files)


def test_the_checker_finds_what_is_wrong(checker, tmp_path):
    page = tmp_path / "wrong.html"
    page.write_text(
        "<!doctype html><html lang=en><title>x</title><p><ul><li><a href='a b'>x</a></ul><h1></h1>"
    )
    assert any("a b" in complaint for complaint in complaints(checker, {"/wrong": page}))
