"""How values are written, and that nothing is lost on the way."""

import pytest

from scripts.report.page.derived import late_training_level
from scripts.report.page.formats import full, shown


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (880, "", "880"),
        (60000, "", "60\u202f000"),
        (-3, "", "−3"),
        ("-27/2", "", "−27/2"),
        ("-0.00826663", "", "−0.00826663"),
        ("6.3994e-06", "", "6.3994\u00a0×\u00a010⁻⁶"),
        ("10000", "", "10\u202f000"),
        ("12345/2", "", "12345/2"),
        ("8.80 %", "", "8.80 %"),
        (80085, "text", "80085"),
        ("from -1 to p3a-1", "prose", "from −1 to p3a-1"),
        ("-1 * x", "text", "-1 * x"),
        ("6653 of 10 000", "prose", "6653 of 10\u202f000"),
        ("off by -3.3e-07 of 1", "prose", "off by −3.3\u00a0×\u00a010⁻⁷ of 1"),
        ("p3a-1", "", "p3a-1"),
        ("no-go", "text", "no-go"),
        (0.088, ".2%", "8.80\u00a0%"),
        (1e-15, ".0e", "1\u00a0×\u00a010⁻¹⁵"),
        (0.0, ".1e", "0"),
        (2.3734592163544224, ".2f", "2.37"),
        ("57/4", ".2f", "14.25"),
        (12345.678, ".1f", "12\u202f345.7"),
        ([1, 28, 28], "shape", "1 × 28 × 28"),
        (["-1", "3"], "", "−1, 3"),
        (True, "", "yes"),
        (None, "", "—"),
        ("", "", "—"),
        (float("inf"), "", "inf"),
        ({"a": "-1", "b": ["1", "2"]}, "", "a: −1; b: 1, 2"),
        ([{"p": 1}, {"p": 2}], "how many", "2"),
        ({"score": 0.5, "open": 3, "counts": {"proved": 5, "refuted": 2, "undecided": 3}}, "up to", "80.0\u00a0%"),
        ({"proved": 2, "exact": 1, "refuted": 4, "undecided": 8, "unreadable": 16}, "accepted", "3"),
        ({"proved": 2, "exact": 1, "refuted": 4, "undecided": 8, "unreadable": 16}, "left open", "24"),
        ({}, "refuted", "0"),
    ],
)
def test_shown(value, how, text):
    assert shown(value, how) == text


def test_full_precision():
    assert full(0.1 + 0.2) == "0.30000000000000004"
    assert full("8.80 %") == "8.80 %"


def test_level_of_the_late_training_loss():
    stated = {"train 0": 900, "train 1": 102, "train 2": 98, "train 3": 108, "test 0": 900, "test 1": 900}
    figures = [{"name": name, "stated": str(loss), "median": 100.0} for name, loss in stated.items()]
    assert late_training_level(figures) == pytest.approx((0.98 * 1.08) ** 0.5 - 1)
