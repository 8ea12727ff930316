"""Sheets meet the register: what a person says of the columns, and what each row then stands for.

The rows are those that `Import` keeps. Checking them and staging them is one and the same pass, so that what
was shown is what goes into the draft.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from zlib import crc32

from pets.changes.draft import Draft
from pets.fields.dates import DateOrder, OrderEvidence
from pets.imports.headings import READ_ONLY, Columns, roles
from pets.imports.headings import columns_of as read_columns
from pets.imports.mapping import ALL_NEW, BY_NAME, BY_NUMBER, ColumnMapping
from pets.imports.resolve import ResolvedRow, RowResolver
from pets.imports.upload_rows import CHUNK, Import, Mark
from pets.sheets.cells import Row

STATES = {
    "new": "are new",
    "changed": "change a pet",
    "unchanged": "change nothing",
    "asked": "may be about more than one pet",
    "faulty": "have something to fix",
}
Counted = Callable[[int], None]


class Outdated(Exception):
    """Rows no longer stand for what they did when they were checked."""


class Importer:
    """One sheet on its way in, under one plan."""

    def __init__(self, record: Import, plan: ColumnMapping | None = None) -> None:
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
        chosen = {role: at for role, at in self.plan.columns.items() if role in roles()}  # not retired since
        for field, at in columns.mapping.items():
            if field in READ_ONLY and at not in chosen.values():
                chosen[field] = at
        return columns.with_choice(chosen)

    @property
    def headings(self) -> list[str]:
        """What its columns are headed; those without a heading by what they were said to hold."""
        said = {at: field for field, at in (self.plan.columns or {}).items()}
        columns = read_columns(self, self.plan.headings).columns
        return [column.heading or said.get(column.index, "") for column in columns]

    @property
    def evidence(self) -> OrderEvidence:
        """What its birth dates say of day and month, as it was noted when they were read in."""
        column = self.columns.mapping.get("born")
        return OrderEvidence(**self.record.dates.get(f"{self.record.sheet} {column}", {}))

    @property
    def order(self) -> DateOrder | None:
        """Which of the two stands first: as a person said, else as the dates do."""
        said = [order for order in DateOrder if order.value == self.plan.order]
        return said[0] if said else self.evidence.order

    @property
    def agreed(self) -> ColumnMapping:
        """The plan with that order in it, to be offered for the next sheet with these headings."""
        return replace(self.plan, order=self.order.value if self.order else None)

    # What one can do

    def check(self, counted: Counted | None = None) -> None:
        """Count what the rows stand for, and mark those that somebody has to look at."""
        self.record.unmark()
        counts: Counter[str] = Counter()
        marks: list[Mark] = []
        for done, resolved in enumerate(self._judged(counts), 1):
            if resolved.found is not None:
                marks.append(Mark(resolved.row.number, resolved.state, resolved.found))
            if counted and not done % CHUNK:
                counted(done)
        self.record.mark(marks)
        self.record.counts = dict(counts)

    def check_again(self, counted: Counted | None = None) -> str:
        """Check rows that stand for something else by now. Returns a sentence that tells what has changed."""
        before = self.record.counts or {}
        self.check(counted)
        after = self.record.counts or {}
        told = [
            f"{after.get(state, 0):,} {words} instead of {before.get(state, 0):,}"
            for state, words in STATES.items()
            if after.get(state, 0) != before.get(state, 0)
        ]
        which = ", ".join(told) or "some are about other pets"
        return f"The register has changed since these rows were checked: now {which}. Look, then continue."

    def stage(self, draft: Draft, faulty_wait: bool, counted: Counted | None = None) -> int:
        """Put what the rows stand for into a draft. Faulty ones wait there too, or are left out.

        Raises Outdated where that is no longer what was found when they were checked; the caller rolls back.
        """
        counts: Counter[str] = Counter()
        states = {"new", "changed", "faulty"} if faulty_wait else {"new", "changed"}
        staged = (one.staged for one in self._judged(counts) if one.state in states and one.staged)
        touched = draft.stage(staged, counted)
        if dict(counts) != self.record.counts:
            raise Outdated
        aside = not faulty_wait and (self.record.counts or {}).get("faulty")
        self.record.staged(draft.id, self.columns.heading_row if aside else None)
        return touched

    # Private

    def _judged(self, counts: Counter[str]) -> Iterator[ResolvedRow]:
        """All rows but the headings, each with what it stands for. Counted by it; and all of it in a "seal",
        by which to see whether they still stand for the same."""
        resolver = RowResolver(self.record, self.plan, self.columns, self.order)
        last = self.columns.heading_row
        rows = (row for row in self.record.rows() if row.number > last)
        while chunk := list(islice(rows, CHUNK)):
            for one in resolver.chunk(chunk):
                counts[one.state] += 1
                counts["blank"] += one.row.number - last - 1
                last = one.row.number
                about = one.staged.pet_id if one.staged else None
                counts["seal"] = crc32(f"{last} {one.state} {about}".encode(), counts["seal"])
                yield one

    def _plan(self) -> ColumnMapping:
        """The plan that was made, or the one of the last sheet with these headings, or what seems best."""
        if self.record.plan is not None:
            return ColumnMapping.of(self.record.plan)
        columns = read_columns(self)
        known = columns.mapping
        plan = ColumnMapping.of(self.record.plan_for(columns.fingerprint, self.record.account_id))
        plan = replace(plan, blank_clears=False)  # what destroys is said anew of every sheet
        if "id" in known and "version" in known:
            return replace(plan, match=BY_NUMBER)
        if plan.match == ALL_NEW and self.record.earlier() is not None:
            return replace(plan, match=BY_NAME)  # or all that came in then would come in once more
        return plan
