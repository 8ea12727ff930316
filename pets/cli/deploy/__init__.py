"""What other programs need to run Pets: a unit of systemd, a task of Windows, a site of a proxy."""

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from string import Template

import click
from flask import Flask, current_app
from sqlalchemy import make_url

from pets.backups.restore import COMMAND
from pets.cli.group import pets
from pets.migrations import FOLDER
from pets.web.bodies import MANY_FILES_LIMIT

TEXTS = Path(__file__).parent
ROOT = FOLDER.parent.parent
MOUNTS = [Path(place) for place in ("/media", "/mnt", "/run/media", "/srv")]
UNDER = re.compile("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


@pets.command(
    section="Running it",
    examples={
        "service systemd > pets.service": "The unit for Linux, with the settings of this terminal.",
        "service nginx --under /pets": "A site of nginx with Pets at https://your.host/pets/.",
    },
)
@click.argument(
    "kind",
    type=click.Choice(["systemd", "windows", "nginx", "caddy"]),
    default="windows" if sys.platform == "win32" else "systemd",
)
@click.option("--under", metavar="PATH", default="", help="For a proxy: the path of the site, such as /pets.")
def service(kind: str, under: str) -> None:
    """Print what systemd, Windows, nginx or Caddy need to run Pets. It has the settings of this terminal."""
    under = under.rstrip("/")
    if not UNDER.fullmatch(under):
        raise click.ClickException("Give a path of letters and digits, such as --under /pets.")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    text = Template((TEXTS / f"{kind}.txt").read_text("utf-8"))
    if kind == "systemd":
        facts = _unit(app)
    elif kind == "windows":
        facts = _task(app)
    else:
        facts = _site(app, kind, under)
    click.echo(text.substitute(facts), nl=False)


def _unit(app: Flask) -> dict[str, str]:
    """How systemd starts the program: where it is, as whom it runs, with which settings."""
    python, user = str(Path(sys.executable).absolute()), _owner(Path(app.instance_path))
    folders, second = _written(app), _second(app)
    writable = [*folders, *map(_around, second)]
    missing = shlex.join(str(folder) for folder in folders + second if not folder.exists())
    return {
        "root": str(ROOT).replace("%", "%%"),
        "run": f"{_systemd_quoted(python)} {_systemd_quoted(str(ROOT / 'app.py'))}",
        "instance": shlex.quote(app.instance_path),
        "user": user,
        "writable": " ".join(_systemd_quoted(f"-{folder}") for folder in dict.fromkeys(writable)),
        "missing": f"#   sudo mkdir -p {missing}; sudo chown {user}: {missing}\n" if missing else "",
        "settings": "\n".join(_settings(app, _systemd_line)),
        "typed": shlex.join(f"{name}={value}" for name, value in _made(app).items()),
        "command": COMMAND,
    }


def _task(app: Flask) -> dict[str, str]:
    """How Windows starts it. What a person has installed or unpacked, other accounts may not even read."""
    python = str(Path(sys.executable).absolute())
    read, written = [str(ROOT), sys.base_prefix], [*_written(app), *_second(app)]
    rights = [f"icacls {_windows_quoted(folder)} /grant '*S-1-5-19:(OI)(CI)RX'" for folder in read]
    for folder in map(_windows_quoted, map(str, written)):
        rights.append(f"New-Item -ItemType Directory -Force {folder} | Out-Null")
        rights.append(f"icacls {folder} /grant '*S-1-5-19:(OI)(CI)M'")
    return {
        "root": _windows_quoted(str(ROOT)),
        "python": _windows_quoted(python),
        "rights": "\n".join(dict.fromkeys(rights)),
        "port": str(app.config["PETS_PORT"]),
        "settings": "\n".join(_settings(app, _windows_line)),
    }


def _made(app: Flask) -> dict[str, str]:
    """The settings that are made now, without any that holds a password: everybody could read that."""
    made = {**app.extensions["pets-environment"], "PETS_INSTANCE": app.instance_path}
    return {name: value for name, value in made.items() if not _is_secret(name, value)}


def _is_secret(name: str, value: str) -> bool:
    return name.endswith("_URI") and bool(make_url(value).password)


def _settings(app: Flask, line: Callable[[str, str], str]) -> list[str]:
    secret = [name for name, value in app.extensions["pets-environment"].items() if _is_secret(name, value)]
    lines = [line(name, value) for name, value in _made(app).items()]
    return [*lines, *(f"# Not here, since it holds a password: {name}" for name in secret)]


def _systemd_line(name: str, value: str) -> str:
    return f"Environment={_systemd_quoted(f'{name}={value}')}"


def _systemd_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _windows_line(name: str, value: str) -> str:
    return f"[Environment]::SetEnvironmentVariable('{name}', {_windows_quoted(value)}, 'Machine')"


def _windows_quoted(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def _written(app: Flask) -> list[Path]:
    """The folders that the server writes to, beside the second one for backups."""
    url, log = make_url(app.config["SQLALCHEMY_DATABASE_URI"]), app.config["PETS_LOG"]
    files = [url.database if url.get_backend_name() == "sqlite" else "", log]
    return [Path(app.instance_path), *(Path(file).absolute().parent for file in files if file)]


def _second(app: Flask) -> list[Path]:
    return [Path(folder).absolute() for folder in [app.config["PETS_BACKUPS"]] if folder]


def _around(folder: Path) -> Path:
    """Where disks come and go, for a folder there: allowed by itself it would be a mount of the service's
    own, and with its disk unplugged, backups would go on into what nobody sees."""
    return next((place for place in MOUNTS if folder.is_relative_to(place)), folder)


def _owner(folder: Path) -> str:
    """Whose the data folder is; for root, who runs no service, an account to be made for it."""
    try:
        owner = folder.owner()
    except (KeyError, NotImplementedError):
        owner = "pets"
    return "pets" if owner == "root" else owner


def _site(app: Flask, kind: str, under: str) -> dict[str, str]:
    """How a proxy hands on what is asked of it."""
    names, header = app.config["TRUSTED_HOSTS"] or ["pets.example.org"], app.config["PETS_PROXY_USER_HEADER"]
    texts = {
        "nginx": {
            "slash": "/" if under else "",
            "user": "        # Needs auth_basic here, or another way to sign in.\n"
            f"        proxy_set_header {header} $remote_user;\n",
        },
        "caddy": {
            "handle": f"handle_path {under}/*" if under else "handle",
            "redirect": f"    redir {under} {under}/\n" if under else "",
            "user": "            # Needs basicauth above reverse_proxy, or another way to sign in.\n"
            f"            header_up {header} {{http.auth.user.id}}\n",
        },
    }[kind]
    return {
        "name": names[0].removeprefix("."),
        "port": str(app.config["PETS_PORT"] or 5000),
        "under": under,
        "megabytes": str(MANY_FILES_LIMIT * 2 // 1_000_000),
        **texts,
        "user": texts["user"] if header else "",
    }
