"""What comes in: a file or pasted cells, read once into the rows of an import."""

from collections.abc import Callable
from contextlib import ExitStack, suppress

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import DBAPIError

from pets.db import db
from pets.forms.imports import UploadForm
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import
from pets.language import gettext as _, lazy_gettext
from pets.sheets.cells import SheetProblem
from pets.views.imports import open_import
from pets.views.jobs import job
from pets.web.blueprint import bp, page, shows_form, typed_before
from pets.web.bodies import takes_files
from pets.web.causes import is_worth_a_try
from pets.web.jobs import Job, Outcome
from pets.web.permissions import may


@bp.route("/import", methods=["GET", "POST"])
@may("edit")
@shows_form
@takes_files
def new_import() -> ResponseReturnValue:
    """Bring in a sheet: a file, or cells pasted."""
    form = UploadForm(typed_before())
    if request.method == "GET" or not form.validate():
        return _upload_page(form)
    upload = Upload.received(form.file.data, form.cells.data or "")
    number = _begin(upload)
    path, back = url_for(".edit_import", import_id=number), url_for(".new_import")

    def refused(problem: str) -> ResponseReturnValue:
        (form.file if form.file.data else form.cells).errors = [problem]
        return _upload_page(form)

    return _read(upload.rows, number, path, back, refused, upload=upload)


@bp.post("/import/<number:import_id>/encoding")
@may("edit")
def reread_import(import_id: int) -> ResponseReturnValue:
    """Read a text again, in the encoding that a person chose."""
    record, encoding = open_import(import_id), request.form.get("encoding", "")
    if encoding not in record.spellings or record.original is None:
        abort(400, _("Choose which line looks right."))
    upload = Upload.again(record.filename, record.digest, record.original, encoding)
    path, back = url_for(".edit_import", import_id=import_id), url_for(".new_import")
    return _read(upload.rows, import_id, path, back, lambda problem: abort(400, problem), upload=upload)


def _begin(upload: Upload) -> int:
    """Note that something came in; where it cannot be noted, it is not kept either."""
    with ExitStack() as unless_noted:
        unless_noted.enter_context(upload)
        record = Import.begin(current_user.id, filename=upload.filename, kind="", digest=upload.digest)
        db.session.commit()
        unless_noted.pop_all()
    return record.id


def _upload_page(form: UploadForm) -> ResponseReturnValue:
    waiting, aside = Import.waiting(current_user.id), Import.set_aside(current_user.id)
    return page("import/new.html", 422 if form.errors else 200, form=form, waiting=waiting, aside=aside)


@job(lazy_gettext("Reading a file"), holding="upload")
def _read(
    job: Job, number: int, path: str, back: str, refused: Callable[[str], ResponseReturnValue], upload: Upload
) -> Outcome:
    """Keep what came in. Each chunk is committed, so that nobody has to wait."""
    db.session.rollback()  # opening it takes a while
    try:
        with upload.opened() as sheet:
            for done in keep_rows(Import.begun_again(number), sheet):
                db.session.commit()
                job.counted(done)
        db.session.commit()
    except Exception as problem:
        db.session.rollback()
        if not is_worth_a_try(problem):
            with suppress(DBAPIError):  # on a full disk not even this may be possible; it is swept later
                db.session.get_one(Import, number).forget()
                db.session.commit()
        if isinstance(problem, SheetProblem):
            text = str(problem)
            return Outcome(text, kind="note", path=back, at_once=lambda: refused(text))
        raise
    return Outcome("", path=path)
