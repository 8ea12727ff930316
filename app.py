"""The application: settings, extensions, the blueprint, headers. Run as a program it serves the register."""

import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from flask import Flask, Response, request
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

import pets
from pets.backups.upgrade import begin_register
from pets.db import connection_settings
from pets.migrations import NotOurs
from pets.web import log
from pets.web.errors import in_words
from pets.web.proxies import Proxies, networks_in
from pets.web.secret_key import secret_key

# Every setting with its default; the environment overrides it, and what create_app is given overrides both.
SETTINGS = {
    "PETS_INSTANCE": "instance",
    "PETS_HOST": "127.0.0.1",
    "PETS_PORT": "5000",
    "PETS_DATABASE_URI": "",
    "PETS_BACKUPS": "",
    "PETS_BACKUPS_KEPT": "7 4 12",
    "PETS_THREADS": "4",
    "PETS_TIMEZONE": "",
    "PETS_SESSION_HOURS": "12",
    "PETS_TRUSTED_PROXIES": "0",
    "PETS_PROXY_ADDRESSES": "127.0.0.1, ::1",
    "PETS_PROXY_USER_HEADER": "",
    "PETS_ALLOWED_HOSTS": "",
    "PETS_LOG": "",
    "PETS_PATTERNS": "0",
}

BODY_LIMIT = 2_000_000  # bytes of a request

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class BadSetting(click.ClickException, ValueError):
    """A setting that makes no sense; the message says what it takes. Commands print it and nothing else."""


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make the application. Touches no database; `main` and the commands bring it up to date.

    `settings` overrides the environment's `PETS_…` settings and Flask's own (`TESTING`).
    Raises BadSetting for a setting that makes no sense, with a sentence saying what it takes.
    """
    given = {key: os.environ.get(key, default) for key, default in SETTINGS.items()} | {**(settings or {})}
    instance = _data_folder(given["PETS_INSTANCE"])
    app = Flask(__name__, instance_path=str(instance), static_folder=None)
    address = given["PETS_DATABASE_URI"] or URL.create("sqlite", database=str(instance / "pets.sqlite"))
    threads = _whole_number(given, "PETS_THREADS", 1, 64)
    with _told_as("PETS_DATABASE_URI: "):
        database = connection_settings(address, threads)
    with _told_as():
        key = secret_key(instance)
    app.config.update(
        {**given, **database, "PETS_BACKUPS_KEPT": _numbers(given["PETS_BACKUPS_KEPT"])},
        PETS_PORT=_whole_number(given, "PETS_PORT", 0, 65535),
        PETS_THREADS=threads,
        PETS_TIMEZONE=_time_zone(given["PETS_TIMEZONE"]),
        PETS_SESSION_HOURS=_whole_number(given, "PETS_SESSION_HOURS", 1, 168),
        PETS_TRUSTED_PROXIES=_whole_number(given, "PETS_TRUSTED_PROXIES", 0, 9),
        PETS_PATTERNS=_whole_number(given, "PETS_PATTERNS", 0, 1),
        SECRET_KEY=key,
        # Browsers send a cookie to every port of a host: two registers there must not take each other's.
        SESSION_COOKIE_NAME=f"pets-{hashlib.sha256(key.encode()).hexdigest()[:8]}",
        PERMANENT_SESSION_LIFETIME=timedelta(days=8),  # the server ends sessions earlier, by its own table
        TRUSTED_HOSTS=given["PETS_ALLOWED_HOSTS"].replace(",", " ").split() or None,
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch must not fail
    )
    app.extensions["pets-environment"] = {key: os.environ[key] for key in SETTINGS if os.environ.get(key)}
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    pets.init_app(app)
    app.after_request(_add_headers)
    _stand_behind_proxies(app)
    return app


def _stand_behind_proxies(app: Flask) -> None:
    count, header = app.config["PETS_TRUSTED_PROXIES"], app.config["PETS_PROXY_USER_HEADER"]
    if header and not (count and re.fullmatch("[A-Za-z][A-Za-z0-9-]{0,99}", header)):
        raise BadSetting(
            f"PETS_PROXY_USER_HEADER is {header[:20]!r}. Set it to a header such as X-Remote-User, and "
            "PETS_TRUSTED_PROXIES to the number of proxies."
        )
    with _told_as("PETS_PROXY_ADDRESSES: "):
        networks = networks_in(app.config["PETS_PROXY_ADDRESSES"])
    if count:
        app.wsgi_app = Proxies(app.wsgi_app, count, networks, header)  # type: ignore[method-assign]


@contextmanager
def _told_as(before: str = "") -> Iterator[None]:
    try:
        yield
    except ValueError as problem:
        raise BadSetting(f"{before}{problem}") from problem


def _data_folder(path: str) -> Path:
    folder = Path(path).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise BadSetting(
            f"PETS_INSTANCE is {str(folder)!r}, and no folder can be there ({problem.strerror}). "
            "Set it to a folder that you may write to."
        ) from problem
    return folder


def _whole_number(given: Mapping[str, Any], key: str, least: int, most: int) -> int:
    text = str(given[key])
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise BadSetting(f"{key} is {text[:20]!r}. Set it to a whole number from {least} to {most}.")
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    found = re.fullmatch(r" *([0-9]{1,3})[ ,]+([0-9]{1,3})[ ,]+([0-9]{1,3}) *", text, re.ASCII)
    if not found:
        raise BadSetting(
            f"PETS_BACKUPS_KEPT is {text[:20]!r}. Set it to days, weeks and months, such as 7 4 12."
        )
    return tuple(int(number) for number in found.groups())


def _time_zone(name: str) -> str:
    try:
        return name and ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(f"PETS_TIMEZONE is {name!r}. Set it to a zone such as Europe/Prague.") from None


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _begin_log(file: str) -> None:
    try:
        log.begin(file)
    except OSError as problem:
        raise BadSetting(
            f"PETS_LOG is {file!r}, and cannot be written ({problem.strerror}). "
            "Set it to a file in a folder that you may write to."
        ) from problem


def _address(app: Flask, port: int) -> str:
    """Where the site is opened: at the name that it answers to, behind a proxy at the proxy's."""
    from pets.server import reached_at

    host, names = reached_at(app.config["PETS_HOST"]), app.config["TRUSTED_HOSTS"]
    if names and app.config["PETS_TRUSTED_PROXIES"]:
        return f"https://{names[0]}"
    name = names[0] if names else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


@contextmanager
def _or_exit(app: Flask) -> Iterator[None]:
    """Within the app's context, end the program with a sentence where the register cannot be served."""
    with app.app_context():
        try:
            yield
        except NotOurs as problem:
            sys.exit(str(problem))
        except DBAPIError as problem:
            sys.exit(in_words(problem))


def main() -> None:
    """Bring the database up to date and serve until told to stop."""
    from pets.backups.nightly import Nightly
    from pets.server import Server  # and with it waitress, which no command needs

    try:
        app = create_app()
        _begin_log(app.config["PETS_LOG"])
    except BadSetting as problem:
        sys.exit(str(problem))
    with _or_exit(app):
        pets.take()
        begin_register()
    try:
        server = Server(app)
    except OSError as problem:
        sys.exit(
            f"{app.config['PETS_HOST']}, port {app.config['PETS_PORT']}, cannot be listened at "
            f"({problem.strerror}). Set PETS_PORT or PETS_HOST to another."
        )
    with _or_exit(app):  # only now: a server that cannot listen must take nothing from the one that does
        pets.sweep()
        setup = pets.setup_link()
    address = _address(app, server.port)
    print(f"Pets is running. Open {address}/ in a browser.", flush=True)
    if (
        app.config["PETS_HOST"] not in ("127.0.0.1", "::1", "localhost")
        and not app.config["PETS_TRUSTED_PROXIES"]
    ):
        print("Passwords travel in the clear on this network; the README says how to use HTTPS.", flush=True)
    if setup:
        print(f"There are no accounts yet. Create the first one here: {address}{setup}", flush=True)
    Nightly(app).start()
    try:
        server.run()
    finally:
        pets.close(app)


if __name__ == "__main__":
    main()
