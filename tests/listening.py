"""Hearing what is sent to a database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from pets.db import db


@contextmanager
def listening(app: Flask, hear: Callable[[str, object], None]) -> Iterator[None]:
    """Call `hear(statement, parameters)` for all that is sent to the app's database."""

    def execute(connection, cursor, statement, parameters, *rest):
        hear(statement, parameters)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", execute)
    yield
    event.remove(engine, "before_cursor_execute", execute)
