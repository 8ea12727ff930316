"""Pets that resemble each other, found for many new ones at once."""

import functools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Date, Integer, Text, bindparam, exists, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from pets.changes.keys import Code, codes_of, holders
from pets.db import Words, db
from pets.fields.catalogue import catalogue
from pets.fields.field import Known
from pets.fields.resemblance import SOUGHT, Birth, resembles, signs, sought, within_a_year
from pets.models.field import PetKey
from pets.models.pet import Pet


class Seen:
    """Pets that came before, by what they would resemble a later one in: name, type, birth within a year.

    Two that have codes of one field are told apart by those: each code is of one animal.
    """

    def __init__(self, facts: Iterable[Known]) -> None:
        self._births: dict[tuple[str, str], dict[frozenset[str], set[Birth]]] = {}
        self._codes: set[Code] = set()
        for known in facts:
            self.meets(known)

    def meets(self, facts: Known) -> str | None:
        """How alike one that came before is, "alike" or "same" (see `resembling`); None where there is none.
        This one is one of them from now on."""
        name, kind, birth = signs(facts)
        codes = codes_of(facts)
        coded, alike = frozenset(codes), self._births.setdefault((name, kind), {})
        births = [one for fields, some in alike.items() if not fields & coded for one in some]
        met = None
        if not self._codes.isdisjoint(codes.values()) or (birth in births and birth[0] and not birth[1]):
            met = "same"
        elif any(within_a_year(birth[0], other) for other, _ in births):
            met = "alike"
        alike.setdefault(coded, set()).add(birth)
        self._codes.update(codes.values())
        return met


def resembling(facts: Sequence[Known]) -> dict[int, str]:
    """Which of these resemble a pet on the register, by their place, and how: "same" where both have an exact
    birth date or a code in common, else "alike". One statement for all of them; and one for those codes."""
    if not facts:
        return {}
    wanted, alike = _wanted(db.engine.dialect.name, bool(catalogue().unique))
    same = exists().where(*alike, _born() == wanted.c.exactly, Pet.born_estimated.is_(False))
    query = select(wanted.c.place, same.label("same")).where(exists().where(*alike))
    found = {row.place: "same" if row.same else "alike" for row in db.session.execute(query, _asked(facts))}
    coded = [(place, set(codes_of(known).values())) for place, known in enumerate(facts)]
    held = holders({code for _, codes in coded for code in codes})
    return found | {place: "same" for place, codes in coded if not codes.isdisjoint(held)}


def resembled(facts: Known, most: int) -> Sequence[Pet]:
    """Pets on the register that these facts may be about already, the first of them."""
    return resembled_by([facts], most)[0]


def resembled_by(facts: Sequence[Known], most: int) -> list[list[Pet]]:
    """The same for each of several, by one statement."""
    wanted, same = _wanted(db.engine.dialect.name, bool(catalogue().unique))
    first = select(Pet.id).where(*same).order_by(Pet.id).limit(most).correlate(wanted)
    pet = aliased(Pet)
    query = select(wanted.c.place, pet).join(pet, pet.id.in_(first.scalar_subquery())).order_by(pet.id)
    found: list[list[Pet]] = [[] for _ in facts]
    for place, one in db.session.execute(query, _asked(facts)):
        found[place].append(one)
    return found


def _asked(facts: Sequence[Known]) -> dict[str, str]:
    """What is bound to ask for these. As one JSON text: a statement that names each of them takes longer to
    write than to run."""
    codes = [codes_of(known).values() for known in facts]
    coded = ("".join(f",{number}," for number, _ in some) for some in codes)
    rows = [[*sought(known), some] for known, some in zip(facts, coded, strict=True)]
    return {"asked": json.dumps(rows)}


@functools.cache
def _wanted(dialect: str, codes: bool) -> tuple[CTE, tuple[ColumnElement[bool], ...]]:
    """Those that are asked for, and when a pet resembles one, and the two have not both codes of one field.
    `codes`: whether there are such fields."""
    names = (*SOUGHT, "coded")
    place: ColumnElement[int]
    told: list[ColumnElement[Any]]
    if dialect == "sqlite":
        each = func.json_each(bindparam("asked", type_=Text)).table_valued("key", "value")
        place = each.c.key.cast(Integer)
        told = [func.json_extract(each.c.value, f"$[{number}]", type_=Text) for number, _ in enumerate(names)]
    else:
        rows = func.jsonb_array_elements(bindparam("asked", type_=Text).cast(JSONB))
        each = rows.table_valued("value", with_ordinality="key").render_derived()
        place = each.c.key.cast(Integer) - 1
        told = [func.jsonb_extract_path_text(each.c.value, str(number)) for number, _ in enumerate(names)]
        told[2:5] = (day.cast(Date) for day in told[2:5])
    labelled = (value.label(name) for name, value in zip(names, told, strict=True))
    wanted = select(place.label("place"), *labelled).cte("wanted")
    coded = wanted.c.coded.like("%," + PetKey.field_id.cast(Text) + ",%")
    apart = () if not codes else (~exists().where(PetKey.pet_id == Pet.id, coded),)
    return wanted, (*resembles(Pet, _born(), wanted.c), *apart)


def _born() -> ColumnElement[Any]:
    """A pet's birth date, to be compared with what was bound: SQLite keeps it as text."""
    column: ColumnElement[Any] = Pet.born_on
    return type_coerce(column, Words) if db.engine.dialect.name == "sqlite" else column
