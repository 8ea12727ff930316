"""Files going out: what is written is read back the same, nothing in it runs, and it streams."""

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from openpyxl.utils import get_column_letter

from pets.fields import BUILT_IN, FIELDS, TYPED
from pets.fields.age import age_in
from pets.imports.cells_to_facts import FactReader
from pets.imports.columns import columns_of
from pets.imports.headings import roles
from pets.imports.mapping import ColumnMapping
from pets.sheets.escapes import armoured, escaped, is_formula, restored, unescaped
from pets.sheets.sheet import open_sheet
from pets.sheets.write_csv import ExportRow, csv_chunks, export_columns, json_chunks
from pets.sheets.write_xlsx import xlsx_chunks

TODAY = date(2024, 5, 31)
MOMENT = "2024-05-03 10:22:59+02:00"
COLUMNS = ("id", *(one for field in BUILT_IN for one in field.exported), "added", "changed", "version")
MORE = (None,) * (len(COLUMNS) - 10)  # cells of fields behind the notes
LAST = get_column_letter(len(COLUMNS))
REX: ExportRow = (1, "Rex", "dog", date(2022, 5, 1), False, 2, "likes = and -", *MORE, MOMENT, MOMENT, 3)
Chunks = Callable[[Iterable[ExportRow]], Iterator[bytes]]
WRITERS = pytest.mark.parametrize("chunks", [csv_chunks, xlsx_chunks], ids=["csv", "xlsx"])

# what a name may hold, with what a spreadsheet or XML could trip over made likely
TRICKY = st.sampled_from(
    ["=", "+", "-", "@", "'", '"', ",", ";", "|", "_x0041_", "_x", "_", "\ufffe", "＝", "sep=;"]
)
WORDS = st.lists(st.one_of(TRICKY, st.text(st.characters(exclude_categories=["Cc", "Cs"]))), max_size=4).map(
    "".join
)
NOTES = st.lists(st.one_of(WORDS, st.sampled_from(["\n", "\t"])), max_size=4).map("".join)
PETS = st.tuples(
    st.integers(1, 10**15), WORDS, WORDS, st.none() | st.dates(date(1824, 6, 1), TODAY), st.booleans(), NOTES
)


def read_back(path: Path, chunks: Chunks, rows: Iterable[ExportRow]) -> list[dict[str, object]]:
    path.write_bytes(b"".join(chunks(rows)))
    found = []
    with open_sheet(path) as sheet:
        columns = columns_of(sheet.rows())
        assert columns.mapping == {name: index for index, name in enumerate(export_columns())}
        reader = FactReader(columns, TODAY, plan=ColumnMapping(kept_words=range(len(columns.columns))))
        for pet in (reader.row(cells) for number, cells in sheet.rows() if number > 1):
            assert pet.problems == []
            found.append({"id": pet.id, "version": pet.version, **pet.facts})
    return found


@WRITERS
@given(rows=st.lists(PETS, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_what_is_written_is_read_back(
    tmp_path: Path, chunks: Chunks, rows: list[tuple[int, str, str, date | None, bool, str]]
) -> None:
    written, expected = [], []
    for pet_id, name, kind, born, estimated, notes in rows:
        age = age_in("years", born, TODAY) if born else None
        written.append((pet_id, name, kind, born, estimated, age, notes, *MORE, MOMENT, MOMENT, 1))
        edtf = born.isoformat() + "~" * estimated if born else None
        texts = {"name": name, "type": kind, "notes": notes}
        shown = {key: FIELDS[key].tidy(text) if text.strip() else None for key, text in texts.items()}
        facts = dict.fromkeys(field.name for field in TYPED) | {"born": edtf, **shown}
        expected.append({"id": pet_id, "version": 1, **facts})
    assert read_back(tmp_path / "file", chunks, written) == expected


@given(st.text())
def test_law_every_escape_is_taken_off_again(text: str) -> None:
    assert restored(armoured(text)) == text
    assert unescaped(escaped(text)) == text


@given(st.lists(st.sampled_from(["'", "=", "\t", "_", "_x0041", "_x005F_", "\x01", "\r", "x"])).map("".join))
def test_law_of_escapes_on_what_looks_escaped(text: str) -> None:
    assert restored(armoured(text)) == text
    assert unescaped(escaped(text)) == text
    assert not armoured(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert is_formula(text) == (armoured(text) != text)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("'=1", "''=1"),
        ("''", "'''"),
        ("'tis", "'tis"),
        ("-5", "'-5"),
        ("a=1", "a=1"),
        ("＝1", "'＝1"),
    ],
)
def test_formulas_are_made_harmless(text: str, cell: str) -> None:
    assert armoured(text) == cell
    row = (*REX[:1], text, *REX[2:])
    assert f",{cell},".encode() in b"".join(csv_chunks([row]))


def test_a_csv_of_strangers_keeps_its_apostrophes(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("name\n'tis Rex\n'\n")
    assert [cells for _, cells in open_sheet(file).rows()][1:] == [["'tis Rex"], ["'"]]


def test_csv_is_what_excel_wants() -> None:
    first, rows = csv_chunks([REX])
    assert first == b"\xef\xbb\xbf" + ",".join(export_columns()).encode() + b"\r\n"
    more, moment = "," * len(MORE), "2024-05-03 10:22:59"
    assert rows == f"1,Rex,dog,2022-05-01,no,2,likes = and -{more},{moment},{moment},3\r\n".encode()


def test_json_says_the_same() -> None:
    unknown = (2, "Zoë", "cat", None, None, None, "", *MORE, None, None, 1)
    pets = json.loads(b"".join(json_chunks([REX, unknown])))
    assert pets[0] == dict(zip(export_columns(), REX, strict=True)) | {
        "born": "2022-05-01",
        "added": "2024-05-03T10:22:59+02:00",
        "changed": "2024-05-03T10:22:59+02:00",
    }
    assert pets[1]["name"] == "Zoë"
    assert (pets[1]["born"], pets[1]["estimated"]) == (None, False)
    assert json.loads(b"".join(json_chunks([]))) == []
    assert len(json.loads(b"".join(json_chunks([REX] * 2_500)))) == 2_500


def test_xlsx_in_other_eyes() -> None:
    behind = ("a\nb <&> \u0007", *MORE, MOMENT, MOMENT, 1)
    formula = (2, "=HYPERLINK(1)", "#N/A", date(1850, 1, 2), True, 174, *behind)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_chunks([REX, formula]))))
    sheet = book.active
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("pets", "A2", f"A1:{LAST}3")
    values = list(sheet.iter_rows(values_only=True))
    assert values[0] == export_columns() == COLUMNS
    assert values[1] == (
        1,
        "Rex",
        "dog",
        datetime.fromisoformat("2022-05-01 00:00:00"),
        "no",
        2,
        "likes = and -",
        *MORE,
        datetime.fromisoformat(MOMENT[:19]),
        datetime.fromisoformat(MOMENT[:19]),
        3,
    )
    assert values[2][1:4] == ("=HYPERLINK(1)", "#N/A", "1850-01-02")
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert sheet["B3"].data_type == "s" or sheet["B3"].quotePrefix
    assert sheet["B3"].quotePrefix
    assert not sheet["B2"].quotePrefix
    assert sheet["B1"].font.bold


def test_more_pets_than_a_sheet_holds_go_on_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pets.sheets.write_xlsx.MAX_PETS", 2)
    (tmp_path / "x").write_bytes(b"".join(xlsx_chunks([REX] * 5)))
    with open_sheet(tmp_path / "x") as sheet:
        assert sheet.sheet_names == ("pets", "pets 2", "pets 3")
        assert len(list(sheet.rows("pets 3"))) == 2
    (tmp_path / "x").write_bytes(b"".join(xlsx_chunks([])))
    with open_sheet(tmp_path / "x") as sheet:
        assert [cells for _, cells in sheet.rows()] == [list(export_columns())]


@pytest.mark.parametrize("chunks", [csv_chunks, json_chunks])
def test_it_streams_and_leaves_nothing_behind(
    chunks: Chunks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    asked = 0

    def endless() -> Iterator[ExportRow]:
        nonlocal asked
        while True:
            asked += 1
            yield REX

    going = chunks(endless())
    next(going)
    assert asked == 0
    for _ in range(3):
        assert len(next(going)) < 500_000
    assert asked <= 20_000
    going.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_breaks_off_is_told() -> None:
    def breaking() -> Iterator[ExportRow]:
        yield REX
        raise RuntimeError("gone")

    for chunks in (csv_chunks, json_chunks, xlsx_chunks):
        with pytest.raises(RuntimeError, match="gone"):
            list(chunks(breaking()))


def test_every_column_that_is_written_is_known_when_read() -> None:
    assert set(export_columns()) | {"to fix"} == set(roles())
