"""A pet's pictures and documents: sent, captioned, chosen as its face, removed; and shown."""

from typing import NamedTuple

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pets.changes.changeset import Changeset
from pets.changes.history import PetHistory
from pets.changes.merge import Choices, apply
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields.album import Album
from pets.fields.catalogue import catalogue
from pets.fields.pictures import PICTURE, Kept
from pets.fields.text import tidy_line
from pets.forms.files import FilesForm
from pets.language import gettext as _, ngettext
from pets.models.file import File
from pets.views.conflicts import apply_or_ask, version_sent
from pets.views.pets import pet_history
from pets.web.blueprint import bp, notify, page, shows_form
from pets.web.bodies import takes_files
from pets.web.filters import path_to
from pets.web.permissions import may
from pets.web.static import YEAR


class Wrong(NamedTuple):
    """What was typed as the caption of a file, and what is wrong with it."""

    digest: str
    caption: str
    problem: str


@bp.get("/files/<digest>")
@bp.get("/files/<digest>/<any(thumb):size>", endpoint="show_thumb")
@may("look")
def show_file(digest: str, size: str = "large") -> ResponseReturnValue:
    """A picture or a document. What is in it never changes, so a browser may keep it."""
    kind, content = File.sent(digest, size == "thumb") or ("", None)
    if content is None:
        abort(404)
    response = Response(content, content_type=kind)
    response.set_etag(digest)
    response.cache_control.private = True
    response.cache_control.max_age = YEAR
    response.cache_control.immutable = True
    if kind != PICTURE:
        response.headers["Content-Disposition"] = "attachment"  # the page's link says how it is called
    return response.make_conditional(request)


@bp.route("/pets/<number:pet_id>/files", methods=["GET", "POST"])
@may("edit")
@shows_form
@takes_files
def edit_files(pet_id: int) -> ResponseReturnValue:
    """A pet's pictures and documents, and the form that adds some."""
    form = FilesForm()
    now = pet_history(pet_id)
    if now.facts is None:
        return redirect(path_to("pets.show_pet", pet_id), 303)
    if request.method == "GET" or not form.validate():
        return _files_page(now, form)
    db.session.rollback()  # reading pictures takes a while, and nobody has to wait for it
    return _add(pet_id, form, form.read())


def _add(pet_id: int, form: FilesForm, files: list[tuple[File, str]]) -> ResponseReturnValue:
    """Store what could be read. What could not is told on the page; the rest is saved all the same."""
    now = pet_history(pet_id)
    if now.facts is None or not files:
        return _files_page(now, form)
    File.keep([file for file, _ in files])
    album = Album.of(now.facts)
    more = album.added(Kept(file.digest, file.kind, caption) for file, caption in files)
    if problem := next(iter(catalogue().problems_with(more.facts).values()), None):
        form.files.errors = [*form.files.errors, problem]
        return _files_page(now, form)
    apply([Wanted(pet_id, now.version, now.name, album.facts, more.facts)], Choices())
    db.session.commit()
    if form.errors:
        return _files_page(pet_history(pet_id), form)
    new = len(more.digests - album.digests)
    added = ngettext(
        "%(num)s file was added to “%(name)s”.", "%(num)s files were added to “%(name)s”.", new, name=now.name
    )
    notify(
        added if new else _("“%(name)s” has what was sent already.", name=now.name), Changeset.just_saved()
    )
    return redirect(path_to("pets.show_pet", pet_id), 303)


def _files_page(now: PetHistory, form: FilesForm, wrong: Wrong | None = None) -> ResponseReturnValue:
    shown = {"pet": now.pet, "name": now.name, "album": Album.of(now.facts or {}), "wrong": wrong}
    status = 422 if form.errors or wrong else 200
    return page("pets/files.html", status, form=form, version=now.version, **shown)


@bp.post("/pets/<number:pet_id>/files/<digest>")
@may("edit")
def change_file(pet_id: int, digest: str) -> ResponseReturnValue:
    """Choose a picture as the face of its pet, caption a file, or remove it."""
    now, here = pet_history(pet_id), url_for(".edit_files", pet_id=pet_id)
    version = version_sent(now.version)
    album = Album.of(now.facts_at(version) or {})
    after = _changed(album, digest).facts
    if problem := next(iter(catalogue().problems_with(after).values()), None):
        return _files_page(now, FilesForm(), Wrong(digest, request.form.get("caption", ""), problem))
    if asked := apply_or_ask(Wanted(pet_id, version, now.name, album.facts, after), here):
        return asked
    db.session.commit()
    saved = Changeset.just_saved()
    notify(_("“%(name)s” was changed.", name=now.name) if saved else _("Nothing was changed."), saved)
    return redirect(here, 303)


def _changed(album: Album, digest: str) -> Album:
    """What the pressed button makes of an album."""
    deed = request.form.get("do", "caption")
    if not album.has(digest):
        abort(404)
    if deed == "face":
        return album.faced(digest)
    if deed == "remove":
        return album.without(digest)
    return album.captioned(digest, tidy_line(request.form.get("caption", "")))
