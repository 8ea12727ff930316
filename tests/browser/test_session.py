"""Signing in and out, and what happens to a form when a session ends in the middle of it."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from pets import clock
from pets.accounts.sessions import SignIn
from tests.browser.visitor import DESK, PLAIN_PHONE, Look
from tests.people import PASSWORD


@pytest.mark.parametrize("look", [DESK, PLAIN_PHONE], ids=str)
def test_signing_in_leads_where_one_was_going(stranger, look, rex):
    stranger.go(f"/pets/{rex.id}")
    stranger.sees("Sign in")
    stranger.fill(Name="edith", Password="a wrong password")
    stranger.press("Sign in")
    stranger.sees("There is a problem", "The name or the password is wrong.")
    stranger.look_over()
    expect(stranger.field("Name")).to_have_value("edith")
    expect(stranger.field("Password")).to_have_value("")
    stranger.fill(Password=PASSWORD)
    stranger.press("Sign in")
    expect(stranger.page.get_by_role("heading", name="Rex")).to_be_visible()


def test_after_signing_out_the_back_button_shows_nothing(edith, rex):
    page = edith.go(f"/pets/{rex.id}")
    edith.press("Sign out")
    edith.sees("You are signed out.")
    edith.look_over()
    page.go_back()
    edith.sees("Sign in")
    expect(page.get_by_text("Rex")).to_have_count(0)


@pytest.fixture
def signed_in_long_ago(session):
    """Everybody's password was asked for an hour ago."""
    session.execute(update(SignIn).values(confirmed_at=clock.now() - timedelta(hours=1)))
    session.commit()


def test_a_new_account_chooses_its_own_password_at_the_first_sign_in(visit, ada, signed_in_long_ago):
    ada.go("/accounts/new")
    ada.sees("Confirm your password")
    ada.look_over()
    ada.fill(Your_password=PASSWORD)
    ada.press("Continue")
    ada.fill(Name="Newton")
    ada.page.get_by_label("Viewer").check()
    ada.press("Add the account")
    ada.sees("One-time password for Newton", "shown only this once")
    ada.look_over()
    one_time_password = ada.page.get_by_role("main").locator("code").inner_text()

    newton = visit("stranger", Look(width=390, scheme="dark"))
    newton.go("/history")
    newton.fill(Name="newton", Password=one_time_password)
    newton.press("Sign in")
    newton.sees("Choose a password of your own")
    newton.look_over()
    newton.fill(Current_password=one_time_password, New_password="newton")
    newton.press("Change password")
    newton.sees("There is a problem")
    newton.fill(Current_password=one_time_password, New_password="apples fall down")
    newton.press("Change password")
    newton.sees("Your password was changed.")


def test_whoever_only_looks_sees_no_buttons_that_change_something(vera, rex):
    for path in ("/pets/", f"/pets/{rex.id}", "/history", "/history/1"):
        vera.go(path)
        expect(
            vera.page.locator("main form[method=post], main a[href$='/new'], main a[href$='/edit']")
        ).to_have_count(0)
    vera.go("/pets/new")
    vera.sees("You don’t have access")
    vera.look_over()
