"""Plurals of types: whoever looks for "dogs" means the type Dog, if there is one."""

from collections.abc import Sequence

from sqlalchemy import bindparam, exists, select

from pets.db import db
from pets.fields.plural import ones
from pets.models.type import PetType
from pets.search.index import PET


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
    there = db.session.scalars(_THERE, {"kinds": list(asked)})
    found = dict(asked[key] for key in there)  # of several, what most pets are
    return {word: one for word, one in found.items() if not db.session.scalar(_IS_NAME, {"word": word})}


# Made once: to make them takes longer than to ask them.
_KINDS = PetType.__table__.c
_THERE = (
    select(_KINDS.type_key)
    .where(_KINDS.type_key.in_(bindparam("kinds", expanding=True)))
    .order_by(_KINDS.pets)
)
_IS_NAME = select(exists().where(PET.name_key == bindparam("word")))
