"""What has to be asked of the columns of a sheet: each question with its answers, and the likely one."""

import re
from calendar import month_name
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pets.fields.age import UNITS
from pets.fields.dates import OrderEvidence
from pets.fields.text import fold
from pets.fields.unit_words import unit_in
from pets.imports.columns import Column, Columns
from pets.imports.headings import by_role
from pets.imports.mapping import ColumnMapping

QUESTIONS = ("hidden", "unit", "order", "swapped", "moments", "empties", "sections", "rest")


@dataclass(frozen=True)
class Question:
    """Something that a sheet does not tell by itself. Its answer is kept by its name."""

    name: str
    label: str
    choices: Mapping[str, str]  # answer → in words
    suggested: str | None = None  # the likely answer; None: there is none, and it has to be said
    hint: str = ""
    missing: str = "Choose one of these."


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
    hint = f"The heading “{age.heading}” says {named}." if named else "The heading does not say."
    choices = {unit: unit.capitalize() for unit in UNITS}
    return Question("unit", "Ages without a unit are in", choices, named or "years", hint)


def evidence_of(columns: Columns) -> OrderEvidence:
    """What all columns of dates together say of the order of day and month."""
    fields, all_of_them = by_role(), OrderEvidence()
    for role, index in columns.mapping.items():
        if role == "born" or (role in fields and fields[role].kind == "day"):
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
            f"What does “{example}” mean?",
            {"day-month": f"{day}, the day first", "month-day": f"{month}, the month first"},
            hint="The dates in the sheet can be read both ways, and none of them tells which.",
            missing="Say which stands first; the sheet does not tell.",
        )


def _of_dates(born: Column) -> Iterator[Question]:
    dates = born.notes.dates
    if dates.may_be_swapped:
        yield Question(
            "swapped",
            "Have day and month changed places?",
            {
                "swap": f"Yes: {', '.join(map(_turned, dates.swaps))}",
                "stand": f"No: {', '.join(map(_day, dates.swaps))}",
            },
            hint="Some dates here are text with a number over 12, and no real date has a day after the 12th. "
            "A spreadsheet that took day and month the wrong way round leaves this behind.",
            missing="Say whether they have; the sheet does not tell.",
        )


def _of_moments(born: Column) -> Iterator[Question]:
    dates = born.notes.dates
    if dates.late:
        day, after = _nearest(dates.latest)
        yield Question(
            "moments",
            f"Which day is “{dates.latest}”?",
            {"nearest": f"{after}, the nearest day", "stands": f"{day}, as it stands"},
            "nearest" if dates.evening and not dates.early else "stands",
            hint="A program in another time zone writes a day as an hour of the evening before.",
        )
    if dates.empties:
        count = "One birth date is" if dates.empties == 1 else f"{dates.empties:,} birth dates are such as"
        yield Question(
            "empties",
            f"Is “{dates.empty}” a birth date?",
            {"unknown": "No: the birth date is unknown", "keep": "Yes: keep it as it is"},
            "unknown",
            hint=f"{count} “{dates.empty}”, which programs write where there is no date.",
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
        "What are the rows with only a first cell?",
        {
            "type": f"Headings: their text is the type of the rows below, such as {lones[0]}",
            "out": "No pets: leave them out",
            "pets": "Pets of which nothing else is known",
        },
        "type" if like_types and not has_type else "pets" if has_type or plan.type_for_all else None,
        hint=f"{'One row holds' if count == 1 else f'{count:,} rows hold'} only “{'”, “'.join(lones[:3])}”.",
    )


def hidden_rows(count: int) -> Question:
    """What becomes of rows that the file holds but does not show."""
    rows = "One row is" if count == 1 else f"{count:,} rows are"
    return Question(
        "hidden",
        "What about the hidden rows?",
        {"out": "Leave them out", "take": "Import them like the others"},
        hint=f"{rows} hidden in the spreadsheet, by a filter or by hand.",
        missing="Say what becomes of the hidden rows.",
    )


def rest_of(columns: Sequence[Column], fields: bool) -> Question:
    """What becomes of the columns that nobody has said anything of. fields: whether who asks may add some."""
    first = columns[0]
    numbers = all(column.role for column in columns)
    hint = f"Nothing is taken yet from {', '.join(column.label for column in columns)}."
    if numbers:  # they are those of another list, as a rule
        hint += " Numbers say which pet a row is about only where pets are updated by number."
    elif not fields:
        hint += " An admin can make fields of them: ask one, if you want to find pets by what they hold."
    return Question(
        "rest",
        "And the other columns?",
        {
            **({"fields": "Make each a field of its own"} if fields else {}),
            "notes": f"Put them into the notes, a line each: “{first.line(first.sample)}”",
            "out": "Leave them out",
        },
        "out" if numbers else None,
        hint,
        missing="Say what becomes of these columns, or choose above what each of them is.",
    )


def both_ways(example: str) -> tuple[str, str]:
    """A date such as 1/5/2022 with its day first, and with its month first."""
    first, second = (int(part) for part in re.findall(r"\d+", example)[:2])
    return f"{first} {month_name[second]}", f"{second} {month_name[first]}"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {month_name[day.month]} {day.year}"


def _turned(iso: str) -> str:
    day = date.fromisoformat(iso)
    return _day(date(day.year, day.day, day.month).isoformat())


def _nearest(moment: str) -> tuple[str, str]:
    day = date.fromisoformat(moment[:10])
    return _day(day.isoformat()), _day((day + timedelta(days=1)).isoformat())
