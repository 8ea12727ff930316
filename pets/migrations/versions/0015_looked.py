"""A draft knows the own fields that it was looked at with: where they change, it is looked at again.

Each of its lines, and each change, knows by itself what it takes back: an undo may stand beside other lines.
"""

import sqlalchemy as sa
from alembic import op

from pets.db import Key

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("changeset", sa.Column("fields_at", Key, nullable=False, server_default="0"))
    for table in ("draft_line", "change"):
        op.add_column(table, sa.Column("undoes_id", Key))
