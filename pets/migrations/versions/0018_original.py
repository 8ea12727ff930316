"""A text whose encoding is a guess is kept to be read again, and rows that a file sets apart are known."""

import sqlalchemy as sa
from alembic import op

from pets.db import Words

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import", sa.Column("encoding", Words, nullable=False, server_default=""))
    op.add_column("import", sa.Column("spellings", sa.JSON, nullable=False, server_default="{}"))
    op.add_column("import", sa.Column("original", sa.LargeBinary))
    op.add_column("import", sa.Column("hidden", sa.JSON, nullable=False, server_default="{}"))
    op.add_column("import_row", sa.Column("aside", Words))
