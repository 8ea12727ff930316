"""Files that programs call .xls and that are none: web pages, and workbooks as a single XML file."""

from pathlib import Path

import pytest

from pets.sheets.cells import SheetProblem
from pets.sheets.sheet import Sheet, open_sheet

REX = [(1, ["name", "type"]), (2, ["Zoë", "cat"])]
XML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>{}<Workbook '
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Styles><Style ss:ID="day"><NumberFormat ss:Format="yyyy\\-mm\\-dd"/></Style><Style ss:ID="months">'
    '<NumberFormat ss:Format="0&quot; months&quot;"/></Style><Style ss:ID="gone"><Font ss:StrikeThrough="1"/>'
    "</Style></Styles>{}</Workbook>"
)


def cell(text: str, kind: str = "String", told: str = "") -> str:
    return f'<Cell {told}><Data ss:Type="{kind}">{text}</Data></Cell>'


def xml(*rows: str, name: str = "Pets", doctype: str = "") -> bytes:
    table = f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table></Worksheet>'
    return XML.format(doctype, table).encode()


def opened(tmp_path: Path, content: bytes) -> Sheet:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return open_sheet(path)


def refusal(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(SheetProblem) as problem:
        for _ in opened(tmp_path, content).rows():
            pass
    return str(problem.value)


@pytest.mark.parametrize(
    "content",
    [
        "<table><tr><th>name<th>type<tr><td>Zoë<td>cat</table>".encode(),
        b"<!DOCTYPE html>\n<html><body><p>List</p><TABLE><TR><TD>name</TD><TD>type</TD></TR>"
        b"<tr><td>\n  <b>Zo&euml;</b>\n</td><td>cat&nbsp;</td></tr></TABLE><p>end</p>",
        '<html><meta charset="iso-8859-1"><table><tr><td>name<td>type<tr><td>Zoë<td>cat'.encode("latin-1"),
        '<?xml version="1.0"?><html><table><thead><tr><td>name</td><td>type</td></tr></thead><tbody><tr>'
        "<td>Zoë<script>x</script></td><td>cat</td></tr></tbody></table></html>".encode(),
    ],
)
def test_a_table_of_a_web_page(tmp_path: Path, content: bytes) -> None:
    rows = [
        (number, [str(cell).strip() for cell in cells]) for number, cells in opened(tmp_path, content).rows()
    ]
    assert rows == REX


def test_cells_of_a_web_page_that_span_others(tmp_path: Path) -> None:
    text = (
        "<table><tr><td>a<td>b<td>c<tr><td rowspan=2 colspan=1>dog<td colspan=2>Rex<br>Max<tr><td>Bo<td>x"
        "<tr><td><table><tr><td>in</td><td>ner</td></tr></table><td>=&quot;0012&quot;</table>"
        "<table></table><table><tr><td>other</table>"
    )
    sheet = opened(tmp_path, text.encode())
    assert sheet.sheet_names == ("Table 1", "Table 2")
    assert [*sheet.rows("Table 1")] == [
        (1, ["a", "b", "c"]),
        (2, ["dog", "Rex\nMax"]),
        (3, ["dog", "Bo", "x"]),
        (4, ["inner", '="0012"']),
    ]
    assert [*sheet.rows("Table 2")] == [(1, ["other"])]


def test_a_workbook_that_is_one_xml_file(tmp_path: Path) -> None:
    day, months, gone = (f'ss:StyleID="{style}"' for style in ("day", "months", "gone"))
    first = "".join(map(cell, ("name", "type", "born", "age", "ok")))
    rex = cell("Rex &amp; Co") + cell("dog", told='ss:MergeDown="1"') + cell("44329", "Number", day)
    rex += cell("8", "Number", months) + cell("1", "Boolean")
    bo = cell("Bo", told=gone + ' ss:MergeAcross="1"') + cell("late", told=gone)
    mia = cell("Mia") + (
        '<Cell ss:Index="3"><Comment><Data ss:Type="String">no</Data></Comment>'
        '<Data ss:Type="DateTime">2021-05-13T00:00:00.000</Data></Cell>'
    )
    sheet = opened(
        tmp_path,
        xml(
            f"<Row>{first}</Row>",
            f'<Row ss:Index="3">{rex}</Row>',
            f'<Row ss:Hidden="1">{mia}</Row>',
            f"<Row>{bo}</Row>",
            name="My pets",
        ),
    )
    assert sheet.sheet_names == ("My pets",)
    rows = [(number, [str(cell) for cell in cells]) for number, cells in sheet.rows()]
    assert rows == [
        (1, ["name", "type", "born", "age", "ok"]),
        (3, ["Rex & Co", "dog", "2021-05-13", "8 months", "True"]),
        (4, ["Mia", "dog", "2021-05-13"]),
        (5, ["Bo", "None", "late"]),
    ]
    assert sheet.aside == {4: "hidden", 5: "struck"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!DOCTYPE html><html><p>No table", "no table"),
        (b"<html><table><tr><td>name<tr><td " + b"x" * 2_000_000, "damaged"),
        (b"<html><table><tr><td>name<tr><td>" + b"<a " * 20_000, "damaged"),
        (b"<html><table><tr>" + b"<td>x" * 101, "columns"),
        (b"<html><table><tr><td colspan=99999>x", "columns"),
        (b"<html><table>" + b"<tr><td>x" * 200_002, "200,000 rows"),
        (xml(f'<Row ss:Index="9999999">{cell("x")}</Row>'), "damaged"),
        (xml('<Row><Cell ss:Index="101"><Data ss:Type="String">x</Data></Cell></Row>'), "columns"),
        (xml(f"<Row>{cell('x')}</Row>", doctype='<!DOCTYPE a [<!ENTITY b "bb">]>'), "DOCTYPE"),
        (xml(f"<Row>{cell('x', 'Number')}</Row>"), "damaged"),
        (xml(f"<Row>{cell('x')}</Row>")[:-40], "damaged"),
        (xml(), "no sheet with cells"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(tmp_path, content)
