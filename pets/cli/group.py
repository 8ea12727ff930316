"""What the commands share: their group, who they write as, and the bar that shows how far they are."""

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from pets.backups.upgrade import begin_register
from pets.changes.changeset import Changeset
from pets.migrations import NotOurs
from pets.web.errors import in_words

WHO = "the command line"


class Command(click.Command):
    """A command that says in a sentence why the database cannot be used."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except DBAPIError as problem:
            raise click.ClickException(in_words(problem)) from problem


class Commands(AppGroup):
    """Commands for any terminal: many know some 200 letters, and Žofie has one of the others."""

    command_class = Command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Say "?" for a letter that the terminal lacks, instead of failing when all is done; and read one
        that it sends wrongly, for the rules of passwords and names to refuse."""
        for stream, errors in (
            (sys.stdin, "surrogateescape"),
            (sys.stdout, "replace"),
            (sys.stderr, "replace"),
        ):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors=errors)
        return super().make_context(*args, **kwargs)


pets = Commands("pets", help="Keep the register from the command line.")


def ready() -> None:
    """Bring the database up to date, and say who makes the changes."""
    try:
        begin_register()
    except NotOurs as problem:
        raise click.ClickException(str(problem)) from problem
    Changeset.author(WHO)


def watched(label: str, length: int, deed: Callable[[Callable[[int], None]], object]) -> None:
    """Do something that counts, with a bar that shows how far it has come."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        deed(lambda done: bar.update(done - bar.pos))
        bar.update(max(0, length - bar.pos))
