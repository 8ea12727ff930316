"""A page as a person meets it: its words, its links, its forms to fill in, and what is wrong with it."""

import functools
import re
from collections import Counter
from urllib.parse import urljoin, urlsplit

import markupever
import turbohtml
from turbohtml import Element
from werkzeug.datastructures import MultiDict

INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em i ins kbd mark q small span strong sub sup time u var".split()
)
UNREAD = frozenset("datalist head script select style template textarea".split())  # not part of the prose
NEED_LABEL = frozenset("input select textarea progress meter output".split())
UNESCAPED = re.compile(r"&(?!#?\w+;)")
REFERENCES = ("for", "list", "form", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns")


class Node:
    """One element of a page. `node["href"]` is an attribute, `node.text` the words a person reads."""

    def __init__(self, element: Element, page: "Page"):
        self.element, self.page = element, page

    def __getitem__(self, attribute: str) -> str:
        if (value := self.element.attr(attribute)) is None:
            raise KeyError(attribute)
        return value

    def __repr__(self):
        attributes = "".join(f' {name}="{self.get(name)}"' for name in self.element.attrs)
        return f"<{self.tag}{attributes}>"

    def get(self, attribute: str, default=None):
        return self.element.attr(attribute, default)

    @property
    def tag(self) -> str:
        return self.element.tag

    @property
    def text(self) -> str:
        return " ".join("".join(_prose(self.element)).split())

    @property
    def raw_text(self) -> str:
        """Every character inside, as it stands: what a textarea or a <pre> holds."""
        return self.element.text

    def select(self, css: str) -> "list[Node]":
        """The elements below that match, in their order."""
        return [Node(element, self.page) for element in self.element.select(css)]

    def one(self, css: str) -> "Node":
        """The only element that matches."""
        found = self.select(css)
        assert len(found) == 1, f"{len(found)} elements match {css!r}: {found}"
        return found[0]

    @property
    def ancestors(self) -> "list[Node]":
        return [Node(above, self.page) for above in self.element.ancestors if isinstance(above, Element)]


class Form:
    """A form with what stands in it now, sent as a browser sends it, hidden fields included."""

    def __init__(self, node: Node):
        self.node = node
        self.action = urljoin(node.page.url, node.get("action") or node.page.url)
        self.path = urlsplit(self.action).path
        self.method = node.get("method", "get").lower()

    @functools.cached_property
    def controls(self) -> list[Node]:
        own = {control.element for control in self.node.select("input, select, textarea, button")}
        off = {part.element for part in self.node.page.select("fieldset[disabled] *")}
        return [
            control
            for control in self.node.page.select("input, select, textarea, button")
            if (control["form"] == self.node.get("id") if control.get("form") else control.element in own)
            and control.get("disabled") is None
            and control.element not in off
        ]

    @property
    def names(self) -> set[str]:
        return {control["name"] for control in self.controls if control.get("name")}

    @property
    def fields(self) -> dict[str, str]:
        """What stands in the form: {"name": "Rex", "type": "dog", …}. Of a name used twice, the first."""
        return self.filled.to_dict()

    @property
    def filled(self) -> MultiDict[str, str]:
        filled: MultiDict[str, str] = MultiDict()
        for control in self.controls:
            if control.get("name"):
                for value in _values(control):
                    filled.add(control["name"], value)
        return filled

    def buttons(self) -> list[Node]:
        return [
            control
            for control in self.controls
            if (control.tag == "button" and control.get("type", "submit") == "submit")
            or (control.tag == "input" and control.get("type") in {"submit", "image"})
        ]

    def submit(self, person, button: str | None = None, request=None, **fields):
        """Send the form with these fields typed over. A field that is None is left out, as an unticked
        box is; a list ticks several. `button` is the one to press, by its words (else the first)."""
        unknown = fields.keys() - self.names
        assert not unknown, f"No field {', '.join(sorted(unknown))} on this form, only {sorted(self.names)}"
        sent = self.filled
        for name, value in fields.items():
            sent.setlist(name, value if isinstance(value, list) else [] if value is None else [value])
        for pressed in [known for known in self.buttons() if button is None or _caption(known) == button][:1]:
            if pressed.get("name"):
                sent.add(pressed["name"], pressed.get("value", ""))
            action = urljoin(self.action, pressed.get("formaction", ""))
            break
        else:
            assert button is None, (
                f"No button {button!r}, only {[_caption(known) for known in self.buttons()]}"
            )
            action = self.action
        url = urlsplit(action)
        path = url.path + (f"?{url.query}" if url.query and self.method == "post" else "")
        pairs = MultiDict((name, _typed(value)) for name, value in sent.items(multi=True))
        if self.method == "post":
            return person.post(path, {"csrf_token": None, **pairs.to_dict(flat=False)}, **(request or {}))
        return person.get(path, query_string=pairs, **(request or {}))


class Page(Node):
    """A whole page. `page.faults` lists what no page of the site may have."""

    def __init__(self, html: str, url: str = "/"):
        self.html, self.url = html, url
        super().__init__(turbohtml.parse(html).root, self)

    def __repr__(self):
        return f"<Page {self.url}: {self.title}>\n{self.text}"

    @property
    def title(self) -> str:
        return " ".join("".join(title.raw_text for title in self.select("head > title")).split())

    @property
    def heading(self) -> str:
        return self.one("h1").text

    @property
    def links(self) -> dict[str, str]:
        """Where each link leads, by its words."""
        return {link.text or link.get("aria-label", ""): link["href"] for link in self.select("a[href]")}

    def form(self, action: str | None = None) -> Form:
        """The form that is sent to this address; without one, the form that is sent to the page's own
        address, else the only form in <main> that is POSTed."""
        forms = [Form(form) for form in self.select("form")]
        found = [form for form in forms if form.path == (action or self.url).split("?")[0]]
        if action is None and len(found) != 1:
            inside = [Form(form) for form in self.select("main form")]
            found = [form for form in inside if form.method == "post"]
        assert len(found) == 1, (
            f"{len(found)} forms for {action or 'POST'}, of {[form.path for form in forms]}"
        )
        return found[0]

    def submit(self, person, button: str | None = None, *, action: str | None = None, **fields):
        return self.form(action).submit(person, button, **fields)

    @property
    def faults(self) -> list[str]:
        return [
            *_parse_errors(self.html),
            *self._markup_faults(),
            *self._outline_faults(),
            *self._reference_faults(),
            *self._naming_faults(),
            *self._inline_faults(),
            *self._form_faults(),
        ]

    def _markup_faults(self):
        for found in UNESCAPED.finditer(self.html):
            yield f"an ampersand that is not escaped: {self.html[found.start() :][:30]!r}"
        for node in self.select("select > :not(option, optgroup), optgroup > :not(option), option *"):
            yield f"{node} stands in a list to choose from"

    def _outline_faults(self):
        if not self.get("lang"):
            yield "<html> has no lang"
        if not self.title:
            yield "the title is empty"
        for css in ("head > title", "h1", "main"):
            if (count := len(self.select(css))) != 1:
                yield f"{count} × {css}, not one"
        if not all(heading.text for heading in self.select("h1, h2, h3, h4")):
            yield "a heading without words"

    def _reference_faults(self):
        ids = Counter(node["id"] for node in self.select("[id]"))
        yield from (f"id {name!r} stands {count} times" for name, count in ids.items() if count > 1)
        yield from (f"id {name!r} is no id" for name in ids if not name or re.search(r"\s", name))
        for attribute in REFERENCES:
            for node in self.select(f"[{attribute}]"):
                yield from (
                    f"{node} points at nothing" for name in node[attribute].split() if name not in ids
                )
        for link in self.select('a[href^="#"]'):
            if link["href"] != "#top" and link["href"][1:] not in ids:
                yield f"{link} leads nowhere"

    def _naming_faults(self):
        labelled = {label["for"] for label in self.select("label[for]") if label.text}
        for control in self.select(", ".join(NEED_LABEL)):
            if control.get("type") in {"hidden", "submit", "button", "reset", "image"}:
                continue
            if not (
                control.get("id") in labelled
                or control.get("aria-label", "").strip()
                or control.get("aria-labelledby")
                or any(above.tag == "label" and above.text for above in control.ancestors)
            ):
                yield f"{control} has no label"
        for node in self.select("a[href], button, summary, legend"):
            images = "".join(image.get("alt", "") for image in node.select("img"))
            if not (node.text or node.get("aria-label", "").strip() or node.get("aria-labelledby") or images):
                yield f"{node} has no words"
        yield from (f"{image} has no alt" for image in self.select("img") if image.get("alt") is None)

    def _inline_faults(self):
        for node in self.select("style, [style], script"):
            if node.tag != "script" or not node.get("src") or node.raw_text.strip():
                yield f"{node} is inline"
        for node in self.select("*"):
            for name in node.element.attrs:
                value = node[name]
                if name.startswith("on"):
                    yield f"{node} has a handler inline"
                if name in {"href", "src", "action", "formaction", "srcset", "poster"}:
                    scheme = value.strip().split(":")[0].lower() if ":" in value.split("/")[0] else ""
                    if scheme not in {"", "http", "https", "mailto"}:
                        yield f"{node} has an address that is code or data"
                    if (scheme or value.startswith("//")) and node.tag != "a":
                        yield f"{node} asks another host"

    def _form_faults(self):
        for form in self.select("form"):
            method = form.get("method", "get").lower()
            tokens = form.select('input[name="csrf_token"]')
            if method not in {"get", "post"}:
                yield f"{form} is sent by {method}"
            if method == "post" and not (len(tokens) == 1 and tokens[0].get("value")):
                yield f"{form} has {len(tokens)} tokens, not one"
            if method == "get" and tokens:
                yield f"{form} shows its token in the address"
            if not Form(form).buttons():
                yield f"{form} has no button"


def _html5ever_errors(html: str) -> list[str]:
    """All parse errors. turbohtml tells those inside of tags, and few of how tags stand in each other."""
    parser = markupever.Parser(markupever.HtmlOptions(exact_errors=True))
    # It reads as a browser with scripts does, to which all inside a <noscript> is plain text.
    parser.process(re.sub(r"(?<=<)(/?)noscript\b", r"\1no-script", html))
    return parser.finish().errors()


def _parse_errors(html: str):
    """What a strict parser says against it, each with the line up to which it has to read to say so."""
    errors, lines, read = _html5ever_errors(html), html.split("\n"), 1
    for count, error in enumerate(errors, 1):
        while _html5ever_errors("\n".join(lines[:read]))[:count] != errors[:count]:
            read += 1
        yield f"line {read}: {error}"


def _prose(element: Element):
    gap = "" if element.tag in INLINE else " "
    yield gap
    for child in element:
        if isinstance(child, turbohtml.Text):
            yield child.data
        elif isinstance(child, Element) and child.tag not in UNREAD and child.attr("hidden") is None:
            yield from _prose(child)
    yield gap


def _caption(button: Node) -> str:
    return button.text or button.get("aria-label") or button.get("value", "")


def _values(control: Node) -> list[str]:
    kind = control.get("type", "text")
    if control.tag == "textarea":
        return [control.raw_text]
    if control.tag == "select":
        options = control.select("option")
        chosen = [option for option in options if option.get("selected") is not None]
        if not chosen and control.get("multiple") is None:
            chosen = options[:1]
        return [option.get("value", option.text) for option in chosen]
    if control.tag == "button" or kind in {"submit", "button", "reset", "image", "file"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]


def _typed(value):
    """As a browser sends it: with CR LF at the end of a line."""
    return re.sub(r"\r\n|\r|\n", "\r\n", value) if isinstance(value, str) else value
