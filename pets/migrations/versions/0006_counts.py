"""PostgreSQL counts the types of a transaction at its end, each type once.

Counted row by row, a type's counter got a new version for each pet, and each had to be found behind all the
others: 20,000 new dogs took 100 s. It also was locked from the first pet on, for whoever added another dog.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

POSTGRESQL = [
    "DROP TRIGGER pet_counted ON pet",
    "DROP TRIGGER pet_retyped ON pet",
    "DROP FUNCTION count_pet_types()",
    # What a transaction has counted so far: {type: [key, pets more or less]}, in a setting of its own.
    """CREATE FUNCTION count_pet_type(kind text, key text, more int) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        counts jsonb := coalesce(nullif(current_setting('pets.counts', true), ''), '{}')::jsonb;
        count int := coalesce((counts -> kind ->> 1)::int, 0) + more;
    BEGIN
        counts := counts || jsonb_build_object(kind, jsonb_build_array(key, count));
        PERFORM set_config('pets.counts', counts::text, true);
    END $$""",
    """CREATE FUNCTION note_pet_type() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM count_pet_type(old.type, old.type_key, -1);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM count_pet_type(new.type, new.type_key, 1);
        END IF;
        RETURN NULL;
    END $$""",
    # Called for each pet that was counted; the first call settles all of them. In one order, so that no two
    # transactions wait for each other.
    """CREATE FUNCTION settle_pet_types() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        counts jsonb := nullif(current_setting('pets.counts', true), '')::jsonb;
    BEGIN
        IF counts IS NOT NULL THEN
            INSERT INTO pet_type (type, type_key, pets)
                SELECT key, value ->> 0, (value ->> 1)::int FROM jsonb_each(counts)
                WHERE (value ->> 1)::int <> 0 ORDER BY key COLLATE "C"
                ON CONFLICT (type) DO UPDATE SET pets = pet_type.pets + excluded.pets;
            DELETE FROM pet_type WHERE pets = 0 AND counts ? type;
            PERFORM set_config('pets.counts', '', true);
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER pet_counted AFTER INSERT OR DELETE ON pet
        FOR EACH ROW EXECUTE FUNCTION note_pet_type()""",
    """CREATE TRIGGER pet_retyped AFTER UPDATE OF type ON pet
        FOR EACH ROW WHEN (old.type <> new.type) EXECUTE FUNCTION note_pet_type()""",
    """CREATE CONSTRAINT TRIGGER pet_settled AFTER INSERT OR UPDATE OF type OR DELETE ON pet
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settle_pet_types()""",
]


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)
