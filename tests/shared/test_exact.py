from fractions import Fraction as F
from importlib import import_module

import numpy as np
import pytest

from scripts.shared.exact import added, number
from scripts.shared.step import Failure


@pytest.mark.parametrize("text, value", [("-3", F(-3)), ("1.5", F(3, 2)), ("+7/14", F(1, 2)), ("0.125", F(1, 8))])
def test_numbers_are_exact(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "x", "1e9", "1/0", "nan", "1_0", "٣", "9" * 41, "1.", "1/-2", "0x1"])
def test_anything_else_is_refused(text):
    with pytest.raises(Failure):
        number(text)


def test_floats_are_added_alike_under_every_python():
    """From Python 3.12 on, `sum` carries what is rounded away: 1e16 + 1 + 1 is 1e16 + 2 there."""
    assert added([1e16, 1.0, 1.0]) == 1e16
    assert added([F(1, 3), F(2, 3)]) == 1 and added([]) == 0


@pytest.mark.parametrize("module", ["l1_regression.example", "fashion_mnist.confidence"])
def test_no_float_is_added_by_sum(module, monkeypatch):
    """As Python 3.12 adds them, whichever runs this."""
    loaded = import_module(f"scripts.{module}")

    def refuse(values, *start):
        values = list(values)
        assert not any(type(value) is float for value in values), "use added()"
        return sum(values, *start)

    monkeypatch.setattr(loaded, "sum", refuse, raising=False)
    if module == "l1_regression.example":
        rows = [[F(1), F(x)] for x in range(5)]
        loaded.example(rows, [F(y) for y in (0, 1, 3, 2, 9)])
    else:
        probabilities = np.full((20, 10), 0.05)
        probabilities[:, 3] = 0.55
        loaded.confidence(probabilities, np.arange(20) % 10, 3)
