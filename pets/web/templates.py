"""How templates are compiled: once for each language, with its texts in place."""

import re
from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment as FlaskEnvironment
from jinja2 import Environment as JinjaEnvironment, Template
from jinja2.ext import Extension

from pets.language import EXTENSION, GLOBALS, language

_TEXT = re.compile(r'\b_\("([^"\\]+)"\)')


class Texts(Extension):
    """Makes each `_("Save")` of a template what it is in the language in force, before it is compiled."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source of a template with its texts in place, where they stand alone."""
        return _TEXT.sub(_said, source)


def _said(found: re.Match[str]) -> str:
    said: str = GLOBALS["_"](found[1])  # type: ignore[operator]
    escaped = said.encode("unicode_escape").decode().replace('"', '\\"')
    return f'("{escaped}"|safe)'


class Environment(FlaskEnvironment):
    """Where templates are compiled. What all of them may call is there before the first one is.

    Jinja keeps it in a chain of two, for what may be added later, and goes through that in Python for every
    import of every page: a tenth of the list's time.
    """

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, extensions=[EXTENSION], cache_size=-1, **options)  # all of them are kept
        self._in: dict[str, JinjaEnvironment] = {}

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """The template as it was compiled for the language in force."""
        if self.overlayed:  # which is what each template knows that was compiled there
            return super().get_template(name, parent, globals)
        code = language()
        if code not in self._in:
            self._in[code] = self.overlay(extensions=[Texts])
        return self._in[code].get_template(name, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> dict[str, Any]:
        """What a template may call, as one dict."""
        return {**self.globals, **(d or {})}
