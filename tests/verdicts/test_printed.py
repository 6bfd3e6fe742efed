"""Printed numbers stand for intervals."""

from fractions import Fraction

import pytest

from scripts.verdicts.finding import DIGITS, EXACT, REFUTED, Malformed
from scripts.verdicts.printed import compare, interval


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("2.37", "237/100", "1/200"),
        ("2.370", "237/100", "1/2000"),
        ("8.80 %", "88/1000", "5/100000"),
        ("9 %", "9/100", "0"),
        ("6.3994e-06", "63994/10000000000", "5/100000000000"),
        ("6e4", "60000", "0"),
        ("0e9", "0", "0"),
        ("2.5e3", "2500", "50"),
        ("5e-3", "5/1000", "5/10000"),
        ("−3", "-3", "0"),
        (" 7/2 ", "7/2", "0"),
        (".5", "1/2", "1/20"),
    ],
)
def test_interval(text, value, half):
    assert interval(text) == (Fraction(value), Fraction(half))


@pytest.mark.parametrize("text", ["", "1,5", "1.2.3", "abc", "0x10", "1e", "٣", "1_000", "nan", "inf", "1/0", "9" * 40])
def test_no_number(text):
    with pytest.raises(Malformed):
        interval(text)


@pytest.mark.parametrize(
    ("stated", "computed", "verdict"),
    [
        ("880", 880, EXACT),
        ("880", 881, REFUTED),
        ("2.37", 2.37346, DIGITS),
        ("0", 0.01, REFUTED),
        ("1e5", 60000, REFUTED),
        ("2.37", 2.375, DIGITS),  # on the edge of the interval
        ("2.37", 2.3751, REFUTED),
        ("2.37", 2.3649, REFUTED),
        ("0.5", 0.5, EXACT),
        ("8.80 %", 0.088, EXACT),
        ("9 %", 0.088, DIGITS),
        ("1/3", "1/3", EXACT),
        ("0.333", "1/3", DIGITS),
        ("1/3", "333/1000", REFUTED),
    ],
)
def test_compare(stated, computed, verdict):
    found, evidence = compare(stated, computed)
    assert found == verdict
    assert (Fraction(evidence["from"]) <= Fraction(str(computed)) <= Fraction(evidence["to"])) == (verdict != REFUTED)
