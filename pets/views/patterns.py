"""Every part of a page in each of its states, for those who build pages: only with PETS_PATTERNS=1."""

from collections import ChainMap
from dataclasses import replace
from datetime import date
from itertools import count
from types import MappingProxyType
from typing import Any

from flask import abort, current_app, request
from flask.typing import ResponseReturnValue
from wtforms.fields import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from pets import clock
from pets.changes.changeset import Change, Changeset
from pets.changes.concern import CONCERNS
from pets.changes.draft_line import DraftLine
from pets.changes.history import PetHistory, Told
from pets.changes.likeness import Likely
from pets.changes.merge import Conflict
from pets.changes.summary import Summary
from pets.fields import FIELDS
from pets.fields.field import Known
from pets.fields.own import own_fields
from pets.fields.pictures import PICTURE, Kept
from pets.fields.settings import CALLED, DEFAULTS
from pets.fields.text import fold
from pets.forms.choices import ChoiceRow
from pets.forms.pet import pet_form
from pets.imports.column_notes import ColumnNotes
from pets.imports.columns import Column
from pets.imports.import_row import ImportRow
from pets.imports.upload_rows import Import
from pets.models.field import OwnField
from pets.models.pet import Pet
from pets.search.figures import Bar
from pets.search.lately import Month
from pets.search.types import Kind
from pets.views.help import QUESTIONS
from pets.web.blueprint import bp, page
from pets.web.jobs import Job
from pets.web.permissions import may

NOWHERE = 10**15  # the number of all that is shown here, so that no button of the page changes anything
LONG = "Likes to sleep on the radiator and dislikes the vacuum cleaner. " * 5
FEW = ("dog", "cat", "rabbit")
CONTROLS = {
    "line": StringField("One line", [InputRequired()], default="Rex"),
    "suggested": StringField("One line with suggestions", default="dog"),
    "day": DateField("Day", default=date(2024, 2, 29)),
    "amount": IntegerField("Amount", default=7),
    "unit": SelectField("Unit", choices=("years", "months"), default="months"),
    "text": TextAreaField("Text", default=LONG),
    "select": SelectField("One of many", choices=FEW, default="cat"),
    "radio": RadioField("One of a few", [InputRequired()], choices=FEW, default="cat"),
    "check": BooleanField("Yes or no", default=True),
    "figure": IntegerField("A figure alone", default=3),
    "several": SelectMultipleField("Some of many", choices=FEW, default=["cat", "dog"]),
    "file": FileField("File"),
    "files": MultipleFileField("Files"),
    "password": PasswordField("Password"),
    "hidden": HiddenField("Hidden"),
    "cell": StringField("Cell", default="in a table"),
}
# An own field of each kind.
_DECLARED = {**DEFAULTS, "choices": FEW, "retired_at": None}
OWN = own_fields(
    [
        OwnField(**{**_DECLARED, "id": place, "kind": kind, "label": str(label), "hint": str(hint)})
        for place, (kind, (label, hint)) in enumerate(CALLED.items(), NOWHERE)
    ]
)


@bp.get("/patterns")
@may("look")
def show_patterns() -> ResponseReturnValue:
    """Every macro of the templates, with what it may have to show."""
    if not current_app.config["PETS_PATTERNS"]:
        abort(404)
    return page(
        "patterns/show.html",
        forms={state: _form(state) for state in ("empty", "filled", "wrong")},
        **_asked(),
        own=OWN,
        bulk=_bulk(),
        more=_form("more"),
        chosen=[ChoiceRow("1", "red", "red"), ChoiceRow("x", "", "blue", "Enter a number.")],
        few=FEW,
        kinds=[Kind(kind, 1, [(kind, 1)], None, None) for kind in (*FEW, "")],
        nowhere=NOWHERE,
        **_changed(),
        **_imported(),
        photos=[Kept(_icon(), PICTURE, caption) for caption in ("", "In the garden")],
        papers=[Kept("0" * 64, "application/pdf", caption) for caption in ("", "From the vet", LONG)],
        charts=_charts(),
        job=Job("Saving the draft", 0, 2_000, "", done=700),
        endless=Job("Reading the sheet", 0, 0, "", done=700),
        questions=QUESTIONS,
    )


def _asked() -> dict[str, Any]:
    """The form of a pet whose type is asked about, and its fields: the last is asked for of parrots alone."""
    form = pet_form(was=Pet.samples()[0].facts)
    form.type.data, form.meant, form.notes.data = "cats", {"type": "cat"}, LONG
    *fields, last = form.asked
    return {"pet": form, "asked_of": [*fields, replace(last, types=("parrot",))]}


def _changeset() -> Changeset:
    """One that was saved: the undo of another."""
    counts = {"added": 1, "changed": 2, "removed": 1, "merged": 0, "undo_depth": 1}
    numbers = dict.fromkeys(("id", "undoes_id", "origin_id"), NOWHERE)
    return Changeset(who="Edith", saved_at=clock.now(), **numbers, **counts)


def _changed() -> dict[str, Any]:
    """Changes of each kind: saved, waiting in a draft, and in conflict."""
    changeset = _changeset()
    rex, tom, max_, _ = Pet.samples()
    edits: list[tuple[Known | None, Known | None]] = [
        (None, rex.facts),
        (rex.facts, tom.facts),
        ({"notes": LONG}, {"notes": None}),
        ({"notes": "Shy at first."}, {"notes": "Shy at first, and kind."}),
        ({"notes": LONG}, {"notes": f"{LONG} And kind."}),
        ({"photo": ""}, {"photo": _icon()}),
        (tom.facts, None),
    ]
    changes = [_change(changeset, *edit) for edit in edits]
    tom.id = tom.version = NOWHERE
    tom.type_key = fold(tom.type)
    then = {**tom.facts, "photo": _icon()} | {"notes": "Shy at first."}
    now, wanted = then | {"notes": "Shy at first, and kind."}, {**max_.facts}
    conflicts = [Conflict(NOWHERE, "Rex", 24, field, then, now, wanted) for field in ("", *FIELDS)]
    conflicts.append(Conflict(NOWHERE, "Rex", 25, "", now, max_.facts, None, changes[1]))
    conflicts.append(Conflict(NOWHERE, "Rex", 26, "", now, None, max_.facts, changes[-1]))
    return {
        "tom": tom,
        "changeset": changeset,
        "changes": changes,
        "entry": Told(changeset, changes, []),
        "told": Summary(changeset, [], [], [changeset]),
        "lines": [(_line(concern, rex.facts, max_.facts), None) for concern in (None, *CONCERNS)],
        "likely": [
            (_line("alike", None, rex.facts), Likely([tom, tom], [])),
            (_line("same", None, rex.facts), Likely([tom], [])),
            (_line("alike", None, rex.facts), Likely([], [_line(None, None, rex.facts)])),
            (_line(None, rex.facts, None, {"merged_id": NOWHERE, "merged_name": "Tom"}), None),
        ],
        "waiting": [_line("stale", *edits[1]), _line("idle", *edits[-1])],
        "conflicts": conflicts,
        "standing": PetHistory(NOWHERE, tom, changes),
    }


def _icon() -> str:
    """In the place of the digest of a picture, which leads to the icon of the site instead."""
    asset: Any = current_app.jinja_env.globals["asset"]
    return f"..{asset('icon.svg').removeprefix(request.script_root)}?"


def _imported() -> dict[str, Any]:
    """A sheet on its way in, with rows that ask for each kind of answer."""
    spellings = {"cp1252": "Zoë;cat", "mac-roman": "ZoÎ;cat"}
    columns = [
        Column(0, "Name", "name", (), ColumnNotes()),
        Column(1, "Born", "born", (), ColumnNotes()),
        Column(2, "", None, (), ColumnNotes()),
    ]
    rows: dict[str, list[tuple[Any, str | None]]] = {
        "asked": [([NOWHERE], None), ([NOWHERE, NOWHERE + 1, NOWHERE + 2], str(NOWHERE))],
        "alike": [([NOWHERE, NOWHERE + 1], None)],
        "faulty": [
            ([[1, "born", "Enter a day.", ""], [2, "own.7", "Enter a number.", ""]], None),
            ([[None, "name", "A pet needs a name.", "no_name"]], None),
        ],
        "apart": [(["total", ""], None), (["note", "Printed on Friday"], None)],
    }
    numbers = count(2)
    return {
        "record": Import(id=NOWHERE, filename="pets.csv", encoding="cp1252", spellings=spellings, parts={}),
        "came_before": [(None, _changeset()), (None, Changeset(id=NOWHERE))],
        "columns": columns,
        "called": {NOWHERE: "Rex, dog, 2 years", NOWHERE + 1: "Rex, dog"},
        "rows": {
            state: [
                ImportRow(
                    number=next(numbers), cells=["Rex", "last\nspring", LONG], found=found, choice=choice
                )
                for found, choice in some
            ]
            for state, some in rows.items()
        },
    }


def _charts() -> dict[str, Any]:
    counts = zip((*FEW, LONG), (12_000, 340, 1, 0), strict=True)
    months = [
        Month(date(2024, month, 1), date(2024, month, 28), month**3, 40 * month % 7, month == 1)
        for month in range(1, 13)
    ]
    return {"bars": [Bar(words, pets, "", pets > 1000) for words, pets in counts], "months": months}


def _form(state: str) -> BaseForm:
    own = [field.controls() for field in OWN]
    form = BaseForm({**CONTROLS, **ChainMap(*own)}, prefix=state)
    typed = [field.typed(field.sample or next(iter(field.offered), "")) for field in OWN]
    form.process(data=dict.fromkeys(CONTROLS) if state == "empty" else dict(ChainMap(*typed)))
    form.form_errors = ["A problem of the whole form."] if state == "wrong" else []
    for control in form if state == "wrong" else ():
        control.errors = [f"{control.label.text}: a sentence that says what to do."]
        control.errors += ["Another one."] if control.name == f"{state}-line" else []
    return form


def _bulk() -> BaseForm:
    """The own fields where many pets are changed alike."""
    form = BaseForm(ChainMap(*(field.bulk_controls() for field in OWN if field.shared)), prefix="bulk")
    form.place = "bulk"
    form.process()
    return form


def _line(
    concern: str | None, before: Known | None, after: Known | None, more: Any = MappingProxyType({})
) -> DraftLine:
    problems = {"": "A sentence that says what to do."} if concern == "rule" else None
    part = "new" if before is None else "removed" if after is None else "changed"
    about = {"id": NOWHERE, "pet_id": NOWHERE if concern and before else None, "part": part, **more}
    return DraftLine(name="Rex", before=before, after=after, concern=concern, problems=problems, **about)


def _change(changeset: Changeset, before: Known | None, after: Known | None) -> Change:
    numbers = {"id": NOWHERE, "changeset_id": NOWHERE, "pet_id": NOWHERE, "version": 24}
    return Change(changeset=changeset, pet_name="Rex", before=before, after=after, **numbers)
