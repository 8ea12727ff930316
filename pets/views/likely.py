"""A new pet in the draft that may be on the register already: making one of the two, or keeping both."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.history import PetHistory
from pets.changes.likeness import merged_into
from pets.db import db
from pets.language import gettext as _
from pets.views.draft import line_found
from pets.web.blueprint import bp, notify, retried
from pets.web.permissions import may


@bp.post("/draft/<number:line_id>/merge")
@may("edit")
@retried
def merge_line(line_id: int) -> ResponseReturnValue:
    """Let the line of a new pet become a change to the pet that it is, or go where it says nothing new."""
    draft, line = line_found(line_id)
    number = request.form.get("pet", "")
    pet = PetHistory.of(int(number) if number.isdecimal() and len(number) < 18 else 0)
    if line.pet_id is not None or line.before is not None or pet.facts is None:
        abort(404, _("That pet is no longer on the register."))
    change = merged_into(line, pet, draft.wanted([pet.pet_id]).get(pet.pet_id, {}))
    draft.drop(line)
    held = draft.stage([change])
    db.session.commit()
    if held:
        notify(_("“%(name)s” is now a change to number %(number)s.", name=pet.name, number=pet.pet_id))
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
@retried
def keep_line(line_id: int) -> ResponseReturnValue:
    """Keep the new pet of a line beside what it resembles."""
    draft, line = line_found(line_id)
    name, line.kept_both = line.name, True
    draft.settle(line, None)
    db.session.commit()
    notify(_("“%(name)s” stays in your draft as another pet.", name=name))
    return redirect(url_for(".show_draft"), 303)
