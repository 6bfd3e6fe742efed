import pytest
import sympy
from sympy import Abs, exp, sign

from scripts.formulas.zero import TooLarge, vanishes

x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    "expression",
    [
        (x + y) ** 2 - x**2 - 2 * x * y - y**2,
        1 / (1 + exp(-x)) - exp(x) / (1 + exp(x)),
        exp(x) / (1 + exp(x)) ** 2 - (1 / (1 + exp(-x))) * (1 - 1 / (1 + exp(-x))),
        exp(2 * x + y) - exp(x) ** 2 * exp(y),
        sign(x - y) + sign(y - x),
        Abs(x - y) - (x - y) * sign(x - y),
        sign(2 * x + 2 * y) - sign((x + y) * 2),
        x / Abs(x) - sign(x),
        (Abs(x) - y) * sign(x) - x + y * sign(x),
        sympy.sqrt(y) * (sympy.sqrt(y) + sign(x) ** 2) - y - sympy.sqrt(y),
        (x + 1) * sympy.log(y) - x * sympy.log(y) * sign(x) ** 2 - sympy.log(y),
        sympy.Integer(0),
    ],
)
def test_identities_are_proved(expression):
    assert vanishes(expression)


@pytest.mark.parametrize(
    "expression",
    [
        (x + y) ** 2 - x**2 - y**2,
        1 / (1 + exp(-x)) - exp(x) / (2 + exp(x)),
        exp(2 * x) - 2 * exp(x),
        sign(x - y) - sign(y - x),
        Abs(x) - x,
        sympy.Rational(1, 10**30),
    ],
)
def test_what_is_no_identity_is_not_proved(expression):
    assert not vanishes(expression)


def test_what_is_too_large_to_multiply_out_is_given_up():
    with pytest.raises(TooLarge):
        vanishes((x + y + 1) ** 200 - 1)
