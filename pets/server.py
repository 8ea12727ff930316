"""The server: waitress, with as many connections as there is room for, and an end that lets answers out.

Waitress reads a request whole before a thread is given to it, so that nobody holds one up by sending slowly.
"""

import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import waitress
from flask import Flask

from pets.language import CODES, speaking
from pets.web.bodies import MANY_FILES_LIMIT
from pets.web.errors import error_page

log = logging.getLogger("pets")

DESCRIPTORS = 4096  # how many the process asks the system for
EACH = 3  # descriptors of a connection: its own, and a file for a large body either way
OWN = 24  # descriptors of the program itself, beside four for each thread: database, uploads
TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 5\r\n"
    b"Connection: close\r\n\r\nThe server has too many files open. Wait a moment, then try again.\n"
)
MINUTE = 60  # seconds between two lines of the log about that
SILENT = 30  # seconds after which a connection that sends nothing is closed
GRACE = 60  # seconds that answers under way have to end when the server is told to stop


class Server:
    """`Server(app).run()` answers at `port`, until it is told to stop (SIGTERM, or Ctrl+C)."""

    def __init__(self, app: Flask) -> None:
        """Listen at the app's PETS_HOST and PETS_PORT. Raises OSError where that cannot be."""
        threads, proxies = app.config["PETS_THREADS"], app.config["PETS_TRUSTED_PROXIES"]
        most = _room_for_connections(threads)
        # Through a proxy everybody comes from its address, and it has limits of its own.
        doors = _doors(app.config["PETS_HOST"], app.config["PETS_PORT"], most if proxies else most // 2)
        self.port: int = doors[0].getsockname()[1]
        self._doors = {door.fileno() for door in doors}
        self._connections: dict[int, Any] = {}  # and what else waitress looks after, by descriptors
        self._ending = False
        _load_error_page(app)
        self._waitress = waitress.create_server(
            app,
            map=self._connections,
            sockets=doors,
            threads=threads,
            ident=None,
            connection_limit=most,
            outbuf_high_watermark=2_000_000,  # bytes of an export that wait for a slow reader
            asyncore_use_poll=True,
            channel_timeout=SILENT,
            cleanup_interval=SILENT // 3,
            max_request_body_size=MANY_FILES_LIMIT * 2,  # beyond that we cannot say ourselves what is wrong
            clear_untrusted_proxy_headers=not proxies,
        )

    def run(self) -> None:
        """Answer, until the end."""
        signal.signal(signal.SIGTERM, self._end)
        self._waitress.run()

    def _end(self, *_: Any) -> None:
        """Stop, once what is asked now is answered; or at once, when told a second time."""
        answering = self._answering()
        if self._ending or not answering:
            sys.exit(0)
        self._ending = True
        threading.Thread(target=self._end_later, args=(answering,), daemon=True).start()

    def _end_later(self, answering: list[Any]) -> None:
        until = time.monotonic() + GRACE
        while any(one in answering for one in self._answering()) and time.monotonic() < until:
            time.sleep(0.1)
        signal.raise_signal(signal.SIGTERM)

    def _answering(self) -> list[Any]:
        """The connections on which something was asked that has not all been sent yet: until then, no more is
        read from them."""
        there = list(self._connections.items())
        return [one for descriptor, one in there if descriptor not in self._doors and not one.readable()]


class Door(socket.socket):
    """A listening socket that lets in so many connections of one address at a time; the others stay whole."""

    def __init__(self, family: int, most: int) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self._most = most
        self._inside: list[tuple[socket.socket, str]] = []
        self._spare = _spare_file()
        self._told: float = -MINUTE

    def close(self) -> None:
        """Let nobody in any more."""
        self._spare.close()
        super().close()

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection and its address. Raises BlockingIOError where there is none to let in."""
        try:
            connection, address = super().accept()
        except OSError as problem:
            if problem.errno in (errno.EMFILE, errno.ENFILE):
                self._turn_away()
            raise
        self._inside = [(other, host) for other, host in self._inside if other.fileno() >= 0]
        if sum(host == address[0] for _, host in self._inside) >= self._most:
            connection.close()
            raise BlockingIOError(errno.EWOULDBLOCK, "too many connections of one address")
        self._inside.append((connection, address[0]))
        return connection, address

    def _turn_away(self) -> None:
        """With no file left for a connection, tell it so in the place of a spare one: left waiting, it would
        make the server try again without pause, and log each try. Raises BlockingIOError."""
        self._spare.close()
        if time.monotonic() - self._told >= MINUTE:
            self._told = time.monotonic()
            log.error("connections are turned away: too many files are open")
        try:
            with super().accept()[0] as connection:
                connection.setblocking(False)
                connection.send(TOO_MANY)
                connection.shutdown(socket.SHUT_WR)
        except OSError as problem:
            raise BlockingIOError(errno.EWOULDBLOCK, "too many files are open") from problem
        finally:
            with suppress(OSError):
                self._spare = _spare_file()
        raise BlockingIOError(errno.EWOULDBLOCK, "too many files are open")


def _spare_file() -> IO[bytes]:
    return Path(os.devnull).open("rb")


def reached_at(host: str) -> str:
    """The address to open of a server that listens at this one: for all of a machine, that of its network."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # which sends nothing, but chooses the network that leads out
            return str(asking.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _load_error_page(app: Flask) -> None:
    """Read the templates of error pages, which have to be made when no file can be opened any more."""
    for code in CODES:
        with app.test_request_context(), speaking(code):
            error_page(503, "", "")
            for name in ("resend.html", "_resend.html"):
                app.jinja_env.get_template(name)


def _doors(host: str, port: int, most: int) -> list[Door]:
    """A door at each address that a host has; at one port, also where the system chooses it."""
    doors: list[Door] = []
    try:
        for family, *_, address in dict.fromkeys(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)):
            door = Door(family, most)
            doors.append(door)
            if os.name == "posix":  # elsewhere it would let two servers listen at one port
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            door.bind((address[0], port or (doors[0].getsockname()[1] if doors[1:] else 0), *address[2:]))
    except OSError:
        for door in doors:
            door.close()
        raise
    return doors


def _room_for_connections(threads: int) -> int:
    """How many connections can be open at once; the process's limit of descriptors is raised as it may be."""
    if sys.platform == "win32":
        return 400  # select() takes 512 sockets there
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < room:
        resource.setrlimit(resource.RLIMIT_NOFILE, (room, hard))
    return max(4, (room - OWN - 4 * threads) // EACH)
