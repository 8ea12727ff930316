"""Sheets out: the list in view as a file."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from pets.accounts.audit_log import log_event
from pets.exports import FORMATS, export_rows
from pets.language import lazy_gettext
from pets.search.pets import PetSearch
from pets.views.chosen import whole
from pets.web.blueprint import bp
from pets.web.errors import error_page
from pets.web.permissions import may

OTHERS = (
    lazy_gettext("Others are downloading the list"),
    lazy_gettext("Wait half a minute, then download yours again."),
)


@bp.get("/pets.<any(csv, xlsx, json):form>")
@may("look")
def export_pets(form: str) -> ResponseReturnValue:
    """The pets of the list with this query string, all of its pages, in its order; streamed."""
    search = whole(PetSearch.from_args(request.args))
    if not _makers().acquire(blocking=False):
        body, status = error_page(503, OTHERS[0], OTHERS[1])
        return body, status, {"Retry-After": "30"}
    with ExitStack() as begun:
        begun.callback(_makers().release)
        media_type, write = FORMATS[form]
        chunks = write(export_rows(search))
        made = begun.pop_all()  # called at the end of the rows, or where the reader goes before that
    if not search.narrows:
        # In the log only: a GET stores nothing, and whoever may look may also copy what they see.
        log_event("export")
    rest = _to_the_end(chunks, made)
    first = next(rest, b"")  # what fails by then can still be told on a page
    response = Response(
        chain((first,), rest),
        content_type=media_type,
        headers={"Content-Disposition": f"attachment; filename=pets.{form}"},
    )
    response.call_on_close(made.close)
    return response


def _makers() -> threading.Semaphore:
    """How many exports can be made at once: half of the server's threads are left to pages, however slowly
    the readers take what they asked for."""
    most = max(1, current_app.config["PETS_THREADS"] // 2)
    makers: threading.Semaphore = current_app.extensions.setdefault("pets-exports", threading.Semaphore(most))
    return makers


def _to_the_end(chunks: Iterator[bytes], made: ExitStack) -> Iterator[bytes]:
    with made:
        yield from chunks
