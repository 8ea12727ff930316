"""Removed pets are found by their names: an index of removals alone, which are few."""

from alembic import op

from pets.db import only_where

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_change_removed", "change", ["name_key", "pet_id"], **only_where('"after" IS NULL'))
