"""The README's tables are made from the schemas."""

import pytest
from project import ROOT

from scripts.shared import parameters
from scripts.shared.schema import read_schema
from scripts.shared.step import Failure


def test_the_readme_is_up_to_date():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert parameters.replaced(text) == text, "run python -m scripts.shared.parameters"


def test_every_kind_and_parameter_is_told():
    table = parameters.kinds()
    for kind, part in read_schema("item")["$defs"].items():
        assert f"| **{kind}** |" in table
        assert all(f"`{name}" in table for name in part["properties"])


def test_missing_markers():
    with pytest.raises(Failure, match=r"the markers <!-- kinds --> and <!-- end of kinds --> are missing"):
        parameters.replaced("<!-- parameters -->\n<!-- end of parameters -->")
