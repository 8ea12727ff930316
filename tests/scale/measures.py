"""What is measured: each function takes the scales, the smallest register first, and gives the lines of a
table."""

import random
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from urllib.parse import quote, urlencode

from pets.search.listing import cursor
from pets.search.sorts import SORTS
from tests.pages import Page
from tests.scale.client import Client, alternately, cpu, percentile, rates
from tests.scale.own import chip
from tests.scale.peers import Django
from tests.scale.seed import NEEDLE, signed_in
from tests.server import Server

WRITERS, THREADS = 8, 4
LIST = "/pets/"
GROWING = {  # what: address, goal for the largest register beside the smallest
    "home": ("/", 2),
    "list": (LIST, 1.25),
    "list with own fields": ("/pets/?columns=name,type,own.1,own.5,own.7", 1.25),
    "last page": ("last", 1.25),
    "a pet’s page": ("/pets/42", 1.25),
    "search, one hit": (f"/pets/?q={NEEDLE.lower()}", 1.5),
    "search, half of all": ("/pets/?q=dog", 1.5),
    "search, 1 in 75 (one row, then 25)": ("/pets/?q=bella", 1.5),
    "search, no hit": ("/pets/?q=xyzzy", 1.5),
    "search, one slip": ("/pets/?q=marshmalow", 2),
    "search, plural of a type": ("/pets/?q=dogs", 1.5),
    "one letter": ("/pets/?q=b", 1.5),
    "two letters": ("/pets/?q=be", 3),
    "filter by type": ("/pets/?type=dog", 1.5),
    "filter by age": ("/pets/?min_age=10", 1.5),
    "sort by type": ("/pets/?sort=type", 1.5),
    "sort by name, backwards": ("/pets/?sort=-name", 1.5),
    "sort by age": ("/pets/?sort=age", 1.5),
    "filter by an own field": ("/pets/?own.1=female", 1.5),
    "filter by two": ("/pets/?own.1=female&own.2=no", 1.5),
    "filter by a range": ("/pets/?own.5.from=20&own.5.to=30", 1.5),
    "filter by a narrow range": ("/pets/?own.6.from=2024-05-01&own.6.to=2024-05-02", 1.5),
    "sort by an own field": ("/pets/?sort=own.6", 1.5),
    "filter and sort by own fields": ("/pets/?own.3=tabby&own.5.from=5&sort=-own.6", 1.5),
    "a code": (f"/pets/?own.4={chip(42)}", 1.5),
    "six digits of a code": (f"/pets/?q={chip(42)[-6:]}", 1.5),
    "part of a line": ("/pets/?own.7=welsh", 1.5),
    "a pet by its number": ("/pets/?q=number+42", 1.5),
    "history": ("/history", 1.25),
    "history of a person": ("/history?who=Edith", 1.25),
    "history of a pet": ("/history?pet=42", 1.25),
    "history of a day": ("/history?day=2024-01-01", 1.25),
    "history, only edits": ("/history?kind=changed", 1.25),
    "one changeset": ("/history/2", 1.25),
}


def speed(scales, quick) -> Iterator[str]:
    """Requests a second of the list: ours, the floor's and Django's; and what ours costs the processor."""
    yield "| list, 4 connections | ours, signed in | raw floor | raw ÷ ours | Django admin | ours ÷ Django |"
    yield "|---|---|---|---|---|---|"
    for site, floor, django in scales:
        asks = (site, LIST), (floor, floor.path), (django, django.path)
        before = cpu(site.server.pid)
        (ours, raw, theirs), done = rates(asks, 1, 3 if quick else 9)
        cost = (cpu(site.server.pid) - before) / done[0] * 1000
        told = f"{ours:.0f}/s, {cost:.2f} ms of a processor | {raw:.0f}/s | {raw / ours:.2f}"
        yield f"| {site.pets:,} pets | {told} | {theirs:.1f}/s | {ours / theirs:.0f} × |"


def growth(scales, quick) -> Iterator[str]:
    """One request alone, at each size."""
    sites = [scale.site for scale in scales]
    sizes = " | ".join(f"{site.pets:,}" for site in sites)
    yield f"| ms, one request alone | {sizes} | growth | goal |"
    yield "|---|" + "---|" * (len(sites) + 2)
    clients = [Client(site.url, site.cookie) for site in sites]
    for what, (path, goal) in GROWING.items():
        paths = [_last_page(site.instance) if path == "last" else path for site in sites]
        asks = [
            lambda client=client, path=path: _ok(client.get(path))
            for client, path in zip(clients, paths, strict=True)
        ]
        times = alternately(asks, 40 if quick else 150)
        ms = " | ".join(f"{took * 1000:.2f}" for took in times)
        yield f"| {what} | {ms} | {times[-1] / times[0]:.2f} × | {goal} × |"


def weight(scales, quick) -> Iterator[str]:
    """What a browser is sent."""
    site = scales[-1].site
    client = Client(site.url, site.cookie)
    answer = client.get(LIST)
    page = Page(answer.body.decode(), LIST)
    files = [node["href"] for node in page.select("link[rel=stylesheet]")]
    files += [node["src"] for node in page.select("script[src]")]
    sent = [client.get(path, "Accept-Encoding: gzip\r\n") for path in files]
    kept = all("immutable" in one.headers.get("cache-control", "") and "etag" in one.headers for one in sent)
    yield "| weight | measured | goal |"
    yield "|---|---|---|"
    yield f"| list of 25, HTML | {len(answer.body) / 1024:.1f} KiB | ≤ 12 KiB |"
    yield f"| all CSS and JS, compressed | {sum(len(one.body) for one in sent) / 1024:.1f} KiB | ≤ 20 KiB |"
    yield f"| kept for a year under a hashed name, with ETag | {'yes' if kept else 'no'} | yes |"


def export(scales, quick) -> Iterator[str]:
    """All pets as CSV."""
    site, floor, _ = scales[-1]
    before = _memory(site.server)
    ours, raw, first = [], [], []
    for _ in range(1 if quick else 3):
        answer = Client(site.url, site.cookie).get("/pets.csv")
        ours.append(answer.took)
        first.append(answer.first)
        raw.append(Client(floor.url).get("/pets.csv").took)
    yield f"| CSV of {site.pets:,} | measured | goal |"
    yield "|---|---|---|"
    ratio = median(ours) / median(raw)
    yield f"| time | {median(ours):.1f} s; raw loop {median(raw):.1f} s: {ratio:.2f} × | ≤ 2 × |"
    yield f"| first byte | {median(first) * 1000:.0f} ms | ≤ 50 ms |"
    yield f"| memory | + {_memory(site.server) - before:.0f} MiB | ≤ 40 MiB |"


def writing(scales, quick) -> Iterator[str]:
    """Eight people who save, and one who reads beside them; on copies."""
    seconds = 4 if quick else 15
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        instance = Path(folder) / "register"
        shutil.copytree(scales[1].site.instance, instance)
        cookie, token = signed_in(instance)
        server = stack.enter_context(Server(PETS_INSTANCE=str(instance)))
        register = instance / "pets.sqlite"
        djangos = Django(stack, register, instance), Django(stack, register, instance, "history")
        quiet = _reading(server.url, cookie, seconds / 2)
        with _saving([(_save, server.url, cookie, token, 100)]):
            beside = _reading(server.url, cookie, seconds / 2)
        groups = [
            ([], 303, [(_save, server.url, cookie, token, 1000 + who) for who in range(WRITERS)]),
            *(([], 302, [(_save_there, django, 1000 + who) for who in range(WRITERS)]) for django in djangos),
        ]
        for _ in range(3):  # in turn
            for saves, _, people in groups:
                with _saving(people) as made:
                    time.sleep(seconds / 3)
                saves += made
    yield "| writing, with history | measured | goal |"
    yield "|---|---|---|"
    (ours, words), *theirs = (_told(saves, seconds, done) for saves, done, _ in groups)
    yield f"| {WRITERS} writers over HTTP | {words} | 0 errors, p99 ≤ 150 ms |"
    admins = (
        "Django’s admin, which logs the fields’ names",
        "with django-simple-history, which keeps versions",
    )
    for admin, (rate, words) in zip(admins, theirs, strict=True):
        yield f"| {admin} | {words}: ours {ours / rate:.2f} × | ≥ 1.5 × |"
    alone, both = (percentile(times, 0.99) * 1000 for times in (quiet, beside))
    seen = f"{both:.1f} ms; alone {alone:.1f} ms: {both / alone:.1f} ×"
    yield f"| reading beside a busy writer, p99 | {seen} | ≤ 3 × |"


def start(scales, quick) -> Iterator[str]:
    """From starting the process to its first answer."""
    site, took = scales[-1].site, []
    for _ in range(3 if quick else 5):
        site.server.stop()
        began = time.perf_counter()
        site.server.start()
        _ok(Client(site.url, site.cookie).get(LIST))
        took.append(time.perf_counter() - began)
    yield f"Start to the first answer with {site.pets:,} pets: {median(took):.2f} s (goal ≤ 1 s)."


ALL = (speed, growth, weight, export, writing, start)


def _ok(answer) -> None:
    assert answer.status == 200, answer.status


def _reading(url: str, cookie: str, seconds: float) -> list[float]:
    client, times, until = Client(url, cookie), [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        times.append(client.get(LIST).took)
    return times


@contextmanager
def _saving(people: list) -> Iterator[list]:
    """Let people save over and over, until the block ends; their (status, seconds)."""
    made: list = []
    stop = threading.Event()
    threads = [threading.Thread(target=save, args=(*how, made, stop)) for save, *how in people]
    for thread in threads:
        thread.start()
    yield made
    stop.set()
    for thread in threads:
        thread.join()


def _save(url: str, cookie: str, token: str, pet: int, saves: list, stop: threading.Event) -> None:
    """Edit one pet over and over, each time from the version that the save before made."""
    client = Client(url, cookie)
    page = Page(client.get(f"/pets/{pet}/edit").body.decode(), f"/pets/{pet}/edit")
    fields = {**page.form().fields, "csrf_token": token, "age": ""}
    version, chance = int(fields["version"]), random.Random(pet)
    while not stop.is_set():
        fields |= {"version": str(version), "notes": f"seen {version} {chance.random()}"}
        answer = client.post(f"/pets/{pet}/edit", urlencode(fields).encode())
        saves.append((answer.status, answer.took))
        version += 1


def _save_there(django: Django, pet: int, saves: list, stop: threading.Event) -> None:
    """The same in Django's admin."""
    client, path, chance = (
        Client(django.url, django.cookie),
        f"{django.path}{pet}/change/",
        random.Random(pet),
    )
    fields = django.form(client.get(path).body.decode())
    while not stop.is_set():
        answer = client.post(path, urlencode({**fields, "notes": f"seen {chance.random()}"}).encode())
        saves.append((answer.status, answer.took))


def _told(saves: list, seconds: float, done: int) -> tuple[float, str]:
    """Saves a second; and in words, with errors (what is not answered by the status `done`), and how long a
    save took."""
    times = [took for status, took in saves if status == done]
    rate, errors = len(times) / seconds, len(saves) - len(times)
    p50, p99 = (percentile(times, part) * 1000 for part in (0.5, 0.99))
    return rate, f"{rate:.0f} saves/s, {errors} errors, median {p50:.0f} ms, p99 {p99:.0f} ms"


def _last_page(instance: Path) -> str:
    with closing(sqlite3.connect(instance / "pets.sqlite")) as register:
        key = register.execute(
            "SELECT name_key, id FROM pet ORDER BY name_key DESC, id DESC LIMIT 1 OFFSET 25"
        ).fetchone()
    place = cursor(SimpleNamespace(name_key=key[0], id=key[1]), SORTS["name"].key)
    return f"/pets/?after={quote(place)}"


def _memory(server: Server) -> float:
    """The most that the server's process has held so far, in MiB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def sqlite_version() -> str:
    return sqlite3.sqlite_version
