"""How far long work has come, kept where every process of the server can read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from pets.db import Base, Key, UTCDateTime, Words


class Progress(Base):
    """One piece of long work. SQLite, which has one writer and one process, keeps it in memory instead."""

    __tablename__ = "work"

    id: Mapped[str] = mapped_column(Words, primary_key=True)  # random: it stands in an address
    account_id: Mapped[int] = mapped_column(Key)  # no foreign key: it is written beside what it is about
    title: Mapped[str] = mapped_column(Words)
    about: Mapped[str] = mapped_column(Words)
    total: Mapped[int]
    done: Mapped[int]
    # Work that has not reported for a while was lost with its process.
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
