"""One slip of typing: what is shown where nothing matches a word, but a name or type is nearly the same."""

import functools
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import CTE, CompoundSelect, Select, Text, bindparam, exists, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB

from pets.db import db
from pets.fields.field import Field
from pets.fields.key_filters import LAST
from pets.fields.text import loosely
from pets.models.pet import Pet
from pets.models.type import PetType
from pets.search.pets import Found, PetSearch

LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
SHORTEST, LONGEST = 3, 30  # letters of a word that is looked at
BEGINS = 6  # letters from which on a name need only begin with the word
MANY = 100  # pets so named, counted to tell what is common
SHOWN = 4  # words that are offered


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
    """Words one slip away that names and types begin with, as spelled there: the likeliest first."""
    end = LAST if len(word) >= BEGINS else "!"  # which comes behind a space and before any letter
    asked = {"asked": json.dumps(sorted(_slips(word)), ensure_ascii=False), "end": end}
    pets: Counter[str] = Counter()
    for called, many in db.session.execute(_statement(db.engine.dialect.name), asked):
        pets[called.split()[0]] += many
    likeliest = sorted(pets, key=lambda one: (loosely(one)[:1] != word[0], -pets[one], one))
    return likeliest[:SHOWN]


@functools.cache
def _statement(dialect: str) -> CompoundSelect[Any]:
    """What names and types begin with the words that are asked, and how many pets: each is found at its place
    in an index, whatever else there is."""
    asked: Any = bindparam("asked", type_=Text)
    if dialect == "sqlite":
        each = func.json_each(asked).table_valued("value")
    else:
        each = func.jsonb_array_elements_text(asked.cast(JSONB)).table_valued("value").render_derived()
    slips = select(each.c.value).cte("slips")
    word = slips.c.value

    def begins(key: Any) -> Any:
        return (key >= word) & (key < word.concat(bindparam("end", type_=Text)))

    named, typed = begins(Pet.name_key), begins(PetType.type_key)
    some = select(literal(1)).where(named).limit(MANY).correlate(slips).subquery()
    name = select(Pet.name).where(named).order_by(Pet.name_key, Pet.id).limit(1)
    kind = select(PetType.type).where(typed).order_by(PetType.pets.desc()).limit(1)
    pets = select(func.sum(PetType.pets)).where(typed)
    return union_all(
        select(_of(name, slips), select(func.count()).select_from(some).scalar_subquery())
        .select_from(slips)
        .where(exists().where(named)),
        select(_of(kind, slips), _of(pets, slips)).select_from(slips).where(exists().where(typed)),
    )


def _of(query: Select[Any], slips: CTE) -> Any:
    return query.correlate(slips).scalar_subquery()


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
    """The letters of its script: of others than Latin, those that Unicode has around its own."""
    if word.isascii():
        return LATIN
    around = {chr(code) for char in word for code in range(ord(char) & ~127, ord(char) | 127)}
    return frozenset(char for char in around if char.isalpha() and loosely(char) == char)
