"""The rows of a sheet that comes in: those that are right, to look at, and those to fix, as a file."""

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.draft_line import DraftLine
from pets.imports.importer import STATES, Importer
from pets.language import gettext as _
from pets.views.imports import found_import, open_import
from pets.web.blueprint import bp, page
from pets.web.permissions import may

SIZE = 25  # rows on a page


@bp.get("/import/<number:import_id>/rows")
@may("edit")
def import_rows(import_id: int) -> ResponseReturnValue:
    """The rows that are right, as they go into the draft."""
    record = open_import(import_id)
    if record.counts is None:
        return redirect(url_for(".edit_import", import_id=record.id), 303)
    after = request.args.get("after", "")
    good = Importer(record).good_rows(int(after) if after.isdecimal() and len(after) < 10 else 0, SIZE + 1)
    lines = [(one.row.number, DraftLine(**to.columns)) for one in good if (to := one.staged)]
    more = lines[SIZE - 1][0] if len(lines) > SIZE else None
    return page("import/rows.html", record=record, lines=lines[:SIZE], after=more, states=STATES)


@bp.get("/import/<number:import_id>/faulty.csv")
@may("edit")
def faulty_rows(import_id: int) -> ResponseReturnValue:
    """The rows that cannot be read, as a file to fix and bring in again."""
    record = found_import(import_id)
    if next(record.rows("faulty"), None) is None:
        abort(404, _("This file has no rows to fix."))
    name = {"Content-Disposition": "attachment; filename=rows-to-fix.csv"}
    return Response(b"".join(Importer(record).rows_to_fix()), mimetype="text/csv", headers=name)
