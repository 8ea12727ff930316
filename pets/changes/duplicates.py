"""Pets that resemble each other, found for many new ones at once."""

import functools
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Text,
    and_,
    bindparam,
    exists,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from pets.changes.keys import Code, codes_of
from pets.db import Words, db
from pets.fields.age import read_born
from pets.fields.catalogue import catalogue
from pets.fields.field import Known
from pets.fields.text import fold
from pets.models.field import PetKey
from pets.models.pet import Pet

YEAR = timedelta(days=366)  # within which two birth dates may be one


class Seen:
    """Pets that came before, by what they would resemble a later one in: name, type, birth within a year.

    Two that have codes of one field are told apart by those: each code is of one animal.
    """

    def __init__(self, facts: Iterable[Known]) -> None:
        self._births: dict[tuple[str, str], dict[frozenset[str], set[date | None]]] = {}
        self._codes: set[Code] = set()
        for known in facts:
            self.meets(known)

    def meets(self, facts: Known) -> bool:
        """Whether one like this came before; it is one of them from now on."""
        name, kind, born = _signs(facts)
        codes = codes_of(facts)
        coded, alike = frozenset(codes), self._births.setdefault((name, kind), {})
        births = [one for fields, some in alike.items() if not fields & coded for one in some]
        met = bool(births) and (
            born is None or None in births or any(abs(other - born) <= YEAR for other in births if other)
        )
        met = met or not self._codes.isdisjoint(codes.values())
        alike.setdefault(coded, set()).add(born)
        self._codes.update(codes.values())
        return met


def resembling(facts: Sequence[Known]) -> set[int]:
    """Which of these resemble a pet on the register, by their place; one statement for all of them."""
    if not facts:
        return set()
    wanted, same = _wanted(db.engine.dialect.name, bool(catalogue().unique))
    return set(db.session.scalars(select(wanted.c.place).where(exists().where(*same)), _asked(facts)))


def resembled(facts: Known, most: int) -> Sequence[Pet]:
    """Pets on the register that these facts may be about already, the first of them."""
    wanted, same = _wanted(db.engine.dialect.name, bool(catalogue().unique))
    query = select(Pet).join(wanted, and_(*same)).order_by(Pet.id).limit(most)
    return db.session.scalars(query, _asked([facts])).all()


def _asked(facts: Sequence[Known]) -> dict[str, str]:
    """What is bound to ask for these. As one JSON text: a statement that names each of them takes longer to
    write than to run."""
    rows = []
    for known in facts:
        name, kind, born = _signs(known)
        coded = "".join(f",{number}," for number, _ in codes_of(known).values())
        rows.append([name, kind, *((str(born - YEAR), str(born + YEAR)) if born else (None, None)), coded])
    return {"asked": json.dumps(rows)}


@functools.cache
def _wanted(dialect: str, codes: bool) -> tuple[CTE, tuple[ColumnElement[bool], ...]]:
    """Those that are asked for, and when a pet resembles one: same name, same type but for a plural's "s",
    born within a year of each other, and not both with codes of one field. An unknown birth date resembles
    any. `codes`: whether there are such fields.
    """
    place: ColumnElement[int]
    since: ColumnElement[Any]
    until: ColumnElement[Any]
    if dialect == "sqlite":
        each = func.json_each(bindparam("asked", type_=Text)).table_valued("key", "value")
        place = each.c.key.cast(Integer)
        signs = [func.json_extract(each.c.value, f"$[{number}]", type_=Text) for number in range(5)]
        since, until = signs[2:4]
    else:
        rows = func.jsonb_array_elements(bindparam("asked", type_=Text).cast(JSONB))
        each = rows.table_valued("value", with_ordinality="key").render_derived()
        place = each.c.key.cast(Integer) - 1
        signs = [func.jsonb_extract_path_text(each.c.value, str(number)) for number in range(5)]
        since, until = (sign.cast(Date) for sign in signs[2:4])
    wanted = select(
        place.label("place"),
        signs[0].label("name_key"),
        signs[1].label("type_key"),
        since.label("earliest"),
        until.label("latest"),
        signs[4].label("coded"),
    ).cte("wanted")
    coded = wanted.c.coded.like("%," + PetKey.field_id.cast(Text) + ",%")
    apart = () if not codes else (~exists().where(PetKey.pet_id == Pet.id, coded),)
    born = type_coerce(Pet.born_on, Words) if dialect == "sqlite" else Pet.born_on
    return wanted, (
        Pet.name_key == wanted.c.name_key,
        Pet.type_key.in_((wanted.c.type_key, wanted.c.type_key + "s")),
        wanted.c.earliest.is_(None)
        | Pet.born_on.is_(None)
        | born.between(wanted.c.earliest, wanted.c.latest),
        *apart,
    )


def _signs(facts: Known) -> tuple[str, str, date | None]:
    """Name and type, folded and without a plural's "s" (which never follows another), and the birth date."""
    born, _ = read_born(facts.get("born"))
    kind = fold(facts.get("type") or "")
    return fold(facts.get("name") or ""), kind if kind.endswith("ss") else kind.removesuffix("s"), born


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
