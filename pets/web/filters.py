"""How things are said on pages: moments, facts, former names, a type's colour, the places of the header."""

import functools
import io
import re
import zlib
from datetime import UTC, date, datetime
from typing import Any

import segno
from flask import current_app, g, request
from flask_login import current_user
from markupsafe import Markup

from pets import clock
from pets.accounts.account import Person
from pets.backups import alarm as backup_alarm
from pets.backups.restore import COMMAND
from pets.changes.word_diff import in_brief, word_diff
from pets.fields import FIELDS, brief
from pets.fields.age import age_words
from pets.fields.text import fold
from pets.language import day_words, language, lazy_gettext, month_name, month_words, number

_PET = re.compile("(?:“[^”]*”|„[^“]*“), (?:number|Nummer) ([1-9][0-9]{0,17})")

# The places of the header: label, what one has to be allowed to do there, its page, further pages of it.
PLACES = (
    (
        lazy_gettext("Pets"),
        "look",
        *("pets.list_pets", "pets.list_types", "pets.list_duplicates", "pets.new_import"),
    ),
    (lazy_gettext("History"), "look", "pets.history"),
    (lazy_gettext("Fields"), "admin", "pets.list_fields"),
    (
        lazy_gettext("Accounts"),
        "admin",
        *("pets.list_accounts", "pets.security_events", "pets.list_backups", "pets.show_health"),
    ),
)


def when(moment: datetime, exactly: bool = True) -> Markup:
    """A moment as people say it today, with the one for machines and, if wanted, the exact one as a title."""
    machine, title, said = _moment(moment, current_app.config["PETS_TIMEZONE"], clock.today(), language())
    shown = f"{machine}:{moment:%S}Z{title}" if exactly else f"{machine}Z"  # a list has 25, in few bytes
    return Markup(f"<time datetime={shown}>{said}</time>")  # noqa: S704


@functools.lru_cache(maxsize=20_000)
def _moment(moment: datetime, zone: str, today: date, code: str) -> tuple[str, Markup, str]:
    """What is told of a moment on this day, where the site is: in UTC to the minute, as a title, in brief."""
    title = Markup(' title="{}"').format(clock.moment_words(moment))
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}", title, clock.brief(moment, today)


def linked(sentence: str) -> Markup:
    """A sentence with a link at each pet that it names: “Rex”, number 12."""
    sentence, to, parts, end = str(sentence), path_to("pets.list_pets"), Markup(), 0
    for found in _PET.finditer(sentence):
        parts += sentence[end : found.start()]
        parts += Markup('<a href="{}{}">{}</a>').format(to, found[1], found[0])
        end = found.end()
    return parts + sentence[end:]


def hue(kind: str) -> int:
    """The colour of a type, one of twelve, from its key."""
    return zlib.crc32(kind.encode()) % 12


def first_letter(name: str | None) -> str:
    """What stands for a name in its circle: "R" for "Rex" and for "*Rex"."""
    name = name or "?"
    return next((letter for letter in name if letter.isalnum()), name[0]).upper()


def path_to(endpoint: str, number: int | None = None) -> str:
    """The address of a page that needs one number or nothing: `url_for` at a tenth of its price."""
    path = _paths()[endpoint]
    return request.script_root + (path if number is None else path.format(number))


@functools.cache
def _paths() -> dict[str, str]:
    """The path of each page, with a place for its number: they are the same in every application."""
    numbered = re.compile("<number:[a-z_]+>")
    paths = {rule.endpoint: numbered.sub("{}", rule.rule) for rule in current_app.url_map.iter_rules()}
    return {endpoint: path for endpoint, path in paths.items() if path.count("{}") < 2 and "<" not in path}


def qr(address: str) -> Markup:
    """A QR code of an address, as a picture within the page: no style, no script, nothing to load."""
    out = io.BytesIO()
    inline = {"xmldecl": False, "svgns": False, "omitsize": True, "svgclass": "qr", "lineclass": None}
    segno.make_qr(address, error="m").save(out, kind="svg", border=2, **inline)
    return Markup(out.getvalue().decode())  # noqa: S704  digits that segno wrote


def draft_count() -> int:
    """How many changes wait in the draft of whoever asks."""
    return g.get("draft_size", 0) if may_edit() else 0


def may(deed: str) -> bool:
    """Whether whoever asks may do this."""
    person = me()
    return person is not None and person.may(deed)


def may_edit() -> bool:
    """Whether whoever asks may change pets."""
    return may("edit")


def header() -> dict[str, Any]:
    """What the header shows: who asks, how much waits in their draft, and where they may go: each place as
    (label, address, whether we are there)."""
    person, here, places = me(), request.path, _places(request.script_root)
    nav = [
        (label, to, here.startswith(paths))
        for label, deed, to, paths in places
        if person and person.may(deed)
    ]
    return {"nav": nav, "me": person, "draft_count": draft_count()}


@functools.lru_cache(maxsize=8)
def _places(root: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    paths = [tuple(_paths()[endpoint] for endpoint in endpoints) for _, _, *endpoints in PLACES]
    return [(place[0], place[1], root + own[0], own) for place, own in zip(PLACES, paths, strict=True)]


def alarm() -> str:
    """What an admin has to be told on every page: that the register is not safe."""
    return backup_alarm.alarm() if may("admin") else ""


def me() -> Person | None:
    """Who is asking, once they are signed in."""
    person: Person = current_user._get_current_object()
    return person if person.is_authenticated else None


# What every template may call, and the filters it may use.
GLOBALS = {
    "age_words": age_words,
    "brief": brief,
    "command": COMMAND,
    "fields": FIELDS,
    "first_letter": first_letter,
    "fold": fold,
    "hue": hue,
    "in_brief": in_brief,
    "may": may,
    "may_edit": may_edit,
    "moment": datetime.fromisoformat,
    "path_to": path_to,
    "qr": qr,
    "today": clock.today,
    "when": when,
    "word_diff": word_diff,
}
FILTERS = {
    "linked": linked,
    "day": day_words,
    "month": month_words,
    "month_name": month_name,
    "isoday": date.fromisoformat,
    "thousands": number,
}
