"""XML of strangers, a chunk at a time and without a tree: what is in memory is what a reader keeps of it.

Namespaces are not looked at, so that "Strict Open XML", which has others, is read as well.
"""

from collections.abc import Callable, Iterator
from typing import IO, NoReturn
from xml.parsers import expat

from pets.language import gettext as _
from pets.sheets.cells import SheetProblem

Attributes = dict[str, str]
_CHUNK = 65_536


def events(
    part: IO[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> Iterator[None]:
    """Tell of each element and text in a part; pauses after each chunk, for what was found to be fetched.

    Prefixes are taken off the elements where the first one has one, and never off attributes.
    Raises expat.ExpatError for what is no XML, and SheetProblem for entities.
    """
    parser = expat.ParserCreate()

    def first(name: str, attributes: Attributes) -> None:
        if ":" in name:  # a wrapper takes a fifth of the time
            parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
            parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        else:
            parser.StartElementHandler, parser.EndElementHandler = start, end
        start(name.rpartition(":")[2], attributes)

    parser.buffer_text = True
    parser.StartElementHandler = first
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _has_entities
    while chunk := part.read(_CHUNK):
        parser.Parse(chunk)
        yield
    parser.Parse(b"", True)
    yield


def tags(part: IO[bytes]) -> Iterator[tuple[str, str, Attributes]]:
    """(parent, name, attributes) of each element of a part that tells all in its attributes."""
    path, found = [""], list[tuple[str, str, Attributes]]()

    def start(name: str, attributes: Attributes) -> None:
        named = {key.rpartition(":")[2]: value for key, value in attributes.items() if key[:6] != "xmlns:"}
        found.append((path[-1], name, named))
        path.append(name)

    def end(_: str) -> None:
        path.pop()

    for _pause in events(part, start, end, lambda _text: None):
        yield from found
        found.clear()


def _has_entities(*_told: object) -> NoReturn:
    raise SheetProblem(
        _(
            "This workbook defines entities in a DOCTYPE, which no spreadsheet does. "
            "Open it in a spreadsheet, save it again as XLSX and try with that file."
        )
    )
