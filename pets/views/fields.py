"""Fields: what admins let the register keep of each pet, beside what is built in."""

from collections.abc import Iterable
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from pets.accounts.audit_log import record
from pets.changes.concern import pets_now
from pets.changes.own_facts import EXAMPLES, having, how_many, in_use, left, renamed, shared_codes
from pets.db import db
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.fields.settings import ALSO_CALLED, CALLED, Settings, noted
from pets.fields.suggestions import SUGGESTIONS, labels, suggested
from pets.fields.text import plain
from pets.forms.base import PetsForm
from pets.forms.choices import MOST
from pets.forms.fields import FULL, FieldForm, is_full
from pets.language import SOURCE, gettext as _, speaking
from pets.models.field import OwnField
from pets.search.fields import pets_with
from pets.search.saved_view import SavedView
from pets.views.field_kinds import Event, change_kind
from pets.views.jobs import put_in_draft
from pets.web.blueprint import bp, notify, page, shows_form, typed_before
from pets.web.permissions import may


@bp.get("/fields")
@may("admin")
def list_fields() -> ResponseReturnValue:
    """All fields in the order of the form, those that are retired last."""
    own = db.session.scalars(OwnField.in_order()).all()
    used, retired = [[one for one in own if bool(one.retired_at) is gone] for gone in (False, True)]
    shown: dict[str, Any] = {"used": used, "retired": retired, "pets_with": pets_with()}
    return page("fields/list.html", kinds=CALLED, built_in=ALSO_CALLED, **shown)


@bp.route("/fields/new", methods=["GET", "POST"])
@may("admin")
@shows_form
def new_field() -> ResponseReturnValue:
    """Add a field: one that many registers have with one press, or one's own, of the kind that is chosen."""
    wanted = suggested(request.form.get("suggested", ""))
    if wanted and PetsForm().validate():  # a form that is shown again looks at its token by itself
        twins = map(OwnField.labelled, labels(request.form["suggested"]))
        return _added(wanted, next(filter(None, twins), None))
    kind = request.args.get("kind", "")
    if kind not in CALLED:
        there = {field.label_key for field in db.session.scalars(OwnField.in_order())}
        free = {name: one for name, one in SUGGESTIONS.items() if there.isdisjoint(map(plain, labels(name)))}
        status = 200 if request.method == "GET" else 422
        return page("fields/new.html", status, kinds=CALLED, suggestions=free)
    form = FieldForm(kind, None, _sent())
    if request.method == "GET" or not form.validate():
        return page("fields/edit.html", 422 if form.errors or form.wrong else 200, form=form, kinds=CALLED)
    return _added(form.settings, form.twin)


@bp.route("/fields/<number:field_id>", methods=["GET", "POST"])
@may("admin")
@shows_form
def edit_field(field_id: int) -> ResponseReturnValue:
    """Change what is declared of a field."""
    field = _field(field_id)
    form = FieldForm(_kind(field), field, _sent())
    own = catalogue().fields[f"own.{field_id}"]
    if request.method == "POST" and form.validate() and not (form.outdated and form.differs):
        alone = "unique_code" in form.of.declares and form.settings["unique_code"]
        shared = shared_codes(own) if alone and form.kind == field.kind and not field.unique_code else ""
        if not shared:
            return _changed(field, own, form)
        form.unique_code.errors = [shared]
    becomes_choice = "choices" in form.of.declares and form.kind != field.kind
    if request.method == "GET" and becomes_choice and not form.more.data:
        form.more.data = "\n".join(in_use(own, MOST))
    conflict = request.method == "POST" and not (form.errors or form.wrong)
    if conflict:
        form.renew()
    shown = {"form": form, "outdated": conflict, "pets": pets_with()[f"own.{field_id}"]}
    shown |= {"examples": _examples(), "left": left(own, field.former) if field.former else ()}
    known = {*(field.choices or ()), *(field.former or ())}
    shown["others"] = [fact for fact in in_use(own, MOST) if fact not in known] if field.choices else ()
    status = 200 if request.method == "GET" else 409 if conflict else 422
    return page("fields/edit.html", status, kinds=CALLED, **shown)


def _changed(field: OwnField, own: Field, form: FieldForm) -> ResponseReturnValue:
    """Save what the form says. What pets have follows through the draft, or has to fit another kind."""
    with speaking(SOURCE):
        changed = event("field-changed", field.label, form.differs)
    if form.kind != field.kind:
        return change_kind(field, own, form.settings, changed)
    if form.differs:
        record(*changed)
    field.set(form.settings)
    field.rename(form.choices.renamed)
    SavedView.follow(own.name, form.choices.renamed)
    db.session.flush()
    former = field.former or {}
    if former and any(having(own, former)):
        notify(_("“%(name)s” was changed.", name=field.label))
        return put_in_draft(how_many(own, former), lambda _: renamed(own, former))
    db.session.commit()
    return _told(_("“%(name)s” was changed.", name=field.label))


@bp.post("/fields/<number:field_id>/retire")
@may("admin")
def retire_field(field_id: int) -> ResponseReturnValue:
    """Ask for a field no longer. What pets have in it stays readable."""
    field = _field(field_id)
    if not field.retired_at:
        field.retire(True)
        record(*event("field-retired", field.label))
    db.session.commit()
    return _told(_("“%(name)s” is retired: it is no longer asked for.", name=field.label))


@bp.post("/fields/<number:field_id>/restore")
@may("admin")
def restore_field(field_id: int) -> ResponseReturnValue:
    """Ask for a retired field again."""
    field = _field(field_id)
    if field.retired_at:
        if is_full():
            return _told(str(FULL), "note")
        field.retire(False)
        record(*event("field-restored", field.label))
    db.session.commit()
    return _told(_("“%(name)s” is asked for again.", name=field.label))


@bp.post("/fields/<number:field_id>/<any(up, down):way>")
@may("admin")
def move_field(field_id: int, way: str) -> ResponseReturnValue:
    """Let a field change places with its neighbour in the form."""
    field = _field(field_id)
    # A second press of the same button is about a field that has moved already.
    if request.form.get("place") == str(field.place) and field.move(up=way == "up"):
        record(*event("field-moved", field.label, [(way, "", "")]))
    db.session.commit()
    return redirect(url_for(".list_fields") + f"#field-{field_id}", 303)


def _field(field_id: int) -> OwnField:
    to_change = request.method == "POST"
    field = OwnField.to_change(field_id) if to_change else db.session.get(OwnField, field_id)
    if field is None:
        abort(404, _("There is no such field. The page “Fields” lists them all."))
    return field


def _sent() -> MultiDict[str, str] | None:
    """What was typed in the form, now or before the session ended."""
    return request.form if request.method == "POST" else typed_before()


def _examples() -> list[tuple[int, str]]:
    """The pets that keep the field from becoming of another kind, as an answer to the form has named them."""
    numbers = request.args.getlist("pet", type=int)[:EXAMPLES]
    return [(number, facts["name"] or "") for number, (_, facts) in pets_now(numbers).items()]


def _kind(field: OwnField) -> str:
    """The kind that a field has, or is about to get."""
    kind = request.args.get("kind", "")
    return kind if kind in CALLED else field.kind


def _added(settings: Settings, twin: OwnField | None) -> ResponseReturnValue:
    """Add a field, if it was not added by the same form before."""
    if twin is None:
        if is_full():
            return _told(str(FULL), "note")
        field = OwnField.add(settings)
        with speaking(SOURCE):
            record(*event("field-added", field.label, [("kind", "", str(CALLED[field.kind][0]))]))
        db.session.commit()
    elif twin.retired_at:
        return _told(_("There is a retired field named “%(name)s” already.", name=twin.label), "note")
    elif twin.kind != settings["kind"]:
        return _told(_("There is a field named “%(name)s” already.", name=twin.label), "note")
    return _told(_("“%(name)s” is a field of every pet now.", name=settings["label"]))


def _told(sentence: str, kind: str = "done") -> ResponseReturnValue:
    notify(sentence, kind=kind)
    return redirect(url_for(".list_fields"), 303)


def event(kind: str, label: str, changed: Iterable[tuple[str, str, str]] = ()) -> Event:
    """A security event, with what was declared otherwise."""
    return kind, current_user.name, noted(label, changed), request.remote_addr or ""
