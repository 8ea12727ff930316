"""What somebody wants of a pet, as plain data: to be put in a draft, made at once, or asked about first."""

from typing import Any, NamedTuple

from pets.fields.catalogue import catalogue
from pets.fields.field import Known, first_fact
from pets.fields.text import fold


class Wanted(NamedTuple):
    """A change that is to be made. No `before` adds a pet, no `after` removes it; an edit names facts on both
    sides, and takes back what a draft wants of those that it leaves as they are. `version` is the pet's
    version that `before` was read at; `problems` what a sheet found (an empty dict: nothing).
    """

    pet_id: int | None
    version: int
    name: str  # what to call the pet
    before: Known | None
    after: Known | None
    problems: dict[str, str] | None = None
    undoes_id: int | None = None  # the changeset that it takes back, where not all of its own does
    merged_id: int | None = None  # the pet that it is merged into, and its name: see `Difference`
    merged_name: str | None = None

    @classmethod
    def new(cls, facts: Known) -> "Wanted":
        """A pet to be added."""
        return cls(None, 0, facts["name"] or "", None, facts)

    @property
    def columns(self) -> dict[str, Any]:
        """What the columns of its line in a draft hold: the facts that differ, and what follows from them."""
        before, after = only_differences(self.before, self.after)
        name = first_fact("name", after) or self.name
        problems = catalogue().problems_with(after or {}) if self.problems is None else self.problems
        part = "new" if before is None else "removed" if after is None else "changed"
        facts = {"before": before, "after": after, "problems": problems or None}
        return {**self._asdict(), **facts, "part": part, "name": name, "name_key": fold(name)}

    def narrowed(self) -> "Wanted":
        """The same without the facts that it leaves as they are: it takes back nothing."""
        before, after = only_differences(self.before, self.after)
        return self._replace(before=before, after=after)


def only_differences(before: Known | None, after: Known | None) -> tuple[Known | None, Known | None]:
    """An edit without the facts it leaves as they are; what adds or removes a pet is whole, but for own
    fields that say nothing."""
    if before is None or after is None:
        known = catalogue()
        return before and known.brief(before), None if after is None else known.brief(known.whole(after))
    fields = catalogue().edited(before, after)
    return {field: before[field] for field in fields}, {field: after[field] for field in fields}
