"""The commands: flask --app app pets …"""

import click
from flask.cli import AppGroup

from pets.migrations import NotOurs, bring_up_to_date

pets = AppGroup("pets", help="Keep the register from the command line.")


@pets.command()
def upgrade() -> None:
    """Create the database, or bring it up to date."""
    try:
        bring_up_to_date()
    except NotOurs as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo("The database is up to date.")
