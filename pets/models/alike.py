"""Pets that resemble each other, found for many new ones at once."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import Date, Integer, column, exists, select, values

from pets.db import Words, db
from pets.models.age import read_born
from pets.models.pet import Known, Pet
from pets.models.words import fold

YEAR = timedelta(days=366)  # within which two birth dates may be one


class Seen:
    """Pets that came before, by what they would resemble a later one in: name, type, birth within a year."""

    def __init__(self, facts: Iterable[Known]) -> None:
        self._years: dict[tuple[str, str], set[int | None]] = {}
        for known in facts:
            self.meets(known)

    def meets(self, facts: Known) -> bool:
        """Whether one like this came before; it is one of them from now on."""
        name, kind, born = _signs(facts)
        years = self._years.setdefault((name, kind), set())
        year = born.year if born else None
        met = bool(years) and (year is None or bool(years & {None, year - 1, year, year + 1}))
        years.add(year)
        return met


def resembling(facts: Sequence[Known]) -> set[int]:
    """Which of these resemble a pet on the register, by their place; one statement for all of them.

    By the rule of `Pet.resembling`: same name, type alike, born within a year of each other.
    """
    if not facts:
        return set()
    rows = []
    for place, known in enumerate(facts):
        name, kind, born = _signs(known)
        rows.append((place, name, kind, born and born - YEAR, born and born + YEAR))
    asked = values(
        column("place", Integer),
        column("name_key", Words),
        column("type_key", Words),
        column("earliest", Date),
        column("latest", Date),
        name="asked",
    )
    wanted = asked.data(rows).cte("wanted").c
    same = exists().where(
        Pet.name_key == wanted.name_key,
        Pet.type_key.in_((wanted.type_key, wanted.type_key + "s")),
        wanted.earliest.is_(None)
        | Pet.born_on.is_(None)
        | Pet.born_on.between(wanted.earliest, wanted.latest),
    )
    return set(db.session.scalars(select(wanted.place).where(same)))


def _signs(facts: Known) -> tuple[str, str, date | None]:
    """Name and type, folded and without a plural's "s", and the birth date."""
    born, _ = read_born(facts.get("born"))
    return fold(facts.get("name") or ""), fold(facts.get("type") or "").removesuffix("s"), born
