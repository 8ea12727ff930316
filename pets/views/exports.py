"""Sheets out: the list in view as a file."""

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.access import may
from pets.blueprint import bp
from pets.models.security import tell_log
from pets.outgoing import FORMATS, export_rows
from pets.search import BadSearch, PetSearch


@bp.get("/pets.<any(csv, xlsx, json):form>")
@may("look")
def export_pets(form: str) -> ResponseReturnValue:
    """The pets of the list with this query string, all of its pages, in its order; streamed."""
    try:
        search = PetSearch.from_args(request.args)
    except BadSearch as problem:
        abort(400, str(problem))
    if search.problems:
        abort(400, " ".join(search.problems.values()))
    if not search.narrows:
        # In the log only: a GET stores nothing, and whoever may look may also copy what they see.
        tell_log("export", current_user.name, f"pets.{form}", request.remote_addr or "")
    media_type, chunks = FORMATS[form]
    return Response(
        chunks(export_rows(search)),
        content_type=media_type,
        headers={"Content-Disposition": f"attachment; filename=pets.{form}"},
    )
