"""Who may do what: every route × everybody, as the server answers when it is asked by hand."""

from urllib.parse import urlsplit

import pytest

from tests.people import CAST

pytestmark = pytest.mark.any_database

# One line for each method of each route: what a viewer, an editor and an admin get; then an address that
# the route answers to, where it needs one. "ok": the view itself answers (also 404 or 422: it was reached).
# "403": refused in words. A stranger gets the sign-in page for all of it, but for what is OPEN.
TABLE = """
GET   pets.index             ok   ok   ok
GET   pets.list_pets         ok   ok   ok
GET   pets.show_pet          ok   ok   ok   /pets/1
GET   pets.new_pet           403  ok   ok
POST  pets.new_pet           403  ok   ok
GET   pets.show_possible_duplicates  403  ok   ok
POST  pets.add_samples       403  ok   ok
GET   pets.edit_pet          403  ok   ok   /pets/1/edit
POST  pets.edit_pet          403  ok   ok   /pets/1/edit
POST  pets.delete_pet        403  ok   ok   /pets/1/delete

GET   pets.choose_columns    ok   ok   ok
POST  pets.choose_columns    ok   ok   ok
GET   pets.show_file         ok   ok   ok   /files/none
GET   pets.show_thumb        ok   ok   ok   /files/none/thumb
GET   pets.edit_files        403  ok   ok   /pets/1/files
POST  pets.edit_files        403  ok   ok   /pets/1/files
POST  pets.change_file       403  ok   ok   /pets/1/files/none
GET   pets.send_photos       403  ok   ok
POST  pets.send_photos       403  ok   ok
GET   pets.print_pets        ok   ok   ok
GET   pets.print_cards       ok   ok   ok
GET   pets.print_card        ok   ok   ok   /pets/1/card
GET   pets.print_record      ok   ok   ok   /pets/1/record

GET   pets.new_saved_view    ok   ok   ok
POST  pets.new_saved_view    ok   ok   ok
GET   pets.show_saved_view   ok   ok   ok   /saved-views/1
GET   pets.edit_saved_view   ok   ok   ok   /saved-views/1/edit
POST  pets.edit_saved_view   ok   ok   ok   /saved-views/1/edit
POST  pets.delete_saved_view  ok  ok   ok   /saved-views/1/delete

GET   pets.export_pets       ok   ok   ok   /pets.csv
GET   pets.list_types        ok   ok   ok
POST  pets.rename_types      403  ok   ok
GET   pets.list_duplicates   ok   ok   ok
GET   pets.merge_pets        403  ok   ok   /duplicates/1/2
POST  pets.merge_pets        403  ok   ok   /duplicates/1/2
POST  pets.keep_both         403  ok   ok   /duplicates/1/2/keep
POST  pets.forget_kept_both  403  ok   ok   /duplicates/1/2/forget
GET   pets.new_litter        403  ok   ok
POST  pets.new_litter        403  ok   ok
GET   pets.change_pets       403  ok   ok
POST  pets.change_pets       403  ok   ok
POST  pets.choose_pets       403  ok   ok

GET   pets.history           ok   ok   ok
GET   pets.show_changeset    ok   ok   ok   /history/1
POST  pets.undo_changeset    403  ok   ok   /history/1/undo
POST  pets.undo_in_draft     403  ok   ok   /history/1/draft

GET   pets.show_draft        403  ok   ok
GET   pets.edit_line         403  ok   ok   /draft/1
POST  pets.edit_line         403  ok   ok   /draft/1
POST  pets.drop_line         403  ok   ok   /draft/1/drop
POST  pets.drop_lines        403  ok   ok   /draft/drop/rule
POST  pets.choose_line       403  ok   ok   /draft/1/choose
POST  pets.merge_line        403  ok   ok   /draft/1/merge
POST  pets.keep_line         403  ok   ok   /draft/1/keep
POST  pets.save_draft        403  ok   ok
POST  pets.discard_draft     403  ok   ok
POST  pets.restore_draft     403  ok   ok   /draft/1/restore
GET   pets.show_job          403  ok   ok   /work/none
GET   pets.show_waiting      ok   ok   ok   /waiting/none

GET   pets.new_import        403  ok   ok
POST  pets.new_import        403  ok   ok
GET   pets.edit_import       403  ok   ok   /import/1
POST  pets.edit_import       403  ok   ok   /import/1
POST  pets.reread_import     403  ok   ok   /import/1/encoding
GET   pets.check_import      403  ok   ok   /import/1/check
GET   pets.faulty_rows       403  ok   ok   /import/1/faulty.csv
GET   pets.import_rows       403  ok   ok   /import/1/rows
POST  pets.fix_import        403  ok   ok   /import/1/fix
POST  pets.stage_import      403  ok   ok   /import/1/stage
POST  pets.discard_import    403  ok   ok   /import/1/discard

GET   pets.my_account        ok   ok   ok
POST  pets.my_account        ok   ok   ok
GET   pets.show_patterns     ok   ok   ok
POST  pets.end_my_sessions   ok   ok   ok
GET   pets.change_password   ok   ok   ok
POST  pets.change_password   ok   ok   ok
GET   pets.confirm           ok   ok   ok
POST  pets.confirm           ok   ok   ok
GET   pets.show_stashed_form  ok   ok   ok   /kept/none
POST  pets.sign_out          ok   ok   ok

GET   pets.list_fields       403  403  ok
GET   pets.new_field         403  403  ok
POST  pets.new_field         403  403  ok
GET   pets.edit_field        403  403  ok   /fields/1
POST  pets.edit_field        403  403  ok   /fields/1
POST  pets.retire_field      403  403  ok   /fields/1/retire
POST  pets.restore_field     403  403  ok   /fields/1/restore
POST  pets.move_field        403  403  ok   /fields/1/up

GET   pets.list_accounts     403  403  ok
GET   pets.new_account       403  403  ok
POST  pets.new_account       403  403  ok
GET   pets.edit_account      403  403  ok   /accounts/1
POST  pets.edit_account      403  403  ok   /accounts/1
POST  pets.reset_password    403  403  ok   /accounts/1/reset
POST  pets.end_sessions      403  403  ok   /accounts/1/end-sessions
POST  pets.end_account       403  403  ok   /accounts/1/end
POST  pets.return_account    403  403  ok   /accounts/1/return
GET   pets.security_events   403  403  ok
GET   pets.list_backups      403  403  ok
GET   pets.show_health       403  403  ok
POST  pets.add_backup        403  403  ok
POST  pets.fetch_backup      403  403  ok   /backups/pets-20240101-000000.sqlite
POST  pets.upload_backup     403  403  ok
GET   pets.restore_backup    403  403  ok   /backups/pets-20240101-000000.sqlite/restore
POST  pets.restore_backup    403  403  ok   /backups/pets-20240101-000000.sqlite/restore
"""
# Open to anybody at all, and says so.
OPEN = """
GET   pets.sign_in
POST  pets.sign_in
GET   pets.setup
POST  pets.setup
GET   pets.answer_monitor
GET   pets.show_help
GET   static                 /static/none.css
"""
# The password was given so long ago that these ask for it once more.
CONFIRMED = """
pets.list_accounts pets.new_account pets.edit_account pets.reset_password pets.end_sessions pets.end_account
pets.return_account pets.add_backup pets.fetch_backup pets.upload_backup pets.end_my_sessions
""".split()

ROWS = [tuple(line.split()) for line in TABLE.splitlines() if line]
OPEN_ROWS = [tuple(line.split()) for line in OPEN.splitlines() if line]


def methods_of(app):
    """{("POST", "pets.sign_out"), …}: what the URL map answers."""
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def address(app, row, length):
    """The address that a row names, or the only one of a route that needs no number."""
    if len(row) > length:
        return row[length]
    [rule] = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == row[1]}
    return rule


def test_every_route_stands_in_the_table_and_the_table_names_no_other(app):
    named = {row[:2] for row in ROWS} | {row[:2] for row in OPEN_ROWS}
    there = methods_of(app)
    assert not there - named, "a route without a line in the table: who may use it?"
    assert not named - there, "the table names what is not there"


def test_what_is_open_says_so_and_nothing_else_does(app):
    said = {
        endpoint
        for _, endpoint in methods_of(app)
        if getattr(app.view_functions[endpoint], "deed", None) == "open"
    }
    assert said == {row[1] for row in OPEN_ROWS}


def test_what_asks_for_the_password_again_is_known(app):
    asking = {name for name, view in app.view_functions.items() if getattr(view, "confirmed", False)}
    assert asking == set(CONFIRMED)


@pytest.mark.parametrize("name", CAST)
def test_each_role_gets_what_the_table_says(name, app, rex):
    person, surprises = app.test_client(name=name), []
    for row in sorted(ROWS, key=lambda row: row[1] == "pets.sign_out"):
        method, endpoint, *roles = row[:5]
        url, wanted = address(app, row, 5), roles[list(CAST).index(name)]
        answer = person.get(url) if method == "GET" else person.post(url)
        refused = answer.status_code == 403 and answer.page.heading == "You don’t have access"
        sent_away = (answer.location or "").startswith("/login?")
        if refused != (wanted == "403") or sent_away:
            surprises.append(f"{endpoint}: {method} {url} is answered {answer.status}")
    assert not surprises


def test_a_stranger_is_asked_to_sign_in_whatever_is_there(app, stranger):
    surprises = []
    for row in ROWS:
        url = address(app, row, 5)
        answer = stranger.get(url) if row[0] == "GET" else stranger.post(url, csrf_token=None, name="Rex")
        if answer.status_code != 303 or urlsplit(answer.location).path != "/login":
            surprises.append(f"{row[1]}: {row[0]} {url} is answered {answer.status}")
    assert not surprises


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_do_nothing(app, ada, method):
    for rule in ("/pets/", "/logout", "/accounts", "/login"):
        assert ada.open(rule, method=method).status_code == 405


def test_a_view_without_a_mark_is_closed_to_everybody(registers):
    with registers.open() as app:
        app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
        for name in ("vera", "edith", "ada"):
            assert app.test_client(name=name).get("/forgotten").status_code == 403
        assert app.test_client(name="stranger").get("/forgotten").status_code == 303


def test_the_anonymous_do_not_learn_which_pets_and_accounts_exist(stranger, rex):
    there, not_there = stranger.get(f"/pets/{rex.id}"), stranger.get("/pets/999999")
    assert there.status_code == not_there.status_code == 303
    assert there.text.replace(f"%2F{rex.id}", "") == not_there.text.replace("%2F999999", "")
    assert stranger.get("/accounts/1").status_code == stranger.get("/accounts/999999").status_code == 303


def links_and_forms(person, start="/pets/"):
    """Every page a person can get to, and every form that stands on them."""
    seen, ahead, forms = set(), [start], set()
    while ahead:
        url = ahead.pop()
        if urlsplit(url).path in seen or not url.startswith("/") or url.startswith("/static/"):
            continue
        seen.add(urlsplit(url).path)
        answer = person.get(url, follow_redirects=True)
        assert answer.status_code in (200, 410), f"{person} is led to {url}: {answer.status}"
        if answer.page is None:
            continue
        forms |= {
            urlsplit(form["action"]).path if form.get("action") else urlsplit(url).path
            for form in answer.page.select('form[method="post"]')
        }
        ahead += [link["href"] for link in answer.page.select("a[href]")]
    return seen, forms


@pytest.mark.parametrize("name", CAST)
def test_what_a_role_may_not_do_is_not_shown(app, name, edith, add_pet):
    """Nobody is led to a page, or offered a button, that is refused to them."""
    add_pet("Rex")
    edith.post("/pets/new", name="Max", type="cat", then="draft")
    edith.post("/pets/1/delete", version="1")
    person = app.test_client(name=name)
    pages, forms = links_and_forms(person)
    for path in forms:
        assert person.post(path, csrf_token=None).status_code != 403, f"{name} is shown a button for {path}"
    if name == "vera":
        own = "/logout /account /account/end-sessions /account/password /saved-views/new /pets/columns"
        assert forms <= {*own.split()}
    assert ("/accounts" in pages) == ("/fields/new" in pages) == (name == "ada")
    assert ("/security" in pages) == ("/backups" in pages) == ("/health" in pages) == (name == "ada")


def test_asking_by_hand_changes_nothing_and_is_told(vera, rex, facts_now, session, logged):
    from pets.accounts.audit_log import SecurityEvent

    answers = vera.post(f"/pets/{rex.id}/delete", version="1"), vera.get("/accounts")
    assert [answer.status_code for answer in answers] == [403, 403]
    assert facts_now(rex.id) == rex.facts
    [told] = session.query(SecurityEvent).filter_by(event="forbidden")
    assert (told.who, told.about) == ("Vera", f"POST /pets/{rex.id}/delete")
    assert [line["event"] for line in logged] == ["forbidden", "forbidden"]
    assert [line["request"] for line in logged] == [answer.page.one("code").text for answer in answers]
