"""What the register says to rows of a sheet: which pets they mean, whose codes they tell, what they lack."""

from collections.abc import Sequence
from dataclasses import replace

from pets.changes.keys import Code, codes_of, holders, taken_by
from pets.changes.wanted import Wanted
from pets.fields.catalogue import catalogue
from pets.fields.field import first_fact
from pets.fields.pet_link import is_number
from pets.fields.text import fold
from pets.imports.cells_to_facts import PetRow
from pets.imports.headings import by_role
from pets.imports.upload_rows import Import
from pets.language import gettext as _
from pets.models.links import meant_by


class Against:
    """Codes and names looked up for many rows at once, and in which row each code stood first."""

    def __init__(self, record: Import) -> None:
        self._record = record
        self.held: dict[Code, list[tuple[int, str]]] = {}  # the pets that have the codes of these rows
        self._rows: dict[Code, int] = {}
        self._gone: dict[str, str] = {}  # numbers that no pet has, with what to tell of them

    def look_up(self, pets: Sequence[PetRow]) -> None:
        """Look up the pets that these rows link to, and those that have the codes of these rows."""
        new = {fold(first_fact("name", pet.facts)) for pet in pets} if catalogue().links else set()
        for field in catalogue().links:
            asked = [(pet, fact) for pet in pets if (fact := pet.facts.get(field.name))]
            meant = meant_by({fact for _, fact in asked}) if asked else {}
            for pet, fact in asked:
                found = meant[fact]
                pet.reads(field.name, replace(pet.readings[field.name], fact=found.fact))
                if found.problem and is_number(found.fact):
                    self._gone[found.fact] = found.problem  # which may stay where it stands already
                elif found.problem:
                    pet.fault(field.name, _not_saved(fact) if fold(fact) in new else found.problem)
        self.look_up_codes(pets)

    def look_up_codes(self, pets: Sequence[PetRow]) -> None:
        """Look up the pets that have the codes of these rows."""
        codes = {code for pet in pets for code in pet.codes.values()}
        self.held = holders(codes) if codes else {}

    def look_at(self, number: int, pet: PetRow, staged: Wanted) -> None:
        """Note what speaks against the change that a row makes, beside what is wrong with its cells."""
        before, after, known = staged.before or {}, staged.after or {}, catalogue()
        told = known.objections_to(after, staged.before, staged.pet_id)
        if self._gone:
            linked = {field.name: first_fact(field.name, after) for field in known.links}
            told |= {name: self._gone[fact] for name, fact in linked.items() if fact in self._gone}
        for name, code in (codes_of(after) if before else pet.codes).items():
            field = known.unique[code[0]]
            first = self._rows.setdefault(code, number)
            others = [one for one in self.held.get(code, ()) if one[0] != staged.pet_id]
            if first != number:
                told[name] = _(
                    "%(row)s has this %(field)s too. Correct one of the two, or remove it.",
                    row=self._record.called(first),
                    field=field.what,
                )
            elif others and codes_of(before).get(name) != code:
                told[name] = taken_by(field, *others[0])
        if not told:
            return
        fields = by_role()
        wrong = {fields[fault.role].name for fault in pet.problems if fault.role in fields}
        for name in told.keys() - wrong:
            pet.fault(pet.broken(name, told[name]).role, told[name])


def _not_saved(name: str) -> str:
    return _(
        "“%(name)s” is in this sheet too, but not saved yet. Save that row first, then import this "
        "one again.",
        name=name[:60],
    )
