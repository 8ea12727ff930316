"""The register's pages: finding, adding, editing and removing pets, alone and while others do the same."""

import re
from datetime import date

import pytest

from pets.changes.draft_line import DraftLine
from pets.fields import BUILT_IN
from pets.models.pet import SAMPLES, Pet
from tests.pages import Form
from tests.people import PASSWORD


def names(page):
    return [link.text for link in page.select("tbody th.pet a bdi")]


def flash(page):
    return page.one(".flash p").text


def undo(page, person):
    """Press the button beside the flash."""
    form = page.one(".flash form")
    assert form.one("button").text == "Undo"
    return Form(form).submit(person)


def problems(page):
    """{field: sentence} as they stand at the fields."""
    return {
        node["id"].removesuffix("-problem"): node.text for node in page.select("form .field .field__problem")
    }


class TestTheList:
    def test_an_empty_register_offers_two_ways_to_begin(self, edith, facts_now):
        page = edith.get("/pets/").page
        assert "No pets yet" in page.text
        assert page.one("section.empty a.button")["href"] == "/pets/new"
        answer = page.submit(edith, "Load the sample pets", action="/pets/samples")
        assert (answer.status_code, answer.location) == (303, "/pets/")
        page = edith.get("/pets/").page
        assert flash(page) == "The four sample pets were added."
        assert names(page) == sorted(name for name, *_ in SAMPLES)
        assert page.one("p.head__sub").text == "4 pets"

    def test_an_empty_register_says_to_others_who_begins(self, vera):
        assert "once an editor adds them" in vera.get("/pets/").page.text

    @pytest.mark.parametrize(
        ("address", "label"), [("/pets/", "Pets"), ("/history", "History"), ("/draft", "Draft 1 change")]
    )
    def test_the_header_says_where_one_is_behind_a_prefix_too(self, edith, rex, address, label):
        edith.get(f"/pets/{rex.id}/edit").page.submit(edith, "Add to draft", name="Max")
        for prefix in ("", "/zoo"):
            page = edith.get(address, environ_overrides={"SCRIPT_NAME": prefix}).page
            current = page.one('nav[aria-label="Main"] [aria-current="page"]')
            assert (current.text, current["href"].rstrip("/")) == (label, prefix + address.rstrip("/"))

    def test_who_may_only_look_is_offered_nothing_else(self, vera, rex):
        page = vera.get("/pets/").page
        assert names(page) == ["Rex"]
        assert not page.select('form[method="post"] button.button')
        assert "Add a pet" not in page.text

    def test_samples_come_only_to_an_empty_register(self, edith, rex, session):
        assert edith.post("/pets/samples").status_code == 303
        assert session.query(Pet).count() == 1

    def test_a_row_says_name_type_age_and_last_change(self, app, vera, clock, add_pet):
        app.config["PETS_TIMEZONE"] = "Europe/Prague"
        add_pet("Rex", "dog", age=2)
        add_pet("*Max", "cat")
        clock.forward(minutes=3)
        first, second = vera.get("/pets/?sort=-name").page.select("tbody tr")
        more = ["" for field in BUILT_IN if field.column][3:]  # beside name, type and age
        assert [cell.text for cell in first.select("td")] == ["dog", "about 2 years", *more, "today 14:00"]
        assert [cell.text for cell in second.select("td")][:2] == ["cat", ""]
        assert first.one("time")["datetime"] == "2024-06-15T12:00Z"
        assert [row.one("th.pet")["data-initial"] for row in (first, second)] == ["R", "M"]

    @pytest.mark.on_both
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["Élodie", "Rex", "Žofka"]),
            ("q=elodie", ["Élodie"]),
            ("q=ZOF", ["Žofka"]),
            ("q=quiet", ["Rex"]),
            ("type=DOG", ["Rex", "Žofka"]),
            ("type=dog&q=zof", ["Žofka"]),
            ("min_age=2", ["Élodie", "Rex"]),
            ("max_age=1", ["Žofka"]),
            ("min_age=2&max_age=2", ["Rex"]),
            ("min_age=7&max_age=7", []),
            ("sort=age", ["Žofka", "Rex", "Élodie"]),
            ("sort=-age", ["Élodie", "Rex", "Žofka"]),
            ("sort=type", ["Élodie", "Rex", "Žofka"]),
            ("sort=-type", ["Žofka", "Rex", "Élodie"]),
            ("sort=added", ["Rex", "Élodie", "Žofka"]),
            ("sort=-added", ["Žofka", "Élodie", "Rex"]),
            ("sort=-name", ["Žofka", "Rex", "Élodie"]),
        ],
    )
    def test_it_is_searched_filtered_and_sorted_by_its_address(self, vera, add_pet, clock, query, found):
        for name, kind, age, notes in (
            ("Rex", "dog", 2, "very quiet"),
            ("Élodie", "cat", 9, ""),
            ("Žofka", "dog", 1, ""),
        ):
            add_pet(name, kind, age=age, notes=notes)
            clock.forward(seconds=1)
        page = vera.get("/pets/?" + query).page
        assert names(page) == found
        count = f"{len(found)} " + ("pet" if len(found) == 1 else "pets")
        count += " matches" if len(found) == 1 and "=" in query and "sort" not in query else ""
        assert page.one("p.head__sub").text.startswith(count)

    def test_what_was_looked_for_stands_in_the_form_and_can_be_cleared(self, vera, rex):
        page = vera.get("/pets/?q=nobody&type=dog&min_age=1&max_age=9&sort=-age").page
        assert page.form("/pets/").fields == {
            "q": "nobody",
            "type": "dog",
            "min_age": "1",
            "max_age": "9",
            "sort": "-age",
        }
        assert "Nothing matches" in page.text
        assert "No pet was found for “nobody”. Filters: of type dog, from age 1, up to age 9" in page.text
        assert page.links["Show all pets"] == "/pets/"
        assert page.links["Clear"] == "/pets/"

    @pytest.mark.parametrize("age", ["x", "-1", "201", "1.5", "٣", "9" * 50, "1e3", "+1"])
    def test_an_age_that_is_none_is_said_at_its_field(self, vera, rex, age):
        answer = vera.get("/pets/", query_string={"min_age": age})
        assert answer.status_code == 422
        assert problems(answer.page) == {"min_age": "Enter the age as a whole number from 0 to 200."}
        assert answer.page.form("/pets/").fields["min_age"] == age
        assert names(answer.page) == ["Rex"]

    @pytest.mark.parametrize(
        "query",
        [
            "sort=colour",
            "sort=--name",
            "after=x",
            "after=bnVsbA",  # null
            "after=W10",  # []
            "after=WzEsMl0",  # [1,2]
            "after=WyJhIix0cnVlXQ",  # ["a",true]
            "after=WyJhXHUwMDAwIiwxXQ",  # ["a\0",1]
            "after=WyJcdWQ4MDAiLDFd",  # a lone surrogate
            "after=WyJhIiwxZTk5OV0",  # infinity
            "after=WyJhIiw5OTk5OTk5OTk5OTk5OTk5OTk5OTld",  # a number too large
            "before=Ž",
            "sort=changed&after=WyJ5ZXN0ZXJkYXkiLDFd",
            "sort=changed&after=WyIyMDI0LTAxLTAxVDAwOjAwOjAwIiwxXQ",  # no zone
            "sort=changed&after=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxXQ",  # before the calendar
            "sort=age&after=WyIyMDI0LTAyLTMwIiwxXQ",
        ],
    )
    def test_an_address_that_no_list_of_ours_leads_to_is_said_in_words(self, vera, rex, query):
        answer = vera.get("/pets/?" + query)
        assert answer.status_code == 400
        assert re.search("Choose one of its headings|Start again from the first page", answer.page.text)

    def test_headings_sort_and_say_so(self, vera, rex):
        page = vera.get("/pets/?q=rex").page
        assert page.one("th[aria-sort]").text == "Name"
        assert page.links["Age"] == "/pets/?q=rex&sort=age"
        assert page.links["Name"] == "/pets/?q=rex&sort=-name"
        assert vera.get("/pets/?sort=-age").page.one("th[aria-sort]")["aria-sort"] == "descending"

    @pytest.mark.on_both
    def test_pages_are_walked_by_next_and_previous(self, vera, app, session):
        session.add_all(Pet(name=f"Pet {number:02}", type="ant") for number in range(60))
        session.commit()
        page, seen, told = vera.get("/pets/?type=ant").page, [], []
        while True:
            seen.append(names(page))
            told.append(page.one("p.head__sub").text)
            assert page.one("nav.paging span.quiet").text == told[-1]
            if not (more := page.select('a[rel="next"]')):
                break
            page = vera.get(more[0]["href"]).page
        assert [len(rows) for rows in seen] == [25, 25, 10]
        assert told == [f"{shown} of 60 pets that match" for shown in ("1–25", "26–50", "51–60")]
        assert [name for rows in seen for name in rows] == [f"Pet {number:02}" for number in range(60)]
        for rows in reversed(seen[:-1]):
            page = vera.get(page.one('a[rel="prev"]')["href"]).page
            assert names(page) == rows
            assert page.one("p.head__sub").text == told[seen.index(rows)]
        assert not page.select('a[rel="prev"]')

    @pytest.mark.on_both
    @pytest.mark.parametrize("start", ["0", "-1", "9", "x", "٣", "9" * 30])
    def test_a_place_that_the_address_cannot_be_right_about_is_not_told(self, vera, session, start):
        session.add_all(Pet(name=f"Pet {number:02}", type="ant") for number in range(60))
        session.commit()
        following = vera.get("/pets/").page.one('a[rel="next"]')["href"]
        page = vera.get(following.replace("start=26", f"start={start}")).page
        told = "9–33 of 60 pets" if start == "9" else "60 pets"  # which it may well be right about
        assert page.one("p.head__sub").text == told

    def test_a_page_whose_pets_have_gone_says_so(self, edith, session):
        session.add_all(Pet(name=f"Pet {number:02}", type="ant") for number in range(26))
        session.commit()
        later = edith.get("/pets/").page.one('a[rel="next"]')["href"]
        edith.post("/pets/26/delete", version="1")
        page = edith.get(later).page
        assert "This page is empty now" in page.text
        assert page.links["Back to the first page"] == "/pets/"

    def test_a_long_register_is_listed_with_few_statements(self, vera, session, statements):
        session.add_all(Pet(name=f"Pet {number}", type="ant") for number in range(100))
        session.commit()
        statements.clear()
        vera.get("/pets/?q=pet")
        assert len([one for one in statements if one.startswith("SELECT")]) <= 6


class TestOnePet:
    def test_it_is_shown_with_its_facts_and_its_story(self, vera, clock, add_pet):
        rex = add_pet("Rex", "dog", born_on=date(2022, 5, 1), notes="Likes\n<b>rain</b>")
        page = vera.get(f"/pets/{rex.id}").page
        assert (page.title, page.heading) == ("Rex – Pets", "Rex")
        assert "2 years, born 1 May 2022" in page.text
        assert "<b>rain</b>" in page.one("dd.notes").text
        assert "Someone added Rex" in page.one("ol.history").text
        assert not page.select('main form[method="post"]')

    @pytest.mark.on_both
    def test_it_leads_to_the_pets_beside_it_in_the_list_and_back(self, edith, session):
        session.add_all(Pet(name=f"Rex {number:02}", type="dog", age=number % 9) for number in range(30))
        session.commit()
        listed = edith.get("/pets/?type=dog&sort=-name").page
        listed = edith.get(listed.one('a[rel="next"]')["href"]).page
        assert names(listed) == ["Rex 04", "Rex 03", "Rex 02", "Rex 01", "Rex 00"]
        page = edith.get(listed.select("tbody th a")[1]["href"]).page
        assert page.one(".results").text == "Back to the results Previous: Rex 04 Next: Rex 02"
        assert names(edith.get(page.links["Back to the results"]).page) == names(listed)
        page = edith.get(page.links["Next: Rex 02"]).page
        page = edith.get(page.links["Edit"]).page
        page = edith.get(page.submit(edith, "Save", type="cat").location).page  # it matches no longer
        assert page.one(".results").text == "Back to the results Previous: Rex 03 Next: Rex 01"
        answer = page.submit(edith, "Remove", action="/pets/3/delete")
        assert names(edith.get(answer.location).page) == ["Rex 04", "Rex 03", "Rex 01", "Rex 00"]
        gone = edith.get(page.url)
        assert (gone.status_code, gone.page.one(".results").text) == (410, "Back to the results")

    @pytest.mark.parametrize("query", ["", "?sort=colour", "?after=x", "?own.99=x", "?min_age=x", "?q=%00"])
    def test_it_is_shown_whatever_its_address_says_of_a_list(self, vera, rex, query):
        page = vera.get(f"/pets/{rex.id}{query}").page
        assert page.one(".results a").text in ("All pets", "Back to the results")

    def test_an_estimate_is_called_one(self, vera, clock, rex):
        text = vera.get(f"/pets/{rex.id}").page.text
        assert "about 2 years, born about 15 June 2022" in text

    @pytest.mark.on_both
    @pytest.mark.parametrize(
        "number",
        [str(2**63), str(2**64), "-1", "abc", "0", "7", "1.0", "1e1", "٣", "9" * 5000, "%00", "1%00"],
    )
    def test_what_never_was_on_the_register_is_not_found(self, edith, rex, number):
        for path in (f"/pets/{number}", f"/pets/{number}/edit", f"/history/{number}"):
            answer = edith.get(path)
            assert (answer.status_code, answer.page.heading) == (404, "Page not found")
        assert edith.post(f"/pets/{number}/delete", version="1").status_code == 404


RIGHT = {"name": "Rex", "type": "dog"}


class TestAdding:
    @pytest.mark.on_both
    def test_a_pet_is_added_and_told_with_a_way_back(self, edith, facts_now, clock):
        answer = edith.fill("/pets/new", button="Save", name=" Rex ", type="dog", age="2", notes="a\r\nb")
        assert (answer.status_code, answer.location) == (303, "/pets/1")
        assert facts_now(1) == {"name": "Rex", "type": "dog", "born": "2022-06-15~", "notes": "a\nb"}
        page = edith.get("/pets/1").page
        assert flash(page) == "“Rex” was added."
        assert undo(page, edith).status_code == 303
        assert facts_now(1) is None

    @pytest.mark.parametrize("name", ["vera", "stranger"])
    def test_who_may_not_edit_adds_nothing(self, request, name, session):
        person = request.getfixturevalue(name)
        assert person.get("/pets/new").status_code == {"vera": 403, "stranger": 303}[name]
        assert (
            person.post("/pets/new", RIGHT, csrf_token="x").status_code
            == {"vera": 403, "stranger": 303}[name]
        )
        assert session.query(Pet).count() == 0

    @pytest.mark.parametrize(
        ("typed", "born"),
        [
            ({}, None),
            ({"born_on": "2022-05-01"}, "2022-05-01"),
            ({"age": "0"}, "2023-12-15~"),
            ({"age": "7", "age_unit": "weeks"}, "2024-04-27~"),
            ({"age": "5", "age_unit": "months"}, "2024-01-15~"),
            ({"age": "200"}, "1824-06-15~"),
            ({"age": " 2 "}, "2022-06-15~"),
            ({"born_on": "2022-05-01", "age": "2"}, "2022-05-01"),
            ({"born_on": "2024-05-01", "age": "6", "age_unit": "weeks"}, "2024-05-01"),
        ],
    )
    def test_birth_date_or_age(self, edith, clock, facts_now, typed, born):
        assert edith.post("/pets/new", {**RIGHT, "age_unit": "years", **typed}).status_code == 303
        assert facts_now(1)["born"] == born

    @pytest.mark.parametrize(
        ("typed", "field", "sentence"),
        [
            ({"name": ""}, "name", "Enter the pet’s name."),
            ({"name": None}, "name", "Enter the pet’s name."),
            ({"name": " \t "}, "name", "Enter the pet’s name."),
            ({"name": "x" * 101}, "name", "Shorten it to 100 or fewer."),
            ({"name": "a\0b"}, "name", "cannot be kept"),
            ({"name": "a\x1b[2J"}, "name", "cannot be kept"),
            ({"name": "\u2800"}, "name", "nothing to see"),
            ({"type": ""}, "type", "Enter what kind of animal it is"),
            ({"type": "x" * 61}, "type", "Shorten it to 60 or fewer."),
            ({"type": "a\0b"}, "type", "cannot be kept"),
            ({"notes": "x" * 4001}, "notes", "Shorten it to 4,000 or fewer."),
            ({"notes": "a\0b"}, "notes", "cannot be kept"),
            ({"born_on": "2024-06-16"}, "born_on", "can’t be in the future"),
            ({"born_on": "1800-01-01"}, "born_on", "over 200 years old"),
            ({"born_on": "2024-02-30"}, "born_on", "such as 2024-05-31"),
            ({"born_on": "1.5.2022"}, "born_on", "such as 2024-05-31"),
            ({"born_on": "2022-05-01~"}, "born_on", "such as 2024-05-31"),
            ({"born_on": "\0"}, "born_on", "such as 2024-05-31"),
            ({"born_on": "２０２２-05-01"}, "born_on", "such as 2024-05-31"),
            ({"age": "-1"}, "age", "whole number"),
            ({"age": "+1"}, "age", "whole number"),
            ({"age": "1.5"}, "age", "whole number"),
            ({"age": "1,5"}, "age", "whole number"),
            ({"age": "NaN"}, "age", "whole number"),
            ({"age": "٣"}, "age", "whole number"),
            ({"age": "1_0"}, "age", "whole number"),
            ({"age": "9" * 5000}, "age", "whole number"),
            ({"age": "1\0"}, "age", "whole number"),
            ({"age": "201"}, "age", "over 200 years old"),
            ({"age": "99999"}, "age", "over 200 years old"),
            ({"age": "99999", "age_unit": "weeks"}, "age", "over 200 years old"),
            ({"age": "2", "age_unit": "centuries"}, "age_unit", "Choose years, months or weeks."),
            ({"born_on": "2022-05-01", "age": "3"}, "age", "do not agree"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_all_that_was_typed_is_kept(
        self, edith, clock, session, typed, field, sentence
    ):
        given = {"age": "", "age_unit": "years", "born_on": "", "notes": "kept"} | RIGHT | typed
        answer = edith.post("/pets/new", given)
        assert answer.status_code == 422
        page = answer.page
        assert page.title.startswith("Error: ")
        node = page.one(f"#{field}")
        assert node["aria-invalid"] == "true"
        described = " ".join(page.one(f"#{name}").text for name in node["aria-describedby"].split())
        assert sentence in described
        assert sentence in page.one(f'.summary a[href="#{field}"]').text
        kept = page.form().fields
        for name, value in given.items():
            if value is not None and name != "age_unit":
                assert kept[name] == re.sub("[\0\x1b]", "�", value)
        assert session.query(Pet).count() == 0

    def test_several_mistakes_are_told_at_once(self, edith):
        page = edith.post("/pets/new", name="", type="", age="x").page
        assert len(page.select(".summary li")) == 3
        assert page.one(".summary h2").text == "There are 3 problems"

    def test_markup_is_text(self, edith):
        edith.post(
            "/pets/new", name="<script>alert(1)</script>", type='"><img src=x>', notes="</textarea><b>"
        )
        page = edith.get("/pets/1").page
        assert page.heading == "<script>alert(1)</script>"
        assert edith.get("/pets/1/edit").page.form().fields["notes"] == "</textarea><b>"

    def test_the_types_in_use_are_suggested(self, edith, add_pet):
        for kind in ("cat", "dog", "dog"):
            add_pet("X", kind)
        page = edith.get("/pets/new").page
        assert [option["value"] for option in page.select("#type-list option")] == ["dog", "cat"]

    @pytest.mark.on_both
    def test_the_spelling_of_the_type_is_taken_over(self, edith, rex, facts_now):
        edith.post("/pets/new", name="Max", type="DOG")
        assert facts_now(rex.id + 1)["type"] == "dog"

    def test_save_and_add_another_keeps_the_type(self, edith):
        answer = edith.fill("/pets/new", button="Save and add another", **RIGHT)
        page = edith.get(answer.location).page
        assert page.heading == "Add a pet"
        assert page.form().fields["type"] == "dog"
        assert page.form().fields["name"] == ""
        assert flash(page) == "“Rex” was added."

    @pytest.mark.on_both
    def test_a_likely_duplicate_is_said_before_saving(self, edith, rex, session):
        answer = edith.fill("/pets/new", name="REX", type="DOG", age="3", notes="mine")
        assert answer.status_code == 422
        panel = answer.page.one("section.panel")
        assert "This looks like a pet you already have" in panel.text
        assert panel.one("a[href]")["href"] == f"/pets/{rex.id}"
        assert "Rex, dog, about 2 years" in panel.text
        assert answer.page.form().fields["notes"] == "mine"
        assert answer.page.title.startswith("Error: ")
        answer = answer.page.submit(edith, "Add anyway")
        assert (answer.status_code, answer.location) == (303, f"/pets/{rex.id + 1}")
        assert session.query(Pet).count() == 2

    @pytest.mark.parametrize("token", [None, "", "short", "\0" * 20, "x" * 10_000, "Ž" * 20])
    def test_a_one_time_token_that_is_none_does_no_harm(self, edith, session, token):
        for number in (1, 2):
            answer = edith.post("/pets/new", name=f"Pet {number}", type="dog", form_token=token)
            assert answer.location == f"/pets/{number}"

    def test_a_form_with_a_token_that_expired_comes_back_filled(self, edith, session):
        answer = edith.post("/pets/new", {**RIGHT, "notes": "long"}, csrf_token="stale")
        assert answer.status_code in (400, 422)
        assert "Everything you typed is still here" in answer.page.text
        assert session.query(Pet).count() == 0
        assert answer.page.submit(edith, "Save").status_code == 303
        assert session.query(Pet).one().notes == "long"


class TestEditing:
    @pytest.mark.on_both
    def test_what_differs_is_saved(self, edith, rex, facts_now, session):
        page = edith.get(f"/pets/{rex.id}/edit").page
        assert (
            page.form().fields.items() >= {"name": "Rex", "type": "dog", "age": "2", "version": "1"}.items()
        )
        answer = page.submit(edith, "Save", name="Max")
        assert (answer.status_code, answer.location) == (303, f"/pets/{rex.id}")
        assert facts_now(rex.id) == {**rex.facts, "name": "Max"}
        page = edith.get(answer.location).page
        assert flash(page) == "“Max” was changed."
        undo(page, edith)
        assert facts_now(rex.id) == rex.facts

    def test_saving_without_a_change_changes_nothing(self, app, clock, add_pet, facts_now):
        for known in ({"age": 2}, {"born_on": date(2022, 1, 9)}, {}):
            pet = add_pet("Rex", "dog", **known)
            clock.forward(days=40)  # an estimate is shown as an age, and stays the estimate it was
            edith = app.test_client(name="edith")
            answer = edith.fill(f"/pets/{pet.id}/edit", button="Save")
            assert flash(edith.get(answer.location).page) == "Nothing was changed."
            assert facts_now(pet.id) == pet.facts

    @pytest.mark.parametrize(
        ("born", "opened", "sent"),
        [
            ("2022-06-15", "2024-06-14 23:55", "2024-06-15 00:05"),  # over midnight, into the birthday
            ("2024-04-27", "2024-06-14 16:00", "2024-06-17 09:00"),  # over the weekend, signed out
        ],
    )
    def test_a_form_left_open_leaves_the_birth_date_as_it_is(
        self, edith, clock, add_pet, facts_now, born, opened, sent
    ):
        clock.set(opened)
        edith.sign_in()
        pet = add_pet("Rex", "dog", born_on=date.fromisoformat(born), born_estimated=True)
        page = edith.get(f"/pets/{pet.id}/edit").page
        clock.set(sent)
        answer = page.submit(edith, "Save", notes="typed")
        if answer.location.startswith("/login"):
            back = edith.fill(answer.location, name="edith", password=PASSWORD).location
            answer = edith.get(back).page.submit(edith, "Save", action=f"/pets/{pet.id}/edit")
        assert answer.location == f"/pets/{pet.id}"
        assert facts_now(pet.id) == {**pet.facts, "notes": "typed"}

    def test_so_does_the_form_of_a_line_of_the_draft(self, edith, clock, add_pet, session):
        clock.set("2024-06-14 23:55")
        edith.sign_in()
        pet = add_pet("Rex", "dog", born_on=date(2022, 6, 15), born_estimated=True)
        edith.fill(f"/pets/{pet.id}/edit", button="Add to draft", name="Max")
        page = edith.get("/draft/1").page
        clock.set("2024-06-15 00:05")
        assert page.submit(edith, "Update draft", notes="typed").status_code == 303
        assert session.get(DraftLine, 1).after == {"name": "Max", "notes": "typed"}

    def test_an_age_counts_from_the_day_it_was_typed_also_where_a_choice_came_between(
        self, edith, ada, clock, rex, facts_now
    ):
        clock.set("2024-06-14 23:55")
        edith.sign_in()
        ada.sign_in()
        form = edith.get(f"/pets/{rex.id}/edit").page.form()
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Bob")
        page = form.submit(edith, "Save", name="Max", age="7", age_unit="weeks").page
        clock.set("2024-06-15 00:05")
        page.submit(edith, "Keep this choice", **{f"choice-{rex.id}-name": "set"})
        assert facts_now(rex.id) == {**rex.facts, "name": "Max", "born": "2024-04-26~"}

    def test_an_age_goes_up_by_typing_it(self, edith, clock, rex, facts_now):
        edith.fill(f"/pets/{rex.id}/edit", button="Save", age="3")
        assert facts_now(rex.id)["born"] == "2021-06-15~"
        edith.fill(f"/pets/{rex.id}/edit", button="Save", age="", born_on="2021-01-02")
        assert facts_now(rex.id)["born"] == "2021-01-02"
        edith.fill(f"/pets/{rex.id}/edit", button="Save", born_on="")
        assert facts_now(rex.id)["born"] is None

    def test_mistakes_come_back_with_what_was_typed(self, edith, rex, facts_now):
        answer = edith.fill(f"/pets/{rex.id}/edit", button="Save", name="", notes="typed")
        assert answer.status_code == 422
        assert problems(answer.page) == {"name": "Enter the pet’s name."}
        assert answer.page.form().fields["notes"] == "typed"
        assert answer.page.submit(edith, "Save", name="Max").status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": "Max", "notes": "typed"}

    @pytest.mark.parametrize("version", [None, "", "0", "-1", "2", "1.0", "٣", "9" * 30, "x"])
    def test_without_the_version_it_was_filled_from_nothing_is_saved(self, edith, rex, facts_now, version):
        for path in ("edit", "delete"):
            answer = edith.post(f"/pets/{rex.id}/{path}", RIGHT, name="Max", version=version)
            assert answer.status_code == 400
        assert facts_now(rex.id) == rex.facts

    def test_who_may_not_edit_does_not(self, vera, rex, facts_now):
        assert vera.get(f"/pets/{rex.id}/edit").status_code == 403
        assert vera.post(f"/pets/{rex.id}/edit", RIGHT, name="Max", version="1").status_code == 403
        assert vera.post(f"/pets/{rex.id}/delete", version="1").status_code == 403
        assert facts_now(rex.id) == rex.facts


@pytest.mark.on_both
class TestTwoAtOnce:
    @pytest.fixture
    def form(self, edith, rex):
        """Edith's form, opened before Ada does anything."""
        return edith.get(f"/pets/{rex.id}/edit").page.form()

    def test_different_fields_merge_and_the_flash_says_what_the_other_changed(
        self, edith, ada, rex, form, facts_now
    ):
        ada.fill(f"/pets/{rex.id}/edit", button="Save", type="wolf")
        answer = form.submit(edith, "Save", name="Max")
        assert answer.status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": "Max", "type": "wolf"}
        said = flash(edith.get(answer.location).page)
        assert said.startswith("“Max” was changed. In the meantime Ada changed")
        assert "type to “wolf”" in said

    def test_the_same_to_the_same_is_no_conflict(self, edith, ada, rex, form, facts_now):
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Max")
        answer = form.submit(edith, "Save", name="Max", notes="x")
        assert answer.status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": "Max", "notes": "x"}

    def test_the_same_field_is_asked_about_with_both_values_and_who_and_when(self, edith, ada, rex, form):
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Moritz")
        answer = form.submit(edith, "Save", name="Max", notes="my notes")
        page = answer.page
        assert answer.status_code == 409
        (fieldset,) = page.select("fieldset.choice")
        theirs, mine = fieldset.select("label.option")
        assert page.heading == "Someone changed this before you"
        assert "Ada, today" in theirs.text
        assert theirs.text.endswith("Moritz")
        assert mine.text.endswith("Yours Max")
        assert page.form().fields["notes"] == "my notes"

    def test_what_one_sent_oneself_is_not_called_somebody_elses(self, edith, rex, form, facts_now):
        form.submit(edith, "Save", name="Mxa", notes="barks")
        page = form.submit(edith, "Save", name="Max", notes="barks").page  # Back, and the slip put right
        assert page.heading == "You changed this after you opened the form"
        page.submit(edith, **{f"choice-{rex.id}-name": "set"})
        assert facts_now(rex.id) == {**rex.facts, "name": "Max", "notes": "barks"}

    @pytest.mark.parametrize(("choice", "name"), [("keep", "Moritz"), ("set", "Max")])
    def test_the_choice_is_done_and_the_rest_saved(self, edith, ada, rex, form, facts_now, choice, name):
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Moritz")
        page = form.submit(edith, "Save", name="Max", notes="my notes").page
        answer = page.submit(edith, **{f"choice-{rex.id}-name": choice})
        assert answer.status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": name, "notes": "my notes"}

    def test_a_choice_is_checked_again_when_it_is_saved(self, edith, ada, rex, form, facts_now):
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Moritz")
        page = form.submit(edith, "Save", name="Max").page
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Mona")
        answer = page.submit(edith, **{f"choice-{rex.id}-name": "set"})
        assert answer.status_code == 409
        assert "It has changed again" in answer.page.text
        assert "Mona" in answer.page.text
        assert facts_now(rex.id)["name"] == "Mona"
        assert answer.page.submit(edith, **{f"choice-{rex.id}-name": "set"}).status_code == 303
        assert facts_now(rex.id)["name"] == "Max"

    def test_what_was_chosen_is_not_asked_again(self, edith, ada, rex, form, facts_now):
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Moritz", type="wolf")
        page = form.submit(edith, "Save", name="Max", type="cat").page
        page = page.submit(edith, **{f"choice-{rex.id}-name": "set"}).page
        assert len(page.select("fieldset.choice")) == 1
        answer = page.submit(edith, **{f"choice-{rex.id}-type": "keep"})
        assert answer.status_code == 303
        assert facts_now(rex.id) == {**rex.facts, "name": "Max", "type": "wolf"}

    def test_a_pet_removed_meanwhile_can_be_brought_back_with_what_was_typed(
        self, edith, ada, rex, form, facts_now
    ):
        ada.post(f"/pets/{rex.id}/delete", version="1")
        answer = form.submit(edith, "Save", name="Max", notes="mine")
        assert answer.status_code == 409
        gone, mine = answer.page.select("label.option")
        assert "Ada" in gone.text
        assert "not on the register" in gone.text
        assert "Yours, which brings it back" in mine.text
        answer = answer.page.submit(edith, **{f"choice-{rex.id}-pet": "set"})
        assert (answer.status_code, answer.location) == (303, f"/pets/{rex.id}")
        assert facts_now(rex.id) == {**rex.facts, "name": "Max", "notes": "mine"}

    def test_or_left_removed(self, edith, ada, rex, form, facts_now):
        ada.post(f"/pets/{rex.id}/delete", version="1")
        page = form.submit(edith, "Save", name="Max").page
        answer = page.submit(edith, **{f"choice-{rex.id}-pet": "keep"})
        assert edith.get(answer.location).status_code == 410
        assert facts_now(rex.id) is None

    def test_a_removed_and_returned_pet_is_asked_about_by_its_fields(self, edith, ada, rex, form, facts_now):
        ada.post(f"/pets/{rex.id}/delete", version="1")
        ada.post("/history/2/undo")
        assert form.submit(edith, "Save", name="Max").status_code == 303
        assert facts_now(rex.id)["name"] == "Max"

    def test_a_mistake_in_an_old_form_is_told_before_any_conflict(self, edith, ada, rex, form, facts_now):
        ada.fill(f"/pets/{rex.id}/edit", button="Save", name="Moritz")
        page = form.submit(edith, "Save", name="Max", type="").page
        assert problems(page).keys() == {"type"}
        assert page.form().fields["version"] == "1"
        assert page.submit(edith, "Save", type="dog").status_code == 409


@pytest.mark.on_both
class TestRemoving:
    def test_one_button_removes_and_the_flash_offers_undo(self, edith, rex, facts_now):
        answer = edith.get(f"/pets/{rex.id}").page.submit(edith, "Remove", action=f"/pets/{rex.id}/delete")
        assert (answer.status_code, answer.location) == (303, "/pets/")
        page = edith.get("/pets/").page
        assert flash(page) == "“Rex” was removed."
        assert facts_now(rex.id) is None
        assert undo(page, edith).status_code == 303
        assert facts_now(rex.id) == rex.facts

    def test_no_get_removes_anything(self, edith, rex, facts_now):
        assert edith.get(f"/pets/{rex.id}/delete").status_code == 405
        assert facts_now(rex.id) == rex.facts

    def test_who_saw_another_pet_than_it_is_now_is_asked(self, edith, ada, rex, facts_now):
        form = edith.get(f"/pets/{rex.id}").page.form(f"/pets/{rex.id}/delete")
        ada.fill(f"/pets/{rex.id}/edit", button="Save", notes="Do not remove!")
        answer = form.submit(edith, "Remove")
        assert answer.status_code == 409
        assert facts_now(rex.id) is not None
        answer = answer.page.submit(edith, **{f"choice-{rex.id}-pet": "set"})
        assert answer.location == "/pets/"
        assert facts_now(rex.id) is None

    def test_removing_twice_is_told(self, edith, ada, rex):
        form = edith.get(f"/pets/{rex.id}").page.form(f"/pets/{rex.id}/delete")
        ada.post(f"/pets/{rex.id}/delete", version="1")
        assert form.submit(edith, "Remove").status_code == 303
        assert flash(edith.get("/pets/").page).startswith("Nothing was changed. In the meantime Ada removed")

    def test_a_removed_pet_stays_readable_and_can_be_brought_back(self, edith, vera, rex, facts_now):
        edith.post(f"/pets/{rex.id}/delete", version="1")
        answer = vera.get(f"/pets/{rex.id}")
        assert answer.status_code == 410
        assert "Removed by Edith today" in answer.page.text
        assert "Edith removed Rex" in answer.page.one("ol.history").text
        assert "Bring back" not in answer.page.text
        page = edith.get(f"/pets/{rex.id}").page
        button = page.one("div.head form")
        assert button.one("button").text == "Bring back"
        answer = edith.post(button["action"], {i["name"]: i["value"] for i in button.select("input")})
        assert answer.status_code == 303
        assert facts_now(rex.id) == rex.facts

    def test_editing_a_removed_pet_leads_to_its_page(self, edith, rex):
        edith.post(f"/pets/{rex.id}/delete", version="1")
        assert edith.get(f"/pets/{rex.id}/edit").location == f"/pets/{rex.id}"
