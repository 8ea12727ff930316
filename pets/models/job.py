"""How far jobs have come, kept where every process of the server can read it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Engine, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words
from pets.language import SOURCE, speaking

LOST = timedelta(seconds=60)  # without a report: its process is gone, and nothing of it was saved
KEPT = timedelta(days=1)


class Progress(Base):
    """One job. SQLite, which has one writer and one process, keeps it in memory alone.

    It is read and written on connections of its own, beside the one on which the job is done.
    """

    __tablename__ = "work"

    id: Mapped[str] = mapped_column(Words, primary_key=True)  # random: it stands in an address
    account_id: Mapped[int] = mapped_column(Key)  # no foreign key: it is written beside what it is about
    title: Mapped[str] = mapped_column(Words)
    about: Mapped[str] = mapped_column(Words)
    total: Mapped[int]
    done: Mapped[int]
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @classmethod
    def add(cls, engine: Engine, title: str, **job: Any) -> None:
        """Tell that a job is queued, its title in English; forget those of yesterday."""
        with speaking(SOURCE), engine.begin() as connection:
            connection.execute(delete(cls).where(cls.reported_at < clock.now() - KEPT))
            connection.execute(insert(cls).values(**job, title=str(title), done=0, reported_at=clock.now()))

    @classmethod
    def report(cls, engine: Engine, number: str, done: int, outcome: dict[str, Any] | None) -> None:
        """Tell how far a job has come, or how it ended."""
        values = {"done": done, "reported_at": clock.now(), "outcome": outcome}
        with engine.begin() as connection:
            connection.execute(update(cls).where(cls.id == number).values(values))

    @classmethod
    def known(cls, engine: Engine) -> list[dict[str, Any]]:
        """The jobs of all processes: those that ended lately, and those that are not lost."""
        query = select(cls.id, cls.account_id, cls.title, cls.about, cls.total, cls.done, cls.outcome)
        with engine.connect() as connection:
            rows = connection.execute(
                query.where(cls.outcome.is_not(None) | (cls.reported_at > clock.now() - LOST))
            )
            return [dict(row) for row in rows.mappings()]
