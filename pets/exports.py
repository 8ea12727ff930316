"""Pets on their way out: what a search finds, as the rows of a sheet."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from pets import clock
from pets.fields.age import age_in
from pets.search.pets import PetSearch
from pets.sheets.write_csv import ExportRow, csv_chunks, json_chunks


def _xlsx_chunks(rows: Iterable[ExportRow]) -> Iterator[bytes]:
    # Loaded by whoever asks for it first: openpyxl takes a tenth of the start.
    from pets.sheets.write_xlsx import xlsx_chunks

    return xlsx_chunks(rows)


# What a file can be: its media type, and what makes its bytes.
Writer = Callable[[Iterable[ExportRow]], Iterator[bytes]]
FORMATS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", csv_chunks),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx_chunks),
    "json": ("application/json", json_chunks),
}


def export_rows(search: PetSearch) -> Iterator[ExportRow]:
    """The pets that a search finds, in its order, with their ages of today and times of the site's zone."""
    return _rows(search.export(), clock.today(), clock.Hours().local)


def _rows(found: Iterator[Any], today: date, local: Callable[[str], str]) -> Iterator[ExportRow]:
    ages: dict[str | None, int | None] = {None: None}  # there are fewer birthdays than pets
    for number, name, kind, born, estimated, notes, added_at, changed_at, version in found:
        if born not in ages:
            ages[born] = age_in("years", date.fromisoformat(born), today)
        added = local(added_at)
        changed = added if changed_at == added_at else local(changed_at)
        yield number, name, kind, born, estimated, ages[born], notes, added, changed, version
