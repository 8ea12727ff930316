"""Accounts from the command line: the way in without a browser, and the way back in."""

import sys

import click

from pets.accounts.account import ROLES, Account
from pets.accounts.audit_log import record
from pets.accounts.password import hash_password, password_problem
from pets.accounts.rate_limit import RateLimit
from pets.accounts.sessions import SignIn
from pets.changes.changeset import COMMAND_LINE
from pets.cli.group import pets, ready
from pets.db import db
from pets.fields.text import tidy_line


@pets.command(
    "add-account",
    section="Accounts",
    examples={
        "add-account Edith --role editor": "Ask for a password twice, and add an account for Edith.",
        "add-account Ada --role admin --password-stdin < file": "The password is the first line of a file.",
    },
)
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), default="viewer", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_account(name: str, role: str, password_stdin: bool) -> None:
    """Add an account that can sign in with the password given."""
    ready()
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
    record("account-added", COMMAND_LINE, f"{name} ({role})")
    db.session.commit()
    click.echo(f"{name} can sign in now, as {role}.")


@pets.command(
    "set-password",
    section="Accounts",
    examples={"set-password Ada": "Ask for a new password twice, and sign Ada out everywhere."},
)
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def set_password(name: str, password_stdin: bool) -> None:
    """Give an account a new password: the way back in. An account that has ended is back with it."""
    ready()
    account = Account.named(name)
    if account is None:
        raise click.ClickException(f"There is no account named {name}.")
    hashed = _hashed(_password(password_stdin), account.name)
    account.set_password(hashed)
    account.ended_at = None
    SignIn.end_all(account)
    RateLimit.forgive(account)
    record("password-reset", COMMAND_LINE, account.name)
    db.session.commit()
    click.echo(f"{account.name} can sign in with the new password, and is signed out everywhere.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _hashed(password: str, name: str) -> str:
    db.session.rollback()  # hashing is slow, and nobody has to wait for it
    problem = password_problem(password, name)
    if problem:
        raise click.ClickException(problem)
    return hash_password(password)
