"""Fields that many registers have: each is made with one press, and is then like any other."""

from typing import Any

from pets.language import CODES, lazy_gettext, speaking

SUGGESTIONS: dict[str, dict[str, Any]] = {
    "sex": {
        "label": lazy_gettext("Sex"),
        "kind": "choice",
        "choices": [lazy_gettext("female"), lazy_gettext("male")],
        "listed": True,
    },
    "breed": {
        "label": lazy_gettext("Breed"),
        "kind": "line",
        "hint": lazy_gettext("Such as beagle, or mixed."),
    },
    "colour": {
        "label": lazy_gettext("Colour"),
        "kind": "line",
        "hint": lazy_gettext("Such as black with white paws."),
    },
    "microchip": {
        "label": lazy_gettext("Microchip number"),
        "kind": "code",
        "hint": lazy_gettext("9 to 15 digits; blanks and hyphens do not count."),
    },
    "neutered": {"label": lazy_gettext("Neutered"), "kind": "yes_no"},
    "number": {
        "label": lazy_gettext("Own number"),
        "kind": "code",
        "digits": False,
        "hint": lazy_gettext("As on its collar or its file, such as A-1042."),
    },
    "place": {
        "label": lazy_gettext("Place"),
        "kind": "line",
        "hint": lazy_gettext("Where it is now, such as kennel 3."),
        "listed": True,
    },
    "status": {
        "label": lazy_gettext("Status"),
        "kind": "choice",
        "choices": [
            lazy_gettext("available"),
            lazy_gettext("reserved"),
            lazy_gettext("adopted"),
            lazy_gettext("fostered"),
            lazy_gettext("in treatment"),
        ],
        "listed": True,
    },
    "owner": {
        "label": lazy_gettext("Owner"),
        "kind": "line",
        "hint": lazy_gettext("Who it belongs to, and how to reach them."),
    },
}


def labels(name: str) -> list[str]:
    """What one of them is called in each language: it is there already where a field has any of these."""
    label = SUGGESTIONS[name]["label"]
    called = []
    for code in CODES:
        with speaking(code):
            called.append(str(label))
    return called


def suggested(name: str) -> dict[str, Any] | None:
    """The settings of one of them in the language in force; None for one that is not there."""
    one = SUGGESTIONS.get(name)
    return one and {column: _plain(value) for column, value in one.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [str(one) for one in value]
    return value if isinstance(value, bool) else str(value)
