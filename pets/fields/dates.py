"""Birth dates as people write them: ISO, with slashes in either order, with month names, or as serial
numbers.

Whether 1/5/2022 is in May or in January is decided over a whole column (`OrderEvidence`), and asked when
nothing in it decides. Sources: ISO 8601 for year-month-day; Unicode CLDR for dots, which no locale writes
month first; ECMA-376 part 1, 18.17.4 for serial dates.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from pets.fields.ages import exact
from pets.fields.cell import Cell
from pets.fields.months import MONTH, month_of
from pets.fields.text import fold
from pets.language import gettext, lazy_gettext as _

TWO_DIGIT_YEARS = _("A year of two digits is taken as the latest one that is not in the future.")
_TIME = re.compile(
    r"[T ]\s*(\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?\s*([ap])?(?:\.?m\.?)?"
    r"\s*(?:Z|UTC|GMT)?(?:[+-]\d\d(?::?\d\d)?)?(?:\s*\(.*\))?$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/. ]?)(\d{2}|(?<=[-/. ])\d)\2(\d{1,2})\.?")
_NUMBERS = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})")
_DAY_NAME = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-\s./]*(?:(?:of|de)\s+)?(?P<month>{MONTH})\.?,?[-\s./']*"
    r"(?:de\s+)?(?P<year>\d{4}|\d{2})",
    re.IGNORECASE,
)
_NAME_DAY = re.compile(
    rf"(?P<month>{MONTH})\.?[-\s]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?,?[-\s]+'?(?P<year>\d{{4}}|\d{{2}})",
    re.IGNORECASE,
)
_ONE_WAY = re.compile(r"\d{4}|\D*$")  # what begins with a year or has no digit, as most cells do
_LONGEST = 60  # characters of a date, with its weekday and time of day
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_ZERO_1900, _ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)


class DateOrder(Enum):
    """Which number stands first in a date such as 1/5/2022."""

    DAY_MONTH = "day-month"
    MONTH_DAY = "month-day"


class DateProblem(ValueError):
    """Text that is not a date; the message is a sentence that begins with that text in quotes."""

    def __init__(self, what: str, instead: str = "", *, age_instead: bool = False) -> None:
        """`what`: a sentence; `instead`: what to do; `age_instead`: whether an age will do, too."""
        day, day_or_age = gettext("Enter a date such as 2022-05-01."), ""
        if age_instead:
            day_or_age = gettext("Enter a date such as 2022-05-01, or an age.")
        self.plainly = f"{what} {instead or day}"
        super().__init__(f"{what} {day_or_age}" if age_instead else self.plainly)


@dataclass
class OrderEvidence:
    """What the dates of one column say about their order, gathered cell by cell with `observe`."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0
    two_digit_years: int = 0
    example: str | None = None  # the first date that can be read both ways, to ask with

    def observe(self, cell: Cell, count: int = 1) -> None:
        """Take a cell that is `count` times in the column into account; what is no such date says nothing."""
        if not isinstance(cell, str) or len(cell) > _LONGEST or _ONE_WAY.match(cell):
            return
        text = _bare(cell)
        found = _NUMBERS.fullmatch(text)
        if not found:
            named = _DAY_NAME.fullmatch(text) or _NAME_DAY.fullmatch(text)
            self.two_digit_years += count * bool(named and len(named["year"]) == 2)
            return
        self.two_digit_years += count * (len(found[4]) == 2)
        first, second = int(found[1]), int(found[3])
        if found[2] == "." or first == second or not first or not second:  # 1/0/1900 is no date
            return
        if first > 12 >= second:
            self.day_first += count
        elif second > 12 >= first:
            self.month_first += count
        elif first <= 12:
            self.either += count
            self.example = self.example or cell.strip()

    @property
    def order(self) -> DateOrder | None:
        """The order, when the column decides it without contradicting itself."""
        if self.day_first and not self.month_first:
            return DateOrder.DAY_MONTH
        if self.month_first and not self.day_first:
            return DateOrder.MONTH_DAY
        return None

    @property
    def must_ask(self) -> bool:
        """True when some date can be read both ways and nothing, or too much, decides."""
        return self.either > 0 and self.order is None


def from_serial(number: int | float, from_1904: bool = False) -> date | datetime | None:
    """The day (or moment) of a spreadsheet's serial number; None for one that is no day.

    Excel counts a 29 February 1900 that never was, so numbers up to 60 are off by one.
    """
    if not (0 if from_1904 else 1) <= number < 2_958_466:
        return None
    zero = _ZERO_1904 if from_1904 else _ZERO_1900 if number >= 60 else _ZERO_1900 + timedelta(days=1)
    seconds = round(number * 86_400)
    try:
        day = zero + timedelta(days=seconds // 86_400)
    except OverflowError:
        return None
    if isinstance(number, int) or number.is_integer():
        return day
    return datetime.combine(day, time()) + timedelta(seconds=seconds % 86_400)


def read_date(cell: Cell, today: date, order: DateOrder | None = None, from_1904: bool = False) -> date:
    """The day that a cell of a birth date column names.

    today: decides years of two digits (TWO_DIGIT_YEARS); order: how to read 1/5/2022; from_1904: how to read
    a serial number. Raises DateProblem with a sentence for anything else, and for a date that can be read
    both ways while order is None.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool) or cell is None:
        raise DateProblem(_no_date("" if cell is None else str(cell).upper()))
    if isinstance(cell, str) and len(cell) == 10:
        try:
            return date.fromisoformat(cell)
        except ValueError:
            pass
    shown = str(cell).strip()[:60]
    text = _bare(str(cell))
    if re.fullmatch(r"\d{1,7}([.,]\d+)?", text):
        return _serial_day(text, shown, from_1904)
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := _DAY_NAME.fullmatch(text) or _NAME_DAY.fullmatch(text):
            return _whole(found["year"], month_of(found["month"]), int(found["day"]), today)
        if found := _NUMBERS.fullmatch(text):
            day, month = _day_and_month(found, shown, order)
            return _whole(found[4], month, day, today)
    except DateProblem:
        raise
    except ValueError as error:
        raise DateProblem(_no_day(shown)) from error
    if re.fullmatch(rf"(\d{{4}}-\d\d?|(?:{MONTH})\.?,?\s*\d{{4}})", text, re.IGNORECASE):
        raise DateProblem(gettext("“%(text)s” has no day.", text=shown), age_instead=True)
    raise DateProblem(_no_date(shown))


def is_late(cell: Cell, from_1904: bool = False) -> bool:
    """Whether a cell tells a moment in the second half of its day, so that the nearest day is the next."""
    if isinstance(cell, float):
        cell = from_serial(cell, from_1904)
    if isinstance(cell, datetime):
        return cell.hour >= 12
    found = _TIME.search(cell.strip()[-_LONGEST:]) if isinstance(cell, str) and ":" in cell else None
    return found is not None and _hour(found) >= 12


def _hour(found: re.Match[str]) -> int:
    hour, half = int(found[1]), (found[3] or "").lower()
    return hour % 12 + (12 if half == "p" else 0) if half else hour


def _serial_day(text: str, shown: str, from_1904: bool) -> date:
    number = float(text.replace(",", "."))
    if 1800 <= number <= 2199:
        raise DateProblem(gettext("“%(text)s” is only a year.", text=shown), age_instead=True)
    moment = (
        from_serial(number, from_1904) if number >= 367 else None
    )  # smaller is an age or a slip, not 1900
    if moment is None:
        raise DateProblem(_no_date(shown))
    return moment.date() if isinstance(moment, datetime) else moment


def _day_and_month(found: re.Match[str], shown: str, order: DateOrder | None) -> tuple[int, int]:
    first, second = int(found[1]), int(found[3])
    if found[2] == "." or first == second or order is DateOrder.DAY_MONTH:
        return first, second
    if order is DateOrder.MONTH_DAY:
        return second, first
    if first > 12 >= second:
        return first, second
    if second > 12 >= first:
        return second, first
    if first > 12:
        raise DateProblem(_no_day(shown))
    raise DateProblem(
        gettext("“%(text)s” can be read in two ways.", text=shown),
        gettext("Say whether day or month stands first, or enter a date such as 2022-05-01."),
    )


def _whole(year: str, month: int, day: int, today: date) -> date:
    if len(year) == 4:
        return date(int(year), month, day)
    century = today.year // 100 * 100
    for start in (century, century - 100):
        try:
            found = date(start + int(year), month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    return date(century - 100 + int(year), month, day)


def _bare(text: str) -> str:
    """The text without white space around it, "about", time of day and weekday."""
    text = exact(text.strip()).strip()
    if not text.isascii():
        text = fold(re.sub("[年月]", "-", text).replace("日", ""))
    return _WEEKDAY.sub("", _TIME.sub("", text))


def _no_date(text: str) -> str:
    return gettext("“%(text)s” is not a date.", text=text)


def _no_day(text: str) -> str:
    return gettext("“%(text)s” is not a day in the calendar.", text=text)
