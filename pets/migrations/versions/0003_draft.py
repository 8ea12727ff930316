"""The draft: lines that wait to be saved; when it was discarded, and how often it has changed."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, UTCDateTime, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("changeset", sa.Column("discarded_at", UTCDateTime))
    op.add_column("changeset", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    open_draft = sa.text("saved_at IS NULL AND discarded_at IS NULL")
    op.create_index(
        "ix_changeset_draft",
        "changeset",
        ["account_id"],
        unique=True,
        sqlite_where=open_draft,
        postgresql_where=open_draft,
    )
    op.create_table(
        "draft_line",
        sa.Column("id", Key, nullable=False),
        sa.Column("changeset_id", Key, nullable=False),
        sa.Column("part", Words, nullable=False),
        sa.Column("pet_id", Key),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.Column("concern", Words),
        sa.Column("problems", sa.JSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_line")),
        sa.ForeignKeyConstraint(["changeset_id"], ["changeset.id"], name=op.f("fk_draft_line_changeset_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_draft_line_changeset_id_part_id"), "draft_line", ["changeset_id", "part", "id"])
    op.create_index("ix_draft_line_pet", "draft_line", ["changeset_id", "pet_id"], unique=True)
    op.create_index(op.f("ix_draft_line_pet_id"), "draft_line", ["pet_id"])
    concerned = sa.text("concern IS NOT NULL")
    op.create_index(
        "ix_draft_line_concern",
        "draft_line",
        ["changeset_id", "id", "concern"],
        sqlite_where=concerned,
        postgresql_where=concerned,
    )
    # The ages of each type at a glance, without reading its pets.
    op.create_index(op.f("ix_pet_type_key_born_on"), "pet", ["type_key", "born_on"])
