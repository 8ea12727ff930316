"""How text survives a spreadsheet: formulas and errors in CSV, and what XML cannot hold in XLSX.

Both are exact in both directions: `restored(armoured(t)) == t` and `unescaped(escaped(t)) == t` for any text.
"""

import re

from pets.fields.cell import DITTO, ERROR, ROUNDED

# OWASP, "CSV Injection": these make a spreadsheet run the cell, also as full-width letters and after a
# line break.
_FORMULA = "=+\\-@\t\r\n＝＋－＠"
NULL = "\\N"  # how MySQL and PostgreSQL write a cell that holds nothing
# What text that `armoured` changes can begin with.
SUSPECT = frozenset(["'", *"=+-@\t\r\n＝＋－＠", *"#E123456789", NULL[0], *(sign[0] for sign in DITTO)])
_SIGNS = "|".join(map(re.escape, sorted(DITTO, reverse=True)))
_NO_TEXT = rf"(?:[{_FORMULA}]|\s*(?:{ERROR}|{ROUNDED}|{_SIGNS})\s*\Z|{re.escape(NULL)}\Z)"
_RISKY = re.compile("'*" + _NO_TEXT)
_ARMOURED = re.compile("'+" + _NO_TEXT)

# ECMA-376 part 1, 22.4.2.4 (ST_Xstring): a character that XML 1.0 cannot hold is written _xHHHH_,
# and so is the underscore of text that happens to look like that. A bare CR would be read back as LF.
_XML_CANNOT = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
_TO_ESCAPE = re.compile(f"[{_XML_CANNOT}]|_(?=x[0-9A-Fa-f]{{4}}[_{_XML_CANNOT}])")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def is_formula(text: str) -> bool:
    """Would a spreadsheet take this text, typed or read from a CSV, for something else?"""
    return _RISKY.match(text) is not None


def armoured(text: str) -> str:
    """The text for a CSV cell: an apostrophe goes before text that would be run as a formula, or read as an
    error, a rounded number, a ditto mark or as nothing.

    Text that already looks armoured (apostrophes, then such a character) gets one more,
    so that taking exactly one off again is never ambiguous. "'tis" is left as it is.
    """
    return "'" + text if _RISKY.match(text) else text


def restored(text: str) -> str:
    """The text that `armoured` was given."""
    return text[1:] if _ARMOURED.match(text) else text


def escaped(text: str) -> str:
    """The text as an XLSX string, in Excel's _xHHHH_ escapes where XML cannot hold a character."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """The text that an XLSX string stands for; half surrogate pairs, which no text can hold, become
    U+FFFD."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
