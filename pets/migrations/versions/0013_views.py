"""Saved views of the list, and the columns that each person chooses for it."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, Words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("name_key", Words, nullable=False),
        sa.Column("query", Words, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_saved_view_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sqlite_autoincrement=True,
    )
    for name, columns, where in (
        ("uq_saved_view_own", ["account_id", "name_key"], "NOT shared"),
        ("uq_saved_view_shared", ["name_key"], "shared"),
    ):
        op.create_index(
            name,
            "saved_view",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.add_column("account", sa.Column("columns", sa.JSON))
