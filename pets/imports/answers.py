"""Questions that rows raise when they are checked, each with one answer for all of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pets.imports.columns import Column

# The questions by name, each with what it is about. A problem of a cell names the one that settles it.
ANSWERS = {
    "no_name": "have no name",
    "disputes": "have an age that does not agree with the birth date",
    "doubts": "are older than such pets become",
    "alike": "are like a pet that is here, with the same birth date or code",
}


class RowsQuestion(NamedTuple):
    """One question about many rows."""

    name: str
    rows: int  # that wait for it, or that its answer has settled
    choices: Mapping[str, str]  # answer → in words; "": none yet
    answer: str

    @property
    def label(self) -> str:
        """What the rows have in common."""
        some = "One row" if self.rows == 1 else f"{self.rows:,} rows"
        words = ANSWERS[self.name]
        one = {"have": "has", "are": "is"}
        first, _, rest = words.partition(" ")
        return f"{some} {one[first] if self.rows == 1 else first} {rest}"


def questions_of(
    counts: Mapping[str, int], said: Mapping[str, str], names: Sequence[Column]
) -> list[RowsQuestion]:
    """The questions that rows raise. counts: of rows, as they were checked; said: the answers so far; names:
    the columns by which pets without a name may be called."""
    asked = []
    for name in ANSWERS:
        count = counts.get(f"open {name}", 0) + counts.get(f"answered {name}", 0)
        choices = {"": "Row by row", **_choices(name, names)}
        if count and len(choices) > 1:
            asked.append(RowsQuestion(name, count, choices, said.get(name, "")))
    return asked


def _choices(name: str, names: Sequence[Column]) -> Mapping[str, str]:
    if name == "no_name":
        called = {f"as:{one.index}": f"Call them by {one.label}: “{one.sample}”" for one in names}
        typed = {
            f"type:{one.index}": f"Call them by type and {one.label}: “cat {one.sample}”" for one in names
        }
        return called | typed
    return {
        "disputes": {"born": "Believe the birth date", "age": "Believe the age, as of today"},
        "doubts": {"keep": "Keep them as they are"},
        "alike": {"out": "Leave them out"},
    }[name]
