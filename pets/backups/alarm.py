"""What admins have to be told about backups, on every page."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from flask import current_app

from pets import clock
from pets.backups import store
from pets.language import day_words, gettext as _, language, shown


def alarm() -> str:
    """A sentence on why the register is not safe, or "".

    Every page of an admin asks, so it is found once an hour, and when something has changed.
    """
    hour = int(clock.now().timestamp()) // 3600
    return _found(current_app.instance_path, hour, store.changed_at(), str(store.second_folder()), language())


@lru_cache(maxsize=16)
def _found(place: str, hour: int, changed: tuple[int, ...], second_folder: str, code: str) -> str:
    if store.archive().why_not():
        return ""
    noted, made = store.notes(), sorted(store.backups_in(store.folder()), key=lambda one: one.made_at)
    newest = next((one for one in reversed(made) if one.is_of_now and one.is_good), None)
    if newest is None and _age_of_data_folder() > store.TOO_OLD:
        return _("There is no good backup of the register.")
    if newest is not None and clock.now() - newest.made_at > store.TOO_OLD:
        day = day_words(clock.local(newest.made_at).date())
        return _("The newest good backup of the register is from %(day)s.", day=day)
    if noted.get("trouble"):
        return shown(noted["trouble"])
    if noted.get("rehearsed", {}).get("good") is False:
        return _("The rehearsal of a backup failed. %(why)s", why=shown(noted["rehearsed"]["text"]))
    second = noted.get("second", {})
    return shown(second.get("problem", "")) if second.get("path") == second_folder else ""


def _age_of_data_folder() -> timedelta:
    """How long there has been a register to back up: its secret key is made at the first start."""
    try:
        made = (Path(current_app.instance_path) / "secret_key").stat().st_mtime
    except OSError:
        return timedelta()
    return clock.now() - datetime.fromtimestamp(made, UTC)
