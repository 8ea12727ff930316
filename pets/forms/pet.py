"""The form of one pet."""

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from pets.changes.objections import objections
from pets.changes.wanted import Wanted
from pets.fields.catalogue import Catalogue, catalogue
from pets.fields.field import Facts, Field, Known
from pets.forms.facts import FactsForm
from pets.language import gettext as _
from pets.models.pet import Pet


class PetForm(FactsForm):
    """One pet, with a control or more for each field."""

    place = "pet"
    version = HiddenField()

    @staticmethod
    def asks_for(known: Catalogue) -> Sequence[Field]:
        """All of them."""
        return known.asked

    def __init__(self, typed: MultiDict[str, str] | None = None, was: Known | None = None) -> None:
        """`typed`: what was typed before, else what the request sent; `was`: the facts of the pet that the
        form is about, None for a new one.
        """
        self.was = was
        super().__init__(typed, data=_typed(catalogue().whole(was)) if was else None)
        self.facts: Facts = {}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the form can be saved; `facts` then has what it says, and `errors` what is wrong."""
        well_formed = super().validate(extra_validators)
        self.facts = self.said()
        self.complain(catalogue().problems_with(self.facts) | catalogue().objections_to(self.facts, self.was))
        return well_formed and not self.errors

    def said(self) -> Facts:
        """What it says so far, whether it can be saved or not."""
        was = self.was or {}
        asked = {field.name: field.asked(self, was.get(field.name)) for field in self.asked}
        return catalogue().whole({**was, **Pet.tidied(asked, was)})

    def fold(self, field: Field) -> str:
        """A new pet is asked what is required; the other own fields wait until somebody knows more."""
        later = self.was is None and field.own_id and not field.required
        return super().fold(field) or (_("More") if later else "")

    def allowed(
        self, pet_id: int | None = None, stored: Known | None = None, draft_id: int | None = None
    ) -> bool:
        """Whether nothing on the register speaks against it, such as a code that another pet has.

        `stored`: the pet's facts on the register, None of a new one. To be asked once it is known that the
        form was not sent before, or the other pet might be its own.
        """
        [told] = objections([Wanted(pet_id, 0, "", stored, self.facts)], draft_id)
        self.complain({name: sentence for name, sentence in told.items() if not self.complains(name)})
        return not self.errors


def _typed(facts: Known) -> dict[str, Any]:
    """Facts as a person would have typed them, by control."""
    asked = catalogue().asked
    return {name: data for field in asked for name, data in field.typed(facts[field.name]).items()}


def pet_form(typed: MultiDict[str, str] | None = None, was: Known | None = None) -> PetForm:
    """The form for the fields that are kept today; the arguments are those of `PetForm`."""
    return PetForm.today()(typed, was)
