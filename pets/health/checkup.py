"""The check-up: all checks, one after the other. Nothing is changed by it, and nothing secret is told."""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from pets.db import db
from pets.health import machine, register
from pets.health.finding import BAD, GOOD, LOOK, Asked, Finding
from pets.language import gettext as _, lazy_gettext

CHECKS = {
    "database": (lazy_gettext("Database"), register.database),
    "integrity": (lazy_gettext("Integrity"), register.integrity),
    "place": (lazy_gettext("Location"), register.place),
    "room": (lazy_gettext("Disk space"), register.room),
    "backups": (lazy_gettext("Backups"), register.backups),
    "time": (lazy_gettext("Clock"), machine.time),
    "https": (lazy_gettext("HTTPS"), machine.https),
    "host_names": (lazy_gettext("Host names"), machine.host_names),
    "rights": (lazy_gettext("Permissions"), machine.rights),
    "versions": (lazy_gettext("Versions"), machine.versions),
}
NEED_REGISTER = ("database", "integrity", "room", "backups", "time")
ORDER = (BAD, LOOK, GOOD)


def check_up(asked: Asked) -> list[tuple[str, Finding]]:
    """What each check found, by its name; what has to be done comes first."""
    missing = register.missing()
    names = [name for name in CHECKS if missing is None or name not in NEED_REGISTER]
    found = [(str(CHECKS[name][0]), finding) for name in names if (finding := _ask(name, asked))]
    found += [(_("Database"), missing)] if missing else []
    return sorted(found, key=lambda one: ORDER.index(one[1].state))


def _ask(name: str, asked: Asked) -> Finding | None:
    try:
        return CHECKS[name][1](asked)
    except (SQLAlchemyError, sqlite3.Error, OSError) as problem:
        why = str(getattr(problem, "orig", problem)).strip()
        told = _("This could not be checked: %(why)s", why=why)
        return Finding(BAD, told, _("Fix that first, then check again."))
    finally:
        db.session.rollback()
