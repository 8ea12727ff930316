"""The check-up: all checks, one after the other. Nothing is changed by it, and nothing secret is told."""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from pets.db import db
from pets.health import machine, register
from pets.health.finding import BAD, GOOD, LOOK, Asked, Finding

CHECKS = {
    "Database": register.database,
    "Integrity": register.integrity,
    "Location": register.place,
    "Disk space": register.room,
    "Backups": register.backups,
    "Clock": machine.time,
    "HTTPS": machine.https,
    "Host names": machine.host_names,
    "Permissions": machine.rights,
    "Versions": machine.versions,
}
NEED_REGISTER = ("Database", "Integrity", "Disk space", "Backups", "Clock")
ORDER = (BAD, LOOK, GOOD)


def check_up(asked: Asked) -> list[tuple[str, Finding]]:
    """What each check found, by its name; what has to be done comes first."""
    missing = register.missing()
    names = [name for name in CHECKS if missing is None or name not in NEED_REGISTER]
    found = [(name, finding) for name in names if (finding := _ask(name, asked))]
    found += [("Database", missing)] if missing else []
    return sorted(found, key=lambda one: ORDER.index(one[1].state))


def _ask(name: str, asked: Asked) -> Finding | None:
    try:
        return CHECKS[name](asked)
    except (SQLAlchemyError, sqlite3.Error, OSError) as problem:
        why = str(getattr(problem, "orig", problem)).strip()
        return Finding(BAD, f"This could not be checked: {why}", "See to that first, then check again.")
    finally:
        db.session.rollback()
