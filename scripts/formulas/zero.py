"""Decide whether an expression is zero wherever it is smooth, by a proof rather than by heuristics that may hang."""

from collections import Counter
from math import comb, prod

import sympy

TERMS = 4000  # of what is multiplied out


class TooLarge(Exception):
    """Multiplying out would take too long."""


def vanishes(expression: sympy.Expr) -> bool:
    """Tell whether an expression in exp(±symbols), sign, Abs and rational operations reduces to 0.

    True is a proof: each exp(u) and each sign(e) is replaced by a symbol of its own, the sign's square by 1, and the
    rational function that is left is 0 identically; so the expression is 0 where no e is. False may also mean that an
    identity outside these rules was needed. Raises TooLarge.
    """
    marks: dict[sympy.Expr, sympy.Symbol] = {}

    def mark(kind: str, argument: sympy.Expr) -> sympy.Symbol:
        return marks.setdefault(sympy.Function(kind)(argument), sympy.Dummy(kind))

    def exponential(argument):
        return sympy.prod(
            mark("exp", base) ** power for base, power in sympy.expand(argument).as_coefficients_dict().items()
        )

    def sign(argument):
        argument = sympy.expand(argument)
        return -mark("sign", -argument) if argument.could_extract_minus_sign() else mark("sign", argument)

    rational = sympy.sympify(expression).replace(sympy.exp, exponential)
    rational = rational.replace(sympy.Abs, lambda e: e * sympy.sign(e)).replace(sympy.sign, sign)
    numerator = sympy.fraction(sympy.together(rational))[0]
    if _terms(numerator) > TERMS:
        raise TooLarge
    signs = {symbol for symbol in marks.values() if symbol.name == "sign"}
    symbols = sorted(numerator.free_symbols, key=str)
    try:  # as SymPy's sparse polynomial, which is multiplied out many times faster than its expressions are
        polynomial = sympy.ring(symbols, sympy.QQ)[0].from_expr(numerator)
    except ValueError:  # there is a root or a logarithm in it
        return _vanishes(sympy.expand(numerator), signs)
    left: Counter[tuple[int, ...]] = Counter()
    for powers, coefficient in polynomial.terms():
        left[tuple(p % 2 if symbol in signs else p for symbol, p in zip(symbols, powers, strict=True))] += coefficient
    return not any(left.values())


def _vanishes(expanded: sympy.Expr, signs: set[sympy.Symbol]) -> bool:
    squares = {power for power in expanded.atoms(sympy.Pow) if power.base in signs and power.exp.is_Integer}
    return sympy.expand(expanded.xreplace({power: power.base ** (power.exp % 2) for power in squares})) == 0


def _terms(expression: sympy.Expr) -> int:
    """Return how many terms there are at most once an expression is multiplied out."""
    if expression.is_Add:
        return sum(map(_terms, expression.args))
    if expression.is_Mul:
        return prod(map(_terms, expression.args))
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        power = int(expression.exp)
        return comb(_terms(expression.base) + power - 1, power)
    return 1
