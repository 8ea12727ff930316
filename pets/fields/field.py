"""A field: one kind of thing kept of a pet, and all that the features ask of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from wtforms import Field as Control

from pets.fields.cell import Cell
from pets.fields.filters import Filter
from pets.fields.key_filters import Is
from pets.fields.reading import Reading, SheetRow
from pets.language import gettext, lazy_gettext, within_a_sentence

# A pet as plain data: what a form, a sheet and a change speak; field name → fact.
Facts = dict[str, str | None]
Known = Mapping[str, str | None]  # facts, all or some of them
Become = Callable[[str | None], str | None]  # what a bulk edit makes of the fact of each pet


def first_fact(name: str, *several: Known | None) -> str:
    """What the first facts that say something of a field say of it; "" where none do: they may be those of an
    edit, of no pet, or older than the field."""
    return next((fact for facts in several if facts and (fact := facts.get(name))), "")


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """A kind of thing kept of a pet. Every feature is a loop over these, and asks what it needs.

    A subclass is one kind of field, an instance one field.
    """

    name: str  # in facts, forms and addresses
    label: str
    hint: str = ""
    missing: str = ""  # what to tell a person who leaves it out; "" where it need not be known
    # Of a column that comes in, its role → what people head it with, likeliest first.
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Of each column in a file that goes out, its heading → its width in a workbook, in characters.
    exported: Mapping[str, int] = field(default_factory=dict)
    blanks: tuple[tuple[str, Cell], ...] = ()  # of those columns: what JSON says in place of a blank cell
    own: str = ""  # the name of its control in a row of a litter; "" where all of them share it
    shared: bool = True  # whether pets may have the same: it is said once for a litter, and changed of many
    suggests: bool = False  # whether the facts in use are suggested, and spelled as they are on the register
    searched: bool = False  # whether its words find the pet
    key: str = ""  # the column that it is sorted and compared by: its own, or one with the folded fact
    sort: str = ""  # what sorting by it is called in an address; "" where the list cannot be sorted by it
    then: str = ""  # the column that sorts those that are the same in it; "" where their numbers do
    column: str = ""  # the heading of its column in the list; "" where it has none
    filters: tuple[Filter, ...] = ()  # by which the list is narrowed
    own_id: int | None = None  # its number, of a field that an admin has added
    retired: bool = False  # whether it is asked for no longer
    required: bool = False  # whether it has to be said of a new pet, and may not be cleared by an edit
    again: str = lazy_gettext("%(pet)s has %(field)s “%(fact)s” again")  # a fact that an undo brought back
    types: tuple[str, ...] | None = None  # of pets, folded: of others it need not be asked
    unique: bool = False  # whether no two pets have the same

    kind: ClassVar[str]  # what it is called where a field is declared
    merges: ClassVar[bool] = False  # whether of two pets that become one both facts are kept
    plain: ClassVar[bool] = True  # whether its words tell by themselves what they are about
    figures: ClassVar[bool] = False  # whether the list shows figures, to stand one below the other
    long: ClassVar[bool] = False  # whether it is text of many lines
    free: ClassVar[bool] = False  # whether any words may stand in it
    dated: ClassVar[bool] = False  # whether a column of its name holds dates
    aged: ClassVar[bool] = False  # whether an age may be said in its place
    identifies: ClassVar[bool] = False  # whether two pets with the same may be one
    declares: ClassVar[tuple[str, ...]] = ()  # what an admin says of an own field, beside what all have
    sample: ClassVar[str] = ""  # such as a pet may have
    sorts_down: ClassVar[bool] = False  # whether the key falls where the list rises
    orders: ClassVar[tuple[str, str]] = ("%(what)s", lazy_gettext("%(what)s, Z to A"))  # up, and backwards
    links: ClassVar[bool] = False  # whether a fact is the number of another pet
    keyed: ClassVar[bool] = True  # whether pets are found, compared and sorted by it: see `key_of`
    narrows: ClassVar[tuple[type[Is], ...]] = (Is,)  # the list by its key, where an admin has added it
    differs: ClassVar[bool] = True  # whether the pets of a litter are likely to differ in an own field of it
    width: ClassVar[int] = 18  # of the column of an own field in a workbook
    of_files: ClassVar[bool] = False  # whether its facts name files, which are shown as pictures
    nothing: ClassVar[str | None]  # the fact of a pet of which it says nothing, or did not exist yet

    @property
    def what(self) -> str:
        """What it is called within a sentence."""
        return within_a_sentence(self.label)

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """What an own field of this kind has beside what all have; `row`: see `own_field`."""
        return {}

    @property
    def offered(self) -> Mapping[str, str]:
        """What may be chosen: fact → its words; none where it is typed."""
        return {}

    @property
    def asks_for(self) -> str:
        """How its control is labelled."""
        return self.label

    # The pet's row. Where a fact is kept is decided here and known nowhere else: an own field is one of those
    # in `pet.own`, by its number, where it says something; any other has columns.

    @property
    def columns(self) -> Mapping[str, type]:
        """The columns it is kept in, with the type of what they hold (str, date or bool)."""
        return {} if self.own_id else {self.name: str}

    def read(self, row: Any) -> str | None:
        """The fact in a pet, or in a row that has the columns."""
        own = self.own_id is not None
        fact: str | None = (row.own or {}).get(str(self.own_id)) if own else getattr(row, self.name)
        return fact or self.nothing

    def write(self, fact: str | None) -> dict[str, Any]:
        """What the columns hold for a fact, or `pet.own`. Raises ValueError for what is no such fact."""
        if self.own_id:
            return {str(self.own_id): tidied} if fact and (tidied := self.tidy(fact)) else {}
        return {self.name: self.tidy(fact) or ""}

    def key_of(self, fact: str | None) -> str | None:
        """By what a fact is found, compared and sorted, as text; None where it is not."""
        return None

    # The rules

    def suits(self, kind: str) -> bool:
        """Whether it is asked of pets of this type (folded; "" where nobody knows)."""
        return self.types is None or not kind or kind in self.types

    def asks(self, kind: str) -> bool:
        """Whether it is asked of pets of this type today."""
        return not self.retired and self.suits(kind)

    @property
    def lacking(self) -> str:
        """What to tell a person who leaves out what is required."""
        return str(self.missing) or gettext("Fill in “%(label)s”.", label=self.label)

    def tidy(self, fact: str | None) -> str | None:
        """The fact as it is stored."""
        return fact or self.nothing

    def taken(self, text: str) -> str | None:
        """The fact that somebody means who typed this. What cannot be read stays as it is: see `problem`."""
        return self.tidy(text)

    @abstractmethod
    def problem(self, fact: str | None) -> str | None:
        """Why a tidied fact can never be stored, in a sentence that says what to do."""

    def objection(self, fact: str | None) -> str | None:
        """Why nobody may enter a fact any more, although pets may have it from before: a choice that is not
        offered today, a number out of range."""
        return None

    def doubt(self, fact: str | None, kind: str, today: date, highest: int | None) -> str | None:
        """Why a fact is unlikely, though it breaks no rule, of a pet of this type."""
        return None

    # Forms. `form` is a bound WTForms form that has the controls.

    @abstractmethod
    def controls(self) -> dict[str, Control]:
        """Its controls in a form about one pet, by name; unbound, and in the language in force."""

    @abstractmethod
    def typed(self, fact: str | None) -> dict[str, Any]:
        """What stands in the controls for a fact, by name."""

    @abstractmethod
    def asked(self, form: Any, was: str | None = None) -> str | None:
        """The fact that the controls say; `was` is the one so far. Complains at the controls."""

    def complain(self, form: Any, problem: str) -> None:
        """Put a problem at the control it is about."""
        form[self.name].errors = [*form[self.name].errors, problem]

    def bulk_controls(self) -> dict[str, Control]:
        """Its controls in the form that changes many pets alike."""
        return self.controls()

    @abstractmethod
    def bulk(self, form: Any) -> Become | None:
        """What the controls of that form make of each pet's fact; None for no change. Complains at them."""

    def joined(self, shared: str | None, own: str | None) -> str | None:
        """What a litter says once, with what one of them has of its own."""
        return own or shared

    def merged(self, stays: str | None, goes: str | None) -> str | None:
        """Both facts, of two pets that become one; of a field that `merges`."""
        return self.joined(stays, goes)

    def reconciled(self, before: str | None, after: str | None, now: str | None) -> str | None:
        """What an edit from one fact to another makes of a third; None where both cannot stand, and a person
        has to choose."""
        return None

    # Sheets

    def called(self, role: str) -> str:
        """What a column of this role holds, to choose it by."""
        return self.what

    @abstractmethod
    def parse(self, row: SheetRow) -> Reading | None:
        """What a row of a sheet says; None where no column tells, or a cell is faulty."""

    @abstractmethod
    def exports(self, stored: Iterable[Sequence[Any]], today: date) -> Iterable[Sequence[Cell]]:
        """The columns of `exported`, from its own of many pets: one pet at a time takes twice as long."""

    # Words

    def said(self, fact: str | None) -> str:
        """The fact in words; "" where it is not known."""
        return fact or ""

    def listed(self, fact: str | None, today: date) -> str:
        """The fact in few words, for the list."""
        return self.said(fact)

    def shown(self, fact: str | None, today: date) -> tuple[str, str]:
        """The fact on the page of its pet, and what is said beside it."""
        return self.said(fact), ""

    def difference(self, before: str | None, after: str | None, day: date) -> tuple[str, str, str]:
        """An edit in words: what was changed, from what, to what; `day` is when it was made."""
        return self.what, self.said(before), self.said(after)
