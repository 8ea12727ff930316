"""The fields by which every form asks when a pet was born: a date, or an age that is kept as an estimate."""

import re
from datetime import date

from wtforms import DateField, HiddenField, IntegerField, SelectField

from pets import clock
from pets.fields.age import Age, born_fact, read_born
from pets.forms.base import OneTimeForm


class BirthDate(DateField):
    """A birth date: as a browser's date field sends it, or typed as 2024-05-31."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            self.data, estimated = read_born(text)
        except ValueError:
            estimated = True
        if estimated or self.data is None:
            self.data = None
            raise ValueError("Enter the birth date as year, month and day, such as 2024-05-31.")


class WholeNumber(IntegerField):
    """A number of at most five ASCII digits: no signs, points, spaces inside, or digits of other scripts."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        if not re.fullmatch("[0-9]{1,5}", text):
            raise ValueError(
                f"{self.label.text} is a whole number, such as 2. Leave it empty if it is not known."
            )
        self.data = int(text)


UNITS = ("years", "months", "weeks")  # that are offered; nobody counts a pet's days


def unit_field() -> SelectField:
    """Years, months or weeks."""
    return SelectField("Unit of the age", choices=list(UNITS), default="years", validate_choice=False)


class BornForm(OneTimeForm):
    """What a form has that declares the fields `born_on`, `age` and `age_unit`, in its own order."""

    born_on: BirthDate
    age: WholeNumber
    age_unit: SelectField
    said_on = HiddenField()  # the day on which an age was typed, where a page sends it again unseen

    @property
    def day(self) -> date:
        """The day from which an age counts: today's for what a person sees as they send it."""
        try:
            return min(date.fromisoformat(self.said_on.data or ""), clock.today())
        except ValueError:
            return clock.today()

    @property
    def told_age(self) -> Age | None:
        """The age that was typed."""
        return None if self.age.data is None else Age(self.age.data, self.age_unit.data)

    def born(self, was: str | None = None) -> str | None:
        """The birth date as a fact, from whichever was typed. Complains at the fields when they disagree.

        `was` is the fact so far: being told an age that is known already is no reason to forget the day.
        """
        day, age = self.day, self.told_age
        if self.age_unit.data not in UNITS:
            self.age_unit.errors = ["Choose years, months or weeks."]
            return None
        if self.born_on.data is not None:
            if age and not age.fits(self.born_on.data, day):
                self.age.errors = [
                    "This age and the birth date do not agree. Correct one, or leave one of them empty."
                ]
            return born_fact(self.born_on.data, False)
        try:
            return age.fact(was, day) if age else None
        except ValueError:
            self.age.errors = ["No pet is over 200 years old. Enter a lower age."]
            return None

    def complain_of_birth(self, problem: str | None) -> None:
        """Put what is wrong with the birth date at the field that was filled in."""
        if problem:
            field = self.age if self.age.data is not None else self.born_on
            field.errors = [*field.errors, problem]
