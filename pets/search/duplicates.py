"""Pets that may be one and the same, found a stretch of the register at a time, but for those kept apart."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from sqlalchemy import func, select

from pets.changes.kept_both import KeptBoth
from pets.db import db
from pets.fields import BUILT_IN
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.fields.resemblance import nearly_alike, variants
from pets.models.field import PetKey
from pets.models.pet import Pet
from pets.search.listing import cursor, listing
from pets.search.sorts import SORTS

LOOKED = 5000  # pets that are held against each other in one request
HOLDERS = 5000  # pets with the codes of one stretch
PAIRS = 20  # that are shown at once
PARTNERS = 3  # of one pet; the others of a crowd are found with these
NEAR = 20  # pets of the same letters that one is held against
OVERLAP = 100  # pets that two stretches of one large type have in common
KEY = SORTS["type"].key
_SHOWN = (column for field in BUILT_IN if field.column for column in field.columns)
COLUMNS = (*KEY, *(getattr(Pet, column) for column in _SHOWN), Pet.photo, Pet.own)


class Pair(NamedTuple):
    """Two pets that may be one: their names are alike, or they have one code in this field."""

    one: Any
    other: Any
    field: Field | None = None


class Stretch(NamedTuple):
    """What one request found, and where the next one goes on; None at the end of the register."""

    pairs: list[Pair]
    first: Any | None
    last: Any | None
    looked: int
    after: str | None


def look_further(after: str, size: int = LOOKED) -> Stretch:
    """Go through the next pets, so many, by type and name. Raises BadSearch for a cursor that is not ours.

    A type is looked through as a whole, unless it has more than LOOKED pets: then a stretch of names at a
    time, each held against the others of its stretch.
    """
    found = listing(select(*COLUMNS), key=KEY, after=after, size=size)
    rows, goes_on = found.rows, found.after is not None
    settled = len(rows)  # pets whose every pair would be among these rows
    if goes_on:
        last_type = [row.type_key for row in rows].index(rows[-1].type_key)
        settled = last_type or len(rows) - OVERLAP  # a type that was cut waits, unless it fills the stretch
        rows = rows[:settled] if last_type else rows
    return _stretch(rows, settled, goes_on)


def _stretch(rows: Sequence[Any], settled: int, goes_on: bool) -> Stretch:
    pairs: list[Pair] = []
    done, coded = 0, _of_one_code(rows)
    apart = KeptBoth.among({row.id for row in rows} | {pair.other.id for some in coded for pair in some})
    for place, alike in _partners(rows, apart):
        found = [pair for pair in coded[place] if _ids(*pair[:2]) not in apart][:PARTNERS]
        known = {pair.other.id for pair in found}
        found += [Pair(rows[place], rows[other]) for other in alike if rows[other].id not in known]
        if place >= settled or (pairs and len(pairs) + len(found) > PAIRS):
            break
        pairs += found
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


def _of_one_code(rows: Sequence[Any]) -> list[list[Pair]]:
    """For each pet the pairs with later ones, of all the register, that have the same code.

    Only codes that several pets may have are asked for: of the others none can.
    """
    pairs: list[list[Pair]] = [[] for _ in rows]
    for field in catalogue().keyed:
        if field.unique or not field.identifies:
            continue
        own = str(field.own_id)
        has = (
            PetKey.field_id == field.own_id,
            PetKey.key.in_({row.own[own] for row in rows if own in (row.own or {})}),
        )
        twice = select(PetKey.key).where(*has).group_by(PetKey.key).having(func.count() > 1)
        query = select(PetKey.key, *COLUMNS).join(PetKey, PetKey.pet_id == Pet.id).order_by(*KEY)
        there = PetKey.field_id == field.own_id, PetKey.key.in_(db.session.scalars(twice).all())
        holders: dict[str, list[Any]] = {}
        for holder in db.session.execute(query.where(*there).limit(HOLDERS)):
            holders.setdefault(holder.key, []).append(holder)
        for row, some in zip(rows, pairs, strict=True):
            others = holders.get((row.own or {}).get(own, ""), ())
            some += [Pair(row, other, field) for other in others if _place(other) > _place(row)]
    return pairs


def _place(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, column.key) for column in KEY)


def _ids(one: Any, other: Any) -> tuple[int, int]:
    return min(one.id, other.id), max(one.id, other.id)


def _partners(rows: Sequence[Any], apart: set[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Each pet's place with the places of later ones that resemble it, type by type; not of pairs `apart`."""
    begin = 0
    for _, group in groupby(rows, key=lambda row: row.type_key):
        kind = list(group)
        found = _within(kind, apart)
        yield from ((begin + one, [begin + other for other in others]) for one, others in found)
        begin += len(kind)


def _within(rows: Sequence[Any], apart: set[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
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
        asked = (other for other in resembling if _ids(rows[place], rows[other]) not in apart)
        yield place, list(islice(asked, PARTNERS))


def _resemble(one: Any, other: Any) -> bool:
    return nearly_alike(one, other) and not _told_apart(one.own or {}, other.own or {})


def _told_apart(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether each has a code of its own: they are different animals, however alike their names."""
    codes = (str(number) for number in catalogue().unique)
    return any(code in one and code in other and one[code] != other[code] for code in codes)


def _spellings(name: str) -> set[tuple[str, str]]:
    """What a name has in common with those one slip away; its digits, since Rex 1 and Rex 2 are no slip."""
    digits = "".join(filter(str.isdigit, name))
    return {(digits, spelling) for spelling in variants(name)}
