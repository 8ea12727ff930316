"""The form of a litter: what several new pets share, said once, and a short row for each."""

from itertools import zip_longest
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField, TextAreaField

from pets.forms.born import BirthDate, BornForm, WholeNumber, unit_field
from pets.models.pet import Facts, Pet

ROWS, MORE, MOST = 5, 5, 100  # to begin with, by a press of "More rows", and at most


class Member(NamedTuple):
    """One row: what was typed in it, and what is wrong with it, by field."""

    number: int
    name: str
    notes: str
    problems: dict[str, str]

    @property
    def empty(self) -> bool:
        """Whether nothing was typed, so that the row is skipped."""
        return not (self.name.strip() or self.notes.strip())


class LitterForm(BornForm):
    """Several pets at once. The rows come as fields of the same name, so there may be any number of them."""

    type = StringField("Type")
    born_on = BirthDate("Birth date")
    age = WholeNumber("Age")
    age_unit = unit_field()
    notes = TextAreaField("Notes about all of them")

    def __init__(self, sent: MultiDict[str, str]) -> None:
        """`sent`: what was typed, nothing for a new form."""
        super().__init__(sent or None)
        texts = zip_longest(sent.getlist("name"), sent.getlist("own"), fillvalue="")
        rows = [Member(number, name, own, {}) for number, (name, own) in enumerate(texts, 1)][:MOST]
        self.members = rows or [Member(number, "", "", {}) for number in range(1, ROWS + 1)]
        self.litter: list[Facts] = []

    @property
    def room(self) -> bool:
        """Whether there may be more rows."""
        return len(self.members) < MOST

    def add_rows(self) -> None:
        """Make room for more."""
        room = range(len(self.members) + 1, min(len(self.members) + MORE, MOST) + 1)
        self.members += [Member(number, "", "", {}) for number in room]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the litter can be put in the draft; `litter` then has the facts of each pet."""
        well_formed = super().validate(extra_validators)
        shared = {"type": self.type.data or "", "born": self.born(), "notes": self.notes.data or ""}
        shared = Pet.tidied({"name": "", **shared})
        problems = Pet.problems_with({fact: shared[fact] for fact in ("type", "born", "notes")})
        self.complain_of_birth(problems.pop("born", None))
        for fact, problem in problems.items():
            self[fact].errors = [*self[fact].errors, problem]
        for member in self.members:
            if not member.empty:
                self.litter.append(self._facts(member, shared))
        if not self.litter:
            self.members[0].problems["name"] = "Enter at least one name."
        return well_formed and not self.wrong

    def _facts(self, member: Member, shared: Facts) -> Facts:
        own = Pet.tidied({"name": member.name, "type": "", "born": None, "notes": member.notes})
        notes = "\n".join(text for text in (shared["notes"], own["notes"]) if text)
        found = Pet.problems_with({"name": own["name"], "notes": notes})
        if not self.notes.errors or "name" in found:
            member.problems.update(found)
        return {**shared, "name": own["name"], "notes": notes}

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """What is wrong, in the order of the page, each as (sentence, address of the field)."""
        return [
            *((problem, f"#{_place(field)}") for field in self for problem in field.errors),
            *self._wrong_rows(),
        ]

    def _wrong_rows(self) -> list[tuple[str, str]]:
        return [
            (f"Pet {member.number}: {problem}", f"#{field}-{member.number}")
            for member in self.members
            for field, problem in member.problems.items()
        ]


def _place(field: Field) -> str:
    """Where a person finds a field; the token is no field to them."""
    return "main" if field.name == "csrf_token" else str(field.id)
