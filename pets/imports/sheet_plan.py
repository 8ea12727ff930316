"""A sheet as a plan has it: its columns, what is open of them, and what has to be asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from pets.fields import BUILT_IN
from pets.fields.dates import DateOrder, OrderEvidence
from pets.fields.heading_words import BREED
from pets.imports.column_notes import ColumnNotes, SheetNotes
from pets.imports.columns import Column, Columns, columns_of
from pets.imports.earlier import earlier, plan_for, plan_of
from pets.imports.headings import OWN, READ_ONLY, TO_FIX, by_role, roles, squeezed
from pets.imports.mapping import ALL_NEW, BY_NAME, BY_NUMBER, ColumnMapping
from pets.imports.questions import Question, evidence_of, questions_about, rest_of, set_aside
from pets.imports.resolve import RowResolver
from pets.imports.rows_apart import type_of_sheet
from pets.imports.upload_rows import ASKED_ABOUT, CHUNK, Import
from pets.language import gettext as _, quoted
from pets.sheets.cells import Row

_SAMPLE = 200  # rows that are looked up, to see whether the list is here already


class SheetPlan:
    """One sheet under one plan: its columns, and what has to be asked of them."""

    def __init__(self, record: Import, plan: ColumnMapping | None = None) -> None:
        self.record = record
        self.makes_fields = False  # whether who asks may add own fields
        self.plan = plan or self._plan()
        self.known = (0, 0)  # rows whose pets are here already, of how many: looked up where it may decide
        if plan is None and record.plan is None and self.plan.match == ALL_NEW:
            self.known = self._known()
            if self.known[0] * 2 > self.known[1] or earlier(record) is not None:
                self.plan = replace(self.plan, match=BY_NAME)  # or all of them would come in once more

    def rows(self) -> Iterator[Row]:
        """The rows of the sheet."""
        for row in self.record.rows():
            yield row.number, row.cells

    @cached_property
    def notes(self) -> dict[int, ColumnNotes]:
        """What was noted of its columns as they were read in; or is now, of a sheet that has waited since an
        older version."""
        noted = self.record.noted or self._noted()
        sheet = f"{self.record.sheet} "
        return {
            int(key.removeprefix(sheet)): ColumnNotes.of(kept)
            for key, kept in noted.items()
            if key.startswith(sheet)
        }

    @cached_property
    def found(self) -> Columns:
        """Its columns, as they seem to be."""
        return self._columns(self.plan.heading_row)

    @cached_property
    def columns(self) -> Columns:
        """Its columns, as the plan has them. Raises SheetProblem for a sheet without any."""
        if self.plan.columns is None:
            return self.found
        chosen = {role: at for role, at in self.plan.columns.items() if role in roles()}  # not retired since
        for field, at in self.found.mapping.items():
            if field in READ_ONLY and at not in chosen.values() and at not in self.plan.noted:
                chosen[field] = at
        return self.found.with_choice(chosen)

    @property
    def homeless(self) -> list[Column]:
        """The columns that hold something which nothing is made of, and of which nobody said so. Our numbers
        tell something only where they say which pet a row is about."""
        unused = OWN if self.plan.match != BY_NUMBER else ()
        columns = [one for one in self.columns.columns if one.role in unused and one.holds_something]
        said = {*self.plan.noted, *self.plan.out, *self.plan.fields}
        return [column for column in (*columns, *self.columns.unknown) if column.index not in said]

    @property
    def headings(self) -> list[str]:
        """What its columns are headed; those without a heading by what they were said to hold."""
        said = {at: field for field, at in (self.plan.columns or {}).items()}
        return [column.heading or said.get(column.index, "") for column in self.found.columns]

    @property
    def evidence(self) -> OrderEvidence:
        """What its dates say of how they are written, as it was noted when they were read in."""
        return evidence_of(self.columns)

    @property
    def order(self) -> DateOrder | None:
        """Which of the two stands first: as a person said, else as the dates do."""
        said = [order for order in DateOrder if order.value == self.plan.answers.get("order")]
        return said[0] if said else self.evidence.order

    @property
    def type_hint(self) -> str:
        """What to say where no column holds the type; a breed may tell it, or may be told beside it."""
        breeds = [one.label for one in self.columns.unknown if squeezed(one.heading) in BREED]
        if breeds:
            return _(
                "No column holds the type. If “%(column)s” says what kind of animal each is, choose “type” "
                "for it above; if they are all of one type, such as cat, enter it here.",
                column=breeds[0],
            )
        return _("No column holds the type. If they are all of one, such as cat, enter it here.")

    @property
    def questions(self) -> list[Question]:
        """What has to be asked of its columns."""
        about = questions_about(self.columns, self.plan)
        aside = {why: self.record.hidden.get(told(self.record.sheet)) for why, told in ASKED_ABOUT.items()}
        about = [*(set_aside(why, count) for why, count in aside.items() if count), *about]
        return [*about, rest_of(self.homeless, self.makes_fields)] if self.homeless else about

    @property
    def nothing_words(self) -> list[tuple[Column, str, int]]:
        """The columns in which words stand for nothing, with the words and how many cells say them. Of a
        birth date and an age they can stand for nothing else."""
        taken = [one for one in self.columns.columns if one.role or one.index in self.plan.noted]
        return [
            (one, ", ".join(map(quoted, one.notes.nothing)), sum(one.notes.nothing.values()))
            for one in taken
            if one.notes.nothing and (one.role is None or by_role()[one.role].free)
        ]

    @property
    def agreed(self) -> ColumnMapping:
        """The plan with nothing open: the likely answer where nobody gave another, the order of dates, and
        what becomes of the columns that were asked about together. It is offered for the next sheet with
        these headings."""
        likely = {one.name: one.suggested for one in self.questions if one.suggested is not None}
        answers = {**likely, **self.plan.answers, **({"order": self.order.value} if self.order else {})}
        rest = {column.index for column in self.homeless}
        columns = {
            role: at for role, at in (self.plan.columns or self.columns.mapping).items() if at not in rest
        }
        home = answers.pop("rest", "out")
        homes = {"notes": [*self.plan.noted], "fields": [*self.plan.fields], "out": [*self.plan.out]}
        homes[home] += rest
        kept = {*self.plan.kept_words, *(rest if home == "notes" else ())}  # a line says what its cell says
        return replace(
            self.plan,
            columns=columns,
            answers=answers,
            noted=homes["notes"],
            fields=homes["fields"],
            out=homes["out"],
            kept_words=sorted(kept),
        )

    @property
    def names_from(self) -> list[Column]:
        """The columns by which pets without a name can be called: their codes tell them apart."""
        built_in = {role for field in BUILT_IN for role in field.headings}
        free = [one for one in self.columns.columns if one.role not in built_in]
        codes = [one for one in free if one.notes.tells_rows_apart]
        return [one for one in codes if re.fullmatch(r"[\w.-]{1,40}", one.sample)][:3]

    # Private

    def _noted(self) -> dict[str, dict[str, Any]]:
        notes, rows = SheetNotes(), self.rows()
        while chunk := list(islice(rows, CHUNK)):
            notes.observe(chunk)
        return notes.kept(self.record.sheet)

    def _columns(self, heading_row: int | None = None) -> Columns:
        """Its columns, below a row of headings as a person says, or the one that seems to be it."""
        return columns_of(self.rows(), heading_row, self.notes, self.record.kind == "sqlite")

    def _plan(self) -> ColumnMapping:
        """The plan that was made, or the one of the last sheet with these headings, or what seems best."""
        if self.record.plan is not None:
            return ColumnMapping.of(self.record.plan)
        columns = self._columns()
        if {
            "id",
            "version",
        } <= columns.mapping.keys():  # our own file: nothing in it stands for something else
            return ColumnMapping(match=BY_NUMBER, kept_words=[*range(len(columns.columns))])
        kept = _of_rows_to_fix(self.record, columns) or plan_for(self.record, columns.fingerprint)
        plan = ColumnMapping.of(kept)
        answers = {name: answer for name, answer in plan.answers.items() if name != "alike"}
        if not kept and "type" not in columns.mapping:
            plan = replace(plan, type_for_all=type_of_sheet(self.record.sheets[self.record.sheet]))
        # What destroys is said again of every sheet.
        row = columns.heading_row if kept else None
        return replace(plan, blank_clears=False, answers=answers, heading_row=row)

    def _known(self) -> tuple[int, int]:
        """How many of its first rows are about pets whose name and type are here; and of how many."""
        if "name" not in self.columns.mapping:
            return 0, 0
        resolver = RowResolver(self.record, self.plan, self.columns, self.order)
        rows = (row for row in self.record.rows() if row.number > self.columns.heading_row)
        return resolver.known([*islice(rows, _SAMPLE)])


def _of_rows_to_fix(record: Import, columns: Columns) -> Mapping[str, Any] | None:
    """The plan of the import whose rows to fix a file holds, as the heading of its last column says."""
    last = columns.columns[-1]
    found = re.search(r"\d+", last.heading) if last.role == TO_FIX else None
    return plan_of(record, int(found[0])) if found else None
