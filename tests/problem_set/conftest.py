"""A set to spoil."""

import shutil

import pytest
from project import ROOT


@pytest.fixture
def example(tmp_path):
    """A copy of the example, to spoil."""
    return shutil.copytree(ROOT / "problem_sets/example", tmp_path / "example")
