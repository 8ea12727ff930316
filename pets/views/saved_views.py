"""Saved views: searches of the list under a name, one's own or everybody's."""

from contextlib import suppress

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.db import db
from pets.forms.saved_views import SavedViewForm
from pets.language import gettext as _
from pets.search.listing import BadSearch
from pets.search.pets import PetSearch
from pets.search.saved_view import SavedView
from pets.web.blueprint import bp, notify, page, shows_form, typed_before
from pets.web.permissions import may


@bp.route("/saved-views/new", methods=["GET", "POST"])
@may("look")
@shows_form
def new_saved_view() -> ResponseReturnValue:
    """Give the search that is in view a name."""
    sent = request.form if request.method == "POST" else typed_before()
    search = PetSearch.from_query((sent or request.args).get("search", ""))
    query = search.query_string()
    # A form that is sent twice finds its own view.
    twin = SavedView.kept(current_user, (sent or request.args).get("name", ""), query)
    form = SavedViewForm(current_user, twin, sent)
    if request.method == "GET" or not form.validate():
        shown = {"form": form, "search": search, "view": None}
        return page("saved_views/edit.html", 422 if form.errors else 200, **shown)
    view = twin or form.other or SavedView(account_id=current_user.id)
    view.query = query
    db.session.add(view)
    return _kept(view, form)


@bp.get("/saved-views/<number:view_id>")
@may("look")
def show_saved_view(view_id: int) -> ResponseReturnValue:
    """The list as the view has it: the address to give to others."""
    return redirect(url_for(".list_pets") + _view(view_id).query)


@bp.route("/saved-views/<number:view_id>/edit", methods=["GET", "POST"])
@may("look")
@shows_form
def edit_saved_view(view_id: int) -> ResponseReturnValue:
    """Rename a view, or say who is shown it."""
    view = _to_change(view_id)
    form = SavedViewForm(current_user, view, request.form if request.method == "POST" else typed_before())
    if request.method == "GET" or not form.validate():
        search = None  # where a field is gone by which it was sorted
        with suppress(BadSearch):
            search = PetSearch.from_query(view.query)
        shown = {"form": form, "search": search, "view": view}
        return page("saved_views/edit.html", 422 if form.errors else 200, **shown)
    return _kept(view, form)


@bp.post("/saved-views/<number:view_id>/delete")
@may("look")
def delete_saved_view(view_id: int) -> ResponseReturnValue:
    """Delete a view; no pet is touched."""
    view = _to_change(view_id)
    db.session.delete(view)
    db.session.commit()
    notify(_("The view “%(name)s” was deleted.", name=view.name))
    return redirect(url_for(".list_pets"), 303)


def _kept(view: SavedView, form: SavedViewForm) -> ResponseReturnValue:
    view.keep(form.name.data or "", form.shared)
    db.session.commit()
    notify(_("The view “%(name)s” was saved.", name=view.name))
    return redirect(url_for(".list_pets") + view.query, 303)


def _view(view_id: int) -> SavedView:
    view = SavedView.found(view_id, current_user)
    if view is None:
        abort(404, _("This view no longer exists."))
    return view


def _to_change(view_id: int) -> SavedView:
    view = _view(view_id)
    if not view.may_be_changed_by(current_user):
        abort(403)
    return view
