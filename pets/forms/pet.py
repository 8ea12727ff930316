"""The form of one pet."""

import re
import secrets
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField

from pets import clock
from pets.forms.base import PetsForm
from pets.models.age import UNITS, age_in, best_unit, born_fact, born_when, read_born
from pets.models.pet import Facts, Known, Pet


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


class PetForm(PetsForm):
    """One pet. Asks for a birth date or an age, and keeps an age as an estimated birth date."""

    name = StringField("Name")
    type = StringField("Type")
    born_on = BirthDate("Birth date")
    age = WholeNumber("Age")
    age_unit = SelectField("Unit of the age", choices=list(UNITS), default="years", validate_choice=False)
    notes = TextAreaField("Notes")
    version = HiddenField()
    form_token = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def __init__(self, typed: MultiDict[str, str] | None = None, was: Known | None = None) -> None:
        """`typed`: what was typed before, else what the request sent; `was`: the facts of the pet that the
        form is about, None for a new one.
        """
        self.was = was
        super().__init__(*([typed] if typed else []), data=_typed(was) if was else None)
        self.facts: Facts = {}

    @property
    def token(self) -> str | None:
        """The form's one-time token, by which a second sending of it is known."""
        token = self.form_token.data or ""
        return token if re.fullmatch("[A-Za-z0-9_-]{16,64}", token) else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the form can be saved; `facts` then has what it says, and `errors` what is wrong."""
        well_formed = super().validate(extra_validators)
        known = {"name": self.name.data or "", "type": self.type.data or "", "notes": self.notes.data or ""}
        self.facts = Pet.tidied({**known, "born": self._born()}, self.was)
        for fact, problem in Pet.problems_with(self.facts).items():
            field = self[("age" if self.age.data is not None else "born_on") if fact == "born" else fact]
            field.errors = [*field.errors, problem]
        return well_formed and not self.errors

    def _born(self) -> str | None:
        """The birth date as a fact, from whichever was typed. Complains at the fields when they disagree."""
        today, count, unit = clock.today(), self.age.data, self.age_unit.data
        if unit not in UNITS:
            self.age_unit.errors = ["Choose years, months or weeks."]
            return None
        if self.born_on.data is not None:
            if count is not None and age_in(unit, self.born_on.data, today) != count:
                self.age.errors = [
                    "This age and the birth date do not agree. Correct one, or leave one of them empty."
                ]
            return born_fact(self.born_on.data, False)
        if count is None:
            return None
        was = (self.was or {}).get("born")
        born_on, _ = read_born(was)
        if born_on and age_in(unit, born_on, today) == count:
            return was  # being told what is known already is no reason to forget the day
        try:
            return born_fact(born_when(count, unit, today), True)
        except ValueError:
            self.age.errors = ["No pet is over 200 years old. Enter a lower age."]
            return None


def _typed(facts: Known) -> dict[str, Any]:
    """Facts as a person would have typed them: an estimated birth date as the age it stands for."""
    born_on, estimated = read_born(facts["born"])
    typed: dict[str, Any] = {field: facts[field] for field in ("name", "type", "notes")}
    if born_on and estimated:
        unit = best_unit(born_on, clock.today())
        return {**typed, "age": age_in(unit, born_on, clock.today()), "age_unit": unit}
    return {**typed, "born_on": born_on}
