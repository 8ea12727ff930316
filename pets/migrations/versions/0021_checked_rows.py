"""What a check found of the rows of a sheet is kept, so that they need not be judged again."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, Words

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checked_rows",
        sa.Column("import_id", Key, sa.ForeignKey("import.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("seal", Words, nullable=False),
        sa.Column("found", sa.LargeBinary, nullable=False),
    )
