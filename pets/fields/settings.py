"""What is declared of an own field, in words: its kind, and the settings that an admin changes."""

import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from pets.language import lazy_gettext, lazy_pgettext

Settings = Mapping[str, Any]  # by column of `field`

# The kinds of field that there are: what each is called, and what it is good for.
CALLED = {
    "line": (
        lazy_pgettext("kind of field", "Words"),
        lazy_gettext("A few words on one line, such as a breed or a colour."),
    ),
    "text": (lazy_gettext("Notes"), lazy_gettext("Text of any length, on several lines.")),
    "choice": (lazy_gettext("Choice"), lazy_gettext("One of a list of your own, such as female and male.")),
    "yes_no": (lazy_gettext("Yes or no"), lazy_gettext("Such as whether it is neutered.")),
    "number": (
        lazy_pgettext("kind of field", "Number"),
        lazy_gettext("With a unit if you like, such as 4.5 kg."),
    ),
    "day": (lazy_gettext("Date"), lazy_gettext("Such as the day it came.")),
    "code": (
        lazy_gettext("Code"),
        lazy_gettext("A microchip, tag or file number: spaces and hyphens do not count."),
    ),
    "pet_link": (
        lazy_gettext("Another pet"),
        lazy_gettext("Such as its mother: found by name or number, with a link both ways."),
    ),
}
# Those that are built in alone.
ALSO_CALLED = {
    "born": lazy_gettext("Date or age"),
    "photo": lazy_gettext("Picture"),
    "files": lazy_gettext("Pictures and documents"),
}
SAID = {
    "label": lazy_gettext("name"),
    "kind": lazy_gettext("kind"),
    "hint": lazy_gettext("hint"),
    "choices": lazy_gettext("choices"),
    "unit": lazy_gettext("unit"),
    "low": lazy_gettext("lowest"),
    "high": lazy_gettext("highest"),
    "digits": lazy_gettext("digits only"),
    "unique_code": lazy_gettext("each pet has its own"),
    "required": lazy_gettext("required"),
    "listed": lazy_gettext("in the list"),
    "types": lazy_gettext("only for"),
}
YES, NO, NONE = lazy_gettext("yes"), lazy_gettext("no"), lazy_gettext("none")
# What the audit log, which is in English, has of these: what is declared, and what as.
_WHAT = {str(said): said for said in (*SAID.values(), lazy_gettext("up"), lazy_gettext("down"))}
_AS = {str(said).lower(): said for said in (YES, NO, NONE, *(called for called, _ in CALLED.values()))}
_NOTED = re.compile(rf"(.*?): ((?:{'|'.join(_WHAT)})(?: .*)?)")
_PART = re.compile(rf"({'|'.join(_WHAT)})(?: (.*))?")
# What a field has where nobody says otherwise, or its kind has no use for a setting.
DEFAULTS: Settings = {
    "hint": "",
    "required": False,
    "listed": False,
    "types": None,
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
        (str(said), _said(column, before[column]), _said(column, after[column]))
        for column, said in SAID.items()
        if before[column] != after[column]
    ]


def _said(column: str, value: Any) -> str:
    if column == "kind":
        return str(CALLED[value][0])
    if isinstance(value, bool):
        return str(YES if value else NO)
    return ", ".join(value) if isinstance(value, list) else value or str(NONE)


def noted(label: str, changed: Iterable[tuple[str, str, str]]) -> str:
    """A field and what was declared otherwise, on one line."""
    told = [f"{what} {was} → {now}" if was else f"{what} {now}".strip() for what, was, now in changed]
    return f"{label}: {'; '.join(told)}" if told else label


def told_again(line: str) -> str:
    """What was `noted` in English, in the language in force."""
    found = _NOTED.fullmatch(line)
    return f"{found[1]}: {'; '.join(map(_told_again, found[2].split('; ')))}" if found else line


def _told_again(part: str) -> str:
    found = _PART.fullmatch(part)
    if found is None:
        return part
    values = [str(_AS.get(value.lower(), value)) for value in (found[2] or "").split(" → ")]
    return f"{_WHAT[found[1]]} {' → '.join(values)}".strip()
