"""The lines of the list, what is said of how many match, and what its filter offers."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pets import clock
from pets.changes.draft_line import waiting_in_draft
from pets.fields.field import Field
from pets.fields.filters import Filter
from pets.fields.key_filters import Without
from pets.fields.text import fold
from pets.language import gettext, lazy_gettext, ngettext, number
from pets.models.links import learn_names
from pets.search.choices import choice_counts
from pets.search.hits import Hit, hits
from pets.search.pets import Found
from pets.web.filters import draft_count, me


class Line(NamedTuple):
    """A pet as the list shows it."""

    pet: Any
    # Its further facts: the class of the column, the label on a phone, and how it is said.
    beside: list[tuple[str, str, Any]]
    hit: Hit | None  # why it was found
    waits: str | None  # how it waits in the draft of whoever asks


def lines(found: Found, words: list[str]) -> Iterator[Line]:
    """The lines of the list, for pets as the search found them by these words."""
    rows, today, waits = found.page.rows, clock.today(), _waiting(found)
    columns = [(field, column_class(field), "" if field.plain else field.label) for field in found.fields[1:]]
    links = [field for field in found.fields if field.links]
    learn_names(filter(None, (field.read(row) for field in links for row in rows)))
    for row, hit in zip(rows, hits(rows, found.fields, words), strict=True):
        beside = []
        for field, kind, label in columns:
            said = field.listed(field.read(row), today)
            beside.append((kind, said and label, said))
        yield Line(row, beside, hit, waits.get(row.id))


def column_class(field: Field) -> str:
    """The class of its column in the list: figures stand below each other, words go where it is narrow."""
    return "num" if field.figures else "wide"


def _waiting(found: Found) -> dict[int, str]:
    """Which of the pets wait in the draft of whoever asks; nothing is asked for a person without one."""
    person = me() if draft_count() else None
    return waiting_in_draft(person.id, [row.id for row in found.page.rows]) if person else {}


# How many match, by what `Found.total` says of it; and which of them the page shows.
SHOWN = {
    "exactly": lazy_gettext("%(first)s–%(last)s of %(total)s pets that match"),
    "over": lazy_gettext("%(first)s–%(last)s of more than %(total)s pets that match"),
    "least": lazy_gettext("%(first)s–%(last)s of at least %(total)s pets that match"),
}


def matching(found: Found) -> str:
    """How many pets match, and which of them the page shows: "26–50 of 193 pets"."""
    first, total, narrows = found.first, found.total, found.search.narrows
    if first and (first > 1 or found.page.after):  # not all of them
        last = first - 1 + len(found.page.rows)
        shown = {"first": number(first), "last": number(last), "total": number(total)}
        if narrows:
            return SHOWN[found.bound] % shown
        return gettext("%(first)s–%(last)s of %(total)s pets", **shown)
    if found.bound == "over":
        return gettext("More than %(total)s pets match", total=number(total))
    if found.bound == "least":
        return ngettext("At least %(num)s pet matches", "At least %(num)s pets match", total)
    if narrows:
        return ngettext("%(num)s pet matches", "%(num)s pets match", total)
    return ngettext("%(num)s pet", "%(num)s pets", total)


def all_matching(found: Found) -> str:
    """The choice of all that match."""
    if found.bound == "over":
        return gettext("All that match (more than %(total)s)", total=number(found.total))
    if found.bound == "least":
        return gettext("All that match (at least %(total)s)", total=number(found.total))
    return ngettext("The one that matches", "All %(num)s that match", found.total)


def type_choices(types: Sequence[tuple[str, str, int]], chosen: str) -> tuple[list[tuple[str, str]], str]:
    """The types to choose from, and which of them was chosen; one that is not among them is kept."""
    key = fold(chosen)
    chosen = next((kind for kind, other, _ in types if other == key), chosen)
    few = [(kind, f"{kind} ({number(pets)})") for kind, _, pets in types]
    return _with_chosen(few, chosen), chosen


def own_choices(one: Filter, chosen: str, counts: dict[tuple[int, str], str]) -> list[tuple[str, str]]:
    """The choices of an own field; one that is offered no more is kept if it was chosen."""
    few = []
    for fact, words in one.field.offered.items():
        pets = counts.get((one.own_id or 0, fact))
        few.append((fact, f"{words} ({pets})" if pets else words))
    return _with_chosen(few, chosen)


def lacking_choices(one: Without, chosen: str) -> list[tuple[str, str]]:
    """The fields that pets may be without; one that is retired is kept if it was chosen."""
    return [(field.name, field.label) for field in one.fields if not field.retired or field.name == chosen]


def _with_chosen(few: list[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    lost = chosen and all(value != chosen for value, _ in few)
    return [(chosen, chosen), *few] if lost else few


# What templates may call of these.
GLOBALS = {
    "all_matching": all_matching,
    "choice_counts": choice_counts,
    "column_class": column_class,
    "lacking_choices": lacking_choices,
    "lines": lines,
    "matching": matching,
    "own_choices": own_choices,
    "type_choices": type_choices,
}
