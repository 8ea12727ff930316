"""Ages and birth dates: reckoned from one another, and said as people say them."""

import functools
import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from pets.language import language, ngettext

OLDEST = 200  # years
MOST = {"years": OLDEST, "months": OLDEST * 12, "weeks": OLDEST * 53, "days": OLDEST * 366}
UNITS = ("years", "months", "weeks", "days")
# The years that hardly any of a type lives longer than; of others, tortoises among them, nobody knows.
LIKELY_OLDEST = {
    "dog": 30, "cat": 38, "rabbit": 18, "guinea pig": 15, "hamster": 6, "rat": 7, "mouse": 6, "gerbil": 8,
    "ferret": 15, "horse": 60, "pony": 55, "goat": 25, "sheep": 28, "pig": 27, "hund": 30, "katze": 38,
    "chien": 30, "chat": 38, "perro": 30, "gato": 38, "hond": 30, "kat": 38, "pies": 30, "kot": 38, "pes": 30,
    "kocka": 38,
}  # fmt: skip
OLDEST_OF_OTHERS = 110
_DAYS = {"weeks": 7, "days": 1}
_HALVES = {"years": (6, "months"), "months": (2, "weeks"), "weeks": (3, "days")}


class Age(NamedTuple):
    """How old, in whole units (one of UNITS)."""

    number: int
    unit: str
    span: tuple[int, int, str] | None = None  # "1-2 years": from, to and their unit; the number is between

    def born(self, day: date) -> date:
        """The birth date of a pet that is this old on a day: half a unit ago, where it is less than one.
        Raises ValueError beyond MOST."""
        number, unit = _HALVES.get(self.unit, (0, "days")) if self.number == 0 else (self.number, self.unit)
        return born_when(number, unit, day)

    def fits(self, born_on: date, day: date, last: date | None = None) -> bool:
        """Whether a pet born then is this old on that day, or on some day from that one to a last one."""
        least, most, unit = self.span or (self.number, self.number, self.unit)
        return age_in(unit, born_on, last or day) >= least and age_in(unit, born_on, day) <= most

    def fact(self, was: str | None, day: date) -> str | None:
        """The birth date, as a fact, of a pet that is said to be this old on a day. Raises ValueError.

        `was` is the fact so far: being told an age that is known is no reason to forget the day.
        """
        born_on, _ = read_born(was)
        return was if born_on and self.fits(born_on, day) else born_fact(self.born(day), True)


def born_when(count: int, unit: str, today: date) -> date:
    """The birth date of a pet that is so many years, months, weeks or days old today.

    Where the month is too short for the day, it is its last day. Raises ValueError beyond MOST.
    """
    if count > MOST[unit]:
        raise ValueError("too long ago")
    if unit in _DAYS:
        return today - timedelta(days=count * _DAYS[unit])
    months = count * 12 if unit == "years" else count
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def latest_birth(years: int, today: date) -> date:
    """The latest birth date of a pet that is at least so many years old today."""
    day = born_when(years, "years", today)
    # On 28 February of a common year those born on the 29th have their birthday too.
    following = day + timedelta(days=1)
    return following if following <= today and age_in("years", following, today) >= years else day


def age_in(unit: str, born_on: date, today: date) -> int:
    """How old a pet is today, in whole units (one of UNITS); below 0 before its birth.

    Whoever was born on a day that a month lacks is a month or a year older on that month's last day.
    """
    if unit in _DAYS:
        return (today - born_on).days // _DAYS[unit]
    days_missing = today.day < born_on.day and today.day < monthrange(today.year, today.month)[1]
    months = (today.year - born_on.year) * 12 + today.month - born_on.month - days_missing
    return months // 12 if unit == "years" else months


def best_unit(born_on: date, today: date) -> str:
    """The unit in which people say this age: weeks for the newborn, months in the first year."""
    if age_in("months", born_on, today) >= 12:
        return "years"
    return "months" if age_in("months", born_on, today) >= 3 else "weeks"


def age_words(born_on: date | None, estimated: bool, today: date) -> str:
    """An age in words: "7 weeks", "5 months", "2 years", "about 2 years"; "" when it is not known."""
    return _age_words(born_on, estimated, today, language()) if born_on else ""


@functools.lru_cache(maxsize=20_000)
def _age_words(born_on: date, estimated: bool, today: date, _language: str) -> str:
    unit = best_unit(born_on, today)
    count = max(0, age_in(unit, born_on, today))  # born tomorrow, since a clock was put back
    if unit == "years":
        if estimated:
            return ngettext("about %(num)s year", "about %(num)s years", count)
        return ngettext("%(num)s year", "%(num)s years", count)
    if unit == "months":
        if estimated:
            return ngettext("about %(num)s month", "about %(num)s months", count)
        return ngettext("%(num)s month", "%(num)s months", count)
    if estimated:
        return ngettext("about %(num)s week", "about %(num)s weeks", count)
    return ngettext("%(num)s week", "%(num)s weeks", count)


def born_fact(born_on: date | None, estimated: bool) -> str | None:
    """A birth date as a fact: "2022-05-01", or "2022-05-01~" when estimated.

    The "~" for an approximate date is EDTF's (ISO 8601-2:2019, level 1).
    """
    if born_on is None:
        return None
    return born_on.isoformat() + ("~" if estimated else "")


@functools.lru_cache(maxsize=20_000)
def read_born(fact: str | None) -> tuple[date | None, bool]:
    """The birth date that a fact speaks of, and whether it is an estimate. Raises ValueError."""
    if not fact:
        return None, False
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}~?", fact):
        raise ValueError(f"{fact!r} is not a date")
    return date.fromisoformat(fact.rstrip("~")), fact.endswith("~")
