"""Every page in a language without a letter of the English alphabet: what has one went round gettext."""

import re
from collections import defaultdict

import pytest
from babel.support import Translations

from pets import language
from tests.browser.test_pages import LONG, SHEET, addresses, lived_in  # noqa: F401  a fixture

APART = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&\w+;)")
WIDE = {**{letter: letter + 0xFEE0 for letter in range(0x21, 0x7F)}, ord(" "): " "}
PATH = re.compile(r"\S*/\S+")  # of a folder, of an address
WORD = re.compile(r"[A-Za-z]{2,}")
CODE = "sv"  # a language that is not here yet: what others keep of texts by their language is not of it
# What people typed; names of formats, products and folders; days in Swedish.
KNOWN = set(
    f"""
    Pets Ada Edith Vera {LONG} {LONG.lower()} {LONG * 3} chosen short Rex Max Zwieback Elodie Elodi Lodie
    lodie is shy And kind Nova Short Bella wolf rabbit cat dog tow name type age nobody {"W" + LONG} Rrabbit
    Wwolf Sex sex Status female male pasted cells CSV XLSX JSON Excel ODS XLS UTC SQLite kB MB GB English
    Deutsch Svenska Werkzeug
    jan feb mars apr april maj juni juli aug sep sept okt nov dec januari februari augusti september oktober
    november december venv bin flask app pets doctor backups sqlite restore
    """.split()
)


class Wide(Translations):
    """A catalogue that has every text, in letters of double width."""

    def gettext(self, text):
        return "".join(part if APART.fullmatch(part) else part.translate(WIDE) for part in APART.split(text))

    def ngettext(self, one, several, num):
        return self.gettext(one if num == 1 else several)

    def pgettext(self, context, text):
        return self.gettext(text)


@pytest.mark.any_database
@pytest.mark.usefixtures("lived_in")
def test_every_text_of_every_page_can_be_said_in_another_language(app, ada, monkeypatch):
    monkeypatch.setattr(language, "_catalog", lambda code: Wide())
    monkeypatch.setattr("tests.people._mistake_faults", lambda page: ())  # it reads English
    for module in ("pets.language", "pets.web.request"):
        monkeypatch.setattr(f"{module}.CODES", (*language.CODES, CODE))
    ada.environ_base["HTTP_ACCEPT_LANGUAGE"] = CODE
    ada.fill("/import", cells=SHEET)  # what is wrong with a row is said in the language of who brings it in
    ada.get("/import/2").page.submit(ada)
    found = defaultdict(set)
    for address in addresses(app):
        answer = ada.get(address.replace("/import/1", "/import/2"))
        if answer.mimetype == "text/html" and not answer.location:
            texts = [answer.page.text, answer.page.title]
            for name in ("aria-label", "title", "placeholder", "alt", "data-label"):
                texts += [node[name] for node in answer.page.select(f"[{name}]")]
            words = {word for text in texts for word in WORD.findall(PATH.sub(" ", text))}
            for word in words - KNOWN:
                found[word].add(address)
    assert not found
