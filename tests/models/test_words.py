"""Words: tidied for keeping, folded for finding."""

import pytest
from hypothesis import given, strategies as st

from pets.fields.text import (
    caseless,
    fold,
    loosely,
    search_text,
    seen,
    tidy_line,
    tidy_notes,
    unwritable,
    visible,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Rex \t the\n\r\n dog ", "Rex the dog"),
        ("E\u0301lodie", "Élodie"),
        ("a\u00a0\u2003b\u3000", "a b"),
        ("👩‍🌾", "👩‍🌾"),
        ("کتاب\u200cها", "کتاب\u200cها"),
        ("\x1fRex", "\x1fRex"),
        ("\ufeffca\u00adt\u200b\u200e \u2060", "cat"),
        ("Re\u200dx ❤️", "Rex ❤️"),
        ("🏴\U000e0067\U000e0062\U000e007f 👁️‍🗨️", "🏴\U000e0067\U000e0062\U000e007f 👁️‍🗨️"),
    ],
)
def test_a_line_is_tidied_and_nothing_else_of_it_changed(typed, kept):
    assert tidy_line(typed) == kept


def test_notes_keep_their_lines():
    assert tidy_notes("\n one\r\n\r\n  two\rthree \n") == "one\n\n  two\nthree"


# Letters that change what stands beside them: marks, joiners, letters that nobody sees.
ODD = st.sampled_from(
    "aеи\u0301\u0306\u0308\u0323\u0345\u064b\u0628\u0915\u094dハ\u3099\u200b\u200c\u200d\u00ad\ufe0f\u1160각👩🌾🏴\U000e0067ßİ"
)


@given(st.text(st.characters() | ODD))
def test_what_is_tidy_stays_as_it_is(text):
    assert tidy_line(tidy_line(text)) == tidy_line(text)
    assert tidy_notes(tidy_notes(text)) == tidy_notes(text)


@given(st.text(st.characters() | ODD))
def test_what_is_folded_stays_as_it_is_and_a_search_finds_all_that_is_the_same(text):
    for folded in (seen, caseless, fold, loosely):
        assert folded(folded(text)) == folded(text)
    assert loosely(fold(text)) == loosely(text)


@given(st.text(st.characters(categories=["L", "N"]) | ODD, min_size=1))
def test_every_name_can_be_found_by_itself(name):
    for word in loosely(name).split():
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
        ("أحمد", "احمد"),
        ("Re\u200bx \ufeffdo\u00adg\u2060", "rex dog"),
        ("❤\ufe0f 葛\U000e0100", "❤ 葛"),
        ("Re\u200dx\u200c \U000e0067", "rex "),
    ],
)
def test_case_accents_and_what_nobody_sees_are_folded(text, folded):
    assert fold(text) == loosely(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Барсйк", "Барсик"),
        ("Її", "Іі"),
        ("バナ", "ハナ"),
        ("ｶﾞｰ", "カー"),
        ("ค่า", "คา"),
        ("हिन्दी", "हिनदी"),
        ("کتاب\u200cها", "کتابها"),
        ("ශ්\u200dරී", "ශ්රී"),
    ],
)
def test_what_is_another_name_is_found_by_a_search_all_the_same(one, other):
    assert fold(one) != fold(other)
    assert loosely(one) == loosely(other)


@pytest.mark.parametrize(
    "text", ["👩\u200d🌾", "👩🏽\u200d🌾", "🏴\U000e0067\U000e0062\U000e007f", "❤\u200d🔥"]
)
def test_a_sign_made_of_several_stays_one(text):
    assert fold(text) == loosely(text) == seen(text) == text


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u0301", "\u3164", "\u2800\u115f"])
def test_nothing_to_see(text):
    assert not visible(text)


def test_next_years_emoji_is_no_mistake():
    assert not unwritable("\U0001fadf")
    assert visible("\U0001fadf")
