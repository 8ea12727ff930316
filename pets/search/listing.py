"""The one paging: a page of a long list is found by key, never by counting the rows before it."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import tuple_

from pets.db import UTCDateTime, db
from pets.language import gettext as _


class BadSearch(ValueError):
    """An address that no list of ours leads to, such as one cut short; the message says what to do."""


class Page(NamedTuple):
    """One page of a list: its rows, and the cursors to the pages before and after it."""

    rows: Sequence[Any]
    before: str | None
    after: str | None


# Rows of a list behind a place in it, at most so many, and from the end where it goes backwards.
Fetch = Callable[[tuple[Any, ...] | None, bool, int], Sequence[Any]]


def listing(query: Any, *, key: Sequence[Any], after: str, size: int = 25, falls: bool = False) -> Page:
    """The page of a query behind the cursor `after`, or else its first one.

    Sorted by the columns of `key`, which fall where the list `falls`; of up to `size` rows, which are objects
    where the query selects but one thing. Raises BadSearch for a cursor that is not ours.
    """

    def fetch(place: tuple[Any, ...] | None, _backwards: bool, limit: int) -> Sequence[Any]:
        some = query.order_by(None).order_by(*(part.desc() if falls else part for part in key)).limit(limit)
        if place is not None:
            side, other = (tuple_(*key), tuple_(*place)) if len(key) > 1 else (key[0], place[0])
            some = some.where(side < other if falls else side > other)
        found = db.session.execute(some)
        return found.all() if len(query.column_descriptions) > 1 else found.scalars().all()

    return paged(fetch, key=key, after=after, before="", size=size)


def paged(fetch: Fetch, *, key: Sequence[Any], after: str, before: str, size: int) -> Page:
    """The same for a list whose rows are fetched in a way of its own; or the page ahead of `before`."""
    place, backwards = read_cursor(after or before, key), bool(before and not after)
    rows = fetch(place, backwards, size + 1)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows = rows[::-1]
    earlier, later = (more, True) if backwards else (place is not None, more)
    return Page(
        rows,
        cursor(rows[0], key) if earlier and rows else None,
        cursor(rows[-1], key) if later and rows else None,
    )


def cursor(row: Any, key: Sequence[Any]) -> str:
    """A place in a list, as text for an address."""
    parts = [_write(getattr(row, column.key)) for column in key]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str, key: Sequence[Any]) -> tuple[Any, ...] | None:
    """The key that a cursor stands for, each part as its column has it. Raises BadSearch."""
    if not text:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
        if not isinstance(parts, list) or len(parts) != len(key):
            raise ValueError("not our key")
        return tuple(_read(column, part) for column, part in zip(key, parts, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as problem:
        raise BadSearch(
            _("The address of this page is incomplete. Start again from the first page.")
        ) from problem


def _read(column: Any, part: Any) -> Any:
    if part is None and column.nullable:
        return None
    kind: type = datetime if isinstance(column.type, UTCDateTime) else column.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment.astimezone(UTC)  # raises OverflowError at the ends of the calendar
    if kind is date:
        return date.fromisoformat(part)
    if type(part) is int and kind is int and abs(part) < 2**62:
        return part
    if isinstance(part, str) and kind is str and "\0" not in part:
        return part.encode().decode()  # a lone surrogate is refused, and reaches no database
    raise ValueError("not our key")


def _write(part: Any) -> Any:
    return part.isoformat() if isinstance(part, date) else part
