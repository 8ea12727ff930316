"""The pet: what is kept of an animal, its rules, and its facts."""

import functools
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Date, Index, case, extract, null, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, validates

from pets import clock
from pets.db import Base, Key, UTCDateTime, Words, db
from pets.fields.age import OLDEST, age_in, age_words, born_fact, born_when, read_born
from pets.fields.text import caseless, fold, search_text, tidy_line, tidy_notes, unwritable, visible
from pets.models.type import PetType

NAME_LENGTH, TYPE_LENGTH, NOTES_LENGTH = 100, 60, 4_000

SAMPLES = (  # the pets of the notebook that Pets grew from: name, type, age
    ("Justin Timbersnake", "snek", 2),
    ("Pawtrick Stewart", "good boy", 10),
    ("Godzilla", "iguana", 1),
    ("Marshmallow", "polar bear", 4),
)

# A pet as plain data: what a form, a sheet and a change speak. `born` is as `age.born_fact` writes it.
Facts = dict[str, str | None]
Known = Mapping[str, str | None]  # facts, all or some of them

FIELDS = ("name", "type", "born", "notes")

# Facts of which nothing was ever said: those stored before their field was kept.
EMPTY: Facts = {"name": "", "type": "", "born": None, "notes": ""}


class InvalidPet(ValueError):
    """A pet that breaks a rule was about to be stored; `problems` has a sentence for each such fact."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class Pet(Base):
    """An animal on the register.

    Facts are set on it like any attribute and stored by `db.session.commit()`; the session's listener
    (see `changeset.py`) then holds it to its rules, counts its version and writes its history.
    """

    __tablename__ = "pet"

    # Ids are never used again, or the history of one pet would point at another.
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # active_history: the old value is loaded before it is replaced, or history would not know it.
    name: Mapped[str] = mapped_column(Words, active_history=True)
    type: Mapped[str] = mapped_column(Words, active_history=True)
    born_on: Mapped[date | None] = mapped_column(Date, active_history=True)
    born_estimated: Mapped[bool] = mapped_column(default=False, active_history=True)
    notes: Mapped[str] = mapped_column(Words, default="", active_history=True)
    version: Mapped[int] = mapped_column(active_history=True)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # Folded for sorting and finding; written from `keys_of` when the pet is stored.
    name_key: Mapped[str] = mapped_column(Words)
    type_key: Mapped[str] = mapped_column(Words)
    search_text: Mapped[str] = mapped_column(Words)
    # [[name, "2026-05-03"], …]: what it was called before, and until when; found by search too.
    former_names: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        Index(None, "name_key", "id"),
        Index(None, "type_key", "name_key", "id"),
        Index(None, "type_key", "born_on"),
        Index(None, "born_on", "id"),
        Index(None, "changed_at", "id"),
        Index(None, "added_at", "id"),
        {"sqlite_autoincrement": True},
    )
    # The version is counted by the session's listener, since a pet brought back goes on where it left.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012

    def __repr__(self) -> str:
        return f"<Pet {self.id} {self.name!r} {self.type!r}>"

    # What one can ask

    @property
    def facts(self) -> Facts:
        """The pet as plain data."""
        return facts_of(self)

    @hybrid_property
    def age(self) -> int | None:
        """Age in whole years, reckoned from the birth date, so that it never goes stale.

        Setting it means "about that old today". It can be asked in queries on both databases.
        """
        return None if self.born_on is None else age_in("years", self.born_on, clock.today())

    @age.inplace.setter
    def _set_age(self, years: int | None) -> None:
        if years is None:
            self.born_on, self.born_estimated = None, False
        elif years != self.age:  # being told what is known already is no reason to forget the day
            if not 0 <= years <= OLDEST:
                raise ValueError(f"An age is a whole number of years from 0 to {OLDEST}.")
            self.born_on, self.born_estimated = born_when(years, "years", clock.today()), True

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
        facts = whole(facts)
        born_on, estimated = read_born(facts["born"])
        pet = cls()
        vars(pet).update(
            id=pet_id,
            name=tidy_line(facts["name"] or ""),
            type=tidy_line(facts["type"] or ""),
            born_on=born_on,
            born_estimated=estimated,
            notes=tidy_notes(facts["notes"] or ""),
        )
        return pet

    def set_facts(self, facts: Known) -> None:
        """Set the facts given, and no others."""
        for field in ("name", "type", "notes"):
            if field in facts:
                setattr(self, field, facts[field])
        if "born" in facts:
            self.born_on, self.born_estimated = read_born(facts["born"])

    @staticmethod
    def keys_of(facts: Known, former_names: list[list[str]] | None) -> dict[str, str]:
        """What a pet with these facts is sorted and found by, by column."""
        name, kind, notes = facts["name"] or "", facts["type"] or "", facts["notes"] or ""
        former = [former for former, _ in former_names or ()]
        return {
            "name_key": fold(name),
            "type_key": fold(kind),
            "search_text": search_text(name, kind, notes, *former),
        }

    @validates("name", "type")
    def _tidy_line(self, field: str, text: str) -> str:
        return tidy_line(text)

    @validates("notes")
    def _tidy_notes(self, field: str, text: str | None) -> str:
        return tidy_notes(text or "")

    # The rules, in one place: form, sheet and session ask here

    @staticmethod
    def problems_with(facts: Known) -> dict[str, str]:
        """What is wrong with facts (tidied, any of them), as {field: a sentence that says what to do}."""
        problems: dict[str, str | None] = {}
        if "name" in facts:
            problems["name"] = _line_problem(facts["name"], "Enter the pet’s name.", "name", NAME_LENGTH)
        if "type" in facts:
            missing = "Enter what kind of animal it is, such as cat or dog."
            problems["type"] = _line_problem(facts["type"], missing, "type", TYPE_LENGTH)
        if "born" in facts:
            problems["born"] = _born_problem(facts["born"])
        if "notes" in facts:
            problems["notes"] = _notes_problem(facts["notes"] or "")
        return {field: problem for field, problem in problems.items() if problem}

    @classmethod
    def tidied(cls, facts: Known, was: Known | None = None) -> Facts:
        """Facts as they will be stored: tidied, the type spelled as it already is on the register.

        Where they are about a pet that is there, `was` has its facts: the type that it has stays as it is,
        and it may correct its own type's spelling if no other pet shares it.
        """
        kind, own = tidy_line(facts["type"] or ""), (was or {}).get("type")
        return {
            "name": tidy_line(facts["name"] or ""),
            "type": kind if kind == own else cls.spellings([kind], own).get(caseless(kind), kind),
            "born": facts["born"] or None,
            "notes": tidy_notes(facts["notes"] or ""),
        }

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


def whole(facts: Known) -> Facts:
    """Facts of a pet, with those that were never said."""
    return {**EMPTY, **facts}


def edited(before: Known, after: Known) -> list[str]:
    """The fields that an edit changes. What only one side names is not compared."""
    named = [field for field in FIELDS if field in before and field in after]
    return [field for field in named if before[field] != after[field]]


# The columns that hold a pet's facts, for whoever reads many pets without making objects of them.
FACTS = (Pet.name, Pet.type, Pet.born_on, Pet.born_estimated, Pet.notes)


def facts_of(row: Any) -> Facts:
    """The facts in a row that has the columns of FACTS, or in a pet."""
    return {
        "name": row.name,
        "type": row.type,
        "born": born_fact(row.born_on, bool(row.born_estimated)),
        "notes": row.notes or "",
    }


def _line_problem(text: str | None, missing: str, what: str, longest: int) -> str | None:
    if not text:
        return missing
    if unwritable(text):
        return f"The {what} holds a character that cannot be kept, such as a control character. Type it anew."
    if not visible(text):
        return f"The {what} has nothing to see in it. {missing}"
    if len(text) > longest:
        return f"The {what} is {len(text):,} characters long. Shorten it to {longest} or fewer."
    return None


def _notes_problem(text: str) -> str | None:
    if unwritable(text, allowed="\n\t"):
        return "The notes hold a character that cannot be kept, such as a control character. Type them anew."
    if len(text) > NOTES_LENGTH:
        return f"The notes are {len(text):,} characters long. Shorten them to {NOTES_LENGTH:,} or fewer."
    return None


def _born_problem(fact: str | None) -> str | None:
    return _born_problem_on(fact, clock.today())


@functools.lru_cache(maxsize=20_000)
def _born_problem_on(fact: str | None, today: date) -> str | None:
    try:
        born_on, _ = read_born(fact)
    except ValueError:
        return "Enter the birth date as a day that exists, such as 2024-05-31."
    if born_on and born_on > today:
        return "A pet cannot be born after today. Enter an earlier birth date."
    if born_on and born_on < born_when(OLDEST, "years", today):
        return f"No pet is over {OLDEST} years old. Enter a later birth date or a lower age."
    return None
