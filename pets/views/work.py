"""Long work on a page: how far it has come; and the forms that wait for it."""

from collections.abc import Callable, Iterable

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.access import may
from pets.blueprint import bp, page, tell, wait_page
from pets.db import db
from pets.models import Draft, FormToken, Staged
from pets.views.sent import said_by_form
from pets.work import LARGE, Outcome, Work, desk


def do(work: Work, deed: Callable[[Work], Outcome]) -> ResponseReturnValue:
    """Do work that commits by itself: at once or, where there is much, behind a page that tells of it."""
    if work.total <= LARGE:
        return go_on(deed(work))
    who = current_user.name
    db.session.rollback()
    return redirect(url_for(".show_work", number=desk().begin(work, deed, who).id), 303)


def put_in_draft(
    total: int, token: str | None, changes: Callable[[Draft], Iterable[Staged]]
) -> ResponseReturnValue:
    """Put the many changes of a form in the draft of whoever asks, and go to the review.

    `token`: the form's own. Where the work is long, it is recorded first, so that the form is known by then.
    """
    who, said = current_user.name, said_by_form()
    if total > LARGE:
        FormToken.record(current_user.id, token, said)
        db.session.commit()

    def deed(work: Work) -> Outcome:
        draft = Draft.begin(work.account_id, who)
        touched = draft.stage(changes(draft), work.counted)
        if touched:
            FormToken.record(work.account_id, token, said, draft_id=draft.id)
        db.session.commit()
        return staged(touched)

    about = f"the form {token or current_user.id}"
    return do(Work("Putting changes in the draft", current_user.id, total, about), deed)


def staged(touched: int) -> Outcome:
    """What is told when changes are in the draft."""
    if not touched:
        return Outcome("Nothing was put in the draft: it would change nothing.", kind="note")
    many = "One change is" if touched == 1 else f"{touched:,} changes are"
    return Outcome(f"{many} in your draft. Save all when you are ready.")


def go_on(outcome: Outcome) -> ResponseReturnValue:
    """Tell how work ended, where it is best seen: in the history, or else in the draft."""
    if outcome.text:
        tell(outcome.text, outcome.changeset_id, outcome.kind)
    if outcome.path:
        return redirect(outcome.path, 303)
    if outcome.changeset_id is None:
        return redirect(url_for(".show_draft"), 303)
    return redirect(url_for(".show_changeset", changeset_id=outcome.changeset_id), 303)


@bp.get("/work/<number>")
@may("edit")
def show_work(number: str) -> ResponseReturnValue:
    """How far long work has come; the page looks again by itself, and goes on at the end."""
    work = desk().find(number, current_user.id)
    if work is None:
        return page("draft/lost_work.html", 404)
    if work.outcome is None:
        body, _ = page("draft/work.html", work=work)
        return body, 200, {"Refresh": "1"}
    return go_on(work.outcome)


@bp.get("/waiting/<number>")
@may("look")
def show_waiting(number: str) -> ResponseReturnValue:
    """A form that waits for long work, to be sent when that has ended; the page looks again by itself."""
    form = desk().waiting(number, current_user.id)
    if form is None:
        return page("draft/lost_form.html", 404)
    return wait_page(form, number)
