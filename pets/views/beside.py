"""What stands beside the form of a pet: its photo and siblings, and pets that it may be about already."""

from collections.abc import Iterable
from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from pets import clock
from pets.changes.likeness import likely_pets
from pets.fields import brief
from pets.fields.catalogue import catalogue
from pets.forms.pet import pet_form
from pets.models.pet import Pet
from pets.web.blueprint import bp, page
from pets.web.permissions import may

NAMES, MOST = 20, 10  # that are looked for at once, and pets that are shown
OF_A_NAME = 5  # pets


class Glimpse(NamedTuple):
    """As much of a pet as stands beside a form, whatever happens to it in the meantime."""

    id: int
    name: str
    type_key: str
    photo: str
    brief: str


def glimpses(pets: Iterable[Pet]) -> list[Glimpse]:
    """These pets at a glance."""
    today = clock.today()
    columns = Glimpse._fields[:-1]
    known = ((*(getattr(pet, column) for column in columns), brief(pet, today)) for pet in pets)
    return [Glimpse._make(one) for one in known]


@bp.get("/pets/alike")
@may("edit")
def show_possible_duplicates() -> ResponseReturnValue:
    """The pets that what is typed may be about; a form takes them out of this page while somebody types.
    That of a litter has many names."""
    said = []
    for name in request.args.getlist("name")[:NAMES] or [""]:
        facts = pet_form(MultiDict({**request.args, "name": name})).said()
        problems = catalogue().problems_with(facts)
        said.append({field: fact for field, fact in facts.items() if field not in problems})
    found: dict[int, Pet] = {}
    for pets in likely_pets(said, OF_A_NAME + 1):
        others = [pet for pet in pets if pet.id != request.args.get("but", type=int)]
        found |= {pet.id: pet for pet in others[:OF_A_NAME]}
    return page("pets/possible_duplicates.html", pets=glimpses([*found.values()][:MOST]))
