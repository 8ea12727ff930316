"""One table of one-time tokens, in place of those of changesets and of a draft's lines."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from pets.db import Key, UTCDateTime, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What these forms said is not known: with an empty digest, one that is sent again is asked about.
CARRIED = """
    INSERT INTO form_token (account_id, token, digest, sent_at, name, pet_id)
    SELECT account_id, form_token, '', saved_at, pet_name, pet_id
    FROM changeset JOIN change ON change.changeset_id = changeset.id
    WHERE form_token IS NOT NULL AND account_id IS NOT NULL AND saved_at > :since
        AND added = 1 AND changed = 0 AND removed = 0
"""
WAITING = """
    INSERT INTO form_token (account_id, token, digest, sent_at, name, changeset_id, line_id)
    SELECT account_id, line.form_token, '', :now, CASE WHEN count(*) = 1 THEN max(name) END,
        changeset.id, max(line.id)
    FROM changeset JOIN draft_line AS line ON line.changeset_id = changeset.id
    WHERE line.form_token IS NOT NULL AND account_id IS NOT NULL AND discarded_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM form_token
            WHERE form_token.account_id = changeset.account_id AND token = line.form_token)
    GROUP BY account_id, line.form_token, changeset.id
"""


def upgrade() -> None:
    op.create_table(
        "form_token",
        sa.Column("account_id", Key, nullable=False),
        sa.Column("token", Words, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("sent_at", UTCDateTime, nullable=False),
        sa.Column("name", Words),
        sa.Column("pet_id", Key),
        sa.Column("changeset_id", Key),
        sa.Column("line_id", Key),
        sa.PrimaryKeyConstraint("account_id", "token", name=op.f("pk_form_token")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_form_token_account_id")),
    )
    op.create_index(op.f("ix_form_token_account_id_sent_at"), "form_token", ["account_id", "sent_at"])
    now = datetime.now(UTC)
    for statement, name, moment in ((CARRIED, "since", now - timedelta(days=30)), (WAITING, "now", now)):
        op.execute(sa.text(statement).bindparams(sa.bindparam(name, moment, UTCDateTime)))
    op.drop_index("ix_draft_line_form_token", "draft_line")
    op.execute("ALTER TABLE draft_line DROP COLUMN form_token")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_column("changeset", "form_token")  # and its constraint with it
        return
    # SQLite cannot drop a column that is UNIQUE, and the table that is made in its place would count from
    # the highest number there is: that of a draft that was discarded would be given again.
    numbers = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    last = op.get_bind().scalar(sa.select(numbers.c.seq).where(numbers.c.name == "changeset"))
    with op.batch_alter_table(
        "changeset", recreate="always", table_kwargs={"sqlite_autoincrement": True}
    ) as batch:
        batch.drop_constraint(op.f("uq_changeset_form_token"), type_="unique")
        batch.drop_column("form_token")
    op.execute(sa.delete(numbers).where(numbers.c.name == "changeset"))
    op.execute(sa.insert(numbers).values(name="changeset", seq=last or 0))
