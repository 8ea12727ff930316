"""Rows that are no pets: the headings once more, totals, "Printed on", and headings of a section."""

import re
from collections.abc import Mapping, Sequence

from pets.fields.cell import Cell, is_blank, shown
from pets.fields.text import fold, plain, tidy_line
from pets.language import lazy_gettext

_TOTAL = re.compile(
    r"(?:grand |sub[ -]?)?totals?\b|sum\b|summe\b|gesamt|insgesamt|total(?:e|en)?\b|totaal\b|suma\b|razem\b|"
    r"celkem\b|soma\b|count\b|anzahl\b|average\b|mean\b|records?:|number of (?:animals|pets|records|rows)"
)
_NOTE = re.compile(
    r"(?:printed|exported|generated|created|prepared|report|updated|as (?:of|at)|page \d|seite \d|page:|"
    r"gedruckt|erstellt|stand\b|strana \d|strona \d|pagina \d|end of (?:report|list|file)|"
    r"\(?\d+ (?:rows?|records?)\b|copyright|©|confidential|"
    r"(?:\*+|[†‡§])(?: ?\w+ .*| .+)|(?:note|nb|n\.b\.|legend|key|source|hinweis|legende|anmerkung|quelle)s?:)"
)
_FIGURE = re.compile(r"[-+]?[\d.,' ]+%?")
_NO_TYPE = re.compile(  # the name of a sheet that says nothing of what is on it
    r".*\d.*|sheet|tabelle|feuil|hoja|list|blad|ark|arkusz|foglio|planilha|лист|table|pets?|animals?|tiere?"
    r"|data|export|current|all|intakes?|register|main|copy|new|old"
)
REASONS = {
    "headings": lazy_gettext("the headings again"),
    "total": lazy_gettext("a total"),
    "note": lazy_gettext("a note about the list"),
    "section": lazy_gettext("the heading of a section"),
    "hidden": lazy_gettext("hidden in the spreadsheet"),
    "struck": lazy_gettext("struck out in the spreadsheet"),
}


def is_note(text: str) -> bool:
    """Whether the only text of a row says something of the list: "Printed on 3 May", "Page 1 of 2"."""
    return bool(_NOTE.match(fold(text)) or _TOTAL.match(fold(text)))


class RowsApart:
    """Tells which rows of one sheet are no pets."""

    def __init__(self, headings: Mapping[int, str], first: int, types: int | None, sections: bool) -> None:
        """headings: by column; first: the first column that holds anything; types: the column of the types;
        sections: whether a row with only a first cell is one."""
        self._headings = {index: fold(text.strip()) for index, text in headings.items() if text.strip()}
        self._first, self._types, self._sections = first, types, sections

    def reason(self, cells: Sequence[Cell]) -> str | None:
        """Why a row is no pet: a key of REASONS."""
        first = next((index for index, cell in enumerate(cells) if not is_blank(cell)), None)
        if first is None or not isinstance(cells[first], str):
            return None
        text = fold(shown(cells[first]).strip())
        lone = all(map(is_blank, cells[first + 1 :]))
        if text == self._headings.get(first) and self._repeats_headings(cells, lone):
            return "headings"
        if _TOTAL.match(text) and self._counts(cells, first):
            return "total"
        if lone and len(self._headings) != 1 and _NOTE.match(text):
            return "note"
        return "section" if lone and self._sections and first == self._first else None

    def _repeats_headings(self, cells: Sequence[Cell], lone: bool) -> bool:
        same = all(
            fold(shown(cell).strip()) == self._headings.get(index)
            for index, cell in enumerate(cells)
            if not is_blank(cell)
        )
        return same and (not lone or len(self._headings) == 1)

    def _counts(self, cells: Sequence[Cell], first: int) -> bool:
        """Whether all that stands beside the word is figures, and no type."""
        beside = [cell for cell in cells[first + 1 :] if not is_blank(cell)]
        figures = all(not isinstance(cell, str) or _FIGURE.fullmatch(cell.strip()) for cell in beside)
        return figures and (bool(beside) or self._types != first)


def type_in(heading: str) -> str:
    """The type that the heading of a section names: "Dogs:" heads dogs, each of which is a dog."""
    text = tidy_line(heading).rstrip(":").strip()
    if not re.fullmatch(r"[A-Za-z]{2,}[a-rt-z]s", text):
        return text
    one = text.removesuffix("ies") + "y" if text.endswith("ies") else text.removesuffix("s")
    return one.lower()


def type_of_sheet(name: str) -> str:
    """The type that the name of a sheet tells of all that is on it, as "Cats" does; "" for "Sheet1"."""
    return "" if not name.strip() or _NO_TYPE.fullmatch(plain(name)) else type_in(name)
