"""No pet is written without a change beside it; the history is found by names that were taken away too."""

import sqlalchemy as sa
from alembic import op

from pets.changes.changeset import Changeset
from pets.changes.names import former_names, namings
from pets.db import Words
from pets.fields.text import loosely, search_text
from pets.migrations.guard import guard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHUNK = 500  # changes


def upgrade() -> None:
    op.add_column("change", sa.Column("was_key", Words))
    only = sa.text("was_key IS NOT NULL")
    op.create_index(
        "ix_change_was_key", "change", ["was_key", "changeset_id"], sqlite_where=only, postgresql_where=only
    )
    _read_the_names_again()
    guard()


def _read_the_names_again() -> None:
    """Note what each change of name took away, and let go of former names that an undo took back."""
    connection = op.get_bind()
    change = sa.table(
        "change",
        *map(sa.column, ("id", "pet_id", "was_key")),
        sa.column("before", sa.JSON),
        sa.column("after", sa.JSON(none_as_null=True)),
    )
    pet = sa.table(
        "pet",
        *map(sa.column, ("id", "name", "type", "notes", "search_text")),
        sa.column("former_names", sa.JSON(none_as_null=True)),
    )
    name = change.c.before["name"].as_string()
    renamed = connection.execute(
        sa.select(change.c.id, change.c.pet_id, name.label("name")).where(
            name.is_not(None), change.c.after.is_not(sa.null())
        )
    ).all()
    for start in range(0, len(renamed), CHUNK):
        some = renamed[start : start + CHUNK]
        connection.execute(
            change.update().where(change.c.id == sa.bindparam("number")).values(was_key=sa.bindparam("key")),
            [{"number": row.id, "key": loosely(row.name)} for row in some],
        )
        ids = {row.pet_id for row in some}
        stories = namings(connection, ids, Changeset.undoes_id)
        for row in connection.execute(sa.select(pet).where(pet.c.id.in_(ids))).all():
            names = former_names(stories[row.id])
            if names != row.former_names:
                text = search_text(row.name, row.type, row.notes, *(former for former, _ in names or ()))
                connection.execute(
                    pet.update().where(pet.c.id == row.id).values(former_names=names, search_text=text)
                )
