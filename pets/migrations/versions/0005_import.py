"""Sheets on their way in, and their rows."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, UTCDateTime, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key),
        sa.Column("begun_at", UTCDateTime, nullable=False),
        sa.Column("filename", Words, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("sheets", sa.JSON, nullable=False),
        sa.Column("counts_from_1904", sa.Boolean, nullable=False),
        sa.Column("read", sa.Boolean, nullable=False),
        sa.Column("sheet", sa.Integer, nullable=False),
        sa.Column("plan", sa.JSON),
        sa.Column("fingerprint", Words),
        sa.Column("counts", sa.JSON),
        sa.Column("staged_at", UTCDateTime),
        sa.Column("changeset_id", Key),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_import_account_id")),
        sa.ForeignKeyConstraint(
            ["changeset_id"], ["changeset.id"], name=op.f("fk_import_changeset_id"), ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    for column in ("account_id", "begun_at", "changeset_id", "digest", "fingerprint"):
        op.create_index(op.f(f"ix_import_{column}"), "import", [column])
    op.create_table(
        "import_row",
        sa.Column("import_id", Key, nullable=False),
        sa.Column("sheet", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("cells", sa.JSON, nullable=False),
        sa.Column("state", Words),
        sa.Column("found", sa.JSON),
        sa.Column("choice", Words),
        sa.PrimaryKeyConstraint("import_id", "sheet", "number", name=op.f("pk_import_row")),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_import_row_import_id")),
    )
    op.create_index(
        op.f("ix_import_row_import_id_sheet_state_number"),
        "import_row",
        ["import_id", "sheet", "state", "number"],
    )
