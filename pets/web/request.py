"""What was sent, read so that bytes which are no text are told from what somebody typed."""

import functools
from urllib.parse import parse_qsl

from babel import negotiate_locale
from flask import Request as FlaskRequest
from werkzeug.datastructures import LanguageAccept, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_accept_header
from werkzeug.utils import cached_property

from pets.language import CODES, SOURCE

# Stands in a form for bytes that are no UTF-8, and for the "�" that somebody else put in their place. It is
# no character, so every rule for text refuses it at its field; and a page shows it as "�" again.
UNREAD = "\uffff"
HEARD = 500  # characters of what a browser says of languages: it is kept, and anybody may send 250,000


def preferred_language(accepted: str) -> str:
    """The code of the language that a browser would like best of those that there are (`Accept-Language`)."""
    return _preferred(accepted[:HEARD])


@functools.lru_cache(maxsize=1_000)
def _preferred(accepted: str) -> str:
    tags = [tag for tag, wish in parse_accept_header(accepted, LanguageAccept) if wish]
    found = negotiate_locale([tag.replace("-", "_") for tag in tags], CODES) or SOURCE
    return next((code for code in CODES if code.lower() == found.lower()), SOURCE)  # as we write it


def _pairs(sent: bytes) -> list[tuple[str, str]]:
    """Names and values as a form or an address has them, with "�" for what is no UTF-8."""
    return parse_qsl(sent.decode(errors="replace"), keep_blank_values=True, errors="replace")


class FormParser(FormDataParser):
    """Werkzeug's, which would keep such bytes of a form as the text "%ED%A0%80", or all of it as nothing."""

    def parse(self, stream, mimetype, content_length, options=None):  # type: ignore[no-untyped-def]
        """Read a body. Returns the stream, the fields, and the files."""
        if mimetype == "application/x-www-form-urlencoded":
            pairs, files = _pairs(stream.read()), self.cls()
        else:
            stream, form, files = super().parse(stream, mimetype, content_length, options)
            pairs = list(form.items(multi=True))
        return stream, self.cls([(name, text.replace("\ufffd", UNREAD)) for name, text in pairs]), files


class Request(FlaskRequest):
    """A request to the site."""

    form_data_parser_class = FormParser

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """What the address asks for."""
        return self.parameter_storage_class(_pairs(self.query_string))
