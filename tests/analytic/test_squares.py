from fractions import Fraction
from random import Random

from scripts.analytic.squares import curvature, identity


def test_the_identity_is_proved_for_small_n_and_for_every_n():
    result = identity()
    assert result["proved_for_n"] == [1, 2, 3, 4, 5, 6] and result["proved_for_every_n"]


def test_the_identity_holds_for_numbers():
    draw = Random(1)
    for _ in range(20):
        x = [Fraction(draw.randint(-9, 9), draw.randint(1, 9)) for _ in range(draw.randint(1, 9))]
        c, mean = Fraction(draw.randint(-9, 9), 7), sum(x) / len(x)
        assert sum((v - c) ** 2 for v in x) - sum((v - mean) ** 2 for v in x) == len(x) * (c - mean) ** 2


def test_the_second_derivative_is_2n_times_the_identity():
    for entry in curvature():
        n, d = entry["dims"]["n"], entry["dims"]["d"]
        assert entry["hessian"] == [[str(2 * n * (i == j)) for j in range(d)] for i in range(d)]
        assert entry["positive_definite"]
