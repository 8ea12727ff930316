"""The types: how each is spelled, how many pets there are of it, and giving several one name."""

from collections.abc import Iterator

from flask import request
from flask.typing import ResponseReturnValue

from pets import clock
from pets.changes.wanted import Wanted
from pets.forms.types import TypesForm
from pets.models.type import PetType
from pets.search.pets import PetSearch
from pets.search.types import pets_of, types_page
from pets.views.jobs import put_in_draft
from pets.web.blueprint import bp, page
from pets.web.permissions import may


@bp.get("/types")
@may("look")
def list_types() -> ResponseReturnValue:
    """The types, by name."""
    return _page(TypesForm([]), 200)


@bp.post("/types")
@may("edit")
def rename_types() -> ResponseReturnValue:
    """Give the types that are ticked one name: a spelling is corrected, or several become one."""
    form = TypesForm(request.form.getlist("type"))
    if not form.validate():
        return _page(form, 422)
    return put_in_draft(pets_of(form.ticked), lambda _: _renamed(form))


def _page(form: TypesForm, status: int) -> ResponseReturnValue:
    found = types_page(request.args.get("after", ""))
    return page(
        "types/list.html",
        status,
        form=form,
        found=found,
        today=clock.today(),
        types=PetType.suggested()["type"],
    )


def _renamed(form: TypesForm) -> Iterator[Wanted]:
    for key in dict.fromkeys(form.ticked):
        for pet in PetSearch(asked={"type": key}).stream():
            if pet.type != form.spelled:
                before, after = {"type": pet.type}, {"type": form.spelled}
                yield Wanted(pet.id, pet.version, pet.name, before, after)
