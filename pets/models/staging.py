"""Putting changes on the lines of a draft: one statement for many, each line with what is of concern."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select

from pets.db import db
from pets.models.alike import Seen, resembling
from pets.models.line import DraftLine, Staged, only_differences, part_of, put_onto
from pets.models.pet import Pet
from pets.models.words import fold

Row = dict[str, Any]

_LINES = cast(Table, DraftLine.__table__)


def stage(draft_id: int, chunk: Sequence[Staged]) -> int:
    """Put changes in which no pet stands twice on a draft's lines. Returns how many lines that touched."""
    ids = [one.pet_id for one in chunk if one.pet_id is not None]
    there, versions = (_lines_of(draft_id, ids), _versions(ids)) if ids else ({}, {})
    rows: list[Row] = []
    for one in chunk:
        old = there.get(one.pet_id or 0)
        before, after = only_differences(one.before, one.after)
        one = one._replace(before=before, after=after)
        row = _row(draft_id, put_onto(old, one) if old else one, versions)
        if old:
            row["id"] = old.id  # a line that was there keeps its number, and with it its place
        if row["before"] is None or row["after"] is None or row["after"] or row["problems"]:
            rows.append(row)
    _take_away(list(there.values()))
    _mark_alike(draft_id, [row for row in rows if not (row["before"] or row["pet_id"] or row["concern"])])
    for stays in (True, False):
        some = [row for row in rows if ("id" in row) is stays]
        if some:
            db.session.execute(insert(_LINES), some)
    return len(rows) + len(there) - sum("id" in row for row in rows)


def _lines_of(draft_id: int, pet_ids: list[int]) -> dict[int, DraftLine]:
    query = select(DraftLine).where(DraftLine.changeset_id == draft_id, DraftLine.pet_id.in_(pet_ids))
    return {line.pet_id or 0: line for line in db.session.scalars(query)}


def _versions(pet_ids: list[int]) -> dict[int, int]:
    """At which versions pets are now, of those that are there."""
    rows = db.session.execute(select(Pet.id, Pet.version).where(Pet.id.in_(pet_ids)))
    return {row.id: row.version for row in rows}


def _row(draft_id: int, one: Staged, versions: Mapping[int, int]) -> Row:
    before, after = only_differences(one.before, one.after)
    problems = Pet.problems_with(after or {}) if one.problems is None else one.problems
    name = (after or {}).get("name") or one.name
    return {
        "changeset_id": draft_id,
        "part": part_of(before, after),
        "pet_id": one.pet_id,
        "version": one.version,
        "name": name,
        "name_key": fold(name),
        "before": before,
        "after": after,
        "concern": "rule" if problems else "stale" if _stale(one, versions) else None,
        "problems": problems or None,
    }


def _stale(one: Staged, versions: Mapping[int, int]) -> bool:
    """Whether a pet is no longer as a change to it supposes."""
    if one.pet_id is None:
        return False
    if one.before is None:
        return one.pet_id in versions
    return versions.get(one.pet_id) != one.version


def _take_away(lines: Sequence[DraftLine]) -> None:
    if lines:
        query = delete(DraftLine).where(DraftLine.id.in_([line.id for line in lines]))
        db.session.execute(query, execution_options={"synchronize_session": False})
        for line in lines:
            db.session.expunge(line)


def _mark_alike(draft_id: int, rows: Sequence[Row]) -> None:
    """Note which new pets resemble one on the register, or one that the draft adds before them."""
    if not rows:
        return
    # Which of them are new is asked here: asked there, SQLite would go through all that are.
    query = select(DraftLine.part, DraftLine.after).where(
        DraftLine.changeset_id == draft_id, DraftLine.name_key.in_({row["name_key"] for row in rows})
    )
    seen = Seen(line.after for line in db.session.execute(query) if line.part == "new")
    found = resembling([row["after"] for row in rows])
    for place, row in enumerate(rows):
        if seen.meets(row["after"]) or place in found:
            row["concern"] = "alike"
