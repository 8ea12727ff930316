"""The form that gives types one name."""

from typing import Any

from wtforms import StringField

from pets.fields.catalogue import catalogue
from pets.fields.text import caseless, fold, tidy_line
from pets.forms.base import PetsForm
from pets.language import gettext, lazy_gettext
from pets.models.pet import Pet


class TypesForm(PetsForm):
    """One name for the types that are ticked."""

    name = StringField(lazy_gettext("New name"))

    def __init__(self, ticked: list[str]) -> None:
        """`ticked`: the keys of the types."""
        self.ticked = ticked
        super().__init__()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether there is something to name, and a name; `spelled` is then how it shall be written."""
        well_formed = super().validate(extra_validators)
        self.spelled = tidy_line(self.name.data or "")
        problem = catalogue().problems_with({"type": self.spelled}).get("type")
        if not self.ticked:
            problem = gettext("Tick at least one type.")
        if problem:
            self.name.errors = [*self.name.errors, problem]
        elif fold(self.spelled) not in self.ticked:  # it is not its own spelling that is corrected
            self.spelled = Pet.spellings([self.spelled]).get(caseless(self.spelled), self.spelled)
        return well_formed and not self.errors
