"""The house in order, read from the source: which way imports run, who knows what, where two places agree."""

import ast
import functools
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from flask import url_for
from jinja2 import Environment

import app as program
from pets.fields import BUILT_IN
from pets.fields.field import Field
from pets.web.blueprint import Number
from pets.web.filters import path_to

ROOT = Path(program.__file__).parent
TOP_LEVEL = {
    *("app.py", "pets", "templates", "static", "tests", "requirements.txt", "README.md", "Makefile"),
    *("pyproject.toml", "LICENSE", ".gitignore", ".gitattributes", ".editorconfig", ".ci"),
}
# What is above may import what is below, and never the other way round. A new room needs a floor first.
FLOORS = [
    {"app"},
    {"pets"},
    {"pets.views", "pets.cli", "pets.server"},
    {"pets.forms", "pets.web"},
    {"pets.health"},
    {"pets.imports", "pets.exports", "pets.move", "pets.backups"},
    {"pets.search"},
    {"pets.changes"},
    {"pets.accounts", "pets.migrations", "pets.models"},
    {"pets.sheets", "pets.files"},
    {"pets.fields"},
    {"pets.db"},
    {"pets.clock", "pets.sqlite"},
    {"pets.language"},
]
MEETS_REQUESTS = {"pets.views", "pets.server", "pets.web", "app"}
COMMITS = {"pets.views", "pets.cli"}
# At the start, for who is sent away, and in a register that is not in its place yet.
COMMIT_WITHOUT_A_VIEW = {"pets", "pets.web.permissions", "pets.backups.restore"}
# Beside what is asked: settings, locks, what backups and moves have of their own, how far a job has come.
COMMIT_BESIDE = {"pets.db", "pets.backups.in_use", "pets.backups.nightly", "pets.move", "pets.models.job"}
ASKS_THE_DATABASE = {f"pets.{room}" for room in ("models", "changes", "search", "imports", "accounts")}
ASKS_FOR_ANY_TABLE = {"pets.move"}  # which carries them all, and knows none
# One database in its own words: its locks, its settings, its tables as they were.
ASKS_IN_ITS_OWN_WORDS = {"pets.db", "pets.backups", "pets.health", "pets.migrations"}
STATEMENTS = {"select", "insert", "update", "delete", "text", "*"}
DATABASES = ("sqlalchemy", "sqlite3.", "psycopg", "pets.db.", "pets.sqlite.", "pets.models.")
A_FORMAT = {("pets.sheets.read_sqlite", "sqlite3")}  # a file that comes in is a sheet like any other
LINES = {".py": 260, ".html": 110, ".css": 200, ".js": 150}
NAMELESS = set("util utils helper helpers service services misc manager managers tools".split())


@functools.cache
def modules():
    """{"pets.views.draft": its syntax tree}: the program's own modules, without the migrations' steps."""
    files = [ROOT / "app.py", *sorted((ROOT / "pets").rglob("*.py"))]
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            file.read_bytes(), str(file)
        )
        for file in files
        if "versions" not in file.parts
    }


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


LOOSE = 6  # modules of `pets/` that are in no room
SCREEN = 40  # lines of a function


def room(module: str) -> str:
    """pets.views.draft → pets.views"""
    return ".".join(module.split(".")[:2])


LOADERS = {"import_module", "__import__"}


def imported(module: str, tree: ast.AST) -> set[str]:
    """The modules of ours that a module imports, also inside its functions."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} line {node.lineno}: import by the full name"
            # `from pets import clock` imports a module, `from pets.clock import now` a name in one.
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (parts & modules().keys()) | ({node.module} if parts - modules().keys() else set())
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in LOADERS:
            names = [name.value for name in node.args[:1] if isinstance(name, ast.Constant)]
            assert names or module == "pets.views", f"{module} line {node.lineno}: import by the full name"
            found |= set(names)
    return {name for name in found if name.split(".")[0] in {"app", "pets"}}


@functools.cache
def imports():
    """{"pets.views.draft": the modules of ours that it imports}"""
    return {module: imported(module, tree) for module, tree in modules().items()}


def floor(module: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if room(module) in rooms:
            return number
    raise AssertionError(f"{module} has no floor in FLOORS: what may import it, and what may it import?")


def test_imports_run_one_way():
    wrong = {
        f"{module} knows {name}"
        for module, names in imports().items()
        for name in names
        if room(name) != room(module) and floor(name) <= floor(module)
    }
    assert not wrong, "which is above or beside it"


def test_there_is_no_circle_between_files():
    """Also where an import stands inside a function, or is for types alone."""
    below: dict[str, set[str]] = {}

    def reach(module, path):
        assert module not in path, " → ".join([*path[path.index(module) :], module])
        if module not in below:
            below[module] = set().union(
                *(reach(name, [*path, module]) for name in imports()[module] - {module})
            )
        return below[module] | {module}

    for module in modules():
        reach(module, [])


# What each name, column, key and role of a pet's facts is of.
FIELD_OF = {
    name: field.name
    for field in BUILT_IN
    for name in (field.name, *field.columns, field.key, *field.headings)
    if name
}
COLUMN = re.compile(r"\w+_\w+")
MADE_UP = {"pets.views.patterns", "patterns/_files.html"}  # pets and rows to look at, told in full


def expressions(statement: ast.AST) -> Iterator[ast.AST]:
    """What a statement is made of, but for the statements in it."""
    for node in ast.iter_child_nodes(statement):
        if not isinstance(node, ast.stmt):
            yield from (node, *expressions(node))


def fields_in(module: str) -> Iterator[tuple[int, set[str]]]:
    """The fields that each statement of a module names: as text, as columns in a longer text such as SQL, as
    attributes; or as arguments of one call. The notebook's samples are excepted."""
    for statement in ast.walk(modules()[module]):
        nodes = [*expressions(statement)] if isinstance(statement, ast.stmt) else []
        if any(isinstance(node, ast.Name) and node.id == "SAMPLES" for node in nodes):
            continue
        words = (getattr(node, "attr", None) or getattr(node, "value", None) for node in nodes)
        named = [name for word in words if isinstance(word, str) for name in (word, *COLUMN.findall(word))]
        arguments = ([one.arg for one in node.keywords] for node in nodes if isinstance(node, ast.Call))
        for names in (named, *arguments) if nodes else ():
            yield statement.lineno, {FIELD_OF[name] for name in names if name in FIELD_OF}


def fields_in_template(path: Path) -> Iterator[tuple[int, set[str]]]:
    """The same of each tag of a template."""
    names = "|".join(FIELD_OF)
    text, argument = rf"""(?:(?<!\bf)\.|["'])({names})\b""", rf"\b({names})\s*=(?!=)"
    tag: list[str] = []
    for line, kind, token in Environment().lex(path.read_text("utf-8")):
        if kind in ("block_begin", "variable_begin"):
            tag = []
        elif kind in ("block_end", "variable_end"):
            for pattern in (text, argument):
                yield line, {FIELD_OF[name] for name in re.findall(pattern, "".join(tag))}
        else:
            tag.append(token)


def test_no_line_outside_the_fields_names_two_of_them():
    """A line is a whole statement of Python, or a whole tag of a template."""
    named = {module: fields_in(module) for module in modules() if room(module) != "pets.fields"}
    named |= {below_templates(path): fields_in_template(path) for path in TEMPLATES}
    wrong = {
        f"{file} line {line}: {names}"
        for file, lines in named.items()
        for line, names in lines
        if len(names) > 1 and file not in MADE_UP
    }
    assert not wrong, "loop over pets.fields instead"


def kinds_below(kind: type) -> Iterator[type]:
    """The kinds of field that are of this one."""
    for one in kind.__subclasses__():
        yield from (one, *kinds_below(one))


def test_none_but_the_fields_know_a_kind_of_them_by_its_name():
    """What is so of a kind, it says of itself: see the class variables of `Field`."""
    kinds = {kind.kind: kind.__name__ for kind in kinds_below(Field) if "kind" in vars(kind)}
    name = rf"""["']({"|".join(kinds)})["']"""
    asked = re.compile(
        rf"""\bkind["'\]]*\s*([!=]=\s*|(not\s+)?in\s*[({{\[][^)}}\]]*?){name}|{name}\s*[!=]=\s*[\w.]*\bkind\b"""
        rf"""|from pets\.fields\.\w+ import [\w,\s(]*\b({"|".join(kinds.values())})\b"""
    )
    files = [ROOT / "app.py", *(ROOT / "pets").rglob("*.py"), *TEMPLATES]
    wrong = {
        f"{file.relative_to(ROOT)}: {found[0]}"
        for file in files
        if file.parent != ROOT / "pets" / "fields"
        for found in asked.finditer(file.read_text("utf-8"))
    }
    assert not wrong, "let the kinds declare it"


def test_sheets_and_fields_know_no_database_and_no_request():
    for module, tree in modules().items():
        if room(module) in {"pets.sheets", "pets.fields"}:
            known = {name for name in all_imports(tree) if f"{name}.".startswith(("flask", *DATABASES))}
            assert not {name for name in known if (module, name) not in A_FORMAT}, module


def all_imports(tree):
    """What a module imports: "flask.globals", and "flask.g" where g is a name in flask."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def nodes_outside(rooms: set[str], kind: type):
    """The nodes of a kind in all modules that stand in none of these rooms, each with its place."""
    for module, tree in modules().items():
        if room(module) not in rooms:
            for node in ast.walk(tree):
                if isinstance(node, kind):
                    yield f"{module} line {node.lineno}", node


def test_the_request_is_known_to_views_alone():
    known = {"request", "session", "g", "current_user", "request_ctx", "globals", "utils", "*"}
    wrong = {
        f"{place}: {alias.name}"
        for place, node in nodes_outside(MEETS_REQUESTS, ast.ImportFrom)
        if node.module.split(".")[0] in {"flask", "flask_login"}
        for alias in node.names
        if alias.name in known
    }
    assert not wrong, "hand it in"
    whole = {
        place
        for place, node in nodes_outside(MEETS_REQUESTS, ast.Import)
        if {"flask", "flask_login"} & {alias.name.split(".")[0] for alias in node.names}
    }
    assert not whole, "import names from flask"


def test_queries_are_written_where_the_nouns_are():
    rooms = ASKS_THE_DATABASE | ASKS_FOR_ANY_TABLE | ASKS_IN_ITS_OWN_WORDS
    asks = {
        place
        for kind in (ast.Import, ast.ImportFrom)
        for place, node in nodes_outside(rooms, kind)
        for alias in node.names
        if (getattr(node, "module", None) or alias.name).split(".")[0] == "sqlalchemy"
        if kind is ast.Import or alias.name in STATEMENTS
    }
    asks |= {
        place
        for place, node in nodes_outside(rooms, ast.Attribute)
        if node.attr == "query" and re.search(r"(session|\bs)(\(\))?$", ast.unparse(node.value))
    }
    assert not asks, "ask a noun instead"


def test_commits_stand_in_views_and_commands_alone():
    """`with engine.begin()` commits, too; `session.begin()` by itself does not."""
    wrong = {place for place, node in nodes_outside(COMMITS, ast.Attribute) if node.attr == "commit"} | {
        place
        for place, node in nodes_outside(COMMITS, ast.With)
        for item in node.items
        if re.search(r"(session|connection|engine)(\(\))?\.begin\(\)$", ast.unparse(item.context_expr))
    }
    assert not {place for place in wrong if place.split()[0] not in COMMIT_WITHOUT_A_VIEW | COMMIT_BESIDE}


def test_the_top_level_holds_what_was_agreed():
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if files.returncode:
        pytest.skip("not a clone: what is the project's cannot be told from what is not")
    top = {name.split("/")[0] for name in files.stdout.split("\0") if name}
    assert top <= TOP_LEVEL, f"at the top level: {top - TOP_LEVEL}"


def test_nothing_has_a_name_that_says_nothing():
    paths = [
        path for folder in ("pets", "templates", "static", "tests") for path in (ROOT / folder).rglob("*.*")
    ]
    names = {path.relative_to(ROOT).as_posix() for path in paths}
    assert not [name for name in names if NAMELESS & set(re.split(r"[/._-]", name))]


def readme_settings() -> dict[str, str]:
    """{"PETS_PORT": "5000"}: the README's table, its first column the setting, its second the default."""
    text = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| *`(PETS_\w+)` *\| *(.*?) *\|", text, re.MULTILINE)
    return {name: re.sub(r"^`(.*?)`.*", r"\1", default) for name, default in rows}


def test_every_setting_stands_in_the_readme_with_its_default():
    documented = readme_settings()
    assert documented.keys() == program.SETTINGS.keys()
    for name, default in program.SETTINGS.items():
        if default:  # an empty one stands for something that takes words to say
            assert documented[name].rstrip("/") == default, name


def test_settings_are_read_in_one_place():
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and re.fullmatch(r"PETS_[A-Z_]+", str(node.value)):
                assert node.value in program.SETTINGS, f"{module} line {node.lineno} reads {node.value}"
            names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) != "request":  # which has its own
                names = {node.attr}
            itself = module != "app" and names & {"environ", "environb", "getenv", "getenvb"}
            assert not itself, f"{module} line {node.lineno} reads the environment itself"


def below_templates(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def test_templates_hold_no_code_and_trust_no_text():
    patterns = {
        "unescaped text": r"(\||\bfilter)\s*safe\b|autoescape\s+false|Markup\(",
        "a style": r"\sstyle\s*=|<style\b|[\"']style[\"']\s*:",
        "a script": r"<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:|[\"']on[a-z]{3,}[\"']\s*:",
        "data in an address": r"""(src|href)\s*=\s*["']?data:""",
        "what a browser then forgets when one goes Back": r"autocomplete\W+off",
        "an address of another host": r"""(src|href|action)\s*=\s*["']?(https?:)?//""",
    }
    wrong = {
        f"{below_templates(template)}: {what}: {found[0]!r}"
        for template in TEMPLATES
        for what, pattern in patterns.items()
        if (found := re.search(pattern, template.read_text("utf-8"), re.IGNORECASE))
    }
    assert not wrong


def test_the_base_takes_no_name_from_the_pages_built_on_it():
    """What it set for the whole page would stand in the place of what a view hands over by that name."""
    text = (ROOT / "templates" / "base.html").read_text("utf-8")
    assert not re.findall(r"{%-? *set ", text)


def test_a_template_can_be_read():
    for template in TEMPLATES:
        text = template.read_text("utf-8")
        assert len(text.encode()) <= 6_000, below_templates(template)
        assert not [line for line in text.splitlines() if len(line) > 160], below_templates(template)


def selectors(css: str) -> Iterator[str]:
    """Every selector of a style sheet, those that stand inside others with these before them."""
    outer: list[str] = []
    for text, end in re.findall(r"([^{};]*)([{};])", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        if end == "{":
            inner = re.sub(r",\s+", ",", text.strip())
            here = outer[-1] if outer and not outer[-1].startswith("@") else ""
            outer.append(inner.replace("&", here) if "&" in inner else f"{here} {inner}".strip())
            yield outer[-1]
        elif end == "}":
            outer.pop()


# What cells hold may dress those behind them (`:empty`); how many stand before them may not.
BY_PLACE = re.compile(
    r":nth-|\b(td|th|tr|col)\b[^\s>+~]*:(first|last|only)-(child|of-type)"
    r"|\b(td|th|col)\b(?![^\s>+~]*:empty)[^\s>+~]*\s*[+~]\s*(\*|[\w:(,.-]*\b(td|th|col)\b)"
)


def test_no_style_counts_the_columns():
    """A column dressed by its place is dressed wrongly as soon as another one stands before it."""
    wrong = [
        f"{path.name}: {selector}"
        for path in (ROOT / "static").rglob("*.css")
        for selector in selectors(path.read_text("utf-8"))
        if BY_PLACE.search(selector)
    ]
    assert not wrong, "give the column a class"


def test_styles_and_scripts_ask_no_other_host():
    foreign = re.compile(r"@import|https?://|url\(\s*[\"']?(data:|//)|\beval\(|innerHTML")
    for path in (ROOT / "static").rglob("*.*"):
        if path.suffix in {".css", ".js"}:
            found = foreign.search(path.read_text("utf-8"))
            assert not found, f"{path.name}: {found[0]!r}"


def test_nothing_has_outgrown_its_subject():
    files = [*(ROOT / "pets").rglob("*.py"), ROOT / "app.py", *TEMPLATES, *(ROOT / "static").rglob("*.*")]
    long = {
        str(path.relative_to(ROOT)): count
        for path in files
        if path.suffix in LINES and (count := path.read_bytes().count(b"\n")) > LINES[path.suffix]
    }
    assert not long, f"two nouns in one file? {long}"


def test_every_room_has_one_floor():
    rooms = [one for floor in FLOORS for one in floor]
    assert sorted(rooms) == sorted({room(module) for module in modules()}), "twice, missing, or gone"
    loose = [path.name for path in (ROOT / "pets").glob("*.py") if path.name != "__init__.py"]
    assert len(loose) <= LOOSE, f"in no room: {loose}"


def test_no_table_has_an_entry_twice():
    """Of a dictionary the later one would count, of a set both are one."""
    files = [ROOT / "app.py", *(ROOT / "pets").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    tables = {
        f"{file.relative_to(ROOT)} line {node.lineno}": [ast.unparse(one) for one in entries if one]
        for file in files
        for node in ast.walk(ast.parse(file.read_bytes()))
        if (entries := getattr(node, "keys" if isinstance(node, ast.Dict) else "elts", None))
        if isinstance(node, (ast.Dict, ast.Set))
    }
    assert not {place: one for place, one in tables.items() if len(one) > len(set(one))}


def test_a_function_is_read_on_one_screen():
    long = {
        f"{module}.{node.name}": length
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (length := node.end_lineno - node.lineno + 1) > SCREEN
    }
    assert not long


@pytest.mark.parametrize("file", ["requirements.txt", "tests/requirements.txt"])
def test_every_package_is_pinned_to_what_runs_here(file):
    for line in (ROOT / file).read_text("utf-8").splitlines():
        package, _, condition = line.partition("#")[0].strip().partition(";")
        if package and not package.startswith("-r ") and "win32" not in condition:
            name, _, pinned = package.partition("==")
            assert pinned, f"{package} has no version of its own"
            assert version(name.partition("[")[0]) == pinned, f"{name}: set up again (make test does)"


@pytest.mark.any_database
def test_an_address_is_what_the_router_makes(app):
    with app.test_request_context("/", base_url="http://pets/under/a/prefix"):
        for rule in app.url_map.iter_rules():
            number = {name: 7 for name in rule.arguments if isinstance(rule._converters[name], Number)}
            if rule.arguments == number.keys() and len(number) < 2:
                assert path_to(rule.endpoint, *number.values()) == url_for(rule.endpoint, **number)


def test_the_readme_shows_the_pictures_that_one_command_makes():
    made = re.findall(
        r'^    "(\w+)": \("/', (ROOT / "tests" / "pictures.py").read_text("utf-8"), re.MULTILINE
    )
    shown = re.findall(r"!\[[^]]+\]\(tests/browser/(\w+)\.png\)", (ROOT / "README.md").read_text("utf-8"))
    assert made == shown
    sizes = [(ROOT / "tests" / "browser" / f"{name}.png").stat().st_size for name in shown]
    assert max(sizes) < 60_000


def test_one_python_is_named_everywhere():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    oldest = settings["project"]["requires-python"].removeprefix(">=")
    assert f"with Python {oldest} or newer" in (ROOT / "README.md").read_text("utf-8")
    assert settings["tool"]["mypy"]["python_version"] == oldest
