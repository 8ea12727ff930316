"""Accounts: who may sign in, sessions, waits, security events; and whose each changeset is."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, UTCDateTime, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("name_key", Words, nullable=False),
        sa.Column("role", Words, nullable=False),
        sa.Column("password_hash", Words, nullable=False),
        sa.Column("one_time_until", UTCDateTime),
        sa.Column("made_at", UTCDateTime, nullable=False),
        sa.Column("ended_at", UTCDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name_key", name=op.f("uq_account_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sign_in",
        sa.Column("token_hash", Words, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("begun_at", UTCDateTime, nullable=False),
        sa.Column("confirmed_at", UTCDateTime, nullable=False),
        sa.Column("ended_at", UTCDateTime),
        sa.Column("browser", Words, nullable=False),
        sa.Column("address", Words, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id")),
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"])
    op.create_table(
        "setup_link",
        sa.Column("token_hash", Words, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_link")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", Words, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "security_event",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("event", Words, nullable=False),
        sa.Column("who", Words, nullable=False),
        sa.Column("about", Words, nullable=False),
        sa.Column("address", Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_security_event_at"), "security_event", ["at"])
    op.create_table(
        "kept_form",
        sa.Column("id", Words, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("kept_at", UTCDateTime, nullable=False),
        sa.Column("path", Words, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_kept_form_account_id")),
    )
    op.create_index(op.f("ix_kept_form_account_id"), "kept_form", ["account_id"])
    # In SQL that both databases read: Alembic would rebuild the whole table in SQLite for the foreign key.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE changeset ADD COLUMN account_id {kind} "
        "CONSTRAINT fk_changeset_account_id REFERENCES account (id)"
    )
