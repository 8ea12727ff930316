"""Backups, as admins make, fetch and restore them."""

from contextlib import nullcontext
from pathlib import Path

from flask import abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets import clock
from pets.accounts.audit_log import record
from pets.backups import store
from pets.backups.archive import NoBackup
from pets.backups.make import is_on_this_disk, make_backup, problem_with
from pets.backups.restore import keep_uploaded, put_back
from pets.backups.store import Backup, archive
from pets.db import db
from pets.forms.backups import RestoreForm, UploadBackupForm
from pets.language import gettext as _, lazy_gettext, shown
from pets.views.authentication import authenticated
from pets.views.jobs import asked
from pets.views.session import WRONG_HERE
from pets.web.blueprint import bp, notify, page, shows_form
from pets.web.bodies import takes_many_files
from pets.web.jobs import Job, Outcome, jobs
from pets.web.permissions import may


@bp.get("/backups")
@may("admin")
def list_backups() -> ResponseReturnValue:
    """The backups there are."""
    return _list(UploadBackupForm())


def _list(form: UploadBackupForm) -> ResponseReturnValue:
    second = store.second_folder()
    return page(
        "backups/list.html",
        422 if form.errors else 200,
        form=form,
        backups=store.all_backups(),
        place=store.folder(),
        second=second,
        second_problem=problem_with(second) if second else "",
        same_disk=second is not None and is_on_this_disk(second),
        rehearsed=store.notes().get("rehearsed"),
        shown=shown,
        why_not=archive().why_not(),
    )


@bp.post("/backups")
@may("admin", confirmed=True)
def add_backup() -> ResponseReturnValue:
    """Make a backup now, while people keep working."""
    who = current_user.name
    db.session.rollback()
    try:
        file = make_backup()
    except NoBackup as problem:
        notify(str(problem), kind="note")
        return redirect(url_for(".list_backups"), 303)
    record("backup", who, file.name, request.remote_addr or "")
    db.session.commit()
    notify(_("The backup %(name)s was created.", name=file.name))
    return redirect(url_for(".list_backups"), 303)


@bp.post("/backups/<name>")
@may("admin", confirmed=True)
def fetch_backup(name: str) -> ResponseReturnValue:
    """Download a backup. Everything is in it, so that this is told, and no mere link."""
    backup = _found(name)
    record("backup-fetched", current_user.name, backup.name, request.remote_addr or "")
    db.session.commit()
    answer = send_file(backup.file, mimetype="application/octet-stream", as_attachment=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/backups/upload")
@may("admin", confirmed=True)
@takes_many_files
def upload_backup() -> ResponseReturnValue:
    """Bring in a backup from elsewhere, and look into it."""
    form = UploadBackupForm()
    if not form.validate():
        return _list(form)
    try:
        file = keep_uploaded(form.file.data)
    except NoBackup as problem:
        form.file.errors = [str(problem)]
        return _list(form)
    record("backup-uploaded", current_user.name, file.name, request.remote_addr or "")
    db.session.commit()
    return redirect(url_for(".restore_backup", name=file.name), 303)


@bp.route("/backups/<name>/restore", methods=["GET", "POST"])
@may("admin")
@shows_form
def restore_backup(name: str) -> ResponseReturnValue:
    """Put a backup in the place of the register, once it was seen beside what is there now."""
    found, form = _found(name), RestoreForm()
    db.session.rollback()
    backup = found if found.checked_at else store.checked(found)

    def again(status: int) -> tuple[str, int]:
        now, cannot = archive().now(), backup.why_not
        return page("backups/restore.html", status, form=form, backup=backup, now=now, cannot=cannot)

    if request.method == "GET" or not form.validate():
        return again(422 if form.errors else 200)
    if backup.why_not:
        return again(409)
    authenticated(current_user.name, form.password, again, WRONG_HERE, here=True)
    db.session.commit()
    return _restore(backup)


def _restore(backup: Backup) -> ResponseReturnValue:
    """Begin to restore, behind a page. It ends all sessions, also the one that asks."""
    address, path = request.remote_addr or "", url_for(".list_backups")

    def deed(job: Job) -> Outcome:
        try:
            kept = put_back(backup.file, job.who, address)
        except NoBackup as problem:
            return Outcome(str(problem), kind="note", path=path)
        return Outcome(_told(backup, kept), path=path)

    job = Job(lazy_gettext("Restoring a backup"), current_user.id, 1, asked(), current_user.name)
    begun = jobs().begin(job, deed, nullcontext())
    return redirect(url_for(".show_job", number=begun.id), 303)


def _told(backup: Backup, kept: list[Path]) -> str:
    when = clock.moment_words(backup.made_at)
    if not kept:
        return _("The register is as it was on %(when)s.", when=when)
    return _(
        "The register is as it was on %(when)s. To undo this, restore %(name)s.", when=when, name=kept[0].name
    )


def _found(name: str) -> Backup:
    return store.find(name) or abort(404)
