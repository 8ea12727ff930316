"""Controls of the fields: a birth date, or an age that is kept as an estimate; one of a few words."""

import re

from wtforms import DateField, IntegerField, SelectField
from wtforms.fields.choices import Choice, SelectChoice

from pets.fields.age import read_born
from pets.language import gettext, lazy_gettext

UNITS = {  # that are offered; nobody counts a pet's days
    "years": lazy_gettext("years"),
    "months": lazy_gettext("months"),
    "weeks": lazy_gettext("weeks"),
}


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
            raise ValueError(gettext("Enter the birth date as year, month and day, such as 2024-05-31."))


class WholeNumber(IntegerField):
    """A number of at most five ASCII digits: no signs, points, spaces inside, or digits of other scripts."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        if not re.fullmatch("[0-9]{1,5}", text):
            raise ValueError(
                gettext("Enter the age as a whole number, such as 2. Leave it empty if it is not known.")
            )
        self.data = int(text)


def unit_field() -> SelectField:
    """Years, months or weeks."""
    choices = [SelectChoice(unit, str(words)) for unit, words in UNITS.items()]
    return SelectField(gettext("Unit of the age"), choices=choices, default="years", validate_choice=False)


class OneOf(SelectField):
    """One of a few words, or none. What stands there although it is not offered stays to be chosen."""

    def iter_choices(self) -> list[Choice]:
        """Those that are offered, and the one that stands there."""
        offered: list[Choice] = super().iter_choices()
        if not self.data or any(one.selected for one in offered):
            return offered
        return [*offered, Choice(self.data, self.data, True, {})]
