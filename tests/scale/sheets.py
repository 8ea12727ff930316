"""What sheets cost: `python -m tests.scale.sheets`. 100,000 rows in, read, checked and staged; a million out.

Each figure is taken in a process of its own, so that its memory is its own.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from pets.accounts.account import Account
from pets.changes.draft import Draft
from pets.db import db
from pets.exports import FORMATS, export_rows
from pets.imports.importer import Importer
from pets.imports.mapping import ColumnMapping
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import
from pets.search.pets import PetSearch
from tests.scale.seed import opened, seeded

ROWS = 100_000
MOST = {"csv": 12, "xlsx": 15}  # seconds
TYPES = ("dog", "cat", "iguana", "polar bear")
MOMENT = "2026-05-03 14:05:00+00:00"


def memory() -> int:
    """The most this process has held since it began, or since `forget_memory`, in MB."""
    [most] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(most.split()[1]) // 1024


def forget_memory() -> int:
    """Start measuring again from here; what is held now."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory()


def sheet(form: str, path: Path) -> None:
    """A sheet with ten columns, as our own export has them, of pets that are new here."""
    rows = (
        (
            number,
            f"Pet number {number}",
            TYPES[number % 4],
            str(date(2015, 1, 1) + timedelta(days=number % 4000)),
            number % 3 == 0,
            None,
            f"likes {number % 100} things",
            MOMENT,
            MOMENT,
            1,
        )
        for number in range(1, ROWS + 1)
    )
    with path.open("wb") as file:
        file.writelines(FORMATS[form][1](rows))


def bring_in(form: str, folder: Path, pets: int) -> None:
    """Read, check and stage, each timed."""
    path, fresh = folder / f"rows.{form}", folder / "fresh"
    seed(form, folder, pets)
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(seeded(folder, pets), fresh)
    with opened(fresh) as app, app.app_context():
        held = forget_memory()
        worked = time.process_time()
        account, times, begun = db.session.query(Account).first(), [], time.perf_counter()
        upload = Upload.of_file(path, path.name)
        record = Import.begin(account.id, filename=path.name, kind="", digest=upload.digest)
        first = None
        with upload, upload.opened() as found:
            for _ in keep_rows(record, found):
                db.session.commit()
                first = first or time.perf_counter() - begun
        times.append(time.perf_counter())
        record.plan = Importer(record, ColumnMapping(match="new")).agreed.kept
        Importer(record).check(lambda _: None)
        db.session.commit()
        times.append(time.perf_counter())
        Importer(record).stage(Draft.begin(account.id, "Edith"), False, lambda _: None)
        db.session.commit()
        times.append(time.perf_counter())
        read, check, stage = (end - start for start, end in zip([begun, *times], times, strict=False))
        db.session.rollback()
        print(
            f"{form} in, {ROWS:,} rows beside {pets:,} pets: read {read:.1f} s, checked {check:.1f} s, "
            f"staged {stage:.1f} s, together {read + check + stage:.1f} s (most {MOST[form]}); "
            f"{time.process_time() - worked:.1f} s of a processor; first progress after {first:.2f} s; "
            f"memory {memory()} MB, of which {held} before (most 150)"
        )


def seed(form: str, folder: Path, pets: int) -> None:
    """Make the register, and the sheet."""
    seeded(folder, pets)
    if not (folder / f"rows.{form}").exists() and form in MOST:
        sheet(form, folder / f"rows.{form}")


def send_out(form: str, folder: Path, pets: int) -> None:
    """Export everything, and look how much memory grew."""
    with opened(seeded(folder, pets)) as app, app.app_context():
        before, begun = forget_memory(), time.perf_counter()
        chunks = FORMATS[form][1](export_rows(PetSearch.from_args({})))
        size = len(next(chunks))
        first = time.perf_counter() - begun
        size += sum(map(len, chunks))
        print(
            f"{form} out, {pets:,} pets: {time.perf_counter() - begun:.1f} s, {size / 1e6:.0f} MB, first "
            f"byte after {first * 1000:.0f} ms, memory grew by {memory() - before} MB (most 30)"
        )


def main() -> None:
    """All figures, one process for each."""
    folder = Path(tempfile.gettempdir()) / "pets-scale"
    folder.mkdir(exist_ok=True)
    if len(sys.argv) == 4:
        deed = {"in": bring_in, "out": send_out, "seed": seed}[sys.argv[1]]
        deed(sys.argv[2], folder, int(sys.argv[3]))
        return
    for what in (
        "in csv 0",
        "in xlsx 0",
        "in csv 100000",
        "out csv 1000000",
        "out json 1000000",
        "out xlsx 100000",
    ):
        deed, form, pets = what.split()
        for step in ("seed", deed):  # whoever makes the pets holds more than an import
            subprocess.run([sys.executable, "-m", "tests.scale.sheets", step, form, pets], check=True)


if __name__ == "__main__":
    main()
