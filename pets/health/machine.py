"""Checks of the machine and of how it is reached: clock, HTTPS, host names, rights, versions."""

import os
import platform
import re
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from flask import current_app

from pets import clock
from pets.changes.changeset import Changeset
from pets.db import db
from pets.health.finding import BAD, GOOD, LOOK, Asked, Finding
from pets.language import gettext as _, lazy_gettext
from pets.migrations import FOLDER, steps

LOCAL = ("127.0.0.1", "::1", "localhost")  # addresses that nobody else can reach
AHEAD = timedelta(minutes=2)  # by which the clocks of two machines may differ
ROOT = FOLDER.parent.parent  # the program's own folder
SET_CLOCK = lazy_gettext(
    "Set the clock of this machine, and let it set itself (Linux: timedatectl set-ntp true)."
)


def time(asked: Asked) -> Finding:
    """Whether the clock is as late as what was saved, and as the program itself."""
    now, saved_at = clock.now(), Changeset.last_saved_at()
    made_at = max(file.stat().st_mtime for file in (FOLDER / "versions").glob("*.py"))
    when = clock.moment_words(now)
    if saved_at and saved_at > now + AHEAD:
        words = _(
            "It is %(when)s. The newest change is from %(later)s, which is yet to come.",
            when=when,
            later=clock.moment_words(saved_at),
        )
        ahead = _("If it is right now, it was ahead then: those changes come first in the history.")
        return Finding(BAD, words, f"{SET_CLOCK} {ahead}")
    if datetime.fromtimestamp(made_at, UTC) > now + AHEAD:
        return Finding(BAD, _("It is %(when)s. The program itself is younger.", when=when), str(SET_CLOCK))
    return Finding(GOOD, _("It is %(when)s.", when=when))


def https(asked: Asked) -> Finding:
    """Whether passwords travel in the clear."""
    proxies = current_app.config["PETS_TRUSTED_PROXIES"]
    if asked.secure:
        return Finding(GOOD, _("This page came over HTTPS."))
    if proxies and asked.secure is None:
        return Finding(
            GOOD, _("A proxy stands before the server. Whether it has HTTPS is shown on the page /health.")
        )
    if proxies:
        todo = _(
            "Give the proxy a certificate, let it send X-Forwarded-Proto, name it in PETS_PROXY_ADDRESSES."
        )
        return Finding(BAD, _("The proxy handed this page on as plain HTTP."), todo)
    if _is_local():
        return Finding(GOOD, _("Only this machine can reach the server; nothing travels over a network."))
    todo = _("Put nginx or Caddy before the server (see the README).")
    return Finding(BAD, _("Passwords travel in the clear on this network."), todo)


def host_names(asked: Asked) -> Finding:
    """Whether the site answers to its own name alone."""
    names = current_app.config["TRUSTED_HOSTS"]
    if names:
        return Finding(GOOD, _("The site answers to %(names)s and to no other name.", names=", ".join(names)))
    if _is_local() and not current_app.config["PETS_TRUSTED_PROXIES"]:
        return Finding(GOOD, _("Only this machine can reach the server, by whatever name."))
    todo = _("Set PETS_ALLOWED_HOSTS to the names in its address, such as pets.example.org.")
    return Finding(
        LOOK,
        _("The site answers to any name, so that a page of another site could ask it in a person’s browser."),
        todo,
    )


def rights(asked: Asked) -> Finding | None:
    """Whether other accounts of the machine may read the secret key or the register."""
    folder = Path(current_app.instance_path)
    if os.name != "posix":
        return None
    if not _is_open(folder):
        return Finding(GOOD, _("Nobody else on this machine may read %(folder)s.", folder=folder))
    names = ["secret_key", Path(db.engine.url.database or "none").name]
    seen = [name for name in names if (folder / name).exists() and _is_open(folder / name)]
    if not seen:
        return Finding(
            GOOD,
            _(
                "Nobody else on this machine may read the secret key and the register in %(folder)s.",
                folder=folder,
            ),
        )
    todo = _("Run: chmod 700 %(folder)s", folder=folder)
    if "secret_key" in seen:
        rest = _("If someone else may have read the key, remove it and restart: everybody signs in again.")
        todo = f"{todo}. {rest}"
    found = _(
        "Others on this machine may read these in %(folder)s: %(names)s.",
        folder=folder,
        names=", ".join(seen),
    )
    return Finding(BAD, found, todo)


def versions(asked: Asked) -> Finding:
    """What runs, and whether it is what the program was tested with."""
    database = f"SQLite {sqlite3.sqlite_version}"
    if db.engine.dialect.name == "postgresql":
        info: Any = db.session.connection().connection.dbapi_connection
        database = f"PostgreSQL {info.info.parameter_status('server_version')}"
    running = _(
        "Pets at step %(step)s, Python %(python)s, %(database)s.",
        step=max(steps()),
        python=platform.python_version(),
        database=database,
    )
    wrong = [name for name, pinned in _pinned() if _installed(name) != pinned]
    if not wrong:
        return Finding(GOOD, running)
    words = _("Not the versions that Pets was tested with: %(names)s.", names=", ".join(wrong))
    todo = _("Stop the server, then run “make run”, or pip install -r requirements.txt.")
    return Finding(LOOK, f"{running} {words}", todo)


def _pinned() -> list[tuple[str, str]]:
    """The packages of requirements.txt that are needed on every system, each with its version."""
    text = (ROOT / "requirements.txt").read_text("utf-8")
    return re.findall(r"^ *([\w.-]+)==([\w.]+)(?![^#\n]*;)", text, re.MULTILINE)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_local() -> bool:
    return current_app.config["PETS_HOST"] in LOCAL


def _is_open(file: Path) -> bool:
    """Whether others on the machine than its owner may read it, or may come through it."""
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)
