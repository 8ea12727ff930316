"""The key that signs cookies, in the data folder."""

import os
import secrets
from pathlib import Path


def secret_key(instance: Path) -> str:
    """The key that signs cookies: made at the first start, and readable by its owner only."""
    file = instance / "secret_key"
    try:
        if not file.exists():
            _make_key(file)
        key = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as problem:
        raise ValueError(
            f"{file} cannot be read or made ({problem.strerror}). Let Pets read it, and write to its folder."
        ) from problem
    if len(key) < 32 or not key.isascii():
        raise ValueError(f"{file} is damaged. Remove it and start again; everyone signs in again.")
    return key


def _make_key(file: Path) -> None:
    """Write a key aside and put it in place whole: other servers may be starting, and the power may fail.

    Whose key is there first, all of them use. (`replace` is for file systems that have no hard links.)
    """
    aside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_hex(32).encode())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            file.hardlink_to(aside)
        except FileExistsError:
            pass
        except OSError:
            aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
