"""Reverse proxies: what they say of who asked, and how, is believed of them alone."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from flask import request
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Network = IPv4Network | IPv6Network
USER = "pets.proxy-user"  # what it is called between the proxy's header and the page that asks
PREFIX = "HTTP_X_FORWARDED_PREFIX"
TOLD = ("HTTP_FORWARDED", PREFIX, *(f"HTTP_X_FORWARDED_{what}" for what in ("FOR", "PROTO", "HOST", "PORT")))


class Proxies:
    """The application behind so many proxies in a row, the nearest of which asks from one of these networks.

    `user_header`: the header by which it says who signed in there; empty where it does not.
    """

    def __init__(self, app: Any, count: int, networks: Iterable[Network], user_header: str) -> None:
        self._app: WSGIApplication = app
        # Each proxy adds to the others; the path alone is told by the nearest.
        self._behind = ProxyFix(app, x_for=count, x_proto=count, x_host=count, x_prefix=1)
        self._networks = tuple(networks)
        self._header = f"HTTP_{user_header.upper().replace('-', '_')}" if user_header else None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; from anywhere else, what the headers claim is thrown away."""
        user = environ.pop(self._header, "") if self._header else ""
        if not self._trusts(environ.get("REMOTE_ADDR", "")):
            for name in TOLD:
                environ.pop(name, None)
            return self._app(environ, start_response)
        if user:
            name = user.encode("latin-1").decode(errors="replace")
            environ[USER] = "".join(char if char.isprintable() else "\ufffd" for char in name)
        prefix = environ.get(PREFIX, "").rstrip("/")
        environ[PREFIX] = prefix if re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", prefix) else ""
        return self._behind(environ, start_response)

    def _trusts(self, address: str) -> bool:
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self._networks)


def networks_in(text: str) -> list[Network]:
    """Addresses and networks, with commas between. Raises ValueError, with a sentence, for what is none."""
    try:
        return [ip_network(one) for one in text.replace(",", " ").split()]
    except ValueError as problem:
        raise ValueError(f"{problem}. Set it to addresses such as 127.0.0.1, 10.0.0.0/24.") from problem


def proxy_user() -> str | None:
    """Who signed in at the proxy, as it says; None where it says nothing, or is not to be asked."""
    user: str | None = request.environ.get(USER)
    return user
