"""The register at a glance: how many pets there are of what, and the list of exactly those.

What the counters of the database do not tell is counted along an index, and only so far as MOST: a page of a
million pets may cost no more than one of a hundred.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, select

from pets import clock
from pets.changes.changeset import Changeset
from pets.db import db
from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.language import gettext as _
from pets.language import ngettext
from pets.models.field import PetKey
from pets.models.type import PetType
from pets.search.index import Way
from pets.search.pets import PetSearch

MOST = 20_000  # pets of one age: where counting ends
FILLED = 50_000  # pets that have something in one own field
SAVED = 2_000  # changesets of one month, and since one was here last
TYPES = 8  # that have a bar
AGES = ((0, 0), (1, 2), (3, 5), (6, 9), (10, None))  # years, from and to
MONTHS = 12


class Bar(NamedTuple):
    """So many pets, and the address below the list's that finds them; `more`: there may be more of them."""

    words: str
    pets: int
    query: str
    more: bool = False


class Types(NamedTuple):
    """The commonest types; of how many others there are how many pets; and how many pets there are."""

    bars: Sequence[Bar]
    other_types: int
    other_pets: int
    pets: int


class Month(NamedTuple):
    """What was saved in a month: how many pets came, and how many went; `more`: there may have been more."""

    first: date
    last: date
    added: int
    removed: int
    more: bool

    def query(self, kind: str) -> str:
        """The address below the history's that tells of them."""
        return f"?kind={kind}&since={self.first}&until={self.last}"


class Saved(NamedTuple):
    """What one person has saved: how many changes of each kind."""

    who: str
    added: int
    changed: int
    removed: int

    @property
    def told(self) -> str:
        """How many changes of each kind, in words."""
        words = (
            ngettext("%(num)s added", "%(num)s added", self.added) if self.added else "",
            ngettext("%(num)s changed", "%(num)s changed", self.changed) if self.changed else "",
            ngettext("%(num)s removed", "%(num)s removed", self.removed) if self.removed else "",
        )
        return ", ".join(filter(None, words))


def by_type() -> Types:
    """Pets by type, whatever its spellings."""
    rows = db.session.execute(_TYPES).all()
    bars = [Bar(row.type, int(row.pets), PetSearch(asked={"type": row.type}).query_string()) for row in rows]
    total, kinds = (int(rows[0].total), rows[0].kinds) if rows else (0, 0)
    return Types(bars, kinds - len(bars), total - sum(bar.pets for bar in bars), total)


def by_age(total: int) -> list[Bar]:
    """Pets by age; last, if there are any, those whose birth date is not known."""
    bars = [_bar(_years(*ages), min_age=ages[0] or None, max_age=ages[1]) for ages in AGES]
    bars.append(_bar(_("Not known"), without="born"))
    capped = [place for place, bar in enumerate(bars) if bar.more]
    if len(capped) == 1:  # what all others leave
        rest = total - sum(bar.pets for bar in bars if not bar.more)
        bars[capped[0]] = bars[capped[0]]._replace(pets=rest, more=False)
    return bars if bars[-1].pets else bars[:-1]


def missing(total: int, ages: Sequence[Bar]) -> list[Bar]:
    """How many pets lack their birth date, a photo, or what the list has a column of."""
    known = next((bar for bar in ages if "without=" in bar.query), None)
    bars = [known._replace(words=FIELDS["born"].label)] if known else []
    bars.append(_bar(FIELDS["photo"].label, without="photo"))
    for field in catalogue().listed:
        if field.own_id and field.keyed:
            bars += _lacking(field, total)
    return [bar for bar in bars if bar.pets or bar.more]


def by_month() -> list[Month]:
    """What came and went in each of the last MONTHS, this one last."""
    firsts = [_months_ago(clock.today(), count) for count in range(MONTHS - 1, -2, -1)]
    starts = {f"start{place}": clock.day_starts(first) for place, first in enumerate(firsts)}
    row = db.session.execute(_MONTHS, starts).one()
    months = []
    for place, (first, following) in enumerate(pairwise(firsts)):
        added, adding, removed, removing = row[place * 4 : place * 4 + 4]
        last = date.fromordinal(following.toordinal() - 1)
        more = max(adding, removing) > SAVED
        months.append(Month(first, last, int(added), int(removed), more))
    return months


def by_others(since: datetime, account_id: int) -> tuple[list[Saved], bool]:
    """What all but one account have saved since a moment, by person; and whether there may be more."""
    rows = db.session.execute(_OTHERS, {"since": since, "me": account_id}).all()
    return [Saved(*row[:4]) for row in rows], bool(rows) and rows[0].newest > SAVED


def _bar(words: str, **asked: Any) -> Bar:
    search = PetSearch(asked={name: value for name, value in asked.items() if value is not None})
    pets = search.counted(Way.FILTERED, MOST)
    return Bar(words, min(pets, MOST), search.query_string(), pets > MOST)


def _years(least: int, most: int | None) -> str:
    if most is None:
        return _("%(years)s years and older", years=least)
    if most == 0:
        return _("Under 1 year")
    return _("%(least)s to %(most)s years", least=least, most=most)


def _lacking(field: Field, total: int) -> Iterator[Bar]:
    """Of an own field, for each type of which it is asked if it is not asked of all."""
    asked = {"without": field.name}
    if field.types is None:
        search = PetSearch(asked=asked)
        have = db.session.scalar(_HAVE, {"field": field.own_id}) or 0
        if have <= FILLED:
            yield Bar(field.label, total - have, search.query_string())
        else:
            yield _planned(field.label, search)
    for kind in (field.types or ())[:3]:
        search = PetSearch(asked={"type": kind, **asked})
        yield _planned(_("%(field)s (%(kind)s)", field=field.label, kind=kind), search)


def _planned(words: str, search: PetSearch) -> Bar:
    """As many as the list itself tells."""
    plan = search.plan()
    return Bar(words, plan.matches, search.query_string(), plan.further)


def _months_ago(day: date, count: int) -> date:
    """The first day of the month so many months before that of a day."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, 1)


# Built once, and of columns.
_TYPE = cast(Table, PetType.__table__).c
_most_used = _TYPE.pets.desc(), _TYPE.type
_spelled = select(
    *(_TYPE.type, _TYPE.type_key),
    func.sum(_TYPE.pets).over(partition_by=_TYPE.type_key).label("pets"),
    func.row_number().over(partition_by=_TYPE.type_key, order_by=_most_used).label("place"),
    func.sum(_TYPE.pets).over().label("total"),
).subquery()
_TYPES = (
    select(_spelled.c.type, _spelled.c.pets, _spelled.c.total, func.count().over().label("kinds"))
    .where(_spelled.c.place == 1)
    .order_by(_spelled.c.pets.desc(), _spelled.c.type_key)
    .limit(TYPES)
)
_keys = select(PetKey.pet_id).where(PetKey.field_id == bindparam("field")).limit(FILLED + 1).subquery()
_HAVE = select(func.count()).select_from(_keys)


def _in_month(place: int, column: Any) -> list[Any]:
    """How many pets, and in how many changesets."""
    first: Any = bindparam(f"start{place}")
    following: Any = bindparam(f"start{place + 1}")
    during = Changeset.saved_at >= first, Changeset.saved_at < following
    some = select(column.label("pets")).where(*during, column > 0).limit(SAVED + 1).subquery()
    return [
        select(func.coalesce(func.sum(some.c.pets), 0)).scalar_subquery(),
        select(func.count()).select_from(some).scalar_subquery(),
    ]


_MONTHS = select(
    *(
        part
        for place in range(MONTHS)
        for column in (Changeset.added, Changeset.removed)
        for part in _in_month(place, column)
    )
)

_newest = (
    select(Changeset.account_id, Changeset.who, Changeset.added, Changeset.changed, Changeset.removed)
    .where(Changeset.saved_at >= bindparam("since"))
    .order_by(Changeset.saved_at.desc(), Changeset.id.desc())
    .limit(SAVED + 1)
    .cte("newest")
)
_OTHERS = (
    select(
        _newest.c.who,
        *(func.sum(_newest.c[kind]) for kind in ("added", "changed", "removed")),
        select(func.count()).select_from(_newest).scalar_subquery().label("newest"),
    )
    .where(_newest.c.account_id.is_distinct_from(bindparam("me")))
    .group_by(_newest.c.who)
    .order_by(func.count().desc(), _newest.c.who)
)
