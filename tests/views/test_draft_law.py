"""The draft's laws, through the pages: what is shown is what is saved, and no draft gets stuck."""

import pytest
from hypothesis import Phase, given, settings, strategies as st

from pets.changes.draft import Draft
from pets.changes.wanted import Wanted
from pets.db import db
from pets.models.pet import Pet
from tests.pages import Form

pytestmark = pytest.mark.on_both

EDITH = 2  # the cast's editor, by her account's number
PLACES = st.integers(0, 1)
FACTS = st.dictionaries(st.sampled_from(["name", "notes"]), st.sampled_from(["Rex", "Roy"]), min_size=1)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["draft", "save"]), PLACES, FACTS),
        st.tuples(st.sampled_from(["edit", "import", "correct", "correct", "new"]), PLACES, FACTS),
        st.tuples(st.sampled_from(["remove", "bring back", "remove in draft", "faulty"]), PLACES),
        st.tuples(st.sampled_from(["drop", "choose", "save all"]), PLACES),
    ),
    min_size=4,
    max_size=12,
)


class Two:
    """Edith with her draft, and Ada who saves beside her."""

    def __init__(self, app):
        self.app, self.edith, self.ada = app, app.test_client(name="edith"), app.test_client(name="ada")
        with app.app_context():
            pets = [Pet(name=name, type="cat") for name in ("Max", "Moe")]
            db.session.add_all(pets)
            db.session.commit()
            self.pets = [pet.id for pet in pets]

    def do(self, deed, place=0, facts=None):
        number = self.pets[place]
        match deed:
            case "draft":
                self._fill(self.edith, number, facts, "Add to draft")
            case "edit":
                self._fill(self.edith, number, facts, "Save")
            case "save":
                self._fill(self.ada, number, facts, "Save")
            case "new":
                self.edith.fill("/pets/new", "Add to draft", **{"name": "Bo", "type": "cat", **facts})
            case "remove":
                page = self.ada.get(f"/pets/{number}").page
                if page.select(f'form[action="/pets/{number}/delete"]'):
                    page.form(f"/pets/{number}/delete").submit(self.ada)
            case "bring back":
                page = self.ada.get(f"/pets/{number}").page
                if "Bring back" in page.text:
                    Form(page.one(".head form")).submit(self.ada)
            case "save all":
                save(self.edith)
            case "remove in draft" | "import" | "faulty":
                self._stage(deed, number, facts)
            case _:
                self._line(deed, place, facts)

    def _fill(self, person, number, facts, button):
        answer = person.get(f"/pets/{number}/edit")
        if answer.status_code == 200:
            assert answer.page.submit(person, button, **facts).status_code == 303

    def _stage(self, deed, number, facts):
        with self.app.app_context():
            pet = db.session.get(Pet, number)
            if pet is None:
                return
            before = {field: pet.facts[field] for field in facts or {}}
            change = {
                "import": Wanted(number, pet.version, pet.name, before, facts, {}),
                "remove in draft": Wanted(number, pet.version, pet.name, pet.facts, None),
                "faulty": Wanted(number, pet.version, pet.name, {}, {}, {"born": "This is no date."}),
            }[deed]
            Draft.begin(EDITH, "Edith").stage([change])
            db.session.commit()

    def _line(self, deed, place, facts):
        page = self.edith.get("/draft").page
        lines = page.select(".lines > li")
        if not lines:
            return
        line = lines[place % len(lines)]
        if deed == "drop":
            self.edith.post(line.one(".lines__do form")["action"])
        elif deed == "choose" and (choice := line.select('form[action$="/choose"]')):
            choose(self.edith, page, choice[0], "keep" if place else "set")
        elif deed == "correct" and (edit := line.select(".lines__do > a")):
            assert self.edith.fill(edit[0]["href"], **facts).status_code == 303


def choose(person, page, form, what):
    names = {radio["name"] for radio in form.select('input[type="radio"]')}
    answer = page.form(form["action"]).submit(person, **dict.fromkeys(names, what))
    assert answer.status_code == 303


def told(line):
    """A pet with what the page says becomes of it."""
    name = line.select("a > bdi") or line.select("bdi")
    link = line.select('a[href^="/pets/"]')
    whole = "div.whole" if line.select("div.whole") else "ul.diff"
    return (link[0]["href"] if link and not line.select("b > bdi") else name[0].text, line.one(whole).text)


def save(edith):
    """Save all. Fails unless what was done is what was shown. Returns whether something was saved."""
    page = edith.get("/draft").page
    if not page.select('form[action="/draft/save"]'):
        return False
    shown = [line for line in page.select(".lines > li") if "Already so" not in line.text]
    stuck = any(line.select('form[action$="/choose"], .field__problem') for line in shown)
    answer = page.form("/draft/save").submit(edith)
    if answer.status_code != 303:
        assert answer.status_code in (409, 422)
        assert stuck, "a save was refused, and the page had nothing to decide"
        return False
    if not shown:
        assert answer.location == "/draft"
        return True
    saved = edith.get(edith.change_told(answer)).page.select("ol.history > li")
    assert f"{len(shown)} change" in page.one(".head__sub").text
    added = {text for where, text in map(told, saved)}
    assert {told(line)[1] for line in shown} == added
    assert len(saved) == len(shown)
    return True


# Each on a register of its own; to make a failure shorter would take minutes.
@settings(max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(deeds=DEEDS, last=st.sampled_from(["keep", "set"]))
def test_law_what_is_shown_is_saved_and_no_draft_is_stuck(registers, deeds, last):
    with registers.open() as app:
        two = Two(app)
        for deed in deeds:
            two.do(*deed)
        for _ in range(12):
            page = two.edith.get("/draft").page
            if not page.select(".lines > li"):
                break
            if choices := page.select('form[action$="/choose"]'):
                choose(two.edith, page, choices[0], last)
            elif wrong := [line for line in page.select(".lines > li") if "This is no date." in line.text]:
                two.edith.fill(wrong[0].one(".lines__do > a")["href"], name="Roy")
            else:
                assert save(two.edith)
        else:
            raise AssertionError("the draft is stuck: " + page.text)
