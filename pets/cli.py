"""The commands: flask --app app pets …"""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from pets import backups
from pets.db import db
from pets.migrations import NotOurs, bring_up_to_date
from pets.models.account import ROLES, Account, hash_password, password_problem
from pets.models.changeset import Changeset
from pets.models.pet import SAMPLES, Pet
from pets.models.security import record
from pets.models.words import tidy_line

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
    """Put the backup FILE in the place of the register. Stop the server first."""
    try:
        aside = backups.put_back(file)
    except backups.NoBackup as problem:
        raise click.ClickException(str(problem)) from problem
    _ready()
    click.echo(f"The register is as it was when {file} was made. What was there is kept as {aside}.")


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
