"""The keys by which pets are found in own fields, written beside the pets; and codes that no two may have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, text
from sqlalchemy.orm import Session

from pets.db import db
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, Field, Known
from pets.language import gettext as _
from pets.models.field import PetKey
from pets.models.pet import InvalidPet, Pet

_KEYS = PetKey.__table__
# As the driver takes it: SQLAlchemy's own way with many rows takes longer than writing them.
_ADD = "INSERT INTO pet_key (field_id, key, name_key, pet_id) VALUES "
_PLACES = {"qmark": "(?, ?, ?, ?)", "format": "(%s, %s, %s, %s)", "pyformat": "(%s, %s, %s, %s)"}
_DROP_ALL = delete(_KEYS).where(_KEYS.c.pet_id == bindparam("pet"))
_DROP = _DROP_ALL.where(_KEYS.c.field_id == bindparam("field"))
_SAME = (_KEYS.c.field_id == bindparam("field"), _KEYS.c.key.in_(bindparam("keys", expanding=True)))
_TWICE = (
    select(_KEYS.c.key, func.min(_KEYS.c.pet_id).label("one"), func.max(_KEYS.c.pet_id).label("other"))
    .where(*_SAME)
    .group_by(_KEYS.c.key)
    .having(func.count() > 1)
)
_HOLDERS = select(_KEYS.c.key, Pet.id, Pet.name).join(Pet, Pet.id == _KEYS.c.pet_id).where(*_SAME)
_CHUNK = 500  # keys that are asked for at once

Code = tuple[int, str]  # the number of a field of codes, and the key of one


class Written(NamedTuple):
    """A pet on its way to the database, with what its change will say; an edit names what differs."""

    pet: Pet
    version: int
    before: Facts | None
    after: Facts | None


def write_keys(session: Session, connection: Connection, written: Sequence[Written]) -> None:
    """Write what differs of the keys of these pets. Raises InvalidPet for a code that another pet has."""
    fields = catalogue().keyed
    if not fields:
        return
    gone, changed, rows, codes = [], [], [], set[Code]()
    for pet, _version, before, after in written:
        facts: Known = after or {}
        if before is not None and (after is None or "name" in after):  # each key stands beside the name
            gone.append({"pet": pet.id})
            facts = pet.facts if after else {}
        elif before is not None:
            changed += [{"pet": pet.id, "field": one.own_id} for one in fields if one.name in facts]
        for field in fields:
            key = field.key_of(facts[field.name]) if field.name in facts else None
            if key is not None:
                rows.append((field.own_id, key, pet.name_key, pet.id))
                if field.unique and field.name in (after or {}):
                    codes.add((field.own_id or 0, key))
    for statement, some in ((_DROP_ALL, gone), (_DROP, changed)):
        if some:
            connection.execute(statement, some)
    if rows:
        connection.exec_driver_sql(_ADD + _PLACES[connection.dialect.paramstyle], sorted(rows))
    later = session.info.get("codes")
    if later is not None:
        later |= codes
    elif codes:
        _refuse_twice(connection, codes, {pet.id: pet.name for pet, *_ in written})


@contextmanager
def codes_last(session: Session) -> Iterator[None]:
    """Let codes be looked at when all of many pets are written: one may be given up after it is taken."""
    session.info["codes"] = codes = set[Code]()
    try:
        yield
        session.flush()
    finally:
        del session.info["codes"]
    if codes:
        _refuse_twice(session.connection({"mapper": Pet.__mapper__}), codes, {})


def _refuse_twice(connection: Connection, codes: Iterable[Code], named: Mapping[int, str]) -> None:
    """Refuse codes that two pets have by now; `named` has those that are on their way. Raises InvalidPet."""
    if connection.dialect.name == "postgresql":  # two that are saved at once would not see each other
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('pets: codes'))"))
    problems = {}
    for field, keys in _by_field(codes):
        found = connection.execute(_TWICE, {"field": field.own_id, "keys": keys}).first()
        if not found:
            continue
        rows = connection.execute(select(Pet.id, Pet.name).where(Pet.id.in_((found.one, found.other))))
        names = {**{row.id: row.name for row in rows}, **named}
        others = [number for number in (found.one, found.other) if number not in named] or [found.one]
        told = [taken_by(field, number, names[number]) for number in others]
        cannot = _(
            "“%(one)s”, number %(first)s, and “%(other)s”, number %(second)s, cannot both have the "
            "%(field)s %(code)s. Enter another for one of them.",
            one=names[found.one],
            first=found.one,
            other=names[found.other],
            second=found.other,
            field=field.what,
            code=field.said(found.key),
        )
        problems[field.name] = told[0] if len(told) == 1 else cannot
    if problems:
        raise InvalidPet(problems)


def holders(codes: Iterable[Code]) -> dict[Code, list[tuple[int, str]]]:
    """Which pets have these codes, as (number, name)."""
    found: dict[Code, list[tuple[int, str]]] = {}
    for field, keys in _by_field(codes):
        for key, number, name in db.session.execute(_HOLDERS, {"field": field.own_id, "keys": keys}):
            found.setdefault((field.own_id or 0, key), []).append((number, name))
    return found


def twice(field: Field, key: str) -> str:
    """What to tell a person of a code that two pets would have."""
    return _(
        "Two of these pets have the %(field)s %(code)s. Enter another for one of them.",
        field=field.what,
        code=field.said(key),
    )


def taken_by(field: Field, number: int, name: str) -> str:
    """What to tell a person of a code that another pet has."""
    return _(
        "“%(name)s”, number %(number)s, has this %(field)s already. Enter another, or correct that pet.",
        name=name,
        number=number,
        field=field.what,
    )


def _by_field(codes: Iterable[Code]) -> Iterator[tuple[Field, list[str]]]:
    """The keys that are asked for, by their field, so many at a time."""
    ordered = sorted(codes)
    for number, field in catalogue().unique.items():
        keys = [key for own_id, key in ordered if own_id == number]
        yield from ((field, keys[start : start + _CHUNK]) for start in range(0, len(keys), _CHUNK))


def own_keys(facts: Known) -> list[tuple[int, str]]:
    """The keys that a pet with these facts has: the number of each field, and the key in it."""
    made = ((field.own_id or 0, field.key_of(facts[field.name])) for field in catalogue().keyed)
    return [(number, key) for number, key in made if key is not None]


def codes_of(facts: Known) -> dict[str, Code]:
    """The codes among facts that no two pets may have, by field."""
    unique = catalogue().unique
    if not unique:
        return {}
    found: dict[str, Any] = {
        field.name: (number, field.key_of(facts.get(field.name))) for number, field in unique.items()
    }
    return {name: code for name, code in found.items() if code[1] is not None}
