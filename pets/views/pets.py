"""The register's pages: the list, one pet, and adding, editing and removing it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets import clock
from pets.changes.changeset import Changeset
from pets.changes.draft_line import DraftLine
from pets.changes.duplicates import resembled
from pets.changes.form_token import FormToken
from pets.changes.history import PetHistory
from pets.changes.kept_both import keep_beside
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields import brief, listed_fields
from pets.fields.album import Album
from pets.fields.catalogue import catalogue
from pets.fields.field import Known
from pets.forms.pet import PetForm, pet_form
from pets.language import gettext as _
from pets.models.links import linking_to
from pets.models.pet import Pet
from pets.models.type import PetType, total_pets
from pets.search.listing import BadSearch
from pets.search.near import find_or_near
from pets.search.pets import PetSearch
from pets.search.removed import removed_pets
from pets.search.saved_view import SavedView
from pets.search.siblings import siblings
from pets.views.beside import glimpses
from pets.views.chosen import chosen
from pets.views.conflicts import apply_or_ask, version_meant, version_sent
from pets.views.likely import merge_typed
from pets.views.sent import said_by_form, sent_before
from pets.views.waiting import draft_meant, drafted, settled_by_saving, shown_waiting, waiting
from pets.web.blueprint import bp, notify, page, shows_form, typed_before
from pets.web.filters import path_to
from pets.web.outcomes import tell_saved
from pets.web.permissions import may

CHANGES, NAMES = 50, 10  # changes and former names that a pet's page shows


@bp.get("/pets/")
@may("look")
def list_pets() -> ResponseReturnValue:
    """The list: searched, filtered and sorted as its address says."""
    search = PetSearch.from_args(request.args)
    types, total = PetType.shown()
    fields = listed_fields(search.columns or current_user.columns)
    found, near = find_or_near(search, total, fields)
    status = 422 if search.problems else 200
    shown: dict[str, Any] = {"found": found, "search": found.search, "near": near, "types": types}
    shown |= {"views": SavedView.all_for(current_user) if g.has_views else (), "chosen": chosen()}
    return page("pets/list.html", status, **shown, removed=removed_pets(search))


@bp.get("/pets/<number:pet_id>")
@may("look")
def show_pet(pet_id: int) -> ResponseReturnValue:
    """One pet with its history; a removed one stays readable."""
    now, search = pet_history(pet_id), _results()
    history = now.told(CHANGES)
    line = shown_waiting(pet_id, now.facts)
    if now.pet is None:
        about = {"history": history, "last": now.last, "search": search, "line": line}
        return page("pets/removed.html", 410, **about)
    names = now.pet.former_names or []
    facts = now.pet.facts
    shown: dict[str, Any] = {
        "pet": now.pet,
        "facts": facts,
        "album": Album.of(facts),
        "siblings": siblings(now.pet),
        "brief": brief(now.pet, clock.today()),
        "history": history,
        "linking": linking_to(pet_id),
        "search": search,
        "line": line,
        "beside": search.beside(now.pet),
    }
    return page("pets/show.html", **shown, former=names[-NAMES:], more=len(names[:-NAMES]))


@bp.route("/pets/new", methods=["GET", "POST"])
@may("edit")
@shows_form
def new_pet() -> ResponseReturnValue:
    """Add a pet; a form that is sent twice adds it once."""
    form = pet_form(typed_before())
    if request.method == "GET":
        form.type.data = form.type.data or request.args.get("type", "")
        form.focus = "name" if "then" in request.args else ""
        return page("pets/new.html", form=form, suggested=PetType.suggested())
    to_draft = form.wanted == "draft"
    alike: Sequence[Pet] = ()
    if form.validate() and not request.form.get("anyway") and not to_draft:
        alike = resembled(form.facts, 10)
    # Looked for last: where the same form was saved a moment ago, the pet it resembles is its own.
    sent = None if form.errors else sent_before(form)
    if sent and (back := sent.lead_back()):
        return back
    if request.form.get("merge") and not (sent or form.errors) and (merged := merge_typed(form)):
        return merged
    if not (sent or form.allowed(draft_id=draft_meant(form.wanted))) or alike or sent:
        seen = [] if sent else [(pet.id, pet.name, brief(pet, clock.today())) for pet in alike]
        shown = {"alike": seen, "sent": sent, "to_draft": to_draft}
        return page("pets/new.html", 409 if sent else 422, form=form, suggested=PetType.suggested(), **shown)
    if to_draft:
        return drafted(Wanted.new(form.facts), form.token)
    return _added(form)


def _added(form: PetForm) -> ResponseReturnValue:
    pet = Pet()
    pet.set_facts(form.facts)
    db.session.add(pet)
    db.session.flush()
    FormToken.record(current_user.id, form.token, said_by_form(), pet.name, pet.id)
    if request.form.get("anyway"):
        keep_beside(pet.id, form.facts)
    db.session.commit()
    notify(_("“%(name)s” was added.", name=pet.name), Changeset.just_saved())
    if form.wanted == "another":
        return redirect(url_for(".new_pet", type=pet.type, then="another"), 303)
    return redirect(url_for(".show_pet", pet_id=pet.id), 303)


@bp.post("/pets/samples")
@may("edit")
def add_samples() -> ResponseReturnValue:
    """Put the notebook's four pets on a register that is still empty."""
    if not total_pets():
        db.session.add_all(Pet.samples())
        db.session.commit()
        notify(_("The four sample pets were added."), Changeset.just_saved())
    return redirect(url_for(".list_pets"), 303)


@bp.route("/pets/<number:pet_id>/edit", methods=["GET", "POST"])
@may("edit")
@shows_form
def edit_pet(pet_id: int) -> ResponseReturnValue:
    """Edit a pet. What somebody else changed since is kept, or asked about where both changed it."""
    now = pet_history(pet_id)
    if request.method == "GET" and now.facts is None:
        return redirect(url_for(".show_pet", pet_id=pet_id))
    typed = typed_before()
    version = version_meant(now, typed) if typed or request.method == "POST" else now.version
    was, sent = now.facts_at(version), typed or request.form
    draft, line = waiting(pet_id)
    # What waits in the draft is what the form shows; one that was opened before it waited did not.
    shows = sent.get("waits") if sent else draft
    knows = line is not None and shows == draft
    shown = line.facts(was) if line and was and knows and line.after else was
    form = pet_form(typed, was=shown)
    fills = request.method == "GET" or not form.validate()
    if fills or not form.allowed(pet_id, was, draft_meant(form.wanted)):
        form.version.data = str(version)
        return _edit_page(form, now, line, waits=shows, knows=knows)
    change = Wanted(pet_id, version, now.name, was, form.facts)
    if form.wanted == "draft":
        return drafted(_set_here(change, shown))
    change = change._replace(name=form.facts["name"] or "")
    back = path_to("pets.show_pet", pet_id) + _results().here
    if asked := apply_or_ask(change, back):
        return asked
    since, waits = now.since(version), settled_by_saving(pet_id, knows)
    db.session.commit()
    tell_saved(_("“%(name)s” was changed.", name=form.facts["name"]), since, waits)
    return redirect(back, 303)


def _edit_page(form: PetForm, now: PetHistory, line: DraftLine | None, **about: Any) -> ResponseReturnValue:
    """The form of a pet, with what waits of it in the draft."""
    status = 422 if form.errors else 200
    suggested, results = PetType.suggested(), _results().here
    own, *others = glimpses([now.pet, *siblings(now.pet)]) if now.pet else (None,)
    if line:
        db.session.expunge(line)
        line.show_against(now.facts)
    return page(
        "pets/edit.html",
        status,
        form=form,
        pet_id=now.pet_id,
        line=line,
        suggested=suggested,
        results=results,
        own=own,
        siblings=others,
        **about,
    )


def _set_here(change: Wanted, shown: Known | None) -> Wanted:
    """What a form sets that has shown these facts: no other fact is taken back."""
    if change.before is None:
        return change
    fields = catalogue().edited(shown or {}, change.after or {})
    before, after = (
        {field: facts[field] for field in fields} for facts in (change.before, change.after or {})
    )
    return change._replace(before=before, after=after)


@bp.post("/pets/<number:pet_id>/delete")
@may("edit")
def delete_pet(pet_id: int) -> ResponseReturnValue:
    """Remove a pet; if it was changed since the page was opened, ask first."""
    now = pet_history(pet_id)
    version = version_sent(now.version)
    change = Wanted(pet_id, version, now.name, now.facts_at(version), None)
    results = _results().here
    if asked := apply_or_ask(change, path_to("pets.show_pet", pet_id) + results):
        return asked
    since = now.since(version) if now.facts is None else []
    waits = settled_by_saving(pet_id)
    db.session.commit()
    tell_saved(_("“%(name)s” was removed.", name=now.name), since, waits)
    return redirect(path_to("pets.list_pets") + results, 303)


def _results() -> PetSearch:
    """The list that a pet's page was opened from, as its address tells; all pets, where it tells none."""
    try:
        return replace(PetSearch.from_args(request.args), problems={})
    except BadSearch:  # such as by a field that is gone: the pet is shown all the same
        return PetSearch()


def pet_history(pet_id: int) -> PetHistory:
    """How a pet stands; 404 for one that never was on the register."""
    standing = PetHistory.of(pet_id)
    if not standing.version:
        abort(404)
    return standing
