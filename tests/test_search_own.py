"""Finding pets by own fields: filters of every kind, alone and together, sorting, codes and numbers."""

import itertools

import pytest

from pets.db import db
from pets.models.field import OwnField
from pets.models.pet import Pet
from pets.search.pets import PetSearch

FIELDS = {
    "sex": {"label": "Sex", "kind": "choice", "choices": ["female", "male"]},
    "fixed": {"label": "Neutered", "kind": "yes_no"},
    "weight": {"label": "Weight", "kind": "number", "unit": "kg"},
    "since": {"label": "Here since", "kind": "day"},
    "chip": {"label": "Chip", "kind": "code"},
    "breed": {"label": "Breed 100%", "kind": "line"},
    "mother": {"label": "Mother", "kind": "pet_link"},
}
PETS = 40


def facts(number):
    """Those of a pet, by key of FIELDS; some know nothing of some."""
    known = {
        "sex": ("female", "male", None)[number % 3],
        "fixed": ("yes", None, "no", "yes")[number % 4],
        "weight": str(number * 0.5 - 3).removesuffix(".0") if number % 5 else None,
        "since": f"2024-{1 + number % 12:02}-05" if number % 7 else None,
        "chip": f"98511200{number * 7919:07}" if number % 2 else None,
        "breed": ("Old Élan", "beagle", "Beagle mix", None)[number % 4],
        "mother": str(number - 20) if number > 20 else None,
    }
    return {key: fact for key, fact in known.items() if fact is not None}


@pytest.fixture(scope="module")
def own(registers):
    """`own("sex=female&sort=weight")`: the numbers found for a search, with names of fields as above."""
    with registers.open() as app, app.app_context():
        ids = {key: OwnField.add({"listed": True, **settings}).id for key, settings in FIELDS.items()}
        db.session.commit()
        for number in range(1, PETS + 1):
            known = {f"own.{ids[key]}": fact for key, fact in facts(number).items()}
            name, kind = f"{'ABC'[number % 3]}{number:02}", ("dog", "cat")[number % 2]
            pet = Pet()
            pet.set_facts({"name": name, "type": kind, **known})
            db.session.add(pet)
            db.session.flush()
        db.session.commit()

        def args(query):
            pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
            named = {}
            for name, value in pairs:
                key, dot, rest = name.partition(".")
                value = value.removeprefix("-") if key == "sort" else value
                asked = f"own.{ids[value]}" if value in ids and key in ("sort", "without") else value
                turned = "-" if (name, f"-{value}") in pairs else ""
                named[f"own.{ids[key]}{dot}{rest}" if key in ids else name] = turned + asked
            return named

        def search(query):
            search = PetSearch.from_args(args(query))
            assert not search.problems
            rows, after = [], {}
            while True:
                found = PetSearch.from_args({**args(query), **after}).find()
                rows += [row.id for row in found.page.rows]
                if found.page.after is None:
                    break
                after = {"after": found.page.after}
            assert search.total() == len(rows)
            assert search.count() == found.matches
            assert found.matches == len(rows) or (found.capped and found.matches < len(rows))
            assert [row.id for row in search.stream()] == rows, "an export has the list's order"
            db.session.rollback()
            return rows

        search.ids, search.args = ids, args
        yield search


def expected(holds, key=None, falls=False):
    """The numbers that match, sorted by name or by a fact; those without it come last, by number."""
    some = [number for number in range(1, PETS + 1) if holds(facts(number), number)]
    place = {number: ("abc"[number % 3], number) for number in some}
    if key is None:
        return sorted(some, key=place.get, reverse=falls)
    known = {number: (FACT[key](facts(number)), place[number]) for number in some if key in facts(number)}
    blank = [number for number in some if number not in known]
    return sorted(known, key=known.get, reverse=falls) + sorted(blank, reverse=falls)


FACT = {
    "weight": lambda known: float(known["weight"]),
    "since": lambda known: known["since"],
    "sex": lambda known: known["sex"],
    "breed": lambda known: known["breed"].lower().replace("é", "e"),
}
WAYS = {
    "sex=female": lambda known, _: known.get("sex") == "female",
    "fixed=no": lambda known, _: known.get("fixed") == "no",
    "weight.from=-1": lambda known, _: float(known.get("weight", -9)) >= -1,
    "weight.from=2,5&weight.to=12": lambda known, _: 2.5 <= float(known.get("weight", -9)) <= 12,
    "since.from=2024-03-01": lambda known, _: known.get("since", "") > "2024-03",
    "breed=beag": lambda known, _: "beagle" in known.get("breed", "").lower(),
    "breed=ELAN": lambda known, _: known.get("breed") == "Old Élan",
    "breed=ol": lambda known, _: known.get("breed") == "Old Élan",
    "mother=3": lambda known, _: known.get("mother") == "3",
    "without=chip": lambda known, _: "chip" not in known,
    "type=dog": lambda known, number: number % 2 == 0,
    "q=c": lambda known, number: number % 3 == 2 or number % 2 == 1,  # C…, or cat
}  # fmt: skip


MORE = {
    "": lambda *_: True,
    "q=a": lambda _, number: number % 3 == 0,
    "weight.to=8": lambda known, _: float(known.get("weight", 99)) <= 8,
    "without=fixed": lambda known, _: "fixed" not in known,
}


def gather(monkeypatch, most):
    """So many matches are gathered and sorted; of more, the order of the list is walked."""
    for limit in ("MANY", "GATHERED", "AGED", "FOUND", "LOOKED"):
        monkeypatch.setattr(f"pets.search.plan.{limit}", most)


@pytest.mark.parametrize("ask", WAYS)
def test_one_filter(own, ask):
    assert own(ask) == expected(WAYS[ask])
    assert own(f"{ask}&sort=-name") == expected(WAYS[ask], falls=True)


PAIRS = [pair for pair in itertools.combinations(WAYS, 2) if len({ask.partition("=")[0] for ask in pair}) > 1]


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("most", [5000, 2], ids=["gathered", "walked"])
def test_two_filters(own, monkeypatch, one, other, most):
    gather(monkeypatch, most)
    assert own(f"{one}&{other}&sort=name") == expected(lambda *pet: WAYS[one](*pet) and WAYS[other](*pet))


@pytest.mark.parametrize("most", [5000, 2], ids=["gathered", "walked"])
@pytest.mark.parametrize("key", FACT)
@pytest.mark.parametrize("ask", ["sex=female", "type=dog", "breed=beag", *MORE])
def test_sorted_by_a_field(own, monkeypatch, key, ask, most):
    gather(monkeypatch, most)
    monkeypatch.setattr("pets.search.pets.PAGE", 4)  # so that pages end among those that have none too
    holds = WAYS | MORE
    assert own(f"{ask}&sort={key}") == expected(holds[ask], key)
    assert own(f"{ask}&sort=-{key}") == expected(holds[ask], key, falls=True)


@pytest.mark.parametrize(
    "ask", ["sort=sex", "sort=-since&type=dog", "breed=beag&sort=weight", "sex=male&sort=name"]
)
def test_a_pet_has_those_of_the_list_on_either_side(own, ask):
    listed = own(ask)
    search = PetSearch.from_args(own.args(ask))
    beside = [search.beside(db.session.get(Pet, number)) for number in listed]
    db.session.rollback()
    assert [before and before.id for before, _ in beside] == [None, *listed[:-1]]
    assert [after and after.id for _, after in beside] == [*listed[1:], None]


def test_a_code_is_found_by_six_of_its_digits_and_a_pet_by_its_number(own):
    code = facts(13)["chip"]
    for asked in (
        code[-6:],
        code[-7:-1],
        code,
        f"{code[:3]}-{code[3:6]}-{code[6:]}",
        f"{code[:3]} {code[3:]}",
    ):
        assert own(f"q={asked}") == [13]
    assert own(f"chip={code[:3]} {code[3:9]}-{code[9:]}") == [13]
    assert own(f"chip={code[:-1]}") == []
    for asked in ("7", "number 7", "No. 7", "#7"):
        assert own(f"q={asked}")[0] == 7
    assert own("q=7&sex=male") == own("q=7&sex=male&type=cat") == [7]
    assert own("q=7&sex=female&type=dog") == []
    assert own("q=00077") == own("q=99999999999999999") == []


class TestThePage:
    @pytest.fixture
    def named(self, app, edith):
        with app.app_context():
            ids = {key: OwnField.add({"listed": True, **settings}).id for key, settings in FIELDS.items()}
            db.session.commit()
        names = {key: f"own.{number}" for key, number in ids.items()}
        for name, sex, weight in (("Rex", "male", "12.5"), ("Bella", "female", "4"), ("Luna", "female", "")):
            own = {names["sex"]: sex, names["weight"]: weight}
            edith.fill("/pets/new", button="Save", name=name, type="dog", **own)
        return names

    def test_it_offers_every_listed_field_and_keeps_what_was_chosen(self, edith, named):
        page = edith.get("/pets/").page
        assert [one.text for one in page.select(f'[id="{named["sex"]}"] option')] == [
            "All", "female (2)", "male (1)",
        ]  # fmt: skip
        assert page.one("label[for='own.3.from']").text == "Weight (kg) from"
        assert not page.select("details[open]")
        sent = {named["sex"]: "female", f"{named['weight']}.to": "4,0", "sort": named["weight"]}
        page = edith.get("/pets/", query_string=sent).page
        assert [row.text for row in page.select("tbody th a")] == ["Bella"]
        assert page.one(f'[id="{named["sex"]}"] [selected]')["value"] == "female"
        assert page.one(f'[id="{named["weight"]}.to"]')["value"] == "4,0"
        assert page.one("details[open] summary").text == "More filters (2)"
        assert page.one("thead [aria-sort]").text == "Weight"
        assert "4 kg" in page.one("tbody").text

    def test_what_cannot_be_read_is_said_at_its_control(self, edith, named):
        wrong = {
            f"{named['weight']}.from": "heavy",
            f"{named['since']}.to": "31 February",
            named["fixed"]: "perhaps",
            named["mother"]: "Nobody",
            "without": "nothing",
        }
        for name, typed in wrong.items():
            answer = edith.get("/pets/", query_string={name: typed})
            assert answer.status_code == 422
            assert answer.page.one(f'[id="{name}-problem"]').text
            assert edith.get("/pets.csv", query_string={name: typed}).status_code == 400
            bulk = {"all": "1", "search": f"?{name}={typed}"}
            assert edith.get("/pets/bulk", query_string=bulk).status_code == 400
        assert edith.get("/pets/?own.99=x").status_code == 400
        assert edith.get("/pets/?sort=own.99").status_code == 400

    def test_of_very_many_it_tells_how_many_match_at_least(self, edith, named, monkeypatch):
        asked = {named["sex"]: "female", f"{named['weight']}.to": "9"}
        assert "1 pet matches" in edith.get("/pets/", query_string=asked).page.one(".head").text
        gather(monkeypatch, 0)
        page = edith.get("/pets/", query_string=asked).page
        assert "At least 1 pet match" in page.one(".head").text
        assert "All that match (at least 1)" in page.one(".bulk").text

    def test_files_and_bulk_edits_follow_it(self, edith, named):
        asked = f"?{named['sex']}=female&sort=-name"
        assert [row["name"] for row in edith.get(f"/pets.json{asked}").json] == ["Luna", "Bella"]
        page = edith.get("/pets/bulk", query_string={"all": "1", "search": asked}).page
        assert "2 pets" in page.one("main").text
        assert "sex female" in page.one("main").text

    def test_a_retired_field_still_answers_an_address_that_was_kept(self, app, edith, ada, named):
        ada.post("/fields/1/retire")
        assert not edith.get("/pets/").page.select('[id="own.1"]')
        page = edith.get("/pets/?own.1=female").page
        assert len(page.select("tbody th a")) == 2
        assert page.one('[id="own.1"] [selected]')["value"] == "female"
