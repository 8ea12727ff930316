"""A plan: what a person says of the columns of a sheet, and of the pets that its rows are about."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

BY_NUMBER, BY_NAME, ALL_NEW = "number", "name", "new"


@dataclass(frozen=True)
class ColumnMapping:
    """What a person says of a sheet."""

    headings: bool | None = None  # whether its first row is one; None: as it seems
    columns: Mapping[str, int] | None = None  # fact → column; None: as they seem
    order: str | None = None  # of 1/5/2022: a DateOrder; None: as the dates say
    match: str = ALL_NEW  # which pets the rows are about
    blank_clears: bool = False
    type_for_all: str = ""  # of new pets, where no column tells it
    leave_out: bool = False  # what the unknown columns hold

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "ColumnMapping":
        """The plan as it was kept."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in (kept or {}).items() if name in known})

    @property
    def kept(self) -> dict[str, Any]:
        """The plan as it is kept."""
        return asdict(self)
