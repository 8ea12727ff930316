"""The language people are spoken to in: texts by gettext, numbers, days. Knows no request.

Babel keeps the catalogues and the rules of each language. Flask-Babel, which stands between it and Flask,
looks for the request at each text: 6 to 10 µs for one where this takes 1, and a list has a hundred of them.
"""

import functools
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import Any, cast

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, Translations
from markupsafe import Markup, escape

FOLDER = Path(__file__).parent / "translations"
SOURCE = "en"  # the language of the texts in the code
CODES = (SOURCE, *sorted(file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/messages.po")))

_code: ContextVar[str] = ContextVar("language", default=SOURCE)


def language() -> str:
    """The code of the language in force: "en", "de"."""
    return _code.get()


def speak(code: str) -> None:
    """From here on, in this thread, use the language of that code; one that is not there is English."""
    _code.set(code if code in CODES else SOURCE)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use the language of that code within the block."""
    before = language()
    speak(code)
    try:
        yield
    finally:
        speak(before)


def names() -> dict[str, str]:
    """What each language calls itself, by its code: {"de": "Deutsch"}."""
    return {code: str(Locale(code).get_display_name()).capitalize() for code in CODES}


@functools.cache
def _catalog(code: str) -> Translations:
    """The texts of a language, from its .po file, which needs no further step to be used."""
    compiled = io.BytesIO()
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def gettext(text: str, /, **values: Any) -> str:
    """A text in the language in force, with each `%(name)s` in it replaced by the value of that name."""
    code = _code.get()
    said: str = text if code == SOURCE else _catalog(code).gettext(text)
    return said % values if values else said


def pgettext(context: str, text: str, /, **values: Any) -> str:
    """The same, for a text that means one thing in this context and another elsewhere."""
    code = _code.get()
    said: str = text if code == SOURCE else cast(str, _catalog(code).pgettext(context, text))
    return said % values if values else said


def ngettext(one: str, several: str, num: int, /, **values: Any) -> str:
    """The text for that many, with the number for `%(num)s` as the language writes it."""
    return _plural(one, several, num) % {"num": number(num), **values}


def _plural(one: str, several: str, num: int) -> str:
    code = _code.get()
    if code == SOURCE:
        return one if num == 1 else several
    return _catalog(code).ngettext(one, several, num)


class _Lazy(LazyProxy):
    """As Babel's, and may stand in what is hashed, such as a field."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(self._args)

    def __html__(self) -> Markup:
        """As a page has it: without this, MarkupSafe looks it up once more, to see that it has no markup."""
        return escape(str(self))


def lazy_gettext(text: str, /, **values: Any) -> str:
    """A text that is looked up each time it is shown, for what is made before anybody asks."""
    return cast(str, _Lazy(gettext, text, enable_cache=False, **values))


def lazy_pgettext(context: str, text: str, /, **values: Any) -> str:
    """The same in a context."""
    return cast(str, _Lazy(pgettext, context, text, enable_cache=False, **values))


def within_a_sentence(noun: str) -> str:
    """How a noun that stands alone is written in a sentence: "birth date", but "DNA profile" and
    "Outcome Type"; German ones keep their large letter."""
    noun = str(noun)
    return noun if _code.get() == "de" or noun[1:] != noun[1:].lower() else noun[:1].lower() + noun[1:]


def lazy_ngettext(one: str, several: str, num: int, /, **values: Any) -> str:
    """The same for that many."""
    return cast(str, _Lazy(ngettext, one, several, num, enable_cache=False, **values))


def quoted(text: object) -> str:
    """A name or a few words in the quotation marks of the language."""
    return gettext("“%(text)s”", text=text)


def stored(text: Any) -> Any:
    """A text as JSON holds it, to be `shown` in any language: of a lazy one, what it was made of."""
    if not isinstance(text, LazyProxy):
        return text if isinstance(text, int) else str(text)
    return {"text": list(text._args), "values": {name: stored(value) for name, value in text._kwargs.items()}}


def shown(kept: Any) -> str:
    """A text that was `stored`, in the language in force."""
    if isinstance(kept, dict):
        said = (gettext, pgettext, ngettext)[len(kept["text"]) - 1]
        return said(*kept["text"], **{name: shown(value) for name, value in kept["values"].items()})
    return number(kept) if isinstance(kept, int) else str(kept)


def number(count: float) -> str:
    """A number with the language's separators: "12,500" in English, "12.500" in German."""
    text = f"{count:,}"
    if _code.get() == SOURCE or (len(text) < 4 and "." not in text):
        return text
    symbols = Locale(_code.get()).number_symbols["latn"]
    return text.translate({ord(","): symbols["group"], ord("."): symbols["decimal"]})


def decimal(text: str) -> str:
    """A plain decimal with all its digits, as the language has it: "4.5" in English, "4,5" in German."""
    if _code.get() == SOURCE or "." not in text:
        return text
    return text.replace(".", Locale(_code.get()).number_symbols["latn"]["decimal"])


def day_words(day: date) -> str:
    """A day in words that no country reads the wrong way round: "3 May 2026"."""
    return _day(day, "d MMMM y", "long", _code.get())


def day_of_year(day: date) -> str:
    """A day without its year, for one that is not long ago: "3 May"."""
    return _day(day, "d MMMM", "MMMMd", _code.get())


def month_words(day: date) -> str:
    """The month of a day: "May 2026"."""
    return _day(day, "MMMM y", "yMMMM", _code.get())


def month_name(day: date) -> str:
    """The month of a day where there is little room: "May", "Sep"."""
    return _month(day.month, _code.get())


@functools.cache
def _month(month: int, code: str) -> str:
    return str(format_date(date(2024, month, 1), "LLL", locale=code))


@functools.lru_cache(maxsize=20_000)  # of thousands of pets, many were born on the same day
def _day(day: date, english: str, elsewhere: str, code: str) -> str:
    """By our own pattern in English, where Britons and Americans differ; else as the language has it."""
    if code == SOURCE:
        return str(format_date(day, english, locale=code))
    if elsewhere == "long":
        return str(format_date(day, elsewhere, locale=code))
    return str(format_skeleton(elsewhere, day, locale=code))


# The same for templates: there values are escaped where they stand in a text, which may hold markup itself.


def _in_page(said: str, values: dict[str, Any]) -> Markup:
    return Markup(said) % values if values else _plain(said)  # noqa: S704


@functools.lru_cache(maxsize=10_000)
def _plain(said: str) -> Markup:
    return Markup(said.replace("%%", "%"))  # noqa: S704  {% trans %} writes a per cent sign as two


def _page_gettext(text: str, /, **values: Any) -> Markup:
    return _in_page(gettext(text), values)


def _page_pgettext(context: str, text: str, /, **values: Any) -> Markup:
    return _in_page(pgettext(context, text), values)


def _page_ngettext(one: str, several: str, num: int, /, **values: Any) -> Markup:
    return _in_page(_plural(one, several, num), {"num": number(num), **values})


EXTENSION = "jinja2.ext.i18n"  # {% trans %}
GLOBALS = {
    "_": _page_gettext,
    "gettext": _page_gettext,
    "ngettext": _page_ngettext,
    "pgettext": _page_pgettext,
    "language": language,
}
