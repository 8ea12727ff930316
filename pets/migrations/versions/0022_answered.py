"""The page that a form was answered with is kept, so that going Back to it asks nobody to send it again."""

import sqlalchemy as sa
from alembic import op

from pets.db import Words

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("kept_form", sa.Column("answer", Words))
    op.add_column("kept_form", sa.Column("status", sa.Integer))
