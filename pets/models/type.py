"""The types of pets, counted by the database itself."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Mapped, mapped_column

from pets.db import Base, Key, Words, db
from pets.fields import FIELDS
from pets.fields.plural import one_and_many
from pets.fields.text import fold, unwritable

TYPES_SHOWN = 1000  # in the list, to choose from: more than any shelter has, and no page of a megabyte
LONGEST = 100  # characters of what may be a type


class PetType(Base):
    """How many pets there are of each type as it is spelled; kept by the database's own triggers."""

    __tablename__ = "pet_type"

    type: Mapped[str] = mapped_column(Words, primary_key=True)
    type_key: Mapped[str] = mapped_column(Words, index=True)
    pets: Mapped[int] = mapped_column(Key)

    @classmethod
    def most_used(cls) -> Select[str, str, int]:
        """Types as (spelling, key, pets), the most used first."""
        return select(cls.type, cls.type_key, cls.pets).order_by(cls.pets.desc(), cls.type_key)

    @classmethod
    def suggested(cls) -> dict[str, list[str]]:
        """What to suggest in a form for each field that suggests, the most used first."""
        types = list(db.session.scalars(_SUGGESTED))
        return {name: types for name, field in FIELDS.items() if field.suggests}

    @classmethod
    def meant(cls, kind: str) -> str:
        """The type in use that somebody may mean who typed another number of it: Dog for "dogs". "" where
        what they typed is in use itself, or none is like it."""
        if not kind or len(kind) > LONGEST or unwritable(kind):
            return ""
        key = fold(kind)
        found = db.session.execute(cls.most_used().where(cls.type_key.in_(one_and_many(key)))).all()
        return "" if not found or any(row.type_key == key for row in found) else str(found[0].type)

    @staticmethod
    def shown() -> tuple[tuple[tuple[str, str, int], ...], int]:
        """The types to choose from in the list by the alphabet, as (most used spelling, key, pets); and how
        many pets there are."""
        rows = db.session.execute(_SHOWN).all()
        kinds: dict[str, tuple[str, str, int]] = {}
        for row in rows:
            spelling, key, pets = row[0], row[1], row[2]
            kinds[key] = (kinds[key][0], key, kinds[key][2] + pets) if key in kinds else (spelling, key, pets)
        return tuple(kinds[key] for key in sorted(kinds)), int(rows[0][3]) if rows else 0


# Built once, and of columns: every page of the list asks for the types to choose from, every form for those
# to suggest.
_TYPE = PetType.__table__.c
_SHOWN = (
    select(*_TYPE, func.sum(_TYPE.pets).over()).order_by(_TYPE.pets.desc(), _TYPE.type_key).limit(TYPES_SHOWN)
)
_SUGGESTED = select(_TYPE.type).order_by(_TYPE.pets.desc(), _TYPE.type_key).limit(100)
_TOTAL = select(func.coalesce(func.sum(_TYPE.pets), 0))


def total_pets() -> int:
    """How many pets are on the register, from the counters: no row of `pet` is read."""
    return int(db.session.scalar(_TOTAL) or 0)
