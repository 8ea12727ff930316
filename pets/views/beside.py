"""What stands beside the form of a pet: its photo and siblings, and pets that it may be about already."""

from collections.abc import Iterable
from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from pets import clock
from pets.fields import brief
from pets.forms.pet import pet_form
from pets.models.pet import Pet
from pets.search.likely import likely
from pets.web.blueprint import bp, page
from pets.web.permissions import may

NAMES, MOST = 20, 10  # that are looked for at once, and pets that are shown


class Glimpse(NamedTuple):
    """As much of a pet as stands beside a form, whatever happens to it meanwhile."""

    id: int
    name: str
    type_key: str
    photo: str
    brief: str


def glimpses(pets: Iterable[Pet]) -> list[Glimpse]:
    """These pets at a glance."""
    today = clock.today()
    return [
        Glimpse(
            pet.id,
            pet.name,
            pet.type_key,
            pet.photo,
            brief(pet, today),
        )
        for pet in pets
    ]


@bp.get("/pets/alike")
@may("edit")
def show_alike() -> ResponseReturnValue:
    """The pets that what is typed may be about; a form takes them out of this page while somebody types.
    That of a litter has many names."""
    found: dict[int, Pet] = {}
    for name in request.args.getlist("name")[:NAMES] or [""]:
        form = pet_form(MultiDict({**request.args, "name": name}))
        found |= {pet.id: pet for pet in likely(form.said(), request.args.get("but", type=int))}
    return page("pets/alike.html", pets=glimpses([*found.values()][:MOST]))
