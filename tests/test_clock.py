"""The site's clock, for very many moments at once."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pets.clock import Hours, brief

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
