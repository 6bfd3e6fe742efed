"""Figures that can stand inside a page."""

import re
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest

from scripts.report.names import ANSWERED, shared
from scripts.report.svg import BLUE, SETTINGS, cleaned, plot


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


def test_every_figure_is_on_the_page(report):
    config_samples = len(list((report.folder / "results/report/figures").glob("sample-*.svg")))
    for name in [*ANSWERED, *shared(config_samples)]:
        assert f'id="{name}-title"' in report.html, name


def test_colours_stay_apart_under_colour_blindness():
    """The least CIE 1976 difference between two colours used together, also as dichromats see them, is at least 10."""
    from scripts.report import svg as palette

    used = [palette.BLUE, palette.VERMILION, palette.GREEN, palette.PURPLE, palette.ORANGE]
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in used])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    # Machado, Oliveira, Fernandes (2009), severity 1: protanopia, deuteranopia, tritanopia.
    views = {
        "normal": np.eye(3).ravel(),
        "protanopia": [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
        "deuteranopia": [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
        "tritanopia": [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
    }
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    for view, matrix in views.items():
        xyz = (linear @ np.reshape(matrix, (3, 3)).T).clip(0, 1) @ to_xyz.T / np.array([0.9505, 1, 1.089])
        f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        lab = np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)
        least = min(np.linalg.norm(a - b) for i, a in enumerate(lab) for b in lab[:i])
        print(f"least colour difference, {view}: {least:.1f}")
        assert least >= 10, view
