"""A new pet in the draft that may be on the register already: making one of the two, or keeping both."""

from collections.abc import Mapping

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.changes.draft import Draft
from pets.changes.form_token import FormToken
from pets.changes.history import PetHistory
from pets.changes.likeness import merged_into
from pets.db import db
from pets.fields.field import Known
from pets.forms.pet import PetForm
from pets.language import gettext as _, lazy_gettext
from pets.views.draft import line_found
from pets.views.sent import said_by_form
from pets.web.blueprint import bp, notify
from pets.web.filters import path_to
from pets.web.permissions import may

GONE = lazy_gettext("That pet is no longer on the register.")


@bp.post("/draft/<number:line_id>/merge")
@may("edit")
def merge_line(line_id: int) -> ResponseReturnValue:
    """Let the line of a new pet become a change to the pet that it is, or go where it says nothing new."""
    draft, line = line_found(line_id)
    pet = _pet_sent("pet")
    if pet.facts is None:
        abort(404, GONE)
    if line.pet_id is not None or line.before is not None:
        abort(404)
    told, faults = line.after or {}, line.problems
    draft.drop(line)
    return _merge(draft, pet, told, faults)


def merge_typed(form: PetForm) -> ResponseReturnValue | None:
    """Put what was typed of a new pet in the draft, as a change to the pet that it is; None where that is
    gone, which the form then says."""
    pet = _pet_sent("merge")
    if pet.facts is None:
        form.complain({"name": str(GONE)})
        return None
    draft = Draft.begin(current_user.id, current_user.name)
    return _merge(draft, pet, form.facts, token=form.token)


def _pet_sent(name: str) -> PetHistory:
    number = request.form.get(name, "")
    return PetHistory.of(int(number) if number.isdecimal() and len(number) < 18 else 0)


def _merge(
    draft: Draft,
    pet: PetHistory,
    told: Known,
    faults: Mapping[str, str] | None = None,
    token: str | None = None,
) -> ResponseReturnValue:
    wanted = draft.wanted([pet.pet_id]).get(pet.pet_id, {})
    held = draft.stage([merged_into(pet, told, wanted, faults)])
    if held:
        FormToken.record(current_user.id, token, said_by_form(), draft_id=draft.id)
    db.session.commit()
    if held:
        notify(_("“%(name)s” is now a change to number %(number)s.", name=pet.name, number=pet.pet_id))
    elif token:
        notify(_("Number %(number)s already has all of “%(name)s”.", number=pet.pet_id, name=pet.name))
        return redirect(path_to("pets.show_pet", pet.pet_id), 303)
    else:
        known = _(
            "Number %(number)s already has all of “%(name)s”: removed from your draft.",
            name=pet.name,
            number=pet.pet_id,
        )
        notify(known)
    return redirect(url_for(".show_draft"), 303)


@bp.post("/draft/<number:line_id>/keep")
@may("edit")
def keep_line(line_id: int) -> ResponseReturnValue:
    """Keep the new pet of a line beside what it resembles."""
    draft, line = line_found(line_id)
    name, line.kept_both = line.name, True
    draft.reassess(line, None)
    db.session.commit()
    notify(_("“%(name)s” stays in your draft as another pet.", name=name))
    return redirect(url_for(".show_draft"), 303)
