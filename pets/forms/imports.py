"""The forms of an import: what to bring in, what its columns hold, and how its rows are to be taken."""

from flask_wtf.file import FileField
from wtforms import (
    FieldList,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice as Choice

from pets.fields.catalogue import catalogue
from pets.fields.text import tidy_line
from pets.forms.base import PetsForm
from pets.forms.fields import FIELDS
from pets.imports.columns import Column, Headings
from pets.imports.headings import called
from pets.imports.importer import Importer
from pets.imports.mapping import ColumnMapping
from pets.imports.new_fields import called as called_kind, kind_of
from pets.imports.questions import QUESTIONS
from pets.language import gettext as _, lazy_gettext
from pets.models.field import OwnField

BY_NUMBER = Choice("number", lazy_gettext("Update pets by number (exported from Pets)"))
BY_NAME = Choice("name", lazy_gettext("Update pets with the same name and type, add the rest"))
ALL_NEW = Choice("new", lazy_gettext("Add every row as a new pet"))
UNSAID = Choice("", lazy_gettext("Choose, or decide below"))
NOT = Choice("+out", lazy_gettext("Don’t import"))
TO_NOTES = Choice("+notes", lazy_gettext("notes, as a line"))
TO_FIELD = "+field"
NO_HEADINGS = Choice("0", lazy_gettext("None of them: the first row is a pet already"))


class UploadForm(PetsForm):
    """A file, or cells pasted."""

    file = FileField(lazy_gettext("File"))
    cells = TextAreaField(lazy_gettext("Or paste cells copied from a spreadsheet"))

    def validate_file(self, field: FileField) -> None:
        """Whether there is anything to read."""
        if not field.data and not (self.cells.data or "").strip():
            raise ValidationError(_("Choose a file, or paste cells."))

    def validate_cells(self, field: TextAreaField) -> None:
        """Whether it is one thing."""
        if self.file.data and (field.data or "").strip():
            raise ValidationError(_("Choose a file or paste cells, not both."))


def asked() -> RadioField:
    """A question whose words and choices the sheet decides."""
    return RadioField(choices=[], validate_choice=False)


class ColumnsForm(PetsForm):
    """What the columns of a sheet hold, and how its rows are to be taken."""

    sheet = SelectField(lazy_gettext("Sheet"), coerce=int, default=0, validate_choice=False)
    headings = SelectField(lazy_gettext("Row of headings"), validate_choice=False)
    columns = FieldList(SelectField(lazy_gettext("Import as"), validate_choice=False))
    rest = asked()
    kept_words = SelectMultipleField(coerce=int, choices=[], validate_choice=False)
    type_for_all = StringField(lazy_gettext("What kind of animal are they?"))
    unit = SelectField(choices=[], validate_choice=False)
    hidden, struck, order, swapped = asked(), asked(), asked(), asked()
    moments, empties, sections = asked(), asked(), asked()
    match = RadioField(
        lazy_gettext("Which pets are these?"), choices=[BY_NAME, ALL_NEW], validate_choice=False
    )
    blank = RadioField(
        lazy_gettext("Empty cells"),
        choices=[Choice("keep", lazy_gettext("Leave as it is")), Choice("clear", lazy_gettext("Clear it"))],
        default="keep",
        validate_choice=False,
    )

    @classmethod
    def of(cls, importer: Importer) -> "ColumnsForm":
        """The form filled from what is known of the sheet."""
        plan = importer.plan
        blank = "clear" if plan.blank_clears else "keep"
        known = {"match": plan.match, "blank": blank, "type_for_all": plan.type_for_all, **plan.answers}
        return cls(data={**known, "sheet": importer.record.sheet, "kept_words": [*plan.kept_words]})

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
        self.sheet.choices = [
            Choice(str(place), _("All sheets") if str(place) in importer.record.parts else name)
            for place, name in enumerate(sheets)
        ]
        homes = [Choice(*item) for item in called().items()]
        rows = [
            Choice(str(number), _("Row %(row)s: %(text)s", row=number, text=text))
            for number, text in columns.first_rows
        ]
        self.headings.choices = [*rows, NO_HEADINGS]
        if columns.headings is not Headings.FOUND and importer.plan.heading_row is None:
            self.headings.choices.insert(0, Choice("", _("Choose")))
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
                entry.errors = [
                    _("Two columns hold the %(field)s. Choose one of them.", field=called()[entry.data])
                ]
        if "name" not in chosen:
            self.columns[0].errors = [_("No column holds the names. Choose the one that does.")]
        if not self.headings.data:
            self.headings.errors = [_("Choose the row of headings, or that there is none.")]
        for question in importer.questions:
            field = self[question.name]
            if not field.raw_data:
                field.errors = [_("This is new on the page. Check it, then continue.")]
            if field.data not in question.choices:
                field.errors = [question.missing or _("Choose one of these.")]
        made = len(importer.plan.fields) + len(importer.homeless) * (self.rest.data == "fields")
        if made and made + OwnField.in_use() > FIELDS:
            self.rest.errors = [
                _("A register has %(most)s fields at most. Put some columns into the notes.", most=FIELDS)
            ]
        if self.match.data == "number" and "id" not in chosen:
            self.match.errors = [_("No column holds the numbers. Choose one, or another answer here.")]
        kind = tidy_line(self.type_for_all.data or "")
        sections = self.sections.data == "type"
        if "type" not in chosen and (kind or not (sections or self.match.data == "number")):
            problem = catalogue().problems_with({"type": kind}).get("type")
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
    kind = kind_of(column, importer.order)
    return Choice(
        TO_FIELD, _("a new field “%(field)s” (%(kind)s)", field=kind["label"], kind=called_kind(kind))
    )


def _home(importer: Importer, column: Column) -> str:
    """What a column is imported as."""
    plan = importer.plan
    said = {**dict.fromkeys(plan.noted, TO_NOTES.value), **dict.fromkeys(plan.out, NOT.value)}
    empty = "" if column.holds_something else NOT.value
    return column.role if column.role in called() else said.get(column.index, empty)
