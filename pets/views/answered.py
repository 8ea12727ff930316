"""A form that is answered with a page, such as one to correct: a browser is led to that page.

It can then go Back to it, and load it again, without asking whether to send the form once more: no browser
keeps the answer to a form that it is told to keep nothing of. A program, which does not say that it wants a
page, has the answer at once, with its status; so has the browser, one step later.
"""

from contextlib import suppress
from urllib.parse import urlencode

from flask import Response, current_app, g, make_response, redirect, request
from flask_login import current_user

from pets.db import db, only_reads
from pets.models.stashed_form import StashedForm
from pets.web.blueprint import bp
from pets.web.causes import UNAVAILABLE
from pets.web.permissions import SAFE

LARGEST = 500_000  # characters of a page that is kept


@bp.before_request
def show_answer() -> Response | None:
    """The page that a form was answered with, at its address."""
    number = request.args.get("answer", "") if request.method in SAFE and _shows_form() else ""
    if not (number and current_user.is_authenticated):
        return None
    kept = StashedForm.answered(number, current_user.id, request.path)
    return make_response(kept.answer, kept.status) if kept else None


@bp.after_request
def lead_to_answer(response: Response) -> Response:
    """Keep the page, and lead a browser to it. Where it cannot be kept, it is the answer as it is."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    if request.method in SAFE or not (wants_page and _shows_form() and current_user.is_authenticated):
        return response
    if response.status_code not in (409, 422) and not g.get("form_goes_on"):
        return response  # it may tell what is told once, such as a password
    page = response.get_data(as_text=True)
    if len(page) > LARGEST or "\0" in request.full_path:
        return response
    with suppress(*UNAVAILABLE):
        only_reads(False)
        number = StashedForm.stash(current_user.id, request.path, [], page, response.status_code)
        db.session.commit()
        asked = [pair for pair in request.args.items(multi=True) if pair[0] not in ("answer", "kept")]
        query = urlencode([*asked, ("answer", number)])
        return make_response(redirect(f"{request.script_root}{request.path}?{query}", 303))
    return response


def _shows_form() -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "shows_form", False)
