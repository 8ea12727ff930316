"""The form of a litter: what several new pets share, said once, and a short row for each."""

from itertools import zip_longest
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict
from wtforms import Field as Control

from pets.changes.objections import objections
from pets.changes.wanted import Wanted
from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, Field
from pets.forms.facts import FactsForm
from pets.language import gettext as _
from pets.models.pet import Pet

ROWS, MORE, MOST = 5, 5, 100  # to begin with, by a press of "More rows", and at most


class Member(NamedTuple):
    """One row: what was typed in it, and what is wrong with it, by field."""

    number: int
    typed: dict[str, str]
    problems: dict[str, str]

    @property
    def typed_in(self) -> set[str]:
        """The fields in which anything was typed."""
        return {name for name, text in self.typed.items() if text.strip()}

    @property
    def empty(self) -> bool:
        """Whether nothing was typed, so that the row is skipped."""
        return not self.typed_in


class LitterForm(FactsForm):
    """Several pets at once. The rows come as controls of one name, so there may be any number of them."""

    place = "litter"

    def __init__(self, sent: MultiDict[str, str]) -> None:
        """`sent`: what was typed, nothing for a new form."""
        super().__init__(sent)
        texts = zip_longest(*(sent.getlist(field.own) for field in self.own), fillvalue="")
        typed = [{field.name: text for field, text in zip(self.own, row, strict=True)} for row in texts][
            :MOST
        ]
        self.members = _rows(typed or [dict.fromkeys((field.name for field in self.own), "")] * ROWS)
        self.litter: list[Facts] = []

    @property
    def own(self) -> list[Field]:
        """The fields that each of them may have of its own."""
        return [field for field in catalogue().asked if field.own]

    @property
    def room(self) -> bool:
        """Whether there may be more rows."""
        return len(self.members) < MOST

    def add_rows(self) -> None:
        """Make room for more."""
        empty = dict.fromkeys((field.name for field in self.own), "")
        self.members += _rows([empty] * min(MORE, MOST - len(self.members)), len(self.members))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the litter can be put in the draft; `litter` then has the facts of each pet."""
        well_formed = super().validate(extra_validators)
        shared = Pet.tidied({field.name: field.asked(self) for field in self.asked})
        said = {name: fact for name, fact in shared.items() if fact}
        problems = catalogue().problems_with(shared) | catalogue().objections_to(said, None)
        self.complain(problems)
        for member in self.members:
            if not member.empty:
                self.litter.append(self._facts(member, shared, problems))
        if not self.litter:
            self.members[0].problems[self.own[0].name] = _("Enter at least one name.")
        return well_formed and not self.wrong

    def allowed(self) -> bool:
        """Whether nothing on the register speaks against any of them, such as a code that a pet has."""
        members = [member for member in self.members if not member.empty]
        told = objections([Wanted.new(facts) for facts in self.litter])
        for member, problems in zip(members, told, strict=True):
            for name, sentence in problems.items():
                if FIELDS[name].own:
                    member.problems.setdefault(name, sentence)
                elif not self.complains(name):  # it is said once for all of them
                    self.complain({name: sentence})
        return not self.wrong

    def _facts(self, member: Member, shared: Facts, told: dict[str, str]) -> Facts:
        facts = catalogue().whole(shared)
        for field in self.own:
            facts[field.name] = field.joined(facts[field.name], field.taken(member.typed[field.name]))
        own = {field.name: facts[field.name] for field in self.own}
        known = catalogue()
        for name, problem in (known.problems_with(own) | known.objections_to(facts, None)).items():
            if name in told:
                continue
            if name in own:
                member.problems[name] = problem
            else:  # nobody said it for all of them: told once
                told[name] = problem
                self.complain({name: problem})
        return facts

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """What is wrong, in the order of the page, each as (sentence, address of the control)."""
        return [
            *((problem, f"#{_place(control)}") for control in self for problem in control.errors),
            *self._wrong_rows(),
        ]

    def _wrong_rows(self) -> list[tuple[str, str]]:
        return [
            (
                _("Pet %(number)s: %(problem)s", number=member.number, problem=problem),
                f"#{field}-{member.number}",
            )
            for member in self.members
            for field, problem in member.problems.items()
        ]


def _rows(typed: list[dict[str, str]], before: int = 0) -> list[Member]:
    return [Member(number, texts, {}) for number, texts in enumerate(typed, before + 1)]


def _place(control: Control) -> str:
    """Where a person finds a control; the token is none to them."""
    return "main" if control.name == "csrf_token" else str(control.id)
