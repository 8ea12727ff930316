"""What came and went lately: by month, and by others since one was here last."""

from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, text

from pets import clock
from pets.changes.changeset import Changeset
from pets.db import UTCDateTime, db
from pets.language import ngettext

SAVED = 2_000  # changesets of one month, and since one was here last
MONTHS = 12


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


def by_month() -> list[Month]:
    """What came and went in each of the last MONTHS, this one last."""
    firsts = [_months_ago(clock.today(), count) for count in range(MONTHS - 1, -2, -1)]
    starts = {f"start{place}": clock.day_starts(first) for place, first in enumerate(firsts)}
    row = db.session.execute(_MONTHS, starts).one()
    months = []
    for place, (first, following) in enumerate(pairwise(firsts)):
        added, adding, removed, removing = map(int, row[place * 4 : place * 4 + 4])
        last = date.fromordinal(following.toordinal() - 1)
        months.append(Month(first, last, added, removed, max(adding, removing) > SAVED))
    return months


def by_others(since: datetime, account_id: int) -> list[Saved]:
    """What all but one account have saved since a moment, by person, whoever saved most first."""
    rows = db.session.execute(_OTHERS, {"since": since, "me": account_id})
    return [Saved(*row) for row in rows]


def _months_ago(day: date, count: int) -> date:
    """The first day of the month so many months before that of a day."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, 1)


def _in_month(place: int, kind: str) -> str:
    """How many pets, and in how many changesets; each end of the month has a parameter."""
    during = f"saved_at >= :start{place} AND saved_at < :start{place + 1}"
    some = f"SELECT {kind} AS pets FROM changeset WHERE {kind} > 0 AND {during} LIMIT {SAVED + 1}"  # noqa: S608
    return f"(SELECT coalesce(sum(pets), 0), count(*) FROM ({some}) AS saved) AS {kind}{place}"  # noqa: S608


# As text: of a statement of so many parts, SQLAlchemy takes longer to know it again than to ask it.
_MONTHS = text(
    "SELECT * FROM "  # noqa: S608
    + ", ".join(_in_month(place, kind) for place in range(MONTHS) for kind in ("added", "removed"))
).bindparams(*(bindparam(f"start{place}", type_=UTCDateTime) for place in range(MONTHS + 1)))

_newest = (
    select(Changeset.account_id, Changeset.who, Changeset.added, Changeset.changed, Changeset.removed)
    .where(Changeset.saved_at >= bindparam("since"))
    .order_by(Changeset.saved_at.desc(), Changeset.id.desc())
    .limit(SAVED)
    .subquery()
)
_OTHERS = (
    select(_newest.c.who, *(func.sum(_newest.c[kind]) for kind in ("added", "changed", "removed")))
    .where(_newest.c.account_id.is_distinct_from(bindparam("me")))
    .group_by(_newest.c.who)
    .order_by(func.count().desc(), _newest.c.who)
)
