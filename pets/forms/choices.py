"""The choices of a field, as its form asks for them: a row for each that there is, and room for more."""

from dataclasses import dataclass
from itertools import zip_longest

from werkzeug.datastructures import MultiDict

from pets.fields.text import fold, tidy_line, unwritable, visible
from pets.language import gettext as _, number

LONGEST, MOST = 100, 200  # characters of a choice, and how many of them


@dataclass
class ChoiceRow:
    """One of the choices: its place in the list, its words so far and as they are to be."""

    place: str
    was: str
    words: str
    problem: str = ""

    @property
    def order(self) -> int:
        """The number that was typed; what is none comes last."""
        text = self.place.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 10**9


class Choices:
    """The rows of the form, and what they come to: `words`, and which were `renamed`."""

    def __init__(self, now: list[str], sent: MultiDict[str, str] | None) -> None:
        """`now`: the choices there are; `sent`: what was typed in their place."""
        columns = [sent.getlist(name) for name in ("place", "was", "choice")] if sent else []
        self.rows = [ChoiceRow(*row) for row in zip_longest(*columns, fillvalue="")][: 2 * MOST]
        if not sent:
            self.rows = [ChoiceRow(str(place), one, one) for place, one in enumerate(now, 1)]
        self.words: list[str] = []
        self.renamed: dict[str, str] = {}

    def read(self, more: str) -> list[str]:
        """Take what the rows say and the lines of `more`. Emptied rows go, and those of one name become one.

        Returns what is wrong with the lines; the rows have their own problems.
        """
        lines = [ChoiceRow("", "", words) for words in lines_of(more)]
        for row in (*self.rows, *lines):
            row.words = tidy_line(row.words)
            row.problem = _problem(row.words) or self._taken(row)
        kept: dict[str, str] = {}
        for row in (*sorted(self.rows, key=lambda row: row.order), *lines):
            if row.words:
                kept.setdefault(fold(row.words), row.words)
        called = {row.was: kept[fold(row.words)] for row in self.rows if row.was and row.words}
        self.renamed = {was: now for was, now in called.items() if was != now}
        self.words = list(kept.values())
        return [*dict.fromkeys(row.problem for row in lines if row.problem), *filter(None, [self._number()])]

    def _taken(self, row: ChoiceRow) -> str:
        """What is wrong where it is called what another was: nobody could tell which pets are meant."""
        key = fold(row.words)
        others = (one for one in self.rows if one is not row and one.was and fold(one.was) == key)
        if key and any(fold(tidy_line(one.words)) not in ("", key) for one in others):
            return _(
                "“%(name)s” is what another choice was called so far. Rename one at a time.", name=row.words
            )
        return ""

    def _number(self) -> str:
        if not self.words:
            return _("Enter the choices, each on a line of its own.")
        if len(self.words) > MOST:
            return _(
                "There are %(count)s choices, too many to choose from. Enter %(most)s or fewer, or make it a "
                "field of words.",
                count=number(len(self.words)),
                most=MOST,
            )
        return ""


def lines_of(text: str | None) -> list[str]:
    """The lines of a text that say something."""
    return [line for line in map(tidy_line, (text or "").splitlines()) if line]


def _problem(words: str) -> str:
    if unwritable(words) or (words and not visible(words)):
        return _("A choice holds a character that cannot be kept or seen. Type it again.")
    if len(words) > LONGEST:
        return _(
            "A choice is %(length)s characters long. Shorten it to %(most)s or fewer.",
            length=number(len(words)),
            most=LONGEST,
        )
    return ""
