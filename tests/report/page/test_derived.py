"""Numbers that the page works out itself."""

import pytest

from scripts.report.page.derived import late_level
from scripts.report.page.formats import shown

ROUTES = [{"routes": {"autograd": {"off_by_at_most": off}}} for off in (1e-16, 3e-16)]


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        ([{"p": 1}, {"p": 2}], "how many", "2"),
        ({"score": 0.5, "open": 3, "counts": {"proved": 5, "refuted": 2, "undecided": 3}}, "score", "50 to 80\u00a0%"),
        ({"proved": 2, "exact": 1, "refuted": 4, "undecided": 8, "unreadable": 16}, "accepted", "3"),
        ({"proved": 2, "exact": 1, "refuted": 4, "undecided": 8, "unreadable": 16}, "left open", "24"),
        ({}, "refuted", "0"),
        (ROUTES, "autograd", "3.0\u00a0×\u00a010⁻¹⁶"),
    ],
)
def test_worked_out(value, how, text):
    assert shown(value, how) == text


def test_level_of_the_later_half_of_the_first_part():
    stated = {"train 0": 900, "train 1": 102, "train 2": 98, "train 3": 108, "test 0": 900, "test 1": 900}
    values = [{"name": name, "stated": str(loss), "median": 100.0} for name, loss in stated.items()]
    assert late_level(values) == pytest.approx((0.98 * 1.08) ** 0.5 - 1)
