"""A glance at the database: the same answer as the session's, and the same errors."""

import pytest
from sqlalchemy import bindparam, column, select, table
from sqlalchemy.exc import DBAPIError

from pets.db import db
from pets.glance import Glance
from pets.models import Pet

NAME = select(Pet.name, Pet.version).where(Pet.id == bindparam("pet_id"))


def test_a_glance_is_what_the_session_would_tell(rex, session):
    glance = Glance(lambda dialect: NAME)
    *told, _ = glance.ask(pet_id=rex.id)
    assert told == list(session.execute(NAME, {"pet_id": rex.id}).one()) == ["Rex", 1]
    assert glance.ask(pet_id=rex.id + 1) is None


def test_it_sees_what_was_saved_and_nothing_that_was_not(rex, session):
    glance = Glance(lambda dialect: NAME)
    session.get(Pet, rex.id).name = "Max"
    session.flush()
    assert glance.ask(pet_id=rex.id)[0] == "Rex"
    session.commit()
    assert glance.ask(pet_id=rex.id)[0] == "Max"


def test_it_fails_as_a_statement_of_the_session_does_and_keeps_no_connection(session):
    glance = Glance(lambda dialect: select(column("name")).select_from(table("nowhere")))
    for _ in range(20):  # more often than there are connections
        with pytest.raises(DBAPIError):
            glance.ask()
    assert not db.engine.pool.checkedout()
