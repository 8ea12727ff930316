"""Text as people type it: tidied for keeping, folded to tell what is the same, and folded to be found."""

import re
import unicodedata

# White space that is folded. Python's own idea of it also holds control characters, which are refused.
_SPACES = re.compile("[ \t\n\r\x0b\x0c\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_WORD = re.compile(r"\w+")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol by name, with nothing to see in them

# What Unicode says to overlook (Default_Ignorable_Code_Point): soft hyphens, zero-width spaces, variation
# selectors; and the tags that make a flag of another, where they follow no flag. Joiners are looked at below.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e0fff]|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+"
)
# Those of them that have no place in a line: soft hyphens, spaces of no width, marks of direction, byte order
# marks. What makes another sign of one, as variation selectors and tags do, stays.
_STRAY = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufff8]"
)
# Joiners are seen between signs, of which they make one (a farmer is a woman and a sheaf), and between the
# letters of scripts that write with them, Arabic to Khmer. Elsewhere nobody can tell that they are there.
_SIGNS = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINED = (
    "\u0620-\u064a\u066e\u066f\u0671-\u06d5\u06ee-\u109f\u1700-\u1aaf\u1b00-\u1bff\ua800-\uabff"
    "\U00010a00-\U00011fff"
)
_IDLE = re.compile(f"(?<![{_SIGNS}{_JOINED}\ufe0f])[\u200c\u200d]|[\u200c\u200d](?![{_SIGNS}{_JOINED}])")
_JOINERS = re.compile(f"\u200c|(?<![{_SIGNS}])\u200d|\u200d(?![{_SIGNS}])")

# Marks that are often left out: accents of Latin and Greek letters, points of Hebrew and Arabic ones.
# Elsewhere a mark makes another letter: й is no и, バ no ハ.
_ACCENTS = re.compile(
    "(?<=[\0-\u02ff\u0370-\u03ff\u0590-\u08ff])"
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\ufe20-\ufe2f]+"
)

# Letters whose stroke or ligature Unicode does not count as an accent.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"})

# Characters that no page may hold: control characters, surrogates, and what Unicode keeps for no character.
_ILLEGIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + end) for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF))
    + "]"
)


def tidy_line(text: str) -> str:
    """Text of one line as it is kept: NFC, trimmed, each run of white space one space, and without letters
    of no width, which come along from web pages and documents and which nobody typed."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")  # as nearly all is
    if not text.isascii():
        text = _IDLE.sub("", unicodedata.normalize("NFC", _STRAY.sub("", text)))
        text = unicodedata.normalize("NFC", text)
    return _SPACES.sub(" ", text).strip(" ")


def tidy_notes(text: str) -> str:
    """Text of many lines as it is kept: NFC, line ends as one newline, trimmed at both ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return lines.strip("\n ")


def unwritable(text: str, allowed: str = "") -> bool:
    """Whether text holds a character that no page, sheet or database can carry safely.

    Control characters, lone surrogates, private use and non-characters are; characters newer than this
    Python's Unicode tables are not, or next year's emoji would be refused.
    """
    if text.isascii() and text.isprintable():
        return False  # as nearly all text is
    return any(
        unicodedata.category(char) in ("Cc", "Cs", "Co")
        or (ord(char) & 0xFFFE) == 0xFFFE
        or "\ufdd0" <= char <= "\ufdef"
        for char in text
        if char not in allowed
    )


def replace_illegible(html: str) -> str:
    """A page that shows "�" where somebody typed a character that no page may hold."""
    if html.replace("\n", "").isprintable():
        return html  # as nearly all are, and this is found in a tenth of the time
    return _ILLEGIBLE.sub("\ufffd", html)


def writable(text: str) -> str:
    """Text with a mark in the place of each such character, to be shown and corrected."""
    if not unwritable(text, "\n\t"):
        return text
    return "".join("\ufffd" if unwritable(char, "\n\t") else char for char in text)


def visible(text: str) -> bool:
    """Whether text holds something to see: a letter, digit, mark of punctuation, symbol or emoji."""
    if text.isascii() and text.isprintable():
        return bool(text) and not text.isspace()
    kinds = (unicodedata.category(char) for char in text if char not in _BLANK)
    return any(kind[0] in "LNPS" or kind == "Cn" for kind in kinds)


def seen(text: str) -> str:
    """Text without what nobody sees: two that look alike are the same."""
    return text if text.isascii() else _IDLE.sub("", _UNSEEN.sub("", text))


def caseless(text: str) -> str:
    """Text as it is seen, without case: by this, two spellings of a type are one."""
    return seen(text).casefold()


def fold(text: str) -> str:
    """Text by which names are the same, and are sorted: without case, what nobody sees, and accents that are
    often left out. Élodie is elodie, Žofka zofka, Straße strasse, Ёж еж; but Йод is not иод.

    The same on both databases, since neither folds every script by itself.
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    apart = _ACCENTS.sub("", seen(apart)).replace("е\u0308", "е")
    return unicodedata.normalize("NFC", apart).translate(_PLAIN)


def loosely(text: str) -> str:
    """Text as a search compares it: folded, and without any mark or joiner, so that иод finds Йод too."""
    folded = fold(text)
    if folded.isascii():
        return folded
    apart = _JOINERS.sub("", unicodedata.normalize("NFD", folded))
    return unicodedata.normalize("NFC", "".join(char for char in apart if not unicodedata.combining(char)))


def search_words(text: str) -> list[str]:
    """The folded words of a search or a text, as both are compared."""
    return loosely(text.replace("\0", " ")).split()  # no text holds a NUL, and SQL would end there


def search_text(*texts: str) -> str:
    """What a pet can be found by, as one folded line for a trigram index.

    Every word is led by two spaces, so that words beginning with one letter ("  m") or two (" ma") are
    trigrams too and need no second index. The parts of a compound ("jean-luc") follow it as words.
    """
    words: dict[str, None] = {}
    for text in texts:
        for word in search_words(text):
            words[word] = None
            if word.isalnum():
                continue  # no compound
            words.update(dict.fromkeys(part for part in _WORD.findall(word) if not word.startswith(part)))
    return "".join(f"  {word}" for word in words)


def plain(heading: str) -> str:
    """A heading without case, accents, punctuation and the like: "Date_of-Birth:" is "date of birth"."""
    letters = unicodedata.normalize("NFKD", heading).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())
