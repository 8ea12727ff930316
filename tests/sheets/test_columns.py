"""Headings to columns: any order, any case, common words; and sheets that have none."""

import pytest

from pets.fields.dates import DateOrder, OrderEvidence
from pets.imports.columns import Headings, columns_of
from pets.sheets.cells import SheetProblem
from pets.sheets.sheet import pasted


@pytest.mark.parametrize(
    ("headings", "mapping"),
    [
        ("id,name,type,born,estimated,age,notes,added,changed,version", None),
        ("Name,Species,DOB", {"name": 0, "type": 1, "born": 2}),
        ("COMMENTS, Date of Birth ,kind,Pet Name", {"notes": 0, "born": 1, "type": 2, "name": 3}),
        ("animal,type", {"name": 0, "type": 1}),
        ("name,animal", {"name": 0, "type": 1}),
        ("pet,breed,years", {"name": 0, "age": 2}),
        ("name,species,breed", {"name": 0, "type": 1}),
        ("Number;Name;Age (years);Remarks", {"id": 0, "name": 1, "age": 2, "notes": 3}),
        ("born_on,NAME:,born_estimated", {"born": 0, "name": 1, "estimated": 2}),
        ("name,name", {"name": 0}),
        ("name,colour,collar", {"name": 0}),
    ],
)
def test_headings_are_matched(headings: str, mapping: dict[str, int] | None) -> None:
    columns = columns_of(pasted(headings + "\n1").rows())
    words = headings.replace(";", ",").split(",")
    assert columns.mapping == (mapping or {word: index for index, word in enumerate(words)})
    assert columns.headings is Headings.FOUND


def test_what_is_unknown_or_missing_is_named() -> None:
    columns = columns_of(pasted("colour,kind\nred,dog\nred,cat\nblue,\n,dog\ngreen,eel").rows())
    assert [(column.letter, column.label, column.samples) for column in columns.unknown] == [
        ("A", "colour", ("red", "blue", "green"))
    ]
    assert columns.missing == ("name",)


@pytest.mark.parametrize(
    ("text", "headings", "row"),
    [
        ("name,age\nRex,2", Headings.FOUND, 1),
        ("Rex,dog,2\nMax,cat,3", Headings.ABSENT, 0),
        ("Rex,2022-05-01", Headings.ABSENT, 0),
        ("Rex,about 3", Headings.ABSENT, 0),
        ("Név,Faj\nRex,kutya", Headings.UNSURE, 1),
        ("Our pets 2024\n\nname,type\nRex,dog", Headings.FOUND, 3),
        ("\nname,type\nRex,dog", Headings.FOUND, 2),
    ],
)
def test_a_missing_heading_row_is_noticed(text: str, headings: Headings, row: int) -> None:
    columns = columns_of(pasted(text).rows())
    assert (columns.headings, columns.heading_row) == (headings, row)


def test_the_person_has_the_last_word_on_headings_and_columns() -> None:
    columns = columns_of(pasted("Nom,Espèce\nRex,chien").rows(), heading_row=0)
    assert (columns.heading_row, columns.columns[0].label) == (0, "column A")
    assert columns.columns[0].samples == ("Nom", "Rex")
    assert columns.with_choice({"type": 1, "name": 0}).mapping == {"name": 0, "type": 1}
    for wrong in ({"name": 5}, {"name": -1}, {"colour": 0}, {"name": 0, "type": 0}):
        with pytest.raises(SheetProblem):
            columns.with_choice(wrong)


def test_an_empty_sheet_is_said() -> None:
    with pytest.raises(SheetProblem, match="empty"):
        columns_of(pasted(",,\n,").rows())


def test_a_fingerprint_knows_the_same_headings_again() -> None:
    prints = {
        columns_of(pasted(text).rows()).fingerprint
        for text in ("Name,DOB\nRex,1", "name, dob:\nMax,2\nZoe,3")
    }
    assert len(prints) == 1
    assert columns_of(pasted("DOB,Name\nx,y").rows()).fingerprint not in prints


@pytest.mark.parametrize(
    ("dates", "order", "must_ask"),
    [
        (["1/5/2022", "13/5/2022"], DateOrder.DAY_MONTH, False),
        (["1/5/2022", "5/13/2022"], DateOrder.MONTH_DAY, False),
        (["1/5/2022", "2/6/2022"], None, True),
        (["13/5/2022", "5/13/2022", "1/2/2022"], None, True),
        (["5/5/2022", "1.6.2022", "2022-01-02", "2 May 2022", "tow"], None, False),
    ],
)
def test_the_order_of_day_and_month_is_decided_over_the_column(
    dates: list[str], order: DateOrder | None, must_ask: bool
) -> None:
    evidence = OrderEvidence()
    for day in dates:
        evidence.observe(day)
    assert (evidence.order, evidence.must_ask) == (order, must_ask)
    assert not must_ask or evidence.example in dates
