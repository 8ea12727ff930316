"""The log: one line of JSON for each event, on standard error and, where `PETS_LOG` says so, in a file too.

Nothing that somebody typed is in it, and no name: who asked is told by the number of their account.
"""

import json
import logging
import secrets
import sys
import threading
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from flask import g, has_request_context, request

SIZE, OLD_ONES = 5_000_000, 5  # bytes of the file until another is begun, and how many full ones are kept


def request_id() -> str:
    """What the request under way is called, in the log and on the page that tells of an error."""
    number: str = g.setdefault("request_id", secrets.token_hex(4))
    return number


class JsonLines(logging.Formatter):
    """One object of JSON on one line for each event, in which no text from outside can forge another."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record: when, what, and during which request."""
        event = getattr(record, "event", None)
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "from": record.name,
            **({"event": event} if event else {"message": record.getMessage()}),
            **(_asked() if has_request_context() else {}),
        }
        if record.exc_info:
            line["errors"] = list(_errors(record.exc_info[1]))
        return json.dumps(line).replace("\x7f", "\\u007f")


def _asked() -> dict[str, Any]:
    """By whom, as a number, and for which page; an address that leads nowhere may say anything."""
    person = g.get("_login_user")
    return {
        "request": request_id(),
        "address": request.remote_addr,
        "account": getattr(person, "id", None),
        "method": request.method if request.url_rule else None,
        "path": request.path if request.url_rule else None,
    }


def _errors(problem: BaseException | None) -> Any:
    """An error and what caused it: kinds and places. Their words may quote what somebody typed."""
    while problem is not None:
        trace, places = problem.__traceback__, []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_qualname}")
            trace = trace.tb_next
        kind = f"{type(problem).__module__}.{type(problem).__qualname__}"
        codes = (getattr(problem, name, None) for name in ("sqlstate", "sqlite_errorname", "strerror"))
        yield {"error": kind, "code": next(filter(None, codes), None), "at": places}
        problem = problem.__cause__ or problem.__context__


class LogFile(RotatingFileHandler):
    """A file of a few megabytes, its owner's only, and some full ones before it."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(0o600)
        return super()._open()


def begin(file: str) -> None:
    """Write what is logged from here on, warnings and errors of threads too; also to `file`, where it is not
    empty. Raises OSError where that cannot be written."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if file:
        handlers.append(LogFile(file, maxBytes=SIZE, backupCount=OLD_ONES, encoding="ascii"))
    for handler in handlers:
        handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    logging.raiseExceptions = False  # a log that is full or gone is no reason to write anything else
    logging.captureWarnings(True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits its turn
    threading.excepthook = lambda what: logging.getLogger("pets").critical(
        "a thread ended", exc_info=(what.exc_type, what.exc_value or what.exc_type(), what.exc_traceback)
    )
    sys.unraisablehook = lambda what: logging.getLogger("pets").error(
        "an error that nobody could catch",
        exc_info=(what.exc_type, what.exc_value or what.exc_type(), what.exc_traceback),
    )
