"""Pets that were chosen in the list: ticked, on whichever of its pages, or all that match."""

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import abort, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from pets.changes.concern import pets_now
from pets.db import db
from pets.language import gettext as _, ngettext
from pets.search.pets import PetSearch
from pets.web.blueprint import bp, notify
from pets.web.filters import path_to
from pets.web.permissions import may, this_session

MOST = 500  # pets that can be ticked at once
DEEDS = {"change": "pets.change_pets", "cards": "pets.print_cards"}  # what may be done with them


def ticked(sent: MultiDict[str, str]) -> dict[int, int]:
    """The pets that were ticked, each with the version it was seen at."""
    return _read(sent.getlist("pet")[:MOST])


def chosen() -> dict[int, int]:
    """The pets that whoever asks has ticked in this session so far."""
    return _read(g.chosen.split())


def _read(ticks: Iterable[str]) -> dict[int, int]:
    pairs = [one.partition(".") for one in ticks]
    if not all(
        one.isascii() and one.isdigit() and len(one) < 18 for pet in pairs for one in (pet[0], pet[2])
    ):
        abort(400, _("The form does not say which pets it is about. Choose them in the list again."))
    return {int(number): int(version) for number, _dot, version in pairs}


def searched(sent: MultiDict[str, str]) -> PetSearch:
    """What the list was searched for."""
    return whole(PetSearch.from_query(sent.get("search", "")))


def whole(search: PetSearch) -> PetSearch:
    """A search that was understood; 400 for any other: without one of its filters, others would match."""
    if search.problems:
        abort(400, " ".join(search.problems.values()))
    return search


@bp.post("/pets/chosen")
@may("edit")
def choose_pets() -> ResponseReturnValue:
    """Keep what was ticked on a page of the list, and go on to where the button leads.

    Of the pets that were `shown`, those that are not among the ticked are chosen no longer; others stay. A
    script that sends single ticks goes nowhere, and is told how many are chosen now.
    """
    sent, session = request.form, this_session(to_change=True)
    shown, going = set(sent.get("shown", "").split()), sent.getlist("to")  # of the page, then of the button
    before = _read(session.chosen.split())
    now = {number: seen for number, seen in before.items() if str(number) not in shown} | ticked(sent)
    kept = {} if sent.get("clear") else dict([*now.items()][:MOST])
    if len(now) > MOST and not going:
        abort(409)
    deed = DEEDS.get(sent.get("do", ""))
    # It tells of those that are not on the register any more, and then they are counted no longer.
    there = pets_now(kept) if deed else kept
    session.chosen = _written({number: seen for number, seen in kept.items() if number in there})
    db.session.commit()
    if not going:
        return str(len(kept)), {"Content-Type": "text/plain"}
    if kept and len(now) > MOST:
        notify(_too_many(len(now) - MOST), kind="note")
    search = PetSearch.from_query(going[-1])
    if deed and sent.get("all"):
        whole(search)
    if deed:
        pets = [("all", "1")] if sent.get("all") else [("pet", f"{one}.{seen}") for one, seen in kept.items()]
        return redirect(f"{path_to(deed)}?{urlencode([*pets, ('search', search.query_string())])}", 303)
    return redirect(path_to("pets.list_pets") + search.here, 303)


def forget(pets: Iterable[int]) -> None:
    """Let these pets be chosen no longer: what they were chosen for is done."""
    session = this_session(to_change=True)
    gone = set(pets)
    left = {number: seen for number, seen in _read(session.chosen.split()).items() if number not in gone}
    session.chosen = _written(left)


def _written(pets: dict[int, int]) -> str:
    return " ".join(f"{number}.{version}" for number, version in pets.items())


def _too_many(left_out: int) -> str:
    return ngettext(
        "Only %(most)s pets can be ticked at once, so %(num)s was left out. “All that match” has no limit.",
        "Only %(most)s pets can be ticked at once, so %(num)s were left out. “All that match” has no limit.",
        left_out,
        most=MOST,
    )
