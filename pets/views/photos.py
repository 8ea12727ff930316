"""Many pictures at once: each goes to the pet that its file is named after, by way of the draft."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import PurePath
from typing import IO

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from pets.changes.concern import pets_now
from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db
from pets.fields.album import Album
from pets.fields.pictures import Kept
from pets.files.refused import RefusedFile
from pets.forms.files import PhotosForm
from pets.language import gettext as _, lazy_gettext, ngettext
from pets.models.file import File
from pets.models.links import meant_by
from pets.models.stashed_form import StashedForm
from pets.views.jobs import job
from pets.web.blueprint import bp, page, shows_form
from pets.web.bodies import takes_many_files
from pets.web.jobs import Job, Outcome
from pets.web.permissions import may

FEW = 3  # pictures that are read while the page waits
COUNTED = re.compile(r"\s*(?:\([0-9]+\)|[-_ ][0-9]{1,2})$")  # "Rex (2)", "Rex-2": a further one of Rex

Sent = tuple[str, IO[bytes]]
Refused = Callable[[list[str]], ResponseReturnValue]  # the page of the form, with what is wrong


@bp.route("/photos", methods=["GET", "POST"])
@may("edit")
@shows_form
@takes_many_files
def send_photos() -> ResponseReturnValue:
    """Send pictures of many pets, each file named after its pet."""
    form = PhotosForm()
    if request.method == "GET":
        return page("pets/photos.html", form=form, left=_left_out(request.args.get("kept", "")))
    if not form.validate():
        return page("pets/photos.html", 422, form=form)
    db.session.rollback()
    with ExitStack() as unless_begun:
        sent = [
            (one.filename or "", unless_begun.enter_context(_copied(one))) for one in form.files.data if one
        ]
        held = unless_begun.pop_all()

    def refused(problems: list[str]) -> ResponseReturnValue:
        form.files.errors = problems
        return page("pets/photos.html", 422, form=form)

    return _read(len(sent), sent, url_for(".send_photos"), refused, held=held)


def _left_out(number: str) -> list[str]:
    """What was noted of the pictures that could not be placed, under this number."""
    kept = StashedForm.of(number, current_user.id)
    return [problem for name, problem in kept.fields if name == "left"] if kept else []


def _copied(sent: FileStorage) -> IO[bytes]:
    """What was sent, for as long as it is needed: the request's own file goes with the request."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    sent.save(file)
    file.seek(0)
    return file


@job(lazy_gettext("Reading pictures"), holding="held", large=FEW)
def _read(job: Job, sent: list[Sent], here: str, refused: Refused, held: ExitStack) -> Outcome:
    """Keep each picture, then put those whose pets are known in the draft."""
    db.session.rollback()
    kept: list[tuple[str, Kept]] = []
    problems: list[str] = []
    for done, (name, file) in enumerate(sent, 1):
        file.seek(0)  # it may be tried again
        try:
            made = File.made(file.read())
        except RefusedFile as problem:
            problems.append(_about(name, problem))
        else:
            kept.append((name, Kept(made.digest, made.kind, "")))
            File.keep([made])
            db.session.commit()
        job.counted(done)
    return _staged(job, kept, problems, here, refused)


def _staged(
    job: Job, kept: list[tuple[str, Kept]], problems: list[str], here: str, refused: Refused
) -> Outcome:
    whose = _whose([name for name, _ in kept])
    problems += [_about(name, whose[name][1]) for name, _file in kept if whose[name][1]]
    files = [(whose[name][0], file) for name, file in kept if not whose[name][1]]
    draft = Draft.begin(job.account_id, job.who)
    lines = draft.stage(_added(draft, files))
    if problems:  # told on the page of the form, since a message, which travels in a cookie, holds little
        here += f"?kept={StashedForm.stash(job.account_id, here, [('left', one) for one in problems])}"
    db.session.commit()
    if not lines:
        text = "" if problems else _("These pictures are there already.")
        return Outcome(text, kind="note", path=here, at_once=lambda: refused(problems or [text]))
    text = ngettext("%(num)s picture is in your draft.", "%(num)s pictures are in your draft.", len(files))
    return Outcome(text, path=here if problems else None)


def _about(name: str, problem: object) -> str:
    return _("“%(file)s”: %(problem)s", file=name[:60], problem=problem)


def _whose(names: list[str]) -> dict[str, tuple[int, str]]:
    """Whose picture each file is by its name: the pet's number, or what to tell."""
    stems = {name: PurePath(name.replace("\\", "/")).stem.strip() for name in names}
    plain = {stem: COUNTED.sub("", stem) for stem in stems.values()}
    meant = meant_by({*stems.values(), *plain.values()})
    found = {}
    for name, stem in stems.items():
        one = meant[stem] if not meant[stem].problem else meant[plain[stem]]
        found[name] = (0, one.problem) if one.problem else (int(one.fact), "")
    return found


def _added(draft: Draft, files: list[tuple[int, Kept]]) -> Iterator[Wanted]:
    """A change for each pet, going on from what the draft wants of it already."""
    numbers = list(dict.fromkeys(number for number, _ in files))
    wanted, now = draft.wanted(numbers), pets_now(numbers)
    for number in numbers:
        version, facts = now[number]
        album = Album.of({**facts, **wanted.get(number, {})})
        after = album.added(file for whose, file in files if whose == number)
        yield Wanted(number, version, facts["name"] or "", Album.of(facts).facts, after.facts)
