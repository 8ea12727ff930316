"""History: what was saved, by whom and when; and undoing it."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.changes.merge import Choices
from pets.changes.summary import summaries
from pets.changes.undo import undo
from pets.db import db
from pets.language import gettext as _, lazy_gettext, ngettext
from pets.search.history import KINDS, HistorySearch, changes_of
from pets.views.conflicts import ask, chosen
from pets.views.jobs import job
from pets.web.blueprint import bp, page
from pets.web.jobs import Job, Outcome
from pets.web.outcomes import about_to_be_saved, already_undone
from pets.web.permissions import may
from pets.web.sentences import KIND_WORDS, person
from pets.web.way_back import way_back


@bp.get("/history")
@may("look")
def history() -> ResponseReturnValue:
    """What was saved, newest first."""
    search = HistorySearch.from_args(request.args)
    found = search.page()
    people = [(who, person(who, begins=True)) for who in Changeset.people()]
    kinds = [(kind, KIND_WORDS[kind]) for kind in KINDS]
    told = summaries(found.rows)
    return page("history/list.html", search=search, found=found, told=told, people=people, kinds=kinds)


@bp.get("/history/<number:changeset_id>")
@may("look")
def show_changeset(changeset_id: int) -> ResponseReturnValue:
    """One changeset with all its changes."""
    changeset = _saved(changeset_id)
    found, there = changes_of(changeset, request.args.get("after", ""))
    told = summaries([changeset])
    return page("history/show.html", changeset=changeset, found=found, there=there, told=told)


@bp.post("/history/<number:changeset_id>/undo")
@may("edit")
def undo_changeset(changeset_id: int) -> ResponseReturnValue:
    """Undo a changeset, or the one change of it that the form names, as a new changeset."""
    changeset = _saved(changeset_id)
    only = request.form.get("change", "")
    if only and not (only.isascii() and only.isdigit() and len(only) < 18):
        abort(400)
    total, here = 1 if only else changeset.size, url_for(".show_changeset", changeset_id=changeset_id)
    return _undo(total, changeset_id, int(only) if only else None, chosen(), here, way_back(""))


@job(lazy_gettext("Undoing a change"))
def _undo(job: Job, number: int, only: int | None, choices: Choices, here: str, back: str) -> Outcome:
    """Undo all of a changeset or one change of it, and commit or roll back. `here` is its page, `back` where
    the form came from, if that is known."""
    conflicts = undo(db.session.get_one(Changeset, number), choices, only, job.counted)
    if conflicts.total:
        db.session.rollback()
        text = ngettext(
            "One fact was changed since, and nothing was undone. Undo in the draft, to choose.",
            "%(num)s facts were changed since, and nothing was undone. Undo in the draft, to choose.",
            conflicts.total,
        )
        stop = back or here
        return Outcome(text, kind="note", path=here, at_once=lambda: ask(conflicts, stop, undoing=True))
    outcome = about_to_be_saved(back)
    db.session.commit()
    if outcome is None and choices.made:
        return Outcome(_("Nothing was undone: everything stays as it is."), kind="note", path=back or here)
    return outcome or already_undone(number, only, back or here)


@bp.post("/history/<number:changeset_id>/draft")
@may("edit")
def undo_in_draft(changeset_id: int) -> ResponseReturnValue:
    """Put what would undo a changeset in the draft, to look at it first."""
    here = url_for(".show_changeset", changeset_id=changeset_id)
    return _stage_undo(_saved(changeset_id).size, changeset_id, way_back(here))


@job(lazy_gettext("Putting the undo in the draft"))
def _stage_undo(job: Job, number: int, back: str) -> Outcome:
    draft = Draft.begin(job.account_id, job.who)
    touched = draft.stage_undo(db.session.get_one(Changeset, number), job.counted)
    db.session.commit()
    if not touched:
        return already_undone(number, None, back)
    text = ngettext(
        "One change that undoes it is in your draft. Check it, then save.",
        "%(num)s changes that undo it are in your draft. Check them, then save.",
        touched,
    )
    return Outcome(text)


def _saved(changeset_id: int) -> Changeset:
    changeset = db.session.get(Changeset, changeset_id)
    if changeset is None or changeset.saved_at is None:
        abort(404)
    return changeset
