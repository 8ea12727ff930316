"""Finding in the history: a filter out of the query string and back into it, and one page of it by key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, func, or_, select

from pets import clock
from pets.changes.changeset import Change, Changeset
from pets.db import db
from pets.fields.text import loosely
from pets.language import gettext as _
from pets.models.pet import Pet
from pets.search.listing import BadSearch, Page, listing, read_cursor

MANY = 1000  # changes of pets so named
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
        query = self._filtered(select(Changeset).where(Changeset.saved_at.is_not(None)))
        return listing(query, key=KEY, after=self.after, before=self.before, falls=True)

    def _bounds(self) -> list[Any]:
        """What holds for the moments of what was saved in these days."""
        starts = [_moment(text) for text in (self.day, self.since) if text]
        ends = [_moment(text, 1) for text in (self.day, self.until) if text and text != LAST]
        saved = Changeset.saved_at
        return [*(saved >= moment for moment in starts), *(saved < moment for moment in ends)]

    def _filtered(self, query: Select[Any]) -> Select[Any]:
        if self.who:
            query = query.where(Changeset.who == self.who)
        if self.kind:
            query = query.where(KINDS[self.kind])
        if self.pet:
            query = query.where(self._concerns())
        return query.where(*self._bounds())

    def _concerns(self) -> Any:
        """Changesets in which the pet stands: few are gathered, among many the newest are looked through."""
        stands = select(Change.changeset_id).where(self._pet())
        some = stands.limit(MANY + 1).subquery()
        if (
            NUMBER.fullmatch(self.pet)
            or (db.session.scalar(select(func.count()).select_from(some)) or 0) <= MANY
        ):
            return Changeset.id.in_(stands)
        return stands.where(Change.changeset_id == Changeset.id).exists()

    def _pet(self) -> Any:
        if NUMBER.fullmatch(self.pet):
            number = int(self.pet.removeprefix("#"))
            return or_(Change.pet_id == number, Change.merged_id == number)
        start = loosely(self.pet)
        # Called so afterwards or until then. Not BETWEEN: PostgreSQL's grammar takes no COLLATE in it.
        return or_(
            *((key >= start) & (key <= start + "\U0010ffff") for key in (Change.name_key, Change.was_key))
        )


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
