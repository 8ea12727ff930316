"""Fields that are a number, such as a weight in kg."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pets.fields.cell import Cell, shown
from pets.fields.key_filters import From, Is, To
from pets.fields.one_control import CellFault, OneControl
from pets.fields.reading import SheetRow
from pets.fields.text import fold, tidy_line
from pets.language import decimal, gettext, lazy_gettext

_FACT = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{0,5}[1-9])?")
# Thousands apart: 12 345, 12'345.5, 12,345.5, 12.345,5, 1.234.567.
_GROUPED = re.compile(
    r"[0-9]{1,3}(?:(?:[ '][0-9]{3})+(?:[.,][0-9]+)?"
    r"|(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,}|(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})"
)
LONGEST = 60  # characters of what may be a number
_EXACT = 15  # digits of a number that a spreadsheet keeps
_NEGATED = str.maketrans("0123456789", "9876543210")


@dataclass(frozen=True, kw_only=True)
class Number(OneControl):
    """A number, perhaps in a unit. A fact is a plain decimal, without zeros at its ends: "12.5"."""

    unit: str = ""
    low: str | None = None  # the lowest and the highest that may be entered, as facts
    high: str | None = None

    kind: ClassVar[str] = "number"
    declares: ClassVar[tuple[str, ...]] = ("unit", "low", "high")
    sample: ClassVar[str] = "4.5"
    figures: ClassVar[bool] = True
    narrows: ClassVar[tuple[type[Is], ...]] = (From, To)
    orders: ClassVar[tuple[str, str]] = (
        lazy_gettext("%(what)s, lowest first"),
        lazy_gettext("%(what)s, highest first"),
    )

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """Its unit and its limits."""
        return {"unit": row.unit, "low": row.low, "high": row.high}

    def taken(self, text: str) -> str | None:
        """The number, with a decimal point or comma, with or without its unit: "4,5 kg" is 4.5."""
        typed = tidy_line(text)
        bare = typed.replace("\u2212", "-").removeprefix("+").strip()
        if self.unit and fold(bare).endswith(fold(self.unit)):
            bare = bare[: -len(self.unit)].strip()
        return _plain(bare) or typed

    def wrong(self, fact: str) -> str | None:
        """It is no number, or one of too many digits."""
        if _FACT.fullmatch(fact) and fact != "-0":
            return None
        if _two_ways(fact):
            return f"{self.label}: {_two_ways(fact)}"
        if re.fullmatch(r"[-+0-9.,]{12,}", fact):
            return gettext(
                "%(label)s must have no more than 12 digits before the point and 6 after it.",
                label=self.label,
            )
        if self.unit:
            return gettext(
                "%(label)s must be a number in %(unit)s, such as %(example)s.",
                label=self.label,
                unit=self.unit,
                example=self.example,
            )
        return gettext(
            "%(label)s must be a number, such as %(example)s.", label=self.label, example=self.example
        )

    def objection(self, fact: str | None) -> str | None:
        """It is lower or higher than may be entered."""
        if not fact or not _FACT.fullmatch(fact):
            return None
        if self.low is not None and Decimal(fact) < Decimal(self.low):
            return gettext(
                "%(label)s must be %(number)s or more.", label=self.label, number=self.said(self.low)
            )
        if self.high is not None and Decimal(fact) > Decimal(self.high):
            return gettext(
                "%(label)s must be %(number)s or less.", label=self.label, number=self.said(self.high)
            )
        return None

    @property
    def example(self) -> str:
        """A number that may be entered."""
        fits = (one for one in ("4.5", self.low, self.high, "4.5") if one and not self.objection(one))
        return decimal(next(fits))

    def key_of(self, fact: str | None) -> str | None:
        """Text that sorts as the number does: its sign, the count of digits before the point, the digits."""
        if not fact:
            return None
        digits = fact.lstrip("-")
        key = f"{len(digits.partition('.')[0]):02}{digits}"
        return f"p{key}" if digits == fact else f"n{key.translate(_NEGATED)}~"

    # Forms

    @property
    def asks_for(self) -> str:
        """The unit, too."""
        if not self.unit:
            return self.label
        return gettext("%(label)s in %(unit)s", label=self.label, unit=self.unit)

    @property
    def attributes(self) -> dict[str, Any]:
        """Digits are typed, and no more than may be a number."""
        return {"inputmode": "decimal", "maxlength": LONGEST}

    def typed(self, fact: str | None) -> dict[str, Any]:
        """The number as the language has it, if that can be read in one way alone."""
        text = _written(fact or "")
        return {self.name: (fact if _two_ways(text) else text) or ""}

    # Sheets

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """The number. Raises CellFault."""
        text = shown(cell).strip()[:60]
        if isinstance(cell, date):
            raise CellFault(
                gettext(
                    "“%(text)s” is a date. Spreadsheets make dates of numbers such as 4.5.",
                    text=cell.isoformat()[:10],
                )
            )
        if isinstance(cell, float):
            text = format(Decimal(repr(cell)), "f")
        fact = self.taken(text)
        if isinstance(cell, bool) or fact is None or self.problem(fact):
            why = _two_ways(text) or gettext("Enter a number such as %(example)s.", example=self.example)
            raise CellFault(f"{self._no_number(shown(cell).strip()[:60])} {why}")
        return fact

    def _no_number(self, text: str) -> str:
        if self.unit:
            return gettext("“%(text)s” is not a number in %(unit)s.", text=text, unit=self.unit)
        return gettext("“%(text)s” is not a number.", text=text)

    def cell(self, fact: str | None) -> Cell:
        """A number, as text where a spreadsheet would drop digits of it."""
        if not fact or len(fact) > _EXACT:
            return fact or None
        return float(fact) if "." in fact else int(fact)

    # Words

    def said(self, fact: str | None) -> str:
        """The number and its unit."""
        text = _written(fact or "")
        return f"{text} {self.unit}" if text and self.unit else text


def _written(fact: str) -> str:
    """A fact as the language has it; what is none, as it is."""
    return decimal(fact) if _FACT.fullmatch(fact) else fact


def _plain(text: str) -> str | None:
    """A number as people write it, as a fact; None for what is none, or can be read in two ways."""
    if len(text) > LONGEST or _two_ways(text):
        return None
    sign, digits = ("-", text[1:].lstrip()) if text.startswith("-") else ("", text)
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(next(char for char in digits if not char.isdecimal()), "")
    found = re.fullmatch(r"([0-9]*)(?:[.,]([0-9]*))?", digits)
    if not found or not any(found.groups()):
        return None
    whole, rest = found[1].lstrip("0") or "0", (found[2] or "").rstrip("0")
    plain = f"{whole}.{rest}" if rest else whole
    return plain if plain == "0" else sign + plain


def _two_ways(text: str) -> str:
    """What to tell of 1,234, which is 1234 to some and 1.234 to others; "" of what can be read in one way."""
    if not re.fullmatch("-?[1-9][0-9]{0,2},[0-9]{3}", text):
        return ""
    return gettext(
        "%(text)s can be read in two ways. Enter %(one)s or %(other)s.",
        text=text,
        one=text.replace(",", ""),
        other=text.replace(",", "."),
    )
