"""Where SQLite and PostgreSQL differ in finding words: one small class for each, behind one name."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, column, func, select, table, text

from pets.models.pet import Pet


class SQLiteIndex:
    """Words found by FTS5's trigrams; or, where a walk will meet them soon enough, by looking."""

    @staticmethod
    def values(words: list[str]) -> dict[str, Any]:
        """What is bound for these words."""
        terms = [_term(word) for word in words]
        match = " ".join('"' + term.replace('"', '""') + '"' for term in terms)
        return {
            **{f"word{number}": term for number, term in enumerate(terms)},
            **({"match": match} if terms else {}),
        }

    @staticmethod
    def condition(words: int, many: bool) -> ColumnElement[bool]:
        """Pets in which all words stand."""
        if many:
            return and_(
                *(func.instr(Pet.search_text, bindparam(f"word{number}")) > 0 for number in range(words))
            )
        found = table("pet_search", column("rowid"))
        return Pet.id.in_(select(found.c.rowid).where(text("pet_search MATCH :match")))

    @staticmethod
    def expect(condition: ColumnElement[bool], many: bool) -> ColumnElement[bool]:
        """Tell the planner that most rows match, so that it walks the sort's index and stops early."""
        return func.likely(condition) if many else condition


class PostgreSQLIndex:
    """Words found by pg_trgm; the planner decides from its statistics what to walk."""

    @staticmethod
    def values(words: list[str]) -> dict[str, Any]:
        """What is bound for these words."""
        return {f"word{number}": f"%{_escape(_term(word))}%" for number, word in enumerate(words)}

    @staticmethod
    def condition(words: int, many: bool) -> ColumnElement[bool]:
        """Pets in which all words stand."""
        return and_(
            *(Pet.search_text.like(bindparam(f"word{number}"), escape="\\") for number in range(words))
        )

    @staticmethod
    def expect(condition: ColumnElement[bool], many: bool) -> ColumnElement[bool]:
        """PostgreSQL keeps statistics."""
        return condition


INDEXES: dict[str, type[SQLiteIndex] | type[PostgreSQLIndex]] = {
    "sqlite": SQLiteIndex,
    "postgresql": PostgreSQLIndex,
}


def _term(word: str) -> str:
    """What to look for in `search_text`: three letters stand anywhere, one or two begin a word."""
    return {1: "  ", 2: " "}.get(len(word), "") + word


def _escape(term: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", term)
