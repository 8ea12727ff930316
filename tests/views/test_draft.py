"""The draft: put in, looked at, corrected, saved once, discarded and brought back; nobody else's business."""

import urllib.request

import pytest

from pets.changes.changeset import Changeset
from pets.changes.draft import Draft
from pets.changes.draft_line import DraftLine
from pets.changes.wanted import Wanted
from pets.db import db
from pets.models.pet import Pet
from tests.pages import Form


@pytest.fixture
def again(app):
    """Edith at a second browser, in a session of its own."""
    second = app.test_client(name="edith")
    second.sign_in()
    return second


def sections(page):
    """{"New": ["Bo"], …}: the names in each list of the review."""
    titles = [title.text.rpartition(" ")[0] for title in page.select("main h2[id]") if title["id"] != "note"]
    names = "li > div > a > bdi, li > div > b > bdi"
    lists = [[name.text for name in lines.select(names)] for lines in page.select("ul.lines")]
    return dict(zip(titles, lists, strict=True))


def put_in(person, pet, **fields):
    """Change a pet in one's draft, by its own form."""
    answer = person.get(f"/pets/{pet.id}/edit").page.submit(person, "Add to draft", **fields)
    assert (answer.status_code, answer.location) == (303, "/draft")


def add_in(person, **fields):
    return person.get("/pets/new").page.submit(person, "Add to draft", **fields)


def save_all(person, page=None):
    page = page or person.get("/draft").page
    return page.form("/draft/save").submit(person)


def choose(person, page, **choices):
    """Choose which version to keep where two changed one pet."""
    form = page.form(page.one('form[action$="/choose"]')["action"])
    return form.submit(person, **{f"choice-{field}": choice for field, choice in choices.items()})


class TestReview:
    def test_it_begins_empty_and_says_what_it_is_for(self, edith):
        page = edith.get("/draft").page
        assert "Your draft is empty" in page.text
        assert "Draft" not in [link.text for link in page.select("nav a")]

    def test_it_shows_new_changed_and_removed_with_their_counts(self, edith, add_pet):
        rex, max_ = add_pet("Rex", "dog"), add_pet("Max", "dog")
        add_in(edith, name="Bo", type="cat")
        put_in(edith, rex, name="Roy")
        edith.get("/pets/bulk", query_string={"pet": f"{max_.id}.1"}).page.submit(edith, remove="y")
        page = edith.get("/draft").page
        assert sections(page) == {"New": ["Bo"], "Changed": ["Roy"], "Removed": ["Max"]}
        assert page.one("ul.diff").text == "name Rex → Roy"
        assert page.one('nav[aria-label="Main"] .count').text == "3 changes"

    def test_nothing_of_it_is_on_the_register_yet(self, edith, vera, rex, facts_now):
        put_in(edith, rex, name="Roy")
        assert facts_now(rex.id)["name"] == "Rex"
        assert "Roy" not in vera.get("/pets/").page.text
        assert "Roy" not in vera.get("/history").page.text

    def test_lists_are_paged(self, edith):
        for start in range(0, 60, 30):
            names = [f"Pet {number:02}" for number in range(start, start + 30)]
            edith.post("/pets/litter", type="dog", name=names, own=[""] * 30)
        first = edith.get("/draft").page
        assert len(sections(first)["New"]) == 25
        second = edith.get(first.links["All 60"]).page
        assert sections(second)["New"] == [f"Pet {number:02}" for number in range(25)]
        third = edith.get("/draft" + second.links["Next →"].removeprefix("/draft")).page
        assert sections(third)["New"] == [f"Pet {number:02}" for number in range(25, 50)]

    @pytest.mark.parametrize(
        "address", ["/draft?part=x", "/draft?part=new&after=x", "/draft?part=new&after=W10"]
    )
    def test_an_address_that_is_none_of_ours_is_refused(self, edith, address):
        add_in(edith, name="Bo", type="cat")
        assert edith.get(address).status_code == 400


class TestLines:
    def test_a_line_is_edited_in_the_draft_alone(self, edith, rex, facts_now):
        put_in(edith, rex, name="Roy")
        page = edith.get("/draft").page
        answer = edith.fill(page.links["Edit"], notes="shy")
        assert answer.location == "/draft"
        assert "notes none → shy" in edith.get("/draft").page.text
        assert facts_now(rex.id) == rex.facts

    def test_a_mistake_in_a_line_comes_back_with_everything_typed(self, edith, rex):
        put_in(edith, rex, name="Roy")
        answer = edith.fill(edith.get("/draft").page.links["Edit"], name="", notes="shy")
        assert answer.status_code == 422
        assert answer.page.form().fields["notes"] == "shy"

    def test_what_was_typed_of_a_line_that_went_changes_its_pet(self, edith, again, rex, facts_now):
        put_in(edith, rex, name="Max")
        page = edith.get(edith.get("/draft").page.links["Edit"]).page
        save_all(again)
        answer = page.submit(edith, name="Maxim", notes="barks")
        assert answer.status_code == 409
        assert "no longer in your draft" in answer.page.text
        answer = answer.page.submit(edith, "Change Max to this")
        answer.page.submit(edith, **{f"choice-{rex.id}-name": "set"})
        assert facts_now(rex.id) == {**rex.facts, "name": "Maxim", "notes": "barks"}

    def test_of_a_new_pet_it_can_be_added_again(self, edith, again):
        add_in(edith, name="Bo", type="cat")
        page = edith.get(edith.get("/draft").page.links["Edit"]).page
        again.post("/draft/discard")
        page = page.submit(edith, name="Bobo", notes="purrs").page
        assert page.submit(edith, "Add another pet").status_code == 303
        assert sections(edith.get("/draft").page) == {"New": ["Bobo"]}

    def test_a_line_is_dropped(self, edith, rex):
        put_in(edith, rex, name="Roy")
        page = edith.get("/draft").page
        edith.post(page.one(".lines__do form")["action"])
        assert "Your draft is empty" in edith.get("/draft").page.text

    def test_a_new_pet_that_resembles_one_is_shown_first(self, edith, rex):
        add_in(edith, name="rex", type="Dog", age="2")
        page = edith.get("/draft").page
        assert sections(page) == {"Needs attention": ["rex"]}
        assert "Possible duplicate" in page.text
        assert save_all(edith, page).location == "/pets/?sort=-changed"

    def test_all_lines_of_one_concern_are_dropped_at_once(self, edith, rex):
        add_in(edith, name="Rex", type="dog", age="2")
        add_in(edith, name="Bo", type="dog")
        edith.get("/draft").page.form("/draft/drop/alike").submit(edith)
        assert sections(edith.get("/draft").page) == {"New": ["Bo"]}
        assert edith.post("/draft/drop/anything").status_code == 404

    def test_of_notes_only_what_changes_is_marked_in_review_history_and_conflict(self, edith, ada, add_pet):
        max_ = add_pet("Max", notes="Chipped. Good with children.")
        put_in(edith, max_, notes="Chipped. Good with children.\nVaccinated.")
        line = edith.get("/draft").page.one("ul.diff")
        assert [mark.text for mark in line.select("del, ins")] == ["Vaccinated."]
        ada.fill(f"/pets/{max_.id}/edit", notes="Chipped. Bad with children.")
        page = edith.get("/draft").page
        marks = page.select("fieldset del, fieldset ins")
        assert [mark.text for mark in marks] == ["Good", "Bad", "Vaccinated."]
        choose(edith, page, notes="set")
        page = edith.get(edith.change_told(save_all(edith))).page
        marks = page.select("ul.diff del, ul.diff ins")
        assert [mark.text for mark in marks] == ["Bad", "Good", "Vaccinated."]

    def test_a_form_that_changes_nothing_puts_nothing_in(self, edith, rex):
        put_in(edith, rex)
        page = edith.get("/draft").page
        assert "Nothing was added to your draft" in page.text
        assert "Your draft is empty" in page.text

    def test_the_form_shows_what_waits_and_what_is_set_back_goes(self, edith, rex):
        put_in(edith, rex, name="Roy", notes="shy")
        form = edith.get(f"/pets/{rex.id}/edit").page
        assert "name Rex → Roy" in form.one("section.panel").text
        assert (form.form().fields["name"], form.form().fields["notes"]) == ("Roy", "shy")
        put_in(edith, rex, name="Rex")
        assert "name" not in edith.get("/draft").page.one("ul.diff").text
        put_in(edith, rex, notes="")
        page = edith.get("/draft").page
        assert "“Rex” is as on the register: removed from your draft." in page.text
        assert "Your draft is empty" in page.text

    def test_a_form_that_was_opened_before_takes_nothing_back(self, edith, rex):
        early = edith.get(f"/pets/{rex.id}/edit").page
        put_in(edith, rex, name="Roy")
        early.submit(edith, "Add to draft", notes="shy")
        assert edith.get("/draft").page.one("ul.diff").text == "name Rex → Roy notes none → shy"

    def test_a_line_that_is_edited_still_resembles_a_pet(self, edith, rex):
        add_in(edith, name="rex", type="dog", age="2")
        edith.fill(edith.get("/draft").page.links["Edit"], notes="shy")
        assert "Possible duplicate" in edith.get("/draft").page.text
        edith.fill(edith.get("/draft").page.links["Edit"], name="Bo")
        assert "Possible duplicate" not in edith.get("/draft").page.text

    def test_every_fact_can_be_seen_and_a_long_one_is_folded(self, edith, add_pet):
        goes = add_pet("Max", notes="bites")
        add_in(edith, name="Bo", type="cat", notes="shy\n" + "and very quiet " * 20)
        edith.get("/pets/bulk", query_string={"pet": f"{goes.id}.1"}).page.submit(edith, remove="y")
        for page in (edith.get("/draft").page, edith.get(edith.change_told(save_all(edith))).page):
            assert "type cat · notes shy" in page.text
            assert page.one("details .notes").raw_text.endswith("very quiet")
            assert "type dog · notes bites" in page.text
        assert "notes bites" in edith.get("/history").page.text
        assert "bites" in edith.get(f"/pets/{goes.id}").page.one("dl.facts").text


class TestOneOfIt:
    """A pet that waits in one's draft says so wherever it is met, to nobody else and at no cost."""

    def test_the_list_says_so(self, edith, ada, add_pet, statements):
        rex, max_, _ = add_pet("Rex"), add_pet("Max"), add_pet("Bo")

        def listed(person):
            statements.clear()
            rows = person.get("/pets/").page.select("tbody tr")
            return [row.text for row in rows if row.select(".pill")], len(statements)

        assert listed(edith)[0] == []
        before = listed(edith)[1]
        put_in(edith, rex, name="Roy")
        edith.get("/pets/bulk", query_string={"pet": f"{max_.id}.1"}).page.submit(edith, remove="y")
        edith.get("/draft")
        told, asked = listed(edith)
        assert told[0].startswith("Max Removal in your draft")
        assert told[1].startswith("Rex In your draft")
        assert asked == before + 1
        assert listed(ada) == ([], before)
        save_all(edith)
        assert listed(edith) == ([], before)

    def test_its_page_says_so_and_leads_to_it(self, edith, ada, rex):
        put_in(edith, rex, name="Roy")
        page = edith.get(f"/pets/{rex.id}").page
        assert "A change is waiting in your draft name Rex → Roy" in page.text
        edith.get(page.links["Edit this change"]).page.submit(edith, name="Ray")
        assert "waiting in your draft" not in ada.get(f"/pets/{rex.id}").page.text
        page = edith.get(f"/pets/{rex.id}").page
        answer = page.form(page.one("section.panel form")["action"]).submit(edith)
        assert answer.location == f"/pets/{rex.id}"
        assert "waiting in your draft" not in edith.get(answer.location).page.text

    def test_so_does_that_of_a_pet_that_went(self, edith, ada, rex):
        put_in(edith, rex, name="Roy")
        ada.post(f"/pets/{rex.id}/delete", version="1")
        assert "It needs attention" in edith.get(f"/pets/{rex.id}").page.one("section.panel").text

    def test_a_removal_is_told_and_replaced_by_an_edit(self, edith, rex):
        edith.get("/pets/bulk", query_string={"pet": f"{rex.id}.1"}).page.submit(edith, remove="y")
        for where in ("", "/edit"):
            page = edith.get(f"/pets/{rex.id}{where}").page
            assert "The removal is waiting in your draft" in page.text
        page.submit(edith, "Add to draft", name="Roy")
        assert sections(edith.get("/draft").page) == {"Changed": ["Roy"]}

    def test_what_the_form_showed_is_settled_by_saving_at_once(self, edith, rex, facts_now):
        put_in(edith, rex, name="Roy", notes="shy")
        answer = edith.fill(f"/pets/{rex.id}/edit", "Save", name="Rex")
        assert "Its change is no longer in your draft." in edith.get(answer.location).page.text
        assert facts_now(rex.id) == {**rex.facts, "notes": "shy"}
        assert "Your draft is empty" in edith.get("/draft").page.text

    def test_what_it_did_not_show_goes_on_waiting(self, edith, rex):
        early = edith.get(f"/pets/{rex.id}/edit").page
        put_in(edith, rex, name="Roy", notes="shy")
        answer = early.submit(edith, "Save", name="Roy")
        assert "Your draft still has a change to it." in edith.get(answer.location).page.text
        assert edith.get("/draft").page.one("ul.diff").text == "notes none → shy"
        early.submit(edith, "Save", notes="shy")
        assert "Your draft is empty" in edith.get("/draft").page.text


@pytest.mark.on_both
class TestSaving:
    def test_a_rule_that_time_broke_is_shown_and_can_be_put_right(self, edith, clock):
        add_in(edith, name="Tu", type="tortoise", born_on="1824-06-15")
        clock.forward(days=1)
        edith.sign_in()
        answer = save_all(edith)
        assert answer.status_code == 409
        assert sections(answer.page) == {"Needs attention": ["Tu"]}
        edith.fill(answer.page.links["Edit"], born_on="1824-06-20")
        assert save_all(edith).location == "/pets/?sort=-changed"

    def test_the_draft_becomes_one_entry_of_the_history_with_one_undo(self, edith, add_pet, facts_now):
        rex, max_ = add_pet("Rex"), add_pet("Max")
        put_in(edith, rex, name="Roy")
        put_in(edith, max_, name="Moe")
        answer = save_all(edith)
        page = edith.get(answer.location).page
        assert page.one(".flash p").text == "2 changes are saved. See the change"
        assert [row.one("a").text for row in page.select("tbody tr")] == ["Moe", "Roy"]
        undone = Form(page.one(".flash form")).submit(edith)
        assert undone.location == answer.location  # where one stood
        assert (facts_now(rex.id), facts_now(max_.id)) == (rex.facts, max_.facts)
        page = edith.get(undone.location).page
        assert page.one(".flash p").text == "Undone: 2 changes See the change"
        assert Form(page.one(".flash form")).submit(edith, "Redo").location == answer.location
        assert "Redone: 2 changes" in edith.get(answer.location).page.text
        assert {facts_now(pet.id)["name"] for pet in (rex, max_)} == {"Roy", "Moe"}

    def test_a_double_click_saves_once(self, edith, rex):
        put_in(edith, rex, name="Roy")
        page = edith.get("/draft").page
        first, second = save_all(edith, page), save_all(edith, page)
        assert first.location == second.location
        assert edith.get(f"/pets/{rex.id}").page.text.count("Edith changed Roy") == 1

    def test_what_somebody_did_meanwhile_leaves_no_empty_entry_in_the_history(self, edith, ada, rex, session):
        put_in(edith, rex, name="Roy")
        ada.fill(f"/pets/{rex.id}/edit", name="Roy")
        answer = save_all(edith)
        assert (answer.status_code, answer.location) == (303, "/draft")
        page = edith.get("/draft").page
        assert "Nothing was left to save" in page.text
        assert "Your draft is empty" in page.text
        assert [changeset.size for changeset in session.query(Changeset)] == [1, 1]

    def test_two_tabs_save_what_was_looked_at(self, edith, again, add_pet, facts_now):
        rex, max_ = add_pet("Rex"), add_pet("Max")
        put_in(edith, rex, name="Roy")
        old = edith.get("/draft").page
        put_in(again, max_, name="Moe")
        answer = save_all(edith, old)
        assert answer.status_code == 409
        assert "has changed since this page was opened" in answer.page.text
        assert sections(answer.page) == {"Changed": ["Roy", "Moe"]}
        assert facts_now(rex.id)["name"] == "Rex"
        assert save_all(edith, answer.page).status_code == 303
        assert facts_now(max_.id)["name"] == "Moe"

    def test_two_tabs_edit_one_draft(self, edith, again, add_pet):
        rex, max_ = add_pet("Rex"), add_pet("Max")
        mine, other = edith.get(f"/pets/{rex.id}/edit").page, again.get(f"/pets/{max_.id}/edit").page
        mine.submit(edith, "Add to draft", name="Roy")
        other.submit(again, "Add to draft", name="Moe")
        assert sections(edith.get("/draft").page) == {"Changed": ["Roy", "Moe"]}

    def test_a_draft_saved_in_another_tab_is_not_saved_again(self, edith, again, rex):
        put_in(edith, rex, name="Roy")
        old = edith.get("/draft").page
        location = save_all(again).location
        assert save_all(edith, old).location == location

    def test_a_sign_out_in_between_loses_nothing(self, app, edith, rex, facts_now):
        put_in(edith, rex, name="Roy")
        page = edith.get("/draft").page
        edith.post("/logout")
        assert save_all(edith, page).location.startswith("/login")
        assert facts_now(rex.id)["name"] == "Rex"
        edith.sign_in()
        assert save_all(edith).status_code == 303
        assert facts_now(rex.id)["name"] == "Roy"

    def test_a_restart_between_review_and_save_loses_nothing(self, serve, registers):
        server = serve()
        with registers.beside(server.settings) as app:
            edith = app.test_client(name="edith")
            add_in(edith, name="Bo", type="cat")
            page = edith.get("/draft").page
            server.kill()
            server.start()
            cookie = {"Cookie": "=".join(registers.cookie("edith"))}
            seen = urllib.request.Request(server.url + "/draft", headers=cookie)
            with urllib.request.urlopen(seen) as answer:
                assert b"Bo" in answer.read()
            assert save_all(edith, page).status_code == 303

    def test_a_line_that_breaks_a_rule_keeps_the_draft_from_being_saved(self, edith, session):
        nobody = {"name": "", "type": "cat", "born": None, "notes": ""}
        Draft.begin(2, "Edith").stage([Wanted(None, 0, "", None, nobody)])
        session.commit()
        answer = save_all(edith)
        assert answer.status_code == 422
        assert "Enter the pet’s name." in answer.page.text
        assert "have errors" in answer.page.text

    @pytest.mark.parametrize(
        "sent", [{}, {"draft": "x"}, {"draft": "9" * 17}, {"draft": "1", "revision": "0"}]
    )
    def test_a_save_that_names_no_draft_of_mine_is_refused(self, edith, rex, sent):
        put_in(edith, rex, name="Roy")
        assert edith.post("/draft/save", **sent).status_code == 409


@pytest.mark.on_both
class TestOthers:
    def test_a_pet_that_another_removed_is_asked_about(self, edith, ada, rex, session, facts_now):
        put_in(edith, rex, name="Roy")
        ada.post(f"/pets/{rex.id}/delete", version="1")
        page = edith.get("/draft").page
        assert sections(page) == {"Needs attention": ["Roy"]}
        assert "Ada removed it" in page.text
        answer = save_all(edith, page)
        assert answer.status_code == 409
        choose(edith, answer.page, pet="set")
        assert session.query(DraftLine).one().version == 2
        assert save_all(edith).status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": "Roy"}

    def test_a_pet_that_another_removed_may_stay_gone(self, edith, ada, rex, facts_now):
        put_in(edith, rex, name="Roy")
        ada.post(f"/pets/{rex.id}/delete", version="1")
        choose(edith, edith.get("/draft").page, pet="keep")
        assert "Your draft is empty" in edith.get("/draft").page.text
        assert facts_now(rex.id) is None

    @pytest.mark.parametrize(("choice", "name"), [("keep", "Ray"), ("set", "Roy")])
    def test_theirs_beside_mine(self, edith, ada, rex, facts_now, choice, name):
        put_in(edith, rex, name="Roy", notes="shy")
        ada.fill(f"/pets/{rex.id}/edit", name="Ray")
        page = edith.get("/draft").page
        assert page.one("fieldset.choice").text == "Name Theirs Ray Yours Roy"
        choose(edith, page, name=choice)
        assert save_all(edith).status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": name, "notes": "shy"}

    def test_what_needs_a_choice_is_counted_as_facts(self, edith, ada, rex):
        put_in(edith, rex, name="Roy", notes="shy")
        ada.fill(f"/pets/{rex.id}/edit", name="Ray", notes="bold")
        answer = save_all(edith)
        assert (
            "2 facts need your choice: someone changed them in the meantime" in answer.page.one("#note").text
        )

    def test_a_choice_about_what_has_changed_again_is_asked_anew(self, edith, ada, rex):
        put_in(edith, rex, name="Roy")
        ada.fill(f"/pets/{rex.id}/edit", name="Ray")
        page = edith.get("/draft").page
        ada.fill(f"/pets/{rex.id}/edit", name="Rob")
        assert choose(edith, page, name="set").status_code == 409

    def test_what_was_decided_goes_on_from_the_pet_as_it_was_then(self, edith, ada, rex, session, facts_now):
        put_in(edith, rex, name="Roy", notes="shy")
        ada.fill(f"/pets/{rex.id}/edit", name="Ray")
        page = edith.get("/draft").page
        choose(edith, page, name="set")
        assert session.query(DraftLine).one().version == 2
        assert edith.get("/draft").page.one("ul.diff").text == "name Ray → Roy notes none → shy"
        ada.fill(f"/pets/{rex.id}/edit", name="Rob")
        page = edith.get("/draft").page
        assert page.one("fieldset.choice").text == "Name Theirs Rob Yours Roy"
        choose(edith, page, name="keep")
        assert edith.get("/draft").page.one("ul.diff").text == "notes none → shy"
        assert save_all(edith).status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": "Rob", "notes": "shy"}

    def test_what_another_changed_elsewhere_is_kept(self, edith, ada, rex, facts_now):
        put_in(edith, rex, name="Roy")
        ada.fill(f"/pets/{rex.id}/edit", notes="shy")
        assert sections(edith.get("/draft").page) == {"Changed": ["Roy"]}
        assert save_all(edith).status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": "Roy", "notes": "shy"}

    def test_a_line_that_was_edited_is_still_asked_about(self, edith, ada, rex, facts_now):
        put_in(edith, rex, name="Roy")
        ada.fill(f"/pets/{rex.id}/edit", name="Ray")
        edith.fill(edith.get("/draft").page.links["Edit"], notes="shy")
        choose(edith, edith.get("/draft").page, name="set")
        assert save_all(edith).location == "/pets/?sort=-changed"
        assert facts_now(rex.id) == {**rex.facts, "name": "Roy", "notes": "shy"}

    def test_a_line_whose_pet_is_gone_can_be_edited_and_brings_it_back(self, edith, ada, rex, facts_now):
        put_in(edith, rex, name="Roy")
        ada.post(f"/pets/{rex.id}/delete", version="1")
        page = edith.get(edith.get("/draft").page.links["Edit"]).page
        assert page.form().fields["type"] == "dog"
        page.submit(edith, type="cat")
        choose(edith, edith.get("/draft").page, pet="set")
        assert save_all(edith).location == "/pets/?sort=-changed"
        assert facts_now(rex.id) == {**rex.facts, "name": "Roy", "type": "cat"}

    def test_a_faulty_line_is_put_right_and_then_asked_about(self, edith, ada, session, rex, facts_now):
        faulty = Wanted(rex.id, 1, "Rex", {"name": "Rex"}, {"name": "Roy"}, {"born": "This is no date."})
        Draft.begin(2, "Edith").stage([faulty])
        session.commit()
        ada.fill(f"/pets/{rex.id}/edit", name="Ray")
        edith.fill(edith.get("/draft").page.links["Edit"])
        choose(edith, edith.get("/draft").page, name="keep")
        assert "Your draft is empty" in edith.get("/draft").page.text

    def test_what_another_changed_while_a_line_was_edited_is_kept(self, edith, ada, rex, facts_now):
        put_in(edith, rex, name="Roy")
        opened = edith.get(edith.get("/draft").page.links["Edit"]).page
        ada.fill(f"/pets/{rex.id}/edit", notes="shy")
        opened.submit(edith, type="cat")
        save_all(edith)
        assert facts_now(rex.id) == {**rex.facts, "name": "Roy", "type": "cat", "notes": "shy"}

    def test_what_is_already_so_is_said_and_not_counted(self, edith, ada, add_pet):
        rex, max_ = add_pet("Rex"), add_pet("Max")
        put_in(edith, rex, name="Roy")
        put_in(edith, max_, name="Moe")
        old = edith.get("/draft").page
        ada.fill(f"/pets/{rex.id}/edit", name="Roy")
        page = edith.get("/draft").page
        assert sections(page) == {"Needs attention": ["Roy"], "Changed": ["Moe"]}
        assert "Already so" in page.text
        assert "1 change waiting" in page.text
        assert page.one('nav[aria-label="Main"] .count').text == "1 change"
        assert save_all(edith, old).status_code == 409
        saved = edith.get(edith.change_told(save_all(edith))).page
        assert [one.text for one in saved.select("ol.history bdi")] == ["Moe"]

    def test_of_a_line_that_is_half_so_only_the_rest_is_shown(self, edith, ada, rex):
        put_in(edith, rex, name="Roy", notes="shy")
        ada.fill(f"/pets/{rex.id}/edit", name="Roy")
        assert edith.get("/draft").page.one("ul.diff").text == "notes none → shy"

    @pytest.mark.postgresql_only
    @pytest.mark.parametrize(("theirs", "done"), [("Ray", "choose"), ("Roy", "look")])
    def test_what_another_commits_while_a_line_is_put_in(self, app, edith, rex, theirs, done):
        with app.app_context():
            db.session.get(Pet, rex.id).name = theirs
            db.session.flush()
            with app.app_context():
                Draft.begin(2, "Edith").stage([Wanted(rex.id, 1, "Rex", {"name": "Rex"}, {"name": "Roy"})])
                db.session.commit()
            db.session.commit()
        answer = save_all(edith)
        assert answer.status_code == 409
        if done == "choose":
            choose(edith, answer.page, name="set")
        else:
            assert "Already so" in answer.page.text
        assert save_all(edith).status_code == 303
        assert "Your draft is empty" in edith.get("/draft").page.text

    def test_nobody_else_reaches_it_not_even_an_admin(self, edith, ada, rex, session):
        put_in(edith, rex, name="Roy")
        page = edith.get("/draft").page
        draft = page.form("/draft/save").fields
        line = page.links["Edit"]
        assert "Your draft is empty" in ada.get("/draft").page.text
        assert ada.get(line).status_code == 404
        assert ada.post(f"{line}/drop").status_code == 404
        assert ada.post(f"{line}/choose").status_code == 404
        assert ada.post("/draft/save", draft=draft["draft"], revision=draft["revision"]).status_code == 409
        assert ada.get(f"/history/{draft['draft']}").status_code == 404
        assert ada.post(f"/history/{draft['draft']}/undo").status_code == 404
        assert ada.post("/draft/discard").status_code == 303
        assert sections(edith.get("/draft").page) == {"Changed": ["Roy"]}

    def test_who_may_only_look_has_none(self, vera, stranger):
        for address in ("/draft", "/draft/1", "/pets/litter", "/pets/bulk"):
            assert vera.get(address).status_code == 403
        for address in ("/draft/save", "/draft/discard", "/draft/1/drop", "/history/1/draft", "/types"):
            assert vera.post(address).status_code == 403
        assert stranger.get("/draft").location.startswith("/login")


@pytest.mark.on_both
class TestDiscarding:
    def test_it_can_be_undone_for_a_day(self, clock, edith, rex):
        put_in(edith, rex, name="Roy")
        edith.get("/draft").page.form("/draft/discard").submit(edith)
        clock.forward(hours=23)
        edith.sign_in()
        assert edith.post("/draft/2/restore").location == "/draft"
        assert sections(edith.get("/draft").page) == {"Changed": ["Roy"]}
        edith.get("/draft").page.form("/draft/discard").submit(edith)
        clock.forward(hours=25)
        edith.sign_in()
        edith.post("/draft/2/restore")
        assert "cannot be brought back" in edith.get("/draft").page.text

    def test_one_that_was_saved_in_another_tab_is_told_so(self, edith, rex):
        put_in(edith, rex, name="Roy")
        page = edith.get("/draft").page
        save_all(edith)
        answer = page.form("/draft/discard").submit(edith)
        assert "it was saved or discarded on another page" in edith.get(answer.location).page.text

    def test_the_page_after_it_offers_the_way_back(self, edith, rex):
        put_in(edith, rex, name="Roy")
        edith.get("/draft").page.form("/draft/discard").submit(edith)
        flash = edith.get("/pets/").page.one(".flash form")
        edith.post(flash["action"])
        assert sections(edith.get("/draft").page) == {"Changed": ["Roy"]}

    def test_the_page_of_the_empty_draft_offers_the_way_back_for_a_day(self, clock, edith, ada, rex):
        put_in(edith, rex, name="Roy")
        edith.get("/draft").page.form("/draft/discard").submit(edith)
        edith.get("/pets/")  # and its flash is gone
        clock.forward(hours=23)
        edith.sign_in()
        page = edith.get("/draft").page
        assert "You discarded a draft of 1 change" in page.text
        assert "You discarded" not in ada.get("/draft").page.text
        page.submit(edith, "Bring it back", action="/draft/2/restore")
        page = edith.get("/draft").page
        assert sections(page) == {"Changed": ["Roy"]}
        page.form("/draft/discard").submit(edith)
        clock.forward(hours=25)
        edith.sign_in()
        assert "You discarded" not in edith.get("/draft").page.text

    def test_a_draft_that_became_empty_makes_way(self, edith, rex):
        put_in(edith, rex, name="Roy")
        edith.get("/draft").page.form("/draft/discard").submit(edith)
        add_in(edith, name="Bo", type="cat")
        edith.post(edith.get("/draft").page.one(".lines__do form")["action"])
        edith.get("/draft").page.submit(edith, "Bring it back", action="/draft/2/restore")
        assert sections(edith.get("/draft").page) == {"Changed": ["Roy"]}

    def test_another_draft_begun_since_is_not_lost_for_it(self, edith, rex):
        put_in(edith, rex, name="Roy")
        edith.get("/draft").page.form("/draft/discard").submit(edith)
        add_in(edith, name="Bo", type="cat")
        edith.post("/draft/2/restore")
        assert sections(edith.get("/draft").page) == {"New": ["Bo"]}

    def test_nobody_else_brings_it_back(self, edith, ada, rex):
        put_in(edith, rex, name="Roy")
        edith.get("/draft").page.form("/draft/discard").submit(edith)
        ada.post("/draft/2/restore")
        assert "Your draft is empty" in ada.get("/draft").page.text
        assert "Your draft is empty" in edith.get("/draft").page.text


@pytest.mark.on_both
class TestUndoInTheDraft:
    def test_it_is_looked_at_first_and_then_undoes(self, edith, add_pet, facts_now):
        pets = [add_pet(name) for name in ("Rex", "Max", "Bo", "Moe")]
        for pet in pets:
            put_in(edith, pet, type="cat")
        done = edith.change_told(save_all(edith))
        edith.get(done).page.submit(edith, "Undo in the draft", action=f"{done}/draft")
        assert all(facts_now(pet.id)["type"] == "cat" for pet in pets)
        assert sections(edith.get("/draft").page) == {"Changed": ["Moe", "Bo", "Max", "Rex"]}
        answer = save_all(edith)
        assert all(facts_now(pet.id) == pet.facts for pet in pets)
        page = edith.get(answer.location).page
        assert page.one(".flash p").text == "Undone: 4 changes See the change"
        assert page.one(".flash button").text == "Redo"
        assert "Edith undid 4 changes" in edith.get(page.links["See the change"]).page.text
        assert "Undone by Edith" in edith.get(done).page.text

    def test_what_another_changed_since_is_asked_about(self, edith, ada, rex):
        put_in(edith, rex, name="Roy")
        done = edith.change_told(save_all(edith))
        ada.fill(f"/pets/{rex.id}/edit", name="Ray")
        edith.post(f"{done}/draft")
        page = edith.get("/draft").page
        assert sections(page) == {"Needs attention": ["Rex"]}
        assert page.one("fieldset.choice").text == "Name Theirs Ray Yours Rex"

    def test_undoing_what_is_undone_puts_nothing_in(self, edith, rex):
        put_in(edith, rex, name="Roy")
        done = edith.change_told(save_all(edith))
        edith.post(f"{done}/undo")
        edith.post(f"{done}/draft")
        assert "Already undone: Roy is called Rex again" in edith.get(done).page.text
        assert "Your draft is empty" in edith.get("/draft").page.text

    def test_a_draft_of_mine_is_no_history(self, edith, rex, session):
        put_in(edith, rex, name="Roy")
        number = Draft.of(2).id
        session.rollback()
        assert edith.post(f"/history/{number}/draft").status_code == 404
        assert session.get(Pet, rex.id).version == 1
        session.rollback()
