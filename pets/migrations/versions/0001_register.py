"""The register and its history: pets, changesets, changes; counters and search index, kept by triggers."""

import sqlalchemy as sa
from alembic import op

from pets.db import Key, UTCDateTime, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tables()
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
    else:
        for statement in POSTGRESQL:
            op.execute(statement)


def _tables() -> None:
    op.create_table(
        "pet",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("born_on", sa.Date),
        sa.Column("born_estimated", sa.Boolean, nullable=False),
        sa.Column("notes", Words, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("added_at", UTCDateTime, nullable=False),
        sa.Column("changed_at", UTCDateTime, nullable=False),
        sa.Column("name_key", Words, nullable=False),
        sa.Column("type_key", Words, nullable=False),
        sa.Column("search_text", Words, nullable=False),
        sa.Column("former_names", sa.JSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pet")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pet_name_key_id"), "pet", ["name_key", "id"])
    op.create_index(op.f("ix_pet_type_key_name_key_id"), "pet", ["type_key", "name_key", "id"])
    op.create_index(op.f("ix_pet_born_on_id"), "pet", ["born_on", "id"])
    op.create_index(op.f("ix_pet_changed_at_id"), "pet", ["changed_at", "id"])
    op.create_index(op.f("ix_pet_added_at_id"), "pet", ["added_at", "id"])

    op.create_table(
        "pet_type",
        sa.Column("type", Words, nullable=False),
        sa.Column("type_key", Words, nullable=False),
        sa.Column("pets", Key, nullable=False),
        sa.PrimaryKeyConstraint("type", name=op.f("pk_pet_type")),
    )
    op.create_index(op.f("ix_pet_type_type_key"), "pet_type", ["type_key"])

    op.create_table(
        "changeset",
        sa.Column("id", Key, nullable=False),
        sa.Column("who", Words, nullable=False),
        sa.Column("saved_at", UTCDateTime),
        sa.Column("undoes_id", Key),
        sa.Column("form_token", Words),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changeset")),
        sa.ForeignKeyConstraint(["undoes_id"], ["changeset.id"], name=op.f("fk_changeset_undoes_id")),
        sa.UniqueConstraint("form_token", name=op.f("uq_changeset_form_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_changeset_undoes_id"), "changeset", ["undoes_id"])
    op.create_index(op.f("ix_changeset_saved_at_id"), "changeset", ["saved_at", "id"])
    op.create_index(op.f("ix_changeset_who_saved_at_id"), "changeset", ["who", "saved_at", "id"])
    for name, condition in (
        ("adding", "added > 0"),
        ("changing", "changed > 0"),
        ("removing", "removed > 0"),
        ("undoing", "undoes_id IS NOT NULL"),
    ):
        only = sa.text(condition)
        columns = ["saved_at", "id"]
        op.create_index(
            f"ix_changeset_{name}", "changeset", columns, sqlite_where=only, postgresql_where=only
        )

    op.create_table(
        "change",
        sa.Column("id", Key, nullable=False),
        sa.Column("changeset_id", Key, nullable=False),
        sa.Column("pet_id", Key),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("pet_name", Words, nullable=False),
        sa.Column("name_key", Words, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sa.ForeignKeyConstraint(["changeset_id"], ["changeset.id"], name=op.f("fk_change_changeset_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_change_changeset_id_id"), "change", ["changeset_id", "id"])
    op.create_index(op.f("ix_change_pet_id_version"), "change", ["pet_id", "version"])
    op.create_index(op.f("ix_change_name_key_changeset_id"), "change", ["name_key", "changeset_id"])


# Triggers, so that no path can forget a count or an index entry. They call nothing of Python's: any other
# tool may write to the database too.
SQLITE = [
    """CREATE VIRTUAL TABLE pet_search USING fts5(
        search_text, content='pet', content_rowid='id', columnsize=0, tokenize='trigram case_sensitive 1')""",
    """CREATE TRIGGER pet_added AFTER INSERT ON pet BEGIN
        INSERT INTO pet_search (rowid, search_text) VALUES (new.id, new.search_text);
        INSERT INTO pet_type (type, type_key, pets) VALUES (new.type, new.type_key, 1)
            ON CONFLICT (type) DO UPDATE SET pets = pets + 1;
    END""",
    """CREATE TRIGGER pet_removed AFTER DELETE ON pet BEGIN
        INSERT INTO pet_search (pet_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        UPDATE pet_type SET pets = pets - 1 WHERE type = old.type;
        DELETE FROM pet_type WHERE type = old.type AND pets = 0;
    END""",
    """CREATE TRIGGER pet_reworded AFTER UPDATE OF search_text ON pet
    WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO pet_search (pet_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        INSERT INTO pet_search (rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    """CREATE TRIGGER pet_retyped AFTER UPDATE OF type ON pet WHEN old.type <> new.type BEGIN
        UPDATE pet_type SET pets = pets - 1 WHERE type = old.type;
        DELETE FROM pet_type WHERE type = old.type AND pets = 0;
        INSERT INTO pet_type (type, type_key, pets) VALUES (new.type, new.type_key, 1)
            ON CONFLICT (type) DO UPDATE SET pets = pets + 1;
    END""",
]

POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",  # trusted: the database's owner may
    "CREATE INDEX ix_pet_search_text ON pet USING gin (search_text gin_trgm_ops)",
    """CREATE FUNCTION count_pet_types() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN
            UPDATE pet_type SET pets = pets - 1 WHERE type = old.type;
            DELETE FROM pet_type WHERE type = old.type AND pets = 0;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO pet_type (type, type_key, pets) VALUES (new.type, new.type_key, 1)
                ON CONFLICT (type) DO UPDATE SET pets = pet_type.pets + 1;
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER pet_counted AFTER INSERT OR DELETE ON pet
        FOR EACH ROW EXECUTE FUNCTION count_pet_types()""",
    """CREATE TRIGGER pet_retyped AFTER UPDATE OF type ON pet
        FOR EACH ROW WHEN (old.type <> new.type) EXECUTE FUNCTION count_pet_types()""",
]
