"""The form that changes many pets alike; each of its fields begins at "no change"."""

from typing import Any

from wtforms import BooleanField, Field as Control

from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.field import Become, Field, Known
from pets.forms.facts import FactsForm
from pets.language import gettext as _, lazy_gettext
from pets.models.pet import Pet


class BulkForm(FactsForm):
    """What is to become of many pets."""

    place = "bulk"
    remove = BooleanField(lazy_gettext("Remove these pets from the register"))

    @staticmethod
    def controls(field: Field) -> dict[str, Control]:
        """What is to become of it."""
        return field.bulk_controls()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it says what to do, and nothing that could be done to no pet."""
        well_formed = super().validate(extra_validators)
        asked = {field.name: field.bulk(self) for field in self.asked}
        self._become = {name: _as_on_register(name, become) for name, become in asked.items() if become}
        if not self.errors and not (self._become or self.remove.data):
            first = next(iter(self.asked[0].bulk_controls()))
            self[first].errors = [_("Choose something to change. Fill in at least one of the fields.")]
        if self._become and self.remove.data:
            self.remove.errors = [
                _("A pet is either changed or removed. Clear the other fields, or this box.")
            ]
        return well_formed and not self.errors

    def changed(self, facts: Known, pet_id: int) -> Known | None:
        """What a pet with these facts becomes; None if it is removed. No pet becomes its own mother."""
        if self.remove.data:
            return None
        after = {**facts, **{name: become(facts[name]) for name, become in self._become.items()}}
        for field in catalogue().links:
            if after[field.name] == str(pet_id):
                after[field.name] = facts[field.name]
        return after


def _as_on_register(name: str, become: Become) -> Become:
    """The same, spelled as it already is on the register."""
    if not FIELDS[name].suggests:
        return become
    fact = Pet.spelled(FIELDS[name], become(None))
    return lambda _: fact
