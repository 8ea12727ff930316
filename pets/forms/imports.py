"""The forms of an import: what to bring in, what its columns hold, and how its rows are to be taken."""

import re
from calendar import month_name
from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice as Choice

from pets.fields import problems_with
from pets.fields.dates import DateOrder, OrderEvidence
from pets.fields.text import tidy_line, writable
from pets.forms.base import PetsForm
from pets.imports.headings import Columns, Headings, called
from pets.imports.upload_rows import Import, ImportRow

BY_NUMBER = Choice("number", "The pets with these numbers; the sheet was exported from here")
LEFT_OUT = [Choice("", "nothing: leave it out")]
HEADINGS = {"yes": True, "no": False}


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
            self.cells.errors = ["There is a file and there are cells. Send one of the two."]
        return well_formed and not self.errors


class ColumnsForm(PetsForm):
    """What the columns of a sheet hold, and how its rows are to be taken."""

    sheet = SelectField("Sheet", coerce=int, default=0, validate_choice=False)
    headings = RadioField(
        "Does the first row name the columns?",
        choices=[Choice("yes", "Yes, it is a row of headings"), Choice("no", "No, it is a pet already")],
        validate_choice=False,
    )
    columns = FieldList(SelectField("Holds", validate_choice=False))
    order = RadioField("Day or month first?", choices=[], validate_choice=False)
    match = RadioField(
        "Which pets are these?",
        choices=[
            Choice("name", "The pets of the same name and type; whoever is not found is new"),
            Choice("new", "All of them are new"),
        ],
        validate_choice=False,
    )
    blank = RadioField(
        "What does an empty cell say?",
        choices=[
            Choice("keep", "Nothing: the pet keeps what it has"),
            Choice("clear", "That the pet has none: clear what it has"),
        ],
        default="keep",
        validate_choice=False,
    )
    type_for_all = StringField("What kind of animal are they?")
    leave_out = BooleanField("Leave these columns out")

    @classmethod
    def of(cls, plan: Mapping[str, Any], sheet: int) -> "ColumnsForm":
        """The form filled from what is known of the sheet."""
        headings = {True: "yes", False: "no", None: None}[plan["headings"]]
        blank = "clear" if plan["blank_clears"] else "keep"
        return cls(None, data={**plan, "columns": (), "headings": headings, "blank": blank, "sheet": sheet})

    @property
    def answers(self) -> dict[str, Any]:
        """What a person said of the sheet."""
        chosen = [entry.data for entry in self.columns]
        return {
            "headings": HEADINGS.get(self.headings.data or ""),
            "columns": {role: chosen.index(role) for role in called() if role in chosen},
            "order": self.order.data if self.order.data in {order.value for order in DateOrder} else None,
            "match": self.match.data if self.match.data in ("number", "name") else "new",
            "blank_clears": self.blank.data == "clear",
            "type_for_all": tidy_line(self.type_for_all.data or ""),
            "leave_out": bool(self.leave_out.data),
        }

    def looks_elsewhere(self, sheet: int, has_headings: bool, sheets: int) -> bool:
        """Whether other columns have to be shown first: those of another sheet, or without headings."""
        said = HEADINGS.get(self.headings.data or "", has_headings)
        return said is not has_headings or (self.sheet.data != sheet and 0 <= (self.sheet.data or 0) < sheets)

    def show(self, columns: Columns, evidence: OrderEvidence, sheets: Sequence[str]) -> None:
        """Fill in what depends on the sheet."""
        self.sheet.choices = [Choice(str(place), name) for place, name in enumerate(sheets)]
        if self.headings.data is None and columns.headings is Headings.FOUND:
            self.headings.data = "yes"
        for place, column in enumerate(columns.columns):
            if place == len(self.columns):
                self.columns.append_entry(column.role if column.role in called() else "")
            self.columns[place].choices = LEFT_OUT + [Choice(*item) for item in called().items()]
        if "id" in columns.mapping or self.match.data == "number":
            self.match.choices = [BY_NUMBER, *(self.match.choices or ())]
        if evidence.must_ask:
            example = evidence.example or "1/5/2022"
            day, month = both_ways(example)
            self.order.label.text = f"What does “{example}” mean?"
            self.order.choices = [
                Choice("day-month", f"{day}, the day first"),
                Choice("month-day", f"{month}, the month first"),
            ]

    def holds(self, columns: Columns, evidence: OrderEvidence) -> bool:
        """Whether the answers fit the sheet and each other; the errors say what to do."""
        well_formed: bool = self.validate()
        chosen = [entry.data for entry in self.columns]
        for entry in self.columns:
            if entry.data and chosen.count(entry.data) > 1:
                entry.errors = [
                    f"Two columns hold the {called().get(entry.data, 'same')}. Choose one of them."
                ]
        if "name" not in chosen:
            self.columns[0].errors = ["No column holds the names. Choose the one that does."]
        if self.headings.data not in HEADINGS:
            self.headings.errors = ["Say whether the first row names the columns."]
        if left_out(columns) and not self.leave_out.data:
            self.leave_out.errors = ["Tick this if they shall be left out, or choose what they hold."]
        if self.match.data == "number" and "id" not in chosen:
            self.match.errors = ["No column holds the numbers. Choose one, or another answer here."]
        if evidence.must_ask and self.order.data not in {order.value for order in DateOrder}:
            self.order.errors = ["Say which stands first; the sheet does not tell."]
        kind = tidy_line(self.type_for_all.data or "")
        if "type" not in chosen and (kind or self.match.data != "number"):
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


def left_out(columns: Columns) -> list[str]:
    """The columns that hold something and are not taken."""
    return [column.label for column in columns.unknown if column.heading or column.samples]


def both_ways(example: str) -> tuple[str, str]:
    """A date such as 1/5/2022 with its day first, and with its month first."""
    first, second = (int(part) for part in re.findall(r"\d+", example)[:2])
    return f"{first} {month_name[second]}", f"{second} {month_name[first]}"


MOST = 1000  # rows that are looked up for one form; a page shows far fewer


def taken(record: Import, sent: MultiDict[str, str]) -> bool:
    """Take the cells that a person corrected, and what they chose where a row fits several pets.

    Returns whether there was anything to take: a cell that came back as it was shown stays as it is kept,
    which may be a date, or hold what no page can show.
    """
    mended: dict[ImportRow, dict[int, str]] = {}
    chosen = False
    parts = [([*name.split("-"), "", ""])[:3] for name in sent]
    numbers = {number for _, number, _ in parts if number.isdecimal() and len(number) < 8}
    rows = record.rows_at([*map(int, numbers)][:MOST])
    for (what, number, column), (_, values) in zip(parts, sent.lists(), strict=True):
        row = rows.get(int(number)) if number in numbers else None
        if row is None:
            continue
        for value in values:  # a cell stands on the page as often as something is wrong with it
            if what == "pet" and (value in ("new", "out") or value.isdecimal()) and value != row.choice:
                row.choice, chosen = value, True
            elif what == "cell" and column.isdecimal() and len(column) < 3:
                typed = _lines_of(value.replace("\0", ""))
                if writable(typed) != _lines_of(row.text(int(column))):
                    mended.setdefault(row, {})[int(column)] = typed
    for row, cells in mended.items():
        row.mend(cells)
    return chosen or bool(mended)


def _lines_of(text: str) -> str:
    """A text with its line ends as they are kept, whatever the browser or the sheet made of them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
