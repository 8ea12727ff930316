"""Words in cells by which programs and people say that there is nothing, or that it is not known."""

from pets.fields.cell import Cell

WORDS = frozenset(
    r"""na n/a n.a. n/k nk null nan none nil nil. unk unknown undefined - -- --- – — ? ?? ??? . .. … (blank)
    blank (none) (null) (empty) (unknown) <na> <null> <none> \n n.v.t. k.a. unbekannt inconnu inconnue
    desconocido desconocida sconosciuto onbekend nieznany nieznane nezname neznámé neznámý s/d n/d""".split()
) | {"not known", "not available", "not applicable", "no data", "keine angabe", "brak danych"}
_LONGEST = max(map(len, WORDS))
_FIRST = frozenset(" \t\n\xa0") | {letter for word in WORDS for letter in word[0] + word[0].upper()}


def says_nothing(cell: Cell) -> bool:
    """Whether a cell holds such a word, in any case."""
    return (
        isinstance(cell, str)
        and cell[:1] in _FIRST
        and len(cell) <= _LONGEST + 4
        and cell.strip().casefold() in WORDS
    )
