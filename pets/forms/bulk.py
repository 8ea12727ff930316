"""The form that changes many pets alike; each of its fields begins at "no change"."""

from typing import Any

from wtforms import BooleanField

from pets.fields import FIELDS
from pets.fields.field import Become, Known
from pets.forms.facts import FactsForm, declare
from pets.models.pet import Pet

ASKED = [field for field in FIELDS.values() if field.in_bulk]


class BulkForm(FactsForm):
    """What is to become of many pets."""

    place = "bulk"
    asked = ASKED

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it says what to do, and nothing that could be done to no pet."""
        well_formed = super().validate(extra_validators)
        asked = {field.name: field.bulk(self) for field in ASKED}
        self._become = {name: _as_on_register(name, become) for name, become in asked.items() if become}
        if not self.errors and not (self._become or self.remove.data):
            first = next(iter(ASKED[0].bulk_controls()))
            self[first].errors = ["Nothing is to change yet. Fill in at least one of the fields."]
        if self._become and self.remove.data:
            self.remove.errors = ["A pet is either changed or removed. Clear the other fields, or this box."]
        return well_formed and not self.errors

    def changed(self, facts: Known) -> Known | None:
        """What a pet with these facts becomes; None if it is removed."""
        if self.remove.data:
            return None
        return {**facts, **{name: become(facts[name]) for name, become in self._become.items()}}


def _as_on_register(name: str, become: Become) -> Become:
    """The same, spelled as it already is on the register."""
    if not FIELDS[name].suggests:
        return become
    fact = Pet.spelled(FIELDS[name], become(None))
    return lambda _: fact


for _field in ASKED:
    declare(BulkForm, _field.bulk_controls())
declare(BulkForm, {"remove": BooleanField("Remove these pets from the register")})
