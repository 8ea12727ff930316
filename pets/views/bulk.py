"""Changing many pets alike: those that were ticked in the list, or all that match; through the draft."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.concern import pets_now
from pets.changes.draft import Draft
from pets.changes.history import PetHistory
from pets.changes.merge import chunks_of
from pets.changes.wanted import Wanted
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts
from pets.fields.text import fold
from pets.forms.bulk import BulkForm
from pets.language import gettext as _, ngettext
from pets.models.type import PetType
from pets.search.pets import PetSearch
from pets.views.chosen import forget, searched, ticked
from pets.views.jobs import put_in_draft
from pets.views.sent import sent_before
from pets.web.blueprint import bp, notify, page, shows_form, typed_before
from pets.web.permissions import may

NAMED = 20  # of them that are named on the page


class Chosen(NamedTuple):
    """A pet that was chosen, with its facts at the version it was seen at."""

    pet_id: int
    version: int
    facts: Facts


@bp.route("/pets/bulk", methods=["GET", "POST"])
@may("edit")
@shows_form
def change_pets() -> ResponseReturnValue:
    """Ask what is to become of the pets that were chosen in the list, and put it in the draft."""
    kept = typed_before()
    sent = request.form if request.method == "POST" else kept or request.args
    search, chosen, all_of_them = searched(sent), ticked(sent), bool(sent.get("all"))
    # Later, one that was removed in the meantime is shown in the draft, as all that others did is.
    gone = _gone(chosen) if request.method == "GET" else {}
    if not (all_of_them or chosen.keys() - gone.keys()):
        notify(" ".join([*_told(gone), _("Tick some pets first, or “All that match”.")]), kind="note")
        return redirect(url_for(".list_pets") + search.query_string(), 303)
    form = BulkForm.today()(kept)
    total = search.total() if all_of_them else len(chosen) - len(gone)
    fills = request.method == "GET" or not form.validate()
    sent_then = None if fills else sent_before(form)
    if sent_then and (back := sent_then.lead_back()):
        return back
    if fills or sent_then:
        there = {number: seen for number, seen in chosen.items() if number not in gone}
        about = {"total": total, "search": search, "all": all_of_them, "ticked": there, "gone": _told(gone)}
        about |= {"some": _names([*there][:NAMED]), "suggested": PetType.suggested()}
        status = 409 if sent_then else 422 if form.errors else 200
        return page("draft/bulk.html", status, form=form, sent=sent_then, **about)
    forget(chosen)
    pets = _all(search) if all_of_them else _seen(chosen)
    return put_in_draft(total, lambda draft: _edits(form, draft, pets), form.token)


def _gone(chosen: dict[int, int]) -> dict[int, str]:
    """Which of the pets that were chosen are not on the register, with their names, where they had one."""
    there = pets_now(chosen)
    missing = {number: seen for number, seen in chosen.items() if number not in there}
    return {number: one.name for number, one in PetHistory.of_many(missing).items()} if missing else {}


def _told(gone: dict[int, str]) -> list[str]:
    """What is said of pets that are not there any more, in sentences."""
    if not gone:
        return []
    some = [
        _("%(name)s (number %(number)s)", name=name, number=one)
        if name
        else _("number %(number)s", number=one)
        for one, name in [*gone.items()][:NAMED]
    ]
    told = _("Not on the register any more: %(pets)s.", pets=", ".join(some))
    more = len(gone) - len(some)
    return [told, ngettext("And %(num)s more.", "And %(num)s more.", more)] if more else [told]


def _names(pet_ids: list[int]) -> dict[int, str]:
    names = {number: facts["name"] or "" for number, (_, facts) in pets_now(pet_ids).items()}
    return dict(sorted(names.items(), key=lambda named: fold(named[1])))


def _all(search: PetSearch) -> Iterator[Chosen]:
    for row in search.stream():
        yield Chosen(row.id, row.version, catalogue().facts_of(row))


def _seen(ticked: dict[int, int]) -> Iterator[Chosen]:
    """The pets as they were seen: what somebody changed since shows in the draft, where both sides do."""
    standing = PetHistory.of_many(ticked)
    for pet_id, version in ticked.items():
        facts = standing[pet_id].facts_at(version)
        if facts is not None:
            yield Chosen(pet_id, version, facts)


def _edits(form: BulkForm, draft: Draft, pets: Iterable[Chosen]) -> Iterator[Wanted]:
    """What becomes of each pet, going on from what the draft wants of it already."""
    for chunk in chunks_of(pets):
        wanted = draft.wanted([pet.pet_id for pet in chunk])
        for pet_id, version, facts in chunk:
            after = form.changed({**facts, **wanted.get(pet_id, {})}, pet_id)
            yield Wanted(pet_id, version, facts["name"] or "", facts, after)
