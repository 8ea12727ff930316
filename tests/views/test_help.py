"""Help: every answer is found, and every link to one leads to it."""

import re
from pathlib import Path

import app as program

TEMPLATES = Path(program.__file__).parent / "templates"


def test_every_question_has_one_answer_in_the_order_of_the_list(stranger):
    page = stranger.get("/help").page
    asked = [(link["href"], link.text) for link in page.select("ul.questions a")]
    assert asked == [(f"#{one['id']}", one.text) for one in page.select("section.answer h2")]
    assert len(asked) > 15


def test_links_lead_to_answers_that_are_there(vera):
    anchors = {one["id"] for one in vera.get("/help").page.select("section.answer h2")}
    linked = {
        anchor
        for path in TEMPLATES.rglob("*.html")
        for anchor in re.findall(r"\bhelp_link\(\"(\w+)\"\)", path.read_text("utf-8"))
    }
    assert linked
    assert linked <= anchors


def test_it_leads_to_those_pages_alone_that_are_open_to_whoever_asks(stranger, vera, edith, ada):
    def links(who):
        return {link["href"] for link in who.get("/help").page.select("section.answer a")}

    assert links(stranger) == set()
    assert "/history" in links(vera)
    assert links(vera) < links(edith) < links(ada)
    assert {"/draft", "/import", "/fields", "/backups"} <= links(ada)


def test_every_page_leads_to_it(stranger, vera):
    for answer in (stranger.get("/login"), vera.get("/pets/"), vera.get("/nowhere")):
        assert answer.page.select("footer a")[0]["href"] == "/help"
