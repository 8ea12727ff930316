"""Spreadsheets as people really have them: what becomes of each row of each file in `cases/`.

They are small, after public bug reports, and written by other programs than this one. A line of an outcome is
what a row stands for, the facts it tells, and what is wrong with it: "new Tilly, dog, about 2 years, shy".
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pets.clock import today
from pets.fields import FIELDS
from pets.imports.checked_rows import ResolvedRow
from pets.imports.importer import Importer
from pets.imports.resolve import RowResolver
from pets.imports.upload import Upload, keep_rows
from pets.imports.upload_rows import Import
from pets.sheets.cells import SheetProblem

CASES = Path(__file__).parent / "cases"


@dataclass
class Case:
    """One file: the lines of its outcome in order; what is said of the file and asked of its columns; and
    what a person answers."""

    file: str
    lines: str = ""
    says: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    answers: dict[str, Any] | None = None
    refused: str = ""


def numbered(sign: str, kind: str, ages: str) -> str:
    """The lines of rows that differ in their age: "P00", "P01" …; "-": without one; "?": it is a fault."""
    told = {"-": "", "?": ""}
    return "\n".join(
        f"{'faulty' if age == '?' else 'new'} {sign}{at:02}, {kind}{told.get(age, f', {age}')}"
        for at, age in enumerate(age.strip() for age in ages.split(","))
    )


TABLE = [
    Case(
        "c01-na-names.csv",
        """new *charly, dog, 3 years
        new reptile A7002, reptile
        new bird A7003, bird
        new cat A7004, cat
        new cat A7006, cat""",
        answers={"answers": {"no_name": "type:0"}},
    ),
    Case(
        "c01-na-names.csv",
        """new *charly, dog, 3 years
        new NA, reptile
        new NA, bird
        new NULL, cat
        new unknown, cat""",
        answers={"kept_words": [1]},
    ),
    Case(
        "c03-camelcase.csv",
        "new Tilly, Dog, 3 years, shy\nnew Moss, Cat, 4 years",
        answers={"answers": {"disputes": "born"}},
    ),
    Case("c04-asm-export.csv", "new Tilly, Dog, 3 years, shy\nnew Moss, Cat, 3 years"),
    Case(
        "c06b-birth-year.csv",
        """new Tilly, dog, about 9 years
        new Moss, dog, about 7 years
        new Ivy, cat, about 5 years
        new Bram, cat, about 5 years
        new Otto, cat, about 5 years
        new Pip, cat, about 5 years
        new Roo, cat, about 4 years
        new Zed, cat, about 8 years""",
    ),
    Case(
        "c07-ages.csv",
        numbered(
            "P",
            "dog",
            """about 2 years, about 10 months, about 3 years, about 5 years, about 10 weeks, about 1 year,
            about 6 months, about 6 months, about 10 years, about 1 year, about 2 years, ?, about 6 months, ?,
            ?, about 6 months, about 8 weeks, about 6 weeks, about 2 years, about 2 years, about 2 years,
            about 1 year, about 1 year, about 6 months, ?, about 1 week, about 2 years, about 3 months,
            about 2 years, about 2 years, about 10 months, about 6 months, about 4 years, about 4 years,
            about 4 years, about 4 years, about 4 years, about 4 years, about 4 years, about 4 years,
            about 4 years, about 2 years, about 2 years, about 2 years, about 8 weeks, about 1 year,
            about 6 weeks, about 3 months, about 12 weeks, about 1 year, about 6 months, about 6 months,
            about 6 months, about 2 weeks, about 10 years, -, -, -""",
        ),
        asks=("unit: The heading does not say.",),
    ),
    Case(
        "c09-dates.csv",
        numbered(
            "D",
            "cat",
            """5 years, 5 years, 5 years, 5 years, 5 years, 5 years, 5 years, 5 years, 5 years, 5 years, -, -,
            -, -, -, -, -, 5 years, 5 years, 5 years, about 5 years, about 4 years, about 5 years,
            about 4 years, 5 years, 5 years, 5 years, ?, ?, 5 years, 5 years, 5 years, -""",
        ),
        asks=(
            "moments: A program in another time zone",
            "empties: 8 birth dates are “0000-00-00” or like it",
        ),
    ),
    Case(
        "c14-repeated-heading.csv",
        "new Tilly, dog, shy\nnew Moss, cat\napart\nnew Ivy, dog\napart\nnew Bram, cat, old",
    ),
    Case("c15-totals.csv", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years\napart"),
    Case("c16-letterhead.csv", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years"),
    Case("c24-age-mo.csv", "new Tilly, dog, about 8 months\nnew Moss, cat, about 5 months"),
    Case("c24d-age-yrs.csv", "new Tilly, dog, about 8 years\nnew Moss, cat, about 5 years"),
    Case(
        "c25-german.csv",
        """new Flöckchen, Katze, 5 years, scheu
        new Bello, Hund, about 2 years
        new Mia, Katze, about 3 months""",
    ),
    Case("c27-two-names.csv", "new Ann, dog\nnew Bob, cat"),
    Case("d01-heading-spaces.csv", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years"),
    Case(
        "d05-placeholder-dates.csv", "new Tilly, dog\nnew Moss, cat\nnew Ivy, cat\nnew Rex, dog\nnew Bo, dog"
    ),
    Case(
        "d05-placeholder-dates.csv",
        """faulty Tilly, dog, 124 years: A dog of 124 years? Correct
        faulty Moss, cat, 54 years: A cat of 54 years?
        faulty Ivy, cat, 124 years: A cat of 124 years?
        faulty Rex, dog, 44 years: A dog of 44 years?
        faulty Bo, dog, 124 years: A dog of 124 years?""",
        answers={"answers": {"empties": "keep"}},
    ),
    Case(
        "d06-zero-years.csv",
        """new Tilly, dog, about 6 months
        new Moss, cat, about 6 months
        new Ivy, cat, about 2 weeks
        new Bo, dog, about 0 weeks""",
    ),
    Case(
        "d07-type-codes.csv",
        """new Tilly, 1, about 3 years
        new Moss, 2, about 1 year
        new No Name Yet, 1, about 2 years""",
    ),
    Case(
        "x03-table-total.xlsx",
        """new Tilly, dog, about 2 years
        new Moss, cat, about 3 years
        new Ivy, cat, about 4 years
        apart""",
    ),
    Case("x11-two-headers.xlsx", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years"),
    Case(
        "c10-spaces-quotes.csv",
        """new Tilly, dog, about 2 years
        new Moss, the second, cat, about 3 years""",
    ),
    Case(
        "c11-paste-quotes.txt",
        """new "Stache, cat, shy
        new Rex, dog, likes balls
        new Mia, cat
        new "Bo, cat, old
        new Tilly, dog""",
    ),
    Case(
        "c19-invisible.csv",
        """new Tilly, cat
        new Moss, cat
        new Ivy, cat
        new Bram, cat
        new Otto, cat
        new Pip, cat
        new Roo, cat
        new Zed, cat
        new Kit, cat
        new Tilly, cat""",
    ),
    Case("c20-mac-cr.csv", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years"),
    Case(
        "c26-chip.csv",
        """faulty Tilly, dog: A spreadsheet rounded a long number to “9.85112E+14”
        new Moss, cat, 985112000000002
        new Ivy, cat, 0012345678
        new Bram, cat, 985112000000003""",
    ),
    Case(
        "d02-semicolon-commas.csv",
        """new Tilly, dog, about 2 years, shy, old, deaf, sweet, hungry
        new Moss, cat, about 3 years, one, two, three, four, five""",
    ),
    Case(
        "d02b-semicolon-unquoted.csv",
        """new Tilly, dog, about 2 years, shy, old, deaf, sweet
        new Moss, cat, about 3 years, one, two, three, four
        new Ivy, cat, about 1 year, a, b, c, d""",
    ),
    Case(
        "c23-mojibake.csv",
        """new AmÃ©lie, cat, donâ€™t feed
        new ZoÃ«, dog""",
        says=(
            "Some letters look garbled: “AmÃ©lie,cat,donâ€™t feed” may have been “Amélie,cat,don’t feed”.",
        ),
    ),
    Case(
        "c28-cp1250.csv", says=("read as Windows-1250 (Central Europe). Check that “Žofka;kočka;3.5.2019”",)
    ),
    Case("c28b-cp1251.csv", says=("read as Windows-1251 (Cyrillic). Check that “Мурка;кошка;03.05.2019”",)),
    Case("c28c-sjis.csv", "new タマ, 猫\nnew ポチ, 犬", says=("read as Shift-JIS (Japanese)",)),
    Case("c28d-macroman.csv", "new Amélie, cat\nnew Zoë, dog", says=("read as Mac Roman",)),
    Case("d03-one-pet-tab.txt", "new Tilly, dog"),
    Case(
        "d09-inline.xlsx",
        """new Tilly, dog, one / two
        new 環, 猫, 985112000000002""",
    ),
    Case(
        "x02-merged-type.xlsx",
        """new Tilly, dog, about 1 year
        new Rex, dog, about 2 years
        new Bo, dog, about 3 years
        new Moss, cat, about 4 years
        new Ivy, cat, about 5 years
        new Zed, cat, about 6 years""",
        says=("Column A has merged cells: 4 rows below them got the same.",),
    ),
    Case(
        "x04-errors.xlsx",
        """faulty Tilly, dog, about 1 year: “#DIV/0!” is an error of the spreadsheet.
        faulty Moss, about 2 years: “#N/A” is an error
        faulty cat, about 3 years: “#REF!” is an error
        faulty Ivy, about 4 years: “#VALUE!” is an error
        faulty about 5 years: “#NAME?” is an error""",
    ),
    Case(
        "x06-age-format.xlsx",
        """new Tilly, dog, about 8 months
        new Moss, cat, about 6 weeks
        new Ivy, cat, about 4 years""",
    ),
    Case(
        "x01-hidden-rows.xlsx",
        """new Pet0, dog
        new Pet1, dog
        new Pet2, dog
        new Pet3, dog
        apart
        apart
        apart
        apart
        apart
        apart""",
        asks=("hidden: 6 rows are hidden in the spreadsheet",),
        answers={"answers": {"hidden": "out"}},
    ),
    Case(
        "x03-table-total.xlsx",
        """new Tilly, dog, about 2 years
        new Moss, cat, about 3 years
        new Ivy, cat, about 4 years
        apart""",
    ),
    Case(
        "x07-sheets-by-species.xlsx",
        """new Tilly, dog, about 1 year
        new Rex, dog, about 2 years
        new Moss, cat, about 1 year
        new Ivy, cat, about 2 years
        new Thumper, rabbit, about 1 year""",
    ),
    Case("x09-offset.xlsx", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years"),
    Case("x13-strict.xlsx", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years"),
    Case("x14-backslash.xlsx", "new Tilly, dog, about 2 years\nnew Moss, cat, about 3 years"),
    Case(
        "c22-entities.csv",
        """new O&#39;Malley, cat, likes fish &amp; chips
        new Smith &amp; Wesson, dog, &quot;good&quot;""",
    ),
    Case("d04-wide-name.csv", "faulty GCHB CH Somewhere's Very Long And Winding Road"),
    Case("x10-date-names.xlsx", "new 2025-03-03, dog\nnew TRUE, cat\nnew 7, cat\nnew 2025-05-01, cat"),
    Case(
        "x12-comments-strike.xlsx",
        "new Tilly, dog, about 2 years\napart",
        asks=("struck: One row is struck out in the spreadsheet.",),
        answers={"answers": {"struck": "out"}},
        says=("One cell has a comment, which is not imported.",),
    ),
    Case(
        "y05-exceljs-stream.xlsx",
        """new Tilly, dog, 3 years
        new Moss, cat, 5 years""",
    ),
    Case(
        "y07-sheetjs-prague.xlsx",
        """new Tilly, dog, 3 years
        new Moss, cat, 5 years
        new Ivy, cat, 7 years""",
    ),
    Case(
        "y04-exceljs.xlsx",
        """new Tilly, dog, 3 years, see record
        faulty Moss, cat
        new Ivy, cat""",
        says=("One cell has a formula without a result",),
    ),
    *(  # one list in the formats that one program writes
        Case(file, "new Tilly, dog, 3 years, shy\nnew Moss, cat, 5 years\nnew Ivy, cat, 7 years")
        for file in (
            *("y01-sheetjs.xlsx", "y02-sheetjs-celldates.xlsx"),
            *(f"y03-sheetjs.{ending}" for ending in ("csv", "ods", "fods", "xls", "html", "xlml")),
        )
    ),
    Case("y03-sheetjs.xlsb", refused="binary Excel workbook"),
]


def outcome(path: Path, answers: dict[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """What becomes of each row, the sentences about the file, and what is asked. Raises SheetProblem."""
    pasted = path.suffix == ".txt"
    upload = Upload.received(None, path.read_text()) if pasted else Upload.of_file(path, path.name)
    record = Import.begin(None, filename=path.name, kind="", digest=upload.digest)
    with upload, upload.opened() as sheet:
        list(keep_rows(record, sheet))
    importer = Importer(record, replace(Importer(record).plan, **answers))
    rows = [row for row in record.rows() if row.number > importer.columns.heading_row]
    resolver = RowResolver(record, importer.plan, importer.columns, importer.order)
    asked = [f"{question.name}: {question.hint}" for question in importer.questions]
    return [told(one) for one in resolver.chunk(rows)], list(record.notes), asked


def told(one: ResolvedRow) -> str:
    """A row in words."""
    facts = (one.staged and one.staged.after) or {}
    words = [field.listed(facts.get(name), today()) for name, field in FIELDS.items()]
    line = f"{one.state} {', '.join(word for word in words if word)}".replace("\n", " / ")
    faults = one.found if one.state == "faulty" else ()
    return line + "".join(f": {sentence}" for _, _, sentence, _ in faults)


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.file)
@pytest.mark.any_database
def test_a_file_has_the_right_outcome(session: Any, clock: Any, case: Case) -> None:
    if case.refused:
        with pytest.raises(SheetProblem, match=case.refused):
            outcome(CASES / case.file, {})
        return
    lines, says, asks = outcome(CASES / case.file, case.answers or {})
    expected = [line.strip() for line in case.lines.splitlines()]
    # Of a sentence the beginning is enough.
    assert len(lines) == len(expected) or not expected
    for line, start in zip(lines, expected, strict=False):
        assert line.strip() == start or (start.startswith("faulty") and line.startswith(start))
    for sentence in case.says:
        assert any(sentence in one for one in says), says
    for question in case.asks:
        assert any(question in one for one in asks), asks


def test_a_citys_workbook_says_the_same_as_its_csv(session: Any) -> None:
    answers = {"answers": {"no_name": "type:0", "disputes": "born"}}
    whole, _, asked = outcome(CASES / "migration.xlsx", answers)
    assert len(whole) == 2_040
    assert {line.partition(" ")[0] for line in whole} == {"new"}
    assert outcome(CASES / "migration.csv", answers) == (whole[:200], [], asked)
