"""The house is open: one more fact about a pet is one declaration and one migration, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.any_database
def test_one_more_field_is_in_every_feature(registers):
    """The law holds for a field that no file but `one_more.py` names."""
    law = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.fields.one_more", "-p", "no:cacheprovider"),
            *("tests/fields/test_law.py", "-k", "chip or each or again"),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert law.returncode == 0, law.stdout + law.stderr
