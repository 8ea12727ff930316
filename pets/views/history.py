"""History: what was saved, by whom and when; and undoing it."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.changeset import Changeset
from pets.changes.merge import Choices
from pets.changes.undo import undo
from pets.db import db
from pets.search.history import HistorySearch, changes_of
from pets.views.conflicts import ask, chosen
from pets.views.jobs import job
from pets.web.blueprint import bp, page, retried
from pets.web.jobs import Job, Outcome
from pets.web.permissions import may

NOTHING_LEFT = "There is nothing left to undo: the register is already as it was before."


@bp.get("/history")
@may("look")
def history() -> ResponseReturnValue:
    """What was saved, newest first."""
    search = HistorySearch.from_args(request.args)
    found = search.page()
    told = Changeset.summaries(found.rows)
    return page("history/list.html", search=search, found=found, told=told, people=Changeset.people())


@bp.get("/history/<number:changeset_id>")
@may("look")
def show_changeset(changeset_id: int) -> ResponseReturnValue:
    """One changeset with all its changes."""
    changeset = _saved(changeset_id)
    found, there = changes_of(changeset, request.args.get("after", ""))
    told = Changeset.summaries([changeset])
    return page("history/show.html", changeset=changeset, found=found, there=there, told=told)


@bp.post("/history/<number:changeset_id>/undo")
@may("edit")
@retried
def undo_changeset(changeset_id: int) -> ResponseReturnValue:
    """Undo a changeset, or the one change of it that the form names, as a new changeset."""
    changeset = _saved(changeset_id)
    only = request.form.get("change", "")
    if only and not (only.isascii() and only.isdigit() and len(only) < 18):
        abort(400)
    here = url_for(".show_changeset", changeset_id=changeset_id)
    return _undo(1 if only else changeset.size, changeset_id, int(only) if only else None, chosen(), here)


@job("Undoing a change")
def _undo(job: Job, number: int, only: int | None, choices: Choices, here: str) -> Outcome:
    """Undo all of a changeset or one change of it, and commit or roll back."""
    conflicts = undo(db.session.get_one(Changeset, number), choices, only, job.counted)
    if conflicts.total:
        db.session.rollback()
        facts = "One fact was" if conflicts.total == 1 else f"{conflicts.total:,} facts were"
        text = f"{facts} changed since, and nothing was undone. Undo it in the draft, where you can choose."
        return Outcome(text, kind="note", path=here, at_once=lambda: ask(conflicts, "Undo", here))
    db.session.commit()
    saved = Changeset.just_saved()
    if saved is None:
        return Outcome(NOTHING_LEFT, kind="note", path=here)
    return Outcome("Undone.", saved)


def _saved(changeset_id: int) -> Changeset:
    changeset = db.session.get(Changeset, changeset_id)
    if changeset is None or changeset.saved_at is None:
        abort(404)
    return changeset
