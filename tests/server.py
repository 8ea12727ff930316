"""The real server, `python app.py`, in a process of its own: to be browsed, loaded, and killed."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Server:
    """`with Server(PETS_INSTANCE=…) as server:` answers at `server.url`. Stopped, it can be started again.

    `before`: what its process does before it becomes the server.
    """

    def __init__(self, before: Callable[[], None] | None = None, **settings: str):
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings, self._before = settings, before
        self._output = Path(settings["PETS_INSTANCE"]).with_suffix(".log")
        self._process: subprocess.Popen | None = None

    def begins(self) -> bool:
        """Start it, and say whether it serves."""
        try:
            self.start()
        except AssertionError:
            return False
        return True

    def start(self) -> "Server":
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PETS_", "FLASK_"))}
        mine = {"PETS_HOST": "127.0.0.1", "PETS_PORT": str(self.port), **self.settings}
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, ROOT / "app.py"],
                env=own | mine,
                cwd=ROOT,
                stdout=output,
                stderr=output,
                preexec_fn=self._before,
            )
        deadline = time.monotonic() + 120
        while not self._answers():
            gone = self._process.poll() is not None
            if gone or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(
                    f"The server {'went away' if gone else 'does not answer'}:\n{self.output}"
                )
            time.sleep(0.02)
        return self

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """End it as `systemctl stop` would, and wait until it is gone."""
        if self._process:
            self.tell_to_stop()
            self.wait()

    def tell_to_stop(self) -> None:
        self._process.terminate()

    def wait(self) -> int:
        """Wait until it is gone; its exit status."""
        return self._process.wait(15)

    def kill(self) -> None:
        """End it as a power cut would: at once, in the middle of anything."""
        if self._process:
            self._process.kill()
            self._process.wait(15)

    __enter__ = start

    def __exit__(self, *error) -> None:
        self.kill()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
