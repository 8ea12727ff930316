"""Fields that are a day, such as that of a vaccination."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pets import clock
from pets.fields.cell import Cell
from pets.fields.dates import DateOrder, DateProblem, read_date
from pets.fields.key_filters import From, Is, To
from pets.fields.one_control import CellFault, OneControl
from pets.fields.reading import SheetRow
from pets.fields.text import tidy_line
from pets.language import day_words, gettext, lazy_gettext

LONGEST = 60  # characters of what may be a day


@dataclass(frozen=True, kw_only=True)
class Day(OneControl):
    """A day. A fact is as ISO 8601 writes it, and so sorts: "2024-05-31"."""

    low: str | None = None  # the first and the last that may be entered, as facts
    high: str | None = None

    kind: ClassVar[str] = "day"
    declares: ClassVar[tuple[str, ...]] = ("low", "high")
    sample: ClassVar[str] = "2024-02-29"
    dated: ClassVar[bool] = True
    plain: ClassVar[bool] = False
    differs: ClassVar[bool] = False
    narrows: ClassVar[tuple[type[Is], ...]] = (From, To)
    orders: ClassVar[tuple[str, str]] = (
        lazy_gettext("%(what)s, earliest first"),
        lazy_gettext("%(what)s, latest first"),
    )

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """Its limits."""
        return {"low": row.low, "high": row.high}

    def taken(self, text: str) -> str | None:
        """The day, as a browser sends it or in another way that can be read in one way only."""
        typed = tidy_line(text)
        try:
            return _read(typed, clock.today()).isoformat() if len(typed) <= LONGEST else typed
        except DateProblem:
            return typed

    def wrong(self, fact: str) -> str | None:
        """There is no such day."""
        if _day(fact):
            return None
        return gettext("%(label)s must be a day that exists, such as 2024-05-31.", label=self.label)

    def objection(self, fact: str | None) -> str | None:
        """It is before or after the days that may be entered."""
        if not fact or not _day(fact):
            return None
        if self.low is not None and fact < self.low:
            return gettext("%(label)s must be %(day)s or later.", label=self.label, day=self.said(self.low))
        if self.high is not None and fact > self.high:
            return gettext(
                "%(label)s must be %(day)s or earlier.", label=self.label, day=self.said(self.high)
            )
        return None

    # Forms

    @property
    def attributes(self) -> dict[str, Any]:
        """A day, within its limits."""
        return {"type": "date", "min": self.low, "max": self.high}

    # Sheets

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """The day. Raises CellFault."""
        try:
            return _read(cell, row.today, row.order, row.counts_from_1904).isoformat()
        except DateProblem as problem:
            raise CellFault(problem.plainly) from None

    def cell(self, fact: str | None) -> Cell:
        """The day."""
        return _day(fact) or fact if fact else None

    # Words

    def said(self, fact: str | None) -> str:
        """The day in words; as it stands if there is none such."""
        day = _day(fact or "")
        return day_words(day) if day else fact or ""


def _read(cell: Cell, today: date, order: DateOrder | None = None, from_1904: bool = False) -> date:
    """The day in a cell. Unlike that of a birth, it may be to come: a year of two digits is in the next 20
    years or the last 80. Raises DateProblem."""
    day = read_date(cell, today, order, from_1904)
    short = isinstance(cell, str) and not cell.strip().isdecimal() and str(day.year) not in cell
    return day.replace(year=day.year + 100) if short and day.year <= today.year - 80 else day


def _day(fact: str) -> date | None:
    if len(fact) != 10:  # Python takes other forms of ISO 8601 too
        return None
    try:
        return date.fromisoformat(fact)
    except ValueError:
        return None
