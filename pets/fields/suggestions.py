"""Fields that many registers have: each is made with one press, and is then like any other."""

from typing import Any

SUGGESTIONS: dict[str, dict[str, Any]] = {
    "sex": {"label": "Sex", "kind": "choice", "choices": ["female", "male"], "listed": True},
    "breed": {"label": "Breed", "kind": "line", "hint": "Such as beagle, or mixed."},
    "colour": {"label": "Colour", "kind": "line", "hint": "Such as black with white paws."},
    "microchip": {
        "label": "Microchip number",
        "kind": "code",
        "hint": "9 to 15 digits; blanks and hyphens do not count.",
    },
    "neutered": {"label": "Neutered", "kind": "yes_no"},
    "number": {
        "label": "Own number",
        "kind": "code",
        "digits": False,
        "hint": "As on its collar or its file, such as A-1042.",
    },
    "place": {"label": "Place", "kind": "line", "hint": "Where it is now, such as kennel 3.", "listed": True},
    "status": {
        "label": "Status",
        "kind": "choice",
        "choices": ["available", "reserved", "adopted", "fostered", "in treatment"],
        "listed": True,
    },
    "owner": {"label": "Owner", "kind": "line", "hint": "Who it belongs to, and how to reach them."},
}
