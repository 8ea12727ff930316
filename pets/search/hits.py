"""Why a search found a pet, where its line of the list does not show it by itself."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.fields.text import loosely, search_text
from pets.search.index import term

BEFORE, AFTER = 4, 6  # words of an excerpt around the one that was found
LETTERS = 40  # of one of its words


class Hit(NamedTuple):
    """A former name by which a pet was found, and until when it had it; or an excerpt of one of its facts."""

    former: str = ""
    until: date | None = None
    field: str = ""
    parts: tuple[tuple[str, bool], ...] = ()  # pieces of the excerpt, and whether each was looked for


def hits(rows: Sequence[Any], shown: Sequence[Field], words: Sequence[str]) -> list[Hit | None]:
    """By what these folded words, if any, found each pet; None where the fields that are `shown` tell.

    The rows have the columns of all fields that are searched, and the former names.
    """
    if not words:
        return [None] * len(rows)
    searched = [catalogue().fields[name] for name in catalogue().searched]
    seen = [field for field in shown if field in searched]
    behind = [field for field in searched if field not in shown]
    return [_hit(row, seen, behind, words) for row in rows]


def _hit(row: Any, seen: Sequence[Field], behind: Sequence[Field], words: Sequence[str]) -> Hit | None:
    # The name comes first, and mostly tells: own facts are read for the others alone.
    hidden = _not_in((field.read(row) for field in seen if not field.own_id), words)
    if not hidden:
        return None
    hidden = _not_in((field.read(row) for field in seen if field.own_id), hidden)
    if not hidden:
        return None
    for name, until in reversed(row.former_names or []):
        if any(term(word) in search_text(name) for word in hidden):
            return Hit(former=name, until=date.fromisoformat(until))
    texts = ((field.name, field.read(row)) for field in behind)
    found = (Hit(field=name, parts=excerpt(text, hidden)) for name, text in texts if text)
    return next((one for one in found if one.parts), None)


def _not_in(texts: Iterable[str | None], words: Sequence[str]) -> Sequence[str]:
    """Those of the words that stand in none of the texts."""
    for text in texts:
        found = search_text(text or "")
        words = [word for word in words if term(word) not in found]
        if not words:
            break
    return words


def excerpt(text: str, words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """The first place of a text where one of the folded words stands: its pieces, and whether each is one of
    them. Nothing where none stands there."""
    tokens = text.split()
    found = [any(term(word) in search_text(token) for word in words) for token in tokens]
    if True not in found:
        return ()
    place = found.index(True)
    begin, end = max(0, place - BEFORE), place + AFTER + 1
    before, marked, after = tokens[begin:place], tokens[place], tokens[place + 1 : end]
    pieces = (
        (" ".join(["…"] * (begin > 0) + [_short(one, words) for one in before] + [""]), False),
        (_short(marked, words), True),
        (" ".join(["", *(_short(one, words) for one in after)] + ["…"] * (end < len(tokens))), False),
    )
    return tuple(piece for piece in pieces if piece[0])


def _short(token: str, words: Sequence[str]) -> str:
    """A word that is no longer than a line: some scripts set no spaces between theirs."""
    if len(token) <= LETTERS:
        return token
    places = [loosely(token).find(word) for word in words]
    begin = max(0, min((place for place in places if place >= 0), default=0) - LETTERS // 4)
    return token[begin : begin + LETTERS]
