"""The page that shows every part of a page: with its setting alone, and with every macro that pages share."""

import re

from tests.test_house import ROOT, TEMPLATES


def test_the_patterns_are_shown_where_the_setting_says_so(registers, vera):
    assert vera.get("/patterns").status_code == 404
    with registers.open(PETS_PATTERNS="1") as app:
        assert app.test_client(name="vera").get("/patterns").page.heading == "Patterns"


def test_every_macro_that_pages_share_is_shown():
    files = {path.name: path.read_text("utf-8") for path in (ROOT / "templates").glob("_*.html")}
    patterns = "".join(path.read_text("utf-8") for path in TEMPLATES if path.parent.name == "patterns")
    for name in re.findall(r'import "(\w+\.html)" as', patterns):  # shown by the kinds of all fields
        del files[name]
    shared = "".join(files.values())
    used = re.findall(r"(\w+)\(", re.sub(r"{% macro \w+", "", shared + patterns))
    assert not set(re.findall(r"{% macro (\w+)", shared)) - set(used)
