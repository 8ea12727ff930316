"""The commands: flask --app app pets …"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import AppGroup

from pets import backups
from pets.db import db
from pets.incoming import Incoming
from pets.migrations import NotOurs, bring_up_to_date, steps
from pets.models.account import ROLES, Account, SignIn
from pets.models.changeset import Changeset
from pets.models.draft import Draft
from pets.models.imports import Import
from pets.models.merge import Clashes
from pets.models.password import hash_password, password_problem
from pets.models.pet import SAMPLES, Pet
from pets.models.security import record
from pets.models.throttle import Throttle
from pets.models.type import total_pets
from pets.models.words import tidy_line
from pets.move import CannotMove, move, rows_to_move
from pets.outgoing import FORMATS, export_rows
from pets.search import PetSearch
from pets.sheets import Sheet, SheetProblem
from pets.uploads import Upload, keep_rows

WHO = "the command line"

pets = AppGroup("pets", help="Keep the register from the command line.")


@pets.command()
def upgrade() -> None:
    """Create the database, or bring it up to date."""
    _ready()
    click.echo("The database is up to date.")


@pets.command()
def sample() -> None:
    """Put the four pets of the notebook on an empty register."""
    _ready()
    if db.session.query(Pet.id).first():
        raise click.ClickException("There are pets on the register already; nothing was added.")
    db.session.add_all(Pet(name=name, type=kind, age=age) for name, kind, age in SAMPLES)
    db.session.commit()
    click.echo("Four pets were added.")


@pets.command("add-account")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), default="viewer", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_account(name: str, role: str, password_stdin: bool) -> None:
    """Add an account that can sign in with the password given."""
    _ready()
    name = tidy_line(name)
    problem = Account.name_problem(name)
    if not problem and Account.named(name):
        problem = f"There is an account named {name} already."
    if problem:
        raise click.ClickException(problem)
    hashed = _hashed(_password(password_stdin), name)
    account = Account(role=role)
    account.rename(name)
    account.set_password(hashed)
    db.session.add(account)
    record("account-added", WHO, f"{name} ({role})")
    db.session.commit()
    click.echo(f"{name} can sign in now, as {role}.")


@pets.command("set-password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def set_password(name: str, password_stdin: bool) -> None:
    """Give an account a new password and bring it back if it has ended: the way in when all is lost."""
    _ready()
    account = Account.named(name)
    if account is None:
        raise click.ClickException(f"There is no account named {name}.")
    hashed = _hashed(_password(password_stdin), account.name)
    account.set_password(hashed)
    account.ended_at = None
    account.end_sessions()
    Throttle.clear(account.name)
    record("password-reset", WHO, account.name)
    db.session.commit()
    click.echo(f"{account.name} can sign in with the new password, and is signed out everywhere.")


@pets.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def backup(file: Path | None) -> None:
    """Copy the register to FILE, or into the folder of backups, while people work."""
    _ready()
    try:
        made = backups.make_backup(file)
    except backups.NoBackup as problem:
        raise click.ClickException(str(problem)) from problem
    record("backup", WHO, made.name)
    db.session.commit()
    click.echo(f"The backup is {made}.")


@pets.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in the place of the register. Stop the server first; everybody signs in anew."""
    try:
        aside = backups.put_back(file, steps())
    except backups.NoBackup as problem:
        raise click.ClickException(str(problem)) from problem
    _ready()
    SignIn.end_all()  # or sessions that have ended since would go on
    record("restored", WHO, file.name)
    db.session.commit()
    click.echo(f"The register is as it was when {file} was made. Everybody has to sign in anew.")
    if aside:
        click.echo(f"What was there before is kept as {aside}.")


@pets.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--save", is_flag=True, help="Save it; otherwise only what it would do is told.")
@click.option("--match", type=click.Choice(["number", "name", "new"]), help="Which pets the rows are about.")
@click.option("--dates", type=click.Choice(["day-month", "month-day"]), help="How 1/5/2022 is read.")
@click.option("--blank-clears", is_flag=True, help="Let an empty cell clear what the pet has.")
@click.option("--skip-faulty", is_flag=True, help="Leave out rows with something wrong in them.")
def import_sheet(
    file: Path, save: bool, match: str | None, dates: str | None, blank_clears: bool, skip_faulty: bool
) -> None:
    """Bring in FILE: CSV, XLSX, or a SQLite database with a table pet. All of it is saved, or nothing."""
    _ready()
    upload = Upload.of_file(file, file.name)
    record = Import.begin(None, filename=file.name, kind="", digest=upload.digest)
    try:
        with upload.opened() as sheet:
            _watched("Reading", upload.rows, lambda counted: _keep(record, sheet, counted))
        coming = Incoming(record)
        plan = replace(coming.plan, match=match or coming.plan.match, order=dates, blank_clears=blank_clears)
        coming = Incoming(record, plan)
        _agree_on_columns(coming)
    except SheetProblem as problem:
        raise click.ClickException(str(problem)) from problem
    _watched("Checking", record.total(), coming.check)
    counts = record.counts or {}
    for row in record.faulty():
        for index, field, sentence in row.found:
            click.echo(
                f"row {row.number}, {coming.columns.columns[index].label or field}: {sentence}", err=True
            )
    click.echo(
        ", ".join(f"{counts.get(state, 0):,} {state}" for state in ("new", "changed", "unchanged", "faulty"))
    )
    if not save:
        db.session.rollback()
        click.echo("Nothing was saved. Add --save to save it.")
        return
    if counts.get("faulty") and not skip_faulty:
        raise click.ClickException(
            "Nothing was saved. Mend the rows above, or leave them out with --skip-faulty."
        )
    if counts.get("asked"):
        raise click.ClickException(
            f"{counts['asked']:,} rows fit more than one pet, and nothing was saved. Import the file in the "
            "browser, where you can choose, or give it a column with the numbers of the pets."
        )
    _save_sheet(coming, record.total())


def _keep(record: Import, sheet: Sheet, counted: Callable[[int], None]) -> None:
    for done in keep_rows(record, sheet):
        counted(done)


def _agree_on_columns(coming: Incoming) -> None:
    """Say how the columns are understood, or what has to be said first."""
    if coming.columns.missing:
        raise click.ClickException(
            "No column holds the names. Give the sheet a first row of headings: name, type."
        )
    if coming.evidence.must_ask and coming.plan.order is None:
        raise click.ClickException(
            f"{coming.evidence.example} can be read in two ways. Add --dates day-month or --dates month-day."
        )
    for note in coming.record.notes:
        click.echo(note, err=True)
    for column in coming.columns.unknown:
        click.echo(f"Column {column.label} is left out.", err=True)


def _save_sheet(coming: Incoming, rows: int) -> None:
    draft = Draft.begin(None, WHO)
    _watched("Putting together", rows, lambda counted: coming.stage(draft, False, counted))
    if not draft.size:
        db.session.rollback()
        click.echo("There was nothing to change.")
        return
    alike, size = draft.concerns().get("alike", 0), draft.size
    clashes: list[Clashes] = []
    _watched("Saving", size, lambda counted: clashes.append(draft.save(counted)))
    if clashes[0].total:
        raise click.ClickException(
            f"{clashes[0].total:,} changes need a choice, since the pets were changed after the sheet was "
            "made. Nothing was saved. Import the file in the browser, where you can choose."
        )
    db.session.commit()
    many = "1 change was" if size == 1 else f"{size:,} changes were"
    click.echo(f"{many} saved." + (f" {alike:,} new pets resemble others." if alike else ""))


@pets.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_sheet(file: Path) -> None:
    """Write every pet to FILE, as CSV, XLSX or JSON by its ending."""
    chosen = FORMATS.get(file.suffix.lower().lstrip("."))
    if chosen is None:
        raise click.ClickException("Let the name of the file end in .csv, .xlsx or .json.")
    _ready()
    rows = export_rows(PetSearch.from_args({}))
    bar = click.progressbar(rows, length=total_pets(), label="Writing", file=sys.stderr)
    with bar as counted, file.open("wb") as stream:
        stream.writelines(chosen[1](counted))
    record("export", WHO, file.name)
    db.session.commit()


@pets.command("move")
@click.option("--to", "uri", required=True, help="Such as postgresql://pets@db/pets: an empty database.")
def move_house(uri: str) -> None:
    """Carry the whole register to another database, and check it there. Stop the server first."""
    _ready()
    db.session.rollback()
    tables: dict[str, int] = {}
    try:
        _watched("Moving", rows_to_move(), lambda counted: tables.update(move(uri, counted)))
    except CannotMove as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(
        f"{sum(tables.values()):,} rows were moved, among them {tables['pet']:,} pets, {tables['change']:,} "
        f"changes of them and {tables['account']:,} accounts. Each was read back, and is as it was.\n"
        "There are no files to move: all of a register is in its database. Now set PETS_DATABASE_URI to the "
        "new one, keep PETS_INSTANCE (its secret key keeps people signed in), and start Pets again. The old "
        "database is as it was; what is saved there from now on stays behind."
    )


def _watched(label: str, length: int, deed: Callable[[Callable[[int], None]], object]) -> None:
    """Do something that counts, with a bar that shows how far it has come."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        deed(lambda done: bar.update(done - bar.pos))
        bar.update(max(0, length - bar.pos))


def _ready() -> None:
    """Bring the database up to date, and say who makes the changes."""
    try:
        bring_up_to_date()
    except NotOurs as problem:
        raise click.ClickException(str(problem)) from problem
    Changeset.author(WHO)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _hashed(password: str, name: str) -> str:
    db.session.rollback()  # hashing is slow, and nobody shall wait for it
    problem = password_problem(password, name)
    if problem:
        raise click.ClickException(problem)
    return hash_password(password)
