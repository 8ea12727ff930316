"""One slip of typing: what is shown where nothing matches a word, but another is nearly the same."""

import functools
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, FromClause, Select, Text, bindparam, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB

from pets.db import db
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.fields.key_filters import LAST
from pets.fields.resemblance import one_slip
from pets.fields.text import loosely
from pets.models.field import PetKey
from pets.models.pet import Pet
from pets.models.type import PetType
from pets.search.pets import Found, PetSearch

LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
SHORTEST, LONGEST = 3, 30  # letters of a word that is looked at
BEGINS = 6  # letters from which on a name need only begin with the word
MANY = 100  # pets so named, counted to tell what is common
SHOWN = 4  # words that are offered
TRIED = 2_000  # letters times places
LINES = 10  # own fields of a line that are looked at


class Near(NamedTuple):
    """What is shown in the place of a search that nothing matches."""

    typed: str  # the whole search as it was typed
    wrong: str  # the word that nothing matches
    word: str  # the one that is shown in its place
    search: PetSearch
    others: dict[str, PetSearch]  # words that may have been meant too


def find_or_near(
    search: PetSearch, total: int | None = None, fields: Sequence[Field] = ()
) -> tuple[Found, Near | None]:
    """The page asked for; or where nothing matches, that of what may have been meant."""
    found = search.find(total, fields)
    other = None if found.matches else near(search)
    return (other.search.find(total, fields), other) if other else (found, None)


def near(search: PetSearch) -> Near | None:
    """The search for what may have been meant by one that matches nothing; None where nothing is near.

    Of several words all but one have to match something. Codes and numbers are never taken for others.
    """
    words = search.words
    wrong = [word for word in words if (len(words) == 1 and not search.asked) or not _matches(search, word)]
    if len(wrong) != 1 or not SHORTEST <= len(wrong[0]) <= LONGEST or not wrong[0].isalpha():
        return None
    searches = {word: _instead(search, wrong[0], word) for word in _similar(wrong[0])}
    found = {word: one for word, one in searches.items() if one.q != search.q and one.count()}
    if not found:
        return None
    word, *others = found
    typed = next(token for token in search.q.split() if loosely(token) == wrong[0])
    return Near(search.q, typed, word, found[word], {other: found[other] for other in others})


def _matches(search: PetSearch, word: str) -> bool:
    return replace(search, q=word, asked={}, singular={}, sort="").count() > 0


def _instead(search: PetSearch, wrong: str, word: str) -> PetSearch:
    tokens = [word if loosely(token) == wrong else token for token in search.q.split()]
    return replace(search, q=" ".join(tokens), after="", before="")


def _similar(word: str) -> list[str]:
    """Words one slip away, as they are spelled, the likeliest first: any of types and choices, and those that
    names and own fields of a line begin with."""
    own = catalogue().own
    lines = tuple(field.own_id for field in own if field.own_id and field.free and field.keyed)[:LINES]
    end = LAST if len(word) >= BEGINS else "!"  # which comes behind a space and before any letter
    asked = {"asked": json.dumps(sorted(_slips(word)), ensure_ascii=False), "end": end}
    pets: Counter[str] = Counter()
    for called, many in db.session.execute(_statement(db.engine.dialect.name, lines), asked):
        pets[called.split()[0]] += many
    texts = [(fact, 0) for field in own if field.searched for fact in field.offered]
    texts += [(kind, many) for kind, _, many in PetType.shown()[0]]
    for token, many in ((token, many) for text, many in texts for token in text.split()):
        if _resembles(word, loosely(token)):
            pets[token] += many
    return sorted(pets, key=lambda one: (loosely(one)[:1] != word[0], -pets[one], one))[:SHOWN]


def _resembles(word: str, other: str) -> bool:
    """Whether two differ by one slip; of a long word, the other only has to begin like it."""
    lengths = range(len(word) - 1, len(word) + 2) if len(word) >= BEGINS else (None,)
    return word != other and any(one_slip(word, other[:length]) for length in lengths)


@functools.lru_cache(maxsize=50)
def _statement(dialect: str, lines: tuple[int, ...]) -> CompoundSelect[Any]:
    """What begins with the words that are asked, in names and in these own fields, and how many pets, counted
    to MANY: each is found at its place in an index, whatever else there is."""
    asked: Any = bindparam("asked", type_=Text)
    if dialect == "sqlite":
        each = func.json_each(asked).table_valued("value")
    else:
        each = func.jsonb_array_elements_text(asked.cast(JSONB)).table_valued("value").render_derived()
    slips = select(each.c.value).cte("slips")

    def called(text: Any, key: Any, *where: Any) -> Select[Any]:
        def beginning(words: FromClause, some: Select[Any]) -> Select[Any]:
            begins = key >= words.c.value, key < words.c.value.concat(bindparam("end", type_=Text))
            # In order, or PostgreSQL may think it quicker to read all until one comes along.
            return some.where(*where, *begins).order_by(key).correlate(words)

        first = beginning(slips, select(text)).limit(1).scalar_subquery()
        found = select(slips.c.value, first.label("called")).subquery()
        some = beginning(found, select(literal(1))).limit(MANY).subquery()
        many = select(func.count()).select_from(some).scalar_subquery()
        return select(found.c.called, many).where(found.c.called.is_not(None))

    own = (called(PetKey.key, PetKey.key, PetKey.field_id == number) for number in lines)
    return union_all(called(Pet.name, Pet.name_key), *own)


def _slips(word: str) -> set[str]:
    """What a folded word is with a letter more, less or changed, or two swapped."""
    letters = _letters(word)
    ends = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {begin + end[1:] for begin, end in ends if end and len(word) > SHORTEST}
    found |= {begin + end[1] + end[0] + end[2:] for begin, end in ends if len(end) > 1}
    found |= {begin + letter + end[1:] for begin, end in ends if end for letter in letters}
    found |= {begin + letter + end for begin, end in ends for letter in letters}
    return found - {word}


def _letters(word: str) -> frozenset[str]:
    """The letters of its script: of others than Latin, those that Unicode has around its own. None of scripts
    that have too many to be tried."""
    if word.isascii():
        return LATIN
    around = {chr(code) for char in word for code in range(ord(char) & ~127, ord(char) | 127)}
    letters = frozenset(char for char in around if char.isalpha() and loosely(char) == char)
    return letters if len(letters) * len(word) < TRIED else frozenset()
