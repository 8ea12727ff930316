"""The history's pages: every change in a sentence, found again, and undone."""

from datetime import date

import pytest

from pets.changes.changeset import Changeset
from pets.models.pet import SAMPLES, Pet
from tests.pages import Form
from tests.replay import history_and_register_agree


def entries(page):
    """Each entry of a history, as it is read."""
    return [item.text for item in page.select("ol.history > li")]


def options(page):
    """What the only conflict offers: legend, now, what would be set."""
    fieldset = page.one("fieldset.choice")
    return [fieldset.one("legend").text, *(option.text for option in fieldset.select("label.option"))]


def choose(page, person, **choices):
    """Answer the page that asks; a flash of an earlier save may stand above it, with a form of its own."""
    return Form(page.one("form.form")).submit(person, **choices)


@pytest.fixture
def rename(edith):
    def rename(pet, name, person=edith):
        return person.fill(f"/pets/{pet.id}/edit", button="Save", name=name)

    return rename


class TestReading:
    def test_nothing_saved_yet(self, vera):
        page = vera.get("/history").page
        assert "Nothing has been saved yet" in page.text
        assert not page.select("form.filter")
        page = vera.get("/history?kind=added").page
        assert "Nothing matches" in page.text
        assert page.select("form.filter")

    def test_each_changeset_says_of_itself_what_happened_newest_first(self, app, vera, edith, ada, clock):
        app.config["PETS_TIMEZONE"] = "Europe/Prague"
        edith.post("/pets/samples")
        clock.forward(minutes=2)
        edith.fill("/pets/4/edit", button="Save", type="kitteh", age="5")
        clock.forward(hours=2)
        ada.post("/pets/3/delete", version="1")
        clock.forward(minutes=3)
        removed, changed, added = entries(vera.get("/history").page)
        assert removed.startswith(
            "Ada removed Godzilla type iguana · birth date about 15 June 2023 today 16:02"
        )
        assert changed.startswith("Edith changed Marshmallow")
        assert "type polar bear → kitteh" in changed
        assert "age 4 → 5" in changed
        assert "today 14:02" in changed
        assert added.startswith("Edith added 4 pets today 14:00")

    def test_a_changeset_has_a_page_with_all_of_its_changes(self, vera, edith, clock):
        edith.post("/pets/samples")
        page = vera.get("/history/1").page
        assert page.heading == "Change no. 1"
        assert [entry.split(" · ")[0] for entry in entries(page)] == [
            f"Added {name} type {kind}" for name, kind, _ in SAMPLES
        ]
        assert page.select('a[href="/pets/2"]')

    def test_a_large_one_is_paged(self, vera, session):
        session.add_all(Pet(name=f"Pet {number:03}", type="ant") for number in range(120))
        session.commit()
        page, seen = vera.get("/history/1").page, 0
        while True:
            seen += len(entries(page))
            if not (more := page.select('a[rel="next"]')):
                break
            page = vera.get(more[0]["href"]).page
        assert seen == 120
        assert vera.get("/history/1?after=x").status_code == 400

    @pytest.mark.on_both
    def test_the_list_is_walked_forth_and_back(self, vera, session):
        for number in range(60):
            session.add(Pet(name=f"Pet {number}", type="ant"))
            session.commit()
        page, seen = vera.get("/history").page, []
        while True:
            seen.append(entries(page))
            if not (more := page.select('a[rel="next"]')):
                break
            page = vera.get(more[0]["href"]).page
        assert [len(some) for some in seen] == [25, 25, 10]
        assert seen[0][0].startswith("Someone added Pet 59")
        for some in reversed(seen[:-1]):
            page = vera.get(page.one('a[rel="prev"]')["href"]).page
            assert entries(page) == some

    @pytest.mark.on_both
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", [4, 3, 2, 1]),
            ("who=Ada", [3]),
            ("who=Nobody", []),
            ("kind=added", [4, 1]),
            ("kind=changed", [2]),
            ("kind=removed", [3]),
            ("kind=undone", [4]),
            ("pet=rex", [2, 1]),
            ("pet=MAX", [4, 3, 2]),
            ("pet=%231", [4, 3, 2, 1]),
            ("pet=1", [4, 3, 2, 1]),
            ("pet=2", []),
            ("pet=%25", []),
            ("pet=_ex", []),
            ("pet=" + "9" * 30, []),
            ("pet=%00", []),
            ("who=%00", []),
            ("day=2024-06-15", [2, 1]),
            ("day=2024-06-16", [4, 3]),
            ("day=2024-06-17", []),
            ("day=9999-12-31", []),
            ("since=2024-06-16", [4, 3]),
            ("since=2024-06-15T23:59", [4, 3, 2, 1]),
            ("since=2024-06-16T00:01", []),
            ("since=2024-06-01&until=2024-06-15", [2, 1]),
            ("until=9999-12-31", [4, 3, 2, 1]),
            ("day=2024-06-16&kind=removed&who=Ada&pet=max", [3]),
        ],
    )
    def test_it_is_filtered_by_person_pet_kind_and_day(self, app, vera, clock, query, found):
        def edith():
            return app.test_client(name="edith")

        clock.set("2024-06-15 23:59")
        edith().post("/pets/new", name="Rex", type="dog")
        edith().fill("/pets/1/edit", button="Save", name="Max")
        clock.forward(minutes=1)
        app.test_client(name="ada").post("/pets/1/delete", version="2")
        edith().post("/history/3/undo")
        answer = vera.get("/history?" + query)
        if "%00" in query and answer.status_code == 400:
            return  # PostgreSQL has no such text
        links = [link["href"] for link in answer.page.select("ol.history p.quiet > a[href^='/history/']")]
        numbers = [int(link.rpartition("/")[2]) for link in links]
        assert [number for number in dict.fromkeys(numbers) if number in found] == found
        assert len(answer.page.select("ol.history > li")) == len(found)

    @pytest.mark.parametrize(
        "query",
        [
            "kind=stolen",
            "day=yesterday",
            "day=2024-02-30",
            "day=0001-01-01",
            "day=٢٠٢٤-01-01",
            "day=2024-06-15T10:00",
            "until=2024-06-15T10:00",
            "since=2024-06-15T25:00",
            "after=x",
            "before=x",
        ],
    )
    def test_an_address_that_makes_no_sense_is_said_in_words(self, registers, query):
        with registers.open(PETS_TIMEZONE="Asia/Tokyo") as app:
            answer = app.test_client(name="vera").get("/history?" + query)
            assert answer.status_code == 400
            assert answer.page.select("main p")[1].text.endswith(".")

    @pytest.mark.on_both
    def test_a_day_begins_where_the_site_is(self, registers, clock):
        clock.set("2024-06-15 20:00")  # the 16th in Tokyo
        with registers.open(PETS_TIMEZONE="Asia/Tokyo") as app:
            edith = app.test_client(name="edith")
            edith.post("/pets/samples")
            assert len(entries(edith.get("/history?day=2024-06-16").page)) == 1
            assert entries(edith.get("/history?day=2024-06-15").page) == []
            time = edith.get("/history").page.one("ol.history time")
            assert time["datetime"].startswith("2024-06-15T20:00:00")
            assert time["title"] == "16 June 2024, 05:00:00 JST"

    @pytest.mark.on_both
    def test_a_former_name_finds_the_pet(self, vera, rename, clock, add_pet):
        pet = add_pet("Max", "dog")
        rename(pet, "Rex")
        (row,) = vera.get("/pets/?q=max").page.select("tbody tr")
        assert "Rex was Max until 15 June 2024" in row.text
        assert "was Max" not in vera.get("/pets/?q=rex").page.text
        assert "Max until 15 June 2024" in vera.get(f"/pets/{pet.id}").page.text
        assert len(entries(vera.get("/history?pet=max").page)) == 2

    @pytest.mark.on_both
    def test_a_change_of_name_is_found_by_both_names(self, vera, rename, rex):
        for name in ("Typo", "Max", "Moritz"):
            rename(rex, name)
        for name, count in {"Typo": 2, "max": 2, "Moritz": 1, "rex": 2, "m": 2}.items():
            assert len(entries(vera.get(f"/history?pet={name}").page)) == count, name

    @pytest.mark.on_both
    def test_what_was_undone_never_was_a_name(self, edith, vera, rename, clock, rex):
        def former(*names):
            page = vera.get(f"/pets/{rex.id}").page.text
            found = [name for name in ("Rex", "Typpo", "Max") if f"{name} until" in page]
            listed = [
                name
                for name in ("Rex", "Typpo", "Max")
                if vera.get(f"/pets/?q={name}").page.select("tbody tr")
            ]
            return found == list(names) and set(names) <= set(listed)

        rename(rex, "Typpo")
        assert former("Rex")
        undone = edith.post("/history/2/undo").location
        assert former()
        assert not vera.get("/pets/?q=typpo").page.select("tbody tr")
        again = edith.post(f"{undone}/undo").location
        assert former("Rex")
        edith.post(f"{again}/undo")
        rename(rex, "Max")
        assert former("Rex")
        rename(rex, "Rex")
        assert former("Max")
        with edith.application.app_context():
            history_and_register_agree()

    def test_a_rename_undone_in_a_draft_or_by_one_change_leaves_no_name_either(self, edith, session, add_pet):
        add_pet("Rex"), add_pet("Rexx")
        edith.get("/duplicates/1/2").page.submit(edith, name="goes")
        merged = edith.change_told(edith.get("/draft").page.form("/draft/save").submit(edith))
        assert session.get(Pet, 1).former_names is not None
        session.rollback()
        edith.post(f"{merged}/draft")
        edith.get("/draft").page.form("/draft/save").submit(edith)
        assert session.get(Pet, 1).former_names is None
        assert session.get(Pet, 2).facts["name"] == "Rexx"
        history_and_register_agree()

    @pytest.mark.on_both
    def test_a_pets_page_reads_no_more_than_it_shows(self, vera, session, rex, statements):
        pet = session.get(Pet, rex.id)
        for number in range(12):
            pet.name = f"Rex {number}"
            session.commit()
        session.rollback()
        statements.clear()
        page = vera.get(f"/pets/{rex.id}").page
        (history,) = [one for one in statements if "FROM change " in one and "changeset.who" in one]
        assert "LIMIT" in history
        assert page.links["2 earlier"] == f"/history?pet={rex.id}"
        assert "Rex 1 until" in page.text
        assert "Rex 0 until" not in page.text

    def test_a_long_story_is_told_in_part_with_a_way_to_the_rest(self, vera, session, rex):
        pet = session.get(Pet, rex.id)
        for number in range(60):
            pet.notes = str(number)
            session.commit()
        page = vera.get(f"/pets/{rex.id}").page
        assert len(entries(page)) == 50
        assert page.links["All 61 changes"] == f"/history?pet={rex.id}"

    @pytest.mark.on_both
    def test_history_stays_readable_when_an_account_goes(self, edith, vera, session, rex, rename):
        rename(rex, "Max")
        session.execute(Changeset.__table__.update().values(account_id=None))
        session.commit()
        assert entries(vera.get("/history").page)[0].startswith("Edith changed Max")


@pytest.mark.on_both
class TestUndo:
    def test_undo_is_told_and_can_be_undone_and_both_say_so(self, edith, rex, rename, facts_now):
        rename(rex, "Max")
        (_, button) = edith.get("/history/2").page.select('form[action="/history/2/undo"]')
        answer = Form(button).submit(edith, "Undo")
        assert (answer.status_code, answer.location) == (303, "/history/2")
        assert facts_now(rex.id) == rex.facts
        page = edith.get("/history/2").page
        assert page.one(".flash p").text == "Undone: Max is called Rex again See the change"
        assert "Undone by Edith today" in page.text
        assert Form(page.one(".flash form")).submit(edith, "Redo").location == "/history/2"
        page = edith.get("/history/2").page
        assert page.one(".flash p").text == "Redone: Rex is called Max again See the change"
        assert facts_now(rex.id)["name"] == "Max"
        assert "Undone, and redone by Edith" in page.text
        Form(page.one(".flash form")).submit(edith, "Undo")
        assert "Undone by Edith" in edith.get("/history/2").page.text
        told = [entry.partition(" name ")[0] for entry in entries(edith.get("/history?pet=1").page)]
        assert told[:3] == [f"Edith {did} a change to {name}" for did, name in
                            (("undid", "Rex"), ("redid", "Max"), ("undid", "Rex"))]  # fmt: skip
        assert edith.get("/history/5").page.links["a change to Rex"] == "/history/2"

    @pytest.mark.parametrize(
        "here", ["/pets/?q=max&sort=-changed", "/pets/1", "/history?kind=changed", "/history/2"]
    )
    def test_one_stands_where_one_came_from(self, edith, rex, rename, here):
        rename(rex, "Max")
        answer = Form(edith.get(here).page.one(".flash form")).submit(edith)
        assert answer.location == here
        assert edith.get(here).page.one(".flash p").text.startswith("Undone: Max is called Rex again")
        assert edith.post("/history/3/undo", back=here).location == here

    @pytest.mark.parametrize(
        "back",
        [
            *("", "pets/", "/nowhere", "/pets/1/delete", "/history/2/undo", "/pets/?q=\0"),
            *("//evil.example/", "/\\evil.example", "https://evil.example", "/.//evil.example"),
        ],
    )
    def test_and_nowhere_else(self, edith, rex, rename, back):
        rename(rex, "Max")
        assert edith.post("/history/2/undo", back=back).location == "/history/3"

    @pytest.mark.parametrize(
        ("fields", "undone", "redone"),
        [
            ({"type": "wolf"}, "Rex is dog again", "Rex is wolf again"),
            ({"name": "Max"}, "Max is called Rex again", "Rex is called Max again"),
            ({"age": "5"}, "Rex has age “2” again", "Rex has age “5” again"),
            ({"age": ""}, "Rex has birth date “about 15 June 2022” again", "Rex has no birth date again"),
            ({"notes": "Shy."}, "Rex has no notes again", "Rex has notes “Shy.” again"),
            ({"notes": "Shy.\nLoud."}, "Rex has no notes again", "the change to the notes of Rex"),
            ({"type": "cat", "notes": "Shy."}, *["the change to the type, notes of Rex"] * 2),
        ],
    )
    def test_what_was_undone_is_named(self, edith, add_pet, clock, fields, undone, redone):
        add_pet("Rex", "dog", age=2)
        edith.fill("/pets/1/edit", button="Save", **fields)
        for number, said in ((2, f"Undone: {undone}"), (3, f"Redone: {redone}"), (4, f"Undone: {undone}")):
            edith.get("/help")  # whatever was told before
            page = edith.post(f"/history/{number}/undo", back="/pets/1", follow_redirects=True).page
            assert page.one(".flash p").text == f"{said} See the change"

    def test_so_are_pets_that_go_and_come_back(self, edith, rex):
        edith.post(f"/pets/{rex.id}/delete", version="1")
        edith.get("/help")
        for number, said in ((2, "Undone: Rex is back on"), (3, "Redone: Rex is no longer on")):
            page = edith.post(f"/history/{number}/undo", back="/pets/", follow_redirects=True).page
            assert page.one(".flash p").text.startswith(f"{said} the register")

    def test_a_double_click_tells_the_same_and_offers_to_redo_it(self, edith, rex, rename, facts_now):
        rename(rex, "Max")
        edith.get("/help")
        form = next(Form(one) for one in edith.get("/pets/1").page.select("ol.history form"))
        assert form.submit(edith).location == form.submit(edith).location == "/pets/1"
        first, second = edith.get("/pets/1").page.select(".flash")
        assert first.one("p").text.replace("Undone", "Already undone") == second.one("p").text
        assert [Form(one.one("form")).path for one in (first, second)] == ["/history/3/undo"] * 2
        assert facts_now(rex.id)["name"] == "Rex"

    def test_what_others_changed_is_asked_about_and_one_comes_back_all_the_same(
        self, edith, ada, rex, rename
    ):
        rename(rex, "Max")
        rename(rex, "Moritz", ada)
        here = "/history?who=Edith"
        page = edith.post("/history/2/undo", back=here).page
        assert here in page.links.values()  # to give up
        kept = choose(page, edith, **{f"choice-{rex.id}-name": "keep"})
        assert kept.location == here
        assert "Nothing was undone" in edith.get(here).page.text
        assert choose(page, edith, **{f"choice-{rex.id}-name": "set"}).location == here
        assert "Undone: Moritz is called Rex again" in edith.get(here).page.text

    def test_each_button_of_a_page_has_a_name_of_its_own(self, edith, rex, rename):
        edith.post("/pets/samples")
        for name in ("Max", "Rex", "Max"):
            rename(rex, name)
        for path in ("/history", "/history/1", "/pets/1"):
            buttons = edith.get(path).page.select("ol.history button")
            names = [button["aria-label"] for button in buttons]
            assert len(names) == len(set(names)), path
            assert all("link--quiet" in button["class"] for button in buttons)

    def test_one_change_of_many(self, edith, facts_now):
        edith.post("/pets/samples")
        page = edith.get("/history/1").page
        third = page.select("ol.history form")[2]
        answer = edith.post(third["action"], {i["name"]: i["value"] for i in third.select("input")})
        assert answer.status_code == 303
        assert [facts_now(number) is None for number in (1, 2, 3, 4)] == [False, False, True, False]
        assert "Undone in part by" in edith.get("/history/1").page.text

    @pytest.mark.parametrize("change", ["abc", "-1", "1.0", "٣", "9" * 40])
    def test_a_change_that_is_none_undoes_nothing(self, edith, session, change):
        edith.post("/pets/samples")
        assert edith.post("/history/1/undo", change=change).status_code == 400
        assert session.query(Pet).count() == 4

    def test_nor_does_a_change_of_another_changeset(self, edith, rex, session):
        edith.post("/pets/new", name="Max", type="dog")
        answer = edith.post("/history/2/undo", change="1")
        assert "There is nothing to undo" in edith.get(answer.location).page.text
        assert session.query(Pet).count() == 2

    def test_what_is_undone_already_is_said(self, edith, rex):
        edith.post("/history/1/undo")
        answer = edith.post("/history/1/undo")
        assert (answer.status_code, answer.location) == (303, "/history/1")
        assert "Already undone: Rex is no longer on the register" in edith.get(answer.location).page.text

    def test_what_is_undone_as_a_whole_is_not_offered_to_be_undone(self, edith):
        edith.post("/pets/samples")
        edith.post("/history/1/undo", change="1")
        assert "Undo all 4" in edith.get("/history/1").page.text
        edith.post("/history/2/undo")
        undone = edith.post("/history/1/undo").location
        page = edith.get("/history/1").page
        assert "Undo all 4" not in page.text
        assert "Undo in the draft" not in page.text
        edith.post(f"{undone}/undo")
        assert "Undo all 4" in edith.get("/history/1").page.text

    @pytest.mark.parametrize(("name", "status"), [("vera", 403), ("stranger", 303)])
    def test_who_may_not_edit_undoes_nothing(self, request, name, status, rex, facts_now):
        person = request.getfixturevalue(name)
        assert person.post("/history/1/undo", csrf_token="x").status_code in (status, 400)
        if name == "vera":
            assert person.post("/history/1/undo").status_code == 403
            assert not person.get("/history").page.select('form[action$="/undo"]')
        assert facts_now(rex.id) == rex.facts

    def test_no_get_undoes_anything(self, edith, rex, facts_now):
        assert edith.get("/history/1/undo").status_code == 405
        assert facts_now(rex.id) == rex.facts

    def test_what_never_was_saved_cannot_be_undone(self, edith, rex):
        assert edith.post("/history/99/undo").status_code == 404
        assert edith.post("/history/0/undo").status_code == 404

    def test_a_fact_that_changed_since_is_shown_then_now_and_as_undo_would_set_it(
        self, edith, ada, rex, rename, facts_now
    ):
        rename(rex, "Max")
        rename(rex, "Moritz", ada)
        answer = edith.post("/history/2/undo")
        assert answer.status_code == 409
        legend, now, undone = options(answer.page)
        assert legend.endswith("name (after that change: Max)")
        assert "Ada, today" in now
        assert now.endswith("Moritz")
        assert undone == "What undo would set Rex"
        assert facts_now(rex.id)["name"] == "Moritz"
        kept = choose(answer.page, edith, **{f"choice-{rex.id}-name": "keep"})
        assert kept.status_code == 303
        assert facts_now(rex.id)["name"] == "Moritz"
        choose(answer.page, edith, **{f"choice-{rex.id}-name": "set"})
        assert facts_now(rex.id)["name"] == "Rex"

    def test_the_other_facts_are_undone_without_asking(self, edith, ada, rex, rename, facts_now):
        edith.fill(f"/pets/{rex.id}/edit", button="Save", name="Max", type="wolf")
        rename(rex, "Moritz", ada)
        page = edith.post("/history/2/undo").page
        assert len(page.select("fieldset.choice")) == 1
        choose(page, edith, **{f"choice-{rex.id}-name": "keep"})
        assert facts_now(rex.id) == {**rex.facts, "name": "Moritz"}

    def test_a_choice_is_checked_again(self, edith, ada, rex, rename, facts_now):
        rename(rex, "Max")
        rename(rex, "Moritz", ada)
        page = edith.post("/history/2/undo").page
        rename(rex, "Mona", ada)
        answer = choose(page, edith, **{f"choice-{rex.id}-name": "set"})
        assert answer.status_code == 409
        assert "It has changed again" in answer.page.text
        assert facts_now(rex.id)["name"] == "Mona"

    def test_undoing_the_edit_of_a_removed_pet_shows_the_whole_pet(self, edith, ada, rex, rename, facts_now):
        rename(rex, "Max")
        ada.post(f"/pets/{rex.id}/delete", version="2")
        answer = edith.post("/history/2/undo")
        legend, now, undone = options(answer.page)
        assert "(after that change: Max type dog" in legend
        assert now.endswith("not on the register")
        assert "Rex type dog" in undone
        choose(answer.page, edith, **{f"choice-{rex.id}-pet": "set"})
        assert facts_now(rex.id) == rex.facts

    def test_undoing_the_addition_of_a_pet_that_was_edited_asks(self, edith, ada, rex, rename, facts_now):
        rename(rex, "Max", ada)
        answer = edith.post("/history/1/undo")
        assert answer.status_code == 409
        assert facts_now(rex.id)["name"] == "Max"
        choose(answer.page, edith, **{f"choice-{rex.id}-pet": "set"})
        assert facts_now(rex.id) is None

    @pytest.mark.parametrize(("choice", "names"), [("set", set()), ("keep", {"X1", "X2", "X3", "X4"})])
    def test_one_answer_for_all(self, edith, session, choice, names):
        edith.post("/pets/samples")
        for pet in session.query(Pet):
            pet.name = f"X{pet.id}"
        session.commit()
        page = edith.post("/history/1/undo").page
        assert len(page.select("fieldset.choice")) == 5
        answer = choose(page, edith, all=choice)
        assert answer.status_code == 303
        assert {pet.name for pet in session.query(Pet)} == names
        session.rollback()
        history_and_register_agree()

    def test_more_conflicts_than_are_shown_can_be_answered_one_by_one_or_all_at_once(self, edith, session):
        session.add_all(Pet(name=f"Pet {number:02}", type="ant") for number in range(60))
        session.commit()
        for pet in session.query(Pet):
            pet.name += "!"
        session.commit()
        page = edith.post("/history/1/undo").page
        assert "60 facts need a choice; the first 50 are shown" in page.text
        shown = [name for name in page.form().names if name.startswith("choice-")]
        assert len(shown) == 50
        answer = choose(page, edith, **dict.fromkeys(shown, "set"))
        assert answer.status_code == 409
        assert len(answer.page.select("fieldset.choice")) == 11
        answer = choose(answer.page, edith, all="keep")
        assert answer.status_code == 303
        assert session.query(Pet).count() == 10

    def test_what_cannot_be_undone_any_more_says_why(self, app, clock, add_pet, facts_now):
        old = add_pet("Methuselah", "tortoise", born_on=date(1824, 6, 20))
        edith = app.test_client(name="edith")
        assert edith.post(f"/pets/{old.id}/delete", version="1").status_code == 303
        clock.forward(days=30)
        answer = app.test_client(name="edith").post("/history/2/undo")
        assert answer.status_code == 422
        assert "No pet is over 200 years old" in answer.page.text
        assert facts_now(old.id) is None

    def test_what_was_removed_is_listed_and_brought_back(self, edith, rex, facts_now):
        edith.post(f"/pets/{rex.id}/delete", version="1")
        page = edith.get("/history?kind=removed").page
        (entry,) = page.select("ol.history > li")
        assert entry.one("form button").text.startswith("Bring back")
        edith.post(entry.one("form")["action"])
        assert facts_now(rex.id) == rex.facts
