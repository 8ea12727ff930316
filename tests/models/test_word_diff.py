"""Long texts compared word by word."""

import random
import time

import pytest
from hypothesis import given, strategies as st

from pets.changes.word_diff import LONG, PAIRS, in_brief, word_diff

MARKS = {"same": "{}", "del": "[-{}-]", "ins": "[+{}+]", "cut": "{}"}
TEXTS = st.lists(st.sampled_from("quiet home dog, cat. \n 4.5 shy".split(" ")), min_size=1).map(" ".join)


def marked(pieces):
    return "".join(MARKS[kind].format(text) for kind, text in pieces)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Needs a quiet home.", "Needs a quiet home.\nVaccinated", "Needs a quiet home.\n[+Vaccinated+]"),
        ("Bites when cornered", "Bites when cornered!", "Bites when cornered[+!+]"),
        ("Chipped, friendly", "Shy. Chipped, friendly", "[+Shy.+] Chipped, friendly"),
        ("weighs 4.5 kg", "weighs 5.0 kg", "weighs [-4.5-] [+5.0+] kg"),
        ("a dog and a cat", "the goat and the hen", ""),
        ("two  words", "two words", ""),
    ],
)
def test_what_stays_is_not_told_as_changed(before, after, told):
    assert marked(word_diff(before, after)) == told


@given(before=TEXTS, after=TEXTS)
def test_law_the_pieces_are_both_texts(before, after):
    pieces = word_diff(before, after)
    for version, other in ((before, "ins"), (after, "del")):
        told = "".join(text for kind, text in pieces if kind != other)
        assert not pieces or told.split() == version.split()


def test_of_a_long_text_the_differences_are_shown_with_what_stands_beside():
    before = "Likes to sleep on the radiator. " * 20
    brief = in_brief(word_diff(before + "Bites. " + before, before + before + "Very new. " * 20 + "End"))
    assert [piece.kind for piece in brief] == ["cut", "same", "del", "same", "cut", "same", "ins", "cut"]
    assert "radiator. [-Bites.-] Likes" in marked(brief)
    assert sum(len(piece.text) for piece in brief) < 4 * LONG


def test_it_is_quick_however_long_and_however_unlike():
    """What is too long to be compared still keeps its begin and its end."""
    one, other = (" ".join(random.Random(seed).choices("abcdefgh", k=6_000)) for seed in (1, 2))
    assert PAIRS < 6_000**2
    began = time.process_time()
    pieces = word_diff("The begin. " * 3_000 + one, "The begin. " * 3_000 + other)
    assert [piece.kind for piece in pieces] == ["same", "del", "same", "ins"]
    word_diff(one[:10_000], other[:10_000])
    assert time.process_time() - began < 3  # seconds; it takes a tenth of one
