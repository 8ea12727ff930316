"""The pet: its columns, its rules, and its facts."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, ColumnElement, Date, Index, case, extract, null, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, validates

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words, db
from pets.fields import BUILT_IN, BY_BIRTH, FIELDS
from pets.fields.age import OLDEST, age_in, age_words, born_fact, born_when
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, Field, Known
from pets.fields.text import caseless, fold, search_text, unwritable
from pets.models.type import PetType

SAMPLES = (  # the pets of the notebook that Pets grew from: name, type, age
    ("Justin Timbersnake", "snek", 2),
    ("Pawtrick Stewart", "good boy", 10),
    ("Godzilla", "iguana", 1),
    ("Marshmallow", "polar bear", 4),
)

# How what a field keeps is stored. active_history: the old value is loaded before it is replaced, or history
# would not know it.
_STORED: dict[type, dict[str, Any]] = {
    str: {"type_": Words, "nullable": False, "default": ""},
    date: {"type_": Date, "nullable": True},
    bool: {"type_": Boolean, "nullable": False, "default": False},
}
_COLUMNS = {column: kind for field in BUILT_IN for column, kind in field.columns.items()}
_KEYS = {field.key: field.name for field in BUILT_IN if field.key and field.key not in _COLUMNS}
_FactColumns: Any = type(
    "_FactColumns",
    (),
    {column: mapped_column(**_STORED[kind], active_history=True) for column, kind in _COLUMNS.items()}
    | {key: mapped_column(Words, nullable=False) for key in _KEYS},
)
_IN_ORDER = [field for field in BUILT_IN if field.sort or field.then]
_TEXTS = {field.name: field for field in BUILT_IN if field.free}


class InvalidPet(ValueError):
    """A pet that breaks a rule was about to be stored; `problems` has a sentence for each such fact."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class Pet(_FactColumns, Base):
    """An animal on the register. Its fields' columns are those that `fields.BUILT_IN` declares.

    Facts are set on it like any attribute and stored by `db.session.commit()`; the recorder then holds it to
    its rules, counts its version and writes its history.
    """

    __tablename__ = "pet"

    # Ids are never used again, or the history of one pet would point at another.
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    version: Mapped[int] = mapped_column(active_history=True)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # The facts of own fields that say something, by the numbers of the fields: {"7": "female"}.
    own: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), active_history=True)
    # Folded for finding, as the fields' keys are for sorting; written from `keys_of` when the pet is stored.
    search_text: Mapped[str] = mapped_column(Words)
    # [[name, "2026-05-03"], …]: what it was called before, and until when; found by search too.
    former_names: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        *(Index(None, *filter(None, (field.key, field.then, "id"))) for field in _IN_ORDER),
        Index(None, *BY_BIRTH),
        Index(None, "changed_at", "id"),
        Index(None, "added_at", "id"),
        {"sqlite_autoincrement": True},
    )
    # The version is counted by the session's listener, since a pet brought back goes on where it left.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012

    def __repr__(self) -> str:
        return f"<Pet {self.id} {self.name!r}>"

    # What one can ask

    @property
    def facts(self) -> Facts:
        """The pet as plain data."""
        return catalogue().facts_of(self)

    @hybrid_property
    def age(self) -> int | None:
        """Age in whole years, reckoned from the birth date, so that it never goes stale.

        Setting it means "about that old today". It can be asked in queries on both databases.
        """
        return None if self.born_on is None else age_in("years", self.born_on, clock.today())

    @age.inplace.setter
    def _set_age(self, years: int | None) -> None:
        if years is None or years != self.age:  # told what is known already, it need not forget the day
            if years is not None and not 0 <= years <= OLDEST:
                raise ValueError(f"An age is a whole number of years from 0 to {OLDEST}.")
            born = None if years is None else born_fact(born_when(years, "years", clock.today()), True)
            self.set_facts({"born": born})

    @age.inplace.expression
    @classmethod
    def _age_in_sql(cls) -> ColumnElement[int | None]:
        today = clock.today()
        day_of_year = today.month * 100 + today.day
        if day_of_year == 228 and (today + timedelta(days=1)).month == 3:
            day_of_year = 229  # who was born on 29 February has their birthday on the 28th in other years
        born = extract("month", cls.born_on) * 100 + extract("day", cls.born_on)
        years = today.year - extract("year", cls.born_on) - case((born > day_of_year, 1), else_=0)
        return case((cls.born_on.is_(None), null()), else_=years)

    @property
    def age_words(self) -> str:
        """The age as people say it: "7 weeks", "about 2 years", or "" when it is not known."""
        return age_words(self.born_on, bool(self.born_estimated), clock.today())

    # What one can do

    @classmethod
    def of(cls, facts: Known, pet_id: int | None = None) -> "Pet":
        """A new pet with these facts, made in half the time that setting one after the other takes."""
        pet = cls()
        known = catalogue()
        pet.__dict__.update(id=pet_id, **known.columns_of(known.whole(facts)))
        return pet

    @classmethod
    def samples(cls) -> list["Pet"]:
        """The pets of the notebook, not added yet."""
        return [cls(name=name, type=kind, age=age) for name, kind, age in SAMPLES]

    def set_facts(self, facts: Known) -> None:
        """Set the facts given, and no others."""
        own: dict[str, str] = {**(self.own or {})}
        for name, fact in facts.items():
            field = FIELDS[name]
            if field.own_id:
                own.pop(str(field.own_id), None)
                own.update(field.write(fact))
                continue
            for column, value in field.write(fact).items():
                setattr(self, column, value)
        if own != (self.own or {}):
            self.own = own or None

    @staticmethod
    def keys_of(facts: Known, former_names: list[list[str]] | None) -> dict[str, str]:
        """What a pet with these facts is sorted and found by, by column."""
        keys = {key: fold(facts[name] or "") for key, name in _KEYS.items()}
        words = [facts[name] or "" for name in catalogue().searched]
        return {**keys, "search_text": search_text(*words, *(former for former, _ in former_names or ()))}

    @validates(*_TEXTS)
    def _tidy(self, name: str, text: str | None) -> str | None:
        return _TEXTS[name].tidy(text)

    @classmethod
    def tidied(cls, facts: Known, was: Known | None = None) -> Facts:
        """Facts as they will be stored: tidied, and spelled as they already are on the register.

        Where they are about a pet that is there, `was` has its facts.
        """
        return {
            name: cls.spelled(FIELDS[name], FIELDS[name].tidy(fact), (was or {}).get(name))
            for name, fact in facts.items()
        }

    @classmethod
    def spelled(cls, field: Field, fact: str | None, own: str | None = None) -> str | None:
        """A fact as it stands on the register. That of one pet, its `own`, stays as it is, and may be
        corrected if no other pet shares it."""
        if not field.suggests or not fact or fact == own:
            return fact
        return cls.spellings([fact], own).get(caseless(fact), fact)

    @staticmethod
    def spellings(types: Iterable[str], own: str | None = None) -> dict[str, str]:
        """How types stand on the register, as {type by `caseless`: the spelling most used}.

        `own` is the present spelling of the one pet that is asked for; it does not count by itself.
        """
        keys = {fold(kind) for kind in types if not unwritable(kind)}
        query = select(PetType.type).where(PetType.type_key.in_(keys))
        if own is not None:
            query = query.where((PetType.type != own) | (PetType.pets > 1))
        return {caseless(spelling): spelling for spelling in db.session.scalars(query.order_by(PetType.pets))}


# The columns that hold a pet's facts, for whoever reads many pets without making objects of them.
FACTS = (*(getattr(Pet, column) for column in _COLUMNS), Pet.own)
