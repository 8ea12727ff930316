"""The fields that admins add: what is declared of each, and the keys by which pets are found by them."""

import time
from datetime import datetime

from sqlalchemy import JSON, Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from pets.db import Base, Key, UTCDateTime, Words, db


class OwnField(Base):
    """One own field. It is never deleted, but retired: its facts and their history stay readable."""

    __tablename__ = "field"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # The highest tells one list of fields from another; see `next_version`.
    version: Mapped[int] = mapped_column(Key, unique=True)
    place: Mapped[int]  # in the order of the form
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    label: Mapped[str] = mapped_column(Words)
    label_key: Mapped[str] = mapped_column(Words, unique=True)  # folded: two labels that look alike are one
    kind: Mapped[str] = mapped_column(Words)  # see `fields.KINDS`
    hint: Mapped[str] = mapped_column(Words, default="")
    required: Mapped[bool] = mapped_column(default=False)  # of new pets
    listed: Mapped[bool] = mapped_column(default=False)  # whether the list has a column of it
    types: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # asked only of these
    choices: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # of a choice
    unit: Mapped[str] = mapped_column(Words, default="")  # of a number
    low: Mapped[str | None] = mapped_column(Words)  # of a number or a day: the lowest fact
    high: Mapped[str | None] = mapped_column(Words)
    digits: Mapped[bool] = mapped_column(default=True)  # of a code: 9 to 15 digits, else digits and letters
    unique_code: Mapped[bool] = mapped_column(default=True)  # of a code: whether no two pets have the same

    __table_args__ = ({"sqlite_autoincrement": True},)

    @classmethod
    def next_version(cls) -> int:
        """The version for a field that is written: higher than that of any, and never given before, not even
        in a register that a backup has since set back (so it counts milliseconds)."""
        highest = db.session.scalar(select(func.max(cls.version))) or 0
        return max(highest + 1, time.time_ns() // 1_000_000)


class PetKey(Base):
    """By what a pet is found, sorted and compared in one own field; written by the recorder alone.

    No foreign keys: thousands are written by one statement, in the flush that writes their pets.
    """

    __tablename__ = "pet_key"

    field_id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(Words, primary_key=True)
    name_key: Mapped[str] = mapped_column(Words, primary_key=True)  # the pet's
    pet_id: Mapped[int] = mapped_column(Key, primary_key=True)

    __table_args__ = (Index(None, "pet_id"), {"sqlite_with_rowid": False})
