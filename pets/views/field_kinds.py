"""A field that is to be of another kind: at once where all that pets have fits, else with what does not."""

from textwrap import shorten
from types import SimpleNamespace
from typing import NamedTuple

from flask import request, url_for
from flask.typing import ResponseReturnValue

from pets.accounts.audit_log import record
from pets.changes.own_facts import fitted, how_many, key_again, misfits, shared_codes
from pets.db import db
from pets.fields.field import Field
from pets.fields.own import own_field
from pets.fields.settings import CALLED, Settings
from pets.language import gettext as _, lazy_gettext, ngettext, quoted
from pets.models.field import OwnField
from pets.models.stashed_form import StashedForm
from pets.views.jobs import job, put_in_draft
from pets.web.blueprint import notify
from pets.web.jobs import Job, Outcome
from pets.web.permissions import typed

Event = tuple[str, str, str, str]  # of security, as `record` takes it


class Change(NamedTuple):
    """What is asked for: the field as it is and as it is declared now, and the security event of it."""

    old: Field
    new: Field
    settings: Settings
    event: Event


def change_kind(field: OwnField, old: Field, settings: Settings, event: Event) -> ResponseReturnValue:
    """Let a field be of the kind that is declared; or put into the draft what keeps it from that."""
    declared = SimpleNamespace(id=field.id, retired_at=field.retired_at, former=None, **settings)
    new = own_field(declared)
    if request.form.get("then") == "fit":
        notify(_("When your draft is saved, change the kind again."), kind="note")
        return put_in_draft(how_many(old), lambda _: fitted(old, new))
    here = url_for(".edit_field", field_id=field.id, kind=settings["kind"])
    change = Change(old, new, settings, event)
    return _change(how_many(old), change, url_for(".list_fields"), here, typed())


@job(lazy_gettext("Changing the kind of a field"))
def _change(job: Job, change: Change, done: str, here: str, sent: list[tuple[str, str]]) -> Outcome:
    old, new, settings, event = change
    wrong = misfits(old, new)
    if not wrong.number:
        field = db.session.get_one(OwnField, new.own_id, with_for_update=True)
        field.set(settings)
        field.rename({})
        db.session.flush()
        key_again(old, new)
        said = shared_codes(new) if new.unique else ""
        if not said:
            record(*event)
            db.session.commit()
            return Outcome(
                _("“%(name)s” is of the kind “%(kind)s” now.", name=new.label, kind=CALLED[new.kind][0]),
                path=done,
            )
        db.session.rollback()
    else:
        some = ", ".join(quoted(shorten(pet.fact, 40)) for pet in wrong.some)
        some += ", …" if wrong.number > 3 else ""
        said = ngettext(
            "%(num)s pet has something in it that does not fit: %(some)s.",
            "%(num)s pets have something in it that does not fit: %(some)s.",
            wrong.number,
            some=some,
        )
    # The form is shown again, with everything typed.
    kept = StashedForm.stash(job.account_id, here, sent)
    db.session.commit()
    pets = "".join(f"&pet={pet.pet_id}" for pet in wrong.some)
    return Outcome(
        _("The kind was not changed. %(why)s", why=said), kind="note", path=f"{here}&kept={kept}{pets}"
    )
