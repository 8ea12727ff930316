"""One pet and the draft of whoever asks: what waits there of it, what goes in, what a save leaves of it."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.changes.draft import Draft
from pets.changes.draft_line import DraftLine
from pets.changes.form_token import FormToken
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields.field import Known
from pets.language import gettext as _
from pets.views.sent import said_by_form
from pets.web.blueprint import notify
from pets.web.filters import draft_count


def waiting(pet_id: int) -> tuple[str, DraftLine | None]:
    """What waits of a pet in the draft of whoever asks, and which state of the draft that is."""
    draft = Draft.of(current_user.id) if draft_count() else None
    line = draft.line_of(pet_id) if draft else None
    return (f"{draft.id}.{draft.changeset.revision}", line) if draft and line else ("", None)


def shown_waiting(pet_id: int, now: Known | None) -> DraftLine | None:
    """What waits of a pet, to be shown beside it: only what is still to do. Nothing is stored of that."""
    line = waiting(pet_id)[1]
    if line:
        db.session.expunge(line)
        line.show_against(now)
    return line


def drafted(change: Wanted, token: str | None = None) -> ResponseReturnValue:
    """Put one change in the draft, say what became of it, and go to the review."""
    draft = Draft.begin(current_user.id, current_user.name)
    waited = change.pet_id is not None and draft.line_of(change.pet_id) is not None
    held = draft.stage([change]) if change.after else 0
    FormToken.record(current_user.id, token, said_by_form(), change.name, draft_id=draft.id)
    db.session.commit()
    if held and waited:
        notify(_("The change to “%(name)s” in your draft was updated.", name=change.name))
    elif held:
        notify(_("“%(name)s” is in your draft. Save all when you are ready.", name=change.name))
    elif waited and change.after:
        notify(as_it_is(change.name))
    else:
        notify(_("Nothing was added to your draft: “%(name)s” is as before.", name=change.name), kind="note")
    return redirect(url_for(".show_draft"), 303)


def as_it_is(name: str) -> str:
    """What is said of a line that is gone, since nothing of it was left to do."""
    return _("“%(name)s” is as on the register: removed from your draft.", name=name)


def draft_meant(then: str) -> int | None:
    """The number of the draft that a form is to be put in, if there is one; `then`: what is to be done."""
    draft = Draft.of(current_user.id) if then == "draft" and draft_count() else None
    return draft.id if draft else None


def settled_by_saving(pet_id: int, shown: bool = False) -> str:
    """Take what waits of a pet that was just saved by itself out of the draft, in the same transaction: if
    the form has `shown` it, or it is so by now. Returns a sentence about it; "" where nothing waited."""
    draft = Draft.held(current_user.id) if draft_count() else None
    line = draft.line_of(pet_id) if draft else None
    if draft is None or line is None:
        return ""
    db.session.refresh(line)  # the save has marked it
    if shown or line.concern == "idle":
        draft.drop(line)
        return _("Its change is no longer in your draft.")
    return _("Your draft still has a change to it.")
