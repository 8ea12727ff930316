"""Registers of any size, the same on every machine: names in many scripts, few types for most pets, ages that
are missing, and a history with more changes than pets."""

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from flask import Flask

from app import create_app
from pets.db import db
from pets.fields.text import fold, search_text
from pets.migrations import bring_up_to_date
from tests.people import Person, hire_cast
from tests.scale.own import DECLARED, declare, own_facts, own_keys, own_words

SHEET = 250  # pets that were imported together
NAMES = """Rex Bella Luna Max Molly Charlie Daisy Rocky Coco Milo Ruby Buddy Lola Jack Zoe Oscar
Rosie Teddy Poppy Biscuit Marshmallow Godzilla Élodie Zoë Žofka Řehoř Šarik Łatka Ørjan Åsa Jürgen
Müsli Straße Œillet Ñandú Çiçek İnci Ștefan Gülüm Барсик Мурка Шарик Снежок Ёжик Пушок Σοφία Αργώ
Φοίβη 小白 花花 旺财 豆豆 さくら モモ ポチ
초코 보리 별이 शेरू मोती रानी ببغاء لولو أسد שוקו נלה ลูกชุบ โมจิ Bärli Fiocco
Pallina Çakıl Kürşat Nyx Quincy Xerxes""".split()
SECOND = """Bean Button Clover Comet Dumpling Ember Fig Ginger Hazel Indigo Juniper Kiwi Lark Maple
Nutmeg Olive Pepper Quill Rowan Saffron Thistle Umber Velvet Willow Yarrow Zephyr Ångström Błękit
Černý Düne Écru Rêve Синий Белый Γαλάζιος 黒 白 雪 月 파랑 नीला אפור""".split()
TYPES = """dog cat rabbit hamster guinea-pig parrot canary horse pony goat sheep hen duck goose
tortoise iguana gecko snake frog goldfish koi rat mouse gerbil chinchilla ferret hedgehog degu
donkey alpaca llama pig cow turkey pigeon budgie cockatiel finch crow owl falcon newt axolotl crab
snail tarantula stick-insect кролик 猫 αλεπού""".split()
NOTES = (  # as often as each stands here
    *["", ""],
    *["shy", "friendly with children", "needs a quiet home", "eats only wet food", "afraid of thunder"],
    *["vaccinated", "chipped", "blind in one eye", "house-trained", "allergic to chicken"],
)
PEOPLE = "Edith Edith Edith Edith Ada Ada Grace Žaneta Борис".split()
NEEDLE = "Quetzalcoatl"  # one pet's name
FIRST, TODAY = datetime(2024, 1, 1, tzinfo=UTC), date(2026, 11, 1)

PET = """INSERT INTO pet (id, name, type, born_on, born_estimated, notes, version, added_at, changed_at,
    name_key, type_key, search_text, former_names, own)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
CHANGESET = """INSERT INTO changeset (id, who, saved_at, added, changed, removed, revision)
    VALUES (?, ?, ?, ?, ?, 0, 0)"""
CHANGE = """INSERT INTO change (id, changeset_id, pet_id, version, pet_name, name_key, before, after)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


def seeded(folder: Path, pets: int) -> Path:
    """The data folder of a register with so many pets, made once and kept."""
    instance = folder / f"{pets}-pets-with-{len(DECLARED)}-own-fields"
    if (instance / "seeded").exists():
        with opened(instance) as app, app.app_context():
            bring_up_to_date()
        return instance
    shutil.rmtree(instance, ignore_errors=True)
    with opened(instance) as app:
        with app.app_context():
            bring_up_to_date()
        hire_cast(app)
        with app.app_context():
            declare()
            db.session.commit()
            with closing(sqlite3.connect(instance / "pets.sqlite", isolation_level=None)) as register:
                _fill(register, pets)
    (instance / "seeded").touch()
    return instance


@contextmanager
def opened(instance: Path) -> Iterator[Flask]:
    """The app on a data folder; its connections are closed at the end."""
    app = create_app({"TESTING": True, "PETS_INSTANCE": str(instance)})
    app.test_client_class = Person
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


def signed_in(instance: Path, name: str = "edith") -> tuple[str, str]:
    """The cookie and the token of a new session of one of the cast."""
    with opened(instance) as app:
        person = app.test_client(name=name)
        person.sign_in()
        token = person.token  # kept in the cookie too, so it comes first
        return f"{app.config['SESSION_COOKIE_NAME']}={person.cookie}", token


def _fill(register: sqlite3.Connection, pets: int) -> None:
    """Write all rows without triggers and indexes, and build those from the rows afterwards."""
    aside = register.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type = 'trigger' OR type = 'index' AND sql NOT NULL"
    ).fetchall()
    register.execute("PRAGMA synchronous = OFF")
    register.execute("PRAGMA cache_size = -200000")
    register.execute("BEGIN")
    for kind, name, _ in aside:
        register.execute(f"DROP {kind} {name}")
    kinds: Counter[str] = Counter()
    register.executemany(PET, _counting(_pets(pets), kinds))
    register.executemany(
        "INSERT INTO pet_type VALUES (?, ?, ?)", [(kind, fold(kind), count) for kind, count in kinds.items()]
    )
    for field in range(1, len(DECLARED) + 1):
        register.executemany("INSERT INTO pet_key VALUES (?, ?, ?, ?)", own_keys(str(field), _names(pets)))
    register.executemany(CHANGESET, _changesets(pets))
    register.executemany(CHANGE, _changes(pets))
    register.execute("INSERT INTO pet_search (pet_search) VALUES ('rebuild')")
    for _, _, sql in sorted(aside, key=lambda row: row[0]):  # indexes before triggers
        register.execute(sql)
    register.execute("COMMIT")
    register.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _counting(rows: Iterator[tuple], kinds: Counter[str]) -> Iterator[tuple]:
    for row in rows:
        kinds[row[2]] += 1
        yield row


def _facts(pets: int) -> Iterator[tuple[int, str, str, str | None, bool, str]]:
    """Each pet as (number, name, type, birth date, whether that is an estimate, notes)."""
    chance = random.Random(7)
    weights = list(accumulate(1 / (place + 1) ** 1.4 for place in range(len(TYPES))))
    for number in range(1, pets + 1):
        name = NEEDLE if number == 42 else chance.choice(NAMES)
        if number != 42 and chance.random() < 0.8:
            name += " " + chance.choice(SECOND)
        if chance.random() < 0.3:
            name += f" {chance.randrange(2, 400)}"
        kind = chance.choices(TYPES, cum_weights=weights)[0]
        age = min(int(chance.expovariate(1 / 1700)), 15_000)  # days
        born = (TODAY - timedelta(days=age)).isoformat() if chance.random() < 0.85 else None
        yield number, name, kind, born, bool(born) and chance.random() < 0.5, chance.choice(NOTES)


@lru_cache(100_000)
def _search_text(name: str, kind: str, notes: str) -> str:
    return search_text(name, kind, notes)


def _pets(pets: int) -> Iterator[tuple]:
    for number, name, kind, born, estimated, notes in _facts(pets):
        edited = number % 5 == 0
        added = _moment(_added_by(number))
        changed = _moment(_added_by(pets) + number // 5) if edited else added
        own = own_facts(number)
        keys = fold(name), fold(kind), _search_text(name, kind, notes) + own_words(own)
        row = number, name, kind, born, estimated, notes, 1 + edited, added, changed, *keys
        yield (*row, None, json.dumps(own))


def _names(pets: int) -> Iterator[tuple[int, str]]:
    return ((number, fold(name)) for number, name, *_ in _facts(pets))


def _added_by(number: int) -> int:
    """Which changeset added a pet: of each 500 pets the first 250 came one by one, the others as a sheet."""
    block, place = divmod(number - 1, 2 * SHEET)
    return block * (SHEET + 1) + min(place, SHEET) + 1


def _moment(changeset: int) -> str:
    """When a changeset was saved: one every minute."""
    return f"{FIRST + timedelta(minutes=changeset):%Y-%m-%d %H:%M:%S}.000000"


def _changesets(pets: int) -> Iterator[tuple]:
    sizes = Counter(_added_by(number) for number in range(1, pets + 1))
    for number in range(1, _added_by(pets) + 1):
        yield number, PEOPLE[number % len(PEOPLE)], _moment(number), sizes[number], 0
    for number in range(_added_by(pets) + 1, _added_by(pets) + pets // 5 + 1):
        yield number, PEOPLE[number % len(PEOPLE)], _moment(number), 0, 1


def _changes(pets: int) -> Iterator[tuple]:
    """Each pet was added, and every fifth one edited once."""
    edits = []
    for number, name, kind, born, estimated, notes in _facts(pets):
        fact = born + "~" if born and estimated else born
        facts = {"name": name, "type": kind, "born": fact, "notes": notes}
        if number % 5 == 0:
            edits.append((number, name, notes))
            facts["notes"] = "new"
        own = {f"own.{field}": fact for field, fact in own_facts(number).items()}
        after = json.dumps({**facts, **own})
        yield number, _added_by(number), number, 0, name, fold(name), None, after
    for place, (number, name, notes) in enumerate(edits, 1):
        before, after = json.dumps({"notes": "new"}), json.dumps({"notes": notes})
        yield pets + place, _added_by(pets) + place, number, 1, name, fold(name), before, after
