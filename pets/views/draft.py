"""The draft: correcting what waits, saving all of it at once, or putting it away."""

from dataclasses import replace

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from pets.backups.make import before_large_save
from pets.changes.changeset import Changeset
from pets.changes.concern import CONCERNS, anything_wrong, pets_now, said_against
from pets.changes.draft import Draft
from pets.changes.draft_line import DraftLine
from pets.changes.history import PetHistory
from pets.db import db
from pets.fields.catalogue import catalogue
from pets.fields.field import Known
from pets.forms.pet import pet_form
from pets.language import gettext as _, lazy_gettext, ngettext
from pets.models.pet import InvalidPet
from pets.models.type import PetType
from pets.views.conflicts import version_sent
from pets.views.jobs import go_on, job
from pets.views.review import review
from pets.views.sent import Sent
from pets.views.waiting import as_it_is
from pets.web.blueprint import bp, notify, page, shows_form, typed_before
from pets.web.jobs import Job, Outcome
from pets.web.outcomes import about_to_be_saved, told_as_saved
from pets.web.permissions import may

NO_DRAFT = lazy_gettext("You have no draft any more: it was saved or discarded on another page.")
GONE = lazy_gettext("This is no longer in your draft: it was saved or removed on another page.")


@bp.route("/draft/<number:line_id>", methods=["GET", "POST"])
@may("edit")
@shows_form
def edit_line(line_id: int) -> ResponseReturnValue:
    """Correct one line."""
    typed = typed_before()
    draft, line = _found(line_id)
    if line is None and (typed or request.method == "POST"):
        return _without_line(typed)
    if draft is None or line is None or line.after is None:
        abort(404, None if line else str(GONE))
    now, version, seen = PetHistory.of(line.pet_id or 0), 0, catalogue().whole({})
    if line.pet_id:
        version = version_sent(now.version, typed) if (typed or request.form).get("version") else now.version
        seen = now.facts_at(version) or now.last_facts
    form = pet_form(typed, was=line.facts(seen))
    stored = now.facts if line.pet_id else None
    if request.method == "GET" or not (form.validate() and form.allowed(line.pet_id, stored, draft.id)):
        status = 200 if request.method == "GET" else 422
        if request.method == "GET" and typed is None:
            [told] = said_against([line], pets_now([line.pet_id]), draft.id)
            form.complain(told or {})  # what a sheet had in the cell stands nowhere else
        form.version.data = str(version) if version else ""
        return page("draft/edit.html", status, form=form, line=line, suggested=PetType.suggested())
    line.correct(form.facts, seen)
    _save_line(draft, line, now.facts)
    return redirect(url_for(".show_draft"), 303)


def _without_line(typed: MultiDict[str, str] | None) -> ResponseReturnValue:
    """What was typed of a line that left the draft on another page: to change its pet, or add one."""
    form = pet_form(typed)
    form.renew()
    number = (typed or request.form).get("pet", "")
    now = PetHistory.of(int(number) if number.isdecimal() and len(number) < 18 else 0)
    change = url_for(".edit_pet", pet_id=now.pet_id) if now.pet else ""
    sent = Sent(str(GONE), "", now.name, change, False)
    return page("pets/new.html", 409, form=form, suggested=PetType.suggested(), sent=sent, to_draft=True)


@bp.post("/draft/<number:line_id>/drop")
@may("edit")
def drop_line(line_id: int) -> ResponseReturnValue:
    """Take one line out."""
    draft, line = line_found(line_id)
    name, pet_id = line.name, line.pet_id
    draft.drop(line)
    db.session.commit()
    notify(_("“%(name)s” is no longer in your draft.", name=name))
    on_its_page = pet_id is not None and request.form.get("pet") == str(pet_id)
    return redirect(url_for(".show_pet", pet_id=pet_id) if on_its_page else url_for(".show_draft"), 303)


@bp.post("/draft/drop/<reason>")
@may("edit")
def drop_lines(reason: str) -> ResponseReturnValue:
    """Take out all lines of one concern."""
    draft = Draft.held(current_user.id)
    if draft is None or reason not in CONCERNS:
        abort(404)
    count = draft.drop_all(reason)
    db.session.commit()
    notify(ngettext("%(num)s was removed from your draft.", "%(num)s were removed from your draft.", count))
    return redirect(url_for(".show_draft"), 303)


@bp.post("/draft/<number:line_id>/choose")
@may("edit")
def choose_line(line_id: int) -> ResponseReturnValue:
    """Choose which version to keep where somebody changed a pet after it was put in the draft."""
    draft, line = line_found(line_id)
    standing = PetHistory.of(line.pet_id or 0)
    conflicting = line.conflicts_with(standing.facts)
    answers = {field: request.form.get(f"choice-{field or 'pet'}") for field in conflicting}
    if request.form.get("seen") != str(standing.version) or None in answers.values():
        db.session.rollback()
        return review(409, _("It has changed again, or a choice is missing. Choose again."))
    keep = {field for field, answer in answers.items() if answer == "keep"}
    line.rebase(standing.facts, standing.version, keep, standing.last_facts)
    _save_line(draft, line, standing.facts)
    return redirect(url_for(".show_draft"), 303)


@bp.post("/draft/save")
@may("edit")
def save_draft() -> ResponseReturnValue:
    """Save all: one transaction, all or nothing."""
    sent = request.form.get("draft", "")
    before = db.session.get(Changeset, int(sent)) if sent.isdecimal() and len(sent) < 18 else None
    mine = before is not None and before.account_id == current_user.id
    if mine and before is not None and before.saved_at is not None:
        return go_on(told_as_saved(before, _pets_of(before)))
    draft = Draft.held(current_user.id)
    if draft is None or not draft.size:
        return review(409, str(NO_DRAFT))
    if sent != str(draft.id) or request.form.get("revision") != draft.edition:
        return review(409, _("Your draft has changed since this page was opened. Check it again, then save."))
    if anything_wrong(draft.id):
        return review(422, _("Some changes have errors. Fix them or remove them, then save."))
    return _save(draft.size, _pets_of(draft.changeset))


def _pets_of(changeset: Changeset) -> str:
    """The list, with the pets that a changeset leaves before all others."""
    return url_for(".list_pets", sort="-changed" if changeset.added or changeset.changed else None)


@job(lazy_gettext("Saving the draft"))
def _save(job: Job, path: str) -> Outcome:
    """Save the account's draft, and commit or roll back. `path`: where one goes on to the pets."""
    warning = before_large_save(job.total)
    draft = Draft.held(job.account_id)
    if draft is None:
        return Outcome(str(NO_DRAFT), kind="note")
    refused = _refused(draft, job)
    if refused:
        db.session.rollback()
        draft = Draft.held(job.account_id)
        if draft is not None:
            draft.look_again()
            db.session.commit()
        text = _("Nothing was saved. %(why)s", why=refused)
        return Outcome(text, kind="note", at_once=lambda: review(409, text))
    outcome = about_to_be_saved(path)
    db.session.commit()
    if outcome is None:
        return Outcome(_("Nothing was left to save: every pet is already as in your draft."))
    return replace(outcome, text=f"{outcome.text} {warning}".rstrip())


def _refused(draft: Draft, job: Job) -> str:
    """Make the draft's changes in the session. Returns why they must not be committed, if so."""
    waiting = draft.waiting
    if draft.look_again(always=False) and anything_wrong(draft.id):
        return _("Fields were changed in the meantime, and some changes do not fit any more.")
    try:
        conflicts = draft.save(job.counted)
    except InvalidPet as problem:
        return str(problem)
    if conflicts.total:
        return ngettext(
            "One fact needs your choice: someone changed it in the meantime.",
            "%(num)s facts need your choice: someone changed them in the meantime.",
            conflicts.total,
        )
    if draft.size != waiting:
        return _("Some of these pets were changed in the meantime. Check your draft again, then save.")
    return ""


@bp.post("/draft/discard")
@may("edit")
def discard_draft() -> ResponseReturnValue:
    """Put the draft away; for a day it can be brought back."""
    draft = Draft.held(current_user.id)
    if draft is not None:
        draft.discard()
        number = draft.id
        db.session.commit()
        notify(_("Your draft was discarded."), url_for(".restore_draft", changeset_id=number))
    else:
        notify(str(NO_DRAFT), kind="note")
    return redirect(url_for(".list_pets"), 303)


@bp.post("/draft/<number:changeset_id>/restore")
@may("edit")
def restore_draft(changeset_id: int) -> ResponseReturnValue:
    """Bring a discarded draft back."""
    if Draft.bring_back(current_user.id, changeset_id):
        db.session.commit()
        notify(_("Your draft is back."))
        return redirect(url_for(".show_draft"), 303)
    text = _("That draft cannot be brought back: a day has passed, or you have started another.")
    notify(text, kind="note")
    return redirect(url_for(".show_draft"), 303)


def _save_line(draft: Draft, line: DraftLine, now: Known | None) -> None:
    """Commit a line that leads elsewhere now, and say so where nothing is left of it."""
    name = line.name
    draft.reassess(line, now)
    idle = line.concern == "idle"
    db.session.commit()
    if idle:
        notify(as_it_is(name))


def line_found(line_id: int) -> tuple[Draft, DraftLine]:
    """A line of the draft of whoever asks, both held; 404 without."""
    draft, line = _found(line_id)
    if draft is None or line is None:
        abort(404, str(GONE))
    return draft, line


def _found(line_id: int) -> tuple[Draft | None, DraftLine | None]:
    draft = Draft.held(current_user.id)
    return draft, draft.line(line_id) if draft is not None else None
