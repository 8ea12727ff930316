"""What is said of a browser by its own line."""

import pytest

from pets.accounts.browser import browser_words

LINUX, WINDOWS, MAC = "X11; Linux x86_64", "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
IPHONE, IPAD = "iPhone; CPU iPhone OS 17_5 like Mac OS X", "iPad; CPU OS 17_5 like Mac OS X"
KIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("system", "rest", "words"),
    [
        (LINUX, f"{KIT} Chrome/126.0.0.0 Safari/537.36", "Chrome on Linux"),
        (LINUX, f"{KIT} HeadlessChrome/126.0 Safari/537.36", "Chrome on Linux"),
        ("X11; CrOS x86_64 14541.0.0", f"{KIT} Chrome/126.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Linux; Android 10; K", f"{KIT} Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (IPHONE, f"{KIT} CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{WINDOWS}; rv:127.0", "Gecko/20100101 Firefox/127.0", "Firefox on Windows"),
        ("Android 14; Mobile; rv:127.0", "Gecko/127.0 Firefox/127.0", "Firefox on Android"),
        (IPAD, f"{KIT} FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPad"),
        (WINDOWS, f"{KIT} Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        (MAC, f"{KIT} Chrome/126.0 Safari/537.36 OPR/111.0", "Opera on macOS"),
        (MAC, f"{KIT} Version/17.5 Safari/605.1.15", "Safari on macOS"),
        (IPHONE, f"{KIT} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (
            "Linux; Android 14; SAMSUNG SM-S918B",
            f"{KIT} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        # A page inside another app, and what only looks like one of them.
        ("Linux; Android 9; wv", f"{KIT} Version/4.0 Chrome/99 Safari/537.36", "Unknown browser on Android"),
        (LINUX, f"{KIT} Version/17.0 Safari/605.1.15", "Unknown browser on Linux"),
        (WINDOWS, "Gecko/20100101 Firefox/91.0 SeaMonkey/2.53", "Unknown browser on Windows"),
        (WINDOWS, f"{KIT} Chrome/124.0 YaBrowser/24.6 Safari/537.36", "Unknown browser on Windows"),
        ("BeOS", "Firefox/2.0", "Firefox"),
    ],
)
def test_a_browser_is_called_by_its_name_and_system(system, rest, words):
    assert browser_words(f"Mozilla/5.0 ({system}) {rest}") == words


@pytest.mark.parametrize("line", ["", "curl/8.5.0", "Firefox", "((((", "Mozilla/5.0"])
def test_what_tells_nothing_is_an_unknown_browser(line):
    assert browser_words(line) == "Unknown browser"
