"""Hearing what is sent to a database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event

from pets.db import db
from pets.glance import Glance


@contextmanager
def listening(app: Flask, hear: Callable[[str, object], None]) -> Iterator[None]:
    """Call `hear(statement, parameters)` for all that is sent to the app's database, glances too."""
    ask = Glance.ask

    def glance(self, **values):
        statement, bound = self.statement(db.engine.dialect)
        hear(statement, {**bound, **values})
        return ask(self, **values)

    def execute(connection, cursor, statement, parameters, *rest):
        hear(statement, parameters)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", execute)
    with patch.object(Glance, "ask", glance):
        yield
    event.remove(engine, "before_cursor_execute", execute)
