"""What has to be asked of the columns of a sheet: each question with its answers, and the likely one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pets.fields.dates import OrderEvidence
from pets.fields.text import fold
from pets.fields.unit_words import unit_in
from pets.imports.columns import Column, Columns
from pets.imports.headings import by_role
from pets.imports.mapping import ColumnMapping
from pets.language import day_of_year, day_words, gettext as _, ngettext, pgettext, quoted

QUESTIONS = ("hidden", "struck", "unit", "order", "swapped", "moments", "empties", "sections", "rest")


@dataclass(frozen=True)
class Question:
    """Something that a sheet does not tell by itself. Its answer is kept by its name."""

    name: str
    label: str
    choices: Mapping[str, str]  # answer → in words
    suggested: str | None = None  # the likely answer; None: there is none, and it has to be said
    hint: str = ""
    missing: str = ""  # what to say where it is not answered


def questions_about(columns: Columns, plan: ColumnMapping) -> list[Question]:
    """What has to be asked of these columns, as they are chosen."""
    at = {role: columns.columns[index] for role, index in columns.mapping.items()}
    asked: list[Question] = []
    if (age := at.get("age")) and _has_bare_numbers(age):
        asked.append(_unit(age))
    asked += _of_order(evidence_of(columns))
    if born := at.get("born"):
        asked += [*_of_dates(born), *_of_moments(born)]
    if sections := _sections(columns, plan):
        asked.append(sections)
    return asked


def _has_bare_numbers(age: Column) -> bool:
    """Whether it has an age without a unit, or more than is known of it."""
    values = age.notes.values
    return age.notes.distinct > len(values) or any(re.fullmatch(r"[\d.,\s+<>~?-]+", one) for one in values)


def _unit(age: Column) -> Question:
    named = unit_in(age.heading)
    choices = {
        "years": pgettext("ages are in", "Years"),
        "months": pgettext("ages are in", "Months"),
        "weeks": pgettext("ages are in", "Weeks"),
        "days": pgettext("ages are in", "Days"),
    }
    hint = (
        _("The heading “%(heading)s” says so.", heading=age.heading)
        if named
        else _("The heading does not say.")
    )
    return Question("unit", _("Ages without a unit are in"), choices, named or "years", hint)


def evidence_of(columns: Columns) -> OrderEvidence:
    """What all columns of dates together say of the order of day and month."""
    all_of_them = OrderEvidence()
    for role, index in columns.mapping.items():
        field = by_role().get(role)
        if field and field.dated and field.name == role:
            dates = columns.columns[index].notes.dates
            all_of_them.day_first += dates.day_first
            all_of_them.month_first += dates.month_first
            all_of_them.either += dates.either
            all_of_them.two_digit_years += dates.two_digit_years
            all_of_them.example = all_of_them.example or dates.example
    return all_of_them


def _of_order(dates: OrderEvidence) -> Iterator[Question]:
    if dates.must_ask:
        example = dates.example or "1/5/2022"
        day, month = both_ways(example)
        yield Question(
            "order",
            _("What does “%(date)s” mean?", date=example),
            {
                "day-month": _("%(day)s, the day first", day=day),
                "month-day": _("%(day)s, the month first", day=month),
            },
            hint=_("The dates in the sheet can be read both ways, and none of them tells which."),
            missing=_("Choose which comes first; the sheet does not tell."),
        )


def _of_dates(born: Column) -> Iterator[Question]:
    dates = born.notes.dates
    if dates.may_be_swapped:
        yield Question(
            "swapped",
            _("Have day and month changed places?"),
            {
                "swap": _("Yes: %(days)s", days=", ".join(map(_turned, dates.swaps))),
                "stand": _("No: %(days)s", days=", ".join(map(_day, dates.swaps))),
            },
            hint=_(
                "Some dates here are text with a number over 12, and no real date has a day after the 12th. "
                "A spreadsheet that took day and month the wrong way round leaves this behind."
            ),
            missing=_("Choose whether they have; the sheet does not tell."),
        )


def _of_moments(born: Column) -> Iterator[Question]:
    dates = born.notes.dates
    if dates.late:
        day = date.fromisoformat(dates.latest[:10])
        yield Question(
            "moments",
            _("Which day is “%(moment)s”?", moment=dates.latest),
            {
                "nearest": _("%(day)s, the nearest day", day=day_words(day + timedelta(days=1))),
                "stands": _("%(day)s, as in the sheet", day=day_words(day)),
            },
            "nearest" if dates.evening and not dates.early else "stands",
            hint=_("A program in another time zone writes a day as an hour of the evening before."),
        )
    if dates.empties:
        yield Question(
            "empties",
            _("Is “%(date)s” a birth date?", date=dates.empty),
            {"unknown": _("No: the birth date is unknown"), "keep": _("Yes: keep it as it is")},
            "unknown",
            hint=ngettext(
                "One birth date is “%(date)s”, which programs write where there is no date.",
                "%(num)s birth dates are “%(date)s” or like it, which programs write where there is no date.",
                dates.empties,
                date=dates.empty,
            ),
        )


def _sections(columns: Columns, plan: ColumnMapping) -> Question | None:
    """Whether rows with only a first cell are headings of those below them."""
    first = next((column for column in columns.columns if column.holds_something), None)
    others = [column for column in columns.columns if column.notes.filled and column is not first]
    if first is None or not others:
        return None
    above = sum(number <= columns.heading_row for number, _ in first.notes.lones)
    lones = [text for _, text in first.notes.lones[above:]]
    count = first.notes.lone - above
    if count <= 0 or not lones:
        return None
    like_types = all(re.fullmatch(r"[^\W\d_]+s|.*:", fold(text)) for text in lones)
    has_type = "type" in columns.mapping
    return Question(
        "sections",
        _("What are the rows with only a first cell?"),
        {
            "type": _("Headings: their text is the type of the rows below, such as %(type)s", type=lones[0]),
            "out": _("No pets: leave them out"),
            "pets": _("Pets of which nothing else is known"),
        },
        "type" if like_types and not has_type else "pets" if has_type or plan.type_for_all else None,
        hint=ngettext(
            "One row has only %(text)s.",
            "%(num)s rows have only %(text)s.",
            count,
            text=", ".join(map(quoted, lones[:3])),
        ),
    )


def set_aside(why: str, count: int) -> Question:
    """What becomes of rows that the file holds but does not show ("hidden"), or has "struck" out."""
    if why == "hidden":
        label, missing = _("What about the hidden rows?"), _("Choose what to do with the hidden rows.")
        hint = ngettext(
            "One row is hidden in the spreadsheet, by a filter or by hand.",
            "%(num)s rows are hidden in the spreadsheet, by a filter or by hand.",
            count,
        )
    else:
        label = _("What about the struck-out rows?")
        missing = _("Choose what to do with the struck-out rows.")
        hint = ngettext(
            "One row is struck out in the spreadsheet.",
            "%(num)s rows are struck out in the spreadsheet.",
            count,
        )
    choices = {"out": _("Leave them out"), "take": _("Import them like the others")}
    return Question(why, label, choices, hint=hint, missing=missing)


def rest_of(columns: Sequence[Column], fields: bool) -> Question:
    """What becomes of the columns that nobody has said anything of. fields: whether who asks may add some."""
    first = columns[0]
    numbers = all(column.role for column in columns)
    hint = _("Not imported yet: %(columns)s.", columns=", ".join(quoted(column.label) for column in columns))
    if numbers:  # they are those of another list, as a rule
        hint += " " + _("Numbers say which pet a row is about only where pets are updated by number.")
    elif not fields:
        hint += " " + _("An admin can make fields of them: ask one if you want to find pets by them.")
    return Question(
        "rest",
        _("What about the other columns?"),
        {
            **({"fields": _("Make each a field of its own")} if fields else {}),
            "notes": _("Put them into the notes, a line each: “%(line)s”", line=first.line(first.sample)),
            "out": _("Leave them out"),
        },
        "out" if numbers else None,
        hint,
        missing=_("Choose what to do with these columns, or choose above what each of them is."),
    )


def both_ways(example: str) -> tuple[str, str]:
    """A date such as 1/5/2022 with its day first, and with its month first."""
    first, second = (int(part) for part in re.findall(r"\d+", example)[:2])
    return day_of_year(date(2000, second, first)), day_of_year(date(2000, first, second))


def _day(iso: str) -> str:
    return day_words(date.fromisoformat(iso))


def _turned(iso: str) -> str:
    day = date.fromisoformat(iso)
    return day_words(date(day.year, day.day, day.month))
