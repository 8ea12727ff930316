"""Whether all is well: a word for monitors, and sentences for admins."""

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from pets.health.checkup import check_up
from pets.health.finding import Asked
from pets.language import gettext as _
from pets.migrations import is_up_to_date
from pets.web.blueprint import bp, page
from pets.web.permissions import may

PATIENCE = 2  # seconds that a page may take to read the whole register


@bp.get("/health")
@may("admin")
def show_health() -> ResponseReturnValue:
    """What is set up well and what is not, each with what to do."""
    return page("accounts/health.html", findings=check_up(Asked(request.is_secure, PATIENCE)))


@bp.get("/healthz")
@may("open")
def answer_monitor() -> ResponseReturnValue:
    """200 where the register can be read, else 503. It asks nobody who they are, and tells nothing else."""
    if watch := current_app.extensions.get("pets-watch"):
        watch.look()
    if not is_up_to_date():
        abort(503, _("The register was made by another version of Pets. Restart the server."), retry_after=60)
    return Response("ok\n", content_type="text/plain; charset=utf-8")
