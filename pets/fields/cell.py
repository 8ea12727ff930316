"""A cell of a sheet: what it can hold, and how it is shown."""

import re
from datetime import date, datetime
from typing import NamedTuple

from pets.language import gettext as _


class Damaged(NamedTuple):
    """What a spreadsheet left in place of what a cell held: an error, or a number cut short.

    It says nothing of a pet. An import keeps it as JSON, from which it comes back as a list of its text.
    """

    text: str


class Ditto(str):
    """A mark or word that says: the same as above."""

    __slots__ = ()


Cell = str | int | float | bool | date | datetime | Damaged | None

# Excel's and LibreOffice's errors, in whatever language (#REF!, #WERT!, #¿NOMBRE?), and a column too narrow.
ERROR = r"#[¡¿]?[^\W\d_a-zß-ÿ][\w/]*[!?]|#(?:N/[ABD]|NV|ND|Н/Д|NENÍ_K_DISPOZICI|GETTING_DATA)|#{3,}|Err:\d{3}"
# As a number of 12 digits and more is shown, and saved as CSV. Without a plus and a comma, it may be a code.
ROUNDED = r"[1-9](?:[.,]\d+[Ee]\+?|[Ee]\+)(?:1[1-9]|[2-9]\d)"
DITTO_WORDS = frozenset(["ditto", "Ditto", "DITTO", "dito", "Dito", "idem", "Idem", "do.", "Do."])
DITTO = DITTO_WORDS | {'"', "''", "“", "”", "„", "″", "〃", "‟", '- " -', '-"-', "-''-", "—″—", "´´", "``"}
# By which programs and people say that there is nothing, or that it is not known.
NOTHING_WORDS = frozenset(
    r"""na n/a n.a. n/k nk null nan none nil nil. unk unknown undefined - -- --- – — ? ?? ??? . .. … (blank)
    blank (none) (null) (empty) (unknown) <na> <null> <none> \n n.v.t. k.a. unbekannt inconnu inconnue
    desconocido desconocida sconosciuto onbekend nieznany nieznane nezname neznámé neznámý s/d n/d""".split()
) | {"not known", "not available", "not applicable", "no data", "keine angabe", "brak danych"}
_LONGEST_NOTHING = max(map(len, NOTHING_WORDS))
_FIRST_OF_NOTHING = frozenset(" \t\n\xa0") | {
    letter for word in NOTHING_WORDS for letter in word[0] + word[0].upper()
}
_ERROR, _ROUNDED = re.compile(ERROR), re.compile(ROUNDED)
_SUSPECT = frozenset("#E123456789") | {sign[0] for sign in DITTO}


def is_blank(cell: Cell) -> bool:
    """True for an empty cell, and for one that holds only white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def says_nothing(cell: Cell) -> bool:
    """Whether a cell holds a word for nothing, in any case."""
    return (
        isinstance(cell, str)
        and cell[:1] in _FIRST_OF_NOTHING
        and len(cell) <= _LONGEST_NOTHING + 4
        and cell.strip().casefold() in NOTHING_WORDS
    )


def shown(cell: Cell) -> str:
    """A cell as text, as a spreadsheet shows it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell[0]) if isinstance(cell, (tuple, list)) else str(cell)


def meant(text: str) -> Cell:
    """What the text of a cell stands for: itself, what is above it (Ditto), or what was lost (Damaged).

    A rounded number that still has all its digits ("9.85112000000001E+14") is written out.
    """
    told = text.strip()
    if not told or told[0] not in _SUSPECT:
        return text
    if told in DITTO:
        return Ditto(told)
    if _ERROR.fullmatch(told):
        return Damaged(told)
    if not _ROUNDED.fullmatch(told):
        return text
    digits, exponent = told.upper().replace(",", ".").replace("+", "").split("E")
    decimals = len(digits.partition(".")[2])
    return digits.replace(".", "") if decimals == int(exponent) else Damaged(told)


def damage(cell: Cell) -> str | None:
    """What is wrong with a damaged cell, in a sentence that says what to do; None of any other cell."""
    if not isinstance(cell, (tuple, list)):
        return None
    text = cell[0]
    if _ROUNDED.fullmatch(text):
        return _(
            "A spreadsheet rounded a long number to “%(text)s”: its last digits are lost. Type all of it.",
            text=text,
        )
    if text.startswith("###"):
        return _("The column was too narrow, so the spreadsheet saved only “###”. Type what belongs here.")
    if text in DITTO:
        return _(
            "“%(text)s” repeats the cell above, which is empty. Type what belongs here, or empty it.",
            text=text,
        )
    return _(
        "“%(text)s” is an error of the spreadsheet. Type what belongs here, or empty the cell.", text=text
    )
