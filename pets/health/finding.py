"""What a check finds, and how it was asked for."""

from typing import NamedTuple

GOOD, LOOK, BAD = "good", "look", "bad"


class Finding(NamedTuple):
    """What is so, in a sentence, and what to do where it is not well."""

    state: str  # GOOD, LOOK (worth a look) or BAD (something has to be done)
    found: str
    todo: str = ""


class Asked(NamedTuple):
    """How the check-up was asked for."""

    secure: bool | None = None  # whether over HTTPS; None at the server's own terminal
    patience: float = 60  # seconds that reading the whole register may take
