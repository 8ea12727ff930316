"""How things are said on pages: moments, facts, former names, a type's colour, the places of the header."""

import zlib
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from flask_login import current_user
from markupsafe import Markup

from pets import clock
from pets.models.account import Account
from pets.models.age import age_words, read_born
from pets.models.draft import Draft
from pets.models.words import fold

# The places of the header: label, endpoint, and what one has to be allowed to do there.
PLACES = (
    ("Pets", "pets.list_pets", "look"),
    ("History", "pets.history", "look"),
    ("Accounts", "pets.list_accounts", "admin"),
)


def when(moment: datetime) -> Markup:
    """A moment as people say it, with the exact time for machines and for whoever points at it."""
    gone = int((clock.now() - moment).total_seconds())
    return Markup('<time datetime="{}" title="{}" data-ago="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), clock.moment_words(moment), gone, clock.ago(moment)
    )


def said(field: str, fact: str | None) -> str:
    """A fact in words: a birth date as a day or, when it was estimated, as about one."""
    if field != "born":
        return fact or ""
    born_on, estimated = read_born(fact)
    if born_on is None:
        return ""
    return ("about " if estimated else "") + clock.day_words(born_on)


def was(pet: Any, words: list[str]) -> Markup | str:
    """Under which former name a search found a pet, where its present name does not show why."""
    now = fold(pet.name)
    for name, until in reversed(pet.former_names):
        if any(word in fold(name) and word not in now for word in words):
            return Markup(' <span class="quiet">was <bdi>{}</bdi> until {}</span>').format(
                name, clock.day_words(date.fromisoformat(until))
            )
    return ""


def hue(kind: str) -> int:
    """The colour of a type, one of twelve, from its key."""
    return zlib.crc32(kind.encode()) % 12


def draft_count() -> int:
    """How many changes wait in the draft of whoever asks."""
    person = me()
    return Draft.size_of(person.id) if person is not None and person.may("edit") else 0


def may_edit() -> bool:
    """Whether whoever asks may change pets."""
    person = me()
    return person is not None and person.may("edit")


def nav() -> list[tuple[str, str, bool]]:
    """The places of the header that are open to whoever asks, as (label, address, whether we are there)."""
    here, person = request.path, me()
    places = [(label, url_for(endpoint)) for label, endpoint, deed in PLACES if person and person.may(deed)]
    return [(label, address, here.startswith(address)) for label, address in places]


def me() -> Account | None:
    """Who is asking, once they are signed in."""
    return current_user._get_current_object() if current_user.is_authenticated else None


# What every template may call, and the filters it may use.
GLOBALS = {
    "age_words": age_words,
    "fold": fold,
    "hue": hue,
    "may_edit": may_edit,
    "said": said,
    "today": clock.today,
    "was": was,
    "when": when,
}
FILTERS = {"day": clock.day_words, "isoday": date.fromisoformat}
