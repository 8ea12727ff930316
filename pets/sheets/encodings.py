"""Which letters the bytes of a text file stand for.

A byte order mark and strict UTF-8 are sure. Else it is a guess, for a person to see and to change; the NUL
bytes of UTF-16 leave open only which byte of a letter stands first. charset-normalizer was measured on short
lists of pets in twelve languages: it got 42 of 100 right by one row and 72 by fifteen; this gets 92 and 100,
for it knows the few that spreadsheets write.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pets.language import gettext as _, lazy_gettext
from pets.sheets.cells import SheetProblem

REPAIRED = "utf-8-repaired"
CALLED = {
    "utf-8": "UTF-8",
    REPAIRED: lazy_gettext("UTF-8, with the garbled letters repaired"),
    "windows-1252": lazy_gettext("Windows-1252 (Western Europe)"),
    "windows-1250": lazy_gettext("Windows-1250 (Central Europe)"),
    "windows-1251": lazy_gettext("Windows-1251 (Cyrillic)"),
    "macintosh": lazy_gettext("Mac Roman"),
    "cp932": lazy_gettext("Shift-JIS (Japanese)"),
    "utf-16-le": "UTF-16",
    "utf-16-be": lazy_gettext("UTF-16, big-endian"),
}
_WIDE = ("utf-16-le", "utf-16-be")
_GUESSED = [name for name in [*CALLED][2:] if name not in _WIDE]
# The letters outside ASCII that the languages written in an encoding use. (Portuguese õ stands before e only;
# anywhere else it is Hungarian ő.)
_SIGNS = "’‘“”„–—…€°´«»№"
_WESTERN = re.compile(f"[äöüßÄÖÜàâæçéèêëîïôœùûÿÀÂÇÉÈÊËÎÏÔŒÙÛáíñóúÁÍÑÓÚ¿¡åøÅØÆãÃÕºª{_SIGNS}]|õ(?=e)")
_USUAL = {
    "windows-1252": _WESTERN,
    "windows-1250": re.compile(
        f"[áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽąćęłńśźżĄĆĘŁŃŚŹŻäöüßÄÖÜőűŐŰăâîşţĂÂÎŞŢľĺôŕ{_SIGNS}]"
    ),
    "windows-1251": re.compile(f"[а-яА-ЯёЁіІїЇєЄґҐ{_SIGNS}]"),
    "macintosh": _WESTERN,
    "cp932": re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]"),
}
# What a text in another encoding looks like: two scripts in one word, a capital within a word, accents in a
# row, and signs that no list of pets holds.
_ODD = re.compile(
    "[A-Za-z][\u0400-\u04ff\u3040-\u9fff\uff61-\uff9f]|[\u0400-\u04ff\u3040-\u9fff\uff61-\uff9f][A-Za-z]"
    "|[a-zß-ÿčďěňřšťůžąćęłńśźżőűа-яё][A-ZÀ-ÖØ-ÞŽŠŁŤА-Я]|[À-ɏ]{3}|[\uff61-\uff9f]"
    f"|[^\\x00-\\x7f\\w\xa0¿¡ºª{_SIGNS}]"
)
_SHOWN = 100  # characters of a line
_LINES = 200  # with letters outside ASCII, to guess by
# UTF-8 that was taken for Windows-1252, and written as UTF-8 again.
_MORE = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_GARBLED = re.compile(f"[ÂÃÄÅ]{_MORE}|â€{_MORE}|(?:[ÐÑ]{_MORE}){{2,}}|ðŸ{_MORE}{{2}}|ï»¿")
_CHUNK = 1_000_000


class Encoding(NamedTuple):
    """How a file is read; where that is not sure, each way in which it can be, with a line that differs."""

    name: str
    choices: Mapping[str, str] = {}

    @property
    def note(self) -> str:
        """What is said of it; "" where it is sure."""
        if not self.choices:
            return ""
        if self.name == REPAIRED:
            return _("Its garbled letters were repaired.")
        line = self.choices[self.name]
        if self.name == "utf-8":
            return garbled(line)
        return _(
            "This file does not say which letters it uses; it was read as %(encoding)s. "
            "Check that “%(line)s” looks right.",
            encoding=CALLED[self.name],
            line=line,
        )


UTF_8 = Encoding("utf-8")


def encoding_of(path: Path, chosen: str = "") -> Encoding:
    """The encoding of a file; `chosen`: as a person says. Raises SheetProblem where it is in none we know."""
    with path.open("rb") as file:
        start = file.read(4_096)
    sure = by_its_start(start)
    if sure == "utf-16" or (sure and not chosen):
        known = [name for name in _WIDE if decodes(path, name)] if sure in _WIDE else []
        choices = {name: _wide_line(path, name) for name in known} if len(known) > 1 else {}
        return Encoding(sure, choices) if decodes(path, sure) else _unknown()
    if not chosen and _is_utf8(path):
        line = next((one.strip()[:_SHOWN] for one in _lines(path) if repaired(one) != one), "")
        return Encoding("utf-8", {"utf-8": line, REPAIRED: repaired(line)} if line else {})
    if chosen in ("utf-8", REPAIRED):
        return Encoding(chosen, encoding_of(path).choices)
    known = [name for name in _GUESSED if decodes(path, name)]
    wide = {name: _wide_line(path, name) for name in _WIDE if decodes(path, name)}
    if chosen not in (*known, *wide) if chosen else not known:
        return _unknown()
    lines = _odd_lines(path)
    read = {name: [line.decode(name, "replace") for line in lines] for name in known}
    best = chosen or max(known, key=lambda name: _likeness("\n".join(read[name]), name))
    differs = max(range(len(lines)), default=0, key=lambda at: len({texts[at] for texts in read.values()}))
    choices = {name: texts[differs].strip()[:_SHOWN] for name, texts in read.items()}
    return Encoding(best, choices | wide)


def garbled(text: str) -> str:
    """What is said of text whose letters were encoded twice."""
    return _(
        "Some letters look garbled: “%(text)s” may have been “%(other)s”.", text=text, other=repaired(text)
    )


def repaired(text: str) -> str:
    """Text whose letters were encoded twice, as they were before: “AmÃ©lie” is “Amélie”."""
    return text if text.isascii() else _GARBLED.sub(_once, text)


def _once(found: re.Match[str]) -> str:
    # Windows-1252 leaves five bytes without a letter; programs take them for control characters.
    single = b"".join(
        char.encode("latin-1") if ord(char) < 256 else char.encode("cp1252", "replace") for char in found[0]
    )
    try:
        return single.decode()
    except UnicodeDecodeError:
        return found[0]


def by_its_start(start: bytes) -> str:
    """The encoding that the first bytes of a file make sure; "" where they do not."""
    if start.startswith(BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > 2 and (not even or odd > len(start) * 0.3):
        return "utf-16-le"
    if even > 2 and (not odd or even > len(start) * 0.3):
        return "utf-16-be"
    # In Chinese either byte of a letter may be NUL; but between cells and lines stands a sign of ASCII.
    signs = {name: sum(start.decode(name, "replace").count(sign) for sign in "\n\t,;") for name in _WIDE}
    best = max(signs, key=lambda name: signs[name])
    return best if b"\0" in start and signs[best] > 2 else ""


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as text:
        while line := text.readline(_CHUNK):
            yield line


def _odd_lines(path: Path) -> list[bytes]:
    found: list[bytes] = []
    with path.open("rb") as file:
        while len(found) < _LINES and (line := file.readline(_CHUNK)):
            found += [one[:500] for one in line.splitlines() if not one.isascii()]
    return found


def _wide_line(path: Path, name: str) -> str:
    """The first line of a text in UTF-16 that holds more than ASCII, or the first of all."""
    with path.open(encoding=name) as text:
        lines = [line.strip("\ufeff \n")[:_SHOWN] for line in text.read(_CHUNK).splitlines()[:_LINES]]
    return next((line for line in lines if not line.isascii()), lines[0] if lines else "")


def _likeness(text: str, name: str) -> float:
    """How much a text looks as if it were in this encoding; of two alike, the one that is named first."""
    letters = sum(char > "\x7f" for char in text) or 1
    alike = len(_USUAL[name].findall(text)) - 2 * len(_ODD.findall(text))
    return alike / letters - _GUESSED.index(name) / 200


def _is_utf8(path: Path) -> bool:
    """Raises SheetProblem where it is, but for a last letter of which some bytes are missing."""
    decoder, plain = getincrementaldecoder("utf-8")(), True
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                plain = decoder.decode(chunk).isascii() and plain
        except UnicodeDecodeError:
            return False
    rest, _flags = decoder.getstate()
    if plain and len(rest) == 1 and rest >= b"\xe0":
        return False  # one é or the like, and all before it plain: a Windows-1252 file may end so
    if rest:
        raise SheetProblem(
            _(
                "The file breaks off in the middle of its last letter: it is cut off. "
                "Save the sheet as “CSV UTF-8” again."
            )
        )
    return True


def decodes(path: Path, encoding: str) -> bool:
    """Whether all of a file can be read in an encoding; not in one that nobody knows."""
    try:
        with path.open(encoding=encoding) as text:
            while text.read(_CHUNK):
                pass
    except (LookupError, UnicodeError):
        return False
    return True


def _unknown() -> Encoding:
    raise SheetProblem(
        _(
            "The letters in this file are in no encoding that Pets knows, or the file is cut off. "
            "Open it in a spreadsheet, save it as “CSV UTF-8” and try again."
        )
    )
