"""Whether all is well: a word for monitors."""

from flask import Response, abort, current_app
from flask.typing import ResponseReturnValue

from pets.migrations import is_up_to_date
from pets.web.blueprint import bp
from pets.web.permissions import may


@bp.get("/healthz")
@may("open")
def answer_monitor() -> ResponseReturnValue:
    """200 where the register can be read, else 503. It asks nobody who they are, and tells nothing else."""
    if watch := current_app.extensions.get("pets-watch"):
        watch.look()
    if not is_up_to_date():
        abort(503, "The register was made by another version of Pets. Restart the server.", retry_after=60)
    return Response("ok\n", content_type="text/plain; charset=utf-8")
