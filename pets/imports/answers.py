"""Questions that rows raise when they are checked, each with one answer for all of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pets.imports.columns import Column
from pets.language import gettext as _, ngettext

# The questions by name. A problem of a cell names the one that settles it.
ANSWERS = ("no_name", "disputes", "doubts", "alike")


class RowsQuestion(NamedTuple):
    """One question about many rows."""

    name: str
    rows: int  # that wait for it, or that its answer has settled
    choices: Mapping[str, str]  # answer → in words; "": none yet
    answer: str

    @property
    def label(self) -> str:
        """What the rows have in common."""
        if self.name == "no_name":
            return ngettext("One row has no name", "%(num)s rows have no name", self.rows)
        if self.name == "disputes":
            return ngettext(
                "One row has an age that does not agree with the birth date",
                "%(num)s rows have an age that does not agree with the birth date",
                self.rows,
            )
        if self.name == "doubts":
            return ngettext(
                "One row tells of a very old pet", "%(num)s rows tell of very old pets", self.rows
            )
        return ngettext(
            "One row is like a pet that is here, with the same birth date or code",
            "%(num)s rows are like pets that are here, with the same birth date or code",
            self.rows,
        )


def questions_of(
    counts: Mapping[str, int], said: Mapping[str, str], names: Sequence[Column], kind: str
) -> list[RowsQuestion]:
    """The questions that rows raise. counts: of rows, as they were checked; said: the answers so far; names:
    the columns by which pets without a name may be called; kind: a type that one of them may have."""
    asked = []
    for name in ANSWERS:
        count = counts.get(f"open {name}", 0) + counts.get(f"answered {name}", 0)
        choices = {"": _("Row by row"), **_choices(name, names, kind)}
        if count and len(choices) > 1:
            asked.append(RowsQuestion(name, count, choices, said.get(name, "")))
    return asked


def _choices(name: str, names: Sequence[Column], kind: str) -> Mapping[str, str]:
    if name == "no_name":
        called = {
            f"as:{one.index}": _("Call them by %(column)s: “%(name)s”", column=one.label, name=one.sample)
            for one in names
        }
        typed = {}
        for one in names:
            name = f"{kind} {one.sample}"
            typed[f"type:{one.index}"] = _(
                "Call them by type and %(column)s: “%(name)s”", column=one.label, name=name
            )
        return called | typed
    return {
        "disputes": {"born": _("Believe the birth date"), "age": _("Believe the age, as of today")},
        "doubts": {"keep": _("Keep them as they are")},
        "alike": {"out": _("Leave them out")},
    }[name]
