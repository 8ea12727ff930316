"""What the commands share: their group, who they write as, and the bar that shows how far they are."""

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from pets.backups.archive import NoBackup
from pets.backups.restore import COMMAND
from pets.backups.upgrade import begin_register
from pets.changes.changeset import COMMAND_LINE, Changeset
from pets.migrations import NotOurs
from pets.move import CannotMove
from pets.sheets.cells import SheetProblem
from pets.web.errors import in_words

SECTIONS = ("Accounts", "Spreadsheets", "Backups", "Running it")  # the commands in the help of the group
REFUSED = (NotOurs, NoBackup, CannotMove, SheetProblem)  # their messages say what to do
CODES = {
    "0": "It is done.",
    "1": "It could not be done, and nothing was changed; standard error says why.",
    "2": "What was typed is no such command; standard error says how it is typed.",
}


class Command(click.Command):
    """A command whose help is a manual page, and which says in words what it cannot do.

    `section`: one of SECTIONS; `examples`: {"what is typed after `pets`": "what that does"}; `codes`: what
    its exit codes mean, where they mean something else than those of the others.
    """

    def __init__(
        self,
        *args: Any,
        section: str,
        examples: dict[str, str],
        codes: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.section, self.examples, self.codes = section, examples, CODES | (codes or {})

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The end of its help: examples and exit codes."""
        write_end(formatter, self.examples, self.codes)

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except REFUSED as problem:
            raise click.ClickException(str(problem)) from problem
        except DBAPIError as problem:
            raise click.ClickException(in_words(problem)) from problem


class Commands(AppGroup):
    """Commands for any terminal: many know some 200 letters, and Žofie has one of the others."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, by what they are about."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        for section in SECTIONS:
            with formatter.section(section):
                found = [
                    (name, one.get_short_help_str(80))
                    for name, one in commands
                    if isinstance(one, Command) and one.section == section
                ]
                formatter.write_dl(found)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The end of the help: where more is found, examples and exit codes."""
        examples = {"import --help": "How a command is typed, with examples."}
        write_end(formatter, examples, CODES)

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


def write_end(formatter: click.HelpFormatter, examples: dict[str, str], codes: dict[str, str]) -> None:
    """Write the end of a help: examples, each with what it does, and exit codes."""
    with formatter.section("Examples"):
        for typed, what in examples.items():
            formatter.write_text(what)
            formatter.write(f"{'':{formatter.current_indent + 2}}{COMMAND} {typed}\n")
    with formatter.section("Exit codes"):
        formatter.write_dl(list(codes.items()))


pets = Commands(
    "pets",
    help="""Keep the register from the command line.

    The commands work on the register that the settings name (PETS_INSTANCE, PETS_DATABASE_URI; see the
    README): run them in the folder of Pets, with the settings of the server. People can go on working,
    but where a command says otherwise. Answers go to standard output; progress, warnings and reasons to
    standard error. Letters that a terminal lacks are shown as “?”.
    """,
)


def ready() -> None:
    """Bring the database up to date, and say who makes the changes."""
    begin_register()
    Changeset.author(COMMAND_LINE)


def watched(label: str, length: int, deed: Callable[[Callable[[int], None]], object]) -> None:
    """Do something that counts, with a bar that shows how far it has come."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        deed(lambda done: bar.update(done - bar.pos))
        bar.update(max(0, length - bar.pos))
