"""A litter: several new pets at once, with what they share typed once; it goes to the draft."""

from flask import g, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from pets.changes.wanted import Wanted
from pets.forms.litter import LitterForm
from pets.models.type import PetType
from pets.views.jobs import put_in_draft
from pets.views.sent import Sent, sent_before
from pets.web.blueprint import bp, page, shows_form, typed_before
from pets.web.permissions import may


@bp.route("/pets/litter", methods=["GET", "POST"])
@may("edit")
@shows_form
def new_litter() -> ResponseReturnValue:
    """Add a litter. "More rows" brings the form back with everything typed; a form sent twice adds once."""
    form = LitterForm.today()(request.form if request.method == "POST" else typed_before() or MultiDict())
    if "more" in request.form:
        form.add_rows()
        g.form_goes_on = True
        return _page(form, 200)
    if request.method == "GET" or not form.validate():
        return _page(form, 422 if request.method == "POST" else 200)
    if sent := sent_before(form):
        return sent.lead_back() or _page(form, 409, sent)
    if not form.allowed():
        return _page(form, 422)
    litter = [Wanted.new(facts) for facts in form.litter]
    return put_in_draft(len(litter), lambda _: litter, form.token)


def _page(form: LitterForm, status: int, sent: Sent | None = None) -> ResponseReturnValue:
    return page("draft/litter.html", status, form=form, suggested=PetType.suggested(), sent=sent)
