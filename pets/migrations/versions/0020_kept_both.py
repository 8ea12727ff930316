"""Pairs of pets that look alike and are kept both, and lines of a draft that are."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_both",
        sa.Column("pet_id", Key, nullable=False, autoincrement=False),
        sa.Column("other_id", Key, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("pet_id", "other_id", name="pk_kept_both"),
    )
    op.add_column("draft_line", sa.Column("kept_both", sa.Boolean, nullable=False, server_default=sa.false()))
