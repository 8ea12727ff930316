"""Paper: the list as one carries it, cards for cages, and a pet's whole record."""

from contextlib import closing
from itertools import islice
from typing import Any, NamedTuple, cast

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from pets import clock
from pets.changes.concern import pets_now
from pets.fields import FIELDS
from pets.fields.album import Album
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, Field
from pets.language import lazy_gettext as _
from pets.search.pets import PetSearch
from pets.views.chosen import searched, ticked, whole
from pets.views.pets import pet_history
from pets.web.blueprint import bp, page
from pets.web.permissions import may

MOST_LINES, MOST_CARDS = 2_000, 200
WIDE = 6  # columns that stand side by side on upright paper
BLANKS = 8  # empty columns to write in
SIZES = {"a6": _("A6, four on a sheet"), "a5": _("A5, two on a sheet"), "label": _("Label, 62 mm wide")}


class Printed(NamedTuple):
    """A pet on paper."""

    pet_id: int
    facts: Facts

    @property
    def face(self) -> str:
        """The digest of its photo, or ""."""
        return Album.of(self.facts).face

    def shown(self, fields: list[Field]) -> list[tuple[Field, str, str]]:
        """What these fields say of it, each as (field, in words, said beside it)."""
        said = ((field, *field.shown(self.facts[field.name], clock.today())) for field in fields)
        return [one for one in said if one[1]]


@bp.get("/pets/print")
@may("look")
def print_pets() -> ResponseReturnValue:
    """The list on paper: all that match, with room to write if wanted."""
    search = _search()
    fields = _fields([field.name for field in FIELDS.values() if field.column])
    blanks = min(request.args.get("blanks", 0, int), BLANKS)
    pets, more = _found(search, MOST_LINES)
    width = sum(3 if field.long else 1 for field in fields) + max(blanks, 0)
    shown: dict[str, Any] = {"pets": pets, "more": more, "blanks": blanks, "landscape": width > WIDE}
    return page("paper/list.html", search=search, fields_shown=fields, choices=_choices(), **shown)


@bp.get("/pets/cards")
@may("look")
def print_cards() -> ResponseReturnValue:
    """A card for each pet that is ticked or, where none is, that matches."""
    search, some = _search(), list(ticked(request.args))[:MOST_CARDS]
    now = pets_now(some)
    pets, more = [Printed(number, now[number][1]) for number in some if number in now], 0
    if not some:
        pets, more = _found(search, MOST_CARDS)
    return _cards(pets, search=search, more=more, ticked=request.args.getlist("pet"))


@bp.get("/pets/<number:pet_id>/card")
@may("look")
def print_card(pet_id: int) -> ResponseReturnValue:
    """One pet's card."""
    now = pet_history(pet_id)
    return _cards([Printed(pet_id, now.facts or abort(404))], search=None, more=0, ticked=())


def _cards(pets: list[Printed], **shown: Any) -> ResponseReturnValue:
    size = request.args.get("size", "a6")
    if size not in SIZES:
        abort(400, _("There is no such card. Choose one of the sizes."))
    usual = [field.name for field in FIELDS.values() if field.column or field.long]
    fields = [field for field in _fields(usual) if field.name != "name"]
    addresses = {pet.pet_id: url_for(".show_pet", pet_id=pet.pet_id, _external=True) for pet in pets}
    shown |= {"pets": pets, "addresses": addresses, "size": size, "sizes": SIZES, "choices": _choices()[1:]}
    return page("paper/cards.html", fields_shown=fields, **shown)


@bp.get("/pets/<number:pet_id>/record")
@may("look")
def print_record(pet_id: int) -> ResponseReturnValue:
    """All that is known of a pet, for the next vet or owner."""
    now = pet_history(pet_id)
    pet, facts = now.pet, now.facts
    if pet is None or facts is None:
        abort(404)
    shown = Printed(pet_id, facts).shown([field for field in _choices() if field.name != "name"])
    return page("paper/record.html", pet=pet, shown=shown, album=Album.of(facts), history=now.newest(1000))


def _search() -> PetSearch:
    """The search that the address holds, or that the list's form sends along."""
    sent = request.args
    return searched(sent) if "search" in sent else whole(PetSearch.from_args(sent))


def _found(search: PetSearch, most: int) -> tuple[list[Printed], int]:
    """The first pets that match, and how many more there are."""
    with closing(cast(Any, search.stream())) as rows:
        pets = [Printed(row.id, catalogue().facts_of(row)) for row in islice(rows, most)]
    return pets, max(0, search.total() - most) if len(pets) == most else 0


def _choices() -> list[Field]:
    """The fields that can stand on paper."""
    return [field for field in FIELDS.values() if not field.of_files]


def _fields(usual: list[str]) -> list[Field]:
    """Those that were chosen, in their order."""
    names = request.args.getlist("show") or usual
    return [field for field in _choices() if field.name in names]
