from fractions import Fraction as F

import pytest

from scripts.shared.exact import number
from scripts.shared.step import Failure


@pytest.mark.parametrize("text, value", [("-3", F(-3)), ("1.5", F(3, 2)), ("+7/14", F(1, 2)), ("0.125", F(1, 8))])
def test_numbers_are_exact(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "x", "1e9", "1/0", "nan", "1_0", "٣", "9" * 41, "1.", "1/-2", "0x1"])
def test_anything_else_is_refused(text):
    with pytest.raises(Failure):
        number(text)
