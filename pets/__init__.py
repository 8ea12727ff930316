"""Pets: a register of animals in which every change is seen before it is saved, and can be undone after."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from flask import Flask, appcontext_pushed
from sqlalchemy.exc import SQLAlchemyError

from pets import cli, views
from pets.accounts.account import Account, SetupLink
from pets.backups import in_use
from pets.changes import recorder as recorder  # whoever imports any of Pets has its listeners
from pets.changes.files import sweep_files
from pets.db import db, listen
from pets.imports import upload
from pets.migrations import FOLDER, NotOurs
from pets.models import field
from pets.sqlite import file as sqlite_file
from pets.sqlite.lock import hold
from pets.web import blueprint, static
from pets.web.templates import Environment

__all__ = ["close", "init_app", "setup_link", "sweep", "take"]


def init_app(app: Flask) -> None:
    """Put the register into an application whose settings are there. Touches no database."""
    app.jinja_environment = Environment  # type: ignore[assignment]
    db.init_app(app)
    listen(app)
    in_use.tell_others(app)
    appcontext_pushed.connect(field.forget, app)  # each register has fields of its own
    app.teardown_appcontext(field.forget)
    if click.get_current_context(silent=True):
        # For `flask db` alone. A server, which is no command, need not load Alembic.
        from flask_migrate import Migrate

        Migrate(app, db, directory=str(FOLDER))
    static.init_app(app)
    blueprint.init_app(app)
    app.register_blueprint(views.bp)
    app.cli.add_command(cli.pets)


def take() -> None:
    """Have the register for this server alone, where it is a SQLite file: what is under way is known to one.

    Raises NotOurs where another server has it.
    """
    file = Path(db.engine.url.database or "").resolve()  # whatever links lead to it
    if db.engine.dialect.name == "sqlite" and not hold(sqlite_file.beside(file, "-server")):
        raise NotOurs(
            "Another server has this register open. Stop that first, or set PETS_INSTANCE to another."
        )


def sweep() -> None:
    """Take away what a server left in the register that died at its work."""
    upload.sweep()
    sweep_files()
    db.session.commit()


def setup_link() -> str | None:
    """The path that makes the first admin, once, another at each start; None when there are accounts."""
    if Account.exist():
        db.session.rollback()
        return None
    token = SetupLink.renew()
    db.session.commit()
    return f"/setup?token={quote(token)}"


def close(app: Flask) -> None:
    """Let go of the database as the server ends. A SQLite file then holds all that was saved, without a log.

    To be called by whatever server there is, once it answers nobody any more. Raises nothing: what another
    program's lock keeps in the log is read from there at the next start. Where the file was removed its log
    stays as it is, and keeps that start from beginning an empty register in its place.
    """
    with app.app_context(), suppress(SQLAlchemyError, sqlite3.Error):
        if db.engine.dialect.name == "sqlite" and Path(db.engine.url.database or "").is_file():
            connection: Any = db.engine.raw_connection()
            connection.execute("PRAGMA busy_timeout = 2000")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        db.engine.dispose()
