"""Own fields: what an admin declares becomes a field of its kind, like any that is built in."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pets.fields import BUILT_IN
from pets.fields.choice import Choice, YesNo
from pets.fields.code import Code
from pets.fields.day import Day
from pets.fields.field import Field
from pets.fields.heading_words import also_headed
from pets.fields.line import Line, Text
from pets.fields.number import Number
from pets.fields.one_control import OneControl
from pets.fields.pet_link import PetLink
from pets.fields.text import fold, plain

KINDS: dict[str, type[OneControl]] = {  # that an admin can choose from
    kind.kind: kind for kind in (Line, Text, Choice, YesNo, Number, Day, Code, PetLink)
}

# What none of them may be called: files that go out have columns of these names.
TAKEN = {plain(str(name)) for field in BUILT_IN for name in (field.label, *field.exported)}
TAKEN |= {"id", "version", "added", "changed", "to fix"}


def own_field(row: Any) -> OneControl:
    """The field that an admin declared: a row of the table `field`, or what has its columns."""
    kind, name = KINDS[row.kind], f"own.{row.id}"
    retired = row.retired_at is not None
    label = plain(row.label)
    headed = (label, plain(f"{row.label} {row.unit}"), *also_headed(label))
    settings: dict[str, Any] = {
        "name": name,
        "own_id": row.id,
        "label": row.label,
        "hint": row.hint,
        "headings": {name: tuple(dict.fromkeys(headed))},
        "exported": {row.label: kind.width},
        "own": f"{name}-each" if kind.differs else "",
        "sort": name if kind.keyed else "",
        "column": row.label if row.listed and not retired else "",
        "retired": retired,
        "required": row.required,
        "types": None if row.types is None else tuple(map(fold, row.types)),
        **kind.settings(row),
    }
    settings["shared"] = not settings.get("unique")
    field = kind(**settings)
    return replace(field, filters=tuple(one.of(field) for one in kind.narrows))


def own_fields(rows: Iterable[Any]) -> tuple[Field, ...]:
    """The fields that admins declared, in this order. A kind of a newer version is left out."""
    return tuple(own_field(row) for row in rows if row.kind in KINDS)
