"""The lines of a network as they stand in the SVG, against the exact network."""

import re
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest

from scripts.report.plots.relu import network
from scripts.report.plots.svg import NAMESPACE, SETTINGS, cleaned

POINTS = [[str(x), str(abs(x - 4))] for x in range(13)]
STATED = {
    "hidden_weights": ["-2", "2", "-2", "2"],
    "hidden_biases": ["8", "-8", "24", "-16"],
    "output_weights": ["1", "1", "1", "1"],
    "output_bias": "0",
}
# -2 relu(x - 1) + relu(5 - 2x) + 3, and a unit that is constant
OTHER = {
    "hidden_weights": ["1", "-2", "0"],
    "hidden_biases": ["-1", "5", "2"],
    "output_weights": ["-2", "1", "1/3"],
    "output_bias": "3",
}


def drawn(parts: dict) -> list[tuple[float, np.ndarray]]:
    """Return (width, vertices) of all lines of a plot."""
    with matplotlib.rc_context(SETTINGS):
        root = ET.fromstring(cleaned("name", *network(POINTS, parts, "title")))
    lines = [path for path in root.iter(f"{NAMESPACE}path") if "clip-path" in path.attrib and path.get("d")]
    return [
        (float(line.get("stroke-width")), np.array(re.findall(r"-?[\d.]+", line.get("d")), float).reshape(-1, 2))
        for line in lines
    ]


@pytest.mark.parametrize(
    ("parts", "breaks"),
    [
        (STATED, {0: 32, 4: 16, 8: 16, 12: 24}),
        (OTHER, {0: 8 + 2 / 3, 1: 6 + 2 / 3, 2.5: 2 / 3, 12: -18 - 1 / 3}),
    ],
    ids=["stated", "other"],
)
def test_network_is_the_thickest_line_and_bends_at_its_break_points_alone(parts, breaks):
    _, line = max(drawn(parts), key=lambda entry: entry[0])
    for truth, there in zip(np.array([*breaks.items()]).T, line.T, strict=True):
        straight = np.polyval(np.polyfit(truth, there, 1), truth)  # the axes are linear
        assert np.abs(straight - there).max() < 0.01


def test_what_units_contribute_lies_in_the_plot():
    figure, *_ = network(POINTS, OTHER, "title")
    low, high = figure.axes[0].get_ylim()
    assert low < -22 and high > 8 + 2 / 3
    assert "output bias" in figure.axes[0].get_legend_handles_labels()[1]
