"""A form is never lost, and never sent by anybody but the person who filled it."""

import io

import pytest

from pets.accounts.account import Account
from pets.accounts.sessions import SignIn
from pets.models.stashed_form import StashedForm
from tests.people import PASSWORD
from tests.test_access import ROWS, address, methods_of


def end_session(app, name, session):
    """As an admin or the passing of time would."""
    for one in session.query(SignIn).join(Account).filter(Account.name == name.title()):
        one.end()
    session.commit()


def send_after_the_session_ended(app, person, session, page, **typed):
    """The sign-in page that a form leads to."""
    end_session(app, person.name, session)
    answer = page.submit(person, **typed)
    assert answer.status_code == 303
    return person.get(answer.location).page


def sign_in_again(person, page, name=None):
    back = page.submit(person, name=name or person.name, password=PASSWORD)
    return person.get(back.location, follow_redirects=True)


# A session that ended while somebody typed


def test_signing_in_again_brings_the_form_back_with_everything_typed(app, edith, rex, session, facts_now):
    page = edith.get(f"/pets/{rex.id}/edit").page
    door = send_after_the_session_ended(app, edith, session, page, name="Řex “the\u202f1st”", notes="a\nb")
    assert "Your session has ended" in door.text
    assert facts_now(rex.id) == rex.facts
    again = sign_in_again(edith, door).page
    assert again.url.startswith(f"/pets/{rex.id}/edit")
    assert "Your form is back, but not saved yet." in again.text
    assert again.form().fields["name"] == "Řex “the\u202f1st”"
    assert again.submit(edith).status_code == 303
    assert facts_now(rex.id)["notes"] == "a\nb"


def test_cells_that_were_pasted_come_back_but_a_file_does_not(app, edith, session):
    page = edith.get("/import").page
    door = send_after_the_session_ended(app, edith, session, page, cells="name\nRex")
    assert "The file" not in door.text
    again = sign_in_again(edith, door).page
    assert again.form("/import").fields["cells"] == "name\nRex"
    chosen = (io.BytesIO(b"name\nRex\n"), "pets.csv")
    door = send_after_the_session_ended(app, edith, session, again, file=chosen, cells="")
    assert "The file that you chose is not kept: choose it again then." in door.text
    wrong = door.submit(edith, name="edith", password="no").page
    assert "The file that you chose is not kept" in wrong.text
    assert sign_in_again(edith, wrong).page.heading == "Import a spreadsheet"


def test_what_was_said_of_columns_comes_back(app, edith, session):
    cells = "Rufname\tArt\tFarbe\nRex\tdog\tred\n"
    page = edith.get(edith.fill("/import", cells=cells).location).page
    typed = {"columns-0": "name", "columns-1": "type", "headings": "1", "match": "name", "blank": "clear"}
    page = page.submit(edith, action=page.url, **typed).page
    door = send_after_the_session_ended(app, edith, session, page, action=page.url, rest="out")
    again = sign_in_again(edith, door).page
    assert again.form(page.url).fields.items() >= {**typed, "rest": "out"}.items()
    assert again.submit(edith, action=page.url).location.endswith("/check")


def test_so_it_does_when_one_signed_out_in_another_tab(edith, rex, facts_now):
    page = edith.get(f"/pets/{rex.id}/edit").page
    edith.get("/pets/").page.submit(edith, "Sign out", action="/logout")
    door = edith.get(page.submit(edith, name="Max").location).page
    assert sign_in_again(edith, door).page.form().fields["name"] == "Max"
    assert facts_now(rex.id) == rex.facts


@pytest.mark.on_both
def test_so_it_does_after_being_idle(app, edith, session, clock, add_pet):
    edith.sign_in()
    page = edith.get("/pets/new").page
    clock.forward(hours=13)
    door = edith.get(page.submit(edith, name="Max").location).page
    again = sign_in_again(edith, door).page
    assert again.url.startswith("/pets/new?kept=")
    assert again.form().fields["name"] == "Max"


def test_nobody_else_gets_it(app, edith, vera, ada, rex, session):
    page = edith.get(f"/pets/{rex.id}/edit").page
    door = send_after_the_session_ended(app, edith, session, page, name="Secret")
    kept = session.query(StashedForm).one().id
    other = sign_in_again(edith, door, name="ada")
    assert other.page.heading == "Home"
    assert "Secret" not in other.page.html
    for somebody in (vera, ada):
        assert somebody.get(f"/kept/{kept}").status_code == 404
    assert "Secret" not in ada.get(f"/pets/{rex.id}/edit?kept={kept}").page.html
    assert ada.get("/kept/%00").status_code == 404
    assert ada.get("/pets/new?kept=%00").status_code == 200


def test_a_button_is_offered_once_more(app, edith, rex, session, facts_now):
    page = edith.get(f"/pets/{rex.id}").page
    door = send_after_the_session_ended(app, edith, session, page, action=f"/pets/{rex.id}/delete")
    assert facts_now(rex.id)
    again = sign_in_again(edith, door).page
    assert again.heading == "Send it again"
    assert facts_now(rex.id)  # nothing is done by arriving there
    assert again.submit(edith).status_code == 303
    assert facts_now(rex.id) is None


def test_a_form_to_correct_says_where_it_may_not_go_any_more(app, edith, ada, rex, session):
    """Whoever became a viewer in the meantime gets no form back."""
    page = edith.get(f"/pets/{rex.id}/edit").page
    edith_now = session.query(Account).filter_by(name="Edith").one()
    ada.fill(f"/accounts/{edith_now.id}", button="Save", role="viewer")
    door = edith.get(page.submit(edith, name="Max").location).page
    assert sign_in_again(edith, door).status_code == 403


def test_passwords_are_not_kept(app, edith, session):
    page = edith.get("/account/password").page
    door = send_after_the_session_ended(
        app, edith, session, page, old_password=PASSWORD, new_password="a dish of cold plums"
    )
    [kept] = session.query(StashedForm)
    assert not {name for name, _ in kept.fields} & {"old_password", "new_password", "csrf_token"}
    assert sign_in_again(edith, door).page.heading == "Change your password"


def test_a_form_with_a_token_of_nobodys_is_not_kept(app, edith, rex, session):
    end_session(app, "edith", session)
    answer = edith.post(f"/pets/{rex.id}/edit", csrf_token="forged", name="Max", type="dog")
    assert answer.location == "/login"
    assert not session.query(StashedForm).all()


@pytest.mark.on_both
def test_what_is_kept_does_not_pile_up(app, edith, rex, session, clock):
    edith.sign_in()
    page = edith.get(f"/pets/{rex.id}/edit").page
    end_session(app, "edith", session)
    for n in range(25):
        clock.forward(seconds=1)
        page.submit(edith, name=f"Max {n}")
    kept = session.query(StashedForm).order_by(StashedForm.kept_at).all()
    assert [dict(one.fields)["name"] for one in kept] == [f"Max {n}" for n in range(5, 25)]
    clock.forward(days=2)
    page.submit(edith, name="Tom")
    assert [dict(one.fields)["name"] for one in session.query(StashedForm)] == ["Tom"]


@pytest.mark.on_both
def test_nothing_is_kept_for_an_account_that_ended(app, edith, ada, rex, session):
    page = edith.get(f"/pets/{rex.id}/edit").page
    ada.post(f"/accounts/{session.query(Account).filter_by(name='Edith').one().id}/end")
    assert page.submit(edith, name="Max").location == "/login"
    assert not session.query(StashedForm).all()


# A form that is answered with a page

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_browser_is_led_to_the_page_of_a_refused_form(app, edith, ada, facts_now):
    """A program has the answer at once (all other tests are one); both are told the same, by status too."""
    at_once = edith.post("/pets/new", name="", type="dog")
    answer = edith.post("/pets/new?type=cat", name="", type="dog", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.location.startswith("/pets/new?type=cat&answer=")
    for _ in range(2):  # loaded again, or come back to
        refused = edith.get(answer.location)
        assert refused.status_code == at_once.status_code == 422
        assert refused.page.form().fields.items() >= {"type": "dog"}.items()
        assert refused.page.title.startswith("Error:")
    number = answer.location.partition("answer=")[2]
    assert ada.get(answer.location).status_code == 200  # nobody else’s
    assert edith.get(f"/pets/litter?answer={number}").status_code == 200
    assert edith.get("/pets/new?answer=%00").status_code == 200
    assert edith.get(f"/kept/{number}").status_code == 404
    again = edith.post(answer.location, name="", type="dog", headers=BROWSER)
    assert again.location.count("answer=") == 1
    saved = refused.page.submit(edith, name="Rex", request={"headers": BROWSER})
    assert saved.location == "/pets/1"
    assert facts_now(1)["type"] == "dog"


def test_so_it_is_to_a_conflict_and_to_more_rows_but_to_nothing_that_is_told_once(edith, ada, rex):
    page = edith.get(f"/pets/{rex.id}/edit").page
    ada.fill(f"/pets/{rex.id}/edit", name="Bello")
    answer = page.submit(edith, name="Max", request={"headers": BROWSER})
    assert edith.get(answer.location).status_code == 409
    more = edith.fill("/pets/litter", "More rows", type="cat", request={"headers": BROWSER})
    assert len(edith.get(more.location).page.select("fieldset.member")) == 10
    ada.sign_in()
    told = ada.fill("/accounts/new", name="Bea", role="viewer", request={"headers": BROWSER})
    assert told.status_code == 200


# A token that does not hold


def test_a_form_whose_token_has_expired_comes_back_filled_and_can_be_sent(edith, rex, facts_now):
    page = edith.get(f"/pets/{rex.id}/edit").page
    answer = page.submit(edith, name="Max", csrf_token="expired")
    assert answer.status_code == 422
    assert "This page was open for too long to be sent" in answer.page.text
    assert answer.page.title.startswith("Error:")
    assert facts_now(rex.id) == rex.facts
    assert answer.page.submit(edith).status_code == 303
    assert facts_now(rex.id)["name"] == "Max"


def test_a_button_whose_token_has_expired_is_offered_again(edith, rex, facts_now):
    page = edith.get(f"/pets/{rex.id}").page
    answer = page.submit(edith, action=f"/pets/{rex.id}/delete", csrf_token="expired")
    assert (answer.status_code, answer.page.heading) == (400, "Send it again")
    assert facts_now(rex.id)
    assert answer.page.submit(edith).status_code == 303
    assert facts_now(rex.id) is None


FORGED = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8000"},
    {"Referer": "http://evil.example/localhost/"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
)


@pytest.mark.parametrize("headers", FORGED, ids=str)
@pytest.mark.parametrize("path", ["/pets/1/edit", "/pets/1/delete", "/pets/new", "/login"])
def test_another_site_cannot_put_words_into_a_persons_mouth(edith, rex, facts_now, path, headers, logged):
    """Not even as a form that only waits to be sent."""
    answer = edith.post(path, csrf_token=None, name="Forged", type="dog", version="1", headers=headers)
    assert answer.status_code == 400
    assert answer.page.heading == "This form was not sent from a page of this site"
    assert [line["event"] for line in logged] == ["forged"]
    assert logged[0]["request"] == answer.page.one("code").text
    assert "Forged" not in answer.page.html + str(logged)
    assert not answer.page.select("main form")
    assert facts_now(rex.id) == rex.facts


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "https://x"}],
    ids=str,
)
def test_our_own_pages_are_known(edith, rex, headers):
    answer = edith.post("/pets/1/delete", csrf_token=None, version="1", headers=headers)
    assert answer.page.heading == "Send it again"


def test_a_token_holds_in_its_own_session_only(edith, ada, rex, facts_now):
    answer = edith.post(f"/pets/{rex.id}/delete", csrf_token=ada.token, version="1")
    assert answer.page.heading == "Send it again"
    assert facts_now(rex.id)


WRITES = ("INSERT", "UPDATE", "DELETE")


def test_nothing_happens_without_the_token_of_the_session(app, ada, rex, statements):
    """Whatever is posted, wherever: not one row is written."""
    sent = {"name": "Max", "type": "dog", "role": "viewer", "version": "1", "pet": "1", "notes": "x"}
    sent["suggested"] = "sex"
    assert ada.token
    for row in ROWS:
        if row[0] == "POST":
            for token in (None, "forged"):
                statements.clear()
                answer = ada.post(address(app, row, 5), csrf_token=token, **sent)
                assert answer.status_code in (303, 400, 404, 409, 422), row
                assert not [one for one in statements if one.lstrip().upper().startswith(WRITES)], row


def test_looking_changes_nothing(app, ada, rex, statements):
    """Not in the database (which any GET in these tests proves too), nor who is signed in."""
    for row in ROWS:
        if row[0] == "GET":
            statements.clear()
            ada.get(address(app, row, 5)).close()
            ada.open(address(app, row, 5), method="HEAD").close()
            assert not [one for one in statements if one.lstrip().upper().startswith(WRITES)], row
    assert ada.get("/account").status_code == 200


def test_every_form_that_is_shown_again_takes_what_was_kept(app, ada, rex, session):
    """Each view that says so (`shows_form`) fills its form from `?kept=`: not one loses what was typed."""
    texts = {"name": "Kept Name", "role": "viewer", "type": "dog", "version": "1"}
    person = session.query(Account).filter_by(name="Ada").one()
    for method, endpoint in sorted(methods_of(app)):
        view = app.view_functions[endpoint]
        if method != "GET" or not getattr(view, "shows_form", False) or view.deed == "open":
            continue
        [row] = [row for row in ROWS if row[:2] == ("GET", endpoint)]
        url = address(app, row, 5)
        page = ada.get(url).page
        if page is None or not page.select('main input[name="name"]') or ada.get(url).status_code != 200:
            continue
        kept = StashedForm.stash(person.id, url, list(texts.items()))
        session.commit()
        again = ada.get(f"{url}?kept={kept}").page
        assert "Kept Name" in again.html, f"{url} loses what was typed"


def test_the_same_field_twice_is_taken_once(edith, rex, facts_now):
    """Everything that looks at a field looks at the same one, the first."""
    edith.post("/pets/new", name=["Max", "Tom"], type=["cat", "dog"], then=["", "draft"])
    assert facts_now(rex.id + 1)["name"] == "Max"
    assert (
        edith.post(f"/pets/{rex.id}/delete", csrf_token=["forged", edith.token], version="1").status_code
        == 400
    )
    assert facts_now(rex.id)


def test_a_token_in_the_address_is_none(edith, rex, facts_now):
    url = f"/pets/{rex.id}/delete?csrf_token={edith.token}"
    assert edith.post(url, csrf_token=None, version="1").status_code == 400
    assert facts_now(rex.id)
