"""One row of a sheet that came in, what was found of it, and what a person chose for it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import JSON, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from pets.db import Base, Key, Words
from pets.fields.cell import shown
from pets.fields.text import writable

Cells = list[Any]  # texts, numbers, yes and no, or None; days and moments as ISO 8601


class Read(NamedTuple):
    """One row as it is streamed."""

    number: int
    cells: Cells
    choice: str | None
    found: Any
    aside: str | None = None


class ImportRow(Base):
    """One row of a sheet that came in."""

    __tablename__ = "import_row"

    import_id: Mapped[int] = mapped_column(Key, primary_key=True)
    sheet: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # as the spreadsheet counts
    cells: Mapped[Cells] = mapped_column(JSON)
    state: Mapped[str | None] = mapped_column(Words)  # see ResolvedRow; None for a row that is clear
    found: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    choice: Mapped[str | None] = mapped_column(Words)  # "new", "out", "pet", or the number of a pet

    aside: Mapped[str | None] = mapped_column(Words)  # why the file itself sets it apart: "hidden", "total"

    __table_args__ = (
        ForeignKeyConstraint(["import_id"], ["import.id"]),
        Index(None, "import_id", "sheet", "state", "number"),
    )

    def text(self, index: int) -> str:
        """A cell as text, without what no page can show."""
        return writable(shown(self.cells[index] if index < len(self.cells) else None))

    def correct(self, cells: Mapping[int, str]) -> None:
        """Set some cells to what a person typed."""
        width = max(len(self.cells), *(index + 1 for index in cells))
        wide = self.cells + [None] * (width - len(self.cells))
        self.cells = [cells.get(index, cell) for index, cell in enumerate(wide)]
