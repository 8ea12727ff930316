"""Sheets in: a file is read once, its columns are agreed on, its rows are checked, and go into the draft."""

from typing import Any

from flask import Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.db import db
from pets.fields.dates import TWO_DIGIT_YEARS
from pets.forms.imports import ColumnsForm, left_out, taken
from pets.imports.headings import READ_ONLY
from pets.imports.importer import Importer, Outdated
from pets.imports.lookup import SHOWN, called
from pets.imports.mapping import ColumnMapping
from pets.imports.upload_rows import Import, ImportRow
from pets.search.listing import listing
from pets.sheets.cells import SheetProblem
from pets.sheets.write_csv import csv_of_cells
from pets.views.jobs import go_on, job, staged
from pets.web.blueprint import bp, notify, page, retried, shows_form, typed_before
from pets.web.jobs import Job, Outcome
from pets.web.permissions import may

TAKEN = "What you mended was taken, and the rows were checked again. Look once more, then go on."


@bp.route("/import/<number:import_id>", methods=["GET", "POST"])
@may("edit")
@shows_form
@retried
def edit_import(import_id: int) -> ResponseReturnValue:
    """Say what the columns of a sheet hold, and which pets its rows are about."""
    record = _open(import_id)
    importer, sheets = Importer(record), record.sheets
    typed = typed_before()
    if request.method == "GET" and typed is None:
        form = ColumnsForm.of(importer.plan.kept, record.sheet)
        form.show(importer.columns, importer.evidence, sheets)
        return page("import/columns.html", form=form, importer=importer, **_about(importer))
    form = ColumnsForm(*([typed] if typed else []))
    plan = ColumnMapping.of(form.answers)
    if not typed and form.looks_elsewhere(record.sheet, importer.columns.heading_row > 0, len(sheets)):
        record.sheet, record.plan = (
            form.sheet.data,
            ColumnMapping(headings=plan.headings, match=plan.match).kept,
        )
        db.session.commit()
        return redirect(request.script_root + request.path, 303)
    try:
        importer = Importer(record, plan)
        form.show(importer.columns, importer.evidence, sheets)
    except SheetProblem as problem:
        abort(400, str(problem))
    if typed:
        return page("import/columns.html", form=form, importer=importer, **_about(importer))
    if not form.holds(importer.columns, importer.evidence):
        return page("import/columns.html", 422, form=form, importer=importer, **_about(importer))
    record.plan, record.fingerprint = importer.agreed.kept, importer.columns.fingerprint
    db.session.commit()
    return _check(record)


def _about(importer: Importer) -> dict[str, Any]:
    """What the page of the columns tells beside them."""
    notes = [*importer.record.notes]
    if importer.evidence.two_digit_years:
        notes.append(TWO_DIGIT_YEARS)
    return {
        "notes": notes,
        "left_out": left_out(importer.columns),
        "read_only": READ_ONLY,
        "earlier": importer.record.earlier(),
    }


def _check(record: Import, path: str | None = None, told: str = "") -> ResponseReturnValue:
    """Find out what the rows stand for, and go on to the page that tells."""
    return _judge(record.total(), record.id, path or _check_path(record), told)


@job("Checking a sheet")
def _judge(job: Job, number: int, path: str, told: str) -> Outcome:
    held = Import.held(number)
    if held.staged_at is None:
        Importer(held).check(job.counted)
        db.session.commit()
    return Outcome(told, kind="note", path=path)


def _check_path(record: Import, **further: Any) -> str:
    """The page of the rows; what was chosen for the faulty ones comes along."""
    if request.form.get("faulty") == "wait":
        further["faulty"] = "wait"
    return url_for(".check_import", import_id=record.id, **further)


@bp.get("/import/<number:import_id>/check")
@may("edit")
def check_import(import_id: int) -> ResponseReturnValue:
    """What the rows stand for, every faulty cell, and what has to be asked."""
    return _check_page(_open(import_id))


def _check_page(record: Import, status: int = 200, note: str = "") -> ResponseReturnValue:
    if record.counts is None:
        return redirect(url_for(".edit_import", import_id=record.id), 303)
    shown = {
        state: listing(
            record.marked(state), key=(ImportRow.number,), after=request.args.get(f"{state}-after", "")
        )
        for state in ("asked", "faulty")
    }
    found = called([number for row in shown["asked"].rows for number in row.found])
    importer, earlier = Importer(record), record.earlier()
    about = {"importer": importer, "shown": shown, "found": found, "most": SHOWN, "earlier": earlier}
    wait = request.values.get("faulty") == "wait"
    return page("import/check.html", status, **about, note=note, wait=wait)


@bp.post("/import/<number:import_id>/mend")
@may("edit")
@retried
def mend_import(import_id: int) -> ResponseReturnValue:
    """Take what a person corrected and chose, and check again; or go on to the next rows with it."""
    record = _open(import_id)
    further = {name: value for name, value in request.args.items() if name in ("asked-after", "faulty-after")}
    path = _check_path(record, **further)
    if not taken(record, request.form) and further:
        return redirect(path, 303)
    db.session.commit()
    return _check(record, path)


@bp.get("/import/<number:import_id>/faulty.csv")
@may("edit")
def faulty_rows(import_id: int) -> ResponseReturnValue:
    """The rows that cannot be read, as a file to mend and bring in again."""
    record = _import(import_id)
    width = max((len(row.cells) for row in record.rows("faulty")), default=0)
    if not width:
        abort(404, "No rows of this file wait to be mended.")
    headings = Importer(record).headings
    width = max(width, len(headings))
    rows = (
        [*row.cells, *[None] * (width - len(row.cells)), " ".join(one[2] for one in row.found)]
        for row in record.rows("faulty")
    )
    headings = [*headings, *[""] * (width - len(headings)), "to mend"]
    name = {"Content-Disposition": "attachment; filename=to-mend.csv"}
    return Response(b"".join(csv_of_cells(headings, rows)), mimetype="text/csv", headers=name)


@bp.post("/import/<number:import_id>/stage")
@may("edit")
@retried
def stage_import(import_id: int) -> ResponseReturnValue:
    """Put what the rows stand for into the draft."""
    record = _open(import_id)
    counts, wait = record.counts, request.form.get("faulty") == "wait"
    if counts is None:
        return redirect(url_for(".edit_import", import_id=import_id), 303)
    if taken(record, request.form):
        db.session.commit()
        return _check(record, told=TAKEN)
    if request.form.get("seen") != str(counts.get("seal")):
        return _check_page(record, 409, "The rows were checked again since this page was opened. Look first.")
    if counts.get("asked"):
        return _check_page(record, 422, "Choose first which pets the rows are about that fit several.")
    left = 0 if wait else counts.get("faulty", 0)
    return _stage(record.total(), import_id, wait, left, _check_path(record))


@job("Putting a sheet in the draft")
def _stage(job: Job, import_id: int, wait: bool, left: int, back: str) -> Outcome:
    held = Import.held(import_id)
    if held.staged_at is not None:
        return _whereabouts(held)
    try:
        with db.session.begin_nested():
            touched = Importer(held).stage(Draft.begin(job.account_id, job.who), wait, job.counted)
    except Outdated:
        told = Importer(held).check_again(job.counted)
        db.session.commit()
        return Outcome(told, kind="note", path=back)
    db.session.commit()
    return Outcome(_told(touched, left))


def _told(touched: int, left: int) -> str:
    text = staged(touched).text
    if not left:
        return text
    rows = "One row was" if left == 1 else f"{left:,} rows were"
    return f"{text} {rows} left out; the import page has them as a file to mend."


@bp.post("/import/<number:import_id>/discard")
@may("edit")
@retried
def discard_import(import_id: int) -> ResponseReturnValue:
    """Throw away what came in."""
    record = _open(import_id)
    name = record.filename
    record.forget()
    db.session.commit()
    notify(f"The rows of {name} were thrown away. Nothing of them is on the register.")
    return redirect(url_for(".new_import"), 303)


def _whereabouts(record: Import) -> Outcome:
    """Where the rows of a sheet are that went into a draft."""
    changeset = db.session.get(Changeset, record.changeset_id) if record.changeset_id else None
    if changeset is None or changeset.discarded_at is not None:
        text = f"The draft with the rows of {record.filename} is gone. Bring the file in again."
        return Outcome(text, kind="note")
    if changeset.saved_at is not None:
        return Outcome("", changeset.id)
    return Outcome(f"The rows of {record.filename} are in your draft already.", kind="note")


def _open(import_id: int) -> Import:
    """An import that is not in a draft yet; one that is leads to where its rows are."""
    record = _import(import_id)
    if record.staged_at is not None:
        abort(make_response(go_on(_whereabouts(record))))
    return record


def _import(import_id: int) -> Import:
    record = Import.of(import_id, current_user.id)
    if record is None:
        abort(404, "This import is not known any more. Bring the file in again.")
    return record
