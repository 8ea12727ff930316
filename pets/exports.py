"""Pets on their way out: what a search finds, as the rows of a sheet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from pets import clock
from pets.fields.catalogue import catalogue
from pets.fields.field import Field
from pets.models.pet import FACTS
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

_BATCH = 1_000
_COLUMNS = [column.key for column in FACTS[:-1]]  # of the fields that are built in


def export_rows(search: PetSearch) -> Iterator[ExportRow]:
    """The pets that a search finds, in its order, with their ages of today and times of the site's zone."""
    return _rows(search.export(), catalogue().asked, clock.today(), clock.Hours().local)


def _rows(
    found: Iterator[Any], fields: Sequence[Field], today: date, local: Callable[[str], str]
) -> Iterator[ExportRow]:
    while batch := list(islice(found, _BATCH)):
        numbers, *stored, own, added, changed, versions = zip(*batch, strict=True)
        columns, facts = dict(zip(_COLUMNS, stored, strict=True)), [one or {} for one in own]
        kept = (
            [[one.get(str(field.own_id), field.nothing) for one in facts]]
            if field.own_id
            else [columns[column] for column in field.columns]
            for field in fields
        )
        told = zip(fields, kept, strict=True)
        cells = (column for field, some in told for column in field.exports(some, today))
        yield from zip(numbers, *cells, map(local, added), map(local, changed), versions, strict=True)
