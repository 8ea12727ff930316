"""Where SQLite and PostgreSQL differ in finding words: one small class for each, behind one name."""

import re
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, column, func, select, table, text
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from pets.fields.text import search_words
from pets.models.pet import Pet

PET = Pet.__table__.c  # columns, not attributes: rows are read as tuples, which costs half


class Way(Enum):
    """How the pets that match are come by; SQLite keeps no statistics, and is told."""

    FOUND = "found"  # from the words' index, then filtered and sorted
    FILTERED = "filtered"  # from the index of a filter, then looked through for the words and sorted
    WALKED = "walked"  # along the index of the sort, until a page is full


class SQLiteIndex:
    """Words found by FTS5's trigrams; or, where a walk will meet them soon enough, by looking."""

    plans = True
    found = table("pet_search", column("rowid"))
    ALL = select(found.c.rowid).where(text("pet_search MATCH :match"))

    @staticmethod
    def values(words: list[str], beside: list[str]) -> dict[str, Any]:
        """What is bound for these words; `beside`: texts that filters ask for, which stand among them too."""
        terms = [term(word) for word in words]
        if not terms:
            return {}
        sought = terms + [term(word) for text in beside for word in search_words(text)]
        # A phrase of trigrams is compared place by place. Of several words that are each common, it is
        # quicker to ask for the trigrams apart, and to look at the few pets that have them all.
        parts = terms if len(sought) == 1 else dict.fromkeys(part for term in sought for part in _apart(term))
        match = " ".join('"' + part.replace('"', '""') + '"' for part in parts)
        return {"match": match, **{f"word{number}": term for number, term in enumerate(terms)}}

    @classmethod
    def among(cls, query: Select[Any], words: int, beside: bool, way: Way) -> Select[Any]:
        """Of a query, only the pets in which all words stand."""
        if way is Way.FOUND:
            query = query.where(PET.id == cls.found.c.rowid, text("pet_search MATCH :match"))
            words = words if words > 1 or beside else 0  # a single word is found as it is
        stand = (func.instr(PET.search_text, bindparam(f"word{number}")) > 0 for number in range(words))
        return query.where(*stand)

    @staticmethod
    def compared(side: ColumnElement[Any], way: Way) -> ColumnElement[Any]:
        """A column to be compared; with a plus before it where its index must not be begun with."""
        return UnaryExpression(side, operator=custom_op("+")) if way is Way.FOUND else side

    @staticmethod
    def expect(condition: ColumnElement[bool], way: Way) -> ColumnElement[bool]:
        """Tell the planner that most rows match, so that it walks the sort's index and stops early."""
        return func.likely(condition) if way is Way.WALKED else condition

    @classmethod
    def number(cls, words: int, way: Way) -> ColumnElement[int]:
        """The pet's number, from where it comes sorted already."""
        return cls.found.c.rowid if words and way is Way.FOUND else PET.id


class PostgreSQLIndex:
    """Words found by pg_trgm; the planner decides from its statistics what to walk."""

    plans = False

    @staticmethod
    def values(words: list[str], beside: list[str]) -> dict[str, Any]:
        """What is bound for these words."""
        return {f"word{number}": f"%{_escape(term(word))}%" for number, word in enumerate(words)}

    @staticmethod
    def among(query: Select[Any], words: int, beside: bool, way: Way) -> Select[Any]:
        """Of a query, only the pets in which all words stand."""
        stand = (PET.search_text.like(bindparam(f"word{number}"), escape="\\") for number in range(words))
        return query.where(and_(*stand))

    @staticmethod
    def compared(side: ColumnElement[Any], way: Way) -> ColumnElement[Any]:
        """A column to be compared."""
        return side

    @staticmethod
    def expect(condition: ColumnElement[bool], way: Way) -> ColumnElement[bool]:
        """PostgreSQL keeps statistics."""
        return condition

    @staticmethod
    def number(words: int, way: Way) -> ColumnElement[int]:
        """The pet's number."""
        return PET.id


INDEXES: dict[str, type[SQLiteIndex] | type[PostgreSQLIndex]] = {
    "sqlite": SQLiteIndex,
    "postgresql": PostgreSQLIndex,
}


def term(word: str) -> str:
    """What to look for in `search_text`: three letters stand anywhere, one or two begin a word."""
    return {1: "  ", 2: " "}.get(len(word), "") + word


def _apart(term: str) -> list[str]:
    """Trigrams that cover a term: "snow-white" is sno, w-w, hit and ite."""
    return [*(term[place : place + 3] for place in range(0, len(term) - 3, 3)), term[-3:]]


def _escape(term: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", term)
