"""One and many of a word."""

import pytest

from pets.fields.plural import one_and_many
from pets.fields.text import fold

PAIRS = """
dog dogs, Cat cats, fox foxes, puppy puppies, wolf wolves, calf calves, mouse mice, goose geese, ox oxen,
horse horses, finch finches, Hund Hunde, Katze Katzen, Maus Mäuse, Huhn Hühner, Kuh Kühe, Schwein Schweine,
Ziege Ziegen, Gans Gänse, Vogel Vögel, Rind Rinder, Hündin Hündinnen, Papagei Papageien, Pony Ponys,
Pony Ponies, Bär Bären, Echse Echsen
"""


@pytest.mark.parametrize("pair", PAIRS.split(","))
def test_one_is_told_from_many_and_many_from_one(pair):
    one, many = map(fold, pair.split())
    assert many in one_and_many(one)
    assert one in one_and_many(many)


def test_of_several_words_the_last_is_told():
    assert "guinea pig" in one_and_many("guinea pigs")
    assert "field mouse" in one_and_many("field mice")


@pytest.mark.parametrize(
    "pair",
    ["cat rat", "kat kater", "chick chicken", "kit kitten", "hen hens and ducks", "dog dogfish", "he hen"],
)
def test_other_animals_are_others(pair):
    one, _, other = pair.partition(" ")
    assert other not in one_and_many(one)
    assert one not in one_and_many(other)


def test_a_word_is_itself():
    assert "sheep" in one_and_many("sheep")
    assert one_and_many("") == {""}
