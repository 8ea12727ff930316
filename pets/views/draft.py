"""The draft: looking at what waits, correcting it, saving all of it at once."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.access import may
from pets.blueprint import bp, changes, page, shows_form, tell, typed_before
from pets.db import db
from pets.forms import PetForm
from pets.models import Changeset, Draft, DraftLine, PetType
from pets.models.change import Standing
from pets.models.draft import PARTS
from pets.search import BadSearch
from pets.search.pages import Page, read_cursor
from pets.views.work import job, staged
from pets.work import Job, Outcome

PAGE = 25  # lines of each list
KEY = (DraftLine.id,)


@bp.get("/draft")
@may("edit")
def show_draft() -> ResponseReturnValue:
    """The review: what is of concern first, then new, changed and removed."""
    return review()


def review(status: int = 200, note: str = "") -> ResponseReturnValue:
    """The page of the review; `note` says why it is shown again."""
    draft = Draft.of(current_user.id)
    if draft is None or not draft.size:
        away = Draft.put_away(current_user.id)
        return page("draft/empty.html", status if note else 200, note=note, away=away)
    part = request.args.get("part", "")
    if part and part not in (*PARTS, "concerns"):
        abort(400, "A draft has three parts: new, changed and removed.")
    concerns = draft.concerns()
    lists = [name for name in ("concerns", *PARTS) if part in ("", name)]
    found = {name: _lines(draft, name, bool(part)) for name in lists}
    stale = [
        line for lines in found.values() for line in lines.rows if line.concern == "stale" and line.pet_id
    ]
    standing = Standing.of_many({line.pet_id: line.version for line in stale}) if stale else {}
    return page(
        "draft/review.html",
        status,
        draft=draft,
        counts=draft.counts(),
        concerns=concerns,
        found=found,
        part=part,
        note=note,
        now={line.id: standing[line.pet_id] for line in stale},
    )


def _lines(draft: Draft, name: str, paged: bool) -> Page:
    """One page of a list of the review."""
    try:
        after = read_cursor(request.args.get("after", "") if paged else "", KEY)
    except BadSearch as problem:
        abort(400, str(problem))
    query = draft.concerned() if name == "concerns" else draft.lines(name)
    if name != "concerns" and not paged:  # on the page of all parts they stand above already
        query = query.where(DraftLine.concern.is_(None))
    query = query.limit(PAGE + 1)
    rows = list(db.session.scalars(query.where(DraftLine.id > after[0]) if after else query))
    return Page.of(rows, PAGE, after is not None, False, KEY)


@bp.route("/draft/<number:line_id>", methods=["GET", "POST"])
@may("edit")
@shows_form
@changes
def edit_line(line_id: int) -> ResponseReturnValue:
    """Correct one line."""
    draft, line = _line(line_id)
    now = Standing.of(line.pet_id).facts if line.pet_id else None
    typed = typed_before()
    form = PetForm(typed, was=line.facts(now))
    if line.after is None:
        abort(404)
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        if request.method == "GET" and typed is None:
            form.complain(line.problems or {})  # what a sheet had in the cell stands nowhere else
        return page("draft/edit.html", status, form=form, line=line, types=PetType.suggested())
    draft.correct(line, form.facts, now)
    db.session.commit()
    return redirect(url_for(".show_draft"), 303)


@bp.post("/draft/<number:line_id>/drop")
@may("edit")
@changes
def drop_line(line_id: int) -> ResponseReturnValue:
    """Take one line out."""
    draft, line = _line(line_id)
    name = line.name
    draft.drop(line)
    db.session.commit()
    tell(f"“{name}” is no longer in the draft.")
    return redirect(url_for(".show_draft"), 303)


@bp.post("/draft/drop/<concern>")
@may("edit")
@changes
def drop_lines(concern: str) -> ResponseReturnValue:
    """Take out all lines of one concern."""
    draft = Draft.held(current_user.id)
    if draft is None or concern not in ("rule", "alike", "stale"):
        abort(404)
    count = draft.drop_all(concern)
    db.session.commit()
    tell(f"{count:,} {'line is' if count == 1 else 'lines are'} no longer in the draft.")
    return redirect(url_for(".show_draft"), 303)


@bp.post("/draft/<number:line_id>/choose")
@may("edit")
@changes
def choose_line(line_id: int) -> ResponseReturnValue:
    """Decide what shall stand where somebody changed a pet after it was put in the draft."""
    draft, line = _line(line_id)
    standing = Standing.of(line.pet_id or 0)
    clashing = line.clashes_with(standing.facts)
    answers = {field: request.form.get(f"choice-{field or 'pet'}") for field in clashing}
    if request.form.get("seen") != str(standing.version) or None in answers.values():
        db.session.rollback()
        return review(409, "It has changed again, or a choice is missing. Choose once more.")
    keep = {field for field, answer in answers.items() if answer == "keep"}
    draft.rebase(line, standing, keep)
    db.session.commit()
    return redirect(url_for(".show_draft"), 303)


@bp.post("/draft/save")
@may("edit")
@changes
def save_draft() -> ResponseReturnValue:
    """Save all: one transaction, all or nothing."""
    sent = request.form.get("draft", "")
    before = db.session.get(Changeset, int(sent)) if sent.isdecimal() and len(sent) < 18 else None
    mine = before is not None and before.account_id == current_user.id
    if mine and before is not None and before.saved_at is not None:
        return redirect(url_for(".show_changeset", changeset_id=before.id), 303)
    draft = Draft.held(current_user.id)
    if draft is None or not draft.size:
        return review(409, "There is no draft any more: it was saved or discarded on another page.")
    if sent != str(draft.id) or request.form.get("revision") != str(draft.changeset.revision):
        return review(
            409, "The draft has changed since this page was opened. Look at it once more, then save."
        )
    if draft.concerns().get("rule"):
        return review(422, "Some lines break a rule. Correct them or drop them, then save.")
    return _save(draft.size)


@job("Saving the draft")
def _save(job: Job) -> Outcome:
    """Save the account's draft, and commit or roll back."""
    draft = Draft.held(job.account_id)
    if draft is None:
        return Outcome("There is no draft any more.", kind="note")
    clashes = draft.save(job.counted)
    if clashes.total:
        db.session.rollback()
        text = f"{clashes.total:,} facts need your choice: somebody changed them meanwhile."
        if clashes.total == 1:
            text = "One fact needs your choice: somebody changed it meanwhile."
        text += " Nothing was saved."
        return Outcome(text, kind="note", at_once=lambda: review(409, text))
    db.session.commit()
    number = Changeset.just_saved()
    if number is None:
        return Outcome("There was nothing left to change: every pet stands already as the draft wanted it.")
    return Outcome("The draft was saved.", number)


@bp.post("/draft/discard")
@may("edit")
@changes
def discard_draft() -> ResponseReturnValue:
    """Put the draft away; for a day it can be brought back."""
    draft = Draft.held(current_user.id)
    if draft is not None:
        draft.discard()
        number = draft.id
        db.session.commit()
        tell("The draft was discarded.", url_for(".restore_draft", changeset_id=number))
    return redirect(url_for(".list_pets"), 303)


@bp.post("/draft/<number:changeset_id>/restore")
@may("edit")
@changes
def restore_draft(changeset_id: int) -> ResponseReturnValue:
    """Bring a discarded draft back."""
    if Draft.bring_back(current_user.id, changeset_id):
        db.session.commit()
        tell("The draft is back.")
        return redirect(url_for(".show_draft"), 303)
    tell("That draft cannot be brought back: a day has passed, or you have begun another.", kind="note")
    return redirect(url_for(".show_draft"), 303)


@bp.post("/history/<number:changeset_id>/draft")
@may("edit")
@changes
def undo_in_draft(changeset_id: int) -> ResponseReturnValue:
    """Put what would undo a changeset in the draft, to look at it first."""
    changeset = db.session.get(Changeset, changeset_id)
    if changeset is None or changeset.saved_at is None:
        abort(404)
    return _stage_undo(changeset.size, changeset_id)


@job("Putting the undo in the draft")
def _stage_undo(job: Job, changeset_id: int) -> Outcome:
    draft = Draft.begin(job.account_id, job.who)
    touched = draft.stage_undo(db.session.get_one(Changeset, changeset_id), job.counted)
    db.session.commit()
    return staged(touched)


def _line(line_id: int) -> tuple[Draft, DraftLine]:
    draft = Draft.held(current_user.id)
    line = draft.line(line_id) if draft is not None else None
    if draft is None or line is None:
        abort(404, "This line is no longer in your draft.")
    return draft, line
