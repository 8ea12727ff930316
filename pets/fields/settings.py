"""What is declared of an own field, in words: its kind, and the settings that an admin changes."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

Settings = Mapping[str, Any]  # by column of `field`

# The kinds of field that there are: what each is called, and what it is good for.
CALLED = {
    "line": ("Words", "A few words on one line, such as a breed or a colour."),
    "text": ("Notes", "Text of any length, on several lines."),
    "choice": ("Choice", "One of a list of your own, such as female and male."),
    "yes_no": ("Yes or no", "Such as whether it is neutered."),
    "number": ("Number", "With a unit if you like, such as 4.5 kg."),
    "day": ("Date", "Such as the day it came."),
    "code": ("Code", "A microchip, tag or file number: spaces and hyphens do not count."),
    "pet_link": ("Another pet", "Such as its mother: found by name or number, with a link both ways."),
}
# Those that are built in alone.
ALSO_CALLED = {"born": "Date or age", "photo": "Picture", "files": "Pictures and documents"}
SAID = {
    "label": "name",
    "kind": "kind",
    "hint": "hint",
    "choices": "choices",
    "unit": "unit",
    "low": "lowest",
    "high": "highest",
    "digits": "digits only",
    "unique_code": "each pet has its own",
    "required": "required",
    "listed": "in the list",
    "types": "only for",
}
# What a field has where its kind has no use for a setting, and a new one to begin with.
DEFAULTS: Settings = {
    "choices": None,
    "unit": "",
    "low": None,
    "high": None,
    "digits": True,
    "unique_code": True,
}


def settings_of(field: object) -> dict[str, Any]:
    """What is declared of a field."""
    return {column: getattr(field, column) for column in SAID}


def fingerprint(settings: Settings) -> str:
    """What tells them from others: a form that was filled from others is out of date."""
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def differences(before: Settings, after: Settings) -> list[tuple[str, str, str]]:
    """What one declares otherwise than the other: what it is, and both in words."""
    return [
        (said, _said(column, before[column]), _said(column, after[column]))
        for column, said in SAID.items()
        if before[column] != after[column]
    ]


def _said(column: str, value: Any) -> str:
    if column == "kind":
        return CALLED[value][0].lower()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else value or "none"
