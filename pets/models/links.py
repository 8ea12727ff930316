"""Facts that are another pet: found by its name or number, called by its name, and told on its own page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from flask import has_app_context
from sqlalchemy import bindparam, func, select

from pets import clock
from pets.db import db
from pets.fields import brief
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.fields.pet_link import is_number, named, named_by
from pets.fields.text import fold, unwritable
from pets.language import gettext
from pets.models.field import PetKey
from pets.models.pet import Pet

SHOWN = 5  # pets of one name that are told apart in a sentence
LISTED = 50  # pets that link to another, on its page
LONGEST = 100  # characters of a name
# Built once, and of columns: the page of every pet asks them.
_PET, _KEY = Pet.__table__.c, PetKey.__table__.c
# The pets that link to one, by which field.
LINKING = select(_PET.id, _PET.version, _PET.name, _KEY.field_id).where(
    _KEY.pet_id == _PET.id, _KEY.key == bindparam("key")
)
_LISTED = (
    LINKING.where(_KEY.field_id == bindparam("field")).order_by(_KEY.name_key, _KEY.pet_id).limit(LISTED + 1)
)
_NAMES = select(_PET.id, _PET.name).where(_PET.id.in_(bindparam("numbers", expanding=True)))
# Those that were looked up, by the transaction in which they hold.
_names: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


class Meant(NamedTuple):
    """What somebody means who typed a pet: its number, else what they typed and what to tell them."""

    fact: str
    problem: str = ""


def meant_by(texts: Iterable[str]) -> dict[str, Meant]:
    """The pets that these texts mean, a number or a name each; two statements for all that are clear."""
    typed = {text: ("", text) if is_number(text) else named(text) for text in texts}
    keys = {fold(name) for name, _ in typed.values() if 0 < len(name) <= LONGEST and not unwritable(name)}
    known = names_of(number for _, number in typed.values() if number)
    found = _by_name(keys) if keys else {}
    return {text: _meant(text, *parts, known, found) for text, parts in typed.items()}


def _by_name(keys: set[str]) -> dict[str, tuple[int, int]]:
    """Of each folded name the first and the last pet that has it."""
    first_and_last = Pet.name_key, func.min(Pet.id), func.max(Pet.id)
    query = select(*first_and_last).where(Pet.name_key.in_(keys)).group_by(Pet.name_key)
    return {key: (first, last) for key, first, last in db.session.execute(query)}


def _meant(
    text: str, name: str, number: str, known: Mapping[str, str], found: Mapping[str, tuple[int, int]]
) -> Meant:
    if number and number not in known:
        return Meant(
            number,
            gettext("No pet has the number %(number)s. Enter the name or the number of one.", number=number),
        )
    if number and name and fold(known[number]) != fold(name) and not _was_called(number, name):
        told = gettext(
            "“%(name)s” has the number %(number)s. Enter the name or the number alone.",
            name=known[number],
            number=number,
        )
        return Meant(text, told)
    if number:
        return Meant(number)
    first, last = found.get(fold(name), (0, 0))
    if first and first == last:
        return Meant(str(first))
    if first:
        return Meant(text, _several(fold(name)))
    return Meant(
        text,
        gettext("No pet is called “%(name)s”. Enter a name as it is here, or a number.", name=text[:LONGEST]),
    )


def _was_called(number: str, name: str) -> bool:
    """Whether a pet had a name, as a page that was opened before may still say."""
    former = db.session.scalar(select(Pet.former_names).where(Pet.id == int(number)))
    return fold(name) in (fold(one) for one, _ in former or ())


def _several(key: str) -> str:
    query = select(Pet).where(Pet.name_key == key).order_by(Pet.id).limit(SHOWN + 1)
    pets = db.session.scalars(query).all()
    told = ", ".join(f"{pet.id} ({brief(pet, clock.today())})" for pet in pets[:SHOWN])
    if len(pets) > SHOWN:
        told = gettext("%(pets)s and others", pets=told)
    return gettext(
        "Several pets are called “%(name)s”. Enter the number of one: %(pets)s.", name=pets[0].name, pets=told
    )


def names_of(numbers: Iterable[str]) -> dict[str, str]:
    """The names of pets by their numbers; those that are not on the register are missing."""
    asked = {int(number) for number in numbers if is_number(number)}
    if not asked:
        return {}
    return {str(number): name for number, name in db.session.execute(_NAMES, {"numbers": sorted(asked)})}


def _name(number: str) -> str | None:
    """The name of a pet, for a link to it; None where nobody can say, "" where there is none."""
    if not has_app_context():
        return None
    return learn_names([number])[number]


def learn_names(numbers: Iterable[str]) -> dict[str, str]:
    """Look up the names of pets that are about to be said, with one statement. Returns all that this
    transaction has looked up."""
    session = db.session()
    names = _names.setdefault(session.get_transaction() or session.begin(), {})
    if unknown := [number for number in numbers if number not in names]:
        names |= dict.fromkeys(unknown, "") | names_of(unknown)
    return names


named_by(_name, lambda text: meant_by([text])[text])


class Linking(NamedTuple):
    """The pets that link to another by one field: the first of them, and whether there are more."""

    field: Field
    pets: Sequence[tuple[int, str]]
    more: bool


def linking_to(pet_id: int) -> list[Linking]:
    """The pets that link to this one, by name; a statement for each field of links."""
    found = []
    for field in catalogue().links:
        rows = db.session.execute(_LISTED, {"key": str(pet_id), "field": field.own_id}).all()
        pets = [(row.id, row.name) for row in rows[:LISTED]]
        if pets:
            found.append(Linking(field, pets, len(rows) > LISTED))
    return found
