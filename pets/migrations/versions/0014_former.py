"""What choices were called before: pets and drafts may still have these words."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("field", sa.Column("former", sa.JSON))
