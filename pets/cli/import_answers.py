"""What the command line says of a sheet that it brings in, and what it has to be told."""

from collections.abc import Sequence
from dataclasses import replace

import click

from pets.changes.changeset import COMMAND_LINE
from pets.imports.answers import ANSWERS
from pets.imports.importer import Importer
from pets.imports.mapping import BY_NAME, ColumnMapping
from pets.imports.new_fields import called, housed, kind_of
from pets.imports.questions import QUESTIONS, Question
from pets.imports.rows_apart import REASONS
from pets.language import within_a_sentence


def said_plan(
    plan: ColumnMapping,
    match: str | None,
    dates: str | None,
    blank_clears: bool,
    type_for_all: str,
    answers: Sequence[str],
) -> ColumnMapping:
    """The plan with what was said on the command line."""
    pairs = [answer.partition("=") for answer in answers]
    for name, _, _ in pairs:
        if name not in {*QUESTIONS, *ANSWERS}:
            raise click.ClickException(
                f"“{name}” is no question. These are: {', '.join([*QUESTIONS, *ANSWERS])}."
            )
    told = {name: answer for name, _, answer in pairs} | ({"order": dates} if dates else {})
    return replace(
        plan,
        match=match or plan.match,
        blank_clears=blank_clears,
        type_for_all=type_for_all or plan.type_for_all,
        answers={**plan.answers, **told},
    )


def agree_on_columns(importer: Importer, save: bool) -> None:
    """Say how the columns are understood, or what has to be said first."""
    if importer.columns.missing:
        raise click.ClickException(
            "No column holds the names. Give the sheet a first row of headings: name, type."
        )
    for note in importer.record.notes:
        click.echo(note, err=True)
    if importer.columns.above:
        click.echo(f"Above the headings, and left out: {'; '.join(importer.columns.above)}", err=True)
    for column in importer.homeless:
        row = "such as" if column.heading else f"row {column.notes.first_row}:"
        where = f" ({row} {column.sample})" if column.samples else ""
        click.echo(f"Nothing is taken from column {column.heading or column.letter}{where}.", err=True)
    for column, words, count in importer.nothing_words:
        click.echo(f"{column.label}: {count:,} × {words}, taken as empty.", err=True)
    if importer.plan.match == BY_NAME:
        click.echo(
            "Pets with the same name and type are updated. Use --match new to add every row.", err=True
        )
    for question in importer.questions:
        _ask(question, importer.plan.answers.get(question.name, question.suggested), save)


def _ask(question: Question, answer: str | None, save: bool) -> None:
    """Say what is taken as the answer to a question; where there is none, the person has to say."""
    choices = ", ".join(f"{question.name}={name} ({words})" for name, words in question.choices.items())
    if answer is not None and answer in question.choices:
        told = question.choices[answer]
        told = told if question.label.endswith("?") else within_a_sentence(told)
        click.echo(f"{question.label} {told}.", err=True)
    elif question.name != "rest" or save:
        flag = "--dates day-month or --dates month-day" if question.name == "order" else f"--answer {choices}"
        raise click.ClickException(f"{question.label} {question.hint} Add {flag}.")


def with_homes(importer: Importer, save: bool) -> ColumnMapping:
    """The plan that was agreed on. Own fields are added only where all is saved."""
    if not save:
        plan = importer.agreed
        for index in plan.fields:
            kind = kind_of(importer.columns.columns[index], importer.order)
            click.echo(f"With --save, “{kind['label']}” becomes a field ({called(kind)}).", err=True)
        return replace(plan, fields=())
    return housed(importer, COMMAND_LINE)


def tell_what_was_found(importer: Importer) -> None:
    columns, record, counts = importer.columns.columns, importer.record, importer.record.counts or {}
    for row in record.rows("faulty"):
        for index, field, sentence, _ in row.found:
            column = field if index is None else columns[index].label
            click.echo(f"{within_a_sentence(record.called(row.number))}, {column}: {sentence}", err=True)
    for row in record.rows("apart"):
        which, why = within_a_sentence(record.called(row.number)), REASONS[row.found[0]]
        click.echo(f"{which} is left out: it is {why}.", err=True)
    for question in importer.row_questions:
        offered = ", ".join(
            f"{question.name}={answer} ({words})" for answer, words in question.choices.items() if answer
        )
        click.echo(f"{question.label}. One answer for all: --answer {offered}", err=True)
    told = [f"{counts.get(state, 0):,} {state}" for state in ("new", "changed", "unchanged", "faulty")]
    for state, words in (
        ("alike", "new but like a pet that is here"),
        ("asked", "that may be about more than one pet"),
    ):
        if counts.get(state):
            told.append(f"{counts[state]:,} {words}")
    click.echo(", ".join(told))
