"""A page as a person meets it: its words, its links, its forms to fill in, and what is wrong with it."""

import functools
import re
from bisect import bisect_right
from collections import Counter
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.datastructures import MultiDict

INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em i ins kbd mark q small span strong sub sup time u var".split()
)
UNREAD = frozenset("datalist head script select style svg template textarea".split())  # not part of the prose
NEED_LABEL = frozenset("input select textarea progress meter output".split())
REFERENCES = ("for", "list", "form", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns")


class Node:
    """One element of a page. `node["href"]` is an attribute, `node.text` the words a person reads."""

    def __init__(self, element: Element, page: "Page"):
        self.element, self.page = element, page

    def __getitem__(self, attribute: str) -> str:
        return self.element.attrib[attribute]

    def __repr__(self):
        attributes = "".join(f' {name}="{value}"' for name, value in self.element.attrib.items())
        return f"<{self.tag}{attributes}>"

    def get(self, attribute: str, default=None):
        return self.element.get(attribute, default)

    @property
    def tag(self) -> str:
        return str(self.element.tag)

    @property
    def text(self) -> str:
        return " ".join("".join(_prose(self.element)).split())

    @property
    def raw_text(self) -> str:
        """Every character inside, as it stands: what a textarea or a <pre> holds."""
        return "".join(self.element.itertext())

    def select(self, css: str) -> "list[Node]":
        """The elements below that match: tag, #id, .class, [attr], [attr="value"] (=, ^=, $=, *=, ~=),
        "a b", "a > b", and several such with commas between."""
        wanted = [_parse_selector(one) for one in css.split(",")]
        found = self.page.below(self.element, wanted[0])
        if len(wanted) > 1:
            several = {*found, *(place for one in wanted[1:] for place in self.page.below(self.element, one))}
            found = sorted(several)
        return [Node(self.page.elements[place], self.page) for place in found]

    def one(self, css: str) -> "Node":
        """The only element that matches."""
        found = self.select(css)
        assert len(found) == 1, f"{len(found)} elements match {css!r}: {found}"
        return found[0]

    @property
    def ancestors(self) -> "list[Node]":
        found, element = [], self.element
        while (element := self.page.parents.get(element)) is not None:
            found.append(Node(element, self.page))
        return found


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
        off = {
            part for closed in self.node.page.select("fieldset[disabled]") for part in closed.element.iter()
        }
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
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        root = parser.parse(html)
        self._parse_errors = [
            f"line {line}: {code} {facts or ''}".strip() for (line, _), code, facts in parser.errors
        ]
        self._learn(root)
        super().__init__(root, self)

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

    def _learn(self, root: Element) -> None:
        """Note what `select` asks of all elements: a page is asked some fifty times."""
        self.elements = list(root.iter())
        self.parents = {child: parent for parent in self.elements for child in parent}
        self._places = {element: place for place, element in enumerate(self.elements)}
        self._with: dict[str, list[int]] = {"*": []}  # by tag, and by attribute in brackets
        self._last: dict[Element, int] = {}  # below an element are those from its own place to this one
        for place, element in enumerate(self.elements):
            if isinstance(element.tag, str):  # else a comment
                for key in ("*", element.tag, *(f"[{name}]" for name in element.attrib)):
                    self._with.setdefault(key, []).append(place)
        for element in reversed(self.elements):
            self._last[element] = self._last[element[-1]] if len(element) else self._places[element]

    def below(self, element: Element, parts: list[str]) -> list[int]:
        """The places of those below an element that match, in their order."""
        first, last = self._places[element], self._last[element]
        places = min((self._with.get(key, []) for key in _keys(parts[-1])), key=len)
        near = places[bisect_right(places, first) : bisect_right(places, last)]
        return [place for place in near if self.matches(self.elements[place], parts)]

    def matches(self, element: Element, parts: list[str]) -> bool:
        if not _fits(element, parts[-1]):
            return False
        if len(parts) == 1:
            return True
        above = self.parents.get(element)
        if parts[-2] == ">":
            return above is not None and self.matches(above, parts[:-2])
        while above is not None:
            if self.matches(above, parts[:-1]):
                return True
            above = self.parents.get(above)
        return False

    @property
    def faults(self) -> list[str]:
        return [
            *self._parse_errors,
            *self._outline_faults(),
            *self._reference_faults(),
            *self._naming_faults(),
            *self._inline_faults(),
            *self._form_faults(),
        ]

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
        for element in self.elements:
            for name, value in element.attrib.items():
                node = Node(element, self)
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


def _prose(element: Element):
    gap = "" if element.tag in INLINE else " "
    yield gap + (element.text or "")
    for child in element:
        if isinstance(child.tag, str) and child.tag not in UNREAD and "hidden" not in child.attrib:
            yield from _prose(child)
        yield child.tail or ""
    yield gap


def _caption(button: Node) -> str:
    return button.text or button.get("aria-label") or button.get("value", "")


def _values(control: Node) -> list[str]:
    kind = control.get("type", "text")
    if control.tag == "textarea":
        in_cell = any(above.tag in {"td", "th"} for above in control.ancestors)
        # A browser drops the first line break everywhere; html5lib does not in a table's cell.
        return [control.raw_text.removeprefix("\n") if in_cell else control.raw_text]
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


_PART = re.compile(r"""(?:[^\s>\[]|\[[^\]]*\])+|>""")
_SIMPLE = re.compile(r"""[#.]?[\w-]+|\*|\[([\w-]+)(?:([~^$*]?=)["']?([^"'\]]*)["']?)?\]""")


@functools.cache
def _parse_selector(css: str) -> list[str]:
    parts = _PART.findall(css.strip())
    for part in parts:
        assert part == ">" or "".join(found[0] for found in _SIMPLE.finditer(part)) == part, (
            f"not understood: {css}"
        )
    return parts


def _fits(element: Element, compound: str) -> bool:
    if not isinstance(element.tag, str):  # a comment
        return False
    return all(_fits_simple(element, *simple) for simple in _simples(compound))


@functools.cache
def _keys(compound: str) -> list[str]:
    """What an element has to be or have to fit: "a", "[href]", or "*"."""
    of = {"#": "[id]", ".": "[class]"}
    return [
        of.get(words[0]) or (f"[{attribute}]" if attribute else words)
        for words, attribute, *_ in _simples(compound)
    ]


@functools.cache
def _simples(compound: str) -> list[tuple[str, ...]]:
    return [(found[0], *found.groups()) for found in _SIMPLE.finditer(compound)]


def _fits_simple(element: Element, words: str, attribute: str, operator: str, value: str) -> bool:
    if words[0] == "#":
        return element.get("id") == words[1:]
    if words[0] == ".":
        return words[1:] in element.get("class", "").split()
    if words[0] != "[":
        return words in ("*", element.tag)
    if attribute not in element.attrib:
        return False
    has = element.attrib[attribute]
    match operator:
        case "=":
            return has == value
        case "^=":
            return has.startswith(value)
        case "$=":
            return has.endswith(value)
        case "*=":
            return value in has
        case "~=":
            return value in has.split()
    return True
