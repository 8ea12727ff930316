"""The form of an own field: what is declared of it, with the controls that its kind needs."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from pets.fields.line import too_long
from pets.fields.own import KINDS, TAKEN
from pets.fields.settings import DEFAULTS, differences, fingerprint, settings_of
from pets.fields.text import plain, tidy_line, unwritable, visible
from pets.forms.base import PetsForm
from pets.forms.choices import Choices, lines_of
from pets.language import gettext as _, lazy_gettext, number
from pets.models.field import OwnField

LABEL, HINT, UNIT = 60, 200, 20  # characters
TYPES, FIELDS = 50, 50  # at most: types of one field, and fields in use
FULL = lazy_gettext(
    "There are %(most)s fields already. Retire one that is no longer needed first.", most=FIELDS
)
DIGITS = [
    SelectChoice("digits", lazy_gettext("9 to 15 digits, such as a microchip")),
    SelectChoice("letters", lazy_gettext("Letters and digits, such as a tag")),
]


class FieldForm(PetsForm):
    """A field as an admin keeps it. Of a new one `field` is None."""

    label = StringField(lazy_gettext("Name"))
    hint = StringField(lazy_gettext("Hint"))
    more = TextAreaField(lazy_gettext("Choices"))
    unit = StringField(lazy_gettext("Unit"))
    low = StringField(lazy_gettext("Lowest"))
    high = StringField(lazy_gettext("Highest"))
    digits = RadioField(lazy_gettext("What it is made of"), choices=DIGITS, validate_choice=False)
    unique_code = BooleanField(lazy_gettext("Each pet has a code of its own"))
    required = BooleanField(lazy_gettext("Required when a pet is added"))
    listed = BooleanField(lazy_gettext("Show it in the list of pets"))
    types = TextAreaField(lazy_gettext("Only for these types"))
    seen = HiddenField()

    def __init__(self, kind: str, field: OwnField | None, sent: MultiDict[str, str] | None) -> None:
        """`kind`: the one it is to have; `field`: None for a new one; `sent`: what was typed."""
        self.kind, self.field, self.of = kind, field, KINDS[kind]
        self.settings: dict[str, Any] = {}
        self.twin: OwnField | None = None  # the same field, where the form of a new one is sent twice
        self.choices = Choices((field and field.choices) or [], sent)
        super().__init__(sent, data=_shown(settings_of(field) if field else {}))
        if self.choices.rows:
            self.more.label.text = _("More choices")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the field can be kept like this; `settings` then has what is declared of it."""
        well_formed = super().validate(extra_validators)
        self.settings = {
            **DEFAULTS,
            "kind": self.kind,
            "label": self._label(),
            "hint": self._line(self.hint, HINT),
            "required": self.required.data,
            "listed": self.listed.data and self.of.keyed,
            "types": self._types(),
        }
        if "choices" in self.of.declares:
            self._complain(self.more, *self.choices.read(self.more.data or ""))
            self.settings["choices"] = self.choices.words
        if "unit" in self.of.declares:
            self.settings["unit"] = self._line(self.unit, UNIT)
        if "low" in self.of.declares:
            self.settings |= self._range()
        if "unique_code" in self.of.declares:
            self.settings |= {"digits": self.digits.data != "letters", "unique_code": self.unique_code.data}
        self._look_for_others()
        return well_formed and not self.errors and not self.wrong

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """What is wrong with single choices, as (sentence, address of the control)."""
        rows = enumerate(self.choices.rows, 1)
        return [(row.problem, f"#choice-{number}") for number, row in rows if row.problem]

    @property
    def differs(self) -> list[tuple[str, str, str]]:
        """What the form would change of the field as it is now: what it is, and both in words."""
        return differences(settings_of(self.field), self.settings) if self.field else []

    @property
    def outdated(self) -> bool:
        """Whether somebody has changed the field since the form was filled from it."""
        return self.field is not None and self.seen.data != fingerprint(settings_of(self.field))

    def renew(self) -> None:
        """Note that the person is shown the field as it is now."""
        self.seen.data = fingerprint(settings_of(self.field)) if self.field else ""

    # Private, in the order they are called

    def _label(self) -> str:
        label = self._line(self.label, LABEL)
        if not visible(label) or not plain(label):
            self._complain(self.label, _("Enter a name, such as Sex or Microchip number."))
        elif plain(label) in TAKEN:
            self._complain(
                self.label, _("Every pet has “%(name)s” already. Choose another name.", name=label)
            )
        return label

    def _line(self, control: StringField, longest: int) -> str:
        text = tidy_line(control.data or "")
        label = str(control.label.text)
        if unwritable(text):
            self._complain(
                control, _("“%(field)s” holds a character that cannot be kept. Type it again.", field=label)
            )
        elif problem := too_long(label, len(text), longest):
            self._complain(control, problem)
        return text

    def _types(self) -> list[str] | None:
        types = lines_of(self.types.data)
        if len(types) > TYPES:
            many = _(
                "There are %(count)s types. Enter %(most)s or fewer.", count=number(len(types)), most=TYPES
            )
            self._complain(self.types, many)
        if wrong := next((one for one in types if unwritable(one) or len(one) > LABEL), ""):
            problem = _("“%(type)s” cannot be a type. Enter each on a line of its own.", type=wrong[:LABEL])
            self._complain(self.types, problem)
        return types or None

    def _range(self) -> dict[str, str | None]:
        """Its lowest and its highest fact."""
        kind: Any = self.of
        ends: dict[str, str | None] = {}
        for control in (self.low, self.high):
            one = kind(name="", label=str(control.label.text), **ends)
            fact = one.taken(control.data or "")
            if problem := fact and (one.problem(fact) or one.objection(fact)):
                self._complain(control, problem)
            elif fact:
                ends[control.name] = fact
        return ends

    def _look_for_others(self) -> None:
        other = None if self.label.errors else OwnField.labelled(self.settings["label"])
        if self.field is None and other is None and is_full():
            self._complain(self.label, str(FULL))
        if other is None or other is self.field:
            return
        if self.field is None and settings_of(other) == self.settings:
            self.twin = other
            return
        told = _("There is a field named %(name)s. Choose another name.", name=other.label)
        if other.retired_at:
            told = _(
                "There is a retired field named %(name)s. Restore it, or choose another name.",
                name=other.label,
            )
        self._complain(self.label, told)

    @staticmethod
    def _complain(control: Any, *problems: str) -> None:
        control.errors = [*control.errors, *problems]


def is_full() -> bool:
    """Whether no further field may be added."""
    return OwnField.in_use() >= FIELDS


def _shown(settings: dict[str, Any]) -> dict[str, Any]:
    """What is declared of a field, as its form shows it."""
    known = {**DEFAULTS, **settings}
    digits, types = "digits" if known["digits"] else "letters", "\n".join(known["types"] or ())
    return {**known, "digits": digits, "types": types, "seen": fingerprint(settings)}
