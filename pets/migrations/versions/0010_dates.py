"""What the dates of a sheet say of the order of day and month is kept, not read again from all its rows.

Of a sheet that is on its way in, nothing is known: dates that can be read both ways are rows to correct.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import", sa.Column("dates", sa.JSON, nullable=False, server_default="{}"))
