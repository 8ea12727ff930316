"""Which browser somebody signed in with, as far as its own line (User-Agent) can be believed."""

import re

from pets.language import gettext as _

# Their names in that line, beside those that all of them put there.
NAMES = {
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "HeadlessChrome": "Chrome",
    "Edg": "Edge",
    "EdgA": "Edge",
    "EdgiOS": "Edge",
    "SamsungBrowser": "Samsung Internet",
    "OPR": "Opera",
    "OPT": "Opera",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
_COMMON = {"Mozilla", "AppleWebKit", "Gecko", "Mobile", "Safari", "Version", "Chrome"}


def browser_words(line: str) -> str:
    """A browser's line as people say it: "Chrome on Linux". One that goes by a further name is unknown."""
    products = set(re.findall(r"([A-Za-z]+)/", re.sub(r"\([^)]*\)", "", line)))
    where = line.partition("(")[2].partition(")")[0]
    system = next((called for sign, called in SYSTEMS.items() if sign in where), "")
    browser = _browser(products, system)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or (_("Unknown browser on %(system)s", system=system) if system else _("Unknown browser"))


def _browser(products: set[str], system: str) -> str:
    own = products - _COMMON
    if own:
        return NAMES.get(own.pop(), "") if len(own) == 1 else ""
    if "Chrome" in products:
        return "" if "Version" in products else "Chrome"  # with a version: a page inside some other app
    return "Safari" if "Version" in products and system in ("macOS", "iPhone", "iPad") else ""
