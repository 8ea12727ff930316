"""Which files are named by what is saved or waits, and which can go."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, Text, cast as as_type, delete, or_, select, update

from pets import clock
from pets.changes.draft_line import DraftLine
from pets.db import db, write
from pets.fields import FIELDS
from pets.fields.field import Known, first_fact
from pets.fields.pictures import DIGEST
from pets.models.file import File

GRACE = timedelta(days=1)  # that a file which nothing names is kept: a form may be about to
_FIELDS = [name for name, field in FIELDS.items() if field.of_files]


def named_in(facts: Iterable[Known | None]) -> set[str]:
    """The digests of all files that these facts name."""
    texts = (first_fact(name, known) for known in facts for name in _FIELDS)
    return {digest for text in texts for digest in DIGEST.findall(text)}


def keep_for_good(connection: Connection, digests: set[str]) -> None:
    """Say of files that the history names them, so that they are never swept."""
    if digests:
        connection.execute(update(File).where(File.digest.in_(digests)).values(in_history=True))


def sweep_files() -> int:
    """Take away the files that no change and no draft names, a day after they were sent. Returns how many.

    A draft keeps its files, however old: its few lines that name any are read.
    """
    text = as_type(DraftLine.after, Text)
    lines = db.session.scalars(select(text).where(or_(*(text.like(f'%"{name}": "_%') for name in _FIELDS))))
    waiting = {digest for after in lines for digest in DIGEST.findall(after)}
    old = (~File.in_history, File.taken_at < clock.now() - GRACE, File.digest.not_in(waiting))
    return write(delete(File).where(*old))
