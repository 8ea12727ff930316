"""What a pet is known by, and how alike two are that may be one: by name, type and birth date."""

from datetime import date, timedelta
from typing import Any

from pets.fields.age import read_born
from pets.fields.field import Known, first_fact
from pets.fields.text import fold

Birth = tuple[date | None, bool]  # the day, and whether it is an estimate

YEAR = timedelta(days=366)  # within which two birth dates may be one
KNOWN_BY = ("name_key", "type_key")  # columns
SOUGHT = (*KNOWN_BY, "earliest", "latest", "exactly")  # the last three are days


def signs(facts: Known) -> tuple[str, str, Birth]:
    """Name and type, folded and without a plural's "s" (which never follows another), and the birth date."""
    kind = fold(first_fact("type", facts))
    kind = kind if kind.endswith("ss") else kind.removesuffix("s")
    return fold(first_fact("name", facts)), kind, read_born(facts.get("born"))


def sought(facts: Known) -> tuple[str | None, ...]:
    """What is looked for on the register of one that is known by these facts, as SOUGHT names it."""
    name, kind, (born, estimated) = signs(facts)
    if born is None:
        return name, kind, None, None, None
    return name, kind, str(born - YEAR), str(born + YEAR), None if estimated else str(born)


def resembles(pet: Any, born: Any, wanted: Any) -> tuple[Any, ...]:
    """When a pet resembles one that is `wanted` (see SOUGHT), as conditions of SQL: same name, same type but
    for a plural's "s", born within a year of each other. An unknown birth date resembles any. `born`: that of
    the pet, as it can be compared."""
    return (
        pet.name_key == wanted.name_key,
        pet.type_key.in_((wanted.type_key, wanted.type_key + "s")),
        wanted.earliest.is_(None) | pet.born_on.is_(None) | born.between(wanted.earliest, wanted.latest),
    )


def nearly_alike(one: Any, other: Any) -> bool:
    """Whether two pets of a type are born within a year of each other and called the same, but for a slip."""
    return within_a_year(one.born_on, other.born_on) and one_slip(one.name_key, other.name_key)


def within_a_year(one: date | None, other: date | None) -> bool:
    """Whether two may be born on one day. One that is not known may be any."""
    return one is None or other is None or abs(one - other) <= YEAR


def variants(name: str) -> set[str]:
    """A folded name, and what it becomes without any one of its letters."""
    return {name, *(name[:place] + name[place + 1 :] for place in range(len(name)))}


def one_slip(one: str, other: str) -> bool:
    """Whether two folded names are the same but for one letter too many, missing, wrong, or two swapped."""
    if one == other:
        return True
    if len(one) > len(other):
        one, other = other, one
    begin = next((place for place, char in enumerate(one) if char != other[place]), len(one))
    if len(one) < len(other):
        return one[begin:] == other[begin + 1 :]
    swapped = one[begin + 1 : begin + 2] + one[begin] + one[begin + 2 :]
    return one[begin + 1 :] == other[begin + 1 :] or swapped == other[begin:]
