"""Fields that are a code by which one animal is known: the number of a chip, of a tag, of a collar."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pets.fields.cell import Cell, shown
from pets.fields.one_control import CellFault, OneControl
from pets.fields.reading import SheetRow
from pets.language import gettext

LONGEST = 40  # characters of letters and digits
_BETWEEN = re.compile(r"[\s\u00ad\u200b\ufeff\-\u2010-\u2015\u2212]+")
_DIGITS = re.compile("[0-9]{9,15}")
_LETTERS = re.compile(f"[0-9A-Z./]{{1,{LONGEST}}}")
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]{1,2}", re.IGNORECASE)  # 9.85112E+14


@dataclass(frozen=True, kw_only=True)
class Code(OneControl):
    """Digits, or letters and digits. A fact has neither spaces nor hyphens, and large letters."""

    digits: bool = True  # whether it is 9 to 15 digits; else letters and digits
    unique: bool = True  # whether no two pets may have the same

    kind: ClassVar[str] = "code"
    declares: ClassVar[tuple[str, ...]] = ("digits", "unique_code")
    sample: ClassVar[str] = "985112001234567"
    identifies: ClassVar[bool] = True

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """Its form; and it is searched."""
        return {"digits": row.digits, "unique": row.unique_code, "searched": True}

    def taken(self, text: str) -> str | None:
        """The code without spaces and hyphens, in large letters."""
        return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()

    def wrong(self, fact: str) -> str | None:
        """It has something else in it than letters and digits."""
        if _LETTERS.fullmatch(fact):
            return None
        if len(fact) > LONGEST:
            return gettext(
                "%(label)s must have %(count)s letters and digits or fewer.", label=self.label, count=LONGEST
            )
        return self._must_be()

    def objection(self, fact: str | None) -> str | None:
        """It is not 9 to 15 digits, where it has to be."""
        wrong = fact and self.digits and not _DIGITS.fullmatch(fact)
        return self._must_be() if wrong else None

    def _must_be(self) -> str:
        if self.digits:
            return gettext("%(label)s must be 9 to 15 digits, such as 985 112 001 234 567.", label=self.label)
        return gettext("%(label)s must be letters and digits, such as A123.", label=self.label)

    # Forms

    @property
    def attributes(self) -> dict[str, Any]:
        """Digits are typed, or letters too; blanks may stand between them."""
        return {"inputmode": "numeric" if self.digits else "text", "maxlength": 100}

    # Sheets

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """The code. Raises CellFault."""
        text = shown(cell).strip()
        if isinstance(cell, (bool, date)):
            raise CellFault(f"{_no_code(text)} {self._must_be()}")
        if _ROUNDED.fullmatch(text) and (self.digits or "+" in text):
            raise CellFault(
                gettext(
                    "“%(text)s” is what a spreadsheet made of a long number: its last digits are lost. "
                    "Set the column to text in the spreadsheet, and enter the number again from its papers.",
                    text=text,
                )
            )
        fact = self.taken(re.sub(r"(?<=[0-9]{9})\.0+$", "", text))  # as a program writes a column of numbers
        if problem := self.problem(fact) or self.objection(fact):
            raise CellFault(f"{_no_code(text)} {problem}")
        return fact

    # Words

    def said(self, fact: str | None) -> str:
        """The code; 15 digits in groups of three, as a reader shows them."""
        if fact and len(fact) == 15 and fact.isdecimal():
            return " ".join(fact[place : place + 3] for place in range(0, 15, 3))
        return fact or ""


def _no_code(text: str) -> str:
    return gettext("“%(text)s” is not a code.", text=text[:60])
