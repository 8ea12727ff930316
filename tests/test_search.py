"""Finding pets: which query finds whom, and walking through pages of them, whatever changes on the way."""

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from pets.db import db
from pets.models.pet import Pet
from pets.search.pets import PetSearch

PETS = {
    "Barsik": ("Барсик", "кот", ""),
    "Zofka": ("Žofka", "dog", "likes Łódź"),
    "Strasse": ("Straße", "dog", ""),
    "Elodie": ("Élodie", "cat", ""),
    "JeanLuc": ("Jean-Luc Picard", "human being", "Captain; drinks tea (Earl Grey)"),
    "Percent": ("100 % Rex", "dog", ""),
    "Underscore": ("snake_case", "snake", "C:\\Temp"),
    "Ma": ("Ma", "ant", ""),
    "Emma": ("Emma", "ant", ""),
    "Quoted": ('The "Duke" O’Neil', "horse", "it's * AND ( NEAR"),
    "Japanese": ("ポチ", "犬", "ハチ公"),
    "Emoji": ("🐍🐍🐍", "snek", ""),
    "Alef": ("كلب", "كلب", ""),
}


@pytest.fixture(scope="module")
def found(registers):
    """`found("rex")`: who is found for a query, by the names above."""
    with registers.open() as app, app.app_context():
        from pets.db import db

        numbers = {}
        for key, (name, kind, notes) in PETS.items():
            pet = Pet(name=name, type=kind, notes=notes)
            db.session.add(pet)
            db.session.flush()
            numbers[pet.id] = key
        db.session.commit()

        def search(query):
            search = PetSearch.from_args({"q": query})
            page = search.find().page
            assert search.count() == len(page.rows)
            db.session.rollback()
            return {numbers[row.id] for row in page.rows}

        yield search


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("барс", {"Barsik"}),
        ("БАРСИК", {"Barsik"}),
        ("zof", {"Zofka"}),
        ("ŽOFKA", {"Zofka"}),
        ("lodz", {"Zofka"}),
        ("strasse", {"Strasse"}),
        ("STRAẞE", {"Strasse"}),
        ("elodie", {"Elodie"}),
        ("E\u0301lodie", {"Elodie"}),
        ("odi", {"Elodie"}),  # three letters stand anywhere
        ("picard jean", {"JeanLuc"}),  # all words, in any order
        ("picard dog", set()),
        ("luc", {"JeanLuc"}),
        ("jean-luc", {"JeanLuc"}),
        ("earl", {"JeanLuc"}),
        ("(earl", {"JeanLuc"}),
        ("%", {"Percent"}),
        ("100 %", {"Percent"}),
        ("%%", set()),
        ("_", set()),
        ("e_c", {"Underscore"}),
        ("snake_case", {"Underscore"}),
        ("snakeXcase", set()),
        ("c:\\temp", {"Underscore"}),
        ("\\", set()),
        ("ma", {"Ma"}),  # one or two letters begin a word
        ("mma", {"Emma"}),
        ("m", {"Ma"}),
        ("j", {"JeanLuc"}),
        ("lu", {"JeanLuc"}),
        ("uc", set()),
        ("am", set()),
        ('"duke"', {"Quoted"}),
        ("o’neil", {"Quoted"}),
        ("duke AND neil", {"Quoted"}),
        ("NEAR", {"Quoted"}),
        ("*", {"Quoted"}),
        ("it's", {"Quoted"}),
        ("ポ", {"Japanese"}),
        ("ホチ", {"Japanese"}),
        ("犬", {"Japanese"}),
        ("ﾎﾟﾁ", {"Japanese"}),
        ("🐍", {"Emoji"}),
        ("🐍🐍", {"Emoji"}),
        ("🐍🐍🐍", {"Emoji"}),
        ("كلب", {"Alef"}),
        ("dog", {"Zofka", "Strasse", "Percent"}),
        ("nobody", set()),
        ("' OR 1=1 --", set()),
        ("zof zof zof", {"Zofka"}),
        ("", set(PETS)),
        ("   ", set(PETS)),
        ("\u0301", set(PETS)),
        ("\0", set(PETS)),  # nothing that could be looked for
    ],
)
def test_who_is_found(found, query, who):
    assert found(query) == who


@pytest.mark.parametrize(
    "query", ["a\0b", "zof\0", "\x01", "\ufffe", '"', "''", "((", "a" * 5000, "x " * 500]
)
def test_odd_queries_find_nobody_and_harm_nothing(vera, rex, query):
    answer = vera.get("/pets/", query_string={"q": query})
    assert answer.status_code in (200, 400)
    assert not answer.page.select("tbody tr")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_any_query_finds_only_what_has_all_its_words(found, query):
    from pets.fields.text import search_text, search_words

    texts = {key: search_text(*facts) for key, facts in PETS.items()}
    number = PetSearch.from_args({"q": query}).number
    for key in found(query):
        by_number = number and list(PETS)[number - 1 : number] == [key]
        assert by_number or all(word in texts[key] for word in search_words(query)[:8])


@settings(max_examples=60)
@given(name=st.sampled_from([word for facts in PETS.values() for text in facts for word in text.split()]))
def test_every_word_finds_its_pet(found, name):
    assert found(name) >= {key for key, facts in PETS.items() if name in " ".join(facts).split()}


SORTS = ["name", "-name", "type", "-type", "age", "-age", "changed", "-changed", "added", "-added"]


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr("pets.search.pets.PAGE", 3)


def page_of(query):
    search = PetSearch.from_args(dict(parse_qsl(query.removeprefix("?"))))
    found = search.find()
    db.session.rollback()
    return found.search, found.page


def walk(query, turn="after", between=lambda: None):
    """All pages from one on, each as its numbers, and the last page's address."""
    pages = []
    while True:
        search, page = page_of(query)
        pages.append([row.id for row in page.rows])
        cursor = getattr(page, turn)
        if not cursor:
            return pages, query
        query = search.query_string(**{turn: cursor})
        between()


@pytest.fixture
def crowd(session, clock):
    """Twenty pets, many alike in all that a list is sorted by; some of unknown age."""
    for number in range(20):
        born_on = [None, date(2020, 1, 1), date(2021, 5, number % 7 + 1)][number % 3]
        session.add(
            Pet(
                name="Rex" if number % 4 else f"Max {number}",
                type="dogcat"[number % 2 * 3 :][:3],
                born_on=born_on,
            )
        )
        if number % 2:
            session.commit()
            clock.forward(seconds=number % 5)
    session.commit()
    return session


@pytest.mark.parametrize("filters", ["", "&q=re", "&type=dog", "&q=rex&min_age=1"])
@pytest.mark.parametrize("sort", SORTS)
def test_walking_forth_and_back_meets_the_same_pets(crowd, small_pages, sort, filters):
    forth, last = walk(f"sort={sort}{filters}")
    back, _ = walk(last, "before")
    assert [row for page in back for row in reversed(page)] == [
        row for page in reversed(forth) for row in reversed(page)
    ]
    everybody = [row for page in forth for row in page]
    assert (
        len(everybody)
        == len(set(everybody))
        == PetSearch.from_args(dict(parse_qsl(f"sort={sort}{filters}"))).count()
    )
    if "age" in sort:
        known = [crowd.get(Pet, row).born_on is not None for row in everybody]
        assert known == sorted(known, reverse=True), "who has no known age comes last"


@pytest.mark.parametrize("sort", SORTS)
def test_downwards_is_upwards_turned_round(crowd, small_pages, sort):
    def listed(sort):
        rows = [row for page in walk(f"sort={sort}")[0] for row in page]
        return [row for row in rows if "age" not in sort or crowd.get(Pet, row).born_on]

    other = sort.removeprefix("-") if sort.startswith("-") else "-" + sort
    assert listed(sort) == listed(other)[::-1]


@pytest.mark.parametrize("sort", SORTS)
def test_whoever_stays_is_met_once_though_others_come_and_go(crowd, small_pages, clock, sort):
    staying = {number for number in range(1, 21) if number % 3}
    leaving = [number for number in range(1, 21) if not number % 3]

    def others_come_and_go():
        clock.forward(seconds=1)
        crowd.add(Pet(name="Rex", type="dog", age=2))
        if leaving:
            crowd.delete(crowd.get(Pet, leaving.pop()))
        crowd.commit()

    met = [row for page in walk(f"sort={sort}", between=others_come_and_go)[0][:40] for row in page]
    assert [row for row in met if row in staying] == list(dict.fromkeys(row for row in met if row in staying))
    assert staying <= set(met)


@pytest.mark.parametrize("filters", ["", "&q=rex&min_age=1", "&q=1", "&q=8"])
@pytest.mark.parametrize("sort", SORTS)
def test_a_pet_has_those_of_the_list_on_either_side(crowd, small_pages, sort, filters):
    listed = [row for page in walk(f"sort={sort}{filters}")[0] for row in page]
    search = PetSearch.from_args(dict(parse_qsl(f"sort={sort}{filters}")))
    beside = [search.beside(crowd.get(Pet, number)) for number in listed]
    assert [before and before.id for before, _ in beside] == [None, *listed[:-1]]
    assert [after and after.id for _, after in beside] == [*listed[1:], None]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=st.sampled_from(SORTS), turns=st.lists(st.sampled_from(["after", "before"]), max_size=12))
def test_turning_back_and_forth_never_loses_anybody(crowd, monkeypatch, sort, turns):
    monkeypatch.setattr("pets.search.pets.PAGE", 3)
    everybody = [row for page in walk(f"sort={sort}")[0] for row in page]
    search, page = page_of(f"sort={sort}")
    place = 0
    for turn in turns:
        cursor = getattr(page, turn)
        if cursor is None:
            assert place == 0 if turn == "before" else place + 3 >= len(everybody)
            continue
        place += 3 if turn == "after" else -3
        search, page = page_of(search.query_string(**{turn: cursor}))
        assert [row.id for row in page.rows] == everybody[place : place + 3]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("query", ["q=purrs&type=dog", "q=dog&type=cat", "q=dog&type=cat&sort=-changed"])
def test_a_word_and_a_type_that_never_meet_are_not_looked_for_pet_by_pet(session, monkeypatch, query):
    for limit in ("MANY", "GATHERED", "FOUND"):
        monkeypatch.setattr(f"pets.search.plan.{limit}", 20)

    def steps():
        """What SQLite does for the search, in steps of its virtual machine, with 500 more of each type."""
        for number in range(500):
            session.add(Pet(name=f"Rex {number}", type="dog", age=2, notes="barks"))
            session.add(Pet(name=f"Bella {number}", type="cat", age=9, notes="purrs"))
        session.execute(text("INSERT INTO pet_search (pet_search) VALUES ('optimize')"))
        session.commit()
        taken: list[None] = []
        driver = session.connection().connection.dbapi_connection
        driver.set_progress_handler(lambda: taken.append(None), 1)
        search, page = page_of(query)
        assert (search.count(), page.rows) == (0, [])
        driver.set_progress_handler(None, 1)
        return len(taken)

    few, many = steps(), steps()
    assert many < few + 1000, "it takes a step or more for each dog"
