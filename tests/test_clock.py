"""The site's clock, for very many moments at once."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pets.backups import store
from pets.backups.make import make_automatically
from pets.backups.nightly import tend
from pets.changes.changeset import Change
from pets.clock import Hours, brief
from pets.db import db
from tests.replay import history_and_register_agree

pytestmark = pytest.mark.any_database

# Whole hours away, half and quarter ones; one that changes its clocks by half an hour; the machine's own.
ZONES = ("UTC", "Europe/Prague", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe")
MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001  made UTC below


@pytest.mark.parametrize("zone", ZONES)
@given(moments=st.lists(MOMENTS, min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_each_moment_is_told_as_the_zone_has_it(app, zone, moments):
    app.config["PETS_TIMEZONE"] = zone
    with app.app_context():
        hours = Hours()
        for moment in moments:
            there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
            assert hours.local(f"{moment:%Y-%m-%d %H:%M:%S.%f}") == there.isoformat(" ", "seconds")


@pytest.mark.parametrize("zone", ["Europe/Prague", "Australia/Lord_Howe"])
def test_hours_in_which_the_clocks_change(app, zone):
    app.config["PETS_TIMEZONE"] = zone
    with app.app_context():
        hours = Hours()
        for day in range(1, 366):
            for minute in range(0, 24 * 60, 15):
                stamp = datetime(2026, 1, 1, tzinfo=UTC).timestamp() + day * 86_400 + minute * 60
                moment = datetime.fromtimestamp(stamp, UTC)
                told = hours.local(f"{moment:%Y-%m-%d %H:%M:%S}")
                assert told == moment.astimezone(ZoneInfo(zone)).isoformat(" ", "seconds")


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-05-03 08:05", "today 10:05"),
        ("2026-05-02 22:30", "today 00:30"),  # of UTC it was the day before
        ("2026-05-02 08:05", "yesterday 10:05"),
        ("2026-05-01 08:05", "1 May"),
        ("2025-12-31 22:59", "31 December 2025"),
    ],
)
def test_a_moment_is_told_with_no_more_than_is_asked_for(app, moment, told):
    app.config["PETS_TIMEZONE"] = "Europe/Prague"
    with app.app_context():
        assert brief(datetime.fromisoformat(moment + "+00:00"), date(2026, 5, 3)) == told


JUMPS = [timedelta(hours=-7), timedelta(hours=7), timedelta(days=-4000), timedelta(days=400)]
PAGES = ("/", "/pets/", "/pets/1", "/history", "/draft", "/backups", "/health", "/security", "/pets.csv")


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_clock_that_jumps_loses_nothing_and_keeps_nobody_out(app, ada, clock, monkeypatch, jump):
    """Work goes on, at worst after signing in again; what is undone is undone in the order it was done in."""
    ada.sign_in()
    assert ada.post("/pets/new", name="Rex", type="dog").location == "/pets/1"
    now = time.time
    for turn, moved in (("after", jump), ("back", -jump)):
        ahead = jump.total_seconds() if turn == "after" else 0
        monkeypatch.setattr(time, "time", lambda ahead=ahead: now() + ahead)
        clock.forward(days=moved.days, seconds=moved.seconds)
        if ada.get("/pets/new").status_code != 200:
            assert ada.sign_in().status_code == 303
        assert ada.fill("/pets/1/edit", name=f"Rex {turn}").status_code == 303
        assert ada.get("/pets/1").page.one("h1").text == f"Rex {turn}"
        with app.app_context():
            make_automatically("nightly")
            tend()
        assert [ada.get(path).status_code for path in PAGES] == [200] * len(PAGES)
    with app.app_context():
        history_and_register_agree()
        names = [change.after["name"] for change in db.session.query(Change).order_by(Change.id)]
        assert names == ["Rex", "Rex after", "Rex back"]
        assert len(store.all_backups()) >= 1
        assert not [one for one in store.all_backups() if one.problem]
