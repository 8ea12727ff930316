"""Changes meet pets as they are now: the one rule by which form, undo and draft set facts or conflict."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm.util import identity_key

from pets.changes.changeset import BESIDE, Change, told_by
from pets.changes.keys import codes_last
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.field import Known
from pets.models.pet import Pet

SHOWN = 50  # conflicts that are kept to be shown; the others are counted
CHUNK = 500  # pets held in memory at a time when changes are made

Counted = Callable[[int], None]  # told how much is done
T = TypeVar("T", bound=Any)  # what has a `pet_id`


@dataclass
class Conflict:
    """A fact that is neither what a change began from nor what it leads to.

    `field` is one of FIELDS, or "" when the whole pet is at stake: it is gone, or there already, or to be
    removed although it was changed. Then `then`, `now` and `wanted` are whole facts, or None for no pet.
    """

    pet_id: int
    name: str
    version: int
    field: str
    then: Known | None
    now: Known | None
    wanted: Known | None
    by: Change | None = None  # the change that made it what it is now

    @property
    def key(self) -> str:
        """The name of this conflict in a form."""
        return f"{self.pet_id}-{self.field or 'pet'}"


@dataclass
class Conflicts:
    """The conflicts nobody has decided yet: the first ones to be shown, and how many there are in all."""

    shown: list[Conflict] = field(default_factory=list)
    total: int = 0

    def add(self, conflict: Conflict) -> None:
        """Count a conflict, and keep it if it is among the first."""
        self.total += 1
        if len(self.shown) < SHOWN:
            self.shown.append(conflict)

    def __iadd__(self, more: "Conflicts") -> "Conflicts":
        self.shown = (self.shown + more.shown)[:SHOWN]
        self.total += more.total
        return self


@dataclass(frozen=True)
class Choices:
    """What a person chose where changes conflict: per fact ("12-name"), or one answer for all the rest.

    A choice counts only while its pet is at the version (`seen`, by pet) that the person was shown.
    """

    each: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[int, int] = field(default_factory=dict)
    rest: str | None = None

    @property
    def made(self) -> bool:
        """Whether anything was chosen at all."""
        return bool(self.each or self.rest)

    def wants(self, conflict: Conflict) -> bool | None:
        """Whether to make the change all the same; None when that was not answered."""
        if self.seen.get(conflict.pet_id, conflict.version) != conflict.version:
            return None
        answer = self.each.get(conflict.key) or self.rest
        return answer == "set" if answer in ("set", "keep") else None


def meet(before: Known | None, after: Known | None, now: Known | None) -> tuple[Known | None, list[str]]:
    """What a pet becomes when a change meets it as it is now.

    Returns the facts to have afterwards (None: no pet) and the fields that conflict ("" for the whole pet);
    what conflicts keeps its present value. Facts that only one side names are not compared.
    """
    if before is not None and after is not None:
        return _meet_edit(before, after, now)
    if _same(now, after):
        return now, []
    return (after, []) if _same(now, before) else (now, [""])


def _meet_edit(before: Known, after: Known, now: Known | None) -> tuple[Known | None, list[str]]:
    fields = catalogue().edited(before, after)
    if now is None:
        return None, [""] if fields else []
    result = dict(now)
    conflicting = []
    for name in fields:
        if now[name] == before[name]:
            result[name] = after[name]
        elif now[name] != after[name]:
            both = FIELDS[name].reconciled(before[name], after[name], now[name])
            result[name] = now[name] if both is None else both
            conflicting += [name] if both is None else []
    return result, conflicting


def _same(some: Known | None, other: Known | None) -> bool:
    return some is other if some is None or other is None else catalogue().same(some, other)


def chunks_of(changes: Iterable[T]) -> Iterator[list[T]]:
    """Changes in chunks in which no pet stands twice."""
    chunk: list[T] = []
    there: set[int] = set()
    for one in changes:
        if len(chunk) == CHUNK or one.pet_id in there:
            yield chunk
            chunk, there = [], set()
        chunk.append(one)
        if one.pet_id is not None:
            there.add(one.pet_id)
    if chunk:
        yield chunk


def apply(lines: Iterable[Wanted], choices: Choices, counted: Counted | None = None) -> Conflicts:
    """Make changes on the pets as they are now, and flush them.

    Returns the conflicts that `choices` leaves open; their facts are left as they are. The pets leave the
    session again: memory is bounded by CHUNK. `counted` is told how many lines are done.
    """
    conflicts, done = Conflicts(), 0
    with codes_last(db.session()):
        for chunk in chunks_of(lines):
            conflicts += _apply(chunk, choices)
            done += len(chunk)
            if counted:
                counted(done)
    return conflicts


def _apply(lines: Sequence[Wanted], choices: Choices) -> Conflicts:
    ids = [line.pet_id for line in lines if line.pet_id]
    told_by(db.session())["beside"] = {
        line.pet_id: {name: getattr(line, name) for name in BESIDE}
        for line in lines
        if line.undoes_id or line.merged_id
    }
    pets = _loaded(ids)
    gone = [number for number in ids if number not in pets]
    histories = Change.history_of(gone) if gone else {}
    conflicts = Conflicts()
    for line in lines:
        pet = pets.get(line.pet_id or 0)
        history = histories.get(line.pet_id or 0, [])
        now: Known | None = pet.facts if pet else None
        version = pet.version if pet else history[-1].version + 1 if history else 0
        result, conflicting = meet(line.before, line.after, now)
        if history:  # the pet is gone: an edit names some of its facts, the others are as they were last
            line = line._replace(before=_whole(line.before, history), after=_whole(line.after, history))
        for name in conflicting:
            conflict = Conflict(line.pet_id or 0, line.name, version, name, line.before, now, line.after)
            wanted = choices.wants(conflict)
            if wanted is None:
                conflicts.add(conflict)
            elif wanted:
                result = {**(result or {}), name: (line.after or {})[name]} if name else line.after
        _become(pet, line.pet_id, result)
    _say_by_whom(conflicts, histories)
    session = db.session()
    session.flush()
    for pet in pets.values():
        if pet in session:
            session.expunge(pet)
    return conflicts


def _loaded(ids: Sequence[int]) -> dict[int, Pet]:
    """Those of the pets that are there. What this transaction has read already is not read again."""
    keys = {number: identity_key(Pet, number) for number in ids}
    there = db.session.identity_map
    # One that is expired is left from a transaction that has ended: its row may have changed, or be gone.
    held = {number: there[key] for number, key in keys.items() if key in there}
    pets = {number: pet for number, pet in held.items() if not inspect(pet).expired}
    missing = [number for number in ids if number not in pets]
    if missing:
        pets |= {pet.id: pet for pet in db.session.scalars(select(Pet).where(Pet.id.in_(missing)))}
    return pets


def _whole(facts: Known | None, history: Sequence[Change]) -> Known | None:
    return None if facts is None else {**(history[-1].before or {}), **facts}


def _become(pet: Pet | None, pet_id: int | None, facts: Known | None) -> None:
    """Make a pet what the facts say: set, add or remove it. A new one is let go of by the session itself."""
    if pet is None:
        if facts is not None:
            db.session.add(Pet.of(facts, pet_id))
    elif facts is None:
        db.session.delete(pet)
    else:
        pet.set_facts(facts)


def _say_by_whom(conflicts: Conflicts, gone: Mapping[int, list[Change]]) -> None:
    """Find for each conflict that is shown the latest change of what conflicts."""
    if not conflicts.shown:
        return
    histories = {**Change.history_of({conflict.pet_id for conflict in conflicts.shown} - gone.keys()), **gone}
    for conflict in conflicts.shown:
        touching = [
            change
            for change in histories.get(conflict.pet_id, [])
            if not conflict.field or change.kind != "changed" or conflict.field in (change.after or {})
        ]
        conflict.by = touching[-1] if touching else None
