"""Questions that rows raise when they are checked, each with one answer for all of them."""

from collections.abc import Mapping, Sequence

from pets.imports.columns import Column
from pets.imports.questions import Question
from pets.language import gettext as _, ngettext

# The questions by name. A problem of a cell names the one that settles it.
ANSWERS = ("no_name", "disputes", "doubts", "alike")


def questions_of(counts: Mapping[str, int], names: Sequence[Column], kind: str) -> list[Question]:
    """The questions that rows raise. counts: of rows, as they were checked; names: the columns by which pets
    without a name may be called; kind: a type that one of them may have."""
    asked = []
    for name in ANSWERS:
        count = counts.get(f"open {name}", 0) + counts.get(f"answered {name}", 0)
        choices = {"": _("Row by row"), **_choices(name, names, kind)}
        if count and len(choices) > 1:
            asked.append(Question(name, _label(name, count), choices, ""))
    return asked


def _label(name: str, rows: int) -> str:
    """What these rows have in common."""
    if name == "no_name":
        return ngettext("One row has no name", "%(num)s rows have no name", rows)
    if name == "disputes":
        return ngettext(
            "One row has an age that does not agree with the birth date",
            "%(num)s rows have an age that does not agree with the birth date",
            rows,
        )
    if name == "doubts":
        return ngettext("One row tells of a very old pet", "%(num)s rows tell of very old pets", rows)
    return ngettext(
        "One row is like a pet that is here, with the same birth date or code",
        "%(num)s rows are like pets that are here, with the same birth date or code",
        rows,
    )


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
