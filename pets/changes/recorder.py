"""The one door: what any SQLAlchemy session writes of pets is held to their rules and told in the history."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, event, insert, inspect, text, update
from sqlalchemy.orm import Session, UOWTransaction

from pets.changes.changeset import BESIDE, Change, Changeset, told_by
from pets.changes.concern import mark
from pets.changes.files import keep_for_good, named_in
from pets.changes.keys import Written, write_keys
from pets.changes.names import Naming, former_names, namings
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, first_fact
from pets.fields.text import loosely
from pets.models.field import catalogue_of
from pets.models.pet import InvalidPet, Pet

# What each save writes beside the pet, by statements on tables that are built once: to build them again each
# time, and to make objects of what nobody asks for, takes as long as all the rest.
_CHANGES, _CHANGESETS = (kind.__table__ for kind in (Change, Changeset))
COUNTED = ("added", "changed", "removed", "merged")
_TELL = insert(_CHANGES)
_OPEN = insert(_CHANGESETS).returning(_CHANGESETS.c.id)
_COUNT_ON = (
    update(_CHANGESETS)
    .where(_CHANGESETS.c.id == bindparam("number"))
    .values({name: _CHANGESETS.c[name] + bindparam(f"more_{name}") for name in COUNTED})
)


@event.listens_for(Session, "before_flush")
def _tell(session: Session, context: UOWTransaction, only: Any) -> None:
    """Hold the pets of this flush to the rules, set what follows from their facts, and write their changes.

    The changes come first: the database takes no pet without the change beside it. Raises InvalidPet.
    """

    def pets(some: Any) -> list[Pet]:
        return [pet for pet in some if isinstance(pet, Pet) and (only is None or pet in only)]

    new, dirty, removed = pets(session.new), pets(session.dirty), pets(session.deleted)
    if not (new or dirty or removed):
        return
    catalogue_of(session)
    if {pet.id for pet in new} & {pet.id for pet in removed}:  # an UPDATE, for SQLAlchemy
        raise TypeError(
            "A new pet cannot take a removed one's number at once. Set the facts of the pet that is there."
        )
    for some in (dirty, removed):
        some.sort(key=lambda pet: pet.id)  # the session keeps them in no order
    written = [
        Written(pet, _Committed(pet).version, catalogue().facts_of(_Committed(pet)), None) for pet in removed
    ]
    written += _added(session, new)
    written += _edited(session, dirty)
    if not written:
        return
    number = _changeset(session, written)
    beside, nothing = told_by(session).get("beside", {}), dict.fromkeys(BESIDE)
    rows = [{**_row(one, number), **beside.get(one.pet.id, nothing)} for one in written]
    _connection(session).execute(
        _TELL, rows if len(rows) > 1 else rows[0]
    )  # one by itself takes half the time
    write_keys(session, _connection(session), written)
    keep_for_good(_connection(session), named_in(one.after for one in written))
    told_by(session)["known"] = {
        one.pet.id: one.pet.facts if one.after is not None else None for one in written if one.version
    }


@event.listens_for(Session, "after_flush")
def _mark_stale(session: Session, context: UOWTransaction) -> None:
    """Mark these pets' lines in everybody's drafts, so that a review need not look for what has changed.

    After the pets: who saves a draft locks those first too, or two of them would wait for each other.
    """
    known = told_by(session).pop("known", None)
    if not known:
        return
    mark(_connection(session), told_by(session)["changeset"], known)


@event.listens_for(Session, "after_commit")
def _close(session: Session) -> None:
    """After a commit the next change begins a new changeset."""
    if not session.in_nested_transaction():
        told_by(session)["saved"] = told_by(session).get("changeset")
        _forget(session)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        for key in ("changeset", "moment", "opening", "known", "beside"):
            told_by(session).pop(key, None)


def _connection(session: Session) -> Connection:
    return session.connection({"mapper": inspect(Pet)})


def _added(session: Session, pets: list[Pet]) -> list[Written]:
    """Make new pets ready. One that comes back goes on counting its versions."""
    if not pets:
        return []
    back = {pet.id: _held(pet)["name"] or "" for pet in pets if pet.id}
    histories = _histories(session, back) if back else {}
    _number(session, [pet for pet in pets if not pet.id])
    moment, written = Changeset.moment(session), []
    for pet in pets:
        facts, history = _held(pet), histories.get(pet.id, [])
        version = history[-2].version + 1 if len(history) > 1 else 0
        formerly = former_names(history)
        # Written past the attributes, since of what was never stored no history is kept: half the time.
        pet.__dict__.update(
            version=version + 1,
            added_at=history[0].saved_at if history else moment,
            changed_at=moment,
            former_names=formerly,
            **catalogue().columns_of(facts),
            **Pet.keys_of(facts, formerly),
        )
        written.append(Written(pet, version, None, facts))
    return written


def _edited(session: Session, pets: list[Pet]) -> list[Written]:
    """Make edited pets ready, but for those that were set to what they are."""
    written = []
    for pet in pets:
        before, after = catalogue().facts_of(_Committed(pet)), _held(pet)
        edited = [name for name, fact in after.items() if before[name] != fact]
        if edited:
            facts = ({field: some[field] for field in edited} for some in (before, after))
            written.append(Written(pet, _Committed(pet).version, *facts))
    renamed = {one.pet.id: one.pet.name for one in written if "name" in (one.after or {})}
    histories = _histories(session, renamed) if renamed else {}
    for one in written:
        pet, pet.changed_at = one.pet, Changeset.moment(session)
        pet.version = one.version + 1
        if pet.id in renamed:
            pet.former_names = former_names(histories[pet.id])
        for column, key in Pet.keys_of(pet.facts, pet.former_names).items():
            setattr(pet, column, key)
    return written


def _histories(session: Session, names: Mapping[int, str]) -> dict[int, list[Naming]]:
    """What pets were called so far, and the names that they are given now."""
    histories, told, moment = namings(session, names), told_by(session), Changeset.moment(session)
    whole = told.get("opening", {}).get("undoes_id")
    for number, name in names.items():
        undoes = told.get("beside", {}).get(number, {}).get("undoes_id") or whole
        now = Naming(number, 0, told.get("changeset", 0), undoes, moment, name)
        histories.setdefault(number, []).append(now)
    return histories


def _number(session: Session, pets: list[Pet]) -> None:
    """Give new pets their numbers: their changes tell them, and one statement can store them all."""
    if not pets:
        return
    connection = _connection(session)
    if connection.dialect.name == "sqlite":
        last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'pet'")) or 0
        numbers = list(range(last + 1, last + 1 + len(pets)))
    else:
        query = "SELECT nextval(pg_get_serial_sequence('pet', 'id')) FROM generate_series(1, :count)"
        numbers = list(connection.scalars(text(query), {"count": len(pets)}))
    for pet, number in zip(pets, numbers, strict=True):
        pet.__dict__["id"] = number


def _held(pet: Pet) -> Facts:
    """A pet's facts, held to the rules."""
    facts = pet.facts
    problems = catalogue().problems_with(facts)
    if problems:
        raise InvalidPet(problems)
    return facts


class _Committed:
    """A pet's columns as the database has them, whatever has been set on it since."""

    def __init__(self, pet: Pet) -> None:
        self._attributes: Any = inspect(pet).attrs

    def __getattr__(self, column: str) -> Any:
        past = self._attributes[column].load_history()
        return (past.deleted or past.unchanged or [None])[0]


def _row(one: Written, number: int) -> dict[str, Any]:
    """The row of a change."""
    name = first_fact("name", one.after, one.before) or one.pet.name
    renamed = one.after is not None and one.before is not None and "name" in one.before
    return {
        "changeset_id": number,
        "pet_id": one.pet.id,
        "version": one.version,
        "pet_name": name,
        "name_key": loosely(name),
        "was_key": loosely(one.before["name"] or "") if renamed and one.before else None,
        "before": one.before and catalogue().brief(one.before) if one.after is None else one.before,
        "after": one.after and catalogue().brief(one.after) if one.before is None else one.after,
    }


def _changeset(session: Session, written: list[Written]) -> int:
    """The changeset of this transaction: begun at its first flush, counted on at the next ones."""
    told, connection = told_by(session), _connection(session)
    beside = told.get("beside", {})
    counts = {
        "added": sum(one.before is None for one in written),
        "changed": sum(one.before is not None and one.after is not None for one in written),
        "removed": sum(one.after is None for one in written),
        "merged": sum(bool(beside.get(one.pet.id, {}).get("merged_id")) for one in written) if beside else 0,
    }
    number: int | None = told.get("changeset")
    more = {f"more_{name}": count for name, count in counts.items()}
    # A savepoint that was rolled back has taken the changeset with it, if it began there.
    if number is None or not connection.execute(_COUNT_ON, {"number": number, **more}).rowcount:
        opened = connection.execute(_OPEN, {**Changeset.opening(session), **counts})
        number = told["changeset"] = int(opened.scalar_one())
    return number
