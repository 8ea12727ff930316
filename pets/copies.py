"""Copies of pages: what a person is shown again is made once, until anything changes.

Most requests of a register are for what was shown a moment ago, and making a page takes ten times as long as
finding it again.
"""

import functools
import secrets
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import ParamSpec

from flask import Flask, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from pets import clock, saying

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
Copy = tuple[str, int]  # HTML and status

# Stands in a copy for the token of whoever is shown it. Nobody can know it, and have a token shown elsewhere.
TOKEN = secrets.token_urlsafe(24)
MOST, LARGEST = 200, 100_000  # copies that are kept, and bytes of the largest: 20 MB at the very most


class Copies:
    """The copies of one app, those that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Copy] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Copy | None:
        """The copy under this key."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def keep(self, key: Hashable, copy: Copy) -> None:
        """Put a copy by, in the place of the one that was not asked for the longest."""
        if sys.getsizeof(copy[0]) > LARGEST:
            return
        with self._lock:
            self._kept[key] = copy
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Let go of all of them."""
        with self._lock:
            self._kept.clear()


def copied(view: View[P]) -> View[P]:
    """Mark a page that tells what is in the database, by its address and by who asks, and nothing else.

    A copy is shown only while the database is in the very state that the request for it met (or to whoever
    asked before a commit that it shows already), and for no longer than the minute that "3 minutes ago"
    holds. (The seconds in `data-ago` may be up to a minute old with it.)
    It stands behind `may`: who may not see a page gets no copy.
    """

    @functools.wraps(view)
    def show(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if "_flashes" in session:  # what is told once, and to one person
            return view(*args, **kwargs)
        copies, key = _copies(), _key()
        copy = copies.find(key)
        if copy is None:
            g.token = TOKEN
            try:
                made = view(*args, **kwargs)
            finally:
                del g.token  # an error page is nobody's copy
            if not isinstance(made, tuple):
                return made
            copy = str(made[0]), int(str(made[1]))
            copies.keep(key, copy)
        return copy[0].replace(TOKEN, generate_csrf()), copy[1]

    return show


def token() -> str:
    """The token for the forms of the page that is being made."""
    return str(g.get("token") or generate_csrf())


def _key() -> Hashable:
    """All that a copied page depends on."""
    asking = saying.me()
    who = (asking.id, asking.name, asking.role) if asking else None
    minute = clock.now().replace(second=0, microsecond=0)
    return g.state, request.script_root, request.full_path, who, saying.draft_count(), minute


def _copies() -> Copies:
    found: Copies = current_app.extensions["pets-copies"]
    return found


def init_app(app: Flask) -> None:
    """Give the application a place for its copies."""
    app.extensions["pets-copies"] = Copies()
