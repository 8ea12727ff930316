"""The rows of a sheet that comes in: those that are right, to look at, and those to fix, as a file."""

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.draft_line import DraftLine
from pets.imports.importer import STATES, Importer
from pets.language import gettext as _
from pets.views.imports import found_import, open_import
from pets.web.blueprint import bp, page
from pets.web.permissions import may


@bp.get("/import/<number:import_id>/rows")
@may("edit")
def import_rows(import_id: int) -> ResponseReturnValue:
    """The rows that are right, as they go into the draft."""
    record = open_import(import_id)
    if record.counts is None:
        return redirect(url_for(".edit_import", import_id=record.id), 303)
    good = Importer(record).good_rows(request.args.get("after", ""))
    lines = [(row.number, DraftLine(**to.columns)) for row in good.rows if (to := row.staged)]
    return page("import/rows.html", record=record, lines=lines, after=good.after, states=STATES)


@bp.get("/import/<number:import_id>/faulty.csv")
@may("edit")
def faulty_rows(import_id: int) -> ResponseReturnValue:
    """The rows that cannot be read, as a file to fix and bring in again."""
    record = found_import(import_id)
    if next(record.rows("faulty"), None) is None:
        abort(404, _("This file has no rows to fix."))
    name = {"Content-Disposition": "attachment; filename=rows-to-fix.csv"}
    return Response(b"".join(Importer(record).rows_to_fix()), mimetype="text/csv", headers=name)
