"""Which pets new ones may be already, of a form or a draft; and making one of two."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from pets.changes.draft_line import DraftLine
from pets.changes.duplicates import Seen, resembled_by
from pets.changes.history import PetHistory
from pets.changes.keys import codes_of, holders
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields import updated_facts
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, Known
from pets.models.field import PetKey
from pets.models.links import LINKING
from pets.models.pet import Pet

SHOWN = 3  # pets that one may be, and lines
LOOKED = 100  # earlier lines of the same names that are held against those of a page


class Likely(NamedTuple):
    """What the new pet of a line may be already: pets on the register, and earlier lines of its draft."""

    pets: Sequence[Pet]
    lines: Sequence[Any]


def likely(lines: Sequence[DraftLine], draft_id: int) -> dict[int, Likely]:
    """What lines that are "same" or "alike" may be, by their numbers."""
    asked = [line for line in lines if line.concern in ("same", "alike")]
    if not asked:
        return {}
    earlier = _earlier(asked, draft_id)
    found = {}
    for line, pets in zip(asked, likely_pets([line.after or {} for line in asked], SHOWN), strict=True):
        before = (one for one in earlier if one.id < line.id and Seen([one.after]).meets(line.after or {}))
        found[line.id] = Likely(pets, [*before][:SHOWN])
    return found


def likely_pets(facts: Sequence[Known], most: int) -> list[list[Pet]]:
    """The pets on the register that each of these may be: those that have one of its codes, and then those
    that it resembles."""
    codes = [codes_of(known).values() for known in facts]
    held = holders({code for some in codes for code in some})
    numbers = {number for pets in held.values() for number, _ in pets}
    query = select(Pet).where(Pet.id.in_(numbers))
    coded = {pet.id: pet for pet in db.session.scalars(query)} if numbers else {}
    found = []
    for some, alike in zip(codes, resembled_by(facts, most), strict=True):
        pets = {number: coded[number] for code in some for number, _ in held.get(code, ())}
        pets |= {pet.id: pet for pet in alike}
        found.append([*pets.values()][:most])
    return found


def _earlier(lines: Sequence[DraftLine], draft_id: int) -> Sequence[Any]:
    names = {line.name_key for line in lines}
    query = select(DraftLine.id, DraftLine.name, DraftLine.after).where(
        DraftLine.changeset_id == draft_id, DraftLine.name_key.in_(names), DraftLine.part == "new"
    )
    return db.session.execute(query.order_by(DraftLine.id).limit(LOOKED)).all()


def merged_into(
    pet: PetHistory, told: Known, wanted: Known, faults: Mapping[str, str] | None = None
) -> Wanted:
    """The change that tells a pet all that is told of the same animal; `wanted`: what the draft sets on it
    already. What was wrong with a line (its faults) stays so, but for a code that is the pet's own."""
    now = pet.facts or {}
    after = updated_facts({**now, **wanted}, told)
    own = {field.name for field in catalogue().unique.values()}
    wrong = {name: fault for name, fault in (faults or {}).items() if catalogue().about(name) not in own}
    problems = {**catalogue().problems_with(after), **wrong}
    return Wanted(pet.pet_id, pet.version, pet.name, now, after, problems).narrowed()


def relinked(goes: int, stays: int) -> list[Wanted]:
    """The edits by which all pets that link to one link to another instead, but for those two."""
    fields = {field.own_id: field.name for field in catalogue().links}
    edits: dict[int, tuple[Any, Facts, Facts]] = {}
    query = LINKING.where(PetKey.field_id.in_(fields), Pet.id.not_in((goes, stays))).order_by(Pet.id)
    for row in db.session.execute(query, {"key": str(goes)}) if fields else ():
        _, before, after = edits.setdefault(row.id, (row, {}, {}))
        before[fields[row.field_id]], after[fields[row.field_id]] = str(goes), str(stays)
    return [Wanted(row.id, row.version, row.name, before, after) for row, before, after in edits.values()]
