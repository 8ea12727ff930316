"""One and many of a word, as types are named: "dogs" is "dog", in English and German. Words are folded."""

_ODD = (  # one and many that no ending tells; folded, so that Mäuse is mause
    "mouse mice", "dormouse dormice", "goose geese", "ox oxen", "calf calves", "wolf wolves", "person people",
    "child children", "foot feet", "tooth teeth", "louse lice", "hippopotamus hippopotami", "octopus octopi",
    "cactus cacti", "larva larvae", "museum museen",
)  # fmt: skip
_ONE = {many: one for one, many in map(str.split, _ODD)}
_MANY = {one: many for many, one in _ONE.items()}
# What many end in, and one in its place. English, then German.
_ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("ves", "fe"),
    ("e", ""), ("n", ""), ("en", ""), ("er", ""), ("nen", ""), ("en", "a"),
)  # fmt: skip
_SHORTEST = {"er": 4}  # letters that stay before an ending: a Kater is no Kat, but Hühner are a Huhn
_NO_MANY = frozenset(["chicken", "kitten"])  # though they end like it


def one_and_many(word: str) -> set[str]:
    """A word and all that it may be in the other number; some of that is no word, and so matches none.

    Of several words the last is told: "guinea pigs" is "guinea pig".
    """
    before, space, last = word.rpartition(" ")
    found = {last, _MANY.get(last, last), *ones(last)}
    for many, one in _ENDINGS:
        stem = last.removesuffix(one)
        if (stem != last or not one) and len(stem) >= _least(many, one) and stem + many not in _NO_MANY:
            found.add(stem + many)
    return {f"{before}{space}{one}" for one in found}


def ones(word: str) -> set[str]:
    """What one is called where a single word tells many; some of that is no word."""
    found = {_ONE[word]} if word in _ONE else set()
    for many, one in () if word in _NO_MANY else _ENDINGS:
        stem = word.removesuffix(many)
        if stem != word and len(stem) >= _least(many, one):
            found.add(stem + one)
    return found


def _least(many: str, one: str) -> int:
    return _SHORTEST.get(many, 3 - len(one))
