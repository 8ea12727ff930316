"""Birth dates in the cells of a sheet: a day, or a guess such as "2014", "03/2019" and "Spring 2020".

What programs write where there is no date (1899-12-30, 0000-00-00), days that a spreadsheet has swapped, and
moments that stand for a day in another time zone, are read as a person answers for the whole column.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pets.fields.ages import exact
from pets.fields.cell import Cell
from pets.fields.dates import DateOrder, DateProblem, OrderEvidence, is_late, read_date
from pets.fields.months import MONTH, month_of
from pets.fields.text import fold

_YEAR = re.compile(r"(1[89]\d\d|2[01]\d\d)(?:[-/.]00?[-/.]00?)?(?:\.0)?")
_MONTHS = (
    re.compile(r"(?P<year>(?:1[89]|2[01])\d\d)[-/. ](?P<month>\d\d?)(?:[-/. ]00?)?"),
    re.compile(r"(?P<month>\d\d?)[-/. ](?P<year>(?:1[89]|2[01])\d\d)"),
    re.compile(rf"(?P<month>{MONTH})\.?,?[-\s/']*(?P<year>(?:1[89]|2[01])\d\d|\d\d)"),
    re.compile(rf"(?P<year>(?:1[89]|2[01])\d\d)[-\s/]*(?P<month>{MONTH})\.?"),
)
_PART_OF_YEAR = re.compile(
    r"(early|mid|late|spring|summer|autumn|fall|winter|fruhling|fruhjahr|sommer|herbst)[-\s,]*(?:of\s+)?(\d{4})"
)
_PARTS = {
    "early": 2, "mid": 7, "late": 11, "spring": 4, "summer": 7, "autumn": 10, "fall": 10, "winter": 1,
    "fruhling": 4, "fruhjahr": 4, "sommer": 7, "herbst": 10,
}  # fmt: skip
_QUARTER = re.compile(r"(?:q([1-4])[-\s/.,']*(\d{4})|(\d{4})[-\s/.,]*q([1-4]))")
_TWO_YEARS = re.compile(r"((?:1[89]|2[01])\d\d)\s?(?:/|-|–|to|or|bis|oder)\s?((?:1[89]|2[01])\d\d|\d\d)")
_EMPTY_YEARS = re.compile("1899|1900|1904|1970|1980|1753|1601|0001|9999")
_ZERO = re.compile(r"0{1,4}([-/.]0{1,2}[-/.]0{1,4})?|1900[-/.]0?1[-/.]00?|0?1/00?/1900")
_EMPTY_DAYS = {
    date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1), date(1970, 1, 1),
    date(1980, 1, 1), date(1753, 1, 1), date(1601, 1, 1), date(1, 1, 1), date(9999, 12, 31),
}  # fmt: skip


@dataclass
class BirthEvidence(OrderEvidence):
    """What the cells of one column say of how its dates came about, besides their order."""

    low_days: int = 0  # real dates that might be swapped: their day is 12 at most, and not the month
    high_days: int = 0  # real dates that cannot be
    swaps: list[str] = field(default_factory=list)  # the first of them that might
    empties: int = 0  # dates that programs write where there is none
    empty: str = ""  # the first
    late: int = 0  # moments after noon
    early: int = 0  # moments before it
    latest: str = ""  # the first after noon
    evening: bool = True  # whether all of those are late in the evening

    def observe(self, cell: Cell, count: int = 1) -> None:
        """Take a cell that is `count` times in the column into account."""
        if not isinstance(cell, (str, date)):
            return
        if isinstance(cell, str):
            super().observe(cell, count)
        text = str(cell)
        if len(text) > 40 or not text[:1].isdigit():
            return
        if is_empty_day(cell):
            self.empties += count
            self.empty = self.empty or text.strip()
        elif day := _iso(text):
            if isinstance(cell, date):
                self._observe_day(day, count)
            self._observe_hour(text, count)

    def _observe_day(self, day: date, count: int) -> None:
        if day.day > 12:
            self.high_days += count
        elif day.day != day.month:
            self.low_days += count
            self.swaps += [day.isoformat()] * (len(self.swaps) < 3)

    def _observe_hour(self, text: str, count: int) -> None:
        if ":" in text and is_late(text):
            self.late += count
            self.latest = self.latest or text.strip()
            self.evening = self.evening and text[11:13] >= "20"
        elif ":" in text and not text.rstrip("Zz+0:.").endswith(("T", " ")):
            self.early += count

    @property
    def may_be_swapped(self) -> bool:
        """Whether a spreadsheet took texts for dates wherever it could, which swaps their day and month."""
        return self.low_days > 0 and not self.high_days and bool(self.day_first or self.month_first)


def read_birth_date(
    cell: Cell, today: date, order: DateOrder | None, from_1904: bool, answers: Mapping[str, str]
) -> tuple[date | None, bool]:
    """The birth date in a cell (None: a word or a date for nothing), and whether it is only an estimate.

    answers: to the questions "empties", "swapped" and "moments". Raises DateProblem.
    """
    if is_empty_day(cell) and answers.get("empties") != "keep":
        return None, False
    if about := _about(cell, today):
        return about, True
    day = read_date(cell, today, order, from_1904)
    if answers.get("swapped") == "swap" and day.day <= 12 and _iso(str(cell)):
        day = date(day.year, day.day, day.month)
    if answers.get("moments") == "nearest" and is_late(cell, from_1904) and day < date.max:
        day += timedelta(days=1)
    return day, isinstance(cell, str) and exact(cell.strip()) != cell.strip()


def is_empty_day(cell: Cell) -> bool:
    """Whether a cell holds what a program writes where it has no date."""
    if isinstance(cell, datetime):
        return cell.date() in _EMPTY_DAYS
    if isinstance(cell, date):
        return cell in _EMPTY_DAYS
    if not isinstance(cell, str):
        return cell == 0 and not isinstance(cell, bool) and cell is not None
    text = cell.strip()
    if not text[:1].isdigit() or len(text) > 40:
        return False
    if _ZERO.fullmatch(text.removesuffix(" 00:00:00")):
        return True
    if not _EMPTY_YEARS.search(text):
        return False
    try:
        return read_date(text, date.max, DateOrder.DAY_MONTH) in _EMPTY_DAYS
    except DateProblem:
        return False


def _about(cell: Cell, today: date) -> date | None:
    """The middle of a year, a month or a season; its first day where the middle is still to come."""
    if isinstance(cell, date) or cell is None or isinstance(cell, bool):
        return None
    text = str(cell)
    if len(text) == 10 and text[4] == text[7] == "-" and "-00" not in text:
        return None  # a day, as most are
    text = fold(exact(text.strip()[:40]).strip())
    if found := _YEAR.fullmatch(text):
        return _past(int(found[1]), 7, 1, today, 1)
    if found := _PART_OF_YEAR.fullmatch(text):
        month = _PARTS[found[1]]
        return _past(int(found[2]), month, 15, today, month)
    if found := _QUARTER.fullmatch(text):
        first = int(found[1] or found[4]) * 3 - 2
        return _past(int(found[2] or found[3]), first + 1, 15, today, first)
    if (found := _TWO_YEARS.fullmatch(text)) and (years := _between(found[1], found[2])):
        return _past(years[0], years[1], 1, today, 1) if years[0] <= today.year else None
    found = next(filter(None, (form.fullmatch(text) for form in _MONTHS)), None)
    if found is None:
        return None
    year, name = found["year"], found["month"]
    month = int(name) if name.isdecimal() else month_of(name)
    if not 1 <= month <= 12:
        return None
    whole = int(year) if len(year) == 4 else today.year // 100 * 100 + int(year)
    return _past(whole if len(year) == 4 or whole <= today.year else whole - 100, month, 15, today, month)


def _between(first: str, last: str) -> tuple[int, int] | None:
    """The year and month in the middle of "2018/2019", "2018/19" or "2016-2019"; but "2012/05" is a month."""
    if len(last) == 2 and (last <= "12" or int(first[:2] + last) != int(first) + 1):
        return None
    years = int(first[: 4 - len(last)] + last) + 1 - int(first)
    return (int(first) + years // 2, 1 + years % 2 * 6) if 1 < years <= 6 else None


def _past(year: int, month: int, day: int, today: date, first_month: int) -> date:
    middle = date(year, month, day)
    return middle if middle <= today else date(year, first_month, 1)


def _iso(text: str) -> date | None:
    """The day with which a text begins, as real dates are kept: year first."""
    try:
        return date.fromisoformat(text.strip()[:10]) if text.strip()[4:5] == "-" else None
    except ValueError:
        return None
