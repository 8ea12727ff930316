"""What the forms of one pet, of a litter and of many pets have: the controls of the fields."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from wtforms import Field as Control
from wtforms import HiddenField

from pets import clock
from pets.fields import FIELDS
from pets.forms.base import OneTimeForm


class FactsForm(OneTimeForm):
    """A form that asks for facts. Its controls are declared by the fields: see `declare`."""

    place: ClassVar[str]  # which page asks: "pet", "litter" or "bulk"
    said_on = HiddenField()  # the day on which an age was typed, where a page sends it again unseen

    @property
    def day(self) -> date:
        """The day from which an age counts: today's for what a person sees as they send it."""
        try:
            return min(date.fromisoformat(self.said_on.data or ""), clock.today())
        except ValueError:
            return clock.today()

    def complain(self, problems: Mapping[str, str]) -> None:
        """Put what is wrong with each fact at its control; a sheet may name the control, such as an age."""
        for name, problem in problems.items():
            if name in FIELDS:
                FIELDS[name].complain(self, problem)
            elif name in self:
                self[name].errors = [*self[name].errors, problem]


def declare(form: type[FactsForm], controls: Mapping[str, Control]) -> None:
    """Add controls to a kind of form, behind those that it has."""
    for name, control in controls.items():
        setattr(form, name, control)
