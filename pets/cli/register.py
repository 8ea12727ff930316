"""The register as a whole from the command line: made, filled, backed up, restored and moved."""

from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from pets.accounts.audit_log import record
from pets.backups import nightly
from pets.backups.make import make_backup
from pets.backups.restore import put_back
from pets.changes.changeset import COMMAND_LINE
from pets.changes.check import unrecorded
from pets.changes.files import sweep_files
from pets.cli.group import pets, ready, watched
from pets.db import db
from pets.models.pet import Pet
from pets.models.type import total_pets
from pets.move import move, rows_to_move
from pets.web.errors import in_words


@pets.command(
    section="Running it", examples={"upgrade": "What the server does as it starts, without the server."}
)
def upgrade() -> None:
    """Create the database, or bring it up to date."""
    ready()
    click.echo("The database is up to date.")


@pets.command(
    section="Running it", examples={"sample": "Something to look around in; undo it under “History”."}
)
def sample() -> None:
    """Put the four pets of the notebook on an empty register."""
    ready()
    if total_pets():
        raise click.ClickException("There are pets on the register already; nothing was added.")
    db.session.add_all(Pet.samples())
    db.session.commit()
    click.echo("Four pets were added.")


@pets.command(
    section="Running it",
    examples={"check": "Read all of the history; a million pets take minutes."},
    codes={"1": "Some pets are not as their history tells; standard output says which."},
)
def check() -> None:
    """Replay the whole history, and name the pets that are not as it tells."""
    ready()
    db.session.rollback()
    problems = 0
    for problem in unrecorded():
        click.echo(problem)
        problems += 1
    if problems:
        raise click.ClickException(f"{problems:,} of the pets were written to past Pets itself.")
    click.echo("Every pet is as its history tells.")


@pets.command(
    section="Running it",
    examples={"sweep": "The server does the same as it starts, and each night before its backup."},
)
def sweep() -> None:
    """Take away pictures and documents that were sent and never saved, a day after."""
    ready()
    gone = sweep_files()
    db.session.commit()
    click.echo(f"{gone:,} {'file was' if gone == 1 else 'files were'} taken away.")


@pets.command(
    section="Backups",
    examples={
        "backup": "Into the folder of backups, where admins see it too.",
        "backup /media/stick/pets.sqlite": "To a place of its own; it must not be there yet.",
        "backup --rehearse": "Try whether the newest backup can be restored, without touching the register.",
    },
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--rehearse", is_flag=True, help="Restore the newest one to another place, and check it there.")
def backup(file: Path | None, rehearse: bool) -> None:
    """Copy the register, while people work, to FILE or into the folder of backups."""
    if rehearse:
        good, said = nightly.rehearse()
        if not good:
            raise click.ClickException(said)
        click.echo(said)
        return
    made = make_backup(file)
    click.echo(f"The backup is {made}.")
    try:
        ready()
        record("backup", COMMAND_LINE, made.name)
        db.session.commit()
    except DBAPIError as problem:  # such as a disk that has become read-only, whence a backup is needed most
        click.echo(f"The register could not note that it was made. {in_words(problem)}", err=True)


@pets.command(
    section="Backups",
    examples={"restore instance/backups/pets-20260503-020000.sqlite": "The register as it was that night."},
)
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in the place of the register. Stop the server first; everybody signs in again."""
    aside = put_back(file, COMMAND_LINE)
    click.echo(f"The register is as it was when {file} was made. Everybody has to sign in again.")
    if aside:
        click.echo(f"What was there before is kept as {' and '.join(map(str, aside))}.")


@pets.command(
    "move",
    section="Backups",
    examples={"move --to postgresql://pets@db/pets": "From SQLite to PostgreSQL, or back."},
)
@click.option("--to", "uri", required=True, help="Such as postgresql://pets@db/pets: an empty database.")
def move_house(uri: str) -> None:
    """Carry the whole register to another database, and check it there. Stop the server first."""
    ready()
    db.session.rollback()
    tables: dict[str, int] = {}
    watched("Moving", rows_to_move(), lambda counted: tables.update(move(uri, counted)))
    click.echo(
        f"{sum(tables.values()):,} rows were moved, among them {tables['pet']:,} pets, {tables['change']:,} "
        f"changes of them and {tables['account']:,} accounts. Each was read back, and is as it was.\n"
        "There are no files to move: all of a register is in its database. Now set PETS_DATABASE_URI to the "
        "new one, keep PETS_INSTANCE (its secret key keeps people signed in), and start Pets again. The old "
        "database is as it was; what is saved there from now on stays behind."
    )
