"""The fields that admins add: what is declared of each, and the keys by which pets are found by them."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from flask import has_app_context
from sqlalchemy import JSON, Connection, Engine, Index, Select, event, func, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words, db, snapshot
from pets.fields import BUILT_IN, BUILT_IN_ALONE
from pets.fields.catalogue import Catalogue, looked_up_by, use
from pets.fields.own import own_fields
from pets.fields.text import plain

FORMER = 200  # words that choices of one field were called before, at most


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
    kind: Mapped[str] = mapped_column(Words)  # see `KINDS` of `fields.own`
    hint: Mapped[str] = mapped_column(Words, default="")
    required: Mapped[bool] = mapped_column(default=False)  # of new pets
    listed: Mapped[bool] = mapped_column(default=False)  # whether the list has a column of it
    types: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # asked only of these
    choices: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # of a choice
    # What choices were called before, and are called now: pets and drafts may still have the old words.
    former: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    unit: Mapped[str] = mapped_column(Words, default="")  # of a number
    low: Mapped[str | None] = mapped_column(Words)  # of a number or a day: the lowest fact
    high: Mapped[str | None] = mapped_column(Words)
    digits: Mapped[bool] = mapped_column(default=True)  # of a code: 9 to 15 digits, else digits and letters
    unique_code: Mapped[bool] = mapped_column(default=True)  # of a code: whether no two pets have the same

    __table_args__ = ({"sqlite_autoincrement": True},)

    # What one can ask

    @classmethod
    def in_order(cls) -> Select["OwnField"]:
        """All of them in the order of the form, those that are retired last."""
        return select(cls).order_by(cls.retired_at.is_not(None), cls.place, cls.id)

    @classmethod
    def labelled(cls, label: str) -> "OwnField | None":
        """The field of this label, whatever its case, accents and punctuation."""
        return db.session.scalar(select(cls).where(cls.label_key == plain(label)))

    @classmethod
    def to_change(cls, field_id: int) -> "OwnField | None":
        """The field, as it is now and until the transaction ends."""
        return db.session.get(cls, field_id, with_for_update=True, populate_existing=True)

    @classmethod
    def in_use(cls) -> int:
        """How many are not retired."""
        return db.session.scalar(select(func.count()).where(cls.retired_at.is_(None))) or 0

    # What one can do

    @classmethod
    def add(cls, settings: Mapping[str, Any]) -> "OwnField":
        """Add a field at the end of the form."""
        last = db.session.scalar(select(func.max(cls.place))) or 0
        field = cls(place=last + 1)
        field.set(settings)
        db.session.add(field)
        db.session.flush()
        return field

    def set(self, settings: Mapping[str, Any]) -> None:
        """Set what is declared of it, by column."""
        for column, value in settings.items():
            setattr(self, column, value)
        self.label_key = plain(self.label)
        self.version = self.next_version()

    def rename(self, choices: Mapping[str, str]) -> None:
        """Note what some of its choices were called before; one that is offered again is no former one."""
        offered = self.choices or []
        former = {was: choices.get(now, now) for was, now in (self.former or {}).items()} | {**choices}
        kept = {was: now for was, now in former.items() if was not in offered and now in offered}
        self.former = dict([*kept.items()][-FORMER:]) or None

    def retire(self, retired: bool) -> None:
        """Ask for it no longer, or again. Its facts stay."""
        self.set({"retired_at": clock.now() if retired else None})

    def move(self, up: bool) -> bool:
        """Change places with the field before it in the form, or behind it. Returns whether there is one."""
        query = self.in_order().where(OwnField.retired_at.is_(None)).with_for_update()
        fields = list(db.session.scalars(query))
        here = fields.index(self) if self in fields else len(fields)  # a retired one has no place
        there = here - 1 if up else here + 1
        if here == len(fields) or not 0 <= there < len(fields):
            return False
        fields[here], fields[there] = fields[there], fields[here]
        for place, field in enumerate(fields, 1):  # two that were added at one moment may have the same
            if field.place != place:
                field.place, field.version = place, self.next_version()
                db.session.flush()
        return True

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


# Catalogues as they were read last, by the database that they are of; another version is another catalogue.
_known: WeakKeyDictionary[Engine, Catalogue] = WeakKeyDictionary()
_held: WeakKeyDictionary[Any, Catalogue] = WeakKeyDictionary()  # by the transaction in which they hold
_HIGHEST = select(func.coalesce(func.max(OwnField.version), 0))
FIELDS_VERSION = _HIGHEST.scalar_subquery()  # to be selected beside what is asked for anyway
_ALL = select(OwnField.__table__).order_by(OwnField.place, OwnField.id)


def catalogue_at(version: int, connection: Connection) -> Catalogue:
    """The catalogue of a version, which was just read on this connection."""
    known = _known.get(connection.engine)
    if known is None or known.version != version:
        rows = connection.execute(_ALL).all() if version else ()
        known = _known[connection.engine] = Catalogue(BUILT_IN, own_fields(rows), version)
    return known


def catalogue_of(session: Session) -> Catalogue:
    """The catalogue that holds in the transaction of a session; from now on it holds in this thread."""
    transaction = session.get_transaction() or session.begin()
    if transaction not in _held:
        connection = session.connection({"mapper": inspect(OwnField)})
        # As the driver takes it: every save asks, and it is over in a third of the time.
        version = connection.exec_driver_sql("SELECT max(version) FROM field").scalar() or 0
        _held[transaction] = catalogue_at(version, connection)
    use(_held[transaction])
    return _held[transaction]


def _found() -> Catalogue:
    """The catalogue of the app whose context this is; outside of any, what is built in.

    Where nothing is under way, it is read beside the session: to look up a field begins no transaction.
    """
    if not has_app_context():
        return BUILT_IN_ALONE
    if db.session().in_transaction():
        return catalogue_of(db.session())
    with snapshot(db.engine) as beside:
        found = catalogue_at(beside.scalar(_HIGHEST) or 0, beside)
    use(found)
    return found


looked_up_by(_found)


def forget(*_: Any) -> None:
    """Let the catalogue be looked up when it is next asked for: another register begins, or this one ends."""
    use(None)


@event.listens_for(OwnField, "after_insert")
@event.listens_for(OwnField, "after_update")
def _changed(mapper: Any, connection: Connection, field: OwnField) -> None:
    """What was read before is no longer so; and until it is committed it is nobody else's."""
    if session := object_session(field):
        _held.pop(session.get_transaction(), None)
    use(None)
