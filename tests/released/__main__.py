"""Keep a register as a released version leaves it: `python -m tests.released` before a release.

It is made by people at their browsers: pets with a history, an undo, a draft, a waiting import. What it holds
goes into a register of each step that has no file here yet, as far as that step knows it, and from there into
a file of SQL, which `tests/test_migrations.py` opens with the newest version for ever after.
"""

import io
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pets.clock
from app import create_app
from pets.db import Base, db
from pets.migrations import _upgrade, bring_up_to_date, steps
from tests.conftest import Clock, StoppedDatetime
from tests.people import Person, hire_cast

FOLDER = Path(__file__).parent
FORGOTTEN = {"sign_in", "security_event", "pet_type", "work", "form_token"}  # or made by the database itself
SHEET = b"name,type,born\nPolly,parrot,2020-05-01\nBo,dog,not a date\n"


def main() -> None:
    """Write the files that are missing."""
    pets.clock.datetime = StoppedDatetime(Clock())  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as place:
        made = _lived_in(Path(place) / "newest")
        for step in sorted(steps()):
            file = FOLDER / f"{step}.sql"
            if not file.exists():
                older = _carried(made, Path(place) / step, step)
                file.write_text("".join(f"{line};\n" for line in dump(older)), "utf-8")


def _lived_in(folder: Path) -> Path:
    """A register that people have used."""
    app = create_app({"PETS_INSTANCE": str(folder)})
    app.test_client_class = Person
    with app.app_context():
        bring_up_to_date()
    app.extensions["cast"] = hire_cast(app)
    edith, ada = app.test_client(name="edith"), app.test_client(name="ada")
    for name, kind in (("Rex", "dog"), ("Žofie", "cat"), ("Max", "dog")):
        edith.post("/pets/new", name=name, type=kind, age="3", unit="years", notes="found\nin the rain")
    ada.post("/pets/1/edit", name="Rexie", type="dog", age="3", unit="years", version="1")
    ada.post("/pets/2/edit", name="Sophie", type="cat", notes="", version="1")
    edith.post("/pets/3/delete", version="1")
    edith.post("/history/5/undo")
    edith.post("/pets/new", name="Whiskers", type="cat", then="draft")
    edith.post("/pets/1/edit", name="Rexie", type="dog", notes="blind", version="2", then="draft")
    edith.post("/import", file=(io.BytesIO(SHEET), "pets.csv"))
    with app.app_context():
        db.engine.dispose()
    return folder / "pets.sqlite"


def _carried(made: Path, folder: Path, step: str) -> Path:
    """A register of an older step with the same in it."""
    app = create_app({"PETS_INSTANCE": str(folder)})
    with app.app_context():
        _upgrade(step)
        db.engine.dispose()
    file = folder / "pets.sqlite"
    tables = [table.name for table in Base.metadata.sorted_tables if table.name not in FORGOTTEN]
    tables.sort(key=lambda name: name == "pet")  # after their changes: the database takes none without
    with closing(sqlite3.connect(file)) as older, older:
        older.execute("ATTACH ? AS newest", [str(made)])
        for name in tables:
            newest, known = (_columns(older, where, name) for where in ("newest", "main"))
            if both := ", ".join(f'"{column}"' for column in known if column in newest):
                older.execute(f'INSERT INTO main."{name}" ({both}) SELECT {both} FROM newest."{name}"')
    return file


def _columns(connection: sqlite3.Connection, where: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f'PRAGMA {where}.table_info("{table}")')]


def dump(file: Path) -> Iterator[str]:
    """The statements that make a register again. `iterdump` of Python cannot tell the index of words."""
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL").fetchall()
        tables = [(name, sql) for kind, name, sql in made if kind == "table"]
        yield from (sql for name, sql in tables if not name.startswith(("pet_search_", "sqlite_")))
        for name, _ in tables:
            if not name.startswith("pet_search"):
                names = ", ".join(f'"{column}"' for column in _columns(connection, "main", name))
                values = " || ', ' || ".join(
                    f'quote("{column}")' for column in _columns(connection, "main", name)
                )
                yield from (
                    f'INSERT INTO "{name}" ({names}) VALUES ({row})'
                    for (row,) in connection.execute(f'SELECT {values} FROM "{name}"')
                )
        yield "INSERT INTO pet_search (pet_search) VALUES ('rebuild')"
        yield from (sql for kind, _, sql in made if kind in ("index", "trigger"))


if __name__ == "__main__":
    main()
