"""Words: tidied for keeping, folded for finding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pets.models.words import fold, search_text, tidy_line, tidy_notes, unwritable, visible


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Rex \t the\n\r\n dog ", "Rex the dog"),
        ("E\u0301lodie", "Élodie"),
        ("a\u00a0\u2003b\u3000", "a b"),
        ("👩‍🌾", "👩‍🌾"),
        ("کتاب\u200cها", "کتاب\u200cها"),
        ("\x1fRex", "\x1fRex"),
    ],
)
def test_a_line_is_tidied_and_nothing_else_of_it_changed(typed, kept):
    assert tidy_line(typed) == kept


def test_notes_keep_their_lines():
    assert tidy_notes("\n one\r\n\r\n  two\rthree \n") == "one\n\n  two\nthree"


@given(st.text())
def test_what_is_tidy_stays_as_it_is(text):
    assert tidy_line(tidy_line(text)) == tidy_line(text)
    assert tidy_notes(tidy_notes(text)) == tidy_notes(text)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_every_name_can_be_found_by_itself(name):
    for word in fold(name).split():
        assert word in search_text(name)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Élodie", "elodie"),
        ("Žofka", "zofka"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Ёжик", "ежик"),
        ("Барсик", "барсик"),
        ("Ørsted Łódź Æsir", "orsted lodz aesir"),
        ("İstanbul ılık", "istanbul ilik"),
        ("ﬁsh", "fish"),
        ("ＲＥＸ", "rex"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
    ],
)
def test_case_and_accents_are_folded(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u0301", "\u3164", "\u2800\u115f"])
def test_nothing_to_see(text):
    assert not visible(text)


def test_next_years_emoji_is_no_mistake():
    assert not unwritable("\U0001fadf")
    assert visible("\U0001fadf")
