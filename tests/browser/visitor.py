"""Somebody at a browser: how they meet a page, and what no page may have."""

import re
from contextlib import contextmanager
from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page as BrowserPage,
    Request,
    Response,
    Route,
    expect,
)

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
# The rules whose answer hangs on the width or the colours: for a page that was looked over in another look.
BY_LOOK = {
    **RULES,
    "runOnly": ["color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable"],
}


@dataclass(frozen=True)
class Look:
    """How somebody meets the site."""

    javascript: bool = True
    width: int = 1280
    scheme: str = "light"

    def __str__(self):
        return f"{'js' if self.javascript else 'nojs'}-{self.width}-{self.scheme}"


DESK = Look()
PLAIN_PHONE = Look(javascript=False, width=320, scheme="dark")


class Bench:
    """Where a page that was met without scripts is looked at by axe-core, which needs timers: the same page
    once more, with scripts, and with the site's own kept away from it."""

    def __init__(self, browser: Browser):
        self._page = browser.new_page(reduced_motion="reduce")
        self._page.route("**/*", self._hand)
        self._html = ""

    def lay_out(self, page: BrowserPage, look: Look) -> BrowserPage:
        self._html = page.content()
        self._page.set_viewport_size({"width": look.width, "height": 800})
        self._page.emulate_media(color_scheme=look.scheme)
        self._page.goto(page.url)
        return self._page

    def _hand(self, route: Route):
        match route.request.resource_type:
            case "document":
                route.fulfill(body=self._html, content_type="text/html")
            case "script":
                route.abort()
            case _:
                route.continue_()


class Visitor:
    """Somebody at a browser. `edith.page` is playwright's page; what it complains of is in `complaints`."""

    def __init__(self, browser: Browser, bench: Bench, url: str, javascript: bool):
        self.url, self._bench = url, bench
        self.complaints: list[str] = []
        self._context = context = browser.new_context(
            base_url=url, java_script_enabled=javascript, reduced_motion="reduce", locale="en-GB"
        )
        context.set_default_timeout(60_000)
        self.page: BrowserPage = context.new_page()
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("dialog", self._stopped)

    def come(self, name: str, look: Look, cookie: tuple[str, str] | None) -> None:
        """Sit down at this browser, signed in or not."""
        self.name, self.complaints, self.asked_to_stay = name, [], False
        self.turn_to(look)
        if cookie:
            self._context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": self.url}])

    def leave(self) -> None:
        """Leave the browser as one would like to find it."""
        self.page, *others = self._context.pages
        for tab in others:
            tab.close()
        self._context.clear_cookies()
        self.page.goto("about:blank")

    def go(self, path: str) -> BrowserPage:
        self.page.goto(path)
        return self.page

    @contextmanager
    def in_new_tab(self):
        """What is done inside is done in another tab of the same browser."""
        first, self.page = self.page, self._context.new_page()
        self.turn_to(self.look)
        yield
        self.page = first

    def fill(self, **typed: str) -> None:
        """Type into the fields with these labels."""
        for label, text in typed.items():
            self.field(label).fill(text)

    def field(self, label: str) -> Locator:
        """The field with this label, which may go on with "(optional)"."""
        return self.page.get_by_label(re.compile(rf"^{label.replace('_', ' ')}( \(optional\))?$"))

    def press(self, button: str) -> None:
        """Press a button, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()

    def press_in_flash(self, button: str) -> None:
        """Press a button beside what was just done, which it names."""
        with self.page.expect_navigation():
            self.page.get_by_role("status").get_by_role("button", name=re.compile(f"^{button} ")).click()

    def follow(self, link: str) -> None:
        """Follow a link of the page's own part, and wait for where it leads."""
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("link", name=link, exact=True).click()

    def sees(self, *words: str) -> None:
        """These words stand on the page, below its header."""
        for some in words:
            expect(self.page.get_by_role("main")).to_contain_text(some)

    def turn_to(self, look: Look) -> None:
        """See the page as it stands in a window of another width, or in the other scheme."""
        self.look = look
        self.page.set_viewport_size({"width": look.width, "height": 800})
        self.page.emulate_media(color_scheme=look.scheme, media="screen")

    def look_over(self, rules: dict = RULES, stays: bool = True) -> None:
        """The page as it stands shuts nobody out (axe-core) and needs no sideways scrolling.
        `stays`: False of a page that goes on by itself."""
        if stays:
            self.page.wait_for_load_state()
            self.scrolls_down_only()
        here = stays and self.look.javascript
        page = self.page if here else self._bench.lay_out(self.page, self.look)
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = AxeResults(page.evaluate("rules => axe.run(rules)", rules))
        assert not found.violations_count, f"{self.page.url} as {self.look}: {found.generate_report()}"

    def scrolls_down_only(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.look.width, f"{self.page.url} is {wide} px wide in a window of {self.look.width}"

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self.complaints.append(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page left before all of it was there
            self.complaints.append(f"{request.failure}: {request.url}")

    def _answered(self, response: Response) -> None:
        # A page may well say 404 or 422; what a page is made of may not.
        if response.status >= (500 if response.request.is_navigation_request() else 400):
            self.complaints.append(f"{response.status}: {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        told_by_answered = message.text.startswith("Failed to load resource: the server responded")
        if message.type in {"error", "warning"} and not told_by_answered:
            self.complaints.append(f"console: {message.text}")

    def _stopped(self, dialog) -> None:
        self.asked_to_stay = dialog.type == "beforeunload"  # who leaves what was typed is asked
        if not self.asked_to_stay:
            self.complaints.append(f"a dialog: {dialog.message}")
        dialog.accept()
