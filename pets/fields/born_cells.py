"""When a pet was born, as the columns of a sheet tell it: a day, an age, whether the day is an estimate."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from pets.fields.age import Age, born_fact, read_born
from pets.fields.ages import AgeProblem, read_age
from pets.fields.birth_dates import read_birth_date
from pets.fields.cell import is_blank, says_nothing, shown
from pets.fields.dates import DateProblem, read_date
from pets.fields.reading import Reading, SheetRow
from pets.fields.unit_words import unit_in
from pets.language import day_words, gettext, lazy_gettext

CALLED = {
    "age": lazy_gettext("age"),
    "estimated": lazy_gettext("whether the birth date is estimated"),
}
_YES = {"yes", "y", "true", "1", "x", "about", "estimated", "~"}
_NO = {"no", "n", "false", "0", "exact"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class BornReading(Reading):
    """A birth date as a row tells it."""

    today: date
    age: Age | None = None
    told: tuple[date, date] | None = None  # the days between which the age was told
    alone: bool = False  # whether there is no birth date beside it, and the fact is counted back from it
    tells_estimate: bool = True  # whether it says if the day is an estimate; else it is taken to be exact

    def onto(self, was: str | None) -> str | None:
        """What is known stays: being told it again is no reason to forget the day, or that it is a guess."""
        if self.alone and self.explained_by(was):
            return was
        return was if not self.tells_estimate and was == f"{self.fact}~" else self.fact

    def believing(self, whom: str) -> "BornReading":
        """The age may be believed, too, as of today."""
        if whom != "age" or self.age is None:
            return replace(self, dispute=None)
        return replace(self, dispute=None, fact=born_fact(self.age.born(self.today), True), alone=True)

    def explained_by(self, was: str | None) -> bool:
        """Whether the age is that of the pet before its birth date was corrected, as it was exported."""
        born_on, _ = read_born(was)
        if born_on is None or self.age is None or self.told is None:
            return False
        return self.age.fits(born_on, *self.told)


def read_row(row: SheetRow) -> BornReading | None:
    """What a row says, of a faulty cell what the others beside it say; None where none can be read."""
    if not (row.has("born") or row.has("age")):
        return None
    faults = row.faults
    day, estimated, age = *_day(row), _age(row)
    if row.faults > faults and day is None and age is None:
        return None
    if day is None:
        fact = born_fact(age.born(row.today), True) if age else None
        return BornReading(fact, today=row.today, age=age, told=(row.today, row.today), alone=True)
    fact, told = born_fact(day, bool(estimated)), _told_between(row) if age else None
    reading = BornReading(fact, today=row.today, age=age, told=told, tells_estimate=estimated is not None)
    if age is None or reading.explained_by(fact):
        return reading
    sentence = gettext(
        "“%(text)s” does not agree with the birth date %(day)s. Correct one of the two, or empty it.",
        text=shown(row.cell("age")).strip()[:60],
        day=day_words(day),
    )
    return replace(reading, dispute=("age", sentence))


def _day(row: SheetRow) -> tuple[date | None, bool | None]:
    """The day, and whether it is an estimate; None where the row does not say so."""
    cell, estimated = row.cell("born"), _estimated(row)
    if is_blank(cell) or says_nothing(cell):
        return None, False
    try:
        day, guessed = read_birth_date(cell, row.today, row.order, row.counts_from_1904, row.answers)
        return day, guessed or estimated
    except DateProblem as problem:
        row.fault("born", str(problem))
        return None, False


def _estimated(row: SheetRow) -> bool | None:
    stands = shown(row.cell("estimated")).strip()
    word = stands.casefold()
    if word and word not in _YES and word not in _NO:
        sentence = gettext(
            "“%(text)s” is neither yes nor no. Enter yes where the birth date is estimated.", text=stands[:60]
        )
        row.fault("estimated", sentence)
    return word in _YES if word else None


def _age(row: SheetRow) -> Age | None:
    cell = row.cell("age")
    if is_blank(cell) or says_nothing(cell):
        return None
    try:
        return read_age(cell, row.answers.get("unit") or unit_in(row.heading("age")) or "years")
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
