"""The rows of several sheets that were put together are known by their sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import", sa.Column("parts", sa.JSON, nullable=False, server_default="{}"))
