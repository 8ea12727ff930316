"""Keys are folded again: letters that nobody sees count no longer, and marks that make another letter do.

Only rows whose words hold such letters are written. All are read, a thousand at a time.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from pets.db import Words
from pets.fields.text import fold, loosely, search_text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHUNK = 1000


def upgrade() -> None:
    pet_words = ["name", "type", "notes", "former_names"]
    _rewrite("pet", "id", pet_words, ["name_key", "type_key", "search_text"], _of_pet)
    _rewrite("pet_type", "type", ["type"], ["type_key"], lambda kind: [fold(kind)])
    _rewrite("draft_line", "id", ["name"], ["name_key"], lambda name: [fold(name)])
    _rewrite("change", "id", ["pet_name"], ["name_key"], lambda name: [loosely(name)])
    _rewrite("account", "id", ["name"], ["name_key"], lambda name: [loosely(name)])


def _of_pet(name: str, kind: str, notes: str, former: Any) -> list[str]:
    return [fold(name), fold(kind), search_text(name, kind, notes, *(old for old, _ in former or ()))]


def _rewrite(
    name: str, number: str, words: Sequence[str], keys: Sequence[str], keys_of: Callable[..., list[str]]
) -> None:
    """Set the keys of every row of a table that has others than its words make."""
    kinds: dict[str, Any] = {"id": sa.BigInteger, "former_names": sa.JSON}
    columns = {one: sa.column(one, kinds.get(one, Words)) for one in (number, *words, *keys)}
    table, by = sa.table(name, *columns.values()), columns[number]
    query = sa.select(by, *(columns[one] for one in (*words, *keys))).order_by(by).limit(CHUNK)
    last: Any = "" if number == "type" else 0
    while rows := op.get_bind().execute(query.where(by > last)).all():
        for row in rows:
            last, told, stored = row[0], row[1 : len(words) + 1], row[len(words) + 1 :]
            made = keys_of(*told)
            if made != list(stored):
                new = sa.update(table).where(by == last).values(dict(zip(keys, made, strict=True)))
                if name == "account":  # two names that look alike are people's already: each keeps its key
                    new = new.where(~sa.exists().where(table.alias().c.name_key == made[0]))
                op.get_bind().execute(new)
