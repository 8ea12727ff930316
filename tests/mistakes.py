"""Small mistakes in the code of Pets, as cosmic-ray makes them: what `mutation.py` tries."""

import gc
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from tests.reach import ROOT

ROOMS = {
    "changes": ["pets/changes/*.py"],
    "fields": ["pets/fields/*.py"],
    "imports": ["pets/imports/*.py"],
    "permissions": ["pets/web/permissions.py", "pets/web/proxies.py", "pets/accounts/*.py"],
}


class Mistake(NamedTuple):
    """What an operator of cosmic-ray changes at one of its places in a file."""

    file: str
    line: int
    operator: str
    place: int

    def sources(self) -> tuple[str, str]:
        """The file without it, and with it."""
        source = (ROOT / self.file).read_text("utf-8")
        return source, mutate_code(source, get_operator(self.operator)(), self.place)

    def __str__(self) -> str:
        pairs = zip(*(source.split("\n") for source in self.sources()), strict=False)
        old, new = next(pair for pair in pairs if pair[0] != pair[1])
        return f"{self.file}:{self.line}\n    - {old.strip()}\n    + {new.strip()}"

    def give(self) -> None:
        """Make it in the functions that are loaded."""
        right, wrong = (pieces(compile(source, "", "exec", dont_inherit=True)) for source in self.sources())
        changed = dict(zip(right, wrong, strict=True))
        gc.unfreeze()  # what conftest.py froze is not among the objects
        objects = gc.get_objects()
        gc.freeze()
        for one in objects:
            if isinstance(one, FunctionType) and one.__code__.co_filename == str(ROOT / self.file):
                one.__code__ = changed.get(one.__code__, one.__code__)  # a dataclass writes some of its own

    def load(self) -> None:
        """Let Python load the file with it."""
        get_code, file = SourceFileLoader.get_code, str(ROOT / self.file)

        def get_changed(loader: SourceFileLoader, name: str) -> CodeType | None:
            if loader.path != file:
                return get_code(loader, name)
            return compile(self.sources()[1], file, "exec", dont_inherit=True)

        SourceFileLoader.get_code = get_changed


def pieces(code: CodeType) -> list[CodeType]:
    """Compiled code, and what is compiled within it."""
    return [code, *(one for part in code.co_consts if isinstance(part, CodeType) for one in pieces(part))]


def mistakes(room: str) -> Iterator[Mistake]:
    """All of a room, without those of "str | None": they break every import, so any test notices them."""
    for file in sorted(file for pattern in ROOMS[room] for file in ROOT.glob(pattern)):
        nodes = list(ast_nodes(get_ast(file.read_text("utf-8"))))
        for name in operator_names():
            if not (operator := get_operator(name)).arguments() and "BitOr" not in name:
                lines = (line for node in nodes for (line, _), _ in operator().mutation_positions(node))
                for place, line in enumerate(lines):
                    yield Mistake(str(file.relative_to(ROOT)), line, name, place)
