"""Conflicts on a page: asking a person which version to keep, and reading what they chose."""

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from pets.changes.history import PetHistory
from pets.changes.merge import Choices, Conflicts, apply
from pets.changes.wanted import Wanted
from pets.language import gettext as _
from pets.web.blueprint import page
from pets.web.permissions import typed


def chosen() -> Choices:
    """What the form that was sent says about conflicts; nothing, the first time."""
    each, seen = {}, {}
    for name, value in request.form.items():
        what, _, key = name.partition("-")
        if what == "choice":
            each[key] = value
        elif what == "seen" and key.isdecimal() and value.isdecimal() and len(key + value) < 30:
            seen[int(key)] = int(value)
    return Choices(each, seen, request.form.get("all"))


def apply_or_ask(line: Wanted, stop: str) -> ResponseReturnValue | None:
    """Make a change in the session; or else the page that asks about what conflicts: see `ask`."""
    conflicts = apply([line], chosen())
    return ask(conflicts, stop) if conflicts.total else None


def ask(conflicts: Conflicts, stop: str, *, undoing: bool = False) -> ResponseReturnValue:
    """The page that shows each conflict side by side and sends the same form again with the choices.

    `stop` is where a person goes who gives up.
    """
    unanswered = any(name.startswith("seen-") for name in request.form)
    asked = {f"choice-{conflict.key}" for conflict in conflicts.shown} | {
        f"seen-{c.pet_id}" for c in conflicts.shown
    }
    sent = [field for field in typed() if field[0] not in asked and field[0] != "all"]  # but other choices
    return page(
        "conflicts.html",
        409,
        conflicts=conflicts,
        sent=sent,
        undoing=undoing,
        stop=stop,
        again=unanswered,
        # Two tabs, or a form that was sent, corrected and sent again.
        mine=all(one.by and one.by.changeset.account_id == current_user.id for one in conflicts.shown),
        action=request.script_root + request.full_path.rstrip("?"),
    )


def version_meant(now: PetHistory, kept: MultiDict[str, str] | None = None) -> int:
    """The version of the pet that a form was filled from: see `version_sent`.

    Whoever saved it, went Back and sends it again has seen what they saved, and is not asked about that.
    """
    version, shows = version_sent(now.version, kept), (kept or request.form).get("shows", "")
    if not (shows.isascii() and shows.isdigit() and len(shows) < 10 and version < int(shows) <= now.version):
        return version
    seen = [change for change in now.since(version) if change.version < int(shows)]
    mine = all(change.changeset.account_id == current_user.id for change in seen)
    return int(shows) if mine else version


def version_sent(latest: int, kept: MultiDict[str, str] | None = None) -> int:
    """The version of the pet that a form was filled from, the one sent or the one that was kept.

    Answers 400 without one: there would be nothing to compare with.
    """
    sent = (kept or request.form).get("version", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10 and 0 < int(sent) <= latest):
        abort(
            400, _("The form does not say which version of the pet it is about. Open the pet’s page again.")
        )
    return int(sent)
