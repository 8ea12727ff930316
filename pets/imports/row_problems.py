"""What is wrong with a row, by cell: what cannot be read, breaks a rule, or can hardly be."""

from collections.abc import Callable, Sequence
from typing import Any

from pets.changes.wanted import Wanted
from pets.fields import FIELDS
from pets.fields.catalogue import Catalogue, catalogue
from pets.fields.field import Field
from pets.fields.text import writable
from pets.imports.cells_to_facts import PetRow
from pets.imports.headings import by_role

Problems = Sequence[Sequence[Any]]  # of each what a CellProblem has


def problems_of(pet: PetRow, staged: Wanted, highest: Callable[[str], int | None]) -> Problems:
    """What is wrong with a row that would be staged so. It notes which questions it raises about many rows,
    and which of the answers made a difference to it. highest: the age that no pet of a type comes near."""
    faults, after, known = pet.problems, staged.after or {}, catalogue()
    fields = by_role() if faults else {}
    told = {fields[fault.role].name for fault in faults if fault.role in fields}
    for name, why in known.problems_with(after).items():
        if name not in told:
            faults.append(pet.broken(name, why, "no_name" if name == "name" and not after[name] else ""))
            told.add(name)
    kind = after.get("type") or pet.kind
    for name in known.once(_doubting):
        fact = None if name in told else after.get(name)
        if fact and (doubt := known.fields[name].doubt(fact, kind, pet.today, highest(kind))):
            if pet.answers.get("doubts") == "keep":
                pet.answered.add("doubts")
            else:
                faults.append(pet.broken(name, doubt, "doubts"))
    if not faults:
        return []
    pet.raised |= {fault.kind for fault in faults if fault.kind}
    return [list(fault) for fault in faults]


def _doubting(known: Catalogue) -> list[str]:
    """The fields that may doubt a fact."""
    return [name for name, field in known.fields.items() if type(field).doubt is not Field.doubt]


def waiting(staged: Wanted, problems: Problems) -> Wanted:
    """A change with something wrong in it, so that it can wait in the draft to be corrected."""
    sentences = {_control(role): sentence for _, role, sentence, _ in problems}
    after = {name: fact and writable(fact) for name, fact in (staged.after or {}).items()}
    return staged._replace(name=writable(staged.name), after=after, problems=sentences)


def _control(role: str) -> str:
    """Where a form shows what is wrong with a column. It has none for what tells which pet it is."""
    field = by_role().get(role, FIELDS["name"])
    return role if role in field.controls() else field.name
