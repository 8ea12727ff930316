"""What concerns a line of a draft before it is saved: asked here, whichever side has changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from pets.changes.draft_line import DraftLine
from pets.changes.duplicates import Seen, resembling
from pets.changes.merge import CHUNK, meet
from pets.changes.objections import again, objections
from pets.changes.wanted import Wanted, only_differences
from pets.db import db
from pets.fields.catalogue import catalogue
from pets.fields.field import Facts, Known
from pets.models.pet import FACTS, Pet

# Why a line is shown first: it breaks a rule, seems to be a pet that is there, or resembles one, conflicts
# with what somebody else saved, or leaves nothing to do, because its pet is already so.
CONCERNS = ("rule", "same", "alike", "stale", "idle")

_REMEMBERED = 6_000  # names of new pets, of some hundred bytes each
_LINES = DraftLine.__table__
_ABOUT = (
    select(_LINES)
    .where(
        _LINES.c.changeset_id != bindparam("number"), _LINES.c.pet_id.in_(bindparam("pets", expanding=True))
    )
    .with_for_update()
)
_MARK = update(_LINES).where(_LINES.c.id == bindparam("line")).values(concern=bindparam("now"))


def concern(line: Any, now: Known | None) -> str | None:
    """What concerns a change that waits, or a line, its pet being as it is `now`: "rule", "stale" or "idle".

    Whether a new pet is the "same" or "alike" is asked of many at once: see `Earlier`.
    """
    if line.problems or _objected(line, now):
        return "rule"
    result, conflicting = meet(line.before, line.after, now)
    return "stale" if conflicting else "idle" if result == now else None


class Earlier:
    """The new pets of a draft, by which those that follow are found to resemble an earlier one.

    Each name is read once, as long as there is room to remember it.
    """

    def __init__(self, draft_id: int, until: int | None = None) -> None:
        """until: the number of the line that is asked about, if it stands in the draft already."""
        self._draft_id, self._until = draft_id, until
        self.forget()

    def forget(self) -> None:
        """Read again what was read: lines may have gone since."""
        self._names, self._seen = set[str](), Seen(())

    def alike(self, added: Sequence[tuple[str, Known]]) -> dict[int, str]:
        """Which new pets, as (folded name, facts), resemble one on the register or an earlier one, by their
        place, and how: "same" or "alike". They are earlier ones from then on."""
        if not added:
            return {}
        if len(self._names) > _REMEMBERED:
            self.forget()
        self._read({name for name, _ in added} - self._names)
        found = resembling([facts for _, facts in added])
        for place, (_, facts) in enumerate(added):
            met = self._seen.meets(facts)
            if met == "same" or (met and place not in found):
                found[place] = met
        return found

    def _read(self, names: set[str]) -> None:
        self._names |= names
        # Which of them are new is asked here: asked there, SQLite would go through all that are.
        query = select(DraftLine.id, DraftLine.part, DraftLine.after).where(
            DraftLine.changeset_id == self._draft_id, DraftLine.name_key.in_(names)
        )
        for row in db.session.execute(query) if names else ():
            if row.part == "new" and (self._until is None or row.id < self._until):
                self._seen.meets(row.after)


def pets_now(pet_ids: Iterable[int | None]) -> dict[int, tuple[int, Facts]]:
    """Version and facts of those of some pets that are on the register, by their numbers."""
    numbers = [number for number in pet_ids if number]
    if not numbers:
        return {}
    rows = db.session.execute(select(Pet.id, Pet.version, *FACTS).where(Pet.id.in_(numbers)))
    return {row.id: (row.version, catalogue().facts_of(row)) for row in rows}


def concern_now(line: DraftLine, pets: Mapping[int, tuple[int, Facts]]) -> str | None:
    """What concerns a line that stands in a draft, with its pet among these."""
    if line.concern == "same":
        return "same"
    _, now = pets.get(line.pet_id or 0, (0, None))
    return concern(line, now) or ("alike" if line.concern == "alike" else None)


def mark(connection: Connection, number: int, now: Mapping[int, Known | None]) -> None:
    """Mark the lines about pets that were just made what `now` says, in all drafts but changeset `number`."""
    rows = connection.execute(_ABOUT, {"number": number, "pets": list(now)}).all()
    found = ((row, concern(row, now[row.pet_id])) for row in rows)
    marks = [{"line": row.id, "now": told} for row, told in found if told != row.concern]
    if marks:
        connection.execute(_MARK, marks)


def _objected(change: Any, now: Known | None) -> bool:
    """Whether today's settings speak against a change: see `said_against`, which tells what."""
    if again(change) or not catalogue().own:
        return False
    before = None if change.before is None else now or change.before
    return bool(catalogue().objections_to(change.after, before, change.pet_id))


def said_against(
    lines: Sequence[DraftLine], pets: Mapping[int, tuple[int, Facts]], draft_id: int
) -> list[dict[str, str] | None]:
    """What is wrong with lines of a draft today, their pets being as in `pets`: what a sheet or a form found,
    what breaks a rule, and what speaks against it by now. An undo may bring back what once was stored."""
    wanted = []
    for line in lines:
        _, now = pets.get(line.pet_id or 0, (0, None))
        before = None if line.before is None else now or line.before
        wanted.append(Wanted(line.pet_id, line.version, line.name, before, line.after, None, line.undoes_id))
    told = []
    for line, against in zip(lines, objections(wanted, draft_id), strict=True):
        _, after = only_differences(line.before, line.after)
        told.append({**against, **catalogue().problems_with(after or {}), **(line.problems or {})} or None)
    return told


def anything_wrong(draft_id: int) -> bool:
    """Whether something is wrong with a line of a draft, by what its review tells: so it is not saved.
    Codes of lines that are the "same" as a pet are looked at when that is saved."""
    wrong = (DraftLine.concern == "rule") | ((DraftLine.concern == "same") & DraftLine.problems.is_not(None))
    query = select(DraftLine).where(DraftLine.changeset_id == draft_id, wrong).order_by(DraftLine.id)
    last = 0
    while lines := db.session.scalars(query.where(DraftLine.id > last).limit(CHUNK)).all():
        pets = pets_now(line.pet_id for line in lines)
        if any(said_against(lines, pets, draft_id)):
            return True
        last = lines[-1].id
    return False


def look_again(lines: Sequence[DraftLine], draft_id: int) -> None:
    """Mark lines with what concerns them now, and let go of them."""
    pets = pets_now(line.pet_id for line in lines)
    for line, problems in zip(lines, said_against(lines, pets, draft_id), strict=True):
        line.concern = "rule" if problems and line.concern != "same" else concern_now(line, pets)
    db.session.flush()
    for line in lines:
        db.session.expunge(line)
