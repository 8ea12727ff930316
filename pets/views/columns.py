"""The columns of the list, as each person chooses them."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.accounts.account import Account
from pets.db import db
from pets.fields import listed_fields
from pets.fields.catalogue import catalogue
from pets.language import gettext as _
from pets.search.pets import PetSearch
from pets.web.blueprint import bp, notify, page
from pets.web.permissions import may


@bp.route("/pets/columns", methods=["GET", "POST"])
@may("look")
def choose_columns() -> ResponseReturnValue:
    """Choose the columns of the list for oneself; they are kept with the account."""
    search = PetSearch.from_query(request.values.get("search", ""))
    known, usual = catalogue().columns, [field.name for field in listed_fields()]
    if request.method == "GET":
        chosen = [field.name for field in listed_fields(search.columns or current_user.columns)]
        return page("pets/columns.html", search=search, columns=list(known.values())[1:], chosen=chosen)
    ticked = [*usual[:1], *(name for name in known if name in request.form.getlist("column"))]
    account = db.session.get_one(Account, current_user.id)
    account.columns = None if "usual" in request.form or ticked == usual else ticked
    db.session.commit()
    notify(
        _("The list has its standard columns.") if account.columns is None else _("Your columns were saved.")
    )
    return redirect(url_for(".list_pets") + search.query_string(columns=()), 303)
