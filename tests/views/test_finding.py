"""What the list does for whoever searches: plurals of types, one slip of typing, why a pet was found, and
what was removed."""

import pytest

from pets.models.pet import Pet
from pets.search.near import near
from pets.search.pets import PetSearch
from tests.views.test_pets import names

pytestmark = pytest.mark.on_both


def search(person, query, **more):
    answer = person.get("/pets/", query_string={"q": query, **more})
    assert answer.status_code == 200
    return answer.page


KINDS = ["Dog", "Guinea pig", "pony", "wolf", "mouse", "Katze", "Vogel", "Kalb", "Hund"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("DOGS", {"Dog", "Doge"}),
        ("guinea pigs", {"Guinea pig"}),
        ("ponies", {"pony"}),
        ("wolves", {"wolf"}),
        ("mice", {"mouse"}),
        ("Katzen", {"Katze"}),
        ("Vögel", {"Vogel"}),
        ("Kälber", {"Kalb"}),
        ("hunde", {"Hund"}),
        ("dogs shy", {"Dog"}),
        ("pigs", {"Guinea pig"}),  # there is no such type, but nearly
        ("goats", set()),
        ("doge", {"Doge"}),  # who is called so
        ("cats", {"Likes"}),  # where it is no type, it stays a word
    ],
)
def test_the_plural_of_a_type_finds_it(vera, session, query, found):
    session.add_all(Pet(name=f"Pet {kind}", type=kind, notes="shy") for kind in KINDS)
    session.add_all([Pet(name="Doge", type="snake"), Pet(name="Likes", type="snake", notes="likes cats")])
    session.commit()
    assert {name.removeprefix("Pet ") for name in names(search(vera, query))} == found


def test_a_plural_that_does_not_hold_its_type_is_said_to_be_read_as_it(vera, add_pet):
    add_pet("Bella", "Pony", notes="one of our ponies")
    assert "Showing “pony” for “ponies”." in search(vera, "ponies").text
    assert "Showing" not in search(vera, "pony").text


class TestOneSlip:
    @pytest.fixture(autouse=True)
    def _pets(self, session):
        session.add_all(Pet(name=f"Max{end}", type="dog", notes="calm") for end in ("", " 2", " 3"))
        session.add_all([Pet(name="Maxi", type="cat"), Pet(name="Барсик", type="Siamese cat")])
        session.add(Pet(name="Marshmallow", type="rabbit"))
        session.commit()

    def test_what_may_have_been_meant_is_shown_and_said(self, edith):
        page = search(edith, "Maxx", sort="-name")
        assert "Nothing matches “Maxx”. Showing “Max” instead. Or did you mean: Maxi?" in page.text
        assert names(page) == ["Maxi", "Max 3", "Max 2", "Max"]
        assert names(edith.get(page.one('a[href^="/pets/?q=Maxi"]')["href"]).page) == ["Maxi"]
        # What was typed stays in its field. What is done with the list is done with what it shows.
        assert page.form("/pets/").fields["q"] == "Maxx"
        assert page.form("/pets/chosen").fields["to"] == "?q=Max&sort=-name"
        assert page.links["CSV"] == "/pets.csv?q=Max&sort=-name"

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("mxa", {"Max", "Max 2", "Max 3", "Maxi"}),
            ("mas", {"Max", "Max 2", "Max 3", "Maxi"}),
            ("Marshmalow", {"Marshmallow"}),
            ("marshmalo", {"Marshmallow"}),  # of a long word, not all has to be typed
            ("барсикк", {"Барсик"}),
            ("rabit", {"Marshmallow"}),
            ("siemese", {"Барсик"}),
            ("calm mxa", {"Max", "Max 2", "Max 3"}),
            ("calm rabit", set()),
            ("clam mxa", set()),  # two words
            ("mxa calm rabbit", set()),
            ("xy", set()),
            ("ma1", set()),
            ("x" * 200, set()),
            ("".join(map(chr, range(0x4E00, 0x6C00, 256))), set()),  # letters that are too many to try
        ],
    )
    def test_who_is_found(self, vera, query, found):
        assert set(names(search(vera, query))) == found

    def test_filters_hold(self, vera):
        assert names(search(vera, "maxx", type="cat")) == ["Maxi"]
        assert names(search(vera, "maxx", type="rabbit")) == []
        assert "Nothing matches" in search(vera, "max", type="rabbit").text  # the word is right

    def test_own_fields_have_words_too(self, ada):
        ada.post("/fields/new", suggested="breed")
        ada.post("/fields/new?kind=choice", label="Colour", more="black\nblue merle")
        own = {"own.1": "Beagle mix", "own.2": "blue merle"}
        ada.fill("/pets/new", button="Save", name="Rex", type="dog", **own)
        assert names(search(ada, "beagel")) == ["Rex"]
        assert names(search(ada, "melre")) == ["Rex"]
        assert names(search(ada, "balck")) == []  # which nobody is

    def test_a_code_is_never_taken_for_another(self, ada):
        ada.post("/fields/new", suggested="microchip")
        ada.fill("/pets/new", button="Save", name="Rex", type="dog", **{"own.1": "985112001234567"})
        assert names(search(ada, "985112001234567")) == ["Rex"]
        assert names(search(ada, "985112001234576")) == []


@pytest.mark.parametrize("kind", ["dog", "Dog"])
def test_the_commoner_name_comes_first(session, kind):
    session.add_all(
        Pet(name=name, type=kind) for name in ("Bello", "Bella", "Bella", "Della", "Della", "Della")
    )
    session.commit()
    found = near(PetSearch.from_args({"q": "bell o"}))
    assert found is None
    found = near(PetSearch.from_args({"q": "bellx"}))
    assert [found.word, *found.others] == ["Bella", "Bello"]


class TestWhyAPetWasFound:
    def told(self, page):
        return [cell.text for cell in page.select("th.pet .quiet")]

    def test_an_excerpt_of_the_notes_has_the_word_marked(self, vera, add_pet):
        notes = "one two three four five six\nlikes Łódź <b>&</b> a b c d e f g"
        add_pet("Rex", "dog", notes=notes)
        page = search(vera, "lodz")
        assert self.told(page) == ["Notes: … four five six likes Łódź <b>&</b> a b c d e …"]
        assert page.one("mark").text == "Łódź"
        assert self.told(search(vera, "lodz rex")) == self.told(page)
        assert self.told(search(vera, "one")) == ["Notes: one two three four five six likes …"]
        assert self.told(search(vera, "g")) == ["Notes: … c d e f g"]

    def test_what_the_line_shows_is_not_said_again(self, vera, add_pet):
        add_pet("Rex", "dog", notes="a good dog, this Rex")
        for query in ("rex", "dog", "r", "dog rex", ""):
            assert self.told(search(vera, query)) == []

    def test_a_long_word_is_cut_around_what_was_found(self, vera, add_pet):
        add_pet("ポチ", "犬", notes="あ" * 100 + "ハチ公" + "い" * 100)
        [told] = self.told(search(vera, "ハチ公"))
        assert "ハチ公" in told
        assert len(told) < 60

    def test_a_former_name_and_an_own_field_that_is_not_shown(self, clock, ada, vera, rex):
        ada.post("/fields/new", suggested="breed")
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Max", **{"own.1": "Old beagle"})
        assert self.told(search(vera, "rex")) == ["was Rex until 15 June 2024"]
        assert self.told(search(vera, "beagle")) == ["Breed: Old beagle"]
        assert self.told(search(vera, "beagle", columns="own.1")) == []


class TestRemovedPets:
    def remove(self, person, *pets):
        for pet in pets:
            person.post(f"/pets/{pet.id}/delete", version="1")

    def test_one_is_named_with_a_way_to_it(self, edith, add_pet, rex):
        self.remove(edith, rex)
        add_pet("Tom", "cat")
        for query in ("re", "REX", "#1", "number 1", "Nr. 1"):
            assert search(edith, query).links["1 removed pet matches"] == f"/pets/{rex.id}"
        for query in ("r", "ex", "rex tom", "#2", "tom", "'"):
            assert "removed pet" not in search(edith, query).text
        assert "removed pet" not in search(edith, "rex", type="cat").text

    def test_several_are_found_in_the_history(self, edith, add_pet, rex):
        self.remove(edith, rex, add_pet("Rexona", "cat"), add_pet("Tom", "cat"))
        page = search(edith, "rex")
        page = edith.get(page.links["2 removed pets match"]).page
        assert "Rexona" in page.text
        assert "Tom" not in page.text

    def test_one_that_was_brought_back_is_none(self, edith, rex):
        self.remove(edith, rex)
        edith.post("/history/2/undo")
        page = search(edith, "rex")
        assert names(page) == ["Rex"]
        assert "removed pet" not in page.text


def test_every_type_is_offered_by_the_alphabet(vera, session):
    session.add_all(Pet(name="X", type=f"type {number:03}") for number in range(200))
    session.add_all(Pet(name="X", type=kind) for kind in ("Dog", "Dog", "dog"))
    session.commit()
    options = [option.text for option in vera.get("/pets/?type=DOG").page.select("#type option")]
    assert options[:3] == ["All types", "Dog (3)", "type 000 (1)"]
    assert len(options) == 202
    assert vera.get("/pets/?type=DOG").page.form("/pets/").fields["type"] == "Dog"
