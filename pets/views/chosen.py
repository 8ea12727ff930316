"""Pets that were chosen in the list: ticked, or all that match."""

from urllib.parse import parse_qsl

from flask import abort
from werkzeug.datastructures import MultiDict

from pets.search.pets import PetSearch

MOST = 500  # pets that can be ticked at once


def ticked(sent: MultiDict[str, str]) -> dict[int, int]:
    """The pets that were ticked, each with the version it was seen at."""
    pairs = [one.partition(".") for one in sent.getlist("pet")][:MOST]
    if not all(
        one.isascii() and one.isdigit() and len(one) < 18 for pet in pairs for one in (pet[0], pet[2])
    ):
        abort(400, "The form does not say which pets it is about. Choose them in the list again.")
    return {int(number): int(version) for number, _, version in pairs}


def searched(sent: MultiDict[str, str]) -> PetSearch:
    """What the list was searched for."""
    search = PetSearch.from_args(dict(parse_qsl(sent.get("search", "").removeprefix("?"))))
    if search.problems:  # without one of its filters, others would match
        abort(400, " ".join(search.problems.values()))
    return search
