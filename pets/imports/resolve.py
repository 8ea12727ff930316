"""The resolver: tells what each row of a sheet stands for, as the register is and as the plan says."""

from collections.abc import Sequence

from pets import clock
from pets.changes.keys import codes_of
from pets.changes.wanted import Wanted, only_differences
from pets.fields.catalogue import catalogue
from pets.fields.dates import DateOrder
from pets.fields.field import Facts, Known, first_fact
from pets.fields.text import seen
from pets.imports.against import Against
from pets.imports.cells_to_facts import FactReader, PetRow
from pets.imports.checked_rows import ResolvedRow
from pets.imports.columns import Columns
from pets.imports.headings import OWN
from pets.imports.import_row import Read
from pets.imports.lookup import SHOWN, Match, Register
from pets.imports.mapping import ALL_NEW, BY_NUMBER, ColumnMapping
from pets.imports.row_problems import problems_of, waiting
from pets.imports.rows_apart import RowsApart, type_in
from pets.imports.upload_rows import ASKED_ABOUT, Import
from pets.language import gettext as _
from pets.sheets.escapes import armoured


class RowResolver:
    """Tells what rows stand for, a chunk at a time, in the order of the sheet."""

    def __init__(
        self, record: Import, plan: ColumnMapping, columns: Columns, order: DateOrder | None
    ) -> None:
        """order: of day and month in dates that can be read both ways."""
        self._record, self._plan = record, plan
        self._restored = record.kind != "xlsx"  # whether the reader took the protecting apostrophes off
        self._apart = _apart(columns, plan)
        if self._plan.match != BY_NUMBER:  # the numbers of another register say nothing here
            columns = columns.with_choice(
                {role: at for role, at in columns.mapping.items() if role not in OWN}
            )
        self._reader = FactReader(columns, clock.today(), order, record.counts_from_1904, plan)
        self._register, self._against = Register(), Against(record)
        self._fields, self._nothing = catalogue().fields, catalogue().nothing
        self._like: tuple[PetRow | None, list[Match]] = (None, [])  # the last row, and what it is about
        self._seen: dict[int, int] = {}  # pet → the row that is about it
        self._changed: set[int] = set()  # those of them whose row changes something
        self.section = ""  # the type of the rows that follow, as the heading above them tells

    def chunk(self, rows: Sequence[Read]) -> list[ResolvedRow]:
        """What these rows stand for."""
        read = [(row, self._read(row)) for row in rows]
        pets = [pet for _, pet in read if isinstance(pet, PetRow)]
        self._against.look_up(pets)
        if self._plan.match == BY_NUMBER:
            self._register.look_up_numbers((pet.id, pet.version) for pet in pets if pet.id)
        else:
            self._register.look_up_names(self._sign(pet) for pet in pets)
            self._register.look_up_holders(self._against.held)
        kinds = dict.fromkeys(pet.kind for pet in pets)
        self._register.learn_spellings([kind for kind in kinds if kind])
        return [
            self._counted(row, pet) if isinstance(pet, PetRow) else ResolvedRow(row, "apart", None, pet)
            for row, pet in read
        ]

    def known(self, rows: Sequence[Read]) -> tuple[int, int]:
        """How many of these rows have the name and type of a pet that is here, and how many have a name."""
        pets = [pet for row in rows if isinstance(pet := self._read(row), PetRow)]
        named = [pet for pet in pets if self._sign(pet)[0]]
        self._register.look_up_names(map(self._sign, named))
        self._against.look_up_codes(named)
        self._register.look_up_holders(self._against.held)
        return sum(bool(self._found(pet)) for pet in named), len(named)

    # Private

    def _read(self, row: Read) -> PetRow | list[str]:
        """The row as it tells of a pet; or why it tells of none, and the type that it heads."""
        reason = None if row.choice == "pet" else self._set_aside(row) or self._apart.reason(row.cells)
        if reason is None:
            return self._reader.row(row.cells, self.section)
        if reason == "section" and self._plan.answers.get("sections") == "type":
            self.section = type_in(next(str(cell) for cell in row.cells if cell is not None))
        return [reason, self.section if reason == "section" else ""]

    def _set_aside(self, row: Read) -> str | None:
        """Why the file itself says that the row is none of the list."""
        asked = row.aside in ASKED_ABOUT
        return None if asked and self._plan.answers.get(row.aside or "") != "out" else row.aside

    def _counted(self, row: Read, pet: PetRow) -> ResolvedRow:
        found = self._row(row, pet)
        if not (pet.raised or pet.answered):
            return found
        counted = [f"open {name}" for name in pet.raised] + [f"answered {name}" for name in pet.answered]
        return found._replace(counted=counted)

    def _row(self, row: Read, pet: PetRow) -> ResolvedRow:
        if row.choice == "out":
            return ResolvedRow(row, "out")
        matches = self._matches(row, pet)
        pet.believe()
        if not matches and not row.choice and self._is_same(pet):
            if self._plan.answers.get("alike") == "out":
                pet.answered.add("alike")
                return ResolvedRow(row, "out")
            pet.raised.add("alike")
        choices: list[Match | None] = [*matches] or [None]
        wanted = [(match, self._staged(row, pet, match)) for match in choices]
        self._against.look_at(row.number, pet, wanted[0][1])
        problems = problems_of(pet, wanted[0][1], self._register.highest_age)
        if problems:
            if len(matches) == 1:
                self._note(row, matches[0].pet_id, changes=True)
            return ResolvedRow(row, "faulty", waiting(wanted[0][1], problems), problems)
        same = [match.pet_id for match, staged in wanted if match and not staged.after]
        same = [number for number in same if number not in self._changed]
        if same:
            if len(same) == 1:  # of several like it, any may be meant
                self._note(row, same[0], changes=False)
            return ResolvedRow(row, "unchanged")
        if len(matches) > 1 or any(match.pet_id in self._seen for match in matches):
            return ResolvedRow(row, "asked", None, [match.pet_id for match in self._found(pet)])
        for match in matches:
            self._note(row, match.pet_id, changes=True)
        staged = wanted[0][1]._replace(problems={})
        return ResolvedRow(row, "changed", staged) if matches else self._new(row, pet, staged)

    def _new(self, row: Read, pet: PetRow, staged: Wanted) -> ResolvedRow:
        """A new pet; one that may be here already is named with those that it may be."""
        alike = self._found(pet) if self._plan.match == ALL_NEW and row.choice != "new" else []
        if not alike:
            return ResolvedRow(row, "new", staged)
        return ResolvedRow(row, "alike", staged, [match.pet_id for match in alike[: SHOWN + 1]])

    def _is_same(self, pet: PetRow) -> bool:
        """Whether a row of a new pet has the code, or the name, type and birth date of one that is here."""
        found = self._found(pet) if self._plan.match == ALL_NEW else []
        born = next(name for name, field in self._fields.items() if field.sorts_down) if found else ""
        told = pet.facts.get(born)
        return bool(found and self._register.coded(pet.codes)) or any(
            told and match.facts[born] == told for match in found
        )

    def _note(self, row: Read, number: int, changes: bool) -> None:
        """Note that a row is about a pet, so that no other one changes it unseen."""
        self._seen.setdefault(number, row.number)
        if changes:
            self._changed.add(number)

    def _matches(self, row: Read, pet: PetRow) -> list[Match]:
        """The pets that a row may be about."""
        if self._plan.match == BY_NUMBER:
            return self._numbered(row, pet)
        if row.choice == "new":
            return []
        found = self._found(pet)
        chosen = [match for match in found if str(match.pet_id) == row.choice]
        return chosen or ([] if self._plan.match == ALL_NEW else found)

    def _found(self, pet: PetRow) -> list[Match]:
        """The pets that a row is about: by its codes, else by name and type. Another code is another pet."""
        if self._like[0] is not pet:
            coded, codes = self._register.coded(pet.codes), pet.codes
            named = [] if coded else self._register.named(self._sign(pet))
            if codes:
                named = [one for one in named if not codes_of(one.facts).keys() & codes.keys()]
            self._like = pet, [coded] if coded else named
        return self._like[1]

    def _numbered(self, row: Read, pet: PetRow) -> list[Match]:
        if pet.id is None:
            return []
        match = self._register.numbered(pet.id, pet.version)
        if not isinstance(match, Match):
            pet.fault(*match)
            return []
        pet.ignore_outdated(match.facts)
        if not self._stands_twice(row, pet, match):
            return [match]
        twice = _(
            "%(row)s is about pet %(number)s already. Remove one of the two rows, or empty this cell to add "
            "another pet.",
            row=self._record.called(self._seen[pet.id]),
            number=pet.id,
        )
        pet.fault("id", twice)
        return []

    def _stands_twice(self, row: Read, pet: PetRow, match: Match) -> bool:
        """Whether another row is about the pet too; two that leave it as it is do no harm."""
        if match.pet_id not in self._seen:
            return False
        return match.pet_id in self._changed or bool(pet.problems or self._staged(row, pet, match).after)

    def _staged(self, row: Read, pet: PetRow, match: Match | None) -> Wanted:
        """The change that the row makes; it may be none."""
        was = match.facts if match else None
        wanted = {**(was or self._nothing), **self._said(pet, match)}
        if match is None:
            return Wanted.new(wanted)
        name = first_fact("name", wanted, match.facts)
        before, after = only_differences(was, wanted)
        if match.now and match.now is not match.facts:
            after = self._open(after or {}, match.now, pet)
            before = {field: match.facts[field] for field in after}
        return Wanted(match.pet_id, match.version, name, before, after)

    def _open(self, after: Known, now: Facts, pet: PetRow) -> Facts:
        """What is still to be done of a change: some of it may have been saved since the sheet was made."""
        return {
            name: fact
            for name, fact in after.items()
            if fact != now[name] and not (fact and self._becomes(name, pet, now) == now[name])
        }

    def _said(self, pet: PetRow, match: Match | None) -> Facts:
        """The facts that the row tells, as they would be stored."""
        was = match.facts if match else self._nothing
        said: Facts = {}
        for name, fact in pet.facts.items():
            if fact is not None:
                said[name] = self._becomes(name, pet, was)
            elif self._plan.blank_clears:
                said[name] = self._fields[name].nothing
        if match is None and not pet.facts.get("type"):
            said["type"] = self._fields["type"].tidy(pet.kind)
        if kind := said.get("type"):
            said["type"] = self._register.spelled(kind, was["type"] if match else None)
        return said

    def _becomes(self, name: str, pet: PetRow, was: Known) -> str | None:
        """The fact that a cell makes of the one a pet has: that itself, where it tells the same of it."""
        reading, old = pet.readings[name], was[name] or ""
        fact = reading.fact or ""
        # A workbook made from our own CSV keeps what protected a cell.
        same = not self._restored and fact[:1] == "'" and fact == armoured(old)
        if old and self._plan.match != BY_NUMBER and self._fields[name].key:
            same = seen(fact) == seen(old)  # by which it was found; nobody could see what would change
        return was[name] if same else reading.onto(was[name])

    def _sign(self, pet: PetRow) -> tuple[str, str]:
        return first_fact("name", pet.facts), pet.kind


def _apart(columns: Columns, plan: ColumnMapping) -> RowsApart:
    headings = {column.index: column.heading for column in columns.columns} if columns.heading_row else {}
    first = next((column.index for column in columns.columns if column.holds_something), 0)
    sections = plan.answers.get("sections", "pets") != "pets"
    return RowsApart(headings, first, columns.mapping.get("type"), sections)
