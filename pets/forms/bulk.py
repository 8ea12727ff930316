"""The form that changes many pets alike; each of its fields begins at "no change"."""

from typing import Any

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from pets.fields.age import born_fact, born_when, read_born
from pets.fields.text import tidy_notes
from pets.forms.born import BirthDate, BornForm, WholeNumber, unit_field
from pets.models.pet import Known, Pet

AGES = {
    "": "No change",
    "set": "Set it, as below",
    "birthday": "Birthday: one year older",
    "unknown": "It is not known",
}


class BulkForm(BornForm):
    """What shall become of many pets."""

    type = StringField("Type")
    ages = RadioField(
        "Birth date or age",
        choices=[SelectChoice(value, label) for value, label in AGES.items()],
        default="",
        validate_choice=False,
    )
    born_on = BirthDate("Birth date")
    age = WholeNumber("Age")
    age_unit = unit_field()
    notes = TextAreaField("Add to the notes")
    remove = BooleanField("Remove these pets from the register")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it says what to do, and nothing that could be done to no pet."""
        well_formed = super().validate(extra_validators)
        self._set: dict[str, str | None] = {}
        given = Pet.tidied({"name": "", "type": self.type.data or "", "born": None, "notes": self.notes.data})
        if given["type"]:
            self._set["type"] = given["type"]
        self._notes = given["notes"] or ""
        self._read_age()
        problems = Pet.problems_with({**self._set, "notes": self._notes})
        self.complain_of_birth(problems.pop("born", None))
        for fact, problem in problems.items():
            self[fact].errors = [*self[fact].errors, problem]
        changes = bool(self._set or self._notes or self.ages.data == "birthday")
        if not self.errors and not (changes or self.remove.data):
            self.type.errors = ["Nothing is to change yet. Fill in at least one of the fields."]
        if changes and self.remove.data:
            self.remove.errors = ["A pet is either changed or removed. Clear the other fields, or this box."]
        return well_formed and not self.errors

    def _read_age(self) -> None:
        typed = self.born_on.data is not None or self.age.data is not None
        if self.ages.data == "unknown":
            self._set["born"] = None
        elif self.ages.data == "set" or (typed and not self.ages.data):
            self._set["born"] = self.born()
            if not typed and not self.errors:
                self.born_on.errors = ["Enter a birth date or an age."]
        elif self.ages.data not in AGES:
            self.ages.errors = ["Choose one of these."]
        if typed and self.ages.data in ("unknown", "birthday"):
            self.ages.errors = ["Choose “Set it”, or clear the birth date and the age."]

    def changed(self, facts: Known) -> Known | None:
        """What a pet with these facts becomes; None if it is removed."""
        if self.remove.data:
            return None
        after = {**facts, **self._set}
        if "born" in self._set and self.ages.data != "unknown":
            after["born"] = self.born(facts["born"])  # who is that old already keeps the day
        if self._notes:
            after["notes"] = tidy_notes("\n".join(text for text in (facts["notes"], self._notes) if text))
        if self.ages.data == "birthday":
            after["born"] = _a_year_earlier(facts["born"])
        return after


def _a_year_earlier(born: str | None) -> str | None:
    """A birth date that makes a pet one year older, estimated if it was; an unknown one stays unknown."""
    born_on, estimated = read_born(born)
    return born_fact(born_when(1, "years", born_on), estimated) if born_on else None
