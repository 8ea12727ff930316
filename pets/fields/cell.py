"""A cell of a sheet: what it can hold, and how it is shown."""

from datetime import date, datetime

Cell = str | int | float | bool | date | datetime | None


def is_blank(cell: Cell) -> bool:
    """True for an empty cell, and for one that holds only white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """A cell as text, as a spreadsheet shows it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
