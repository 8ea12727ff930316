"""Merges are known as such, and how often what was undone was made and undone again."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from pets.db import Key, Words
from pets.fields.resemblance import one_slip
from pets.fields.text import fold

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOST = 100  # changes of a changeset that may have been a merge, with all that linked to the pet that went

_changeset = sa.table(
    "changeset",
    *map(sa.column, ("id", "undoes_id", "origin_id", "undo_depth", "added", "changed", "removed", "merged")),
)
_change = sa.table(
    "change",
    *map(sa.column, ("id", "changeset_id", "pet_id", "pet_name", "undoes_id", "merged_id", "merged_name")),
    sa.column("before", sa.JSON(none_as_null=True)),
    sa.column("after", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    for table in ("change", "draft_line"):
        op.add_column(table, sa.Column("merged_id", Key))
        op.add_column(table, sa.Column("merged_name", Words))
    op.add_column("changeset", sa.Column("origin_id", Key))
    for column in ("undo_depth", "merged"):
        op.add_column("changeset", sa.Column(column, sa.Integer, nullable=False, server_default="0"))
    for name, table, columns, only in (
        ("ix_change_merging", "change", ["changeset_id", "id"], "merged_id IS NOT NULL"),
        ("ix_change_merged", "change", ["merged_id", "id"], "merged_id IS NOT NULL"),
        ("ix_changeset_merging", "changeset", ["saved_at", "id"], "merged > 0"),
        ("ix_changeset_origin", "changeset", ["origin_id", "id"], "origin_id IS NOT NULL"),
    ):
        where = sa.text(only)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    connection = op.get_bind()
    _follow_the_undos(connection)
    for merge, stays, name in list(_merges(connection)):
        _note(connection, merge, stays, name)


def _follow_the_undos(connection: sa.Connection) -> None:
    undoes = dict(
        connection.execute(
            sa.select(_changeset.c.id, _changeset.c.undoes_id).where(_changeset.c.undoes_id.is_not(None))
        ).all()
    )
    rows = []
    for number in undoes:
        depth, origin = 0, number
        while origin in undoes:
            depth, origin = depth + 1, undoes[origin]
        rows.append({"number": number, "depth": depth, "origin": origin})
    if rows:
        known = _changeset.update().where(_changeset.c.id == sa.bindparam("number"))
        connection.execute(
            known.values(undo_depth=sa.bindparam("depth"), origin_id=sa.bindparam("origin")), rows
        )


def _merges(connection: sa.Connection) -> Iterator[tuple[Any, int, str]]:
    """Removals that were merges, each with the pet that stayed and its name.

    A merge was saved as an edit of one pet and the removal of another. It is known by pets that were linked
    from one to the other beside it, or where there is nothing else, by names that are one slip apart and an
    edit that takes over what the other had.
    """
    some = (_changeset.c.removed > 0, _changeset.c.changed > 0, _changeset.c.undoes_id.is_(None))
    few = _changeset.c.added + _changeset.c.changed + _changeset.c.removed <= MOST
    for number in connection.scalars(sa.select(_changeset.c.id).where(*some, few)).all():
        changes = connection.execute(sa.select(_change).where(_change.c.changeset_id == number)).all()
        edits = [row for row in changes if row.before is not None and row.after is not None]
        gone = [row for row in changes if row.after is None]
        for removal in gone:
            linked = [row for row in edits if _linked_to(row, removal)]
            stays = {number for row in linked for number in _linked_to(row, removal)}
            others = [row for row in edits if row not in linked]
            if len(stays) != 1 and len(gone) == 1 and len(others) == 1 and _took_over(others[0], removal):
                stays = {others[0].pet_id}
            if len(stays) == 1 and (name := _name(connection, min(stays))):
                yield removal, min(stays), name


def _linked_to(edit: Any, removal: Any) -> set[int]:
    """What an edit links to instead of a pet that was removed."""
    went = str(removal.pet_id)
    fields = [field for field, fact in edit.before.items() if field.startswith("own.") and fact == went]
    return {int(edit.after[field]) for field in fields if (edit.after.get(field) or "").isdecimal()}


def _took_over(edit: Any, removal: Any) -> bool:
    """Whether all that an edit sets is what the other pet had, or the lines of both."""

    def lines(facts: dict[str, Any], field: str) -> set[str]:
        return set((facts.get(field) or "").split("\n"))

    called = edit.before.get("name") or edit.pet_name, removal.before.get("name") or ""
    return one_slip(*map(fold, called)) and all(
        fact == removal.before.get(field)
        or lines(edit.after, field) <= lines(edit.before, field) | lines(removal.before, field)
        for field, fact in edit.after.items()
    )


def _name(connection: sa.Connection, number: int) -> str | None:
    query = sa.select(_change.c.pet_name).where(_change.c.pet_id == number).order_by(_change.c.id.desc())
    name: str | None = connection.scalar(query.limit(1))
    return name


def _note(connection: sa.Connection, merge: Any, stays: int, name: str) -> None:
    """Note it, and where it was undone, or made again."""
    chain = sa.select(_changeset.c.id).where(_changeset.c.origin_id == merge.changeset_id)
    within = _change.c.changeset_id.in_(chain) | (_change.c.undoes_id == merge.changeset_id)
    whole = _change.c.before.is_(sa.null()) | _change.c.after.is_(sa.null())
    query = sa.select(_change.c.id, _change.c.changeset_id).where(
        _change.c.pet_id == merge.pet_id, within, whole
    )
    for row in [merge, *connection.execute(query)]:
        connection.execute(
            _change.update().where(_change.c.id == row.id).values(merged_id=stays, merged_name=name)
        )
        of = _changeset.c.id == row.changeset_id
        connection.execute(_changeset.update().where(of).values(merged=_changeset.c.merged + 1))
