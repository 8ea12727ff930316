"""The form that gives types one name."""

from wtforms import StringField, ValidationError

from pets.fields.catalogue import catalogue
from pets.fields.text import caseless, fold, tidy_line
from pets.forms.base import PetsForm, refuse
from pets.language import gettext, lazy_gettext
from pets.models.pet import Pet


class TypesForm(PetsForm):
    """One name for the types that are ticked."""

    name = StringField(lazy_gettext("New name"))

    def __init__(self, ticked: list[str]) -> None:
        """`ticked`: the keys of the types."""
        self.ticked = ticked
        super().__init__()

    def validate_name(self, field: StringField) -> None:
        """Whether there is something to name, and a name; `spelled` is then how to write it."""
        self.spelled = tidy_line(field.data or "")
        if not self.ticked:
            raise ValidationError(gettext("Tick at least one type."))
        refuse(catalogue().problems_with({"type": self.spelled}).get("type"))
        if fold(self.spelled) not in self.ticked:  # it is not its own spelling that is corrected
            self.spelled = Pet.spellings([self.spelled]).get(caseless(self.spelled), self.spelled)
