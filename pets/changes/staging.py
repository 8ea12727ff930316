"""Putting changes on the lines of a draft: one statement for many, each line with what is of concern."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import delete, insert, select, text

from pets.changes.concern import Earlier, concern, pets_now
from pets.changes.draft_line import DraftLine, put_onto
from pets.changes.wanted import Wanted
from pets.db import db, write
from pets.fields.field import Known

Row = dict[str, Any]

_LINES = DraftLine.__table__


def stage(draft_id: int, chunk: Sequence[Wanted], earlier: Earlier) -> int:
    """Put changes in which no pet stands twice on a draft's lines. Returns how many lines hold them.

    What would leave its pet as it is takes the line away.
    """
    ids = [one.pet_id for one in chunk if one.pet_id is not None]
    there, now = (_lines_of(draft_id, ids), pets_now(ids)) if ids else ({}, {})
    rows: list[Row] = []
    for one in chunk:
        old = there.get(one.pet_id or 0)
        _, facts = now.get(one.pet_id or 0, (0, None))
        row = _row(draft_id, put_onto(old, one) if old else one, facts)
        if old:
            row["id"] = old.id  # a line that was there keeps its number, and with it its place
        if row["concern"] != "idle":
            rows.append(row)
    if there:
        _take_away(list(there.values()))
        earlier.forget()
    new = [row for row in rows if row["part"] == "new"]
    for place, how in earlier.alike([(row["name_key"], row["after"]) for row in new]).items():
        if not new[place]["pet_id"] and (how == "same" or not new[place]["concern"]):
            new[place]["concern"] = how
    for stays in (True, False):
        some = [row for row in rows if ("id" in row) is stays]
        if some:
            db.session.execute(insert(_LINES), some)
    return len(rows)


def replan() -> None:
    """Let PostgreSQL know how many lines this transaction has put in; nobody else can tell its planner, which
    otherwise goes on as if there were none, and reads all of them."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"ANALYZE {_LINES.name}"))


def _lines_of(draft_id: int, pet_ids: list[int]) -> dict[int, DraftLine]:
    query = select(DraftLine).where(DraftLine.changeset_id == draft_id, DraftLine.pet_id.in_(pet_ids))
    return {line.pet_id or 0: line for line in db.session.scalars(query)}


def _row(draft_id: int, one: Wanted, now: Known | None) -> Row:
    columns = one.columns
    return {"changeset_id": draft_id, "concern": concern(SimpleNamespace(**columns), now), **columns}


def _take_away(lines: Sequence[DraftLine]) -> None:
    write(delete(DraftLine).where(DraftLine.id.in_([line.id for line in lines])))
    for line in lines:
        db.session.expunge(line)
