"""The resolver: tells what each row of a sheet stands for, as the register is and as the plan says."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pets import clock
from pets.changes.draft_line import Staged, only_differences
from pets.fields import EMPTY, FIELDS, problems_with
from pets.fields.age import read_born
from pets.fields.dates import DateOrder
from pets.fields.field import Facts, Known
from pets.fields.text import seen, tidy_line, tidy_notes, writable
from pets.imports.cells_to_facts import FactReader, PetRow
from pets.imports.headings import Columns
from pets.imports.lookup import Match, Register
from pets.imports.mapping import ALL_NEW, BY_NAME, BY_NUMBER, ColumnMapping
from pets.imports.upload_rows import Import, Read
from pets.sheets.escapes import armoured


class ResolvedRow(NamedTuple):
    """What one row stands for: "new", "changed", "unchanged", "faulty", "asked" about, or "out"."""

    row: Read
    state: str
    staged: Staged | None = None
    found: Any = None  # what Mark has


class RowResolver:
    """Tells what rows stand for, a chunk at a time, in the order of the sheet."""

    def __init__(
        self, record: Import, plan: ColumnMapping, columns: Columns, order: DateOrder | None
    ) -> None:
        """order: of day and month in dates that can be read both ways."""
        self._plan = plan
        self._restored = record.kind != "xlsx"  # whether the reader took the protecting apostrophes off
        if self._plan.match != BY_NUMBER:  # the numbers of another register say nothing here
            known = {field: at for field, at in columns.mapping.items() if field not in ("id", "version")}
            columns = columns.with_choice(known)
        self._today = clock.today()
        self._reader = FactReader(columns, self._today, order, record.counts_from_1904)
        self._register = Register()
        self._seen: dict[int, int] = {}  # pet → the row that is about it
        self._changed: set[int] = set()  # those of them whose row changes something

    def chunk(self, rows: Sequence[Read]) -> Iterator[ResolvedRow]:
        """What these rows stand for."""
        read = [(row, self._read(row)) for row in rows]
        if self._plan.match == BY_NUMBER:
            self._register.look_up_numbers((pet.id, pet.version) for _, pet in read if pet.id)
        elif self._plan.match == BY_NAME:
            self._register.look_up_names(self._sign(pet) for _, pet in read)
        kinds = dict.fromkeys(pet.facts.get("type") or self._plan.type_for_all for _, pet in read)
        self._register.learn_spellings([kind for kind in kinds if kind])
        for row, pet in read:
            yield self._row(row, pet)

    # Private

    def _read(self, row: Read) -> PetRow:
        """A row with its texts as they would be stored."""
        pet = self._reader.row(row.number, row.cells)
        for field, text in pet.facts.items():
            if text and field != "born":
                pet.facts[field] = tidy_notes(text) if field == "notes" else tidy_line(text)
        return pet

    def _row(self, row: Read, pet: PetRow) -> ResolvedRow:
        if row.choice == "out":
            return ResolvedRow(row, "out")
        matches = self._matches(row, pet)
        choices: list[Match | None] = [*matches] or [None]
        wanted = [(match, self._staged(row, pet, match)) for match in choices]
        problems = self._problems(row, pet, wanted[0][1])
        if problems:
            if len(matches) == 1:
                self._note(row, matches[0].pet_id, changes=True)
            return ResolvedRow(row, "faulty", self._broken(wanted[0][1], problems), problems)
        same = [match.pet_id for match, staged in wanted if match and not staged.after]
        same = [number for number in same if number not in self._changed]
        if same:
            if len(same) == 1:  # of several like it, any may be meant
                self._note(row, same[0], changes=False)
            return ResolvedRow(row, "unchanged")
        if len(matches) > 1 or any(match.pet_id in self._seen for match in matches):
            return ResolvedRow(
                row, "asked", None, [match.pet_id for match in self._register.named(self._sign(pet))]
            )
        for match in matches:
            self._note(row, match.pet_id, changes=True)
        return ResolvedRow(row, "changed" if matches else "new", wanted[0][1]._replace(problems={}))

    def _note(self, row: Read, number: int, changes: bool) -> None:
        """Note that a row is about a pet, so that no other one changes it unseen."""
        self._seen.setdefault(number, row.number)
        if changes:
            self._changed.add(number)

    def _matches(self, row: Read, pet: PetRow) -> list[Match]:
        """The pets that a row may be about."""
        if self._plan.match == BY_NUMBER:
            return self._numbered(row, pet)
        if self._plan.match == ALL_NEW or row.choice == "new":
            return []
        found = self._register.named(self._sign(pet))
        chosen = [match for match in found if str(match.pet_id) == row.choice]
        return chosen or found

    def _numbered(self, row: Read, pet: PetRow) -> list[Match]:
        if pet.id is None:
            return []
        match, problem = self._register.numbered(pet.id, pet.version)
        if match and pet.dispute:
            born, _ = read_born(match.facts["born"])
            if born and self._reader.agree(born, pet.dispute.age, row.cells):
                pet.settle()  # the age is that of the pet before, as it was exported
        if match is not None and self._stands_twice(row, pet, match):
            match, problem = None, f"Pet {pet.id} stands in row {self._seen[pet.id]} already."
            problem += " Remove one of the two rows, or empty this cell to add another pet."
        if problem:
            field = "version" if problem.startswith("Version") else "id"
            pet.problems.append(self._reader.problem(row.number, row.cells, field, problem))
        return [match] if match else []

    def _stands_twice(self, row: Read, pet: PetRow, match: Match) -> bool:
        """Whether another row is about the pet too; two that leave it as it is do no harm."""
        if match.pet_id not in self._seen:
            return False
        return match.pet_id in self._changed or bool(pet.problems or self._staged(row, pet, match).after)

    def _staged(self, row: Read, pet: PetRow, match: Match | None) -> Staged:
        """The change that the row makes; it may be none."""
        was = match.facts if match else None
        wanted = {**(was or EMPTY), **self._said(pet, match)}
        name = wanted["name"] or (was or {}).get("name") or ""
        if match is None:
            return Staged(None, 0, name, None, wanted)
        before, after = only_differences(was, wanted)
        if match.now and match.now is not match.facts:
            after = self._open(after or {}, match.now, pet)
            before = {field: match.facts[field] for field in after}
        return Staged(match.pet_id, match.version, name, before, after)

    def _open(self, after: Known, now: Facts, pet: PetRow) -> Facts:
        """What is still to be done of a change: some of it may have been saved since the sheet was made."""
        return {
            field: fact
            for field, fact in after.items()
            if fact != now[field] and not (field == "born" and self._fits(pet, now))
        }

    def _said(self, pet: PetRow, match: Match | None) -> Facts:
        """The facts that the row tells, as they would be stored."""
        was = match.facts if match else None
        said: Facts = {}
        for field, fact in pet.facts.items():
            if fact is not None:
                said[field] = was[field] if was and self._means(field, fact, was[field] or "") else fact
            elif self._plan.blank_clears:
                said[field] = EMPTY[field]
        if was is None and not said.get("type") and "type" not in pet.facts:
            said["type"] = tidy_line(self._plan.type_for_all)
        if said.get("type"):
            said["type"] = self._register.spelled(said["type"] or "", (was or {}).get("type"))
        if was and said.get("born"):
            if self._fits(pet, was):
                del said["born"]  # being told what is known is no reason to forget the day
            elif not pet.tells_estimate and was["born"] == f"{said['born']}~":
                said["born"] = was["born"]  # nor to forget that it is not known exactly
        return said

    def _means(self, field: str, fact: str, was: str) -> bool:
        """Whether a cell tells what the pet has, though perhaps in other letters."""
        if self._plan.match == BY_NAME and field in ("name", "type"):
            return seen(fact) == seen(was)  # by which it was found; nobody could see what would change
        # A workbook made from our own CSV keeps what protected a cell.
        return not self._restored and fact[:1] == "'" and fact == armoured(was)

    def _fits(self, pet: PetRow, facts: Facts) -> bool:
        """Whether the row tells an age alone, and one that a pet with these facts has."""
        born, _ = read_born(facts["born"]) if pet.age else (None, False)
        return bool(pet.age and born and pet.age.fits(born, self._today))

    def _problems(self, row: Read, pet: PetRow, staged: Staged) -> list[list[Any]]:
        """What is wrong with the row, by cell: what cannot be read, and what breaks a rule."""
        faults = list(pet.problems)
        told = {"born" if fault.field in ("age", "estimated") else fault.field for fault in faults}
        for field, sentence in problems_with(staged.after or {}).items():
            if field not in told:
                faults.append(self._reader.problem(row.number, row.cells, field, sentence))
        return [[fault.index, fault.field, fault.sentence] for fault in faults]

    def _broken(self, staged: Staged, problems: list[list[Any]]) -> Staged:
        """A change with something wrong in it, so that it can wait in the draft to be corrected."""
        sentences = {
            field if field in (*FIELDS, "age") else "born" if field == "estimated" else "name": sentence
            for _, field, sentence in problems
        }
        after = {field: fact and writable(fact) for field, fact in (staged.after or {}).items()}
        return staged._replace(name=writable(staged.name), after=after, problems=sentences)

    def _sign(self, pet: PetRow) -> tuple[str, str]:
        kind = pet.facts.get("type", self._plan.type_for_all)
        return pet.facts.get("name") or "", kind or ""
