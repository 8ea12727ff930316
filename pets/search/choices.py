"""How many pets have each choice of the own fields, counted only so far as MANY."""

from typing import Any

from sqlalchemy import Select, func, literal, select

from pets.db import db
from pets.fields.catalogue import Catalogue, catalogue
from pets.language import number
from pets.search.query import KEYS

COUNTED = 20  # choices of a field: of one with more, none are
MANY = 500  # where counting ends: all of them are counted for each page of the list


def choice_counts() -> dict[tuple[int, str], str]:
    """In words, by the number of the field and the choice: "12", "500+"; one statement for all of them."""
    choices = catalogue().once(_choices)
    if not choices:
        return {}
    counts = db.session.execute(catalogue().once(_statement)).one()
    return {
        choice: f"{number(MANY)}+" if count > MANY else number(count)
        for choice, count in zip(choices, counts, strict=True)
    }


def _choices(known: Catalogue) -> list[tuple[int, str]]:
    offered = [(field, field.offered) for field in known.listed if field.own_id]
    some = [(field, facts) for field, facts in offered if len(facts) <= COUNTED]
    return [(field.own_id or 0, fact) for field, facts in some for fact in facts]


def _statement(known: Catalogue) -> Select[Any]:
    fields = {field.own_id: field for field in known.own}
    counts = []
    for own_id, fact in known.once(_choices):
        here = KEYS.c.field_id == own_id, KEYS.c.key == fields[own_id].key_of(fact)
        some = select(literal(1)).where(*here).limit(MANY + 1).subquery()
        counts.append(select(func.count()).select_from(some).scalar_subquery())
    return select(*counts)
