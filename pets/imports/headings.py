"""What a heading says that its column tells: common words, in any case and spelling and some languages."""

import re
from collections.abc import Iterator

from pets.fields.catalogue import Catalogue, catalogue
from pets.fields.field import Field
from pets.fields.heading_words import ABOUT_ANIMALS
from pets.fields.text import fold, plain
from pets.language import lazy_gettext

# What a sheet tells of a pet beside its fields: the role of a column → the words that people head it with.
OWN = {
    "id": ("id", "number", "no", "nr", "nummer", "numero"),
    "version": ("version",),
}
TO_FIX = "to fix"  # the role of the column that says what is wrong, in a file of rows to fix
# Our own files tell them; they are known, and never imported.
READ_ONLY = {
    "added": ("added", "added at", "created"),
    "changed": ("changed", "changed at", "last change", "last changed", "updated", "modified"),
    TO_FIX: ("to fix", "to mend"),
}


def by_role() -> dict[str, Field]:
    """The field that each role is of."""
    return catalogue().once(_by_role)


def roles() -> dict[str, tuple[str, ...]]:
    """What a column can tell: its role → the words that people head it with, likeliest first. A word taken by
    a likelier role may serve the next."""
    return catalogue().once(_roles)


def called() -> dict[str, str]:
    """What a column holds, where a person chooses: its role → what that is called."""
    return {role: str(words) for role, words in catalogue().once(_called).items()}


def _by_role(known: Catalogue) -> dict[str, Field]:
    return {role: field for field in known.asked for role in field.headings}


def _roles(known: Catalogue) -> dict[str, tuple[str, ...]]:
    told = {role: field.headings[role] for role, field in known.once(_by_role).items()}
    return {**OWN, **told, **READ_ONLY}


def _called(known: Catalogue) -> dict[str, str]:
    told = {role: field.called(role) for role, field in known.once(_by_role).items()}
    return {**told, "id": lazy_gettext("number of the pet"), "version": lazy_gettext("version of the pet")}


def _words(known: Catalogue) -> dict[str, list[tuple[float, int, str]]]:
    """What each heading, squeezed, offers: how likely (the least first), the place of the role, the role."""
    found: dict[str, list[tuple[float, int, str]]] = {}
    for order, (role, words) in enumerate(known.once(_roles).items()):
        for rank, word in enumerate(words):
            found.setdefault(squeezed(word), []).append((rank, order, role))
    return found


def match(headings: list[str]) -> list[str | None]:
    """The role each heading names, or None; no role twice, the likeliest word wins."""
    offers = sorted(
        (rank, index, order, role)
        for index, heading in enumerate(headings)
        for rank, order, role in offers_of(heading)
    )
    found: list[str | None] = [None] * len(headings)
    for _, index, _, role in offers:
        if found[index] is None and role not in found:
            found[index] = role
    return found


def offers_of(heading: str) -> Iterator[tuple[float, int, str]]:
    """The roles that a heading may name, each with how likely (the least first) and its place in `roles`."""
    known = catalogue().once(_words)
    key = squeezed(heading)
    if re.fullmatch(r"tofiximport\d{1,9}", key):
        key = squeezed(TO_FIX)
    yield from known.get(key, ())
    for word in ABOUT_ANIMALS:
        rest = key.removeprefix(word) if key.startswith(word) else key.removesuffix(word)
        if rest != key and rest in known:
            yield from ((rank + 0.5, order, role) for rank, order, role in known[rest])
            return


def squeezed(heading: str) -> str:
    """A heading by which two are the same: without case, accents, spaces and punctuation."""
    return fold(plain(heading)).replace(" ", "")
