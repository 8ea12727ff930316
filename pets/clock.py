"""The time: one clock in UTC for what is stored, the site's own zone for what is shown."""

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from flask import current_app

from pets.language import day_of_year, day_words, gettext as _

MANY_HOURS = 50_000  # some five years of them


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def zone() -> tzinfo | None:
    """The site's time zone (`PETS_TIMEZONE`); None: the machine's own, as where there is no app."""
    name = current_app.config["PETS_TIMEZONE"] if current_app else None
    return ZoneInfo(name) if name else None


def local(moment: datetime) -> datetime:
    """A moment as the site's clock on the wall would show it."""
    return moment.astimezone(zone())


def moment_of(shown: datetime) -> datetime:
    """The moment, in UTC, at which the site's clock on the wall shows this."""
    there = shown.replace(tzinfo=zone()) if zone() else shown
    return there.astimezone(UTC)


class Hours:
    """Very many moments in the site's time: what the clock on the wall shows is looked up once an hour."""

    def __init__(self) -> None:
        self._zone = zone()
        self._known: dict[str, tuple[str, str]] = {}

    def local(self, moment: str) -> str:
        """A moment of UTC, "2026-05-03 12:05:09", as "2026-05-03 14:05:09+02:00" where the site is."""
        hour = moment[:13]
        there = self._known.get(hour) or self._look_up(hour)
        if not there[0]:  # not a whole number of hours away, or the clocks change in this one
            exactly = datetime.fromisoformat(moment[:19] + "+00:00").astimezone(self._zone)
            return exactly.isoformat(" ", "seconds")
        return f"{there[0]}{moment[13:19]}{there[1]}"

    def _look_up(self, hour: str) -> tuple[str, str]:
        begins, ends = (
            datetime.fromisoformat(f"{hour}:{rest}+00:00").astimezone(self._zone).isoformat(" ")
            for rest in ("00:00", "59:59")
        )
        plain = begins[13:19] == ":00:00" and begins[:13] == ends[:13] and begins[19:] == ends[19:]
        if len(self._known) > MANY_HOURS:
            self._known.clear()
        found = self._known[hour] = (begins[:13], begins[19:]) if plain else ("", "")
        return found


def today() -> date:
    """Today's date where the site is: at midnight a pet's birthday begins there, not in Greenwich."""
    return local(now()).date()


def day_starts(day: date) -> datetime:
    """The moment a day begins where the site is, in UTC."""
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def brief(moment: datetime, day: date) -> str:
    """A moment as it is told on that day: "today 10:03", "yesterday 10:03", "3 May", "3 May 2025"."""
    there = local(moment)
    days = (day - there.date()).days
    if days in (0, 1):
        told = _("today %(time)s") if days == 0 else _("yesterday %(time)s")
        return told % {"time": f"{there:%H:%M}"}
    return day_of_year(there.date()) if there.year == day.year else day_words(there.date())


def moment_words(moment: datetime) -> str:
    """A moment exactly, in the site's zone: "3 May 2026, 14:05:09 CEST"."""
    there = local(moment)
    return f"{day_words(there.date())}, {there:%H:%M:%S} {there.tzname() or ''}".strip()
