"""What a request may bring: a form, of a size that can be read and shown again."""

from flask import abort, current_app, request

from pets.web.permissions import SAFE, P, View

UPLOAD_LIMIT = 21_000_000  # bytes: a file of 20 MB, and the form around it
MANY_FILES_LIMIT = 105_000_000  # bytes: pictures of 100 MB together
MOST_FIELDS = 10_000  # of a form: 2 MB could hold a million, and the page that shows them again had 35 MB
URLENCODED = "application/x-www-form-urlencoded"


def takes_files(view: View[P]) -> View[P]:
    """Mark a view to which a file may be sent, and so more than a form ever holds."""
    view.takes = UPLOAD_LIMIT  # type: ignore[attr-defined]
    return view


def takes_many_files(view: View[P]) -> View[P]:
    """Mark a view to which many files may be sent at once."""
    view.takes = MANY_FILES_LIMIT  # type: ignore[attr-defined]
    return view


def only_forms() -> None:
    """Refuse a body that is no form in UTF-8 with 415, or that is too large with 413, whoever sends it.

    Flask-WTF would read JSON as well, and so a pet would be made in a way that no page offers.
    """
    if request.method in SAFE or request.endpoint is None:
        return
    most = getattr(current_app.view_functions[request.endpoint], "takes", None)
    if most is not None:
        request.max_content_length = most
    empty = request.content_length in (None, 0) and "Transfer-Encoding" not in request.headers
    if empty and not request.mimetype:
        return  # a button with nothing to say
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in (URLENCODED, "multipart/form-data") or charset not in ("utf-8", "utf8"):
        abort(415)
    if request.mimetype == URLENCODED and request.get_data().count(b"&") >= MOST_FIELDS:
        abort(413)
