"""Style sheets, scripts and pictures: read once at start, named by their content, cached for a year."""

import gzip
import hashlib
import mimetypes
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response, abort, request

from pets.web.permissions import may

# The content type is fixed here: what the machine's own tables say differs, on Windows above all.
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
YEAR = 31_536_000  # seconds


class Asset(NamedTuple):
    """A file as it is sent: its bytes, the same compressed where that is smaller, and its type."""

    plain: bytes
    packed: bytes | None
    kind: str


class Assets:
    """The files of `static/`: all style sheets as one, all scripts as one, each other file by itself.

    Their names carry a hash of their content, so that a browser may keep them for good.
    """

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, Asset] = {}
        self.names: dict[str, str] = {}
        # tokens.css declares the order of the layers, and so comes first.
        sheets = sorted(
            (folder / "css").glob("*.css"), key=lambda file: (file.name != "tokens.css", file.name)
        )
        self._add("pets.css", b"\n".join(file.read_bytes() for file in sheets))
        scripts = sorted((folder / "js").glob("*.js"))
        self._add("pets.js", b"\n".join(file.read_bytes() for file in scripts))
        for file in sorted(folder.iterdir()):
            if file.is_file():
                self._add(file.name, file.read_bytes())

    def _add(self, name: str, content: bytes) -> None:
        path = Path(name)
        hashed = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        packed = gzip.compress(content, mtime=0)
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.files[hashed] = Asset(content, packed if len(packed) < len(content) * 0.9 else None, kind)
        self.names[name] = hashed

    def address(self, name: str) -> str:
        """Where a file is found, below the site's root. Raises KeyError for a file that is not there."""
        return f"{request.script_root}/static/{self.names[name]}"

    def send(self, hashed: str) -> Response:
        """Answer with a file, or with 304 where the browser has it."""
        file = self.files.get(hashed)
        if file is None:
            abort(404)
        packed = file.packed if request.accept_encodings["gzip"] > 0 else None
        response = Response(packed or file.plain, content_type=file.kind)
        if file.packed:
            response.vary.add("Accept-Encoding")
        if packed:
            response.content_encoding = "gzip"
        response.set_etag(hashed + (".gz" if packed else ""))
        response.cache_control.public = True
        response.cache_control.max_age = YEAR
        response.cache_control.immutable = True
        response.make_conditional(request)
        return response


def init_app(app: Flask) -> None:
    """Read the files and serve them."""
    files = Assets(Path(app.root_path) / "static")
    app.add_url_rule("/static/<hashed>", "static", may("open")(partial(files.send)))
    app.add_template_global(files.address, "asset")
