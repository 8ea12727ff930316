"""Pets without a photo are found at once."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_pet_photo_name_key_id"), "pet", ["photo", "name_key", "id"])
