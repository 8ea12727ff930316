"""A client that costs little beside what it measures: plain sockets, kept open, answers read to their end."""

import os
import socket
import threading
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    first: float  # seconds until the first byte
    took: float  # seconds until the last


class Client:
    """One connection to a server, with a cookie; like a browser, it takes the new one that a page brings."""

    def __init__(self, url: str, cookie: str = ""):
        self._address = url.removeprefix("http://").partition(":")
        self._host, self._cookie = url.removeprefix("http://"), cookie
        self._connect()

    @property
    def _head(self) -> str:
        return f"Host: {self._host}\r\n" + (f"Cookie: {self._cookie}\r\n" if self._cookie else "")

    def _connect(self) -> None:
        host, _, port = self._address
        self._socket = socket.create_connection((host, int(port)), 120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, extra: str = "") -> Answer:
        answer = self._send(f"GET {path} HTTP/1.1\r\n{self._head}{extra}\r\n".encode())
        fresh = answer.headers.get("set-cookie", "").strip().partition(";")[0]
        if ";" not in self._cookie and fresh.partition("=")[0] == self._cookie.partition("=")[0]:
            self._cookie = fresh  # of several, only one would be replaced
        return answer

    def post(self, path: str, body: bytes) -> Answer:
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return self._send(f"POST {path} HTTP/1.1\r\n{self._head}{kind}\r\n".encode() + body)

    def _send(self, request: bytes) -> Answer:
        began = time.perf_counter()
        self._socket.sendall(request)
        received = self._socket.recv(65536)
        first = time.perf_counter() - began
        while b"\r\n\r\n" not in received:
            received += self._socket.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        if "content-length" in headers:
            body = self._read(body, int(headers["content-length"]))
        else:
            body = self._read_to_end(body, headers.get("transfer-encoding") == "chunked")
        if headers.get("connection", "").lower() == "close":
            self._socket.close()
            self._connect()
        return Answer(int(status.split()[1]), headers, body, first, time.perf_counter() - began)

    def _read(self, body: bytes, size: int) -> bytes:
        parts, there = [body], len(body)
        while there < size:
            parts.append(self._socket.recv(65536))
            there += len(parts[-1])
        return b"".join(parts)

    def _read_to_end(self, body: bytes, chunked: bool) -> bytes:
        """Of a stream only its end is kept: it may be larger than what a test should hold."""
        tail = body
        while not (chunked and tail.endswith(b"\r\n0\r\n\r\n")):
            part = self._socket.recv(262144)
            if not part:
                break
            tail = (tail + part)[-4096:]
        return tail


def alternately(asks: list, rounds: int) -> list[float]:
    """The median seconds of each of several things to do, done in turn so that all meet the same noise."""
    times: list[list[float]] = [[] for _ in asks]
    for number in range(rounds + 3):
        for ask, own in zip(asks, times, strict=True):
            began = time.perf_counter()
            ask()
            if number >= 3:  # the first ones warm up
                own.append(time.perf_counter() - began)
    return [median(own) for own in times]


def rates(asks: tuple, seconds: float, rounds: int, connections: int = 4) -> tuple[list[float], list[int]]:
    """The median of requests per second of each of several (peer, path), in turn; and the total."""
    found: list[list[int]] = [[] for _ in asks]
    for _ in range(rounds):
        for (peer, path), own in zip(asks, found, strict=True):
            own.append(_asked(peer, path, seconds, connections))
    return [median(own) / seconds for own in found], [sum(own) for own in found]


def _asked(peer, path: str, seconds: float, connections: int) -> int:
    done, until = [0] * connections, time.perf_counter() + seconds

    def ask(number: int) -> None:
        client = Client(peer.url, peer.cookie)
        while time.perf_counter() < until:
            assert client.get(path).status == 200, path
            done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def cpu(pid: int) -> float:
    """The seconds of processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]
