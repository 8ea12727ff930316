"""Pets that facts link to: found by name or number, and called by their name."""

import pytest

from pets.fields.pet_link import called
from pets.models import links
from pets.models.pet import Pet

LONG = "x" * 10_000


@pytest.fixture
def bellas(add_pet):
    """Bella 1, Max 2, and two that are called Luna."""
    for name, kind in (("Bella", "cat"), ("Max", "dog"), ("Luna", "cat"), ("lúna", "dog")):
        add_pet(name, kind)


@pytest.mark.parametrize(
    ("typed", "fact", "problem"),
    [
        ("1", "1", ""),
        ("bélla", "1", ""),
        ("Max, no. 2", "2", ""),
        ("9", "9", "No pet has the number 9. Enter the name or the number of one."),
        ("Rex", "Rex", "No pet is called “Rex”. Enter a name as it is here, or a number."),
        ("Max, no. 1", "Max, no. 1", "“Bella” has the number 1. Enter the name or the number alone."),
        ("Bella, no. 9", "9", "No pet has the number 9. Enter the name or the number of one."),
        (
            "Luna",
            "Luna",
            "Several pets are called “Luna”. Enter the number of one: 3 (cat), 4 (dog).",
        ),
        ("a\0b", "a\0b", "No pet is called “a\0b”. Enter a name as it is here, or a number."),
        (LONG, LONG, f"No pet is called “{'x' * 100}”. Enter a name as it is here, or a number."),
        ("9" * 18, "9" * 18, f"No pet has the number {'9' * 18}. Enter the name or the number of one."),
    ],
)  # fmt: skip
def test_a_name_or_a_number_means_a_pet(session, bellas, typed, fact, problem):
    assert links.meant_by([typed]) == {typed: (fact, problem)}


def test_many_are_found_with_two_statements(session, bellas, statements):
    statements.clear()
    links.meant_by(["Bella", "Max", "1", "Max, no. 2", "Nobody"])
    assert len([one for one in statements if one.startswith("SELECT")]) == 2


def test_a_pet_is_called_by_the_name_it_has_now(session, bellas):
    assert called("1") == "Bella, no. 1"
    session.get(Pet, 1).name = "Isabella"
    session.commit()
    assert called("1") == "Isabella, no. 1"
    session.delete(session.get(Pet, 1))
    session.commit()
    assert called("1") == "no. 1 (removed)"
    links.learn_names(str(number) for number in range(1, 5))
    assert links.learn_names(()).keys() == {"1", "2", "3", "4"}
