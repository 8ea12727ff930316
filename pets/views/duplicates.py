"""Duplicates: pets that may be one and the same; merging two of them, or keeping both."""

from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.history import PetHistory
from pets.changes.kept_both import KeptBoth
from pets.changes.likeness import relinked
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields import FIELDS, joined_facts
from pets.fields.field import Facts
from pets.language import gettext as _
from pets.search.duplicates import look_further
from pets.views.jobs import put_in_draft
from pets.web.blueprint import bp, notify, page
from pets.web.permissions import may
from pets.web.way_back import way_back


@bp.get("/duplicates")
@may("look")
def list_duplicates() -> ResponseReturnValue:
    """Pairs of pets that resemble each other, a stretch of the register at a time."""
    found = look_further(request.args.get("after", ""))
    return page("duplicates/list.html", found=found)


@bp.route("/duplicates/<number:first>/<number:second>", methods=["GET", "POST"])
@may("edit")
def merge_pets(first: int, second: int) -> ResponseReturnValue:
    """Make one pet of two: the first stays, with the facts that are chosen; the second is removed."""
    stays, goes = PetHistory.of(first), PetHistory.of(second)
    if first == second or stays.facts is None or goes.facts is None:
        abort(404, _("One of the two is no longer on the register."))
    seen = f"{stays.version}-{goes.version}"
    outdated = request.method == "POST" and request.form.get("seen") != seen
    if request.method == "GET" or outdated:
        context: dict[str, Any] = {"stays": stays, "goes": goes, "seen": seen, "outdated": outdated}
        status = 409 if outdated else 200
        context |= {"joined": joined_facts(stays.facts, goes.facts), "links": relinked(second, first)}
        return page("duplicates/merge.html", status, **context)
    merged = _merged(stays, goes)
    edit = Wanted(first, stays.version, stays.name, stays.facts, merged).narrowed()
    removal = Wanted(
        second, goes.version, goes.name, goes.facts, None, merged_id=first, merged_name=merged["name"]
    )
    links = relinked(second, first)
    return put_in_draft(2 + len(links), lambda _: [edit, *links, removal])


@bp.post("/duplicates/<number:first>/<number:second>/keep")
@may("edit")
def keep_both(first: int, second: int) -> ResponseReturnValue:
    """Keep both of two pets that look like one: nobody is asked about them again."""
    pets = PetHistory.of_many({first: 0, second: 0})
    if len(pets) < 2 or not all(one.version for one in pets.values()):
        abort(404)
    KeptBoth.keep([(first, second)])
    db.session.commit()
    one, other = pets[first].name, pets[second].name
    both = {"one": one, "first": first, "other": other, "second": second}
    text = _("Kept both: %(one)s (number %(first)s) and %(other)s (number %(second)s)", **both)
    notify(text, url_for(".forget_kept_both", first=first, second=second))
    return redirect(way_back(url_for(".list_duplicates")), 303)


@bp.post("/duplicates/<number:first>/<number:second>/forget")
@may("edit")
def forget_kept_both(first: int, second: int) -> ResponseReturnValue:
    """List two pets again that were kept both."""
    KeptBoth.forget(first, second)
    db.session.commit()
    return redirect(way_back(url_for(".list_duplicates")), 303)


def _merged(stays: PetHistory, goes: PetHistory) -> Facts:
    """The facts as the form chose them; what it does not say stays. No pet becomes its own mother."""
    facts, others = stays.facts or {}, goes.facts or {}
    chosen = {name: (others if request.form.get(name) == "goes" else facts)[name] for name in FIELDS}
    itself = {str(stays.pet_id), str(goes.pet_id)}
    own = {name: field.nothing for name, field in FIELDS.items() if field.links and chosen[name] in itself}
    return {**chosen, **joined_facts(facts, others), **own}
