"""Files coming in: what is read, what is said about it, and what is refused in words."""

import io
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pets.fields.cell import Damaged
from pets.sheets import cells as limits
from pets.sheets.cells import MAX_CELL, SheetProblem
from pets.sheets.sheet import open_sheet, pasted

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HOSTILE_XML = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><worksheet>&b;</worksheet>'


@pytest.fixture(autouse=True)
def no_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test here also shows that reading leaves no temporary file behind."""
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.setenv("SQLITE_TMPDIR", str(elsewhere))
    yield
    assert list(elsewhere.iterdir()) == []
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(("-wal", "-shm", "-journal"))]


@pytest.fixture
def the_file(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def rows_of(path: Path, content: bytes) -> list[tuple[int, list[object]]]:
    path.write_bytes(content)
    with open_sheet(path) as sheet:
        return [(number, list(cells)) for number, cells in sheet.rows()]


def refusal(path: Path, content: bytes | None = None) -> str:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SheetProblem) as refused, open_sheet(path) as sheet:
        list(sheet.rows())
    sentence = str(refused.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    return sentence


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def zipped(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def workbook(sheet: str, **more: str) -> bytes:
    """A workbook with one sheet, from the XML of its rows."""
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    inside = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    if not sheet.startswith("<?xml"):
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{inside}/content-types">'
        f'<Override PartName="/xl/w.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/t.xml" ContentType="{kinds}.sharedStrings+xml"/></Types>',
        "xl/w.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{links}">'
        '<sheets><sheet name="Pets" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/_rels/w.xml.rels": f'<Relationships xmlns="{inside}/relationships">'
        f'<Relationship Id="s" Type="{links}/worksheet" Target="s.xml"/></Relationships>',
        "xl/s.xml": sheet,
    }
    return zipped(**{name.replace("/", "__"): text for name, text in {**parts, **more}.items()})


def document(*tables: str, body: bool = True, padding: int = 0, **parts: str) -> bytes:
    """An ODS, from the XML of its tables."""
    kinds = ("office", "table", "text", "style", "calcext")
    names = " ".join(f'xmlns:{kind}="urn:{kind}"' for kind in kinds)
    styles = '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
    text = f"<office:document-content {names}>{styles}{''.join(tables)}</office:document-content>"
    whole = "application/vnd.oasis.opendocument.spreadsheet"
    content = text.replace("<style:style", "<i/>" * padding + "<style:style", 1) if body else tables[0]
    return zipped(**{"mimetype": whole, "content.xml": content, **parts})


def table(cells: str, told: str = "") -> str:
    """A sheet of one row."""
    end = "</text:p></table:table-cell>" if cells else ""
    return f"<table:table table:name='a'><table:table-row {told}>{cells}{end}</table:table-row></table:table>"


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


REX = [(1, ["name", "type"]), (2, ["Zoë", "cat"])]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("word", ["Žofka", "Мурка", "ポチ"])
def test_letters_of_two_bytes_are_no_control_characters(the_file: Path, word: str, encoding: str) -> None:
    content = f"name\ttype\n{word * 4}\tcat\n".encode(encoding)
    assert rows_of(the_file, content)[1] == (2, [word * 4, "cat"])


@pytest.mark.parametrize(
    "content",
    [
        "name,type\nZoë,cat\n".encode(),
        "name;type\r\nZoë;cat\r\n".encode(),
        "name\ttype\rZoë\tcat".encode(),
        "name|type\nZoë|cat".encode(),
        "sep=;\nname;type\nZoë;cat\n".encode(),
        'sep=|\r\nname|type\r\n"Zoë"|cat\r\n'.encode("utf-16"),
        "\ufeffname,type\nZoë,cat\n".encode(),
        "name,type\nZoë,cat\n".encode("utf-16"),
        "name\ttype\nZoë\tcat\n".encode("utf-16-le"),
        "name,type\nZoë,cat\n".encode("utf-16-be"),
        b"name,type\nZo\xeb,cat\n",
        "name,type\nZoë,cat".encode(),
        "name,type,,\nZoë,cat,  ,\n".encode(),
    ],
)
def test_a_csv_is_read_whatever_wrote_it(the_file: Path, content: bytes) -> None:
    assert rows_of(the_file, content) == REX


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1252", "name,type\nZoë,cat\nAmélie,chien\n"),
        ("windows-1252", "name,type\nNiña,gato\nMuñeca,perra pequeña\n"),
        ("windows-1252", "name;type\nFlöckchen;Kätzchen\nBärli;süß\n"),
        ("windows-1250", "jméno;druh\nŽofka;kočka\nŠarik;pes\n"),
        ("windows-1250", "imię;gatunek\nŁatka;kotka łagodna\nŚnieżka;pies\n"),
        ("windows-1251", "name;type\nМурка;кошка\nШарик;собака\n"),
        ("macintosh", "name,type\nAmélie,cat\nZoë,dog\n"),
        ("cp932", "name,type\nタマ,猫\nポチ,犬\n"),
    ],
)
def test_a_guess_is_right_said_and_can_be_overruled(the_file: Path, encoding: str, text: str) -> None:
    the_file.write_bytes(text.encode(encoding))
    sheet = open_sheet(the_file)
    assert sheet.encoding == encoding
    assert sheet.spellings[encoding] in text
    assert sheet.spellings[encoding] in sheet.notes[0]
    assert len(set(sheet.spellings.values())) > 2
    other = "macintosh" if encoding == "windows-1252" else "windows-1252"
    if other in sheet.spellings:
        overruled = open_sheet(the_file, other)
        assert overruled.encoding == other
        assert "".join(map(str, [*overruled.rows()][1][1])) != "".join(map(str, [*sheet.rows()][1][1]))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_a_guess_and_among_the_choices(the_file: Path, encoding: str) -> None:
    text = "名字名字,类型\n一丁一丁,犬犬犬\n上万,猫\n"  # 4E00: either byte of a letter may be NUL
    the_file.write_bytes(text.encode(encoding))
    sheet = open_sheet(the_file)
    assert (sheet.encoding, sheet.spellings[encoding]) == (encoding, "名字名字,类型")
    assert [cells for _, cells in sheet.rows()] == [line.split(",") for line in text.splitlines()]
    other = {"utf-16-le": "utf-16-be", "utf-16-be": "utf-16-le"}[encoding]
    assert open_sheet(the_file, other).encoding == other
    the_file.write_bytes("name,type\nZoë,cat\n".encode("windows-1252"))
    assert sheet.spellings.keys() <= open_sheet(the_file).spellings.keys()


def test_letters_that_were_encoded_twice_are_told_and_can_be_repaired(the_file: Path) -> None:
    text = "name,type,notes\nAmélie,cat,don’t feed\nÉ…,café,Кот\n"
    the_file.write_text("name,type,notes\nAmÃ©lie,cat,donâ€™t feed\nÉ…,café,ÐšÐ¾Ñ‚\n", encoding="utf-8")
    sheet = open_sheet(the_file)
    assert sheet.notes == (
        "Some letters look garbled: “AmÃ©lie,cat,donâ€™t feed” may have been “Amélie,cat,don’t feed”.",
    )
    repaired = open_sheet(the_file, "utf-8-repaired")
    assert [cells for _, cells in repaired.rows()] == [line.split(",") for line in text.splitlines()]
    the_file.write_text(text, encoding="utf-8")
    assert open_sheet(the_file).notes == ()


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("name;notes\nRex;a, b, c\nMax;d, e", ["Rex", "a, b, c"]),
        ("name,notes\nRex,a; b\nMax,c", ["Rex", "a; b"]),
        ("name;age\nRex;2,5\nMax;1,5", ["Rex", "2,5"]),
        ('name,notes\n"Rex, the; dog","one\ntwo"\nMax,', ["Rex, the; dog", "one\ntwo"]),
        ("name\nRex the dog\nMax", ["Rex the dog"]),
        ('name,notes\n"Re"x,5" tall\n', ['"Re"x', '5" tall']),
        # Two that divide all rows alike: the rarer letter it is, the comma last; or the one with more cells.
        ("name\tage;unit\nRex\t2;years", ["Rex", "2;years"]),
        ("name;age,unit\nRex;2,years", ["Rex", "2,years"]),
        ("name|age,unit\nRex|2,years", ["Rex", "2,years"]),
        ("name;nick,type,age\nRex;R,dog,2", ["Rex;R", "dog", "2"]),
        # One that divides more rows, though into fewer cells; few uneven rows count no less.
        ("name;notes\nRex;a,b,c\nMax;d,e,f", ["Rex", "a,b,c"]),
        ("a,b,c;d\n" + 29 * "1,2,3;4\n" + "1,2;4", ["1", "2", "3;4"]),
        ("name\nRex;dog\nMax;cat", ["Rex", "dog"]),
    ],
)
def test_the_delimiter_comes_from_the_content(the_file: Path, text: str, second: list[str]) -> None:
    assert rows_of(the_file, text.encode())[1] == (2, second)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("name;notes\nRex\nMax\nBo", [["name", "notes"], ["Rex"], ["Max"], ["Bo"]]),
        ("name\nRex; the small\nMax\nBo", [["name"], ["Rex; the small"], ["Max"], ["Bo"]]),
        ("name\nRex, the small\nMax\nBo", [["name"], ["Rex", " the small"], ["Max"], ["Bo"]]),
    ],
)
def test_of_few_cells_the_headings_decide_and_then_it_is_the_comma(
    the_file: Path, text: str, rows: list[list[str]]
) -> None:
    assert [cells for _, cells in rows_of(the_file, text.encode())] == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        # A mark that does not close at the end of a cell is a letter as any other.
        ('a,b\n"Lucky" Luke,5" tall\n', [['"Lucky" Luke', '5" tall']]),
        ('a,b\n"Stache,x\n"Bo,y\n', [['"Stache', "x"], ['"Bo', "y"]]),
        ('a, b\n x, "y, ""z"""  ,"two\nlines"\n', [[" x", 'y, "z"', "two\nlines"]]),
        # What databases write.
        ("a\tb\nx\t\\N\ny\\tz\t1\\\n2\\\\\n", [["x"], ["y\tz", "1\n2\\"]]),
        ('a,b\n"Tom \\"Tiger\\" Cat","C:\\\\x"\n\\N,y\n', [['Tom "Tiger" Cat', "C:\\x"], [None, "y"]]),
        ('a,b\nx,"C:\\pets\\"\ny\\n,z\n', [["x", "C:\\pets\\"], ["y\\n", "z"]]),
        # What spreadsheets leave in the place of a number or a fact, and how people keep them from it.
        ('a,b\n="0012","=""1"""\n#REF!,#WERT!\n', [["0012", "1"], [Damaged("#REF!"), Damaged("#WERT!")]]),
        ("a,b\n9.85112E+14,9.85112000000001E+14\n", [[Damaged("9.85112E+14"), "985112000000001"]]),
        ("a,b\n9.85112e14,1E12\n", [[Damaged("9.85112e14"), "1E12"]]),  # the other may be a code
        ("a,b\n'#N/A,#1 dog\n'tis,####\n", [["#N/A", "#1 dog"], ["'tis", Damaged("####")]]),
    ],
)
def test_cells_of_a_csv_are_what_was_meant(the_file: Path, text: str, rows: list[list[object]]) -> None:
    assert [cells for _, cells in rows_of(the_file, text.encode())][1:] == rows


def test_a_mark_that_stays_open_is_a_letter_of_a_pasted_cell() -> None:
    text = 'a\tb\n"Stache\tx\nRex\t5"\n"\ty"\n"two\nlines"\tz\n"end'
    found = [cells for _, cells in pasted(text).rows()]
    assert found[1:] == [['"Stache', "x"], ["Rex", '5"'], ["Rex", 'y"'], ["two\nlines", "z"], ['"end']]


def test_rows_are_numbered_as_excel_shows_them(the_file: Path) -> None:
    found = rows_of(the_file, b'name,notes\n\n"Rex","one\r\ntwo\nthree"\n , \nMax,x\n')
    assert [number for number, _ in found] == [1, 3, 5]


def test_a_sheet_is_read_again_from_its_start(the_file: Path) -> None:
    the_file.write_text("name\nRex\n")
    sheet = open_sheet(the_file)
    half = sheet.rows()
    next(half)
    assert list(sheet.rows()) == list(sheet.rows()) == [(1, ["name"]), (2, ["Rex"])]


def test_pasted_cells() -> None:
    sheet = pasted('name\ttype\r\nRex\tdog, or so\r\n"Two\nlines"\tcat\r\n')
    assert sheet.kind == "pasted"
    assert list(sheet.rows())[1:] == [(2, ["Rex", "dog, or so"]), (3, ["Two\nlines", "cat"])]
    with pytest.raises(SheetProblem, match="Nothing was pasted"):
        pasted(" \n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"name,type\nRex,dog\nM\0ax,cat\n", "Row 3 holds a NUL"),
        (b'name,type\nRex,dog\n"Max,cat\nZoe,cat\n', "Row 3 opens a quotation mark"),
        (b"name\n" + b"x" * (MAX_CELL + 1), "Row 2, column A holds more than 32,767"),
        (b"name,notes\nRex," + b"x" * 10_000_000, "Row 2 "),
        (b"x," * 100 + b"\n", ""),
        (b"x," * 101 + b"\n", "101 columns"),
        (b"name\n" + b"Rex\n" * 200_001, "more than 200,000 rows"),
        (b"name\n" + b"Rex\n" * 200_000, ""),
        ("name,type\nZoë,\N{CAT}".encode()[:-1], "it is cut off"),
        ("name,type\nZoë,café".encode()[:-1], "it is cut off"),
        ("name,type\nZoe,café".encode()[:-1], "it is cut off"),
        ("name,type\nZoe,café".encode("cp1252"), ""),
        ("name,typ".encode("utf-16")[:-1], "no encoding"),
        (b"%PDF-1.7\n...", "a PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a picture"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?>", "XML"),
        (b'[\n{"id":1}\n]', "JSON"),
        (b"\x1f\x8b\x08\0\0\0", "a compressed archive"),
        (bytes(range(256)) * 20, "not a spreadsheet"),
        (OLE2 + b"\0" * 600, "damaged"),
        (OLE2 + b"\0" * 99 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"SQLite format 3\0" + b"\0" * 84, "damaged"),
        (b"SQLite format 3\0" + b"\xff" * 9_000, "damaged"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (zipped(readme="x"), "zip archive"),
        (document("", mimetype="application/vnd.oasis.opendocument.text"), "no spreadsheet"),
        (document("<table:table table:name='a'><table:table-row>"), "damaged"),
        (document('<!DOCTYPE a [<!ENTITY b "bb">]>', body=False), "DOCTYPE"),
        (document(table('<table:table-cell table:number-columns-repeated="101"><text:p>x')), "101 columns"),
        (
            document(table("<table:table-cell><text:p>x", 'table:number-rows-repeated="200002"')),
            "200,000 rows",
        ),
        (document(table("<table:table-cell><text:p>x", 'table:number-rows-repeated="0"')), "damaged"),
        (document(*map(table, [""] * 600), padding=250_000), "too many"),
        (document(table(""), **{"META-INF/manifest.xml": "<manifest:encryption-data/>"}), "password"),
        (workbook("")[:-300], "damaged"),
        (workbook("<row><c></row>"), "damaged"),
        (workbook(HOSTILE_XML), "DOCTYPE"),
        (workbook('<row r="9999999"/>'), "damaged"),
        (workbook('<row><c r="?1"><v>1</v></c></row>'), "damaged"),
        (workbook('<row><c t="s"><v>7</v></c></row>'), "damaged"),
        (workbook('<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>'), "damaged"),
        (workbook('<row><c r="XFD1"><v>1</v></c></row>'), "columns"),
        (workbook(f"<row><c r='{'A' * 900_000}1'><v>1</v></c></row>"), "damaged"),
        (workbook(f"<row><c t='str'><v>{'x' * 900_000}</v></c></row>"), "Row 1, column A holds more"),
        (workbook(f"<row><c t='str'><v>{'x' * 10_000_000}</v></c></row>"), "damaged"),
        (workbook(f"<row a='{'x' * 9_000_000}'/>"), "damaged"),
        (workbook(f"<row><c><!--{'x' * 9_000_000}--></c></row>"), "damaged"),
        (workbook("", **{f"a{number}": "" for number in range(1_001)}), "unpacks to far more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused_in_a_sentence(the_file: Path, content: bytes, says: str) -> None:
    if says:
        assert says in refusal(the_file, content)
    else:
        rows_of(the_file, content)


def test_a_file_over_the_limit_is_not_even_opened(the_file: Path) -> None:
    with the_file.open("wb") as file:
        file.truncate(limits.MAX_BYTES + 1)
    assert "larger than 20 MB" in refusal(the_file)


def test_zip_bombs_are_refused_by_their_directory_and_when_it_lies(the_file: Path) -> None:
    rows = "<row><c><v>1</v></c></row>" * 40_000
    honest = workbook(rows, **{f"b{number}": "\0" * 30_000_000 for number in range(11)})
    assert len(honest) < 1_000_000
    assert "unpacks to far more" in refusal(the_file, honest)
    size = len(f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')
    lying = workbook(rows).replace(struct.pack("<I", size), struct.pack("<I", 900))
    assert "damaged" in refusal(the_file, lying)


def test_a_locked_zip_is_refused(the_file: Path) -> None:
    content = bytearray(workbook("<row/>"))
    place = 0
    while (place := content.find(b"PK\x01\x02", place) + 8) > 7:
        content[place] |= 1
    assert "password" in refusal(the_file, bytes(content))


def test_every_truncation_of_a_workbook_is_refused(the_file: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["name"])
    whole = saved(book)
    for length in range(8, len(whole) - 1, 97):
        refusal(the_file, whole[:length])


def test_cells_of_a_workbook_are_what_openpyxl_wrote(the_file: Path) -> None:
    book = openpyxl.Workbook()
    written = [
        ["name", " née ", "a\nb", "_x0041_x", "ünï 🐶", "<&>"],
        [1, 2.5, -3, 1e300, True, False],
        [
            date(2022, 5, 1),
            datetime.fromisoformat("2022-05-01 13:30:00"),
            date(1900, 3, 1),
            None,
            None,
            "#REF!",
        ],
        [None, None, "last"],
    ]
    for row in written:
        book.active.append(row)
    book.create_chartsheet("Chart", 0)
    book.create_sheet("Other").append(["x"])
    book.create_sheet("Hidden").sheet_state = "hidden"
    book["Sheet"]["G2"] = "=1+1"
    the_file.write_bytes(saved(book))
    with open_sheet(the_file) as sheet:
        assert (sheet.kind, sheet.sheet_names) == ("xlsx", ("Sheet", "Other"))
        found = [cells for _, cells in sheet.rows()]
        assert list(sheet.rows("Other")) == [(1, ["x"])]
    written[2][5] = Damaged("#REF!")
    written[0][3] = "Ax"  # openpyxl writes text that looks escaped as it is; Excel reads it so, too
    assert found == written
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in written]


def test_a_workbook_as_other_programs_write_it(the_file: Path) -> None:
    strings = (
        '<x:sst xmlns:x="' + MAIN + '"><x:si><x:r><x:t>Re</x:t></x:r><x:r><x:t>x</x:t></x:r>'
        "<x:rPh sb='0' eb='1'><x:t>no</x:t></x:rPh></x:si>"
        "<x:si><x:t>_x005F_x0041_ _x0009_</x:t></x:si></x:sst>"
    )
    rows = (
        '<row r="3"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
        '<row r="7" spans="1:9"><c r="B7" t="str"><f>A1</f><v>text</v></c><c r="C7" s="9"/>'
        '<c r="D7"><f>1/0</f></c><c r="E7" t="e"><v>#REF!</v></c><c r="F7" t="d"><v>2022-05-01</v></c></row>'
        '<row><c t="b"><v>1</v></c><c><v>2.0</v></c><c><v>1E+400</v></c></row>'
    )
    found = rows_of(the_file, workbook(rows, **{"xl/t.xml": strings}))
    assert found == [
        (3, ["Rex", "_x0041_ \t"]),
        (7, [None, "text", None, None, Damaged("#REF!"), date(2022, 5, 1)]),
        (8, [True, 2.0, "inf"]),
    ]


def test_dates_from_1904(the_file: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([date(2022, 5, 1)])
    the_file.write_bytes(saved(book))
    with open_sheet(the_file) as sheet:
        assert sheet.counts_from_1904
        assert list(sheet.rows()) == [(1, [date(2022, 5, 1)])]


def database(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_the_notebooks_database(the_file: Path) -> None:
    database(
        the_file,
        "CREATE TABLE pet (id INTEGER NOT NULL, name VARCHAR, type VARCHAR, age INTEGER, PRIMARY KEY (id))",
        "INSERT INTO pet VALUES (1, 'Justin Timbersnake', 'snek', 2), (4, 'Marshmallow', 'polar bear', NULL)",
    )
    before = the_file.read_bytes()
    sheet = open_sheet(the_file)
    assert sheet.kind == "sqlite"
    assert list(sheet.rows()) == [
        (1, ["id", "name", "type", "age"]),
        (2, [1, "Justin Timbersnake", "snek", 2]),
        (3, [4, "Marshmallow", "polar bear"]),
    ]
    assert the_file.read_bytes() == before


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS name FROM n"
QUOTED = ENDLESS.replace("'", "''")


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["CREATE TABLE dog (id)"], "no table named pet"),
        ([f"CREATE VIEW pet AS {ENDLESS}"], "a view"),
        (["CREATE VIRTUAL TABLE pet USING fts5(name)"], "virtual table"),
        (["CREATE TABLE pet (name)", "INSERT INTO pet VALUES (x'00ff')"], "binary data"),
        (["CREATE TABLE pet (name)", "INSERT INTO pet VALUES (CAST(x'ff41' AS TEXT))"], "cannot be read"),
        (["CREATE TABLE pet (x, big AS (hex(zeroblob(99999999))))", "INSERT INTO pet VALUES (1)"], "damaged"),
        (["CREATE TABLE pet (name)", "INSERT INTO pet VALUES (printf('%.2000000c', 'x'))"], "damaged"),
        ([f"CREATE TABLE pet ({', '.join(f'c{number}' for number in range(101))})"], "101 columns"),
        (
            [
                "CREATE TABLE x (name)",
                f"CREATE VIEW v AS {ENDLESS}",
                "CREATE TABLE pet (name)",
                "PRAGMA writable_schema=ON",
                f"UPDATE sqlite_master SET sql = 'CREATE VIEW pet AS {QUOTED}' WHERE name = 'pet'",
            ],
            "",
        ),
    ],
)
def test_a_hostile_database_is_refused(the_file: Path, statements: list[str], says: str) -> None:
    assert says in refusal(database(the_file, *statements))


def test_triggers_and_other_tables_of_a_database_stay_asleep(the_file: Path) -> None:
    database(
        the_file,
        "CREATE TABLE Pet (name TEXT CHECK (length(name) < 9))",
        "INSERT INTO pet VALUES ('Rex')",
        "CREATE TABLE secret (x)",
        "CREATE TRIGGER t AFTER INSERT ON pet BEGIN DELETE FROM pet; END",
        f"CREATE VIEW endless AS {ENDLESS}",
    )
    assert list(open_sheet(the_file).rows()) == [(1, ["name"]), (2, ["Rex"])]


def test_a_database_cut_off_in_the_middle(the_file: Path) -> None:
    database(
        the_file,
        "CREATE TABLE pet (id INTEGER PRIMARY KEY, name)",
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO pet SELECT i, "
        "'Rex' FROM n",
    )
    the_file.write_bytes(the_file.read_bytes()[:30_000])
    refusal(the_file)


def test_a_database_in_wal_mode_says_what_may_be_missing(the_file: Path) -> None:
    database(the_file, "PRAGMA journal_mode=WAL", "CREATE TABLE pet (name)")
    assert "latest changes" in open_sheet(the_file).notes[0]


def test_a_blank_far_cell_is_no_column(the_file: Path) -> None:
    row = '<row><c><v>1</v></c><c r="ZZ1" t="str"><v> </v></c><c r="AAA1" s="1"/></row>'
    assert rows_of(the_file, workbook(row)) == [(1, [1])]


def test_styles_cannot_fill_the_memory(the_file: Path) -> None:
    styles = "<styleSheet><cellXfs>" + "<xf numFmtId='14'/>" * 450_000 + "</cellXfs></styleSheet>"
    content = workbook("<row/>", **{"xl/styles.xml": styles})
    assert "damaged" in refusal(the_file, content)


def test_the_limit_on_strings_of_a_workbook(the_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pets.sheets.read_xlsx.MAX_STRINGS", 3)
    strings = f'<sst xmlns="{MAIN}">' + "<si><t>a</t></si>" * 4 + "</sst>"
    assert "far more text" in refusal(the_file, workbook("<row/>", **{"xl/t.xml": strings}))


def test_what_is_said_once_of_several_rows_is_filled_in_and_told(the_file: Path) -> None:
    text = 'name\ttype\tborn\nDitto\tcat\t2020\nRex\t"\tditto\nDitto\t〃\t\nBo\t"x"\t"\n'
    sheet = pasted(text)
    assert [cells for _, cells in sheet.rows()][1:] == [
        ["Ditto", "cat", "2020"],
        ["Rex", "cat", "2020"],
        ["Ditto", "cat"],
        ["Bo", "x", Damaged('"')],
    ]
    assert sheet.notes == (
        "Column B has ditto marks: 2 rows got what is above them.",
        "Column C has ditto marks: one row got what is above it.",
    )
    book = openpyxl.Workbook()
    for row in (["type", "name"], ["dog", "Rex"], [None, "Bo"], [None, None], ["cat", "Mia"], [None, "Zoe"]):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("A1:B1")
    the_file.write_bytes(saved(book))
    with open_sheet(the_file) as sheet:
        assert [cells for _, cells in sheet.rows()][1:] == [
            ["dog", "Rex"],
            ["dog", "Bo"],
            ["cat", "Mia"],
            [None, "Zoe"],
        ]
        assert sheet.notes == ("Column A has merged cells: one row below them got the same.",)


def test_a_workbook_tells_which_rows_it_sets_apart_and_what_its_formats_add(the_file: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["name", "age", "chip"], ["Rex", 8, 12], ["Bo", 3.5, 985112000000001], ["Total", 2, 0]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active["B2"].number_format = '0" months"'
    book.active["B3"].number_format = '#,##0.0\\ "wks"'
    book.active["C2"].number_format = "00000"
    table = openpyxl.worksheet.table.Table(displayName="Pets", ref="A1:C4", totalsRowCount=1)
    book.active.add_table(table)
    book.create_sheet("Owners").sheet_state = "hidden"
    the_file.write_bytes(saved(book))
    with open_sheet(the_file) as sheet:
        found = [cells for _, cells in sheet.rows()]
        assert found[1:3] == [["Rex", "8 months", "00012"], ["Bo", "3.5 wks", 985112000000001]]
        assert sheet.aside == {3: "hidden", 4: "total"}
        assert sheet.notes == ("Hidden sheets are left out: Owners.",)


def test_what_is_struck_out_is_told(the_file: Path) -> None:
    rich = openpyxl.cell.rich_text
    struck = openpyxl.styles.Font(strike=True)
    book = openpyxl.Workbook()
    for row in (["name", "age"], ["Rex", 8], ["Bo", None], ["Mia", 3], ["Ivy", None]):
        book.active.append(row)
    for place in ("A2", "B2", "B3", "B4", "A5"):
        book.active[place].font = struck
    book.active["B3"].font = openpyxl.styles.Font(strike=False)
    block = rich.TextBlock(openpyxl.cell.text.InlineFont(strike=True), "Ivy")
    book.active["A5"].value = rich.CellRichText(block)
    the_file.write_bytes(saved(book))
    with open_sheet(the_file) as sheet:
        assert len([*sheet.rows()]) == 5
        assert sheet.aside == {2: "struck", 5: "struck"}
        note = "One cell is struck out in the spreadsheet, and imported like the others: B4."
        assert sheet.notes == (note,)
    style = (
        "<style:style style:name='gone'><style:text-properties style:text-line-through-style='solid'/>"
        "</style:style>"
    )
    rex, mia = (
        "".join(f"<table:table-cell{told}><text:p>{text}</text:p></table:table-cell>" for text, told in row)
        for row in (
            (("Rex", " table:style-name='gone'"), ("dog", " table:style-name='gone'")),
            (("Mia", ""), ("cat", " table:style-name='gone'")),
        )
    )
    rows = f"<table:table-row>{rex}</table:table-row><table:table-row>{mia}</table:table-row>"
    the_file.write_bytes(document(f"{style}<table:table table:name='a'>{rows}</table:table>"))
    with open_sheet(the_file) as sheet:
        assert len([*sheet.rows()]) == 2
        assert sheet.aside == {1: "struck"}
        assert "others: B2." in sheet.notes[0]


def test_letters_that_were_encoded_twice_are_told_in_any_file(the_file: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["AmÃ©lie", "cat"])
    the_file.write_bytes(saved(book))
    for sheet in (open_sheet(the_file), pasted("name\ttype\nAmÃ©lie\tcat\nZoÃ«\tdog")):
        with sheet:
            assert [*sheet.rows()]
            assert sheet.notes == ("Some letters look garbled: “AmÃ©lie” may have been “Amélie”.",)


def test_a_document_of_libreoffice(the_file: Path) -> None:
    def cell(kind: str, text: str = "", **told: str) -> str:
        values = "".join(
            f' {name.replace("__", ":").replace("_", "-")}="{value}"' for name, value in told.items()
        )
        return (
            f'<table:table-cell office:value-type="{kind}"{values}><text:p>{text}</text:p></table:table-cell>'
        )

    rows = (
        cell("string", "name") + cell("string", "age") + cell("string", "born") + cell("string", "notes"),
        cell("string", "Rex", table__number_rows_spanned="2")
        + cell("float", "8 months", office__value="8")
        + cell("date", "1 May 2022", office__date_value="2022-05-01")
        + "<table:table-cell><office:annotation><text:p>dead</text:p></office:annotation>"
        "<text:p>a<text:s text:c='2'/>b</text:p><text:p>c</text:p></table:table-cell>",
        "<table:covered-table-cell/>"
        + cell("float", "00012", office__value="12")
        + cell("float", "5/13/21", office__value="44329")
        + cell("string", "#REF!", calcext__value_type="error"),
    )
    one = cell("float", "1.50", office__value="1.5")
    hidden = (
        f"<table:table-row table:visibility='filter' table:number-rows-repeated='2'>{one}</table:table-row>"
    )
    sheet = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows) + hidden
    far = "<table:table-cell table:number-columns-repeated='16384'/>"
    blank = f"<table:table-row table:number-rows-repeated='1048570'>{far}</table:table-row>"
    the_file.write_bytes(
        document(
            f"<table:table table:name='Pets'>{blank.replace('1048570', '2')}{sheet}{blank}</table:table>",
            "<table:table table:name='Old' table:style-name='off'/>",
            table("<table:table-cell office:value-type='boolean' office:boolean-value='true'><text:p>yes"),
        )
    )
    with open_sheet(the_file) as found:
        assert found.sheet_names == ("Pets", "a")
        assert [*found.rows()] == [
            (3, ["name", "age", "born", "notes"]),
            (4, ["Rex", "8 months", date(2022, 5, 1), "a  b\nc"]),
            (5, ["Rex", "00012", date(2021, 5, 13), Damaged("#REF!")]),
            (6, [1.5]),
            (7, [1.5]),
        ]
        assert found.aside == {6: "hidden", 7: "hidden"}
        assert [*found.rows("a")] == [(1, [True])]
        assert found.notes == (
            "Hidden sheets are left out: Old.",
            "“Pets”: Column A has merged cells: one row below them got the same.",
        )


CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    "name", ["y03-sheetjs.xls", "y03-sheetjs.ods", "x04-errors.xlsx", "y03-sheetjs.fods"]
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_law_a_damaged_workbook_is_refused_in_a_sentence_or_read(
    the_file: Path, name: str, data: st.DataObject
) -> None:
    content = bytearray((CASES / name).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    the_file.write_bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2]))])
    with suppress(SheetProblem), open_sheet(the_file) as sheet:
        for one in sheet.sheet_names:
            list(sheet.rows(one))
