"""The form of one pet."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField, TextAreaField

from pets import clock
from pets.fields.age import age_in, best_unit, read_born
from pets.forms.born import BirthDate, BornForm, WholeNumber, unit_field
from pets.models.pet import Facts, Known, Pet


class PetForm(BornForm):
    """One pet. Asks for a birth date or an age, and keeps an age as an estimated birth date."""

    name = StringField("Name")
    type = StringField("Type")
    born_on = BirthDate("Birth date")
    age = WholeNumber("Age")
    age_unit = unit_field()
    notes = TextAreaField("Notes")
    version = HiddenField()
    shown = HiddenField()  # the birth date as the form showed it: sent back so, nobody touched it

    def __init__(self, typed: MultiDict[str, str] | None = None, was: Known | None = None) -> None:
        """`typed`: what was typed before, else what the request sent; `was`: the facts of the pet that the
        form is about, None for a new one.
        """
        self.was = was
        super().__init__(*([typed] if typed else []), data=_typed(was) if was else None)
        self.facts: Facts = {}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the form can be saved; `facts` then has what it says, and `errors` what is wrong."""
        well_formed = super().validate(extra_validators)
        known = {"name": self.name.data or "", "type": self.type.data or "", "notes": self.notes.data or ""}
        was = (self.was or {}).get("born")
        untouched = self.was is not None and self.shown.data == self._birth()
        self.facts = Pet.tidied({**known, "born": was if untouched else self.born(was)}, self.was)
        self.complain(Pet.problems_with(self.facts))
        return well_formed and not self.errors

    def _birth(self) -> str:
        """Birth date, age and unit as they were sent."""
        sent = (self.born_on, self.age, self.age_unit)
        return " ".join(str((field.raw_data or [""])[0]).strip() for field in sent)

    def complain(self, problems: Mapping[str, str]) -> None:
        """Put what is wrong with each fact at its field."""
        for fact, problem in problems.items():
            if fact == "born":
                self.complain_of_birth(problem)
            else:
                self[fact].errors = [*self[fact].errors, problem]


def _typed(facts: Known) -> dict[str, Any]:
    """Facts as a person would have typed them: an estimated birth date as the age it stands for."""
    born_on, estimated = read_born(facts["born"])
    typed: dict[str, Any] = {field: facts[field] for field in ("name", "type", "notes")}
    if born_on and estimated:
        unit = best_unit(born_on, clock.today())
        age = age_in(unit, born_on, clock.today())
        return {**typed, "age": age, "age_unit": unit, "shown": f" {age} {unit}"}
    return {**typed, "born_on": born_on, "shown": f"{born_on or ''}  years"}
