"""What pets have in one own field: found by its keys, changed through the draft, and keyed again."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import JSON, bindparam, delete, func, insert, select, text, update

from pets.changes.merge import chunks_of
from pets.changes.wanted import Wanted
from pets.db import db, snapshot
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.language import gettext as _
from pets.models.field import PetKey
from pets.models.pet import FACTS, Pet

EXAMPLES = 3
_KEYS, _PETS = PetKey.__table__, Pet.__table__
_FIND = update(_PETS).where(_PETS.c.id == bindparam("pet")).values(search_text=bindparam("words"))


# One key after the other, each found by a seek, however many pets have it.
_IN_USE = text(
    """
    WITH RECURSIVE known(key, place) AS (
        SELECT min(key), 1 FROM pet_key WHERE field_id = :field
        UNION ALL
        SELECT (SELECT min(key) FROM pet_key WHERE field_id = :field AND key > known.key), place + 1
        FROM known WHERE known.key IS NOT NULL AND place < :most
    )
    SELECT own FROM known JOIN pet ON pet.id = (
        SELECT pet_id FROM pet_key WHERE field_id = :field AND key = known.key LIMIT 1
    )
    """
).columns(own=JSON)


class Having(NamedTuple):
    """A pet, and what it has in the field."""

    pet_id: int
    version: int
    name: str
    fact: str


class Misfits(NamedTuple):
    """How many pets have something in a field that would not do, and the first of them."""

    number: int
    some: list[Having]


def having(field: Field, facts: Collection[str] = ()) -> Iterator[Having]:
    """The pets that have something in a field, or one of these facts, as they are when it is first asked.

    Read on a connection of its own, in chunks: memory is bounded.
    """
    with (
        snapshot(db.engine) as connection,
        connection.execution_options(yield_per=1000).execute(_having(field, facts)) as rows,
    ):
        for row in rows:
            fact = (row.own or {}).get(str(field.own_id))
            if fact is not None and (not facts or fact in facts):
                yield Having(row.id, row.version, row.name, fact)


def how_many(field: Field, facts: Collection[str] = ()) -> int:
    """How many pets those are at most: of a field without keys, all that have anything in an own field."""
    return db.session.scalar(select(func.count()).select_from(_having(field, facts).subquery())) or 0


def renamed(field: Field, become: Mapping[str, str]) -> Iterator[Wanted]:
    """The changes by which pets that have one of these facts get the other instead."""
    for pet in having(field, become):
        yield _staged(field, pet, become[pet.fact])


def misfits(field: Field, new: Field) -> Misfits:
    """What would be no fact of the field if it were declared as `new`."""
    count, some = 0, []
    for pet in having(field):
        if not _fits(new, pet.fact):
            count += 1
            if count <= EXAMPLES:
                some.append(pet)
    return Misfits(count, some)


def fitted(field: Field, new: Field) -> Iterator[Wanted]:
    """The changes that let all of it fit: read as `new` would where it can be, cleared where it cannot."""
    for pet in having(field):
        if not _fits(new, pet.fact):
            fact = new.taken(pet.fact)
            yield _staged(field, pet, fact if fact and _fits(new, fact) else field.nothing)


def key_again(old: Field, new: Field) -> None:
    """Write the keys and the words that follow from a field's facts now that it is declared as `new`."""
    db.session.execute(delete(_KEYS).where(_KEYS.c.field_id == new.own_id))
    for chunk in chunks_of(having(old)):
        ids = [pet.pet_id for pet in chunk]
        query = select(Pet.id, Pet.name_key, Pet.former_names, *FACTS).where(Pet.id.in_(ids))
        keys: list[dict[str, Any]] = []
        words: list[dict[str, Any]] = []
        for row in db.session.execute(query):
            facts = catalogue().facts_of(row)
            key = new.key_of(facts[new.name]) if new.keyed else None
            if key is not None:
                keys.append(dict(zip(_KEYS.c.keys(), (new.own_id, key, row.name_key, row.id), strict=True)))
            words.append({"pet": row.id, "words": Pet.keys_of(facts, row.former_names)["search_text"]})
        if keys:
            db.session.execute(insert(_KEYS), keys)
        db.session.connection().execute(_FIND, words)


def in_use(field: Field, most: int) -> list[str]:
    """What pets have in a field, each once, by its keys; nothing where that is more than `most`."""
    found = (
        db.session.scalars(_IN_USE, {"field": field.own_id, "most": most + 1}).all() if field.keyed else []
    )
    facts = [(own or {}).get(str(field.own_id)) for own in found]
    return [fact for fact in facts if fact] if len(found) <= most else []


def left(field: Field, former: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """The words that pets still have although they were renamed, with what they are called now."""
    keys = {field.key_of(was): was for was in former}
    counts = select(_KEYS.c.key, func.count()).where(_KEYS.c.field_id == field.own_id, _KEYS.c.key.in_(keys))
    found = db.session.execute(counts.group_by(_KEYS.c.key).order_by(_KEYS.c.key))
    return [(keys[key], former[keys[key]], number) for key, number in found]


def shared_codes(field: Field) -> str:
    """What to tell of codes that several pets have, of which each is to have its own; "" where none has."""
    twice = select(_KEYS.c.key).where(_KEYS.c.field_id == field.own_id).group_by(_KEYS.c.key)
    found = db.session.scalars(twice.having(func.count() > 1).order_by(_KEYS.c.key).limit(EXAMPLES))
    codes = ", ".join(map(field.said, found))
    return _("Several pets have the same code: %(codes)s. Correct them first.", codes=codes) if codes else ""


def _having(field: Field, facts: Collection[str]) -> Any:
    query: Any = select(Pet.id, Pet.version, Pet.name, Pet.own)
    if not field.keyed:
        return query.where(Pet.own.is_not(None)).order_by(Pet.id)
    query = query.join(PetKey, PetKey.pet_id == Pet.id).where(PetKey.field_id == field.own_id)
    if facts:
        query = query.where(PetKey.key.in_({field.key_of(fact) or "" for fact in facts}))
    return query.order_by(PetKey.key, PetKey.name_key, PetKey.pet_id)


def _fits(field: Field, fact: str) -> bool:
    return field.tidy(fact) == fact and not (field.problem(fact) or field.objection(fact))


def _staged(field: Field, pet: Having, fact: str | None) -> Wanted:
    return Wanted(pet.pet_id, pet.version, pet.name, {field.name: pet.fact}, {field.name: fact})
