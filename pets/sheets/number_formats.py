"""What the format of a number adds to it: that it is a day, a unit as in `0" months"`, or zeros before it."""

import re
from functools import lru_cache
from typing import NamedTuple

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from pets.fields.cell import shown

# A format is text in quotation marks or behind a backslash, blanks of some width, colours, and the number.
_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|[_*].|\[[^\]]*\]|(General|[0#?][0#?,.]*)|(.)', re.DOTALL | re.IGNORECASE
)


class NumberFormat(NamedTuple):
    """What is known of one format."""

    is_date: bool = False
    is_duration: bool = False
    before: str = ""
    after: str = ""
    digits: int = 0  # as many at least, with zeros before

    def text(self, number: float) -> str | None:
        """A number as the format shows it, with all its digits; None where that is the number alone."""
        words = self.before + self.after
        if self.digits < 2 and not any(map(str.isalpha, words)):
            return None
        figures = shown(abs(number))
        whole, point, decimals = figures.partition(".")
        sign = "-" if number < 0 else ""
        return f"{self.before}{sign}{whole.zfill(self.digits)}{point}{decimals}{self.after}".strip()


PLAIN = NumberFormat()


@lru_cache(1_000)
def number_format(code: str) -> NumberFormat:
    """What a format code says."""
    if is_timedelta_format(code):
        return NumberFormat(is_date=True, is_duration=True)
    if is_date_format(code):
        return NumberFormat(is_date=True)
    texts, digits, numbers = ["", ""], 0, 0
    for quoted, escaped, number, other in _TOKEN.findall(code.partition(";")[0]):
        if number:
            numbers += 1
            whole = number.partition(".")[0]
            digits = 0 if "," in whole or "#" in whole else whole.count("0")
        elif other in ("@", "%", "/"):
            return PLAIN
        else:
            texts[bool(numbers)] += quoted + escaped + (other if other in " -" else "")
    return NumberFormat(before=texts[0], after=texts[1], digits=digits) if numbers == 1 else PLAIN


def built_in(number: int) -> str:
    """The format code that has this number in every workbook."""
    return str(BUILTIN_FORMATS.get(number, "General"))
