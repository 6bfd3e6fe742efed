"""Figures that can stand inside a page."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib
import pytest
from project import ROOT

from scripts.report.plots.svg import BLUE, SETTINGS, cleaned, plot


def drawn(name: str) -> str:
    with matplotlib.rc_context(SETTINGS):
        figure, axes = plot()
        axes.plot([1, 2, 3], [1, 3, 2], "o-", color=BLUE, label="a line")
        axes.hist([1, 2, 2], hatch="//")
        axes.legend()
        return cleaned(name, figure, "A <title>", "Described & named.")


@pytest.fixture(scope="module")
def svg() -> str:
    return drawn("first")


def test_same_bytes_again(svg):
    assert drawn("first") == svg


def test_nothing_leaks(svg):
    assert "<style" not in svg and "style=" not in svg and "<metadata" not in svg and "xlink" not in svg
    assert not re.search(r"20\d\d-\d\d", svg)
    root = ET.fromstring(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) and all(identity.startswith("first-") for identity in ids)
    references = set(re.findall(r'(?:href="#|url\(#)([\w-]+)', svg))
    assert references and references <= set(ids)


def test_named_and_described(svg):
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root[0].text == "A <title>" and root[1].text == "Described & named."
    assert root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]


def test_colours_follow_the_page(svg):
    assert "var(--blue,#0072b2)" in svg and "currentColor" in svg
    assert "#000000" not in svg


DRAW = """
import matplotlib
from scripts.report.plots.svg import SETTINGS, cleaned, plot
with matplotlib.rc_context(SETTINGS):
    figure, axes = plot()
    axes.plot([0, 1], [0, 1], label="a line")
    axes.legend()
    print(cleaned("x", figure, "A title", "What it shows"))
"""


def test_a_matplotlibrc_changes_nothing(tmp_path):
    def with_(text: str) -> bytes:
        (tmp_path / "matplotlibrc").write_text(text)
        environment = os.environ | {"MPLCONFIGDIR": str(tmp_path)}
        return subprocess.run([sys.executable, "-c", DRAW], cwd=ROOT, env=environment, capture_output=True).stdout

    assert with_("axes.grid: True\nlegend.loc: center\nfont.family: serif\n") == with_("") != b""
