"""The database brought up to date: as the models say, and never one that is not ours."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from pets.changes.check import unrecorded
from pets.db import Base, db
from pets.migrations import FOLDER, NotOurs, _upgrade, bring_up_to_date, steps

THE_NOTEBOOKS = """
    CREATE TABLE pet (id INTEGER NOT NULL, name VARCHAR, type VARCHAR, age INTEGER, PRIMARY KEY (id));
    INSERT INTO pet VALUES (1, 'Justin Timbersnake', 'snek', 2), (2, 'Pawtrick Stewart', 'good boy', 10),
        (4, 'Marshmallow', 'polar bear', 4);
"""

# As it was kept before the step of that number.
AN_UNDONE_NAME = """
    INSERT INTO changeset (id, who, saved_at, undoes_id, added, changed, removed) VALUES
        (1, 'Edith', '2024-06-15 12:00:00', NULL, 1, 0, 0),
        (2, 'Edith', '2024-06-16 12:00:00', NULL, 0, 1, 0),
        (3, 'Edith', '2024-06-17 12:00:00', 2, 0, 1, 0);
    INSERT INTO change (changeset_id, pet_id, version, pet_name, name_key, before, after) VALUES
        (1, 1, 0, 'Rex', 'rex', NULL, '{"name": "Rex", "type": "dog", "born": null, "notes": ""}'),
        (2, 1, 1, 'Typo', 'typo', '{"name": "Rex"}', '{"name": "Typo"}'),
        (3, 1, 2, 'Rex', 'rex', '{"name": "Typo"}', '{"name": "Rex"}');
    INSERT INTO pet (name, type, born_estimated, notes, version, added_at, changed_at, name_key, type_key,
        search_text, former_names) VALUES ('Rex', 'dog', false, '', 3, '2024-06-15 12:00:00',
        '2024-06-17 12:00:00', 'rex', 'dog', 'rex dog rex typo',
        '[["Rex", "2024-06-16"], ["Typo", "2024-06-17"]]')
"""


def ours(name, kind, parents):
    return not (kind == "table" and name is not None and name.startswith("pet_search"))


def test_a_migrated_database_is_what_the_models_say(session):
    context = MigrationContext.configure(
        session.connection(), opts={"include_name": ours, "compare_type": True, "render_as_batch": True}
    )
    words = "ix_pet_search_text"  # PostgreSQL's index of words, made by SQL
    differences = compare_metadata(context, Base.metadata)
    assert [one for one in differences if one[0] != "remove_index" or one[1].name != words] == []


@pytest.mark.sqlite_only
def test_the_models_say_of_which_tables_no_number_is_given_twice(session):
    kept = session.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"))
    options = {name: table.dialect_options["sqlite"] for name, table in Base.metadata.tables.items()}
    assert {name for name, said in options.items() if said["autoincrement"]} == set(kept)


def test_the_steps_are_in_the_order_of_their_files():
    script = ScriptDirectory(str(FOLDER))
    assert steps() == {step.revision for step in script.walk_revisions()}
    assert max(steps()) == script.get_current_head()


def test_a_new_database_gets_its_tables_and_a_second_time_changes_nothing(registers):
    with registers.open_new() as app, app.app_context():
        bring_up_to_date()
        assert "pet" in inspect(db.engine).get_table_names()
        before = everything_in(db.engine)
        bring_up_to_date()
        assert everything_in(db.engine) == before


def everything_in(engine):
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT * FROM {table}")).all()
            for table in inspect(connection).get_table_names()
        }


def test_the_notebooks_own_database_is_refused_with_what_to_do(registers):
    with registers.open_new() as app, app.app_context():
        with db.engine.begin() as connection:
            for statement in THE_NOTEBOOKS.split(";")[:2]:
                connection.execute(text(statement))
        with pytest.raises(NotOurs, match=r"a table of pets that this program did not make.*import it there"):
            bring_up_to_date()
        assert inspect(db.engine).get_table_names() == ["pet"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "content",
    [THE_NOTEBOOKS, None],
    ids=["the notebook's", "no database at all"],
)
def test_a_file_that_is_not_ours_is_left_byte_for_byte_as_it_was(registers, content):
    with registers.open_new() as app:
        file = Path(app.instance_path) / "pets.sqlite"
        if content:
            with closing(sqlite3.connect(file)) as connection:
                connection.executescript(content)
        else:
            file.write_bytes(b"Dear diary, " * 100)
        before = hashlib.sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns
        with app.app_context(), pytest.raises(NotOurs, match="It was left as it is"):
            bring_up_to_date()
        assert (hashlib.sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns) == before
        assert {path.name for path in file.parent.iterdir()} == {"pets.sqlite", "secret_key"}


@pytest.mark.sqlite_only
def test_a_register_that_cannot_be_opened_is_not_told_to_be_begun_anew(registers):
    """As on a full disk, or where root has made the file: a folder in its place stands for those."""
    with registers.open_new() as app, app.app_context():
        file = Path(app.instance_path) / "pets.sqlite"
        (file / "inside").mkdir(parents=True)
        with pytest.raises(NotOurs, match="let Pets read and write the file") as refused:
            bring_up_to_date()
        assert "import it there" not in str(refused.value)


def test_a_register_of_a_newer_version_is_refused_and_left_alone(registers):
    with registers.open() as app, app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(NotOurs, match=r"newer version of Pets .*step 9999"):
            bring_up_to_date()
        with db.engine.connect() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_names_that_an_undo_took_back_are_let_go_of(registers):
    with registers.open_new() as app, app.app_context():
        _upgrade("0006")
        with db.engine.begin() as connection:
            for statement in AN_UNDONE_NAME.split(";"):
                connection.exec_driver_sql(statement)
        bring_up_to_date()
        assert list(unrecorded()) == []
        with db.engine.connect() as connection:
            keys = connection.execute(text("SELECT was_key FROM change ORDER BY id")).scalars().all()
        assert keys == [None, "rex", "typo"]


def test_merges_that_were_saved_before_are_known_where_the_data_tells(registers):
    with registers.open_new() as app, app.app_context():
        _upgrade("0025")
        with db.engine.begin() as connection:
            for statement in BEFORE_0026.split(";"):
                connection.exec_driver_sql(statement)
        bring_up_to_date()
        with db.engine.connect() as connection:
            changes = "SELECT changeset_id, pet_id, merged_id, merged_name FROM change WHERE merged_id > 0"
            assert connection.execute(text(changes + " ORDER BY id")).all() == [
                (2, 2, 1, "Rex"),
                (3, 2, 1, "Rex"),
                (4, 2, 1, "Rex"),
                (5, 4, 3, "Bo"),
            ]
            counts = "SELECT id, merged, undo_depth, origin_id FROM changeset ORDER BY id"
            assert connection.execute(text(counts)).all() == [
                (1, 0, 0, None),
                (2, 1, 0, None),
                (3, 1, 1, 2),
                (4, 1, 2, 2),
                (5, 1, 0, None),
                (6, 0, 0, None),
            ]


# One is merged, apart again, and merged again; one had a kitten; and one change removes another like it.
BEFORE_0026 = """
    INSERT INTO changeset (id, who, saved_at, undoes_id, added, changed, removed) VALUES
        (1, 'E', '2024-06-15 12:00:00', NULL, 6, 0, 0),
        (2, 'E', '2024-06-16 12:00:00', NULL, 0, 1, 1),
        (3, 'E', '2024-06-17 12:00:00', 2, 1, 1, 0),
        (4, 'E', '2024-06-18 12:00:00', 3, 0, 1, 1),
        (5, 'E', '2024-06-19 12:00:00', NULL, 0, 1, 1),
        (6, 'E', '2024-06-20 12:00:00', NULL, 0, 1, 1);
    INSERT INTO change (changeset_id, pet_id, version, pet_name, name_key, before, after) VALUES
        (1, 3, 0, 'Bo', 'bo', NULL, '{"name": "Bo"}'),
        (2, 1, 1, 'Rex', 'rex', '{"name": "Rexx", "notes": "a"}', '{"name": "Rex", "notes": "a|b"}'),
        (2, 2, 1, 'Rex', 'rex', '{"name": "Rex", "type": "dog", "notes": "b"}', NULL),
        (3, 2, 2, 'Rex', 'rex', NULL, '{"name": "Rex", "type": "dog", "notes": "b"}'),
        (3, 1, 2, 'Rexx', 'rexx', '{"name": "Rex", "notes": "a|b"}', '{"name": "Rexx", "notes": "a"}'),
        (4, 1, 3, 'Rex', 'rex', '{"name": "Rexx", "notes": "a"}', '{"name": "Rex", "notes": "a|b"}'),
        (4, 2, 3, 'Rex', 'rex', '{"name": "Rex", "type": "dog", "notes": "b"}', NULL),
        (5, 5, 1, 'Kit', 'kit', '{"own.1": "4"}', '{"own.1": "3"}'),
        (5, 4, 1, 'Beau', 'beau', '{"name": "Beau", "type": "cat", "notes": ""}', NULL),
        (6, 5, 2, 'Kit', 'kit', '{"notes": ""}', '{"notes": "calm"}'),
        (6, 6, 1, 'Kitt', 'kitt', '{"name": "Kitt", "type": "cat", "notes": "wild"}', NULL)
""".replace("|", "\\n")


@pytest.mark.sqlite_only
def test_an_upgrade_that_would_leave_rows_pointing_nowhere_is_not_done(registers):
    with registers.open_new() as app, app.app_context():
        _upgrade("0001")
        connection = db.engine.raw_connection()
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(
            "INSERT INTO change (changeset_id, version, pet_name, name_key) VALUES (77, 0, 'a', 'a')"
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.close()
        with pytest.raises(NotOurs, match=r"rows that point nowhere.*as it was before"):
            bring_up_to_date()
        with db.engine.connect() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0001"
            assert "account" not in inspect(connection).get_table_names()


def test_a_form_that_was_sent_before_the_upgrade_is_known_after_it(registers):
    with registers.open_new() as app, app.app_context():
        _upgrade("0006")
        with db.engine.begin() as connection:
            for statement in BEFORE_0007.split(";"):
                connection.execute(text(statement))
        bring_up_to_date()
        with db.engine.begin() as connection:
            made = "SELECT token, name, pet_id, changeset_id, line_id FROM form_token ORDER BY token"
            assert connection.execute(text(made)).all() == [
                ("litter", None, None, 2, 3),
                ("one", "Bo", None, 2, 1),
                ("saved", "Rex", 7, None, None),
            ]
            assert connection.execute(text("SELECT changeset_id FROM change")).scalar() == 1
            more = "INSERT INTO changeset (who, added, changed, removed) VALUES ('E', 0, 0, 0) RETURNING id"
            assert connection.execute(text(more)).scalar() == 4  # 3 was given to one that is gone


BEFORE_0007 = """
    INSERT INTO account (id, name, name_key, password_hash, role, made_at)
        VALUES (1, 'E', 'e', 'x', 'editor', CURRENT_TIMESTAMP);
    INSERT INTO changeset (who, account_id, saved_at, form_token, added, changed, removed) VALUES
        ('E', 1, CURRENT_TIMESTAMP, 'saved', 1, 0, 0), ('E', 1, NULL, NULL, 3, 0, 0),
        ('E', 1, CURRENT_TIMESTAMP, NULL, 0, 0, 0);
    DELETE FROM changeset WHERE id = 3;
    INSERT INTO change (changeset_id, pet_id, version, pet_name, name_key) VALUES (1, 7, 0, 'Rex', 'rex');
    INSERT INTO draft_line (changeset_id, part, version, name, name_key, form_token) VALUES
        (2, 'new', 0, 'Bo', 'bo', 'one'), (2, 'new', 0, 'Di', 'di', 'litter'),
        (2, 'new', 0, 'Ed', 'ed', 'litter')
"""


@pytest.mark.sqlite_only
def test_after_an_upgrade_foreign_keys_are_on_again(session):
    pragmas = {
        name: session.execute(text(f"PRAGMA {name}")).scalar() for name in ("foreign_keys", "synchronous")
    }
    assert pragmas == {"foreign_keys": 1, "synchronous": 2}
    assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    assert session.execute(text("PRAGMA busy_timeout")).scalar() == 15_000


def test_keys_are_folded_again_where_they_hold_what_nobody_sees(registers):
    with registers.open_new() as app, app.app_context():
        _upgrade("0006")
        now = "2026-01-01 00:00:00"
        with db.engine.begin() as connection:
            for name, kind, key, type_key in [
                ("Re\u200bx", "dog", "re\u200bx", "dog"),
                ("Йод", "кий", "иод", "кии"),
            ]:
                connection.execute(
                    text(
                        "INSERT INTO pet (name, type, born_estimated, notes, version, added_at, changed_at,"
                        " name_key, type_key, search_text, former_names) VALUES (:name, :type, false, '', 1,"
                        " :now, :now, :key, :type_key, :words, :former)"
                    ),
                    {
                        "name": name,
                        "type": kind,
                        "now": now,
                        "key": key,
                        "type_key": type_key,
                        "words": f"  {key}",
                        "former": '[["do\u00adg", "2026-01-01"]]',
                    },
                )
            for name, key in [("Ed\u200bith", "ed\u200bith"), ("Edith", "edith"), ("A\u00adda", "a\u00adda")]:
                connection.execute(
                    text(
                        "INSERT INTO account (name, name_key, role, password_hash, made_at)"
                        " VALUES (:name, :key, 'admin', '', :now)"
                    ),
                    {"name": name, "key": key, "now": now},
                )
        bring_up_to_date()
        with db.engine.connect() as connection:
            pets = connection.execute(
                text("SELECT name_key, type_key, search_text FROM pet ORDER BY id")
            ).all()
            assert pets == [("rex", "dog", "  rex  dog"), ("йод", "кий", "  иод  кии  dog")]
            assert set(connection.scalars(text("SELECT type_key FROM pet_type"))) == {"dog", "кий"}
            people = connection.scalars(text("SELECT name_key FROM account ORDER BY id")).all()
            assert people == ["ed\u200bith", "edith", "ada"]
