"""When a pet was born: asked as a day or as an age, kept as a day that may be an estimate."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any, ClassVar

from wtforms import Field as Control, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from pets import clock
from pets.fields.age import (
    LIKELY_OLDEST,
    OLDEST,
    OLDEST_OF_OTHERS,
    Age,
    age_in,
    age_words,
    best_unit,
    born_fact,
    born_when,
    read_born,
)
from pets.fields.born_cells import CALLED, read_row
from pets.fields.cell import Cell
from pets.fields.controls import UNITS, BirthDate, WholeNumber, unit_field
from pets.fields.field import Become, Field
from pets.fields.reading import Reading, SheetRow
from pets.fields.text import fold
from pets.language import day_words, gettext, language, lazy_gettext

IN_BULK = {
    "": lazy_gettext("No change"),
    "set": lazy_gettext("Set it, as below"),
    "birthday": lazy_gettext("Birthday: one year older"),
    "unknown": lazy_gettext("Clear it (unknown)"),
}


@dataclass(frozen=True, kw_only=True)
class Born(Field):
    """A birth date, exact or estimated. A fact is as `age.born_fact` writes it.

    Its form has a `day`: that from which an age counts, today's or the one on which it was typed.
    """

    kind: ClassVar[str] = "born"
    dated: ClassVar[bool] = True
    aged: ClassVar[bool] = True
    figures: ClassVar[bool] = True
    sorts_down: ClassVar[bool] = True  # the youngest, who come first, were born last
    orders: ClassVar[tuple[str, str]] = (
        lazy_gettext("age, youngest first"),
        lazy_gettext("age, oldest first"),
    )
    nothing: ClassVar[str | None] = None

    # The pet's row

    @property
    def columns(self) -> Mapping[str, type]:
        """The day, and whether it is an estimate."""
        return {"born_on": date, "born_estimated": bool}

    def read(self, row: Any) -> str | None:
        """The day as a fact."""
        return born_fact(row.born_on, bool(row.born_estimated))

    def write(self, fact: str | None) -> dict[str, Any]:
        """The day, and whether it is an estimate. Raises ValueError for a day that there is not."""
        born_on, estimated = read_born(fact)
        return {"born_on": born_on, "born_estimated": estimated}

    # The rules

    def problem(self, fact: str | None) -> str | None:
        """What is wrong with the day: there is none such, it is to come, or too long ago."""
        return _problem(fact, clock.today(), language())

    def doubt(self, fact: str | None, kind: str, today: date, highest: int | None) -> str | None:
        """It is older than pets of its type become. highest: the years that they hardly reach here."""
        born_on, _ = read_born(fact)
        years = age_in("years", born_on, today) if born_on else 0
        if years <= min(LIKELY_OLDEST.get(fold(kind), OLDEST_OF_OTHERS), highest or years):
            return None
        if highest or fold(kind) in LIKELY_OLDEST:
            asked = gettext("A %(type)s of %(years)s years?", type=kind, years=years)
        else:
            asked = gettext("A pet of %(years)s years?", years=years)
        correct = gettext("Correct the birth date or the age, or leave it empty.")
        return f"{asked} {correct}"

    # Forms

    def controls(self) -> dict[str, Control]:
        """A day, or an age and its unit; and all of it as it was shown: sent back so, nobody touched it."""
        return {
            "born_on": BirthDate(str(self.label)),
            "age": WholeNumber(gettext("Age")),
            "age_unit": unit_field(),
            "shown": HiddenField(),
        }

    def typed(self, fact: str | None) -> dict[str, Any]:
        """An estimate stands as the age that it is for."""
        born_on, estimated = read_born(fact)
        if born_on and estimated:
            unit = best_unit(born_on, clock.today())
            age = age_in(unit, born_on, clock.today())
            return {"age": age, "age_unit": unit, "shown": f" {age} {unit}"}
        return {"born_on": born_on, "shown": f"{born_on or ''}  years"}

    def asked(self, form: Any, was: str | None = None) -> str | None:
        """The day that was typed, or that follows from the age. Who is that old already keeps the day."""
        if form.shown.data == " ".join(_sent(form[name]) for name in ("born_on", "age", "age_unit")):
            return was
        day, age = form.born_on.data, _age(form)
        if form.age_unit.data not in UNITS:
            form.age_unit.errors = [gettext("Choose years, months or weeks.")]
            return None
        if day is not None:
            if age and not age.fits(day, form.day):
                form.age.errors = [
                    gettext(
                        "This age and the birth date do not agree. Correct one, or leave one of them empty."
                    )
                ]
            return born_fact(day, False)
        try:
            return age.fact(was, form.day) if age else None
        except ValueError:
            form.age.errors = [
                gettext("No pet is over %(years)s years old. Enter a lower age.", years=OLDEST)
            ]
            return None

    def complain(self, form: Any, problem: str) -> None:
        """Put a problem at the control that was filled in."""
        control = form.born_on if _age(form) is None else form.age
        control.errors = [*control.errors, problem]

    def bulk_controls(self) -> dict[str, Control]:
        """What is to happen to it, and the day or age to set."""
        choices = [SelectChoice(value, label) for value, label in IN_BULK.items()]
        how = RadioField(
            lazy_gettext("Birth date or age"), choices=choices, default="", validate_choice=False
        )
        return {"ages": how, **self.controls()}

    def bulk(self, form: Any) -> Become | None:
        """Set for all, a year earlier for each, or cleared."""
        how, typed = form.ages.data, form.born_on.data is not None or form.age.data is not None
        if how not in IN_BULK:
            form.ages.errors = [gettext("Choose one of these.")]
        elif typed and how in ("unknown", "birthday"):
            form.ages.errors = [gettext("Choose “Set it”, or clear the birth date and the age.")]
        elif how == "unknown":
            return lambda _: None
        elif how == "birthday":
            return _a_year_earlier
        elif typed or how == "set":
            return self._set(form, typed)
        return None

    def _set(self, form: Any, typed: bool) -> Become:
        fact = self.asked(form)
        if not typed and not form.errors:
            form.born_on.errors = [gettext("Enter a birth date or an age.")]
        if problem := self.problem(fact):
            self.complain(form, problem)
        return lambda was: self.asked(form, was)

    # Sheets

    def called(self, role: str) -> str:
        """The birth date, the age, or whether the date is estimated."""
        return str(CALLED.get(role) or super().called(role))

    def parse(self, row: SheetRow) -> Reading | None:
        """What the columns of the day, of the age and of estimates say together."""
        return read_row(row)

    def exports(self, stored: Iterable[Sequence[Any]], today: date) -> Iterable[Sequence[Cell]]:
        """The days, whether they are estimates, and the ages in years."""
        return zip(*map(_cells, *stored, repeat(today)), strict=True)

    # Words

    def said(self, fact: str | None) -> str:
        """The day, "about" it where it is an estimate."""
        born_on, estimated = read_born(fact)
        if born_on is None:
            return ""
        return gettext("about %(day)s", day=day_words(born_on)) if estimated else day_words(born_on)

    def listed(self, fact: str | None, today: date) -> str:
        """The age."""
        return age_words(*read_born(fact), today)

    def shown(self, fact: str | None, today: date) -> tuple[str, str]:
        """The age, and beside it the day."""
        return self.listed(fact, today), gettext("born %(day)s", day=self.said(fact)) if fact else ""

    def difference(self, before: str | None, after: str | None, day: date) -> tuple[str, str, str]:
        """Told as ages where one side is an estimate, and the two differ in whole years."""
        (old, old_about), (new, new_about) = read_born(before), read_born(after)
        if old and new and (old_about or new_about):
            ages = age_in("years", old, day), age_in("years", new, day)
            if ages[0] != ages[1] and min(ages) >= 0:
                return gettext("age"), str(ages[0]), str(ages[1])
        return super().difference(before, after, day)


def _sent(control: Control) -> str:
    return str((control.raw_data or [""])[0]).strip()


def _age(form: Any) -> Age | None:
    return None if form.age.data is None else Age(form.age.data, form.age_unit.data)


def _a_year_earlier(fact: str | None) -> str | None:
    """A birth date that makes a pet one year older, estimated if it was; an unknown one stays unknown."""
    born_on, estimated = read_born(fact)
    return born_fact(born_when(1, "years", born_on), estimated) if born_on else None


@functools.lru_cache(maxsize=20_000)  # of thousands of pets, many were born on the same day
def _cells(born_on: date | None, estimated: bool, today: date) -> tuple[Cell, ...]:
    return (born_on, estimated, age_in("years", born_on, today)) if born_on else (None, None, None)


@functools.lru_cache(maxsize=20_000)
def _problem(fact: str | None, today: date, _language: str) -> str | None:
    try:
        born_on, _ = read_born(fact)
    except ValueError:
        return gettext("Enter the birth date as a day that exists, such as 2024-05-31.")
    if born_on and born_on > today:
        return gettext("The birth date can’t be in the future. Enter an earlier one.")
    if born_on and born_on < born_when(OLDEST, "years", today):
        return gettext(
            "No pet is over %(years)s years old. Enter a later birth date or a lower age.", years=OLDEST
        )
    return None
