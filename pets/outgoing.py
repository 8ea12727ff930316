"""Pets on their way out: what a search finds, as the rows of a sheet."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pets import clock
from pets.models.age import age_in
from pets.search import PetSearch
from pets.sheets import ExportRow, csv_chunks, json_chunks, xlsx_chunks

# What a file can be: its media type, and what makes its bytes.
Writer = Callable[[Iterable[ExportRow]], Iterator[bytes]]
FORMATS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", csv_chunks),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_chunks),
    "json": ("application/json", json_chunks),
}


def export_rows(search: PetSearch) -> Iterator[ExportRow]:
    """The pets that a search finds, in its order, with their ages of today and times of the site's zone."""
    today, zone = clock.today(), clock.zone()
    found: Iterator[Any] = search.stream()
    return (
        (
            number,
            name,
            kind,
            born_on,
            estimated,
            None if born_on is None else age_in("years", born_on, today),
            notes,
            added_at.astimezone(zone),
            changed_at.astimezone(zone),
            version,
        )
        for number, name, kind, born_on, estimated, notes, added_at, changed_at, version in found
    )
