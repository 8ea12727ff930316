"""The languages of the site: which one is spoken, and that every text is in the catalogue of each."""

import ast
import json
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

import app as program
from pets import language
from pets.fields.settings import told_again

ROOT = Path(program.__file__).parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OTHERS = [code for code in language.CODES if code != language.SOURCE]
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext")),
    **dict.fromkeys(("ngettext", "lazy_ngettext"), (1, 2)),
    **dict.fromkeys(("pgettext", "lazy_pgettext"), ((1, "c"), 2)),
}
BLOCKS = {"trim_blocks": "true", "lstrip_blocks": "true"}  # as in `pets/translations/babel.cfg`
# What speaks to the command line, to logs and to programmers, in English; and lists of words that are read.
ENGLISH = set(
    """
    changes/check.py changes/recorder.py cli db.py language.py migrations move.py server.py sqlite
    __init__.py patterns views/patterns.py backups/upgrade.py web/proxies.py web/secret_key.py
    """.split()
)
ENGLISH |= {f"fields/{name}.py" for name in ("heading_words", "months", "unit_words")} | {"models/pet.py"}

ATTRIBUTE = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-label)="([^"\0]*[A-Za-z]{2}[^"\0]*)')
LETTERS = re.compile(r"[A-Za-zÀ-ž]{2}")
SENTENCE = re.compile(r"^[A-Z][a-z]+\b(?![.-])|[a-z,] [a-z]|^ [a-z]|^[a-z]+ $")
# What looks like one and is none: classes, names of files, of the product, of keys on a keyboard.
NO_TEXT = re.compile(
    r"--|^(– )?(Pets|CSV|Excel|JSON|XLSX|Error: )$|^[a-z]+( (num|wide|quiet|grow|tick|card))+$"
    r"|^[\w-]+=\"|^-\w+\"?$|^required$|^Hidden$"
)


TEMPLATE = Environment(extensions=[language.EXTENSION], trim_blocks=True, lstrip_blocks=True)


def unwrapped(path: Path) -> set[str]:
    """The texts of a template that go round gettext: between tags, in attributes, in expressions."""
    tree = TEMPLATE.parse(path.read_text("utf-8"))
    data = "\0".join(node.data for node in tree.find_all(nodes.TemplateData))
    bare = re.sub(r"<!--.*?-->|<[^<>]*>", "\0", data, flags=re.DOTALL)
    found = {re.sub(r"&\w+;", "", piece).strip() for piece in re.split(r"\0|\s{2,}", bare)}
    found = {piece for piece in found if LETTERS.search(piece)} | set(ATTRIBUTE.findall(data))
    said = {
        id(part) for call in tree.find_all(nodes.Call) if says(call) for part in call.find_all(nodes.Const)
    }
    for const in tree.find_all(nodes.Const):
        if id(const) not in said and isinstance(const.value, str) and SENTENCE.search(const.value):
            found.add(const.value)
    return {text for text in found if not NO_TEXT.search(text)}


def says(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS


def left_out(path: Path, parts: set[str]) -> bool:
    below = path.relative_to(ROOT / ("pets" if path.suffix == ".py" else "templates"))
    return bool(parts & {below.as_posix(), below.parts[0]})


def wrapped(paths: list[Path]) -> list[Path]:
    return [path for path in paths if not left_out(path, ENGLISH)]


def below(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_text_of_a_page_goes_through_gettext():
    assert not {below(path): texts for path in wrapped(TEMPLATES) if (texts := unwrapped(path))}


# Two words of a sentence, and not a name of ours, a query, a pattern.
SAID = re.compile(r"^[A-Z“][^\s_]*( [^\s=<>|]+)+|[a-z]{2,},? [a-z]{2,}.*[.?!]$|\w+ \w+ \w+ \w+")
CODE = re.compile(
    r"SELECT|DROP|COPY|UPDATE|INSERT|DELETE|CREATE|PRAGMA|IS (NOT )?NULL|\\|\(\?|\| None"
    r"|(SQLite|PostgreSQL) {}|Mac OS X|Samsung Internet|PETS_DATABASE_URI"
)
NOT_SAID = ("log.", "logging.", "re.", "text", "sa.", "op.", "warnings.", "ForeignKey")
NOT_SAID += ("ValueError", "OSError")  # which are said in other words


def said_by(path: Path) -> set[str]:
    """The texts of a module that look like something said to people, and go round gettext."""
    tree, known = ast.parse(path.read_bytes()), set()
    found = set()
    for node in ast.walk(tree):
        if id(node) in known:
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            known.add(id(node.value))
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in KEYWORDS or called.startswith(NOT_SAID) or called.endswith("execute"):
                known |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            known |= {id(part) for part in ast.walk(node) if part is not node}
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            found.add((id(node), "".join(parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add((id(node), node.value))
    return {
        text for number, text in found if number not in known and SAID.search(text) and not CODE.search(text)
    }


def test_every_text_of_a_module_goes_through_gettext():
    modules = wrapped(sorted((ROOT / "pets").glob("**/[a-z]*.py")))
    assert not {below(path): texts for path in modules if (texts := said_by(path))}


def catalog(code: str):
    with (ROOT / "pets" / "translations" / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%(?:\(\w+\))?[a-z%]", text))


def test_calls_of_gettext_hold_a_text_that_can_be_extracted():
    """A text put together by an f-string or a variable would never be found in a catalogue."""
    for file in (ROOT / "pets").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in KEYWORDS:
                plain = isinstance(node.args[0], ast.Constant) or file.name == "language.py"
                assert plain, f"{file.name} line {node.lineno}"


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_in_every_language(code):
    """`make texts` collects those that are new, for somebody to translate."""
    known = {(one.context, one.id): one.string for one in catalog(code) if one.id}
    there = set()
    for room, kind, method in (("pets", "**.py", "python"), ("templates", "**.html", "jinja2")):
        found = extract_from_dir(str(ROOT / room), [(kind, method)], {kind: BLOCKS}, KEYWORDS)
        there |= {(context, text) for _file, _line, text, _comments, context in found}
    assert not there - known.keys(), "not in the catalogue"
    assert not known.keys() - there, "said no more"
    untold = {key for key, told in known.items() if not all([told] if isinstance(told, str) else told)}
    assert not untold, "not translated"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_takes_the_values_of_its_text(code):
    for message in catalog(code):
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            for text in texts:
                assert placeholders(text) <= set().union(*map(placeholders, ids)), message.id
                assert placeholders(text) >= placeholders(ids[0]) - {"%(num)s"}, message.id
                assert text.strip() == text or ids[0].strip() != ids[0], message.id


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("fr,de;q=0.3", "de"),
        ("fr", "en"),
        ("*;q=x,,", "en"),
        ("DE-AT", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr," * 3_000 + "de", "en"),  # nothing reads as far as that
    ],
)
@pytest.mark.any_database
def test_the_browser_says_which_language_is_spoken(stranger, asked, spoken):
    page = stranger.get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{spoken}">' in page.text
    assert language.language() == "en"  # again, for whoever comes next


def test_days_and_numbers_are_said_as_the_language_has_them():
    day = date(2026, 5, 3)
    with language.speaking("de"):
        assert language.day_words(day) == "3. Mai 2026"
        assert language.day_of_year(day) == "3. Mai"
        assert language.number(12_500) == "12.500"
    assert language.day_words(day) == "3 May 2026"
    assert language.month_words(day) == "May 2026"
    assert language.number(12_500) == "12,500"


def test_a_label_of_several_large_letters_keeps_them_in_a_sentence():
    said = [
        language.within_a_sentence(label)
        for label in ("Birth date", "DNA profile", "Outcome Type", "DateTime")
    ]
    assert said == ["birth date", "DNA profile", "Outcome Type", "DateTime"]


def test_a_text_that_is_kept_is_shown_in_any_language():
    pets = language.lazy_ngettext("%(num)s pet", "%(num)s pets", 2_000)
    lazy = language.lazy_gettext("%(who)s: %(what)s", who="Rex", what=pets)
    kept = json.loads(json.dumps(language.stored(lazy)))
    assert language.shown(kept) == "Rex: 2,000 pets"
    with language.speaking("de"):
        assert "2.000" in language.shown(kept)
    assert language.shown("as it was kept before") == "as it was kept before"


def test_the_audit_log_is_kept_in_english_and_told_in_the_language_of_who_reads_it(monkeypatch):
    german = {"kind": "Art", "lowest": "kleinster Wert", "none": "keiner", "Number": "Zahl"}
    catalog = SimpleNamespace(
        gettext=lambda text: german.get(text, text), pgettext=lambda _, text: german.get(text, text)
    )
    monkeypatch.setattr(language, "_catalog", lambda code: catalog)
    with language.speaking("de"):
        told = told_again("Weight: kg: kind Number; lowest none → 5; odd")
    assert told == "Weight: kg: Art Zahl; kleinster Wert keiner → 5; odd"
    assert told_again("Weight") == "Weight"
