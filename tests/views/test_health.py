"""Whether all is well: what a monitor is told, and what admins read."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from pets.db import db


def test_a_monitor_is_told_without_a_session(stranger, statements):
    statements.clear()
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert len([one for one in statements if "alembic_version" in one]) == 1
    assert "Set-Cookie" not in answer.headers
    assert not [one for one in statements if "sign_in" in one]
    assert stranger.head("/healthz").status_code == 200


def test_a_register_of_another_version_is_no_good(registers):
    with registers.open(TESTING=False) as app:
        with app.app_context():
            db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
            db.session.commit()
        answer = app.test_client(name="stranger").get("/healthz")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("what", ["removed", "emptied"])
def test_a_register_that_is_gone_is_no_good(registers, what):
    with registers.open(TESTING=False) as app:
        stranger = app.test_client(name="stranger")
        assert stranger.get("/healthz").status_code == 200
        with app.app_context():
            file = db.engine.url.database
        if what == "removed":
            Path(file).rename(file + ".away")
        else:
            with sqlite3.connect(file) as connection:
                connection.execute("DROP TABLE alembic_version")
            connection.close()
        answer = stranger.get("/healthz")
        assert answer.status_code == 503
        assert "register" in answer.page.text
