"""Finding in the history: a filter out of the query string and back into it, and one page of it by key."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, bindparam, func, or_, select, tuple_

from pets import clock
from pets.changes.changeset import Change, Changeset
from pets.db import db
from pets.fields.text import loosely
from pets.language import gettext as _
from pets.models.pet import Pet
from pets.search.listing import BadSearch, Page, listing, paged, read_cursor

MANY = 1000  # changes of pets so named
PAGE = 25  # changesets
KEY = (Changeset.saved_at, Changeset.id)
NUMBER = re.compile("#?[0-9]{1,18}")
LAST = "9999-12-31"  # day of the calendar
KINDS = {
    "added": Changeset.added > 0,
    "changed": Changeset.changed > 0,
    "removed": Changeset.removed > 0,
    "merged": Changeset.merged > 0,
    "undone": Changeset.undoes_id.is_not(None),
}
_OF_PET = select(Change.changeset_id).where(
    or_(Change.pet_id == bindparam("number"), Change.merged_id == bindparam("number"))
)
# Of pets called so afterwards or until then. Not BETWEEN: PostgreSQL's grammar takes no COLLATE in it.
_OF_NAME = select(Change.changeset_id).where(
    or_(
        *(
            (key >= bindparam("begin")) & (key <= bindparam("end"))
            for key in (Change.name_key, Change.was_key)
        )
    )
)
_HOW_MANY = select(func.count()).select_from(_OF_NAME.limit(MANY + 1).subquery())
# What may be asked for; the values are bound to it. Of the changesets in which pets stand, few are gathered;
# where there are many, the newest are looked through.
_CRITERIA: dict[str, Any] = {
    **KINDS,
    "who": Changeset.who == bindparam("who"),
    "number": Changeset.id.in_(_OF_PET),
    "few": Changeset.id.in_(_OF_NAME),
    "many": _OF_NAME.where(Change.changeset_id == Changeset.id).exists(),
    **{f"from_{name}": Changeset.saved_at >= bindparam(f"from_{name}") for name in ("day", "since")},
    **{f"to_{name}": Changeset.saved_at < bindparam(f"to_{name}") for name in ("day", "until")},
}


@dataclass(frozen=True)
class HistorySearch:
    """What somebody wants to know of the history: who, which pet, what kind, when."""

    who: str = ""
    pet: str = ""  # a pet's number, or how its name begins
    kind: str = ""
    day: str = ""
    since: str = ""  # a day, or a day with a time, where the site is
    until: str = ""  # the last day
    after: str = ""
    before: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "HistorySearch":
        """Read the query string. Raises BadSearch for a kind, day or cursor that makes no sense."""
        found = cls(**{name: args.get(name, "").strip()[:200] for name in cls.__dataclass_fields__})
        if found.kind and found.kind not in KINDS:
            raise BadSearch(_("There is no such kind of change. Choose one that is offered."))
        found._bounds()
        read_cursor(found.after or found.before, KEY)
        return found

    def query_string(self, **changed: str) -> str:
        """The address of this search with something changed; a cursor goes unless it is what changes."""
        other = replace(self, **{"after": "", "before": "", **changed})
        values = [(name, getattr(other, name)) for name in self.__dataclass_fields__ if getattr(other, name)]
        return "?" + urlencode(values) if values else ""

    @property
    def narrows(self) -> bool:
        """Whether anything is looked for at all."""
        return bool(self.who or self.pet or self.kind or self.day or self.since or self.until)

    def page(self) -> Page:
        """One page of changesets, newest first."""
        asked = self._asked()
        values = {name: value for bound in asked.values() for name, value in bound.items()}

        def fetch(place: tuple[Any, ...] | None, backwards: bool, limit: int) -> Sequence[Changeset]:
            query = _changesets(tuple(asked), place is not None, backwards)
            here = zip(("saved_at", "id"), place or (), strict=False)
            return db.session.scalars(query, {**values, **dict(here), "limit": limit}).all()

        return paged(fetch, key=KEY, after=self.after, before=self.before, size=PAGE)

    def _asked(self) -> dict[str, dict[str, Any]]:
        """What is asked for, of `_CRITERIA`, each with the values that are bound to it."""
        asked: dict[str, dict[str, Any]] = {self.kind: {}} if self.kind else {}
        if self.who:
            asked["who"] = {"who": self.who}
        if self.pet:
            asked |= self._concerns()
        return asked | {name: {name: moment} for name, moment in self._bounds().items()}

    def _bounds(self) -> dict[str, datetime]:
        """The moments between which these days are."""
        starts = {f"from_{name}": _moment(text) for name in ("day", "since") if (text := getattr(self, name))}
        ends = {f"to_{name}": getattr(self, name) for name in ("day", "until")}
        return starts | {name: _moment(text, 1) for name, text in ends.items() if text and text != LAST}

    def _concerns(self) -> dict[str, dict[str, Any]]:
        """That a pet stands in it: the one of this number, or those whose names begin so."""
        if NUMBER.fullmatch(self.pet):
            return {"number": {"number": int(self.pet.removeprefix("#"))}}
        start = loosely(self.pet)
        names = {"begin": start, "end": start + "\U0010ffff"}
        return {"few" if (db.session.scalar(_HOW_MANY, names) or 0) <= MANY else "many": names}


@functools.lru_cache(maxsize=200)
def _changesets(asked: tuple[str, ...], behind: bool, backwards: bool) -> Select[Changeset]:
    """A page of what was saved and is as all of this asks: from an end of the list, or behind a place in it.
    Built once: that takes longer than to run it."""
    query = select(Changeset).where(Changeset.saved_at.is_not(None), *(_CRITERIA[one] for one in asked))
    if behind:
        here = tuple_(*(bindparam(part.key, type_=part.type) for part in KEY))
        query = query.where(tuple_(*KEY) > here if backwards else tuple_(*KEY) < here)
    order = (part.asc() if backwards else part.desc() for part in KEY)
    return query.order_by(*order).limit(bindparam("limit"))


def _moment(text: str, days: int = 0) -> datetime:
    """When a day begins where the site is, so many days later; or a time of that day. Raises BadSearch."""
    try:
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}" + ("" if days else "(T[0-9]{2}:[0-9]{2})?"), text):
            raise ValueError(text)
        # The calendar's first day has no beginning in UTC everywhere.
        return clock.moment_of(datetime.fromisoformat(text) + timedelta(days=days))
    except (ValueError, OverflowError) as problem:
        raise BadSearch(_("Enter the day as year, month and day, such as 2026-05-31.")) from problem


def changes_of(changeset: Changeset, after: str) -> tuple[Page, set[int | None]]:
    """One page of the changes of a changeset, and which of their pets are on the register."""
    query = select(Change).where(Change.changeset_id == changeset.id)
    found = listing(query, key=(Change.id,), after=after, size=50)
    there = select(Pet.id).where(Pet.id.in_([change.pet_id for change in found.rows]))
    return found, set(db.session.scalars(there))
