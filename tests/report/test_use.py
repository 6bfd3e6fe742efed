"""The report as readers use it, by pointer, finger and keyboard, in Chromium and in Firefox: see browser/use.mjs."""

import re
import statistics

import pytest


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def found(page, browser, request) -> dict:
    """What was found in one of the browsers."""
    found = browser("use.mjs", request.param, request.param, str(page.path))
    request.config.stash["report figures"][page.name] |= {
        f"{request.param}: {what}": value
        for what, value in {
            "first paint, ms (median of 5)": round(statistics.median(found["firstPaintMs"])),
            "console errors": len(found["complaints"]),
            "sideways scroll, px": max(found["sideways"].values()),
            "targets under 24 px": sum(map(len, found["small"].values())),
            "Tab stops": found["keyboard"]["stops"],
            "Tab stops hidden or out of order": len(found["keyboard"]["hidden"] + found["keyboard"]["disordered"]),
        }.items()
    }
    return found


def test_complains_of_nothing(found):
    assert found["complaints"] == []


def test_quick(found):
    assert min(found["firstPaintMs"]) <= 1000  # at best: other work on the machine is not the page's


def test_no_sideways_scroll(found):
    assert set(found["sideways"]) >= {"390", "320"} and max(found["sideways"].values()) <= 0


def test_a_finger_hits_what_stands_alone(found):
    assert set(found["small"]) >= {"390", "1280"} and not any(found["small"].values())


def test_keyboard(found, page):
    keyboard = found["keyboard"]
    assert keyboard["stops"] <= (
        160 if page.name == "synthetic" else 150
    )  # most of its answers are refuted, each with a program
    assert keyboard["hidden"] == [] and keyboard["disordered"] == []
    assert len(keyboard["rings"]) == 1 and re.match(r"solid [2-9]", keyboard["rings"][0])


def test_a_tile_filters_the_ledger(found):
    tally = found["filter"]
    [verdict] = set(tally["some"])
    assert len(tally["some"]) == int(tally["chosen"]) == tally["all"].count(verdict) < len(tally["all"])
    assert tally["focused"] == verdict
    assert tally["back"] == tally["all"]


def test_a_number_shows_where_it_stands_what_it_carries(found):
    peek = found["peek"]
    assert peek["shown"][:3] == peek["carried"] and len(peek["shown"]) == 4
    assert peek["stayed"] and peek["closed"]


def test_a_reference_shows_what_it_names(found):
    preview = found["preview"]
    assert preview["shown"] == preview["hovered"] == preview["named"]
    assert preview["left"] and preview["repeated"] == 0


def test_the_contents_follow_and_numbers_become_tab_stops_on_demand(found):
    assert len(found["current"]["marked"]) == 1 and found["stopsAtNumbers"]


def test_a_slider_moves_both_cursors(found):
    before, after = (found["cursors"][when][:2] for when in ("before", "after"))
    assert all(one != other for one, other in zip(before, after, strict=True)) and len(before) == 2
