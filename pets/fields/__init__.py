"""What is kept of a pet, declared once. Every feature is a loop over this list.

One more fact about a pet is one more field here, and a migration with its columns. Facts that were stored
before a field existed lack it: that is the same as nothing, and is said in this module alone.
Knows no database and no request.
"""

from datetime import date
from typing import Any

from pets.fields.born import Born
from pets.fields.born_cells import HEADINGS as BORN_HEADINGS
from pets.fields.field import Facts, Field, Known
from pets.fields.filters import AgeFrom, AgeTo, Same
from pets.fields.line import Line, Text

BUILT_IN: tuple[Field, ...] = (
    Line(
        name="name",
        label="Name",
        missing="Enter the pet’s name.",
        longest=100,
        headings={
            "name": (
                "name",
                "pet name",
                "name of pet",
                "animal name",
                "name of animal",
                "called",
                "pet",
                "animal",
            )
        },
        exported=("name",),
        widths=(24,),
        own="name",
        shared=False,
        in_bulk=False,
        searched=True,
        key="name_key",
        sort="name",
        column="Name",
    ),
    Line(
        name="type",
        label="Type",
        hint="Such as cat or dog. The types in use are suggested.",
        missing="Enter what kind of animal it is, such as cat or dog.",
        longest=60,
        headings={
            "type": (
                "type",
                "species",
                "kind",
                "pet type",
                "animal type",
                "type of animal",
                "kind of animal",
                "type of pet",
                "animal",
                "breed",
                "pet",
            ),
        },
        exported=("type",),
        widths=(18,),
        suggests=True,
        searched=True,
        key="type_key",
        sort="type",
        then="name_key",
        column="Type",
        filters=(Same(name="type", label="Type", column="type_key", said="of type %s"),),
    ),
    Born(
        name="born",
        label="Birth date",
        headings=BORN_HEADINGS,
        exported=("born", "estimated", "age"),
        widths=(12, 10, 6),
        blanks=(("estimated", False),),
        key="born_on",
        sort="age",
        column="Age",
        filters=(
            AgeFrom(name="min_age", label="Age from", column="born_on", said="from age %s"),
            AgeTo(name="max_age", label="Age to", column="born_on", said="up to age %s"),
        ),
    ),
    Text(
        name="notes",
        label="Notes",
        longest=4_000,
        headings={
            "notes": ("notes", "note", "comments", "comment", "remarks", "remark", "description", "details")
        },
        exported=("notes",),
        widths=(40,),
        own="own",
        searched=True,
    ),
)
FIELDS = {field.name: field for field in BUILT_IN}
FILTERS = {one.name: one for field in BUILT_IN for one in field.filters}
EMPTY: Facts = {field.name: field.nothing for field in BUILT_IN}


def whole(facts: Known) -> Facts:
    """Facts of a pet, with those that were never said."""
    return {**EMPTY, **facts}


def brief(row: object, today: date) -> str:
    """What the list shows beside the name of a pet, or of a row that has these columns: "dog, 2 years"."""
    beside = [field for field in BUILT_IN if field.column and field.name != "name"]
    return ", ".join(filter(None, (field.listed(field.read(row), today) for field in beside)))


def joined_facts(stays: Known, goes: Known) -> Facts:
    """Of two pets that become one, the facts of the fields that keep both; of the others one is chosen."""
    return {
        field.name: field.merged(stays[field.name], goes[field.name]) for field in BUILT_IN if field.merges
    }


def edited(before: Known, after: Known) -> list[str]:
    """The names of the fields that an edit changes. What only one side names is not compared."""
    named = [field for field in FIELDS if field in before and field in after]
    return [field for field in named if before[field] != after[field]]


def problems_with(facts: Known) -> dict[str, str]:
    """What is wrong with facts (tidied, any of them), as {field: a sentence that says what to do}."""
    return {
        name: problem
        for name, field in FIELDS.items()
        if name in facts and (problem := field.problem(facts[name]))
    }


def about(fault: str) -> str:
    """The field that a fault is about: it names the field, or one of its controls, such as an age."""
    return next((name for name, field in FIELDS.items() if fault in field.controls()), fault)


def columns_of(facts: Known) -> dict[str, Any]:
    """What the columns of all fields hold for facts. Raises ValueError for what is no such fact."""
    columns: dict[str, Any] = {}
    for field in BUILT_IN:  # this is made for every pet: a comprehension of them takes half as long again
        columns.update(field.write(facts[field.name]))
    return columns


def facts_of(row: object) -> Facts:
    """The facts in a pet, or in a row that has the columns of all fields."""
    return {name: field.read(row) for name, field in FIELDS.items()}
