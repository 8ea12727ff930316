"""Duplicates: found a stretch of the register at a time, and two become one by way of the draft."""

import pytest

from pets.changes.draft import Draft
from pets.models.field import OwnField
from pets.search import duplicates
from pets.search.duplicates import look_further
from tests.pages import Form
from tests.views.test_draft import choose

pytestmark = pytest.mark.on_both


def pairs(page):
    return [tuple(link.text for link in item.select("p > a")) for item in page.select("ul.lines > li")]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (("Rex", "dog", 2), ("rex", "Dog", 2), True),
        (("Élodie", "cat", 2), ("Elodie", "cat", None), True),
        (("Biscuit", "dog", 2), ("Biscit", "dog", 3), True),
        (("Biscuit", "dog", 2), ("Biscuits", "dog", 2), True),
        (("Biscuit", "dog", 2), ("Bascuit", "dog", 2), True),
        (("Biscuit", "dog", 2), ("Bisucit", "dog", 2), True),
        (("Biscuit", "dog", 2), ("Biscotto", "dog", 2), False),
        (("Rex 1", "dog", 2), ("Rex 2", "dog", 2), False),
        (("Rex", "dog", 2), ("Rex", "cat", 2), False),
        (("Rex", "dog", 2), ("Rex", "dog", 5), False),
    ],
)
def test_what_counts_as_one(vera, add_pet, one, other, found):
    for name, kind, age in (one, other):
        add_pet(name, kind, age=age)
    assert len(pairs(vera.get("/duplicates").page)) == found


def test_it_says_what_was_looked_through(vera, add_pet):
    add_pet("Rex", "dog")
    add_pet("Max", "cat")
    text = vera.get("/duplicates").page.text
    assert "Checked 2 pets, from Max (cat) to Rex (dog). This is the end of the register." in text
    assert "no pets on the register yet" not in text


def test_an_empty_register_has_nothing_to_look_through(vera):
    assert "There are no pets on the register yet." in vera.get("/duplicates").page.text


def test_it_is_found_wherever_the_stretches_end(edith, add_pet, monkeypatch):
    """Whatever the size of a stretch, going on to the end finds what one look at everything finds."""
    monkeypatch.setattr(duplicates, "OVERLAP", 2)
    monkeypatch.setattr(duplicates, "PAIRS", 4)
    for kind in ("cat", "dog", "emu"):
        for name in ("Rex", "Rexx", "Max", "Bo", "Boo"):
            add_pet(name, kind)
    for looked in (100, 5, 6, 7, 11):
        monkeypatch.setattr(duplicates, "LOOKED", looked)
        found, page = [], edith.get("/duplicates").page
        for _ in range(20):
            found += [item.one(".lines__do a")["href"] for item in page.select("ul.lines > li")]
            if "Check more" not in page.links:
                break
            page = edith.get(page.links["Check more"]).page
        assert len(found) == len(set(found)) == 3 * 2, looked


def test_a_crowd_of_the_same_name_is_shown_in_turns(session, add_pet, monkeypatch):
    monkeypatch.setattr(duplicates, "PAIRS", 6)
    for _ in range(6):
        add_pet("Max", "dog")
    first = look_further("")
    assert [(pair.one.id, pair.other.id) for pair in first.pairs] == [
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 3),
        (2, 4),
        (2, 5),
    ]
    then = look_further(first.after)
    assert [(pair.one.id, pair.other.id) for pair in then.pairs] == [
        (3, 4),
        (3, 5),
        (3, 6),
        (4, 5),
        (4, 6),
        (5, 6),
    ]
    session.rollback()


def test_an_address_that_is_none_of_ours_is_refused(vera):
    assert vera.get("/duplicates?after=x").status_code == 400


class TestOneCode:
    @pytest.fixture
    def tag(self, session):
        OwnField.add({"label": "Tag", "kind": "code", "digits": False, "unique_code": False})
        session.commit()
        return "own.1"

    def test_pets_with_one_code_are_named_whatever_they_are_called(self, vera, add_pet, tag):
        add_pet("Rex", "dog", own={"1": "A7"})
        add_pet("Bello", "wolf", own={"1": "A7"})
        add_pet("Tom", "cat", own={"1": "A8"})
        page = vera.get("/duplicates").page
        assert pairs(page) == [("Rex", "Bello")]
        assert "The same tag: A7" in page.text

    def test_they_are_found_once_wherever_a_stretch_ends(self, vera, add_pet, tag, monkeypatch):
        for name, kind in (("Rex", "dog"), ("Rexx", "dog"), ("Tom", "cat"), ("Max", "emu")):
            add_pet(name, kind, own={"1": "A7"})
        monkeypatch.setattr(duplicates, "OVERLAP", 1)
        for looked in (100, 2, 3):
            monkeypatch.setattr(duplicates, "LOOKED", looked)
            found, page = [], vera.get("/duplicates").page
            while True:
                found += pairs(page)
                if "Check more" not in page.links:
                    break
                page = vera.get(page.links["Check more"]).page
            assert sorted(found) == sorted(set(found)), looked
            assert len(found) == 6, looked


class TestKeepingBoth:
    @pytest.fixture
    def two(self, add_pet):
        return add_pet("Rex", "dog"), add_pet("Rexx", "dog")

    def test_they_are_named_no_more_until_that_is_undone(self, edith, vera, two):
        page = edith.get("/duplicates?after=").page
        answer = page.submit(edith, "Keep both", action="/duplicates/1/2/keep")
        assert answer.location == "/duplicates?after="
        page = edith.get("/duplicates").page
        assert pairs(page) == []
        assert "Kept both: Rex (number 1) and Rexx (number 2)" in page.one(".flash").text
        edith.post("/duplicates/2/1/keep")  # a second tab
        page.submit(edith, "Undo", action="/duplicates/1/2/forget")
        assert len(pairs(vera.get("/duplicates").page)) == 1

    def test_only_the_pair_is_kept_apart(self, edith, add_pet, two):
        add_pet("Rex", "dog")
        edith.post("/duplicates/1/2/keep")
        assert sorted(pairs(edith.get("/duplicates").page)) == [("Rex", "Rex"), ("Rex", "Rexx")]

    @pytest.mark.parametrize("address", ["/duplicates/1/1/keep", "/duplicates/1/7/keep"])
    def test_there_have_to_be_two(self, edith, two, address):
        assert edith.post(address).status_code == 404

    def test_who_may_only_look_decides_nothing(self, vera, two):
        assert vera.post("/duplicates/1/2/keep").status_code == 403
        assert vera.post("/duplicates/1/2/forget").status_code == 403

    def test_a_pet_that_was_added_anyway_is_kept_apart_from_what_it_resembled(self, edith, two):
        page = edith.fill("/pets/new", name="Rex", type="dog").page
        page.submit(edith, "Add anyway")
        assert sorted(pairs(edith.get("/duplicates").page)) == [("Rex", "Rexx"), ("Rex", "Rexx")]

    def test_so_is_a_line_of_a_draft_once_it_is_saved(self, edith, two, session):
        for _ in range(2):
            edith.fill("/pets/new", button="Add to draft", name="Rex", type="dog")
        draft = Draft.of(2)
        lines = session.scalars(draft.lines()).all()
        assert [line.concern for line in lines] == ["alike", "alike"]
        for line in lines:
            line.kept_both = True
            draft.reassess(line, None)
            assert line.concern is None
        session.commit()
        edith.get("/draft").page.form("/draft/save").submit(edith)
        assert set(pairs(edith.get("/duplicates").page)) == {("Rex", "Rexx")}


class TestMerging:
    @pytest.fixture
    def two(self, add_pet):
        return add_pet("Rex", "dog", notes="shy\nchipped"), add_pet(
            "Rexx", "Dog", age=2, notes="chipped\nloud"
        )

    def test_who_may_only_look_may_not(self, vera, two):
        assert vera.get("/duplicates/1/2").status_code == 403
        assert "Merge" not in vera.get("/duplicates").page.text

    def test_the_first_stays_with_what_is_chosen_and_both_notes(self, edith, two, facts_now):
        page = edith.get("/duplicates").page
        page = edith.get(page.one(".lines__do a")["href"]).page
        assert page.submit(edith, name="goes").location == "/draft"
        assert facts_now(2) == two[1].facts
        edith.get("/draft").page.form("/draft/save").submit(edith)
        assert facts_now(2) is None
        assert facts_now(1) == {
            "name": "Rexx",
            "type": "dog",
            "born": two[1].facts["born"],
            "notes": "shy\nchipped\nloud",
        }

    @pytest.mark.parametrize(
        ("own", "other", "joined"),
        [
            (
                "Mon: fed\n\nTue: fed\nMon: fed",
                "Tue: fed\nWed: fed",
                "Mon: fed\n\nTue: fed\nMon: fed\nWed: fed",
            ),
            ("a  b\n\n\nc", "c\n\na  b", "a  b\n\n\nc"),
            ("a", "b\n\nb\na", "a\nb\n\nb"),
            ("a\u2028b", "b", "a\u2028b\nb"),
            ("", "b\n\nc", "b\n\nc"),
            ("a", "", "a"),
        ],
    )
    def test_its_own_notes_stay_letter_for_letter(self, edith, add_pet, facts_now, own, other, joined):
        stays, goes = add_pet("Rex", notes=own), add_pet("Rex", notes=other)
        edith.get(f"/duplicates/{stays.id}/{goes.id}").page.submit(edith)
        edith.get("/draft").page.form("/draft/save").submit(edith)
        assert facts_now(stays.id)["notes"] == joined

    def test_it_can_be_undone_like_all_else(self, edith, two, facts_now):
        edith.get("/duplicates/1/2").page.submit(edith)
        done = edith.change_told(edith.get("/draft").page.form("/draft/save").submit(edith))
        edith.post(f"{done}/undo")
        assert [facts_now(1), facts_now(2)] == [pet.facts for pet in two]

    def test_it_stays_a_merge_when_the_pet_that_goes_was_changed_by_another(self, edith, ada, two):
        edith.get("/duplicates/1/2").page.submit(edith)
        ada.fill("/pets/2/edit", type="cat")
        choose(edith, edith.get("/draft").page, pet="set")
        edith.get("/draft").page.form("/draft/save").submit(edith)
        assert "Merged into Rex by Edith" in edith.get("/pets/2").page.text

    def test_it_is_told_as_a_merge_everywhere_and_undone_as_one(self, edith, two, facts_now, session):
        told = "merged Rexx (number 2) into Rex (number 1)"
        edith.get("/duplicates/1/2").page.submit(edith)
        assert "merged into Rex" in edith.get("/draft").page.text
        answer = edith.get("/draft").page.form("/draft/save").submit(edith)
        page = edith.get(answer.location).page
        assert page.one(".flash p").text == "Merged: Rexx (number 2) into Rex (number 1) See the change"
        for path in (
            "/history",
            "/history/3",
            "/history?kind=merged",
            "/history?pet=1",
            "/pets/1",
            "/pets/2",
        ):
            assert f"Edith {told}" in edith.get(path).page.text, path
        for pet in (1, 2):
            newest = edith.get(f"/pets/{pet}").page.select("ol.history > li > p")[0]
            assert newest.text == f"Edith {told}"
        assert "Merged into Rex by Edith" in edith.get("/pets/2").page.text
        # On the page of either, the button takes back all of it.
        for path, what in (("/pets/2", "Undo the merge"), ("/pets/1", "Redo"), ("/pets/1", "Undo")):
            (form, *_) = [one for one in edith.get(path).page.select("main form") if one.text == what]
            assert Form(form).submit(edith).location == path
            assert (facts_now(2) is None) == (what == "Redo")
        words = "merging Rexx (number 2) into Rex (number 1)"
        history = [
            entry.text for entry in edith.get("/history?kind=merged").page.select("ol.history > li > p")
        ]
        assert [one for one in history if one.startswith("Edith")] == [
            f"Edith undid {words}", f"Edith redid {words}", f"Edith undid {words}", f"Edith {told}"
        ]  # fmt: skip
        assert [facts_now(1), facts_now(2)] == [pet.facts for pet in two]

    def test_a_pet_that_has_it_all_already_tells_of_it_too(self, edith, add_pet):
        add_pet("Rex", "dog"), add_pet("Rex", "dog"), add_pet("Kit", "dog")
        edith.get("/duplicates/1/2").page.submit(edith)
        edith.get("/draft").page.form("/draft/save").submit(edith)
        assert "Edith merged Rex (number 2) into Rex (number 1)" in edith.get("/pets/1").page.text
        assert "Edith merged" not in edith.get("/pets/3").page.text
        edith.post("/history/4/draft")
        assert "separated from Rex" in edith.get("/draft").page.text

    def test_the_other_one_may_stay(self, edith, two, session):
        page = edith.get(edith.get("/duplicates/1/2").page.links["Keep number 2 instead"]).page
        page.submit(edith)
        removed = session.scalar(Draft.of(2).lines("removed"))
        assert removed.pet_id == 1
        session.rollback()

    def test_what_changed_since_is_looked_at_once_more(self, edith, ada, two):
        page = edith.get("/duplicates/1/2").page
        ada.fill("/pets/2/edit", notes="calm")
        answer = page.submit(edith)
        assert answer.status_code == 409
        assert "calm" in answer.page.text
        assert answer.page.submit(edith).location == "/draft"

    @pytest.mark.parametrize("address", ["/duplicates/1/1", "/duplicates/1/7", "/duplicates/7/1"])
    def test_there_have_to_be_two(self, edith, two, address):
        assert edith.get(address).status_code == 404
