"""Spreadsheets from the command line, with a bar that shows how far they are."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from pets.accounts.audit_log import record
from pets.backups.make import before_large_save
from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.changes.merge import Conflicts
from pets.cli.group import WHO, pets, ready, watched
from pets.db import db, only_reads
from pets.exports import FORMATS, export_rows
from pets.imports.answers import ANSWERS
from pets.imports.importer import Importer, Outdated
from pets.imports.mapping import BY_NAME, ColumnMapping
from pets.imports.questions import QUESTIONS, Question
from pets.imports.rows_apart import REASONS
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import
from pets.models.type import total_pets
from pets.search.pets import PetSearch
from pets.sheets.cells import SheetProblem
from pets.sheets.sheet import Sheet


@pets.command(
    "import",
    section="Spreadsheets",
    examples={
        "import animals.xlsx": "Say what would be new, changed and faulty; save nothing.",
        "import animals.xlsx --save": "Save it, if nothing is faulty.",
        "import animals.csv --match name --dates day-month --save": "Update pets of the same name and type.",
    },
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--save", is_flag=True, help="Save it; otherwise only what it would do is told.")
@click.option("--match", type=click.Choice(["number", "name", "new"]), help="Which pets the rows are about.")
@click.option("--dates", type=click.Choice(["day-month", "month-day"]), help="How 1/5/2022 is read.")
@click.option(
    "--answer", "answers", multiple=True, metavar="QUESTION=ANSWER", help="What it asks, such as rest=notes."
)
@click.option("--type", "type_for_all", default="", help="What all of them are, where no column tells.")
@click.option("--blank-clears", is_flag=True, help="Let an empty cell clear what the pet has.")
@click.option(
    "--to-fix", type=click.Path(dir_okay=False, path_type=Path), help="Write faulty rows to this file."
)
@click.option("--skip-faulty", is_flag=True, help="Leave out rows with something wrong in them.")
def import_sheet(file: Path, save: bool, skip_faulty: bool, to_fix: Path | None, **said: Any) -> None:
    """Bring in FILE: CSV, XLSX, or a SQLite database with a table pet. All of it is saved, or nothing."""
    ready()
    with _begun(Upload.of_file(file, file.name)) as (record, upload):
        try:
            with upload.opened() as sheet:
                watched("Reading", upload.rows, lambda counted: _keep(record, sheet, counted))
            importer = Importer(record, _said(Importer(record).plan, **said))
            _agree_on_columns(importer, save)
            importer = Importer(record, importer.agreed)
        except SheetProblem as problem:
            raise click.ClickException(str(problem)) from problem
        record.plan, record.fingerprint = importer.plan.kept, importer.columns.fingerprint
        watched("Checking", record.total(), importer.check)
        db.session.commit()
        _tell_what_was_found(importer)
        if to_fix and (record.counts or {}).get("faulty"):
            with to_fix.open("wb") as out:
                out.writelines(importer.rows_to_fix())
        if save:
            _refuse_what_is_open(record.counts or {}, skip_faulty)
            _save_sheet(importer, record.total())
        else:
            click.echo("Nothing was saved. Add --save to save it.")


def _said(
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
    plan = replace(
        plan, match=match or plan.match, blank_clears=blank_clears, answers={**plan.answers, **told}
    )
    return replace(plan, type_for_all=type_for_all or plan.type_for_all)


@contextmanager
def _begun(upload: Upload) -> Iterator[tuple[Import, Upload]]:
    """An import, whose rows are thrown away at the end unless they were saved."""
    record = Import.begin(None, filename=upload.filename, kind="", digest=upload.digest)
    db.session.commit()
    number = record.id
    try:
        yield record, upload
    finally:
        db.session.rollback()
        left = db.session.get(Import, number)
        if left is not None and left.staged_at is None:
            left.forget()
        db.session.commit()


def _tell_what_was_found(importer: Importer) -> None:
    columns, counts = importer.columns.columns, importer.record.counts or {}
    for row in importer.record.rows("faulty"):
        for index, field, sentence, _ in row.found:
            column = field if index is None else columns[index].label
            click.echo(f"row {row.number}, {column}: {sentence}", err=True)
    for row in importer.record.rows("apart"):
        click.echo(f"row {row.number} is left out: it is {REASONS[row.found[0]]}.", err=True)
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


def _refuse_what_is_open(counts: dict[str, int], skip_faulty: bool) -> None:
    if counts.get("faulty") and not skip_faulty:
        raise click.ClickException(
            "Nothing was saved. Fix the rows above, or leave them out with --skip-faulty."
        )
    if counts.get("asked"):
        rows = "One row may" if counts["asked"] == 1 else f"{counts['asked']:,} rows may"
        raise click.ClickException(
            f"{rows} be about more than one pet, and nothing was saved. Import the file in the browser, "
            "where you can choose, or give it a column with the numbers of the pets."
        )


def _keep(record: Import, sheet: Sheet, counted: Callable[[int], None]) -> None:
    for done in keep_rows(record, sheet):
        db.session.commit()  # so that nobody has to wait while the file is read
        counted(done)


def _agree_on_columns(importer: Importer, save: bool) -> None:
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
        where = f" (row {column.notes.first_row}: {column.sample})" if column.samples else ""
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
        click.echo(f"{question.label} {question.choices[answer]}.", err=True)
    elif question.name != "rest" or save:
        flag = "--dates day-month or --dates month-day" if question.name == "order" else f"--answer {choices}"
        raise click.ClickException(f"{question.label} {question.hint} Add {flag}.")


def _save_sheet(importer: Importer, rows: int) -> None:
    draft = Draft.begin(None, WHO)
    try:
        watched("Putting together", rows, lambda counted: importer.stage(draft, False, counted))
    except Outdated as problem:
        text = "The register was changed while the rows were checked. Nothing was saved. Run this again."
        raise click.ClickException(text) from problem
    if not draft.size:
        db.session.rollback()
        click.echo("There was nothing to change.")
        return
    alike, size = draft.concerns().get("alike", 0), draft.size
    if warning := before_large_save(size):
        click.echo(warning, err=True)
    conflicts: list[Conflicts] = []
    watched("Saving", size, lambda counted: conflicts.append(draft.save(counted)))
    if conflicts[0].total:
        facts = "One fact needs" if conflicts[0].total == 1 else f"{conflicts[0].total:,} facts need"
        raise click.ClickException(
            f"{facts} a choice, changed here after the sheet was made. Nothing was saved. "
            "Import the file in the browser, where you can choose."
        )
    db.session.commit()
    if Changeset.just_saved() is None:
        click.echo("There was nothing to change.")
        return
    many = "1 change was" if size == 1 else f"{size:,} changes were"
    some = "One new pet resembles another." if alike == 1 else f"{alike:,} new pets resemble others."
    click.echo(f"{many} saved." + (f" {some}" if alike else ""))


@pets.command(
    "export",
    section="Spreadsheets",
    examples={
        "export animals.xlsx": "All pets in a file for Excel; an older file stays until the new one is whole."
    },
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_sheet(file: Path) -> None:
    """Write every pet to FILE, as CSV, XLSX or JSON by its ending."""
    chosen = FORMATS.get(file.suffix.lower().lstrip("."))
    if chosen is None:
        raise click.ClickException("Let the name of the file end in .csv, .xlsx or .json.")
    if not file.parent.is_dir():
        raise click.ClickException(f"There is no folder {file.parent}. Make it first, or choose another.")
    ready()
    only_reads(True)  # people go on working meanwhile
    rows = export_rows(PetSearch.from_args({}))
    bar = click.progressbar(rows, length=total_pets(), label="Writing", file=sys.stderr)
    part = file.with_name(f"{file.name}.part")  # an older export stays until the new one is whole
    try:
        with bar as counted, part.open("wb") as stream:
            stream.writelines(chosen[1](counted))
        part.replace(file)
    except OSError as problem:
        raise click.ClickException(f"{file} could not be written: {problem.strerror}.") from problem
    finally:
        part.unlink(missing_ok=True)
    db.session.rollback()
    only_reads(False)
    record("export", WHO, file.name)
    db.session.commit()
