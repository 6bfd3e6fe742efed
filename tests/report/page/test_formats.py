"""How values are written, and that nothing is lost on the way."""

import pytest

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
        ([["1/2", "-3"], ["4", "5"]], "nested", "((1/2, −3), (4, 5))"),
        ([["7"]], "nested", "7"),
        (["-1", "3"], "", "−1, 3"),
        (True, "", "yes"),
        (None, "", "—"),
        ("", "", "—"),
        (float("inf"), "", "∞"),
        (float("-inf"), ".2f", "−∞"),
        (float("nan"), ".2f", "no number"),
        ({"a": "-1", "b": ["1", "2"]}, "", "a: −1; b: 1, 2"),
    ],
)
def test_shown(value, how, text):
    assert shown(value, how) == text


def test_full_precision():
    assert full(0.1 + 0.2) == "0.30000000000000004"
    assert full("8.80 %") == "8.80 %"
