"""Pets looked up for many rows of a sheet at once: by number, as they were at a version; by name and type."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from pets import clock
from pets.changes.changeset import Change
from pets.changes.history import taken_back
from pets.changes.keys import Code
from pets.db import db
from pets.fields import BY_BIRTH, brief
from pets.fields.age import age_in
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts
from pets.fields.resemblance import KNOWN_BY
from pets.fields.text import caseless, fold
from pets.language import gettext as _
from pets.models.pet import FACTS, Pet

ENOUGH = 30  # pets of a type, to know how old it becomes
SHOWN = 50  # pets of one name that are offered to choose from; one more is looked up, to know of it

_COLUMNS = (Pet.id, Pet.version, *FACTS, *(getattr(Pet, column) for column in KNOWN_BY))


class Match(NamedTuple):
    """A pet that a row is about, as it was at the version that the row was made from."""

    pet_id: int
    version: int
    facts: Facts
    now: Facts | None  # as it is now; None: it was removed


class Register:
    """What the rows of one sheet ask of the register: looked up for many, then told one by one."""

    def __init__(self) -> None:
        self._numbered: dict[int, Match] = {}
        self._histories: dict[int, list[Change]] = {}
        self._named: dict[tuple[str, str], list[Match]] = {}
        self._codes: dict[Code, int] = {}
        self._holders: dict[int, Match] = {}
        self._spellings: dict[str, str] = {}
        self._own: dict[tuple[str, str], str] = {}
        self._highest: dict[str, int | None] = {}

    def look_up_numbers(self, asked: Iterable[tuple[int, int | None]]) -> None:
        """Look up pets by number, and the history of those that have changed since any version asked for."""
        wanted = set(asked)
        rows = db.session.execute(select(*_COLUMNS).where(Pet.id.in_({number for number, _ in wanted})))
        self._numbered = {row.id: _match(row) for row in rows}
        now = {(number, at) for number, match in self._numbered.items() for at in (match.version, None)}
        moved = {number for number, _ in wanted - now}
        self._histories = Change.history_of(moved) if moved else {}

    def numbered(self, number: int, version: int | None) -> Match | tuple[str, str]:
        """The pet as it was at a version (None: as it is now), or the role that is wrong, and a sentence."""
        match, history = self._numbered.get(number), self._histories.get(number, [])
        if match is None and not history:
            told = _(
                "No pet here has number %(number)s. Empty this cell to add it as a new pet.", number=number
            )
            return "id", told
        latest = match.version if match else history[-1].version + 1
        if version is None or version == latest:
            facts = match.facts if match else None
        elif version > latest:
            told = _(
                "Version %(version)s of pet %(number)s is not known here; its latest is %(latest)s. "
                "Is this sheet from another register?",
                version=version,
                number=number,
                latest=latest,
            )
            return "version", told
        else:
            since = [change for change in history if change.version >= version]
            facts = taken_back(match.facts if match else None, since)
        if facts is None:
            told = _("Pet %(number)s was removed. Empty this cell to add it as a new pet.", number=number)
            return "id", told
        return Match(number, version or latest, facts, match.facts if match else None)

    def look_up_names(self, asked: Iterable[tuple[str, str]]) -> None:
        """Look up pets by name and type, both without case and accents; a type of "" stands for any."""
        signs = {(fold(name), fold(kind)) for name, kind in asked if name}
        self._named = {sign: [] for sign in signs}
        names = [name for name, _ in signs]
        for row in db.session.execute(select(*_COLUMNS).where(Pet.name_key.in_(names)).order_by(Pet.id)):
            name, kind = (getattr(row, column) for column in KNOWN_BY)
            for sign in ((name, kind), (name, "")):
                if sign in self._named and len(self._named[sign]) <= SHOWN:
                    self._named[sign].append(_match(row))

    def named(self, asked: tuple[str, str]) -> list[Match]:
        """The pets of that name and type."""
        return self._named.get((fold(asked[0]), fold(asked[1])), [])

    def look_up_holders(self, held: Mapping[Code, Sequence[tuple[int, str]]]) -> None:
        """Look up the pets that have codes which rows tell, of which no two pets have the same."""
        self._codes = {code: pets[0][0] for code, pets in held.items()}
        self._holders = {}
        if held:
            rows = db.session.execute(select(*_COLUMNS).where(Pet.id.in_({*self._codes.values()})))
            self._holders = {row.id: _match(row) for row in rows}

    def coded(self, codes: Mapping[str, Code]) -> Match | None:
        """The pet that has one of the codes of a row."""
        if not self._codes:
            return None
        found = (self._codes.get(code) for code in codes.values())
        return next((self._holders[number] for number in found if number is not None), None)

    def learn_spellings(self, kinds: Iterable[str]) -> None:
        """Look up how types stand on the register; one that is new is spelled as it came first."""
        keys = {kind: caseless(kind) for kind in reversed(list(kinds))}
        new = {key: kind for kind, key in keys.items() if key not in self._spellings}
        if new:
            self._spellings |= {**new, **Pet.spellings(new.values())}

    def spelled(self, kind: str, own: str | None = None) -> str:
        """A type as it is spelled here. A pet may correct its `own` if no other shares it."""
        if kind == own:
            return kind
        if own is None or caseless(kind) != caseless(own):
            return self._spellings.get(caseless(kind), kind)
        if (kind, own) not in self._own:
            self._own[kind, own] = Pet.spellings([kind], own).get(caseless(kind), kind)
        return self._own[kind, own]

    def highest_age(self, kind: str) -> int | None:
        """The years, half as many again as the oldest pet of a type has here, that a pet of it will hardly
        reach; None where too few are known."""
        key = fold(kind)
        if key not in self._highest:
            type_key, born = (getattr(Pet, column) for column in BY_BIRTH)
            query = select(born).where(type_key == key, born.is_not(None))
            first = db.session.scalars(query.order_by(born).limit(ENOUGH)).all()
            years = age_in("years", first[0], clock.today()) if len(first) == ENOUGH and first[0] else None
            self._highest[key] = None if years is None else max(years * 3 // 2, years + 5)
        return self._highest[key]


def called(numbers: Sequence[int]) -> dict[int, str]:
    """Pets by number, in words by which to tell them apart."""
    rows = db.session.execute(select(Pet.id, *FACTS).where(Pet.id.in_(numbers)))
    return {row.id: f"{row.name}, {brief(row, clock.today())}" for row in rows}


def _match(row: Any) -> Match:
    facts = catalogue().facts_of(row)
    return Match(row.id, row.version, facts, facts)
