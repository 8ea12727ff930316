"""Each person chooses the language that they are spoken to in; "" for the one that their browser asks for."""

import sqlalchemy as sa
from alembic import op

from pets.db import Words

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("language", Words, nullable=False, server_default=""))
