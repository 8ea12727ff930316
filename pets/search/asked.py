"""What a list is asked for: read from its address, and written into another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.filters import Filter
from pets.fields.text import search_words
from pets.language import gettext as _
from pets.search.listing import BadSearch, read_cursor
from pets.search.plurals import singulars
from pets.search.sorts import SORTS, Sort, sort_by

WORDS = 8  # words that a search heeds
DEFAULT = "name"
OWN = "own."  # how the names of own fields begin
_NUMBER = re.compile(r"(?:number|nummer|no\.?|nr\.?|#)?\s*([1-9][0-9]{0,17})", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """What somebody looks for, and in which order: the query string of the list, understood."""

    q: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)  # of `catalogue().filters`, by name
    sort: str = ""  # as asked for; see `order`
    after: str = ""
    before: str = ""
    start: int = 0  # which of all that match the page begins with; 0: its address does not say
    problems: Mapping[str, str] = field(default_factory=dict)
    natural: str = DEFAULT  # the order that nobody asked for
    columns: tuple[str, ...] = ()  # of the list, by the names of fields; none: those of whoever looks
    singular: Mapping[str, str] = field(default_factory=dict)  # see `singulars`

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Self:
        """Read the query string. What a person mistyped stands in `problems`, by field, and is left out.

        Raises BadSearch for a sort, an own field or a cursor that is not ours.
        """
        args = {**args}  # Werkzeug's raises an error, and catches it, for each that is not there
        sort = args.get("sort", "")
        if sort and sort_named(sort.removeprefix("-")) is None:
            raise BadSearch(_("The list can’t be sorted by that. Choose one of its headings instead."))
        known = catalogue().filters
        if any(name.startswith(OWN) and name not in known for name in args):
            raise BadSearch(_("The list can’t be filtered by that. Start again from all pets."))
        problems: dict[str, str] = {}
        asked: dict[str, Any] = {}
        for name, one in known.items():
            try:
                if typed := args.get(name, "").strip():
                    asked[name] = one.read(typed)
            except ValueError as problem:
                problems[name] = str(problem)
        found = cls(
            q=args.get("q", "").strip()[:200],
            asked={name: value for name, value in asked.items() if value is not None},
            sort=sort,
            after=args.get("after", ""),
            before="" if args.get("after") else args.get("before", ""),
            start=_place(args.get("start", "")),
            problems=problems,
            columns=tuple(name for name in args.get("columns", "").split(",") if name in catalogue().columns),
        )
        read_cursor(found.after or found.before, found.by.key)  # a broken one is refused at once
        return found if found.number else replace(found, singular=singulars(found.words))

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The same from a whole query string, such as a form sends along and a view keeps."""
        return cls.from_args(dict(parse_qsl(query.removeprefix("?"))))

    def query_string(self, **changed: Any) -> str:
        """The address of this search with something changed; a cursor goes unless it is what changes."""
        asked = {"q": self.q, **self.asked, "sort": self.sort, "columns": self.columns, **changed}
        asked = {**asked, "columns": ",".join(asked["columns"])}
        # A cursor says where in one order; so the order is said beside it, if it is not the only usual one.
        if not asked["sort"] and ("after" in asked or "before" in asked):
            asked["sort"] = self.natural
        if asked["sort"] == DEFAULT and not asked["q"]:
            asked["sort"] = ""
        values = {name: value for name, value in asked.items() if value != ""}
        return "?" + urlencode(values, safe=",") if values else ""

    @cached_property
    def here(self) -> str:
        """The address of this very page of it; "" for the first of all pets."""
        place = {"after": self.after, "before": self.before, "start": self.start or ""}
        return self.query_string(sort=self.order, **place)

    @property
    def narrows(self) -> bool:
        """Whether anything is looked for at all."""
        return bool(self.words or self.asked)

    @property
    def told(self) -> list[str]:
        """What the filters ask for, in words."""
        return [catalogue().filters[name].told(value) for name, value in self.asked.items()]

    @cached_property
    def words(self) -> list[str]:
        """The folded words that all have to match. Digits with hyphens between them are apart: a code is
        kept without any."""
        words = search_words(re.sub("(?<=[0-9])-(?=[0-9])", " ", self.q))[:WORDS]
        return [self.singular.get(word, word) for word in words]

    @cached_property
    def terms(self) -> list[str]:
        """These words, and those by which the pets that a filter asks for are looked for."""
        every = catalogue().filters
        of_filters = [word for name, value in self.asked.items() for word in every[name].words(value)]
        return list(dict.fromkeys([*self.words, *of_filters]))[:WORDS]

    @property
    def number(self) -> int | None:
        """The pet that is asked for by its number: "3", "number 3"."""
        found = _NUMBER.fullmatch(self.q)
        return int(found[1]) if found else None

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """The filters that are asked."""
        return tuple(catalogue().filters[name].meant(value) for name, value in self.asked.items())

    @property
    def used(self) -> set[str]:
        """The names of the filters that are asked, or were mistyped."""
        return {*self.asked, *self.problems}

    @property
    def criteria(self) -> tuple[list[Filter], list[Filter]]:
        """The filters to offer: those that are built in, and those of the listed own fields.

        One that is asked is offered too, whatever became of its field.
        """
        every, used = catalogue().filters.values(), self.used
        own = [one for one in every if one.own_id and (one.field.column or one.name in used)]
        own += [one for one in every if one.control == "fields" and (own or one.name in used)]
        return [one for one in every if not one.own_id and one.control != "fields"], own

    @property
    def order(self) -> str:
        """What the list is sorted by."""
        return self.sort or self.natural

    @property
    def by(self) -> Sort:
        """The order, as the database knows it."""
        return sort_named(self.order.removeprefix("-")) or SORTS[DEFAULT]

    @property
    def order_words(self) -> str:
        """What the list is sorted by, in words."""
        return self.by.in_words(self.order.startswith("-"))


def _place(text: str) -> int:
    """A place in a list, which anybody may have typed; 0 for none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def sort_named(name: str) -> Sort | None:
    """An order of the list, built in or by an own field; None where there is none of that name."""
    if not name.startswith(OWN):
        return SORTS.get(name)
    own = FIELDS.get(name)
    return sort_by(own) if own and own.sort else None
