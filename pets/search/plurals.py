"""Plurals of types: whoever looks for "dogs" means the type Dog, if there is one."""

from collections.abc import Sequence

from sqlalchemy import Select, exists, select

from pets.db import db
from pets.fields.plural import ones
from pets.models.pet import Pet
from pets.models.type import PetType


def singulars(words: Sequence[str]) -> dict[str, str]:
    """Those of the folded words of a search that are the plural of a type, each with its singular.

    The last word of a longer type counts too, behind the others: "guinea pigs". A word that is a pet's name
    is no plural: Doge is not some dogs.
    """
    asked: dict[str, tuple[str, str]] = {}  # by the type that is meant: the word, and what it stands for
    for place, word in enumerate(words):
        for singular in ones(word):
            kinds = (" ".join([*words[begin:place], singular]) for begin in range(place + 1))
            asked |= dict.fromkeys(kinds, (word, singular))
    if not asked:
        return {}
    there = select(PetType.type_key).where(PetType.type_key.in_(asked)).order_by(PetType.pets)
    found = dict(asked[key] for key in db.session.scalars(there))  # of several, what most pets are
    return {word: one for word, one in found.items() if not db.session.scalar(_is_name(word))}


def _is_name(word: str) -> Select[bool]:
    return select(exists().where(Pet.name_key == word))
