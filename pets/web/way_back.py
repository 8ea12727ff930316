"""The way back: forms carry the page that they are sent from, and one stands there again afterwards."""

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from pets.web.permissions import SAFE, own_path

FIELD = "back"  # what forms call it


def came_from() -> str:
    """What a form on this page carries: the page's address or, where it answers a form, what that carried."""
    return request.full_path.rstrip("?") if request.method in SAFE else request.form.get(FIELD, "")


def way_back(otherwise: str) -> str:
    """Where the form that was sent came from, if that is a page of ours; or else this address."""
    path = own_path(request.form.get(FIELD, ""))
    adapter = current_app.create_url_adapter(request)
    try:
        adapter.match((path or "").partition("?")[0], "GET")  # type: ignore[union-attr]
    except HTTPException:
        return otherwise
    return f"{request.script_root}{path}"
