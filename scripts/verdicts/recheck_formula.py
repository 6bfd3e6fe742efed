"""The program that re-checks a refuted formula: the objective differenced numerically, in 50-digit decimals.

SymPy writes the objective and the stated formula out in plain Python, with every other variable at the counterexample.
"""

import ast
from types import SimpleNamespace

import mpmath
import numpy as np
import sympy
from sympy.printing.str import StrPrinter

from scripts.analytic.problems import SYMPY, Problem, symbols
from scripts.verdicts.expression import evaluate
from scripts.verdicts.recheck import program

DIGITS = 30  # of the numbers in the program

START = """
from decimal import Decimal as D, getcontext

getcontext().prec = 50
Abs = abs
exp, log = (lambda u: D(u).exp()), (lambda u: D(u).ln())
sign = lambda u: (u > 0) - (u < 0)
"""


class _Decimals(StrPrinter):
    """Writes numbers so that Python reads them as decimals."""

    def _print_Rational(self, number):
        return f"(D({number.p})/{number.q})"

    def _print_Float(self, number):
        return f"D('{mpmath.nstr(number._to_mpmath(110), DIGITS)}')"


def _written(expression: object) -> str:
    return _Decimals().doprint(sympy.sympify(expression))


def _floats(values: np.ndarray) -> np.ndarray:
    return np.frompyfunc(lambda number: sympy.Float(mpmath.nstr(number, DIGITS), DIGITS), 1, 1)(values)


def formula(
    problem: Problem, tree: ast.expr, names: dict, answer: np.ndarray, right: np.ndarray, of: str
) -> str | None:
    """Return the program for a stated formula `tree` whose value `answer` is not `right`; None if only shapes differ.

    names: the arrays of mpmath numbers at the counterexample. of: "objective" where that itself is asked for.
    """
    pairs = list(zip(answer.ravel(), right.ravel(), strict=False))
    k = next((k for k, (a, b) in enumerate(pairs) if abs(a - b) > mpmath.mpf(10) ** -12 * (1 + abs(b))), None)
    if k is None:
        return None
    arrays = {name: value for name, value in names.items() if isinstance(value, np.ndarray)}
    fresh = {name: symbols(name, value.shape) for name, value in arrays.items()}
    numbers = {name: sympy.Integer(int(value)) for name, value in names.items() if isinstance(value, mpmath.mpf)}
    rational = {"number": lambda f: sympy.Rational(f.numerator, f.denominator)}
    stated = np.ravel(evaluate(tree, fresh | numbers | rational, SYMPY))
    fixed = {name: _floats(value) for name, value in arrays.items()}
    if of or problem.asked == "minimiser":
        return _compared(problem, stated, fresh, fixed, _floats(right), of)
    at = fixed[problem.wrt].ravel()[k]
    moving = fixed[problem.wrt].copy()
    moving.ravel()[k] = sympy.Symbol("t", real=True)
    objective = problem.objective(SimpleNamespace(**fixed | {problem.wrt: moving}), SYMPY)
    return program(
        "a stated derivative and central differences of the objective.",
        f"""{START}
def objective(t):  # one entry of {problem.wrt} moves, all else stays at the counterexample
    return {_written(objective)}

{_assigned([stated[k]], fresh, fixed)}
stated = {_written(stated[k])}
at, h = {_written(at)}, D("1e-12")
derivative = (objective(at + h) - objective(at - h)) / (2 * h)
refuted = abs(stated - derivative) > D("1e-14") * (1 + abs(derivative))
shown = f"stated: {{float(stated)!r}}, derivative: {{float(derivative)!r}}"
""",
    )


def _compared(problem: Problem, stated, fresh: dict, fixed: dict, right: np.ndarray, of: str) -> str:
    """Compare the stated formula with the objective, or the objective there with the objective at the minimiser."""
    free = fresh if of else fixed | {problem.wrt: fresh[problem.wrt]}
    objective = problem.objective(SimpleNamespace(**free), SYMPY)
    entries = [str(entry) for entry in fresh[problem.wrt].ravel()]
    values = ", ".join(map(_written, stated[: 1 if of else len(entries)]))
    if of:
        body = f"""
{_assigned([*stated[:1], objective], fresh, fixed)}
stated, right = {values}, {_written(objective)}
refuted = stated != right
shown = f"stated: {{float(stated)!r}}, objective: {{float(right)!r}}"
"""
    else:
        body = f"""
def objective({", ".join(entries)}):
    return {_written(objective)}

{_assigned(stated, fresh, fixed)}
stated = objective({values})
right = objective({", ".join(map(_written, right.ravel()))})
refuted = stated > right
shown = f"objective at the stated minimiser: {{float(stated)!r}}, at the right one: {{float(right)!r}}"
"""
    return program("a stated formula at the counterexample.", START + body)


def _assigned(expressions: list, fresh: dict, fixed: dict) -> str:
    """Write the line that gives the variables of the expressions their values at the counterexample."""
    used = set().union(*(sympy.sympify(expression).free_symbols for expression in expressions))
    pairs = [
        (str(entry), _written(value))
        for name in fresh
        for entry, value in zip(fresh[name].ravel(), fixed[name].ravel(), strict=True)
        if entry in used
    ]
    return f"{', '.join(name for name, _ in pairs)} = {', '.join(value for _, value in pairs)}" if pairs else ""
