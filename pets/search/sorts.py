"""The orders of the list: each goes along an index of the pets, or along the keys of an own field."""

from typing import Any, NamedTuple

from sqlalchemy import Column

from pets.db import Words
from pets.fields import BUILT_IN
from pets.fields.field import Field
from pets.language import lazy_gettext as _
from pets.models.pet import Pet
from pets.search.index import PET


class Sort(NamedTuple):
    """An order of the list: by these columns, all in the same direction, of which the last is the number."""

    key: tuple[Any, ...]
    falls: bool  # whether the columns fall where the list rises
    told: tuple[str, str]  # what the list is sorted by, in words; and where it goes backwards
    field: Field | None = None  # that it is by

    @property
    def own_id(self) -> int | None:
        """The own field whose keys it goes by."""
        return self.field.own_id if self.field else None

    def in_words(self, backwards: bool) -> str:
        """What the list is sorted by."""
        return str(self.told[backwards]) % {"what": self.field.what if self.field else ""}

    @property
    def lead(self) -> Any:
        """The column that is sorted by first. Pets that have nothing in it end the list."""
        return self.key[0]


# A field is sorted by the index that begins with its key, and ends with the pet's number.
_INDEXES = [tuple(index.columns) for index in Pet.__table__.indexes]
_SORTING = {key[0].name: key for key in _INDEXES if key[-1] is PET.id}
SORTS: dict[str, Sort] = {
    **{
        field.sort: Sort(_SORTING[field.key], field.sorts_down, field.orders, field)
        for field in BUILT_IN
        if field.sort
    },
    "changed": Sort(
        _SORTING["changed_at"], False, (_("last change, oldest first"), _("last change, newest first"))
    ),
    # Numbers are given in the order in which pets are added.
    "added": Sort(
        (PET.id,), False, (_("when they were added, oldest first"), _("when they were added, newest first"))
    ),
}
# Pairs of columns by which pets that are the same in the first come sorted by the second.
_BEHIND = {key[:2] for key in _INDEXES}
# An own field is sorted by its keys, which come with the pets' names; a pet without one has NULL here.
OWN_KEY = (Column("key", Words), PET.name_key, PET.id)


def sort_by(field: Field) -> Sort:
    """The order of the list by an own field."""
    return Sort(OWN_KEY, field.sorts_down, field.orders, field)


def sorted_behind(column: Any, lead: Any) -> bool:
    """Whether an index has the pets that are the same in a column in the order of another."""
    return column is lead or (column, lead) in _BEHIND
