"""What a person types in a field, by its kind: a new field of a kind that is known needs no line here."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from pets import clock
from pets.fields import BUILT_IN, FIELDS
from pets.fields.field import Field


class Sample(NamedTuple):
    """What is typed, by control, and the fact that it makes."""

    typed: dict[str, str]
    fact: str


class Samples(NamedTuple):
    """Three facts of a field, and what it refuses."""

    first: Sample
    second: Sample
    third: Sample
    wrong: Sample
    control: str  # at which it says so
    bulk: list[tuple[dict[str, str], str | None]]  # typed where many are changed; what becomes of `first`
    cells: Mapping[str, tuple[dict[str, str], str]]  # of a sheet, by role: the cells by role, and their fact


def _line(field: Field) -> Samples:
    first, second, third = (Sample({field.name: text}, text) for text in _words(field))
    long = "x" * (field.longest + 1)
    wrong = Sample({field.name: long}, long)
    cells = {field.name: ({field.name: first.fact}, first.fact)}
    return Samples(first, second, third, wrong, field.name, [(second.typed, second.fact)], cells)


def _text(field: Field) -> Samples:
    line = _line(field)
    text = f"{line.first.fact}\nof two lines"
    return line._replace(
        first=Sample({field.name: text}, text),
        bulk=[(line.second.typed, f"{text}\n{line.second.fact}")],
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
    return Samples(first, second, third, wrong, "born_on", bulk, cells)


def _words(field: Field) -> list[str]:
    return [f"{field.name}{word}" for word in ("alpha", "beta", "gamma")]


KINDS: dict[str, Callable[[Field], Samples]] = {"line": _line, "text": _text, "born": _born}
SAMPLES = {field.name: KINDS[field.kind](field) for field in BUILT_IN}


def typed(which: str, *fields: str) -> dict[str, str]:
    """What is typed for these fields, or all of them; which: "first", "second" or "third"."""
    some = [getattr(SAMPLES[name], which).typed for name in fields or FIELDS]
    return {control: text for one in some for control, text in one.items()}
