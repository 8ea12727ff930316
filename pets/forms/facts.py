"""What the forms of one pet, of a litter and of many pets have: the controls of the fields."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from textwrap import shorten
from types import MappingProxyType
from typing import Any, ClassVar, Self

from wtforms import Field as Control, HiddenField

from pets import clock
from pets.fields import FIELDS
from pets.fields.catalogue import Catalogue, catalogue
from pets.fields.field import Field, Known
from pets.fields.text import fold
from pets.forms.base import OneTimeForm
from pets.language import gettext as _
from pets.models.links import meant_by
from pets.models.type import PetType


class FactsForm(OneTimeForm):
    """A form that asks for facts. Its controls are declared by the fields: see `declared`."""

    place: ClassVar[str]  # which page asks: "pet", "litter" or "bulk"
    meant: Mapping[str, str] = MappingProxyType({})  # types that were asked about, by field
    was: Known | None = None  # the facts so far of the pet that it is about
    focus: str = ""  # the field in which the cursor begins
    said_on = HiddenField()  # the day on which an age was typed, where a page sends it again unseen
    spelled = HiddenField()  # a type that is meant as it was typed, although another one is like it
    instead = HiddenField()  # the type that was taken in its place, by a button
    then = HiddenField()  # what is to be done, by a button
    pressed = HiddenField()  # the same, as it was asked for before the form came back with a question

    @staticmethod
    def asks_for(known: Catalogue) -> Sequence[Field]:
        """The fields that it asks for once, whatever it is about: of several pets, what they may share."""
        return [field for field in known.asked if field.shared]

    @staticmethod
    def controls(field: Field) -> dict[str, Control]:
        """The controls of one of them."""
        return field.controls()

    @classmethod
    def declared(cls, known: Catalogue) -> type[Self]:
        """The form with controls for these fields, behind those that it has by itself."""
        fields = cls.asks_for(known)
        controls = {name: control for field in fields for name, control in cls.controls(field).items()}
        return type(cls.__name__, (cls,), controls)

    @classmethod
    def today(cls) -> type[Self]:
        """The form for the fields that are kept today; made once for each catalogue."""
        return catalogue().once(cls.declared)

    @property
    def asked(self) -> Sequence[Field]:
        """The fields that it asks for."""
        return self.asks_for(catalogue())

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Take what was sent. What was typed in a field that was retired since is told, and is not saved."""
        sent = self.meta.wrap_formdata(self, formdata)
        super().process(sent, *args, **kwargs)
        for field in catalogue().own if sent else ():
            there = [*sent.getlist(field.name), *sent.getlist(field.own)] if field.retired else ()
            if typed := ", ".join(filter(None, there)):
                self.form_errors.append(_retired(field.label, shorten(typed, 500)))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the controls hold what they may; a pet that was typed is put there by name and number.

        A type that is in use in the other number is asked about: `meant` then has it, by field.
        """
        well_formed = super().validate(extra_validators)
        self.meant = self._meant()
        for field in catalogue().links:
            if field.name in self and (typed := self[field.name].data) and typed != self._shown(field):
                fact, problem = meant_by([field.taken(typed) or ""]).popitem()[1]
                if problem:
                    self[field.name].errors = [problem]
                else:
                    self[field.name].data = field.said(fact)
        return bool(well_formed)

    def _meant(self) -> dict[str, str]:
        meant = {}
        for field in catalogue().asked:
            if not field.suggests or field.name not in self:
                continue
            control, was = self[field.name], (self.was or {}).get(field.name)
            control.data = self.instead.data or control.data
            typed = field.tidy(control.data) or ""
            if typed not in (was, self.spelled.data) and (other := PetType.meant(typed)):
                meant[field.name] = other
                self.spelled.data, self.pressed.data = typed, self.wanted
                control.errors = [
                    _("Did you mean %(type)s? Save again to keep “%(typed)s”.", type=other, typed=typed)
                ]
        return meant

    @property
    def wanted(self) -> str:
        """What is to be done, as the button says, or that one which was pressed before a question."""
        return self.then.data or (self.pressed.data if self.instead.data else "") or ""

    def _shown(self, field: Field) -> str:
        """What stood in the control of a link: a pet that is gone may stay there."""
        return field.said((self.was or {}).get(field.name))

    @property
    def day(self) -> date:
        """The day from which an age counts: today's for what a person sees as they send it."""
        try:
            return min(date.fromisoformat(self.said_on.data or ""), clock.today())
        except ValueError:
            return clock.today()

    def laid_out(self, fields: Iterable[Field]) -> list[tuple[str, list[Field]]]:
        """These fields as they are asked: outright (""), and then those that are folded away, by why."""
        laid_out: dict[str, list[Field]] = {"": []}
        for field in fields:
            laid_out.setdefault(self.fold(field), []).append(field)
        return list(laid_out.items())

    def fold(self, field: Field) -> str:
        """Why a field is folded away, in few words; "" where it is asked outright."""
        kind = fold(self["type"].data or "") if "type" in self else ""
        outright = not field.types or (kind and field.suits(kind))
        if outright:
            return ""
        return _("Only for %(types)s", types=", ".join(field.types or ()))

    def holds(self, fields: Iterable[Field]) -> bool:
        """Whether anything was typed in the controls of these fields, or is wrong with it."""
        controls = [self[name] for field in fields for name in field.controls() if name in self]
        return any(control.errors or control.data for control in controls)

    def complains(self, name: str) -> bool:
        """Whether something is wrong at a control of this field."""
        return any(self[control].errors for control in FIELDS[name].controls() if control in self)

    def complain(self, problems: Mapping[str, str]) -> None:
        """Put what is wrong with each fact at its control; a sheet may name the control, such as an age."""
        for name, problem in problems.items():
            if name in FIELDS and not FIELDS[name].retired:
                FIELDS[name].complain(self, problem)
            elif name in self:
                self[name].errors = [*self[name].errors, problem]
            else:
                self.form_errors.append(problem)


def _retired(label: str, typed: str) -> str:
    return _(
        "“%(label)s” is not kept any more: it was retired while this page was open. “%(typed)s” was typed "
        "there. Put it elsewhere, such as in the notes, or leave it out, and send this again.",
        label=label,
        typed=typed,
    )
