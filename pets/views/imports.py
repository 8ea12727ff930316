"""Sheets in: a file is read once, its columns are agreed on, its rows are checked, and go into the draft."""

from dataclasses import replace
from typing import Any

from flask import abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.db import db
from pets.fields.dates import TWO_DIGIT_YEARS
from pets.forms.import_rows import taken
from pets.forms.imports import ColumnsForm
from pets.imports.earlier import earlier
from pets.imports.headings import READ_ONLY
from pets.imports.import_row import ImportRow
from pets.imports.importer import STATES, Importer, Outdated
from pets.imports.lookup import SHOWN, called
from pets.imports.mapping import ColumnMapping
from pets.imports.new_fields import housed
from pets.imports.rows_apart import REASONS
from pets.imports.upload_rows import Import
from pets.language import gettext as _, lazy_gettext, ngettext
from pets.search.listing import listing
from pets.sheets.cells import SheetProblem
from pets.sheets.encodings import CALLED
from pets.views.jobs import go_on, job, staged
from pets.web.blueprint import bp, notify, page, shows_form, typed_before
from pets.web.jobs import Job, Outcome
from pets.web.permissions import may

MARKED = ("asked", "faulty", "alike", "apart")  # rows of these states are listed
TAKEN = lazy_gettext("Your fixes are in. Check the result, then continue.")


@bp.route("/import/<number:import_id>", methods=["GET", "POST"])
@may("edit")
@shows_form
def edit_import(import_id: int) -> ResponseReturnValue:
    """Say what the columns of a sheet hold, and which pets its rows are about."""
    record = open_import(import_id)
    typed = typed_before()
    if request.method == "GET" and typed is None:
        importer = _importer(record)
        return _columns_page(ColumnsForm.of(importer), importer)
    form = ColumnsForm(typed)
    if not typed and form.looks_elsewhere(Importer(record)):
        seen = ColumnMapping(heading_row=form.plan.heading_row, match=form.plan.match)
        record.sheet, record.plan = form.sheet.data, seen.kept
        db.session.commit()
        return redirect(request.script_root + request.path, 303)
    importer = _importer(record, form.plan)
    try:
        form.show(importer)
    except SheetProblem as problem:
        abort(400, str(problem))
    if typed or not form.holds(importer):
        return _columns_page(form, importer, 200 if typed else 422)
    plan = housed(importer, current_user.name, request.remote_addr or "")
    record.plan, record.fingerprint = plan.kept, importer.columns.fingerprint
    db.session.commit()
    return _check(record)


def _importer(record: Import, plan: ColumnMapping | None = None) -> Importer:
    """The sheet as whoever asks may take it: only admins add fields."""
    importer = Importer(record, plan)
    importer.makes_fields = current_user.may("admin")
    if not importer.makes_fields:
        importer.plan = replace(importer.plan, fields=())
    return importer


def _columns_page(form: ColumnsForm, importer: Importer, status: int = 200) -> ResponseReturnValue:
    form.show(importer)
    notes = [*importer.record.notes]
    if importer.evidence.two_digit_years:
        notes.append(TWO_DIGIT_YEARS)
    about = {
        "notes": notes,
        "read_only": READ_ONLY,
        "encodings": CALLED,
        "earlier": earlier(importer.record),
    }
    return page("import/columns.html", status, form=form, importer=importer, **about)


def _check(record: Import, path: str | None = None, told: str = "") -> ResponseReturnValue:
    """Find out what the rows stand for, and go on to the page that tells."""
    return _judge(record.total(), record.id, path or _check_path(record), told)


@job(lazy_gettext("Checking a sheet"))
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
    return _check_page(open_import(import_id))


def _check_page(record: Import, status: int = 200, note: str = "") -> ResponseReturnValue:
    if record.counts is None:
        return redirect(url_for(".edit_import", import_id=record.id), 303)
    shown = {
        state: listing(
            record.marked(state), key=(ImportRow.number,), after=request.args.get(f"{state}-after", "")
        )
        for state in MARKED
    }
    found = called(
        [number for name in ("asked", "alike") for row in shown[name].rows for number in row.found]
    )
    importer = Importer(record)
    about = {"importer": importer, "shown": shown, "found": found, "most": SHOWN, "earlier": earlier(record)}
    about |= {"questions": importer.row_questions, "reasons": REASONS, "states": STATES}
    wait = request.values.get("faulty") == "wait"
    return page("import/check.html", status, **about, note=note, wait=wait)


@bp.post("/import/<number:import_id>/fix")
@may("edit")
def fix_import(import_id: int) -> ResponseReturnValue:
    """Take what a person corrected and chose, and check again; or go on to the next rows with it."""
    record = open_import(import_id)
    pages = {f"{state}-after" for state in MARKED}
    further = {name: value for name, value in request.args.items() if name in pages}
    path = _check_path(record, **further)
    if not taken(record, request.form) and further:
        return redirect(path, 303)
    db.session.commit()
    return _check(record, path)


@bp.post("/import/<number:import_id>/stage")
@may("edit")
def stage_import(import_id: int) -> ResponseReturnValue:
    """Put what the rows stand for into the draft."""
    record = open_import(import_id)
    counts, wait = record.counts, request.form.get("faulty") == "wait"
    if counts is None:
        return redirect(url_for(".edit_import", import_id=import_id), 303)
    if taken(record, request.form):
        db.session.commit()
        return _check(record, told=str(TAKEN))
    if request.form.get("seen") != str(counts.get("seal")):
        return _check_page(
            record,
            409,
            _("The rows were checked again since this page was opened. Check the result, then continue."),
        )
    if counts.get("asked"):
        return _check_page(record, 422, _("Some rows fit several pets. Choose which ones they are about."))
    left = 0 if wait else counts.get("faulty", 0)
    return _stage(record.total(), import_id, wait, left, _check_path(record))


@job(lazy_gettext("Adding a sheet to the draft"))
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
    rest = ngettext(
        "One row was left out; the import page has it as a file to fix.",
        "%(num)s rows were left out; the import page has them as a file to fix.",
        left,
    )
    return f"{text} {rest}"


@bp.post("/import/<number:import_id>/discard")
@may("edit")
def discard_import(import_id: int) -> ResponseReturnValue:
    """Discard what came in."""
    record = open_import(import_id)
    name = record.filename
    record.forget()
    db.session.commit()
    notify(_("Discarded: the rows of %(file)s. Nothing of them is on the register.", file=name))
    return redirect(url_for(".new_import"), 303)


def _whereabouts(record: Import) -> Outcome:
    """Where the rows of a sheet are that went into a draft."""
    changeset = db.session.get(Changeset, record.changeset_id) if record.changeset_id else None
    if changeset is None or changeset.discarded_at is not None:
        text = _(
            "The draft with the rows of %(file)s is gone. Bring the file in again.", file=record.filename
        )
        return Outcome(text, kind="note")
    if changeset.saved_at is not None:
        return Outcome("", changeset.id)
    text = _("The rows of %(file)s are in your draft already.", file=record.filename)
    return Outcome(text, kind="note")


def open_import(import_id: int) -> Import:
    """An import that is not in a draft yet; one that is leads to where its rows are."""
    record = found_import(import_id)
    if record.staged_at is not None:
        abort(make_response(go_on(_whereabouts(record))))
    return record


def found_import(import_id: int) -> Import:
    record = Import.of(import_id, current_user.id)
    if record is None:
        abort(404, _("This import is not known any more. Import the file again."))
    return record
