"""What has grown old is found by an index: each sign-in drops it, however much there is."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("sign_in", "begun_at"), ("sign_in", "confirmed_at"), ("throttle", "last_at")):
        op.create_index(f"ix_{table}_{column}", table, [column])
