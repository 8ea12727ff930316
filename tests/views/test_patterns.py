"""The page that shows every part of a page: with its setting alone, and with every macro that pages share."""

import ast
import sys
from collections.abc import Iterator
from types import FrameType

from tests.test_house import ROOT, below_templates

# What the page does not show, and why.
NOT_SHOWN = {
    "pets/_filter.html": "what one list is searched by, made of parts that are shown",
    "pets/_table.html": "the lines of that list, whose macros are its own",
}


def test_the_patterns_are_shown_where_the_setting_says_so(registers, vera):
    assert vera.get("/patterns").status_code == 404
    with registers.open(PETS_PATTERNS="1") as app:
        assert app.test_client(name="vera").get("/patterns").page.heading == "Patterns"


def branches(compiled: str) -> Iterator[range]:
    """The lines of each way that a macro, as it is compiled, can go: of what is done, where and where not."""
    macros = [one for one in ast.walk(ast.parse(compiled)) if getattr(one, "name", "") == "macro"]
    for node in {inner for macro in macros for inner in ast.walk(macro)}:
        checks = isinstance(node, ast.If) and ast.unparse(node.test).endswith(" is missing")  # an argument
        for way in (getattr(node, "body", ()), getattr(node, "orelse", ())):
            does = [one for one in way if not isinstance(one, ast.Pass)] if isinstance(way, list) else []
            if does and not checks and not isinstance(does[0], ast.Raise):
                yield range(does[0].lineno, does[-1].end_lineno + 1)


def rendered(person, address: str) -> dict[str, set[int]]:
    """Which lines of the templates, as they are compiled, make a page: {file: lines}."""
    lines: dict[str, set[int]] = {}

    def note(frame: FrameType, *_):
        if frame.f_code.co_filename.startswith(str(ROOT / "templates")):
            lines.setdefault(frame.f_code.co_filename, set()).add(frame.f_lineno)
            return note
        return None

    before = sys.gettrace()
    sys.settrace(note)
    try:
        person.get(address)
    finally:
        sys.settrace(before)
    return lines


def test_every_macro_that_pages_share_is_shown_in_each_of_its_states(registers):
    """Each of them goes on the page each way that it can go."""
    missing = {}
    with registers.open(PETS_PATTERNS="1") as app:
        lines = rendered(app.test_client(name="edith"), "/patterns")
        for path in (ROOT / "templates").rglob("_*.html"):
            template = app.jinja_env.get_template(below_templates(path))
            text, done = path.read_text("utf-8"), lines.get(template.filename, set())
            if "{% macro " in text:
                ways = branches(template.environment.compile(text, template.name, raw=True))
                found = {template.get_corresponding_lineno(way[0]) for way in ways if not done & {*way}}
                missing |= {template.name: sorted(found)} if found else {}
    assert missing.keys() == NOT_SHOWN.keys(), missing
