"""The one door: every pet written through the session is held to its rules and told in the history."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, event, insert, inspect, text, update
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from pets.db import BULK, db
from pets.models.age import born_fact
from pets.models.change import Change, former_names, until
from pets.models.changeset import Changeset
from pets.models.line import DraftLine
from pets.models.pet import FIELDS, Facts, InvalidPet, Pet
from pets.models.words import fold

# What each save writes beside the pet, by statements on tables that are built once: to build them anew each
# time, and to make objects of what nobody asks for, takes as long as all the rest.
_CHANGES, _CHANGESETS, _LINES = (cast(Table, kind.__table__) for kind in (Change, Changeset, DraftLine))
_TELL = insert(_CHANGES)
_OPEN = insert(_CHANGESETS).returning(_CHANGESETS.c.id)
_COUNT_ON = (
    update(_CHANGESETS)
    .where(_CHANGESETS.c.id == bindparam("number"))
    .values(
        {name: _CHANGESETS.c[name] + bindparam(f"more_{name}") for name in ("added", "changed", "removed")}
    )
)
_STALE = (
    update(_LINES)
    .where(_LINES.c.changeset_id != bindparam("number"), _LINES.c.concern.is_distinct_from("rule"))
    .values(concern="stale")
)
# Most saves are of one pet; for several, the statement has to be written anew each time.
_MARK_STALE = _STALE.where(_LINES.c.pet_id == bindparam("pet"))
_MARK_MANY_STALE = _STALE.where(_LINES.c.pet_id.in_(bindparam("pets", expanding=True)))


class _Written(NamedTuple):
    """A pet on its way to the database, with what its change will say."""

    pet: Pet
    version: int
    before: Facts | None
    after: Facts | None


@event.listens_for(db.session, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    """Writing pets by statement would pass the listener by, and with it rules, versions and history."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    # By its name: the table in `update(Pet)` is an annotated copy of Pet's own.
    if getattr(getattr(state.statement, "table", None), "name", None) == Pet.__tablename__:
        raise TypeError(BULK)


@event.listens_for(db.session, "before_flush")
def _hold_to_rules(session: Session, context: UOWTransaction, instances: Any) -> None:
    """Check every pet to be written, and set what follows from its facts. Raises InvalidPet."""
    new = [pet for pet in session.new if isinstance(pet, Pet)]
    removed = [pet for pet in session.deleted if isinstance(pet, Pet)]
    dirty = [pet for pet in session.dirty.difference(removed) if isinstance(pet, Pet)]
    dirty.sort(key=lambda pet: pet.id)  # the session keeps them in no order
    removed.sort(key=lambda pet: pet.id)
    written = [_Written(pet, pet.version, _committed(pet), None) for pet in removed]
    stories = Change.story_of([pet.id for pet in new if pet.id]) if any(pet.id for pet in new) else {}
    moment = Changeset.moment(session)
    _number(session, [pet for pet in new if not pet.id])
    for pet in new:
        story = stories.get(pet.id, [])
        version = story[-1].version + 1 if story else 0  # one that comes back goes on counting
        facts, formerly = _held(pet), former_names(story)
        # Written past the attributes, since of what was never stored no history is kept: half the time.
        vars(pet).update(
            version=version + 1,
            added_at=story[0].changeset.saved_at or moment if story else moment,
            changed_at=moment,
            former_names=formerly,
            born_estimated=bool(pet.born_estimated),
            notes=facts["notes"],
            **Pet.keys_of(facts, formerly),
        )
        written.append(_Written(pet, version, None, facts))
    for pet in dirty:
        before, after = _committed(pet), _held(pet)
        edited = [field for field in FIELDS if before[field] != after[field]]
        if not edited:
            continue
        if "name" in edited:
            pet.former_names = [*(pet.former_names or ()), [before["name"] or "", until(moment)]]
        version, pet.changed_at = pet.version, moment
        pet.version = version + 1
        for column, key in Pet.keys_of(after, pet.former_names).items():
            setattr(pet, column, key)
        written.append(_Written(pet, version, {f: before[f] for f in edited}, {f: after[f] for f in edited}))
    session.info["written"] = written


def _number(session: Session, pets: list[Pet]) -> None:
    """Give many new pets their numbers at once: one statement can then store them all, and not one each."""
    if len(pets) < 2:
        return
    if session.get_bind().dialect.name == "sqlite":
        last = session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'pet'")) or 0
        numbers: Iterable[int] = range(last + 1, last + 1 + len(pets))
    else:
        query = "SELECT nextval(pg_get_serial_sequence('pet', 'id')) FROM generate_series(1, :count)"
        numbers = session.scalars(text(query), {"count": len(pets)})
    for pet, number in zip(pets, numbers, strict=True):
        vars(pet)["id"] = number


def _held(pet: Pet) -> Facts:
    """A pet's facts, held to the rules."""
    facts = pet.facts
    problems = Pet.problems_with(facts)
    if problems:
        raise InvalidPet(problems)
    return facts


def _committed(pet: Pet) -> Facts:
    """A pet's facts as the database has them, whatever has been set on it since."""
    attributes = inspect(pet).attrs

    def stored(column: str) -> Any:
        history = attributes[column].load_history()
        return (history.deleted or history.unchanged or [None])[0]

    born = born_fact(stored("born_on"), bool(stored("born_estimated")))
    return {"name": stored("name"), "type": stored("type"), "born": born, "notes": stored("notes")}


@event.listens_for(db.session, "after_flush")
def _tell_history(session: Session, context: UOWTransaction) -> None:
    """Write the changes of this flush. Here ids are known, and all is still in the same transaction."""
    written: list[_Written] = session.info.pop("written", [])
    if not written:
        return
    counts = {
        "added": sum(one.before is None for one in written),
        "changed": sum(one.before is not None and one.after is not None for one in written),
        "removed": sum(one.after is None for one in written),
    }
    connection = session.connection()
    number = _changeset(session, counts)
    known = [one.pet.id for one in written if one.version]
    # In everybody's drafts, so that a review need not look for what has changed.
    if len(known) == 1:
        connection.execute(_MARK_STALE, {"pet": known[0], "number": number})
    elif known:
        connection.execute(_MARK_MANY_STALE, {"pets": known, "number": number})
    told = [_told(one, number) for one in written]
    connection.execute(_TELL, told if len(told) > 1 else told[0])  # one by itself takes half the time


def _told(one: _Written, number: int) -> dict[str, Any]:
    """The row of a change."""
    name = (one.after or one.before or {}).get("name") or one.pet.name
    return {
        "changeset_id": number,
        "pet_id": one.pet.id,
        "version": one.version,
        "pet_name": name,
        "name_key": fold(name),
        "before": one.before,
        "after": one.after,
    }


def _changeset(session: Session, counts: dict[str, int]) -> int:
    """The changeset of this transaction: begun at its first flush, counted on at the next ones."""
    number: int | None = session.info.get("changeset")
    if number is None:
        opened = session.connection().execute(_OPEN, {**Changeset.opening(session), **counts})
        number = session.info["changeset"] = int(opened.scalar_one())
    else:
        more = {f"more_{name}": count for name, count in counts.items()}
        session.connection().execute(_COUNT_ON, {"number": number, **more})
    return number


@event.listens_for(db.session, "after_commit")
def _close(session: Session) -> None:
    """After a commit the next change begins a new changeset."""
    session.info["saved"] = session.info.get("changeset")
    _forget(session)


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    for key in ("changeset", "moment", "opening", "written"):
        session.info.pop(key, None)
