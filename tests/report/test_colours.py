"""Colours that carry a meaning stay apart for everyone: CIEDE2000 at least 10, whatever kind of colour blindness."""

import numpy as np
import pytest
from project import ROOT
from report.colours import ciede2000, least, themes

from scripts.report.plots import svg

MEANINGS = {
    "plots": ["blue", "vermilion", "green", "purple", "orange"],
    "verdicts": ["good", "near", "draw", "bad", "open"],
}
THEMES = themes((ROOT / "report/style.css").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("one", "two", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ],
)
def test_difference_against_published_values(one, two, difference):
    assert ciede2000(np.array(one), np.array(two)) == pytest.approx(difference, abs=5e-5)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("use", MEANINGS)
def test_colours_stay_apart(use, theme, request):
    found, view, one, two = least({name: THEMES[theme][name] for name in MEANINGS[use]})
    figures = request.config.stash["report figures"]["colours"]
    figures[f"least difference, {use}, {theme}"] = f"{found:.1f} ({one}–{two}, {view})"
    assert found >= 10


def test_page_and_plots_name_the_same_colours():
    assert {THEMES["light"][name]: name for name in MEANINGS["plots"]} == svg.NAMES
