"""What is printed, as the printer gets it: how many pages, and what stands on them."""

import io

import pytest
from pypdf import PdfReader

from pets.db import db
from pets.models.pet import Pet


@pytest.fixture
def printed(edith):
    """`printed("/pets/print", "Letter")`: the words on each page that comes out of the printer."""

    def printed(path, paper="A4"):
        edith.go(path)
        edith.page.emulate_media(media="print")
        content = edith.page.pdf(format=paper, prefer_css_page_size=True)
        return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]

    return printed


@pytest.fixture
def many(app):
    """86 dogs, from "Pet 001" on."""
    with app.app_context():
        db.session.add_all(Pet(name=f"Pet {number:03}", type="dog", age=2) for number in range(1, 87))
        db.session.commit()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_list_prints_whole_with_its_headings_on_each_page(printed, many, paper):
    pages = printed("/pets/print", paper)
    assert 2 <= len(pages) <= 3
    for number, words in enumerate(pages, 1):
        assert "Name Type Age" in words
        assert f"{number} / {len(pages)}" in words
    assert "86 pets · sorted by name" in pages[0]
    text = " ".join(pages)
    assert all(f"Pet {number:03} dog about 2 years" in text for number in range(1, 87))
    assert "Empty columns" not in text  # what is for the screen


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_four_cards_stand_on_a_sheet(printed, many, paper):
    pages = printed("/pets/cards?q=pet+00", paper)  # nine of them
    assert [words.count("No. ") for words in pages] == [4, 4, 1]
    assert "Pet 001" in pages[0]
    assert [words.count("No. ") for words in printed("/pets/cards?q=pet+00&size=a5", paper)] == [
        2,
        2,
        2,
        2,
        1,
    ]
    assert [words.count("No. ") for words in printed("/pets/cards?q=pet+00&size=label", paper)] == [1] * 9


def test_a_record_and_the_list_in_view_print_on_one_page(printed, many):
    for path in ("/pets/1/record", "/pets/1/card"):
        [words] = printed(path)
        assert "Pet 001" in words
    [words] = printed("/pets/")
    assert "Pet 025" in words
    assert words.count("dog about 2 years") == 25
