"""The catalogue: all that is kept of a pet, the fields that are built in and then those that admins add.

Own fields differ from register to register and may change at any time. So which catalogue holds is looked up:
by what a request, a job or a command has set, else by whoever knows the database (see `looked_up_by`).
"""

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from contextvars import ContextVar
from functools import cached_property
from typing import Any, TypeVar

from pets.fields.field import Facts, Field, Known, first_fact
from pets.fields.filters import Filter
from pets.fields.key_filters import Without
from pets.fields.text import fold
from pets.language import gettext, language

T = TypeVar("T")


class Catalogue:
    """All fields, in the order of the form; retired ones too, of which facts and history stay readable.

    It never changes: another catalogue takes its place. So what is made of it is made once: see `once`.
    """

    def __init__(self, built_in: tuple[Field, ...], own: tuple[Field, ...] = (), version: int = 0) -> None:
        """version: that of the own fields, by which one catalogue is told from another."""
        self.built_in, self.own, self.version = built_in, own, version
        self.fields: dict[str, Field] = {field.name: field for field in (*built_in, *own)}
        self.asked = tuple(field for field in self.fields.values() if not (field.retired or field.of_files))
        self._needed = {name for name, field in self.fields.items() if field.missing}
        self.nothing: Facts = {name: field.nothing for name, field in self.fields.items()}
        self._nothing_own: Facts = {field.name: field.nothing for field in own}
        self._kept_own = [(field.name, str(field.own_id), field.tidy) for field in own]
        of_files = {field.name: field.nothing for field in built_in if field.of_files}
        self._unsaid: Facts = {**of_files, **self._nothing_own}  # left out of what is stored
        self._made: dict[Any, Any] = {}

    def once(self, make: Callable[["Catalogue"], T]) -> T:
        """What `make` makes of this catalogue: made when it is first asked for, and kept for its language."""
        key = make, language()
        if key not in self._made:
            self._made[key] = make(self)
        made: T = self._made[key]
        return made

    # Facts

    def whole(self, facts: Known) -> Facts:
        """Facts of a pet, with those that were never said."""
        return {**self.nothing, **facts}

    def brief(self, facts: Known) -> Facts:
        """Facts that add or remove a pet, as they are stored: own fields and files are left out where they
        say nothing."""
        nothing = self._unsaid
        return {name: fact for name, fact in facts.items() if name not in nothing or fact != nothing[name]}

    def same(self, some: Known, other: Known) -> bool:
        """Whether two tell the same of a pet. What only one of them names is not compared, but for own
        fields and files: they are left out where they say nothing."""
        if not all(some[name] == other[name] for name in some.keys() & other.keys()):
            return False
        nothing = self._unsaid
        return not nothing or all(
            name not in nothing or some.get(name, nothing[name]) == other.get(name, nothing[name])
            for name in some.keys() ^ other.keys()
        )

    def edited(self, before: Known, after: Known) -> list[str]:
        """The names of the fields that an edit changes. What only one side names is not compared."""
        if len(after) == 1:  # as in most edits
            return [name for name in after if name in before and before[name] != after[name]]
        return [
            name for name in self.fields if name in before and name in after and before[name] != after[name]
        ]

    def facts_of(self, row: Any) -> Facts:
        """The facts in a pet, or in a row that has the columns of all fields."""
        facts = {field.name: field.read(row) for field in self.built_in}
        if self.own:
            facts |= self._nothing_own
            for number, fact in (row.own or {}).items():
                facts[f"own.{number}"] = fact
        return facts

    def columns_of(self, facts: Known) -> dict[str, Any]:
        """What the columns of all fields hold for facts. Raises ValueError for what is no such fact."""
        columns: dict[str, Any] = {}
        for field in self.built_in:  # this is made for every pet: a comprehension takes half as long again
            columns.update(field.write(facts[field.name]))
        if self.own:
            own = {
                number: tidied
                for name, number, tidy in self._kept_own
                if (fact := facts[name]) and (tidied := tidy(fact))
            }
            columns["own"] = own or None
        return columns

    # Rules

    def problems_with(self, facts: Known) -> dict[str, str]:
        """What is wrong with facts (tidied, any of them), as {field: a sentence that says what to do}."""
        return {
            name: problem
            for name, fact in facts.items()
            if (fact or name in self._needed)
            and (field := self.fields.get(name))
            and (problem := field.problem(fact))
        }

    def objections_to(self, facts: Known, was: Known | None, pet_id: int | None = None) -> dict[str, str]:
        """What nobody may enter under today's settings, of facts that change; `was`: the facts so far, None
        of a new pet. What a pet has already may stay, and what was stored once may come back."""
        before, objections = {} if was is None else was, {}
        kind = fold(first_fact("type", facts, before))
        for name, nothing in self._nothing_own.items():
            field, fact = self.fields[name], facts.get(name, nothing)
            if (fact == nothing and not field.required) or (was is not None and name not in facts):
                continue
            old = before.get(name, nothing)
            if fact != nothing and fact != old and (objection := field.objection(fact)):
                objections[name] = objection
            if field.links and fact == str(pet_id):
                objections[name] = gettext(
                    "A pet cannot be its own %(what)s. Enter another.", what=field.what
                )
            needed = field.required and field.asks(kind)
            if fact == nothing and needed and (was is None or old != nothing):
                objections[name] = field.lacking
        return objections

    # What is looked for

    @cached_property
    def keyed(self) -> tuple[Field, ...]:
        """The own fields that pets are found and sorted by."""
        return tuple(field for field in self.own if field.keyed)

    @cached_property
    def links(self) -> tuple[Field, ...]:
        """The fields whose facts are other pets."""
        return tuple(field for field in self.own if field.links)

    @cached_property
    def unique(self) -> dict[int, Field]:
        """Of these no two pets may have the same fact: the own fields by their numbers."""
        return {field.own_id: field for field in self.own if field.unique and field.own_id}

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """The names of the fields whose words find a pet."""
        return tuple(name for name, field in self.fields.items() if field.searched)

    @cached_property
    def listed(self) -> tuple[Field, ...]:
        """The fields that the list has a column of."""
        return tuple(field for field in self.asked if field.column)

    @cached_property
    def columns(self) -> dict[str, Field]:
        """The fields that a person may choose as columns of the list, by name."""
        return {field.name: field for field in self.asked if field.column or (field.own_id and field.keyed)}

    @cached_property
    def filters(self) -> dict[str, Filter]:
        """By what the list is narrowed, by name; by retired fields too, for whoever kept an address."""
        every = [one for field in self.fields.values() for one in field.filters]
        may_lack = (field for field in self.fields.values() if field.own_id or not field.missing)
        lacking = tuple(field for field in may_lack if (field.keyed if field.own_id else field.key))
        return {one.name: one for one in (*every, Without(fields=lacking))}

    @cached_property
    def by_control(self) -> dict[str, str]:
        """The field that each control of a form is of."""
        return {control: name for name, field in self.fields.items() for control in field.controls()}

    def about(self, fault: str) -> str:
        """The field that a fault is about: it names the field, or one of its controls, such as an age."""
        return self.by_control.get(fault, fault)


_current: ContextVar[Catalogue | None] = ContextVar("catalogue", default=None)
_look_up: list[Callable[[], Catalogue]] = []


def catalogue() -> Catalogue:
    """The catalogue that holds here and now."""
    return _current.get() or _look_up[-1]()


def use(one: Catalogue | None) -> None:
    """Let a catalogue hold from here on, in this thread; None: whichever is found when it is asked for."""
    _current.set(one)


def looked_up_by(ask: Callable[[], Catalogue]) -> None:
    """Say who finds the catalogue where none was set."""
    _look_up.append(ask)


class Current(Mapping[str, Field]):
    """The fields of the catalogue that holds, by name, whenever it is asked."""

    def __getitem__(self, name: str) -> Field:
        return catalogue().fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(catalogue().fields)

    def items(self) -> ItemsView[str, Field]:
        """As they are looked up once: a page goes through them several times."""
        return catalogue().fields.items()

    def values(self) -> ValuesView[Field]:
        """The same without their names."""
        return catalogue().fields.values()

    def __len__(self) -> int:
        return len(catalogue().fields)
