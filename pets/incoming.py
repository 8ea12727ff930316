"""Sheets meet the register: what a person says of the columns, and what each row then stands for.

The rows are those that `Import` keeps. Checking them and staging them is one and the same pass, so that what
was shown is what goes into the draft.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from pets import clock
from pets.models.age import read_born
from pets.models.draft import Draft
from pets.models.imports import CHUNK, Import, Mark, Read
from pets.models.line import Staged, only_differences
from pets.models.matching import Match, Register
from pets.models.pet import FIELDS, Facts, Pet
from pets.models.words import tidy_line, tidy_notes, writable
from pets.sheets import (
    READ_ONLY,
    Columns,
    DateOrder,
    FactReader,
    OrderEvidence,
    PetRow,
    Row,
)
from pets.sheets import columns_of as read_columns
from pets.sheets import order_evidence as read_evidence

BY_NUMBER, BY_NAME, ALL_NEW = "number", "name", "new"
EITHER = "either"  # no date in the sheet can be read in two ways
EMPTY: Facts = {"name": "", "type": "", "born": None, "notes": ""}

Counted = Callable[[int], None]


@dataclass(frozen=True)
class Plan:
    """What a person says of a sheet."""

    headings: bool | None = None  # whether its first row is one; None: as it seems
    columns: Mapping[str, int] | None = None  # fact → column; None: as they seem
    order: str | None = None  # of 1/5/2022: a DateOrder, or EITHER; None: as the dates say
    match: str = ALL_NEW  # which pets the rows are about
    blank_clears: bool = False
    type_for_all: str = ""  # of new pets, where no column tells it
    leave_out: bool = False  # what the unknown columns hold

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "Plan":
        """The plan as it was kept."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in (kept or {}).items() if name in known})

    @property
    def kept(self) -> dict[str, Any]:
        """The plan as it is kept."""
        return asdict(self)


class Judged(NamedTuple):
    """What one row stands for: "new", "changed", "unchanged", "faulty", "asked" about, or "out"."""

    row: Read
    state: str
    staged: Staged | None = None
    found: Any = None  # what Mark has


class Incoming:
    """One sheet on its way in, under one plan."""

    def __init__(self, record: Import, plan: Plan | None = None) -> None:
        self.record = record
        self.kind = record.kind
        self.plan = plan or self._plan()

    def rows(self) -> Iterator[Row]:
        """The rows of the sheet."""
        for row in self.record.rows():
            yield row.number, row.cells

    @cached_property
    def columns(self) -> Columns:
        """Its columns, as the plan has them. Raises SheetProblem for a sheet without any."""
        columns = read_columns(self, self.plan.headings)
        if self.plan.columns is None:
            return columns
        chosen = {**self.plan.columns}
        for field, at in columns.mapping.items():
            if field in READ_ONLY and at not in chosen.values():
                chosen[field] = at
        return columns.with_choice(chosen)

    @cached_property
    def evidence(self) -> OrderEvidence:
        """What its dates say of day and month. Reads all rows."""
        return read_evidence(self, self.columns)

    @property
    def order(self) -> DateOrder | None:
        """Which of the two stands first, once the plan is agreed on; else as the dates say."""
        if self.plan.order is None:
            return self.evidence.order
        return None if self.plan.order == EITHER else DateOrder(self.plan.order)

    @property
    def agreed(self) -> Plan:
        """The plan with what the dates say in it, so that they need not be read for it again."""
        order = self.evidence.order
        return replace(self.plan, order=order.value if order else self.plan.order or EITHER)

    # What one can do

    def check(self, counted: Counted | None = None) -> None:
        """Count what the rows stand for, and mark those that somebody has to look at."""
        self.record.unmark()
        counts: Counter[str] = Counter()
        marks: list[Mark] = []
        last = self.columns.heading_row
        for done, judged in enumerate(self.judged(), 1):
            counts[judged.state] += 1
            counts["blank"] += judged.row.number - last - 1
            last = judged.row.number
            if judged.found is not None:
                marks.append(Mark(judged.row.number, judged.state, judged.found))
            if counted and not done % CHUNK:
                counted(done)
        self.record.mark(marks)
        self.record.counts = dict(counts)

    def stage(self, draft: Draft, faulty_wait: bool, counted: Counted | None = None) -> int:
        """Put what the rows stand for into a draft. Faulty ones wait there too, or are left out."""
        states = {"new", "changed", "faulty"} if faulty_wait else {"new", "changed"}
        staged = (one.staged for one in self.judged() if one.state in states and one.staged)
        touched = draft.stage(staged, counted)
        self.record.staged(draft.id, leave_faulty=not faulty_wait)
        return touched

    def judged(self) -> Iterator[Judged]:
        """All rows but the headings, each with what it stands for."""
        judge = _Judge(self)
        rows = (row for row in self.record.rows() if row.number > self.columns.heading_row)
        while chunk := list(islice(rows, CHUNK)):
            yield from judge.chunk(chunk)

    # Private

    def _plan(self) -> Plan:
        """The plan that was made, or the one of the last sheet with these headings, or what seems best."""
        if self.record.plan is not None:
            return Plan.of(self.record.plan)
        columns = read_columns(self)
        known = columns.mapping
        plan = Plan.of(self.record.plan_for(columns.fingerprint, self.record.account_id))
        if "id" in known and "version" in known:
            return replace(plan, match=BY_NUMBER)
        if plan.match == ALL_NEW and self.record.earlier() is not None:
            return replace(plan, match=BY_NAME)  # or all that came in then would come in once more
        return plan


class _Judge:
    """Tells what rows stand for, a chunk at a time, in the order of the sheet."""

    def __init__(self, incoming: Incoming) -> None:
        self._plan = incoming.plan
        columns = incoming.columns
        if self._plan.match != BY_NUMBER:  # the numbers of another register say nothing here
            known = {field: at for field, at in columns.mapping.items() if field not in ("id", "version")}
            columns = columns.with_choice(known)
        self._today = clock.today()
        self._reader = FactReader(columns, self._today, incoming.order, incoming.record.counts_from_1904)
        self._register = Register()
        self._seen: dict[int, int] = {}  # pet → the row that is about it

    def chunk(self, rows: Sequence[Read]) -> Iterator[Judged]:
        """What these rows stand for."""
        read = [(row, self._reader.row(row.number, row.cells)) for row in rows]
        if self._plan.match == BY_NUMBER:
            self._register.look_up_numbers((pet.id, pet.version) for _, pet in read if pet.id)
        elif self._plan.match == BY_NAME:
            self._register.look_up_names(self._sign(pet) for _, pet in read)
        kinds = dict.fromkeys(pet.facts.get("type") or self._plan.type_for_all for _, pet in read)
        self._register.learn_spellings([tidy_line(kind) for kind in kinds if kind])
        for row, pet in read:
            yield self._row(row, pet)

    def _row(self, row: Read, pet: PetRow) -> Judged:
        if row.choice == "out":
            return Judged(row, "out")
        matches = self._matches(row, pet)
        choices: list[Match | None] = [*matches] or [None]
        wanted = [(match, self._staged(row, pet, match)) for match in choices]
        problems = self._problems(row, pet, wanted[0][1])
        if problems:
            return Judged(row, "faulty", self._broken(wanted[0][1], problems), problems)
        same = [match for match, staged in wanted if match and not staged.after]
        if same:
            return Judged(row, "unchanged")
        numbers = [match.pet_id for match, _ in wanted if match]
        if len(wanted) > 1 or (not row.choice and any(number in self._seen for number in numbers)):
            return Judged(row, "asked", None, numbers)
        self._seen.update((number, row.number) for number in numbers)
        return Judged(row, "changed" if matches else "new", wanted[0][1]._replace(problems={}))

    def _matches(self, row: Read, pet: PetRow) -> list[Match]:
        """The pets that a row may be about."""
        if self._plan.match == BY_NUMBER:
            return self._numbered(row, pet)
        if self._plan.match == ALL_NEW or row.choice == "new":
            return []
        found = self._register.named(self._sign(pet))
        chosen = [match for match in found if str(match.pet_id) == row.choice]
        return chosen or found

    def _numbered(self, row: Read, pet: PetRow) -> list[Match]:
        if pet.id is None:
            return []
        match, problem = self._register.numbered(pet.id, pet.version)
        if match is not None and pet.id in self._seen:
            match, problem = None, f"Pet {pet.id} stands in row {self._seen[pet.id]} already."
            problem += " Remove one of the two rows, or empty this cell to add another pet."
        if problem:
            field = "version" if problem.startswith("Version") else "id"
            pet.problems.append(self._reader.problem(row.number, row.cells, field, problem))
        return [match] if match else []

    def _staged(self, row: Read, pet: PetRow, match: Match | None) -> Staged:
        """The change that the row makes; it may be none."""
        was = match.facts if match else None
        wanted = {**(was or EMPTY), **self._said(pet, match)}
        name = wanted["name"] or (was or {}).get("name") or ""
        if match is None:
            return Staged(None, 0, name, None, wanted)
        return Staged(match.pet_id, match.version, name, *only_differences(was, wanted))

    def _said(self, pet: PetRow, match: Match | None) -> Facts:
        """The facts that the row tells, as they would be stored."""
        was = match.facts if match else None
        said: Facts = {}
        for field, fact in pet.facts.items():
            if fact is not None:
                said[field] = fact if field == "born" else _tidy(field, fact)
            elif self._plan.blank_clears:
                said[field] = EMPTY[field]
        if was is None and not said.get("type") and "type" not in pet.facts:
            said["type"] = tidy_line(self._plan.type_for_all)
        if said.get("type"):
            said["type"] = self._register.spelled(said["type"] or "", (was or {}).get("type"))
        if was and pet.age and "born" in said:
            born, _ = read_born(was["born"])
            if born and pet.age.fits(born, self._today):
                del said["born"]  # being told what is known is no reason to forget the day
        return said

    def _problems(self, row: Read, pet: PetRow, staged: Staged) -> list[list[Any]]:
        """What is wrong with the row, by cell: what cannot be read, and what breaks a rule."""
        faults = list(pet.problems)
        told = {"born" if fault.field in ("age", "estimated") else fault.field for fault in faults}
        for field, sentence in Pet.problems_with(staged.after or {}).items():
            if field not in told:
                faults.append(self._reader.problem(row.number, row.cells, field, sentence))
        return [[fault.index, fault.field, fault.sentence] for fault in faults]

    def _broken(self, staged: Staged, problems: list[list[Any]]) -> Staged:
        """A change with something wrong in it, so that it can wait in the draft to be corrected."""
        sentences = {
            field if field in FIELDS else "born" if field in ("age", "estimated") else "name": sentence
            for _, field, sentence in problems
        }
        after = {field: fact and writable(fact) for field, fact in (staged.after or {}).items()}
        return staged._replace(name=writable(staged.name), after=after, problems=sentences)

    def _sign(self, pet: PetRow) -> tuple[str, str]:
        kind = pet.facts.get("type", self._plan.type_for_all)
        return tidy_line(pet.facts.get("name") or ""), tidy_line(kind or "")


def _tidy(field: str, text: str) -> str:
    return tidy_notes(text) if field == "notes" else tidy_line(text)
