"""Passwords: which may be chosen, how they are kept, and the ones that are good for one sign-in."""

import functools
import gzip
import secrets
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

from pets.fields.text import loosely
from pets.language import lazy_gettext

SHORTEST, LONGEST = 10, 200  # characters
SITE = "pets"

# No password has this hash, but comparing with it takes as long as with those that `hash_password` makes.
NOBODYS = "scrypt:32768:8:1$nobody$" + 128 * "0"

SHORT = lazy_gettext(
    "The password is too short. Choose one of %(least)s characters or more; a few words will do.",
    least=SHORTEST,
)
LONG = lazy_gettext("The password is too long. Choose one of %(most)s characters or fewer.", most=LONGEST)
NAMED = lazy_gettext(
    "The password is a name with little or nothing added. Choose one that is harder to guess."
)
COMMON = lazy_gettext(
    "This password is among those that are tried first. Choose one that is harder to guess."
)
BROKEN = lazy_gettext("The password holds a character that cannot be sent. Type it again.")

_DECORATION = "0123456789 \t" + r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""


def hash_password(password: str) -> str:
    """Hash a password with scrypt. Takes some 80 ms and 32 MB: call it outside of any transaction."""
    return generate_password_hash(password)


def password_holds(hashed: str | None, password: str) -> bool:
    """Whether a password is, to the letter, the one that was hashed.

    As slow for None, which stands for an account that is not there, and for one that is too long to be set.
    """
    if hashed is None or len(password) > LONGEST:
        hashed, password = NOBODYS, ""
    return check_password_hash(hashed, password)


def one_time_password() -> str:
    """A random password to be read out or written down: 79 bits, in letters nobody mistakes."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def password_problem(password: str, name: str) -> str | None:
    """What is wrong with a password for an account of this name, as a sentence, or None.

    Any characters will do. What is refused is what gets guessed first: a common password or a name,
    whatever its case and accents, also with digits and punctuation put before or behind.
    """
    if len(password) < SHORTEST:
        return SHORT
    if len(password) > LONGEST:
        return LONG
    if any("\ud800" <= char <= "\udfff" or char == "\uffff" for char in password):
        return BROKEN  # half a character or none, as a terminal or a program can send it
    typed = loosely(password)
    if _made_of(typed, loosely(name)):
        return NAMED
    if {typed, typed.strip(_DECORATION), _repeated(typed)} & common_passwords():
        return COMMON
    return None


def _made_of(typed: str, name: str) -> bool:
    """Whether a password is the account's name, the site's, or both, often or once, and no more than
    digits and punctuation beside them."""
    if typed.strip() == name:
        return True
    rest = typed
    for known in (name, SITE):
        if any(char.isalpha() for char in known):
            rest = rest.replace(known, "")
    return rest != typed and not rest.strip(_DECORATION)


def _repeated(typed: str) -> str:
    """What a password repeats, as "sunshine" in "sunshinesunshine"; itself where it repeats nothing."""
    return typed[: (typed + typed).index(typed, 1)]


@functools.cache
def common_passwords() -> frozenset[str]:
    """The passwords that are tried first, folded, from the list that is shipped with Pets; each as it stands
    there, and without the digits and punctuation around it where six characters or more are left."""
    file = Path(__file__).parent / "common_passwords.txt.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        known = {loosely(line.strip()) for line in lines if not line.startswith("# ")}
    bare = {password.strip(_DECORATION) for password in known}
    return frozenset(known | {password for password in bare if len(password) >= 6})
