"""The form of one pet."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from pets.fields import FIELDS, problems_with, whole
from pets.fields.field import Facts, Known
from pets.forms.facts import FactsForm, declare
from pets.models.pet import Pet


class PetForm(FactsForm):
    """One pet, with a control or more for each field."""

    place = "pet"
    version = HiddenField()

    def __init__(self, typed: MultiDict[str, str] | None = None, was: Known | None = None) -> None:
        """`typed`: what was typed before, else what the request sent; `was`: the facts of the pet that the
        form is about, None for a new one.
        """
        self.was = was
        super().__init__(*([typed] if typed else []), data=_typed(whole(was)) if was else None)
        self.facts: Facts = {}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the form can be saved; `facts` then has what it says, and `errors` what is wrong."""
        well_formed = super().validate(extra_validators)
        was = self.was or {}
        asked = {name: field.asked(self, was.get(name)) for name, field in FIELDS.items()}
        self.facts = Pet.tidied(asked, was)
        self.complain(problems_with(self.facts))
        return well_formed and not self.errors


def _typed(facts: Known) -> dict[str, Any]:
    """Facts as a person would have typed them, by control."""
    return {name: data for field in FIELDS.values() for name, data in field.typed(facts[field.name]).items()}


for _field in FIELDS.values():
    declare(PetForm, _field.controls())
