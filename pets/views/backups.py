"""Backups, as admins make and fetch them."""

from datetime import UTC, datetime
from pathlib import Path

from flask import abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.accounts.audit_log import record
from pets.backups import NAME, NoBackup, all_backups, folder, make_backup, possible
from pets.db import db
from pets.web.blueprint import bp, notify, page, retried
from pets.web.permissions import may


@bp.get("/backups")
@may("admin")
def list_backups() -> ResponseReturnValue:
    """The backups there are."""
    found = [_described(file) for file in all_backups()]
    return page("accounts/backups.html", backups=found, place=folder(), possible=possible())


@bp.post("/backups")
@may("admin", confirmed=True)
@retried
def add_backup() -> ResponseReturnValue:
    """Make a backup now, while everybody goes on working."""
    who = current_user.name
    db.session.rollback()
    try:
        file = make_backup()
    except NoBackup as problem:
        notify(str(problem), kind="note")
        return redirect(url_for(".list_backups"), 303)
    record("backup", who, file.name, request.remote_addr or "")
    db.session.commit()
    notify(f"The backup {file.name} was made.")
    return redirect(url_for(".list_backups"), 303)


@bp.post("/backups/<name>")
@may("admin", confirmed=True)
@retried
def fetch_backup(name: str) -> ResponseReturnValue:
    """Download a backup. Everything is in it, so that this is told, and no mere link."""
    if not NAME.fullmatch(name) or not (folder() / name).is_file():
        abort(404)
    record("backup-fetched", current_user.name, name, request.remote_addr or "")
    db.session.commit()
    answer = send_file(folder() / name, mimetype="application/vnd.sqlite3", as_attachment=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _described(file: Path) -> tuple[str, int, datetime]:
    """A backup's name, size in bytes, and when it was made."""
    about = file.stat()
    return file.name, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC)
