"""What is noted of the columns of a sheet that comes in is more than the order of its dates."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE import RENAME COLUMN dates TO noted")
    # Of rows that wait it is noted when they are asked about, and they are checked again.
    op.execute("UPDATE import SET noted = '{}'")
    op.execute("UPDATE import SET counts = NULL WHERE staged_at IS NULL")
