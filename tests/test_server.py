"""The server: who sends slowly, reads slowly, sends nonsense or only holds a connection keeps nobody out."""

import socket
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection

import pytest

from app import create_app
from pets.changes.changeset import Changeset
from pets.db import db
from pets.models.pet import Pet
from pets.server import _doors

resource = pytest.importorskip("resource", reason="Windows has no limit of open files")

ONE, OTHER = "127.0.0.1", "127.0.0.2"  # two machines
HOST = b"Host: 127.0.0.1\r\n"
FORM = b"POST /login HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"


def connect(server, source=ONE, room=None):
    """A connection from an address, with room for so many bytes that are not read yet."""
    connection = socket.socket()
    if room:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.settimeout(10)
    connection.bind((source, 0))
    connection.connect(("127.0.0.1", server.port))
    return connection


def status(server, source=ONE):
    """What a page is answered to somebody at an address."""
    with closing(HTTPConnection("127.0.0.1", server.port, 10, source_address=(source, 0))) as connection:
        connection.request("GET", "/login")
        return connection.getresponse().status


def to_the_end(connection):
    received = b""
    with suppress(ConnectionResetError):  # closed before all that was sent had been read
        while part := connection.recv(65536):
            received += part
    return received


def limited(soft, hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("limits", [(64, 64), (64, 1024)])
def test_whoever_only_holds_connections_keeps_nobody_else_out(serve, limits):
    server = serve(before=limited(*limits))
    with ExitStack() as stack:
        held = [stack.enter_context(connect(server)) for _ in range(max(limits[1] // 6, 80))]
        for number, connection in enumerate(held):
            if number % 2:  # the others send nothing at all
                connection.sendall(b"GET /login HTTP/1.1\r\nX-Slow: ")
        assert status(server, OTHER) == 200
    assert len(server.output.splitlines()) < 10


def test_nobody_holds_a_thread_by_sending_slowly_and_nonsense_is_refused(serve):
    server = serve(PETS_THREADS="1")
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(connect(server)).sendall(FORM + b"Content-Length: 100\r\n\r\nname=")
        assert status(server) == 200
    for head in (
        b"Content-Length: 6\r\nContent-Length: 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: 999000000\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: y\rTransfer-Encoding: chunked\r\n",
        b"X: " + b"y" * 300_000 + b"\r\n",
    ):
        with connect(server) as connection:
            connection.sendall(FORM + head + b"\r\n0\r\n\r\nG")
            answer = to_the_end(connection)  # it is closed, so that nothing after it counts
        assert answer[9:12] in (b"", b"400", b"413", b"431", b"501"), head
        assert answer.count(b"HTTP/1.") <= 1, head


def test_an_export_under_way_is_let_out_before_the_server_stops(serve, registers):
    server = serve(PETS_THREADS="2")
    app = create_app(server.settings)
    with app.app_context():
        Changeset.author("Edith", 2)
        db.session.add_all(Pet(name=f"Rex {number}", type="dog", notes="x" * 4000) for number in range(1500))
        db.session.commit()
        db.engine.dispose()
    with connect(server, room=65536) as reader:
        cookie = "=".join(registers.cookie("vera")).encode()
        reader.sendall(b"GET /pets.csv HTTP/1.1\r\n" + HOST + b"Cookie: " + cookie + b"\r\n\r\n")
        assert reader.recv(100).startswith(b"HTTP/1.1 200")
        assert status(server) == 200  # a reader who does not read holds up nobody
        server.tell_to_stop()
        received = to_the_end(reader)
    assert received.count(b"Rex ") == 1500
    assert received.endswith(b"\r\n0\r\n\r\n")
    assert server.wait() == 0


def test_all_addresses_of_a_host_are_at_one_port():
    doors = _doors("localhost", 0, 1)
    try:
        assert len({door.getsockname()[1] for door in doors}) == 1
    finally:
        for door in doors:
            door.close()
