"""The lines of the list, and what its filter offers: rendered once for each state, and kept."""

import functools
import json
from collections import namedtuple
from collections.abc import Collection
from datetime import date
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from pets import clock
from pets.changes.draft_line import waiting_in_draft
from pets.fields import FIELDS
from pets.fields.catalogue import catalogue
from pets.fields.filters import Filter
from pets.fields.text import fold
from pets.language import gettext, language, lazy_gettext, ngettext, number
from pets.models.links import learn_names
from pets.search.choices import choice_counts
from pets.search.hits import Hit, hits
from pets.search.pets import Found
from pets.web.filters import draft_count, may_edit, me, path_to, when


def lines(found: Found, words: list[str], chosen: Collection[int] = ()) -> Markup:
    """The lines of the list, for pets as the search found them; those that were `chosen` are ticked.

    A line is kept for as long as its pet stays as it is, so that most are rendered only once.
    """
    # What else a line depends on: a kept one must not outlive the day, or be shown to somebody else.
    shown = catalogue().version, tuple(field.name for field in found.fields)
    zone, root = current_app.config["PETS_TIMEZONE"], path_to("pets.list_pets")
    around = clock.today(), zone, language(), root, may_edit()
    line, waits = _line.__wrapped__ if _learn_links(found) else _line, _waiting(found)
    rows, columns, make = found.page.rows, len(found.columns), _row_of(found.columns)._make
    parts = []
    for row, found_in in zip(rows, hits(rows, found.fields, words), strict=True):
        pet: Any = make(row[:columns])
        said = line(pet, found_in, shown, *around, waits.get(pet.id))
        parts.append(said.replace("name=pet ", "name=pet checked ", 1) if pet.id in chosen else said)
    here = found.search.here
    # In no text of theirs an "&" stands alone after the template.
    told = "".join(parts).replace("&quoted;", '"' if here else "")
    return Markup(told.replace("&results;", f'{escape(here)}"' if here else ""))  # noqa: S704


@functools.lru_cache(maxsize=5_000)
def _line(
    pet: Any,
    found_in: Hit | None,
    shown: tuple[int, tuple[str, ...]],
    today: date,
    zone: str,
    code: str,
    *rest: Any,
) -> str:
    if "own" in pet._fields:
        pet = pet._replace(own=json.loads(pet.own or "null"))
    fields = [FIELDS[name] for name in shown[1] if name != "name"]
    beside = [(field, field.listed(field.read(pet), today)) for field in fields]
    return str(_macro("line")(pet, beside, when(pet.changed_at, exactly=False), found_in, *rest))


@functools.lru_cache(maxsize=100)
def _row_of(columns: tuple[str, ...]) -> Any:
    """A row of the list, without what only a search asks for, which comes last."""
    return namedtuple("Listed", columns)


def _waiting(found: Found) -> dict[int, str]:
    """Which of the pets wait in the draft of whoever asks; nothing is asked for a person without one."""
    person = me() if draft_count() else None
    return waiting_in_draft(person.id, [row.id for row in found.page.rows]) if person else {}


def _learn_links(found: Found) -> bool:
    """Whether the list shows other pets by their names, which are then looked up all at once."""
    links = [field for field in found.fields if field.links]
    owns = [json.loads(row.own or "null") or {} for row in found.page.rows] if links else []
    learn_names(own[str(field.own_id)] for field in links for own in owns if str(field.own_id) in own)
    return bool(links)


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


def type_options(types: tuple[tuple[str, str, int], ...], chosen: str) -> Markup:
    """The types to choose from; one that is not among them is kept if it was chosen."""
    key = fold(chosen)
    chosen = next((kind for kind, other, _ in types if other == key), chosen)
    rows = tuple((kind, kind, number(pets)) for kind, _, pets in types)
    return _options(rows, chosen, gettext("All types"))


def choice_options(one: Filter, chosen: str, counts: dict[tuple[int, str], str]) -> Markup:
    """The choices of an own field; one that is offered no more is kept if it was chosen."""
    rows = [
        (fact, words, counts.get((one.own_id or 0, fact), "")) for fact, words in one.field.offered.items()
    ]
    return _options(tuple(rows), chosen, gettext("All"))


@functools.lru_cache(maxsize=200)
def _options(rows: tuple[tuple[str, str, str], ...], chosen: str, every: str) -> Markup:
    other = chosen if chosen not in {value for value, _, _ in rows} else ""
    return Markup(_macro("options")(rows, chosen, other, every))  # noqa: S704  the template escaped it


def _macro(name: str) -> Any:
    return getattr(current_app.jinja_env.get_template("pets/_line.html").module, name)


# What templates may call of these.
GLOBALS = {
    "all_matching": all_matching,
    "choice_counts": choice_counts,
    "choice_options": choice_options,
    "lines": lines,
    "matching": matching,
    "type_options": type_options,
}
