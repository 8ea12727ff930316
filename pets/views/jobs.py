"""Jobs on a page: how far each has come; and the forms that wait for it."""

import functools
import hashlib
import secrets
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Concatenate, ParamSpec, cast

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.changes.draft import Draft
from pets.changes.form_token import FormToken
from pets.changes.wanted import Wanted
from pets.db import db
from pets.language import gettext as _, lazy_gettext, ngettext
from pets.sqlite.gate import gate_of
from pets.views.sent import said_by_form
from pets.web.blueprint import bp, notify, page, wait_page
from pets.web.jobs import LARGE, Job, Outcome, jobs
from pets.web.permissions import SAFE, may

P = ParamSpec("P")
Deed = Callable[Concatenate[Job, P], Outcome]
Ask = Callable[Concatenate[int, P], ResponseReturnValue]

REPLACED = lazy_gettext("This was not done: a backup was restored in the meantime.")


def job(title: str, holding: str = "", large: int | None = None) -> Callable[[Deed[P]], Ask[P]]:
    """Declare a deed that is done at once or, where there is much, behind a page that tells of it.

    The deed commits by itself. `title` says what kind of job it is; others who wait for its end see it too.
    `large`: how much is still done at once (LARGE). `holding` names an argument to use in a `with` that is
    left when the job has ended. What it becomes is called with how much there is to do, and then what the
    deed wants beside its job; it makes the answer.
    """

    def declare(deed: Deed[P]) -> Ask[P]:
        @functools.wraps(deed)
        def ask(total: int, /, *args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            what = Job(title, current_user.id, total, asked(), current_user.name)
            held = cast(AbstractContextManager[Any], kwargs[holding] if holding else nullcontext())
            if total <= (LARGE if large is None else large):
                with held:
                    outcome = deed(what, *args, **kwargs)
                return outcome.at_once() if outcome.at_once else go_on(outcome)
            db.session.rollback()
            gate = gate_of(db.engine.dialect)
            edition = gate.edition

            def unless_replaced(job: Job) -> Outcome:
                return (
                    deed(job, *args, **kwargs)
                    if gate.edition == edition
                    else Outcome(str(REPLACED), kind="note")
                )

            begun = jobs().begin(what, unless_replaced, held)
            return redirect(url_for(".show_job", number=begun.id), 303)

        return ask

    return declare


def asked() -> str:
    """What is asked for, and by whom: the same for a form that is sent twice, but for one with a file."""
    fields = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    sent = secrets.token_hex() if any(request.files.values()) else fields
    return hashlib.sha256(repr((current_user.id, request.full_path, sent)).encode()).hexdigest()


@bp.before_request
def sent_again() -> ResponseReturnValue | None:
    """Lead a form that is sent again to the job that it began, before it waits for that to end."""
    if request.method in SAFE or not current_user.is_authenticated or jobs().idle:
        return None
    job = jobs().under_way(asked())
    return redirect(url_for(".show_job", number=job.id), 303) if job else None


def put_in_draft(
    total: int, changes: Callable[[Draft], Iterable[Wanted]], token: str | None = None
) -> ResponseReturnValue:
    """Put the many changes of a form in the draft of whoever asks, and go to the review.

    `token`: the form's own. Where it is a long job, it is recorded first, so that the form is known by then.
    """
    said = said_by_form()
    if total > LARGE:
        FormToken.record(current_user.id, token, said)
        db.session.commit()
    return _stage(total, changes, token, said)


@job(lazy_gettext("Putting changes in the draft"))
def _stage(job: Job, changes: Callable[[Draft], Iterable[Wanted]], token: str | None, said: str) -> Outcome:
    draft = Draft.begin(job.account_id, job.who)
    touched = draft.stage(changes(draft), job.counted)
    if touched:
        FormToken.record(job.account_id, token, said, draft_id=draft.id)
    db.session.commit()
    return staged(touched)


def staged(lines: int) -> Outcome:
    """What is told when so many lines of the draft hold the changes that were put in."""
    if not lines:
        return Outcome(_("Nothing was put in the draft: it would change nothing."), kind="note")
    told = ngettext(
        "%(num)s change is in your draft. Save all when you are ready.",
        "%(num)s changes are in your draft. Save all when you are ready.",
        lines,
    )
    return Outcome(told)


def go_on(outcome: Outcome) -> ResponseReturnValue:
    """Tell how a job ended, where it is best seen: in the history, or else in the draft."""
    if outcome.text:
        see = outcome.changeset_id if outcome.path else None
        notify(outcome.text, outcome.changeset_id, outcome.kind, see)
    if outcome.path:
        return redirect(outcome.path, 303)
    if outcome.changeset_id is None:
        return redirect(url_for(".show_draft"), 303)
    return redirect(url_for(".show_changeset", changeset_id=outcome.changeset_id), 303)


@bp.get("/work/<number>")
@may("edit")
def show_job(number: str) -> ResponseReturnValue:
    """How far a job has come; the page looks again by itself, and goes on at the end."""
    job = jobs().find(number, current_user.id)
    if job is None:
        return page("draft/lost_job.html", 404)
    if job.outcome is None:
        body, _ = page("draft/job.html", job=job)
        return body, 200, {"Refresh": "1"}
    return go_on(job.outcome)


@bp.get("/waiting/<number>")
@may("look")
def show_waiting(number: str) -> ResponseReturnValue:
    """A form that waits for a job, to be sent when that has ended; the page looks again by itself."""
    form = jobs().waiting(number, current_user.id)
    if form is None:
        return page("draft/lost_form.html", 404)
    return wait_page(form, number)
