"""The forms of an import: what to bring in, what its columns hold, and how its rows are to be taken."""

from dataclasses import replace
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import (
    FieldList,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice as Choice

from pets import clock
from pets.fields import problems_with
from pets.fields.text import tidy_line, writable
from pets.forms.base import PetsForm
from pets.forms.fields import FIELDS
from pets.imports.answers import ANSWERS
from pets.imports.columns import Column, Headings
from pets.imports.headings import called
from pets.imports.import_row import ImportRow
from pets.imports.importer import Importer
from pets.imports.mapping import ColumnMapping
from pets.imports.new_fields import called as called_kind
from pets.imports.new_fields import kind_of
from pets.imports.questions import QUESTIONS
from pets.imports.upload_rows import Import
from pets.models.field import OwnField

BY_NUMBER = Choice("number", "Update pets by number (exported from Pets)")
BY_NAME = Choice("name", "Update pets with the same name and type, add the rest")
ALL_NEW = Choice("new", "Add every row as a new pet")
UNSAID = Choice("", "Choose, or say below")
NOT = Choice("+out", "Don’t import")
TO_NOTES = Choice("+notes", "notes, as a line")
TO_FIELD = "+field"
NO_HEADINGS = Choice("0", "None of them: the first row is a pet already")


class UploadForm(PetsForm):
    """A file, or cells pasted."""

    file = FileField("File")
    cells = TextAreaField("Or paste cells copied from a spreadsheet")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        well_formed: bool = super().validate(*args, **kwargs)
        pasted = bool((self.cells.data or "").strip())
        if not self.file.data and not pasted:
            self.file.errors = ["Choose a file, or paste cells."]
        elif self.file.data and pasted:
            self.cells.errors = ["Choose a file or paste cells, not both."]
        return well_formed and not self.errors


def asked() -> RadioField:
    """A question whose words and choices the sheet decides."""
    return RadioField(choices=[], validate_choice=False)


class ColumnsForm(PetsForm):
    """What the columns of a sheet hold, and how its rows are to be taken."""

    sheet = SelectField("Sheet", coerce=int, default=0, validate_choice=False)
    headings = SelectField("Row of headings", validate_choice=False)
    columns = FieldList(SelectField("Import as", validate_choice=False))
    rest = asked()
    kept_words = SelectMultipleField(coerce=int, choices=[], validate_choice=False)
    type_for_all = StringField("What kind of animal are they?")
    unit = SelectField(choices=[], validate_choice=False)
    hidden, order, swapped = asked(), asked(), asked()
    moments, empties, sections = asked(), asked(), asked()
    match = RadioField("Which pets are these?", choices=[BY_NAME, ALL_NEW], validate_choice=False)
    blank = RadioField(
        "Empty cells",
        choices=[Choice("keep", "Leave as it is"), Choice("clear", "Clear it")],
        default="keep",
        validate_choice=False,
    )

    @classmethod
    def of(cls, importer: Importer) -> "ColumnsForm":
        """The form filled from what is known of the sheet."""
        plan = importer.plan
        blank = "clear" if plan.blank_clears else "keep"
        known = {"match": plan.match, "blank": blank, "type_for_all": plan.type_for_all, **plan.answers}
        return cls(None, data={**known, "sheet": importer.record.sheet, "kept_words": [*plan.kept_words]})

    @property
    def plan(self) -> ColumnMapping:
        """What a person said of the sheet."""
        chosen = [entry.data for entry in self.columns]
        noted, fields, out = (
            [at for at, role in enumerate(chosen) if role == home]
            for home in (TO_NOTES.value, TO_FIELD, NOT.value)
        )
        row = self.headings.data or ""
        return ColumnMapping(
            heading_row=int(row) if row.isdecimal() and len(row) < 8 else None,
            columns={role: chosen.index(role) for role in called() if role in chosen},
            noted=noted,
            fields=fields,
            out=out,
            match=self.match.data if self.match.data in ("number", "name") else "new",
            blank_clears=self.blank.data == "clear",
            type_for_all=tidy_line(self.type_for_all.data or ""),
            answers={name: self[name].data for name in QUESTIONS if self[name].data},
            kept_words=[at for at in self.kept_words.data or () if 0 <= at < len(chosen)],
        )

    def looks_elsewhere(self, importer: Importer) -> bool:
        """Whether other columns have to be shown first: those of another sheet, or under other headings."""
        row, sheets = self.plan.heading_row, len(importer.record.sheets)
        other_sheet = self.sheet.data != importer.record.sheet and 0 <= (self.sheet.data or 0) < sheets
        return other_sheet or (row is not None and row != importer.columns.heading_row)

    def show(self, importer: Importer) -> None:
        """Fill in what depends on the sheet."""
        columns, sheets = importer.columns, importer.record.sheets
        self.sheet.choices = [Choice(str(place), name) for place, name in enumerate(sheets)]
        homes = [Choice(*item) for item in called().items()]
        rows = [Choice(str(number), f"Row {number}: {text}") for number, text in columns.first_rows]
        self.headings.choices = [*rows, NO_HEADINGS]
        if columns.headings is not Headings.FOUND and importer.plan.heading_row is None:
            self.headings.choices.insert(0, Choice("", "Choose"))
        elif self.headings.data is None:
            self.headings.data = str(columns.heading_row)
        for place, column in enumerate(columns.columns):
            if place == len(self.columns):
                self.columns.append_entry(_home(importer, column))
            new = [_new_field(importer, column)] if importer.makes_fields and column.samples else []
            self.columns[place].choices = [UNSAID, *homes, *new, TO_NOTES, NOT]
        if "id" in columns.mapping or self.match.data == "number":
            self.match.choices = [BY_NUMBER, BY_NAME, ALL_NEW]
        for question in importer.questions:
            self[question.name].label.text = question.label
            self[question.name].choices = [Choice(*item) for item in question.choices.items()]
            if self[question.name].data not in question.choices:
                self[question.name].data = question.suggested

    def holds(self, importer: Importer) -> bool:
        """Whether the answers fit the sheet and each other; the errors say what to do."""
        well_formed: bool = self.validate()
        chosen = [entry.data for entry in self.columns]
        for entry in self.columns:
            if entry.data in called() and chosen.count(entry.data) > 1:
                entry.errors = [f"Two columns hold the {called()[entry.data]}. Choose one of them."]
        if "name" not in chosen:
            self.columns[0].errors = ["No column holds the names. Choose the one that does."]
        if not self.headings.data:
            self.headings.errors = ["Choose the row of headings, or say that there is none."]
        for question in importer.questions:
            field = self[question.name]
            if not field.raw_data:
                field.errors = ["This is new on the page. Check it, then continue."]
            if field.data not in question.choices:
                field.errors = [question.missing]
        made = len(importer.plan.fields) + len(importer.homeless) * (self.rest.data == "fields")
        if made and made + OwnField.in_use() > FIELDS:
            self.rest.errors = [f"A register has {FIELDS} fields at most. Put some columns into the notes."]
        if self.match.data == "number" and "id" not in chosen:
            self.match.errors = ["No column holds the numbers. Choose one, or another answer here."]
        kind = tidy_line(self.type_for_all.data or "")
        sections = self.sections.data == "type"
        if "type" not in chosen and (kind or not (sections or self.match.data == "number")):
            problem = problems_with({"type": kind}).get("type")
            self.type_for_all.errors = [problem] if problem else []
        return well_formed and not self.wrong

    @property
    def wrong(self) -> bool:
        """Whether anything has to be corrected."""
        return bool(self.column_problems) or any(field.errors for field in self if field is not self.columns)

    @property
    def column_problems(self) -> list[tuple[str, str]]:
        """What is wrong with the columns, as the summary at the top takes it."""
        return [(str(error), f"#{entry.id}") for entry in self.columns for error in entry.errors]


def _new_field(importer: Importer, column: Column) -> Choice:
    kind = kind_of(column, importer.order, clock.today())
    return Choice(TO_FIELD, f"a new field “{kind['label']}” ({called_kind(kind)})")


def _home(importer: Importer, column: Column) -> str:
    """What a column is imported as."""
    plan = importer.plan
    said = {**dict.fromkeys(plan.noted, TO_NOTES.value), **dict.fromkeys(plan.out, NOT.value)}
    empty = "" if column.holds_something else NOT.value
    return column.role if column.role in called() else said.get(column.index, empty)


MOST = 1000  # rows that are looked up for one form; a page shows far fewer


def taken(record: Import, sent: MultiDict[str, str]) -> bool:
    """Take the cells that a person corrected, and what they chose where a row fits several pets.

    Returns whether there was anything to take: a cell that came back as it was shown stays as it is kept,
    which may be a date, or hold what no page can show.
    """
    corrected: dict[ImportRow, dict[int, str]] = {}
    chosen = False
    parts = [([*name.split("-"), "", ""])[:3] for name in sent]
    numbers = {number for _, number, _ in parts if number.isdecimal() and len(number) < 8}
    rows = record.rows_at([*map(int, numbers)][:MOST])
    for (what, number, column), (_, values) in zip(parts, sent.lists(), strict=True):
        row = rows.get(int(number)) if number in numbers else None
        if row is None:
            continue
        for value in values:  # a cell stands on the page as often as something is wrong with it
            if (
                what == "pet"
                and (value in ("new", "out", "pet") or value.isdecimal())
                and value != row.choice
            ):
                row.choice, chosen = value, True
            elif what == "cell" and column.isdecimal() and len(column) < 3:
                typed = _lines_of(value.replace("\0", ""))
                if writable(typed) != _lines_of(row.text(int(column))):
                    corrected.setdefault(row, {})[int(column)] = typed
    for row, cells in corrected.items():
        row.correct(cells)
    anything = _answered(record, sent) or chosen or bool(corrected)
    if anything:
        record.uncheck()
    return anything


def _answered(record: Import, sent: MultiDict[str, str]) -> bool:
    """Take what a person said once for many rows. Returns whether it is anything new."""
    plan = ColumnMapping.of(record.plan)
    said = {name: sent[f"answer-{name}"] for name in ANSWERS if f"answer-{name}" in sent}
    if all(plan.answers.get(name, "") == answer for name, answer in said.items()):
        return False
    answers = {name: answer for name, answer in {**plan.answers, **said}.items() if answer}
    record.plan = replace(plan, answers=answers).kept
    return True


def _lines_of(text: str) -> str:
    """A text with its line ends as they are kept, whatever the browser or the sheet made of them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
