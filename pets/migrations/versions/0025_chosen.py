"""What is ticked in the list is kept with the session, so that it outlives the page."""

import sqlalchemy as sa
from alembic import op

from pets.db import Words

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sign_in", sa.Column("chosen", Words, nullable=False, server_default=""))
