"""Sheets meet the register: what a person says of the columns, and what each row then stands for.

The rows are those that `Import` keeps. Checking them and staging them is one and the same pass, so that what
was shown is what goes into the draft. What the check found is staged as it was kept, where nothing may have
changed it since; else the rows are judged again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from zlib import crc32

from pets.changes.draft import Draft
from pets.changes.merge import Counted
from pets.imports import checked_rows
from pets.imports.answers import questions_of
from pets.imports.checked_rows import ResolvedRow
from pets.imports.import_row import ImportRow
from pets.imports.questions import Question
from pets.imports.resolve import RowResolver
from pets.imports.sheet_plan import SheetPlan
from pets.imports.upload_rows import CHUNK
from pets.language import gettext as _, lazy_gettext, number
from pets.search.listing import Page, paged
from pets.sheets.write_csv import csv_of_cells

STATES = {
    "new": lazy_gettext("New"),
    "changed": lazy_gettext("Changed"),
    "unchanged": lazy_gettext("Unchanged"),
    "alike": lazy_gettext("Maybe here already"),
    "asked": lazy_gettext("To choose"),
    "faulty": lazy_gettext("To fix"),
    "apart": lazy_gettext("No pets"),
    "out": lazy_gettext("Left out"),
    "blank": lazy_gettext("Empty rows"),
}
STAGED = {"new", "alike", "changed"}


class Outdated(Exception):
    """Rows no longer stand for what they did when they were checked."""


class Importer(SheetPlan):
    """One sheet on its way in, under one plan."""

    @property
    def row_questions(self) -> list[Question]:
        """What its rows raise that one answer settles for many of them."""
        at = self.columns.mapping.get("type")
        kind = self.plan.type_for_all or (self.columns.columns[at].sample if at is not None else "")
        return questions_of(self.record.counts or {}, self.names_from, kind or _("cat"))

    def good_rows(self, after: str) -> Page:
        """A page of the rows that go into the draft, behind a cursor. Raises BadSearch."""
        return paged(self._good_behind, key=(ImportRow.number,), after=after, before="", size=25)

    def _good_behind(self, place: tuple[int] | None, _backwards: bool, limit: int) -> list[ResolvedRow]:
        after = place[0] if place else 0
        resolver = RowResolver(self.record, self.plan, self.columns, self.order)
        resolver.section = self.record.section_at(after)
        rows = self.record.rows(after=max(after, self.columns.heading_row))
        good: list[ResolvedRow] = []
        while len(good) < limit and (chunk := list(islice(rows, limit * 4))):
            good += [one for one in resolver.chunk(chunk) if one.state in STAGED and one.staged]
        return good[:limit]

    def rows_to_fix(self) -> Iterable[bytes]:
        """The faulty rows, as a CSV to fix and bring in again. Its last heading names this import."""
        headings = self.headings  # no row is wider: they are of every column in which a cell holds something
        rows = (
            [*row.cells, *[None] * (len(headings) - len(row.cells)), " ".join(one[2] for one in row.found)]
            for row in self.record.rows("faulty")
        )
        return csv_of_cells([*headings, f"to fix (import {self.record.id})"], rows)

    # What one can do

    def check(self, counted: Counted) -> None:
        """Count what the rows stand for, and mark those that somebody has to look at."""
        self.record.unmark()
        counts: Counter[str] = Counter()
        seal, done = self._seal(), 0
        for place, chunk in enumerate(self._resolved()):
            found = [*self._counted(chunk, counts)]
            self.record.mark(found)
            checked_rows.keep(self.record.id, place, seal, found)
            done += len(found)
            counted(done)
        self.record.counts = dict(counts)

    def check_again(self, counted: Counted) -> str:
        """Check rows that stand for something else by now. Returns a sentence that tells what has changed."""
        before = self.record.counts or {}
        self.check(counted)
        after = self.record.counts or {}
        told = [
            _(
                "%(state)s: %(now)s instead of %(before)s.",
                state=words,
                now=number(after.get(state, 0)),
                before=number(before.get(state, 0)),
            )
            for state, words in STATES.items()
            if after.get(state, 0) != before.get(state, 0)
        ]
        which = " ".join(told) or _("Some rows are about other pets now.")
        return _(
            "The register has changed since these rows were checked. %(changes)s "
            "Check the result, then continue.",
            changes=which,
        )

    def stage(self, draft: Draft, faulty_wait: bool, counted: Counted) -> int:
        """Put what the rows stand for into a draft. Faulty ones wait there too, or are left out.

        Raises Outdated where that is no longer what was found when they were checked; the caller rolls back.
        """
        counts: Counter[str] = Counter()
        states = STAGED | {"faulty"} if faulty_wait else STAGED
        chunks = checked_rows.kept(self.record.id, self._seal()) or self._resolved()
        found = self._counted(chain.from_iterable(chunks), counts)
        staged = (one.staged for one in found if one.state in states and one.staged)
        touched = draft.stage(staged, counted)
        if dict(counts) != self.record.counts:
            raise Outdated
        aside = not faulty_wait and (self.record.counts or {}).get("faulty")
        self.record.staged(draft.id, self.columns.heading_row if aside else None)
        return touched

    # Private

    def _resolved(self) -> Iterator[Sequence[ResolvedRow]]:
        """All rows but the headings, each with what it stands for, a chunk at a time."""
        resolver = RowResolver(self.record, self.plan, self.columns, self.order)
        rows = self.record.rows(after=self.columns.heading_row)
        while chunk := [*islice(rows, CHUNK)]:
            yield resolver.chunk(chunk)

    def _seal(self) -> str:
        return checked_rows.seal([self.record.sheet, self.plan.kept])

    def _counted(self, rows: Iterable[ResolvedRow], counts: Counter[str]) -> Iterator[ResolvedRow]:
        """Rows in their order, counted by what they stand for; and all of it in a "seal", by which to see
        whether they still stand for the same."""
        for one in rows:
            counts[one.state] += 1
            if one.counted:
                counts.update(one.counted)
            counts["blank"] += one.row.number - max(counts["last"], self.columns.heading_row) - 1
            counts["last"] = one.row.number
            about = one.staged.pet_id if one.staged else None
            sign = f"{one.row.number} {one.state} {about}"
            counts["seal"] = crc32(sign.encode(), counts["seal"])
            yield one
