"""Long work, told to every process; and what tells a line of a draft that came twice or resembles another."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, UTCDateTime, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Bytes that the index of words gathers before it writes: a large draft is saved a fifth quicker.
        op.execute("INSERT INTO pet_search (pet_search, rank) VALUES ('hashsize', 8000000)")
    op.create_table(
        "work",
        sa.Column("id", Words, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("title", Words, nullable=False),
        sa.Column("about", Words, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("reported_at", UTCDateTime, nullable=False),
        sa.Column("outcome", sa.JSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
    )
    op.add_column("draft_line", sa.Column("form_token", Words))
    op.add_column("draft_line", sa.Column("name_key", Words, nullable=False, server_default=""))
    op.create_index(op.f("ix_draft_line_changeset_id_name_key"), "draft_line", ["changeset_id", "name_key"])
    for name, columns, condition in (
        ("form_token", ["changeset_id", "form_token"], "form_token IS NOT NULL"),
        ("calm", ["changeset_id", "part", "id"], "concern IS NULL"),
    ):
        only = sa.text(condition)
        op.create_index(
            f"ix_draft_line_{name}", "draft_line", columns, sqlite_where=only, postgresql_where=only
        )
