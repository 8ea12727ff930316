"""No pet is written without a change beside it: the database's own triggers see to that."""

import sqlalchemy as sa
from alembic import op

REFUSED = (
    "Pets are written through a SQLAlchemy session, which tells every change in the history. "
    "Load them and set their facts, session.add() or session.delete() them."
)
FOLLOWS = ("added_at", "changed_at", "former_names", "search_text")  # from facts, like any "…_key"
# The last change of a pet: a seek in the index of numbers and versions.
LAST = "FROM change WHERE pet_id = {pet}.id ORDER BY version DESC LIMIT 1"
THERE = f'(SELECT "after" IS NOT NULL AND version = new.version - 1 {LAST.format(pet="new")})'
GONE = f'(SELECT "after" IS NULL {LAST.format(pet="old")})'

# REPLACE would take the row that is there away without its trigger.
SQLITE = f"""
    CREATE TRIGGER pet_added_untold BEFORE INSERT ON pet
    WHEN {THERE} IS NOT TRUE OR EXISTS (SELECT 1 FROM pet WHERE id = new.id) BEGIN
        SELECT RAISE(ABORT, '{REFUSED}');
    END
;;
    CREATE TRIGGER pet_changed_untold BEFORE UPDATE OF :facts ON pet
    WHEN {THERE} IS NOT TRUE OR new.version <> old.version + 1 BEGIN
        SELECT RAISE(ABORT, '{REFUSED}');
    END
;;
    CREATE TRIGGER pet_removed_untold BEFORE DELETE ON pet WHEN {GONE} IS NOT TRUE BEGIN
        SELECT RAISE(ABORT, '{REFUSED}');
    END
"""  # noqa: S608
POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION refuse_untold_pet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' AND {GONE} THEN
            RETURN old;
        ELSIF (TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND new.version = old.version + 1) AND {THERE} THEN
            RETURN new;
        END IF;
        RAISE integrity_constraint_violation USING MESSAGE = '{REFUSED}';
    END $$
;;
    CREATE OR REPLACE TRIGGER pet_untold BEFORE INSERT OR DELETE OR UPDATE OF :facts ON pet
        FOR EACH ROW EXECUTE FUNCTION refuse_untold_pet()
;;
    CREATE OR REPLACE TRIGGER pet_emptied_untold BEFORE TRUNCATE ON pet
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold_pet()
"""


def guard() -> None:
    """Put the triggers up, over all columns that pets have now. A step that adds one ends with this."""
    connection = op.get_bind()
    columns = [column["name"] for column in sa.inspect(connection).get_columns("pet")]
    facts = ", ".join(name for name in columns if name not in FOLLOWS and not name.endswith("_key"))
    if connection.dialect.name == "sqlite":
        for what in ("added", "changed", "removed"):
            op.execute(f"DROP TRIGGER IF EXISTS pet_{what}_untold")
    for statement in (SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL).split(";;"):
        op.execute(statement.replace(":facts", facts))
