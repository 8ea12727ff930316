"""Ages as people write them: "2", "7 weeks", "about 3", "1½", "2 years 3 months", "<1", "1-2", "puppy"."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

from pets.fields.age import MOST, OLDEST, Age
from pets.fields.cell import Cell
from pets.fields.text import fold
from pets.fields.unit_words import NUMBER_WORDS, UNIT_WORDS
from pets.language import gettext as _

_ABOUT = re.compile(
    r"^(?:about|approx(?:imately)?\.?|around|circa|ca\.?|c\.|est\.|estimated|roughly|~|≈)\s*", re.IGNORECASE
)
_SAID_GUESS = re.compile(r"(?:\s*\((?:est|estimated|approx|about)\.?\)|\s*\?|~)$", re.IGNORECASE)
_GUESS = re.compile(r"(?:\s*\(?\b(?:est|estimated|approx|approximately)\b\.?\)?|\?|(?<=\d)\s?ish)$")
_OLD = re.compile(r"\s*\b(?:old|of age|alt|oud)$")
_HALF = re.compile(r"\s*\b(?:and )?(?:a )?half(?: an?)?\b")
_NUMBER = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b")
_UNDER = re.compile(r"(?:<|under|less than|below|younger than|unter)\s*")
_OVER = re.compile(r"(?:>=?|≥|over|more than|at least|older than|uber)\s*")
_RANGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:-|–|to|or)\s*(\d+(?:[.,]\d+)?)\s*([a-z]+)?\.?")
_PART = re.compile(r"(\d+(?:[.,]\d+)?(?!\d*/))?\s*(?:(\d+)\s*/\s*(\d+))?\s*([a-z]+)?\.?")
_PARTS = re.compile(r"\s*(?:,\s+|\band\b|&|(?<=[a-z])\s*(?=\d))\s*")
_YOUNG = {"puppy": "years", "pup": "years", "kitten": "years", "baby": "years", "newborn": "months"}
_ROUGHLY = re.compile(
    r"(?:very |quite |fully )?(?:young|old(?:er)?|elderly|mature|adult|senior|geriatric|juvenile|adolescent|"
    r"teen(?:ager)?|grown(?: up)?|erwachsen|jung|alt|adulte|jeune|vieux|adulto|joven|viejo|volwassen|oud|"
    r"dorosly|dospely)s?(?: [a-z]+)?"
)
_PER_YEAR = {"12": "months", "52": "weeks"}  # 2/12 and 6/52, as vets write them
_MANY = {  # of the second unit in one of the first
    ("years", "months"): Decimal(12),
    ("years", "weeks"): Decimal(52),
    ("years", "days"): Decimal("365.25"),
    ("months", "weeks"): Decimal(52) / 12,
    ("months", "days"): Decimal("30.44"),
    ("weeks", "days"): Decimal(7),
}


def exact(text: str) -> str:
    """An age or a date without the "about", the "ca." or the "~" that calls it an estimate."""
    return _ABOUT.sub("", _SAID_GUESS.sub("", text))


class AgeProblem(ValueError):
    """Text that is not an age; the message is a sentence that begins with that text in quotes."""


def _instead() -> str:
    return _("Enter an age such as 2, 7 weeks or about 3.")


def _no_age(text: str) -> AgeProblem:
    return AgeProblem(_("“%(text)s” is not an age. %(instead)s", text=text, instead=_instead()))


def read_age(cell: Cell, unit: str = "years") -> Age:
    """The age in a cell. unit: of a bare number, from the heading (one of UNITS).

    Halves become the next smaller unit: 2.5 years are 30 months, 1½ weeks 10 days. What lies between two
    ages is the middle of them.
    Raises AgeProblem with a sentence for anything that is no age from 0 to OLDEST years.
    """
    if isinstance(cell, str):
        age = _read_text(cell, unit)
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if cell < 0:
            raise _no_age(str(cell))
        age = _in_whole(Decimal(repr(cell)), unit)
    elif isinstance(cell, date):
        raise AgeProblem(
            _("“%(text)s” is a date, not an age. %(instead)s", text=cell.isoformat()[:10], instead=_instead())
        )
    else:
        raise _no_age("" if cell is None else str(cell).upper())
    if age.number > MOST[age.unit]:
        text = str(cell).strip()[:60]
        raise AgeProblem(
            _(
                "“%(text)s” is more than %(years)s years. %(instead)s",
                text=text,
                years=OLDEST,
                instead=_instead(),
            )
        )
    return age


def _read_text(cell: str, unit: str) -> Age:
    shown = cell.strip()[:60]
    if shown.isascii() and shown.isdecimal() and len(shown) < 6:
        return Age(int(shown), unit)
    text = _tidied(shown)
    age = Age(0, _YOUNG[text]) if text in _YOUNG else _between(text, unit) or _in_parts(text, unit)
    if age is None and _ROUGHLY.fullmatch(fold(shown)):
        raise AgeProblem(
            _("“%(text)s” does not say how many years. %(instead)s", text=shown, instead=_instead())
        )
    if age is None:
        if re.search(r"[0-9]", shown):
            raise _no_age(shown)
        raise AgeProblem(_("“%(text)s” is not a number. %(instead)s", text=shown, instead=_instead()))
    return age


def _tidied(text: str) -> str:
    """An age folded, with its numbers as digits, and without the words that change nothing."""
    text = fold(exact(_spread(text).strip())).replace("⁄", "/").strip()
    text = _GUESS.sub("", text).strip()
    text = re.sub(r"(?<![a-z])y\s?[./]\s?o\b\.?", "yo", text)
    text = re.sub(r"(?<=\w)-(?=[a-z])", " ", text)  # 4-year-old
    text = _OLD.sub("", text).strip()
    return _NUMBER.sub(lambda word: NUMBER_WORDS[word[0]], _HALF.sub(" 1/2", text)).strip()


def _between(text: str, unit: str) -> Age | None:
    """An age that is told as less or more than one, or as between two."""
    if found := _UNDER.match(text):
        most = _in_parts(text[found.end() :], unit)
        if most and most.number > 1:
            return _middle(Decimal(0), Decimal(most.number), most.unit, most.number - 1)
        return Age(0, most.unit) if most and most.number else None
    if (found := _OVER.match(text)) or re.search(r"\d\s?\+", text):
        least = _in_parts(text[found.end() :] if found else text.replace("+", "", 1), unit)
        return least and least._replace(span=(least.number, MOST[least.unit], least.unit))
    if found := _RANGE.fullmatch(text):
        low, high = (Decimal(found[place].replace(",", ".")) for place in (1, 2))
        named = UNIT_WORDS.get(found[3] or "", None if found[3] else unit)
        return _middle(low, high, named, int(high)) if named and low < high < 100_000 else None
    return None


def _middle(low: Decimal, high: Decimal, unit: str, most: int) -> Age:
    return _in_whole((low + high) / 2, unit)._replace(span=(int(low), most, unit))


def _in_parts(text: str, unit: str) -> Age | None:
    """An age in one unit, or in two of them: 2 years 3 months, 4 months 2 weeks."""
    ages = [_read_part(part, unit) for part in _PARTS.split(text)]
    if len(ages) == 1 or None in ages:
        return None if None in ages else ages[0]
    first, second = ages[0], ages[1]
    many = _MANY.get((first.unit, second.unit)) if first and second and len(ages) == 2 else None
    return Age(round(first.number * many) + second.number, second.unit) if first and second and many else None


def _read_part(text: str, unit: str) -> Age | None:
    found = _PART.fullmatch(text)
    if not found:
        return None
    number, over, under, word = found.groups()
    if (word and word not in UNIT_WORDS) or (number is None and over is None):
        return None
    amount = Decimal((number or "0").replace(",", "."))
    if over is not None:
        if int(under) == 0 or len(over) > 3:
            return None
        if number is None and word is None and under in _PER_YEAR:
            return Age(int(over), _PER_YEAR[under])
        amount += Decimal(over) / Decimal(under)
    return _in_whole(amount, UNIT_WORDS[word] if word else unit)


def _in_whole(amount: Decimal, unit: str) -> Age:
    amount = min(amount, Decimal(1_000_000))  # refused as too old by whoever asked
    if amount == int(amount):
        return Age(int(amount), unit)
    if unit == "years":
        return Age(round(amount * 12), "months")
    if unit == "months":
        return Age(round(amount * 52 / 12), "weeks")
    if unit == "weeks":
        return Age(round(amount * 7), "days")
    return Age(round(amount), "days")


def _spread(text: str) -> str:
    """A space before ½ and its like, or compatibility folding would make 1½ into 11/2."""
    return "".join(f" {letter}" if unicodedata.category(letter) == "No" else letter for letter in text)
