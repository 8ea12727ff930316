"""Spreadsheets from the command line, with a bar that shows how far they are."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pets.accounts.audit_log import record
from pets.backups.make import before_large_save
from pets.changes.changeset import COMMAND_LINE, Changeset
from pets.changes.draft import Draft
from pets.changes.merge import Conflicts
from pets.cli.group import pets, ready, watched
from pets.cli.import_answers import agree_on_columns, said_plan, tell_what_was_found, with_homes
from pets.db import db, only_reads
from pets.exports import FORMATS, export_rows
from pets.imports.importer import Importer, Outdated
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import
from pets.models.type import total_pets
from pets.search.pets import PetSearch
from pets.sheets.encodings import CALLED
from pets.sheets.sheet import Sheet


@pets.command(
    "import",
    section="Spreadsheets",
    examples={
        "import animals.xlsx": "Say what would be new, changed and faulty; save nothing.",
        "import animals.xlsx --save": "Save it, if nothing is faulty.",
        "import animals.csv --match name --dates day-month --save": "Update pets of the same name and type.",
        "import animals.csv --answer rest=notes --save": "Put all columns without a field into the notes.",
    },
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--save", is_flag=True, help="Save it; otherwise only what it would do is told.")
@click.option("--match", type=click.Choice(["number", "name", "new"]), help="Which pets the rows are about.")
@click.option("--dates", type=click.Choice(["day-month", "month-day"]), help="How 1/5/2022 is read.")
@click.option(
    "--answer", "answers", multiple=True, metavar="QUESTION=ANSWER", help="What it asks, such as rest=notes."
)
@click.option("--encoding", type=click.Choice([*CALLED]), help="Of a CSV that looks garbled.")
@click.option("--type", "type_for_all", default="", help="What all of them are, where no column tells.")
@click.option("--blank-clears", is_flag=True, help="Let an empty cell clear what the pet has.")
@click.option(
    "--to-fix", type=click.Path(dir_okay=False, path_type=Path), help="Write faulty rows to this file."
)
@click.option("--skip-faulty", is_flag=True, help="Leave out rows with something wrong in them.")
def import_sheet(
    file: Path, save: bool, skip_faulty: bool, to_fix: Path | None, encoding: str | None, **said: Any
) -> None:
    """Bring in FILE: CSV, Excel, ODS, or SQLite with a table pet. All of it is saved, or nothing."""
    ready()
    with _begun(Upload.of_file(file, file.name), to_fix is not None) as (record, upload):
        upload.encoding = encoding or ""
        with upload.opened() as sheet:
            watched("Reading", upload.rows, lambda counted: _keep(record, sheet, counted))
        importer = Importer(record, said_plan(Importer(record).plan, **said))
        importer.makes_fields = True
        agree_on_columns(importer, save)
        importer = Importer(record, with_homes(importer, save))
        record.plan, record.fingerprint = importer.plan.kept, importer.columns.fingerprint
        watched("Checking", record.total(), importer.check)
        db.session.commit()
        tell_what_was_found(importer)
        if to_fix and (record.counts or {}).get("faulty"):
            with to_fix.open("wb") as out:
                out.writelines(importer.rows_to_fix())
        if save:
            _refuse_what_is_open(record.counts or {}, skip_faulty)
            _save_sheet(importer, record.total())
        else:
            click.echo("Nothing was saved. Add --save to save it.")


@contextmanager
def _begun(upload: Upload, to_fix: bool) -> Iterator[tuple[Import, Upload]]:
    """An import, whose rows are thrown away at the end unless they were saved. to_fix: whether a file of
    rows to fix may name it, which then finds its answers."""
    record = Import.begin(None, filename=upload.filename, kind="", digest=upload.digest)
    db.session.commit()
    number = record.id
    try:
        yield record, upload
    finally:
        db.session.rollback()
        left = db.session.get(Import, number)
        if left is not None and left.staged_at is None:
            left.empty() if to_fix and (left.counts or {}).get("faulty") else left.forget()
        db.session.commit()


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


def _save_sheet(importer: Importer, rows: int) -> None:
    draft = Draft.begin(None, COMMAND_LINE)
    try:
        watched("Preparing", rows, lambda counted: importer.stage(draft, False, counted))
    except Outdated as problem:
        text = "The register was changed while the rows were checked. Nothing was saved. Run this again."
        raise click.ClickException(text) from problem
    if not draft.size:
        db.session.rollback()
        click.echo("There was nothing to change.")
        return
    alike, size = sum(map(draft.concerns().get, ("same", "alike"), (0, 0))), draft.size
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
    only_reads(True)  # people keep working
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
    record("export", COMMAND_LINE, file.name)
    db.session.commit()
