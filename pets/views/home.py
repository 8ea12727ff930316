"""Home: the register at a glance, and what there is to do."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask import session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets import clock
from pets.accounts.account import Account
from pets.imports.upload_rows import Import
from pets.language import gettext as _
from pets.search import figures, lately
from pets.search.duplicates import look_further
from pets.web.blueprint import bp, page
from pets.web.filters import path_to
from pets.web.permissions import may

YOUNG = timedelta(days=14)  # how long the first steps are shown
HELD = 200  # pets that are held against each other: to look through more of them is a page of its own


class Step(NamedTuple):
    """One of the first steps with a new register: where it leads, and whether it is done."""

    words: str
    about: str
    address: str
    done: bool


@bp.get("/")
@may("look")
def index() -> ResponseReturnValue:
    """The register at a glance."""
    types = figures.by_type()
    ages, missing = figures.ages_and_missing(types.pets) if types.pets else ([], [])
    shown: dict[str, Any] = {
        "types": types,
        "ages": ages,
        "missing": missing,
        "months": lately.by_month(),
        "alike": look_further("", HELD) if types.pets else None,
        "since": _since(),
        "steps": _steps(types.pets),
    }
    return page("home/show.html", **shown)


def _since() -> dict[str, Any] | None:
    """What others have saved since one was here last, and when that was; None in one's first session."""
    if "since" not in session:
        return None
    moment = datetime.fromtimestamp(session["since"] * 60, UTC)
    asked = f"?since={clock.local(moment):%Y-%m-%dT%H:%M}"
    return {"moment": moment, "asked": asked, "others": lately.by_others(moment, current_user.id)}


def _steps(pets: int) -> list[Step]:
    """The first steps that are open to whoever asks: none once all are done, or the register is older."""
    if not current_user.may("edit") or (pets and Account.first_made_at() < clock.now() - YOUNG):
        return []
    steps = [
        Step(
            _("Add your first pet"),
            _("A name and a type are enough. Everything else can follow."),
            path_to("pets.new_pet"),
            pets > 0,
        ),
        Step(
            _("Import a spreadsheet"),
            _("Bring in the list that you have: a file, or cells that you paste."),
            path_to("pets.new_import"),
            Import.any_staged(),
        ),
    ]
    if current_user.may("admin"):
        about = _("Everyone gets an account of their own, so that the history tells who changed what.")
        address = path_to("pets.list_accounts")
        steps.append(Step(_("Add your colleagues"), about, address, Account.several()))
    return [] if all(step.done for step in steps) else steps
