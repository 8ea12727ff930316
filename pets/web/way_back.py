"""The way back: forms carry the page that they are sent from, and one stands there again afterwards.

And the way on, from a page that came between.
"""

import re
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

from pets.accounts.account import Account
from pets.models.stashed_form import StashedForm
from pets.web.permissions import SAFE

FIELD = "back"  # what forms call it


def came_from() -> str:
    """What a form on this page carries: the page's address or, where it answers a form, what that carried."""
    return request.full_path.rstrip("?") if request.method in SAFE else request.form.get(FIELD, "")


def way_back(otherwise: str) -> str:
    """Where the form that was sent came from, if that is a page of ours; or else this address."""
    path = own_path(request.form.get(FIELD, ""))
    return f"{request.script_root}{path}" if path and _page_at(path) else otherwise


def way_on(kept_id: str, next_path: str, account: Account, otherwise: str = "pets.index") -> str:
    """The address to go to after signing in: the kept form, on the page it was, or where one was going."""
    kept, root = StashedForm.of(kept_id, account.id), request.script_root
    if kept is None:
        path = own_path(next_path)
        return root + path if path else url_for(otherwise)
    if getattr(current_app.view_functions.get(_page_at(kept.path)), "shows_form", False):
        return f"{root}{kept.path}{'&' if '?' in kept.path else '?'}kept={kept.id}"
    return url_for("pets.show_stashed_form", kept_id=kept.id)


def _page_at(path: str) -> str:
    """The endpoint of the page at a path of ours; "" where there is none."""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _ = adapter.match(path.partition("?")[0], "GET")  # type: ignore[union-attr]
    except HTTPException:
        return ""
    return str(endpoint)


def own_path(text: str) -> str | None:
    """A path of this site that it is safe to lead to, or None: printable ASCII, one slash, no backslash."""
    if not text.isascii() or not text.isprintable() or not re.match(r"/(?!/)", text) or "\\" in text:
        return None
    parts = urlsplit(text)
    path = re.sub("/[/.]*/|/[.]+$", "/", parts.path)  # /.//there and the like, which some take for //there
    return path + (f"?{parts.query}" if parts.query else "")
