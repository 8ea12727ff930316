"""The check-up from the command line."""

import click

from pets.cli.group import pets
from pets.health.checkup import check_up
from pets.health.finding import BAD, GOOD, LOOK, Asked

PATIENCE = 3600  # seconds that reading the whole register may take
MARKS = {GOOD: "ok  ", LOOK: "look", BAD: "BAD "}


@pets.command(
    section="Running it",
    examples={
        "doctor": "Check everything, the settings of this terminal too.",
        "doctor > report.txt || mail -s Pets ada@example.org < report.txt": "Let a nightly job tell Ada.",
    },
    codes={"0": "Nothing has to be fixed.", "1": "Something has to be fixed; standard output says what."},
)
def doctor() -> None:
    """Say what is set up well and what is not, each with what to do. Nothing is changed."""
    findings = check_up(Asked(patience=PATIENCE))
    for name, one in findings:
        click.echo(f"{MARKS[one.state]}  {name}: {one.found}")
        if one.todo:
            click.echo(f"      To do: {one.todo}")
    bad = sum(one.state == BAD for _, one in findings)
    if bad:
        raise click.ClickException("Fix the one thing above." if bad == 1 else f"Fix the {bad} things above.")
