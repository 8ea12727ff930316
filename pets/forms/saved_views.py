"""The form of a saved view: its name, and who is shown it."""

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice

from pets.accounts.account import Person
from pets.fields.text import tidy_line
from pets.forms.base import PetsForm, refuse
from pets.language import lazy_gettext as _
from pets.search.saved_view import SavedView

WHOSE = [SelectChoice("mine", _("Only me")), SelectChoice("everybody", _("Everybody"))]


class SavedViewForm(PetsForm):
    """A view as whoever saved it keeps it. Of a new one `view` is None."""

    name = StringField(_("Name"))
    whose = RadioField(_("Who sees it"), choices=WHOSE, validate_choice=False)
    search = HiddenField()
    replace = SubmitField()

    def __init__(self, person: Person, view: SavedView | None, sent: MultiDict[str, str] | None) -> None:
        """`person`: who asks; `sent`: what was typed."""
        self.person, self.view = person, view
        self.other: SavedView | None = None  # the one that has the name already
        shared, name = (view.shared, view.name) if view else (False, "")
        super().__init__(sent, data={"name": name, "whose": "everybody" if shared else "mine"})

    @property
    def shared(self) -> bool:
        """Whether everybody is to see it; only editors may say so."""
        return self.whose.data == "everybody" and self.person.may("edit")

    def validate_name(self, field: StringField) -> None:
        """Whether the view can be kept under this name."""
        name = tidy_line(field.data or "")
        self.other = SavedView.replaceable(self.person, name, self.shared) if self.view is None else None
        replaced = self.other if self.replace.data else self.view
        refuse(SavedView.name_problem(name, self.shared, self.person, replaced))
