"""What the suite sees of a page, and what it says against it: `pages.py` looks at each page a test opens."""

import pytest

from tests.pages import Form, Page

pytestmark = pytest.mark.any_database

FAULTY = {
    "a block that is not closed": "<div><p>a</p>",
    "words that are not closed": "<p><b>a</p>",
    "a list that is not closed": "<ul><li>a</li>",
    "a table that is not closed": "<table><tr><td>a",
    "a list to choose from that is not closed": "<select><option>a",
    "a field that is not closed": "<textarea>a",
    "a button that is not closed": "<p><button>a</p>",
    "a remark that is not closed": "<!-- a",
    "a tag that is not closed": "<p>a</p><div class='b",
    "a block in a paragraph": "<p>a<div>b</div></p>",
    "a list in a paragraph": "<p>a<ul><li>b</ul></p>",
    "an end of nothing": "<p>a</p></div>",
    "an end of nothing in a line": "<p>a</b></p>",
    "an end of what has none": "<br>a</br>",
    "another end": "<h2>a</h3>",
    "ends in the wrong order": "<p><b><i>a</b></i></p>",
    "ends of blocks in the wrong order": "<form><div>a</form></div>",
    "a form in a form": "<form>a<form>b</form></form>",
    "a link in a link": "<a href='/a'>a<a href='/b'>b</a></a>",
    "a button in a button": "<button>a<button>b</button></button>",
    "a heading in a heading": "<h2>a<h3>b</h3></h2>",
    "a block in a table": "<table><div>a</div></table>",
    "a form in a row": "<table><tr><form><td>a</td></form></tr></table>",
    "a token in a row": "<table><tr><input type='hidden'><td>a</td></tr></table>",
    "words in a row": "<table><tr>a<td>b</td></tr></table>",
    "a cell outside of a table": "<div><td>a</td></div>",
    "a cell that ends too early": "<table><tr><td><span>a</td></tr></table>",
    "a field in a list to choose from": "<select><option>a</option><input></select>",
    "an attribute twice": "<p class='a' class='b'>a</p>",
    "no room between attributes": "<p class='a'id='b'>a</p>",
    "a quote too many": "<p class='a''>a</p>",
    "a quote in a value": "<p class=a'b>a</p>",
    "a smaller-than sign": "<p>1 < 2</p>",
    "a smaller-than sign in a tag": "<p <b>a</p>",
    "an entity that is not ended": "<p>&copy 2</p>",
    "an entity that is none": "<p>&rex;</p>",
    "NUL": "<p>a\0b</p>",
    "a control character": "<p>a\x01b</p>",
    "what closes itself and cannot": "<div/>a",
    "a second body": "<body class='a'>",
    "what follows the body": "</main></body><p>a</p>",
}
ALLOWED = """
<p>Tom &amp; J&eacute;r&#244;me &#x1f436; &lt;3<br/>a<wbr>b
<ul><li>a<li>b</ul>
<table><caption>a</caption><tr><th>a<td>b<tr><td>c<td>d</table>
<dl><dt>a<dd>b</dl>
<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>
<template><tr><td>a</td></tr></template>
<details><summary>a</summary><p>b</details>
<form><label>a <select><optgroup label=a><option selected>b</optgroup></select></label>
<button>c</button></form>
"""


def page_of(inside: str) -> Page:
    return Page(
        '<!doctype html>\n<html lang="en"><head><title>Pets</title></head>\n'
        f"<body><main><h1>Pets</h1>\n{inside}\n</main></body></html>\n"
    )


@pytest.mark.parametrize("inside", FAULTY.values(), ids=FAULTY)
def test_what_is_written_wrongly_is_told_with_its_line(inside):
    told = [fault for fault in page_of(inside).faults if fault.startswith("line ")]
    assert told


def test_what_html_allows_is_no_fault():
    assert page_of(ALLOWED).faults == []


def test_the_line_is_the_one_that_shows_the_fault():
    faults = page_of("<p>a</p>\n<p><b>b</p>\n<p>c</b></p>").faults
    assert [fault.split(":")[0] for fault in faults] == ["line 5", "line 6"]


def test_a_page_without_its_first_line_is_told():
    html = page_of("<p>a</p>").html
    assert Page(html).faults == []
    assert Page(html.removeprefix("<!doctype html>")).faults


@pytest.mark.parametrize("inside", ["<p>Tom & Jerry</p>", "<p>Tom&Jerry</p>", "<a href='/?a=1&b=2'>a</a>"])
def test_every_ampersand_has_to_be_escaped(inside):
    (fault,) = page_of(inside).faults
    assert fault.startswith("an ampersand that is not escaped: ")


@pytest.mark.parametrize("inside", ["<p>a</p>", "<option><b>a</b></option>", "<optgroup><i>a</i></optgroup>"])
def test_a_list_to_choose_from_holds_words_alone(inside):
    (fault,) = page_of(f"<label>a <select>{inside}</select></label>").faults
    assert "stands in a list to choose from" in fault


def test_what_only_browsers_without_scripts_show_is_part_of_the_page():
    page = page_of("<form><noscript><button name='a'>b</button></noscript></form>")
    assert [button.text for button in Form(page.one("form")).buttons()] == ["b"]
    assert page_of("<noscript><p><b>a</p></noscript>").faults


def test_the_first_line_break_of_a_field_is_dropped_as_browsers_do():
    field = "<textarea name='a'>\n\nb</textarea>"
    page = page_of(f"<form>{field}</form><form><table><tr><td>{field}</table></form><pre>\n\nb</pre>")
    assert [Form(form).fields for form in page.select("form")] == [{"a": "\nb"}] * 2
    assert page.one("pre").raw_text == "\nb"


def test_what_is_searched_is_below_and_in_its_order():
    page = page_of('<div><p class="a b">1</p><div><p>2</p></div></div><p>3</p>')
    outer = page.one("main > div")
    assert [node.text for node in page.select("main > p, div p")] == ["1", "2", "3"]
    assert [node.text for node in outer.select("main p")] == ["1", "2"]
    assert [node.tag for node in outer.select("div")] == ["div"]
    assert [above.tag for above in outer.ancestors] == ["main", "body", "html"]
    with pytest.raises(ValueError, match="selector"):
        page.select("p:unheard-of")
    with pytest.raises(KeyError):
        page.one("h1")["class"]
