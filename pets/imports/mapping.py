"""A plan: what a person says of the columns of a sheet, and of the pets that its rows are about."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields as fields_of
from typing import Any

BY_NUMBER, BY_NAME, ALL_NEW = "number", "name", "new"


@dataclass(frozen=True)
class ColumnMapping:
    """What a person said of a sheet."""

    heading_row: int | None = None  # the number of the row of headings; 0: there is none; None: as it seems
    columns: Mapping[str, int] | None = None  # role → column; None: as they seem
    noted: Sequence[int] = ()  # columns that go into the notes, each as a line such as "Colour: tan"
    fields: Sequence[int] = ()  # columns that are to become own fields, once the plan is agreed on
    out: Sequence[int] = ()  # columns that a person said to leave out
    match: str = ALL_NEW  # which pets the rows are about
    blank_clears: bool = False
    type_for_all: str = ""  # of new pets, where no column tells it
    answers: Mapping[str, str] = field(default_factory=dict)  # by the name of the question
    kept_words: Sequence[int] = ()  # columns in which "NA" and its like are words like any other

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "ColumnMapping":
        """The plan as it was kept."""
        known = {field.name for field in fields_of(cls)}
        return cls(**{name: value for name, value in (kept or {}).items() if name in known})

    @property
    def kept(self) -> dict[str, Any]:
        """The plan as it is kept."""
        return asdict(self)


NOTHING_SAID = ColumnMapping()
