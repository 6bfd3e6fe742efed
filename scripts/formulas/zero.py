"""Decide whether an expression is identically zero, by a proof rather than by heuristics that may hang."""

import sympy


def vanishes(expression: sympy.Expr) -> bool:
    """Tell whether an expression in exp(±symbols), sign, Abs and rational operations reduces to 0.

    True is a proof: each exp(u) and each sign(e) is replaced by a symbol of its own, and the rational function that
    is left is 0 identically. False may also mean that an identity outside these rules was needed.
    """
    marks: dict[sympy.Expr, sympy.Symbol] = {}

    def mark(kind: str, argument: sympy.Expr) -> sympy.Symbol:
        return marks.setdefault(sympy.Function(kind)(argument), sympy.Dummy())

    def exponential(argument):
        return sympy.prod(
            mark("exp", base) ** power for base, power in sympy.expand(argument).as_coefficients_dict().items()
        )

    def sign(argument):
        argument = sympy.expand(argument)
        return -mark("sign", -argument) if argument.could_extract_minus_sign() else mark("sign", argument)

    rational = sympy.sympify(expression).replace(sympy.exp, exponential)
    rational = rational.replace(sympy.Abs, lambda e: e * sympy.sign(e)).replace(sympy.sign, sign)
    return sympy.expand(sympy.fraction(sympy.together(rational))[0]) == 0
