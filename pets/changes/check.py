"""Whether the register is what its history tells: all of it replayed, and compared with the pets."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from pets.changes.changeset import Change, Changeset
from pets.changes.keys import own_keys
from pets.changes.names import former_names, namings
from pets.db import db, snapshot
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts
from pets.models.field import PetKey
from pets.models.pet import Pet

KEYED = (PetKey.field_id, PetKey.key, PetKey.name_key)
CHUNK = 1000  # pets held in memory


def unrecorded() -> Iterator[str]:
    """Whatever was written past the history: a sentence for each pet that is not as its changes tell."""
    with snapshot(db.engine) as connection:
        last = max(connection.scalar(select(func.max(column))) or 0 for column in (Pet.id, Change.pet_id))
        for start in range(0, last + 1, CHUNK):
            yield from _compared(connection, range(start, start + CHUNK))


def _compared(connection: Connection, numbers: range) -> Iterator[str]:
    def of(column: Any) -> Any:
        return column.between(numbers[0], numbers[-1])

    pets = {row.id: row for row in connection.execute(select(Pet.__table__).where(of(Pet.id)))}
    moments = select(Change.__table__, Changeset.saved_at).join(
        Changeset, Changeset.id == Change.changeset_id
    )
    histories: dict[int, list[Any]] = {}
    for row in connection.execute(moments.where(of(Change.pet_id)).order_by(Change.pet_id, Change.version)):
        histories.setdefault(row.pet_id, []).append(row)
    names = namings(connection, histories)
    keys: dict[int, set[Any]] = {}
    for number, *key in connection.execute(select(PetKey.pet_id, *KEYED).where(of(PetKey.pet_id))):
        keys.setdefault(number, set()).add(tuple(key))
    for number in sorted(pets.keys() | histories.keys() | keys.keys()):
        history, pet = histories.get(number, []), pets.get(number)
        facts = _replayed(history)
        if isinstance(facts, str):
            yield f"Pet {number}: {facts}"
        elif pet is None or facts is None:
            if pet is not None or facts is not None or number in keys:
                yield f"Pet {number} is {'not ' * (pet is None)}there, and its history tells otherwise."
        else:
            known = {
                "version": len(history),
                "added_at": history[0].saved_at,
                "changed_at": history[-1].saved_at,
                "former_names": former_names(names[number]),
            }
            told = catalogue().whole(facts)
            wrong = [field for field, fact in catalogue().facts_of(pet).items() if fact != told[field]]
            known |= Pet.keys_of(facts, known["former_names"])
            wrong += [column for column, value in known.items() if getattr(pet, column) != value]
            if keys.get(number, set()) != {(*key, pet.name_key) for key in own_keys(facts)}:
                wrong.append("keys of own fields")
            if wrong:
                yield f"Pet {number} is not as its history tells: {', '.join(wrong)}."


def _replayed(history: list[Any]) -> Facts | str | None:
    """A pet's facts after all of its changes, or what is wrong with these."""
    facts: Facts | None = None
    for place, change in enumerate(history):
        before, after = change.before, change.after
        if change.version != place:
            return f"change {change.id} is of version {change.version}, and should be of version {place}."
        if (before is None) is not (facts is None) or any(
            (facts or {}).get(field) != fact for field, fact in (before or {}).items()
        ):
            return f"change {change.id} does not begin where the one before it ends."
        facts = {**facts, **after} if facts and after else after and catalogue().whole(after)
    return facts
