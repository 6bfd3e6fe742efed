"""Statements: what tests decide, and what an example cannot."""

import pytest
from stand_in import StandIn

from scripts.verdicts.kinds.statement import check

TESTS = {"verdict": "proved", "tests": [{"value": "x.json#y", "is": "=", "bound": 1, "means": "it is so"}]}


@pytest.mark.parametrize("stated", ["yes", "no"])
@pytest.mark.parametrize("shown", [True, False])
def test_an_example_proves_what_it_shows_and_disproves_nothing(shown, stated):
    results = StandIn({"x.json": {"y": shown}})
    verdict = "proved" if shown == (stated == "yes") else "refuted"
    assert check(stated, TESTS, results, 0.01).verdict == verdict
    example = check(stated, TESTS | {"shows": "existence", "why": "one is too few"}, results, 0.01)
    assert example.verdict == (verdict if shown else "undecided")
    assert shown or "one is too few" in example.reason


def test_without_a_test_nothing_is_decided():
    assert check("yes", {"why": "nobody knows"}, StandIn({}), 0.01).reason == "nobody knows"


@pytest.mark.parametrize(
    ("value", "reason"), [(0.75, "Share: 0.75 (≥ 0.5 and < 1)."), (0.25, "Share: 0.25 (not ≥ 0.5).")]
)
def test_a_reason_tells_the_bounds_by_which_a_value_is_tested(value, reason):
    bounds = ((">=", 0.5), ("<", 1))
    tests = [{"value": "x.json#y", "is": sign, "bound": bound, "means": "share"} for sign, bound in bounds]
    assert check("yes", {"verdict": "exact", "tests": tests}, StandIn({"x.json": {"y": value}}), 0.01).reason == reason
