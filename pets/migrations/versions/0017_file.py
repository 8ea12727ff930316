"""Pictures and documents of pets."""

import sqlalchemy as sa
from alembic import op

from pets.db import UTCDateTime, Words
from pets.migrations.guard import guard

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("digest", Words, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumb", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("in_history", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_file"),
    )
    for name in ("photo", "files"):
        op.add_column("pet", sa.Column(name, Words, nullable=False, server_default=""))
    guard()
