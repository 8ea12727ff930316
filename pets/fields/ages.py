"""Ages as people write them: "2", "2 years", "7 weeks", "about 3", "3y", "1½", "2 years 3 months"."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

from pets.fields.age import MOST, OLDEST, UNITS, Age
from pets.fields.cell import Cell

_UNIT_WORDS = {
    "y": "years", "yr": "years", "yrs": "years", "year": "years", "years": "years", "yo": "years",
    "m": "months", "mo": "months", "mos": "months", "mth": "months", "mths": "months",
    "month": "months", "months": "months",
    "w": "weeks", "wk": "weeks", "wks": "weeks", "week": "weeks", "weeks": "weeks",
    "d": "days", "day": "days", "days": "days",
}  # fmt: skip
_WORDS = "a one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER_WORDS = {word: max(1, place) for place, word in enumerate(_WORDS)} | {"an": 1}
_ABOUT = re.compile(r"^(?:about|approx(?:imately)?\.?|around|circa|ca\.?|c\.|roughly|~|≈)\s*", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:[.,]\d+)?|[a-z]+)?\s*(?:(\d+)\s*/\s*(\d+))?\s*([a-z]+)?\.?")
_INSTEAD = "Enter an age such as 2, 7 weeks or about 3."


def exact(text: str) -> str:
    """An age or a date without the "about", the "ca." or the "~" that calls it an estimate."""
    return _ABOUT.sub("", text.removesuffix("~"))


class AgeProblem(ValueError):
    """Text that is not an age; the message is a sentence that begins with that text in quotes."""


def read_age(cell: Cell, unit: str = "years") -> Age:
    """The age in a cell. unit: of a bare number, from the heading (one of UNITS).

    Halves become the next smaller unit: 2.5 years are 30 months, 1½ weeks 10 days.
    Raises AgeProblem with a sentence for anything that is no age from 0 to OLDEST years.
    """
    if isinstance(cell, str):
        age = _read_text(cell, unit)
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if cell < 0:
            raise AgeProblem(f"'{cell}' is not an age. {_INSTEAD}")
        age = _in_whole(Decimal(repr(cell)), unit)
    elif isinstance(cell, date):
        raise AgeProblem(f"'{cell:%Y-%m-%d}' is a date, not an age. {_INSTEAD}")
    else:
        raise AgeProblem(f"'{'' if cell is None else str(cell).upper()}' is not an age. {_INSTEAD}")
    if age.number > MOST[age.unit]:
        raise AgeProblem(f"'{str(cell).strip()[:60]}' is more than {OLDEST} years. {_INSTEAD}")
    return age


def _read_text(cell: str, unit: str) -> Age:
    shown = cell.strip()[:60]
    if shown.isascii() and shown.isdecimal() and len(shown) < 6:
        return Age(int(shown), unit)
    text = unicodedata.normalize("NFKC", _spread(shown)).replace("⁄", "/").casefold()
    text = re.sub(r"\s*\b(?:old|of age)$", "", exact(text.strip())).strip()
    ages = []
    for part in re.split(r"\s*(?:,\s+|\band\b|&|(?<=[a-z])\s*(?=\d))\s*", text):
        age = _read_part(part, unit)
        if age is None:
            raise AgeProblem(
                f"'{shown}' is not {'an age' if re.search(r'[0-9]', shown) else 'a number'}. {_INSTEAD}"
            )
        ages.append(age)
    if len(ages) == 1:
        return ages[0]
    ranks = [UNITS.index(age.unit) for age in ages]
    if len(ages) > 2 or ranks[0] >= ranks[1] or (ranks[1] > 1 and ranks[0] < 2):
        raise AgeProblem(f"'{shown}' is not an age. {_INSTEAD}")
    factor = 12 if ages[0].unit == "years" else 7
    return Age(ages[0].number * factor + ages[1].number, ages[1].unit)


def _read_part(text: str, unit: str) -> Age | None:
    found = _PART.fullmatch(text)
    if not found:
        return None
    number, over, under, word = found.groups()
    if number and number in _UNIT_WORDS and not word:
        return None
    if word is not None:
        if word not in _UNIT_WORDS:
            return None
        unit = _UNIT_WORDS[word]
    if number is None and over is None:
        return None
    if number is None:
        amount = Decimal(0)
    elif number[0].isdecimal():
        amount = Decimal(number.replace(",", "."))
    elif number in _NUMBER_WORDS:
        amount = Decimal(_NUMBER_WORDS[number])
    else:
        return None
    if over is not None:
        if int(under) == 0 or len(over) > 3:
            return None
        amount += Decimal(over) / Decimal(under)
    return _in_whole(amount, unit)


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
