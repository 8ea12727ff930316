"""How many pets came and went in a month is told by the indexes of what was added and removed alone."""

from alembic import op

from pets.db import only_where

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (("adding", "added"), ("removing", "removed")):
        op.drop_index(f"ix_changeset_{name}", "changeset")
        columns = ["saved_at", "id", kind]
        op.create_index(f"ix_changeset_{name}", "changeset", columns, **only_where(f"{kind} > 0"))
