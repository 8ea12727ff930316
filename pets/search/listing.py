"""One page of a long list, found by key: never by counting the rows before it."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pets.db import UTCDateTime


class BadSearch(ValueError):
    """An address that no list of ours leads to, such as one cut short; the message says what to do."""


class Page(NamedTuple):
    """One page of a list: its rows, and the cursors to the pages before and after it."""

    rows: list[Any]
    before: str | None
    after: str | None

    @classmethod
    def of(cls, rows: list[Any], size: int, followed: bool, backwards: bool, key: Sequence[Any]) -> "Page":
        """The page out of up to `size` + 1 rows as they were found.

        `followed`: a page came before it; `backwards`: the rows were found from the end; `key`: the
        columns the list is sorted by.
        """
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        earlier, later = (more, True) if backwards else (followed, more)
        return cls(
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
            raise ValueError("not a key of this list")
        return tuple(_read(column, part) for column, part in zip(key, parts, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as problem:
        raise BadSearch("This address of a page is damaged. Start again from the first page.") from problem


def _read(column: Any, part: Any) -> Any:
    kind: type = datetime if isinstance(column.type, UTCDateTime) else column.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment.astimezone(UTC)  # raises OverflowError at the ends of the calendar
    if kind is date:
        return None if part is None else date.fromisoformat(part)
    if type(part) is int and kind is int and abs(part) < 2**62:
        return part
    if isinstance(part, str) and kind is str and "\0" not in part:
        return part.encode().decode()  # a lone surrogate is refused, and reaches no database
    raise ValueError("not a key of this list")


def _write(part: Any) -> Any:
    return part.isoformat() if isinstance(part, date) else part
