"""When a pet was born, as the columns of a sheet tell it: a day, an age, whether the day is an estimate."""

import functools
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pets.fields.age import Age, age_in, born_fact, read_born
from pets.fields.ages import AgeProblem, exact, read_age
from pets.fields.cell import is_blank, shown
from pets.fields.dates import DateProblem, read_date
from pets.fields.field import Reading, SheetRow
from pets.fields.text import plain

HEADINGS: dict[str, tuple[str, ...]] = {
    "born": ("born", "born on", "birth date", "birthdate", "date of birth", "dob", "d o b", "birthday",
             "birth day", "date born", "birth"),
    "age": ("age", "ages", "years", "age in years", "age years", "years old", "how old", "old",
            "age in months", "age months", "months", "age in weeks", "age weeks", "weeks", "current age"),
    "estimated": ("estimated", "born estimated", "estimate", "approximate", "about"),
}  # fmt: skip
CALLED = {"age": "age", "estimated": "whether the birth date is estimated"}
_UNKNOWN = {"?", "-", "–", "—", "n/a", "na", "unknown", "not known", "none"}
_YES = {"yes", "y", "true", "1", "x", "about", "estimated", "~"}
_NO = {"no", "n", "false", "0", "exact"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class BornReading(Reading):
    """A birth date as a row tells it."""

    age: Age | None = None
    told: tuple[date, date] | None = None  # the days between which the age was told
    alone: bool = False  # whether there is no birth date beside it, and the fact is counted back from it
    tells_estimate: bool = True  # whether it says if the day is an estimate; else it is taken to be exact

    def onto(self, was: str | None) -> str | None:
        """What is known stays: being told it again is no reason to forget the day, or that it is a guess."""
        if self.alone and self.explained_by(was):
            return was
        return was if not self.tells_estimate and was == f"{self.fact}~" else self.fact

    def explained_by(self, was: str | None) -> bool:
        """Whether the age is that of the pet before its birth date was corrected, as it was exported."""
        born_on, _ = read_born(was)
        if born_on is None or self.age is None or self.told is None:
            return False
        least, most = (age_in(self.age.unit, born_on, day) for day in self.told)
        return least <= self.age.number <= most


def read_row(row: SheetRow) -> BornReading | None:
    """What a row says; None where no column tells, or a cell is faulty."""
    if not (row.has("born") or row.has("age")):
        return None
    faults = row.faults
    day, estimated, age = *_day(row), _age(row)
    if row.faults > faults:
        return None
    if day is None:
        fact = born_fact(age.born(row.today), True) if age else None
        return BornReading(fact, age=age, told=(row.today, row.today), alone=True)
    fact, told = born_fact(day, bool(estimated)), _told_between(row) if age else None
    reading = BornReading(fact, age=age, told=told, tells_estimate=estimated is not None)
    if age is None or reading.explained_by(fact):
        return reading
    sentence = (
        f"'{shown(row.cell('age')).strip()[:60]}' does not agree with the birth date {day.isoformat()}. "
        "Correct one of the two, or empty it."
    )
    return replace(reading, dispute=("age", sentence))


def _day(row: SheetRow) -> tuple[date | None, bool | None]:
    """The day, and whether it is an estimate; None where the row does not say so."""
    cell = row.cell("born")
    text = cell.strip() if isinstance(cell, str) else ""
    estimated = _estimated(row)
    if is_blank(cell) or text.casefold() in _UNKNOWN:
        return None, False
    try:
        return read_date(cell, row.today, row.order, row.counts_from_1904), exact(text) != text or estimated
    except DateProblem as problem:
        row.fault("born", str(problem))
        return None, False


def _estimated(row: SheetRow) -> bool | None:
    stands = shown(row.cell("estimated")).strip()
    word = stands.casefold()
    if word and word not in _YES and word not in _NO:
        sentence = f"'{stands[:60]}' is neither yes nor no. Enter yes where the birth date is estimated."
        row.fault("estimated", sentence)
    return word in _YES if word else None


def _age(row: SheetRow) -> Age | None:
    cell = row.cell("age")
    if is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in _UNKNOWN):
        return None
    try:
        return read_age(cell, unit_in(row.heading("age")))
    except AgeProblem as problem:
        row.fault("age", str(problem))
        return None


def _told_between(row: SheetRow) -> tuple[date, date]:
    """When an age beside a birth date may have been told: since the pet last changed, as our own export
    tells; else a year back (a sheet grows old in a drawer) or on (people round up)."""
    try:
        changed = read_date(row.cell("changed"), row.today, row.order, row.counts_from_1904)
        return min(changed, row.today) - _DAY, row.today + _DAY  # clocks and leap days
    except DateProblem:
        return Age(1, "years").born(row.today), row.today + 365 * _DAY


@functools.lru_cache(maxsize=100)
def unit_in(heading: str) -> str:
    """The unit of a bare number in a column: "Age (weeks)" says weeks."""
    words = plain(heading).split()
    return next((unit for unit in ("months", "weeks", "days") if unit in words), "years")
