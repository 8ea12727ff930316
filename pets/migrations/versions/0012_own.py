"""Own fields: what admins declare, the facts in one column of a pet, and a table of their keys."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, UTCDateTime, Words
from pets.migrations.guard import guard

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("retired_at", UTCDateTime),
        sa.Column("label", Words, nullable=False),
        sa.Column("label_key", Words, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("hint", Words, nullable=False),
        sa.Column("required", sa.Boolean, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("types", sa.JSON),
        sa.Column("choices", sa.JSON),
        sa.Column("unit", Words, nullable=False),
        sa.Column("low", Words),
        sa.Column("high", Words),
        sa.Column("digits", sa.Boolean, nullable=False),
        sa.Column("unique_code", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field")),
        sa.UniqueConstraint("version", name=op.f("uq_field_version")),
        sa.UniqueConstraint("label_key", name=op.f("uq_field_label_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pet_key",
        sa.Column("field_id", Key, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("name_key", Words, nullable=False),
        sa.Column("pet_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("field_id", "key", "name_key", "pet_id", name=op.f("pk_pet_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pet_key_pet_id", "pet_key", ["pet_id"])
    op.add_column("pet", sa.Column("own", sa.JSON))
    guard()
