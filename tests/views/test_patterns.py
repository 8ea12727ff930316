"""The page that shows every part of a page: with its setting alone, and with every macro that pages share."""

import pytest
from jinja2 import nodes

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


Macro = tuple[str, str]  # its file below templates/, and its name


def names_in(tree: nodes.Node, file: str, known: dict[Macro, nodes.Macro]) -> dict[str, Macro]:
    """What the macros of a file are called there: its own, and those that it imports."""
    names = {name: (home, name) for home, name in known if home == file}
    for one in tree.find_all(nodes.FromImport):
        for pair in one.names:
            theirs, here = (pair, pair) if isinstance(pair, str) else pair
            names[here] = (one.template.value, theirs)
    return names


@pytest.mark.any_database
def test_every_macro_that_pages_share_is_shown(app):
    """Whatever is called from the page of patterns, from what that calls, and so on."""
    shared = {below_templates(path): path for path in (ROOT / "templates").rglob("_*.html")}
    trees = {file: app.jinja_env.parse(path.read_text("utf-8")) for file, path in shared.items()}
    macros = {(file, one.name): one for file, tree in trees.items() for one in tree.find_all(nodes.Macro)}
    names = {file: names_in(tree, file, macros) for file, tree in trees.items()}
    show = "patterns/show.html"
    trees[show] = app.jinja_env.parse((ROOT / "templates" / show).read_text("utf-8"))
    names[show] = names_in(trees[show], show, macros)

    shown: set[Macro] = set()
    further = [(file, trees[file]) for file in trees if file.startswith("patterns/")]
    while further:
        file, tree = further.pop()
        called = {names[file].get(one.name) for one in tree.find_all(nodes.Name) if one.ctx == "load"}
        new = called & macros.keys() - shown
        shown |= new
        further += [(one[0], macros[one]) for one in new]
    hidden = macros.keys() - shown
    missing = {macro for macro in hidden if macro[0] not in NOT_SHOWN}
    assert not missing, "show them below templates/patterns, in each of their states"
    assert NOT_SHOWN.keys() <= {file for file, _ in hidden}, "is shown by now"
