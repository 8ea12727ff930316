"""Pets that may be one and the same, found a stretch of the register at a time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from typing import Any, NamedTuple

from sqlalchemy import select

from pets.changes.duplicates import YEAR, one_slip, variants
from pets.fields import BUILT_IN
from pets.fields.catalogue import catalogue
from pets.models.pet import Pet
from pets.search.listing import cursor, listing

LOOKED = 5000  # pets that are held against each other in one request
PAIRS = 20  # that are shown at once
PARTNERS = 3  # of one pet; the others of a crowd are found with these
NEAR = 20  # pets of the same letters that one is held against
OVERLAP = 100  # pets that two stretches of one large type have in common
KEY = (Pet.type_key, Pet.name_key, Pet.id)
_SHOWN = (column for field in BUILT_IN if field.column for column in field.columns)
COLUMNS = (*KEY, *(getattr(Pet, column) for column in _SHOWN), Pet.photo, Pet.own)

Pair = tuple[Any, Any]


class Stretch(NamedTuple):
    """What one request found, and where the next one goes on; None at the end of the register."""

    pairs: list[Pair]
    first: Any | None
    last: Any | None
    looked: int
    after: str | None


def look_further(after: str) -> Stretch:
    """Go through the next pets, by type and name. Raises BadSearch for a cursor that is not ours.

    A type is looked through as a whole, unless it has more than LOOKED pets: then a stretch of names at a
    time, each held against the others of its stretch.
    """
    found = listing(select(*COLUMNS), key=KEY, after=after, size=LOOKED)
    rows, goes_on = found.rows, found.after is not None
    settled = len(rows)  # pets whose every pair would be among these rows
    if goes_on:
        last_type = [row.type_key for row in rows].index(rows[-1].type_key)
        settled = last_type or len(rows) - OVERLAP  # a type that was cut waits, unless it fills the stretch
        rows = rows[:settled] if last_type else rows
    return _stretch(rows, settled, goes_on)


def _stretch(rows: Sequence[Any], settled: int, goes_on: bool) -> Stretch:
    pairs: list[Pair] = []
    done = 0
    for place, partners in _partners(rows):
        if place >= settled or len(pairs) + len(partners) > PAIRS:
            break
        pairs += [(rows[place], rows[partner]) for partner in partners]
        done = place + 1
    else:
        done = settled
    goes_on = goes_on or done < settled
    return Stretch(
        pairs,
        rows[0] if rows else None,
        rows[done - 1] if rows else None,
        done,
        cursor(rows[done - 1], KEY) if goes_on and rows else None,
    )


def _partners(rows: Sequence[Any]) -> Iterator[tuple[int, list[int]]]:
    """Each pet's place with the places of later ones that resemble it, type by type."""
    begin = 0
    for _, group in groupby(rows, key=lambda row: row.type_key):
        kind = list(group)
        yield from ((begin + one, [begin + other for other in others]) for one, others in _within(kind))
        begin += len(kind)


def _within(rows: Sequence[Any]) -> Iterator[tuple[int, list[int]]]:
    """Names one slip apart have something in common: what each becomes without one of its letters."""
    spelled = [_spellings(row.name_key) for row in rows]
    places: dict[tuple[str, str], list[int]] = {}
    for place, spellings in enumerate(spelled):
        for spelling in spellings:
            places.setdefault(spelling, []).append(place)
    for place, spellings in enumerate(spelled):
        near: set[int] = set()  # places of pets that come later
        for spelling in spellings:
            there = places[spelling]
            if there[-1] > place:
                begin = bisect_right(there, place)
                near.update(there[begin : begin + NEAR])
        resembling = (other for other in sorted(near) if _resemble(rows[place], rows[other]))
        yield place, list(islice(resembling, PARTNERS))


def _resemble(one: Any, other: Any) -> bool:
    alike = _born_within_a_year(one.born_on, other.born_on) and one_slip(one.name_key, other.name_key)
    return alike and not _told_apart(one.own or {}, other.own or {})


def _told_apart(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether each has a code of its own: they are different animals, however alike their names."""
    codes = (str(number) for number in catalogue().unique)
    return any(code in one and code in other and one[code] != other[code] for code in codes)


def _spellings(name: str) -> set[tuple[str, str]]:
    """What a name has in common with those one slip away; its digits, since Rex 1 and Rex 2 are no slip."""
    digits = "".join(filter(str.isdigit, name))
    return {(digits, spelling) for spelling in variants(name)}


def _born_within_a_year(one: date | None, other: date | None) -> bool:
    return one is None or other is None or abs(one - other) <= YEAR
