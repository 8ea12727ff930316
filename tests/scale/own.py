"""The own fields of the registers that are measured: eight, of every kind that is looked for."""

from collections.abc import Iterator
from datetime import date, timedelta

from pets.fields import FIELDS
from pets.fields.text import search_words
from pets.models.field import OwnField

COLOURS = "black white brown grey ginger tabby tricolour spotted cream blue silver merle".split()
KINDS = "Shepherd Shorthair Terrier Spaniel Lop Longhair Hound".split()
BREEDS = [f"{place} {kind}" for place in "Old Dutch Polish Welsh Scottish Bohemian".split() for kind in KINDS]
DECLARED = [  # their numbers are their places, from one
    {"label": "Sex", "kind": "choice", "choices": ["female", "male"]},
    {"label": "Neutered", "kind": "yes_no"},
    {"label": "Colour", "kind": "choice", "choices": COLOURS},
    {"label": "Microchip number", "kind": "code"},
    {"label": "Weight", "kind": "number", "unit": "kg"},
    {"label": "Here since", "kind": "day"},
    {"label": "Breed", "kind": "line"},
    {"label": "Mother", "kind": "pet_link"},
]
SINCE = date(2023, 1, 1)


def declare(most: int = len(DECLARED)) -> None:
    """Declare them, or the first so many; in a register that has none. The list shows none, to be compared
    with others’ lists."""
    for number, settings in enumerate(DECLARED[:most], 1):
        assert OwnField.add({"listed": False, **settings}).id == number


def chip(number: int) -> str:
    """The code of a pet: no two have the same, and any six digits are those of few."""
    return f"985112{number * 387_420_489 % 10**9:09}"


def own_facts(number: int) -> dict[str, str]:
    """Those of a pet, as `pet.own` keeps them: by number of the field."""
    chance = number * 2_654_435_761 % 2**32 >> 4
    facts = {
        "1": ("female", "male")[chance % 2] if chance % 16 else "",
        "2": ("yes", "no", "")[chance // 7 % 3],
        "3": COLOURS[min(chance // 11 % 16, chance // 13 % 12)],
        "4": chip(number) if chance % 8 else "",
        "5": f"{chance // 17 % 400 / 10:g}" if chance % 5 else "",
        "6": str(SINCE + timedelta(days=chance // 19 % 1400)),
        "7": BREEDS[chance // 23 % len(BREEDS)] if chance % 3 else "",
        "8": str(number // 2) if number > 1 and chance % 6 == 0 else "",
    }
    return {field: fact for field, fact in facts.items() if fact}


def own_words(facts: dict[str, str]) -> str:
    """What they add to what their pet is found by."""
    searched = [fact for field, fact in facts.items() if FIELDS[f"own.{field}"].searched]
    return "".join(f"  {word}" for fact in searched for word in search_words(fact))


def own_keys(field: str, pets: Iterator[tuple[int, str]]) -> list[tuple]:
    """The rows of `pet_key` of one field, sorted as they lie, for pets as (number, folded name)."""
    known = FIELDS[f"own.{field}"]
    facts = ((number, name, own_facts(number).get(field)) for number, name in pets)
    keys = ((int(field), known.key_of(fact), name, number) for number, name, fact in facts if fact)
    return sorted(keys)
