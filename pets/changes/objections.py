"""What nobody may enter under today's settings of the fields, asked of many changes at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pets.changes.draft_line import drafted_of
from pets.changes.keys import Code, codes_of, holders, taken_by, twice
from pets.changes.wanted import Wanted
from pets.fields.catalogue import catalogue
from pets.fields.field import Known


def objections(wanted: Sequence[Wanted], draft_id: int | None = None) -> list[dict[str, str]]:
    """What speaks against each, as {field: a sentence}: what may not be entered any more, what is missing,
    and codes that another pet has, unless the draft takes them away from it. Two statements for all."""
    known = catalogue()
    told = [
        {} if again(one) else known.objections_to(one.after or {}, one.before, one.pet_id) for one in wanted
    ]
    if known.unique:
        for place, field, sentence in _taken(wanted, draft_id):
            told[place].setdefault(field, sentence)
    return told


def again(change: Any) -> bool:
    """Whether it removes a pet, or brings back what was stored once: no setting speaks against that."""
    return change.after is None or change.undoes_id is not None


def _taken(wanted: Sequence[Wanted], draft_id: int | None) -> Iterator[tuple[int, str, str]]:
    asked = [
        (place, name, code)
        for place, one in enumerate(wanted)
        for name, code in codes_of(one.after or {}).items()
        if code[1] and codes_of(one.before or {}).get(name) != code
    ]
    if not asked:
        return
    fields, seen = catalogue().unique, set[Code]()
    found = holders({code for _, _, code in asked})
    there = {number for some in found.values() for number, _ in some}
    drafted = drafted_of(draft_id, there) if draft_id is not None and there else {}
    for place, name, code in asked:
        field = fields[code[0]]
        if code in seen:
            yield place, name, twice(field, code[1])
        seen.add(code)
        for number, called in found.get(code, ()):
            if number != wanted[place].pet_id and not _gives_up(drafted, number, name, code):
                yield place, name, taken_by(field, number, called)


def _gives_up(drafted: Mapping[int, Known | None], number: int, name: str, code: Code) -> bool:
    """Whether a draft removes the pet that has a code, or gives it another."""
    if number not in drafted:
        return False
    after = drafted[number]
    return after is None or (name in after and codes_of(after).get(name) != code)
