"""One and many of a word, as types are named: "dogs" is "dog", in English and German. Words are folded."""

_ODD = (  # one and many that no ending tells; folded, so that Mäuse is mause
    "mouse mice", "dormouse dormice", "goose geese", "ox oxen", "calf calves", "wolf wolves", "person people",
    "child children", "foot feet", "tooth teeth", "louse lice", "hippopotamus hippopotami", "octopus octopi",
    "cactus cacti", "larva larvae", "museum museen",
)  # fmt: skip
_OTHER = {one: many for pair in _ODD for one, many in (pair.split(), pair.split()[::-1])}
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
    found = {last}
    if last in _OTHER:
        found.add(_OTHER[last])
    for many, one in _ENDINGS:
        least = _SHORTEST.get(many, 3 - len(one))
        stem = last.removesuffix(many)
        if stem != last and len(stem) >= least and last not in _NO_MANY:
            found.add(stem + one)
        stem = last.removesuffix(one)
        if (stem != last or not one) and len(stem) >= least and stem + many not in _NO_MANY:
            found.add(stem + many)
    return {f"{before}{space}{one}" for one in found}
