"""What a person types in a field, by its kind: a new field of a kind that is known needs no line here."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import func, select, text

from pets import clock
from pets.db import db
from pets.fields import TYPED
from pets.fields.choice import CLEAR
from pets.fields.field import Field
from pets.fields.own import own_fields
from pets.fields.settings import DEFAULTS
from pets.models.field import OwnField
from pets.models.pet import Pet

# An own field of each kind, as an admin declares it. Its number is its place.
DECLARED: list[dict[str, Any]] = [
    {"kind": "line", "label": "Colour"},
    {"kind": "text", "label": "Story"},
    {"kind": "choice", "label": "Sex", "choices": ["apple", "berry", "cherry"]},
    {"kind": "yes_no", "label": "Neutered"},
    {"kind": "number", "label": "Weight", "unit": "kg", "low": "0.5", "high": "900"},
    {"kind": "day", "label": "Intake", "low": "2000-01-01"},
    {"kind": "code", "label": "Microchip"},
    {"kind": "pet_link", "label": "Mother"},
]
ROWS = [
    {**DEFAULTS, "id": place, "version": place, "place": place}
    | {
        "listed": one["kind"] != "text",
        "retired_at": None,
        "former": None,
        "label_key": one["label"].lower(),
    }
    | one
    for place, one in enumerate(DECLARED, 1)
]
OWN = own_fields([SimpleNamespace(**row) for row in ROWS])
EVERY = {field.name: field for field in (*TYPED, *OWN)}
MOTHERS = {"901": "Zzalpha", "902": "Zzbeta", "903": "Zzgamma"}  # at the end of every list


def declare_own_fields() -> None:
    """Add an own field of each kind; to be committed."""
    db.session.add_all(OwnField(**row) for row in ROWS)
    db.session.flush()


def add_mothers() -> None:
    """Add the pets that others may link to, far behind all others; to be committed."""
    last = db.session.scalar(select(func.max(Pet.id))) or 0
    db.session.add_all(Pet.of({"name": name, "type": "zz"}, int(number)) for number, name in MOTHERS.items())
    db.session.flush()
    if db.engine.dialect.name == "sqlite":  # PostgreSQL counts only the numbers that it gave itself
        db.session.execute(text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'pet'"), {"last": last})


class Sample(NamedTuple):
    """What is typed, by control, and the fact that it makes."""

    typed: dict[str, str]
    fact: str | None


class Samples(NamedTuple):
    """Three facts of a field, and what it refuses."""

    first: Sample
    second: Sample
    third: Sample
    wrong: Sample
    says: str | None  # what is wrong with that
    control: str  # at which it says so
    bulk: list[tuple[dict[str, str], str | None]]  # typed where many are changed; what becomes of `first`
    cells: Mapping[str, tuple[dict[str, str], str]]  # of a sheet, by role: the cells by role, and their fact


def _typed(*texts: str) -> Callable[[Field], Samples]:
    """Of a field of one control: three texts, and one that it refuses."""

    def samples(field: Field) -> Samples:
        facts = [field.taken(text) for text in texts]
        known = [Sample({field.name: text}, fact) for text, fact in zip(texts, facts, strict=True)]
        first, second, third, wrong = known
        says = field.problem(wrong.fact) or field.objection(wrong.fact)
        cells = {field.name: ({field.name: texts[0]}, first.fact)}
        bulk = [(second.typed, second.fact)]
        if not field.missing:
            bulk.append(({field.clear: "y"} if field.clear else {field.name: CLEAR}, field.nothing))
        return Samples(first, second, third, wrong, says, field.name, bulk, cells)

    return samples


def _line(field: Field) -> Samples:
    word = field.label.replace(" ", "").lower()
    return _typed(f"{word}alpha", f"{word}beta", f"{word}gamma", "x" * (field.longest + 1))(field)


def _text(field: Field) -> Samples:
    line = _line(field)
    text = f"{line.first.fact}\nof two lines"
    return line._replace(
        first=Sample({field.name: text}, text),
        bulk=[(line.second.typed, f"{text}\n{line.second.fact}"), *line.bulk[1:]],
    )


def _pet_link(field: Field) -> Samples:
    names = [f"{name}, no. {number}" for number, name in MOTHERS.items()]
    one = _typed(*names, "Nobody")(field)
    said = {f"{name}, no. {number}": number for number, name in MOTHERS.items()}
    first, second, third = (Sample(s.typed, said[s.typed[field.name]]) for s in one[:3])
    return one._replace(
        first=first,
        second=second,
        third=third,
        says="No pet is called “Nobody”. Enter a name as it is here, or a number.",
        bulk=[(second.typed, second.fact), *one.bulk[1:]],
        cells={field.name: ({field.name: "zzALPHA"}, first.fact)},
    )


def _born(field: Field) -> Samples:
    first, second, third, wrong = (
        Sample({"born_on": day}, day) for day in ("2020-05-01", "2021-06-02", "2022-07-03", "2999-01-01")
    )
    bulk = [
        ({"ages": "set", **second.typed}, second.fact),
        ({"ages": "birthday"}, "2019-05-01"),
        ({"ages": "unknown"}, None),
    ]
    cells = {
        "born": ({"born": first.fact}, first.fact),
        "estimated": ({"born": first.fact, "estimated": "yes"}, f"{first.fact}~"),
        "age": ({"born": first.fact, "age": field.listed(first.fact, clock.today())}, first.fact),
    }
    return Samples(first, second, third, wrong, field.problem(wrong.fact), "born_on", bulk, cells)


KINDS: dict[str, Callable[[Field], Samples]] = {
    "line": _line,
    "text": _text,
    "born": _born,
    "choice": _typed("apple", "berry", "cherry", "none of them"),
    "yes_no": _typed("no", "yes", "", "perhaps"),
    "number": _typed("4.5", "12", "100", "0.1"),
    "day": _typed("2020-05-01", "2021-06-02", "2022-07-03", "1999-12-31"),
    "code": _typed("985112001234561", "985112001234562", "985112001234563", "12345"),
    "pet_link": _pet_link,
}
SAMPLES = {name: KINDS[field.kind](field) for name, field in EVERY.items()}


def typed(which: str, *fields: str) -> dict[str, str]:
    """What is typed for these fields, or all of them; which: "first", "second" or "third"."""
    some = [getattr(SAMPLES[name], which).typed for name in fields or EVERY]
    return {control: text for one in some for control, text in one.items()}
