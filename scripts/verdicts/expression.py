"""Read a stated formula such as "X.T @ sign(X @ W - Y)" and evaluate it on arrays: by whitelist, never by eval.

Allowed are the names on offer, numbers, + − * / @, integer powers, .T, and the functions below. Anything else, a
formula that is too long, or a number or power that is too large, is Malformed before anything is computed.
"""

import ast
import operator
from collections.abc import Mapping
from fractions import Fraction
from math import isfinite
from warnings import catch_warnings

import numpy as np

from scripts.verdicts.finding import Malformed

NODES = 120  # syntax nodes of a formula
DIGITS = 12  # of a number
POWERS = range(-4, 7)
TOWER = 12  # how high powers within powers may go
EXPONENT = 1_000_000  # of exp; beyond it a number has more digits than can be computed with
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
FUNCTIONS = (
    "sum",
    "mean",
    "abs",
    "sign",
    "exp",
    "log",
    "sigmoid",
    "ds",
    "softmax",
)  # sum and mean: over the first axis


def parse(text: str, names: set[str]) -> ast.expr:
    """Return the syntax tree of a formula in `names`; raise Malformed if it holds anything that is not allowed."""
    if len(text) > 500:
        raise Malformed("the formula is longer than 500 characters")
    try:
        with catch_warnings(action="ignore"):  # about odd literals
            tree = ast.parse(text.replace("−", "-").replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Malformed(f"{text[:60]!r} is no formula") from None
    if sum(1 for _ in ast.walk(tree)) > NODES:
        raise Malformed("the formula is too long")
    _allow(tree, names)
    return tree


def _allow(node: ast.expr, names: set[str], power: int = 1) -> None:
    """Raise Malformed unless `node`, which stands under powers of `power` in all, holds nothing but what is allowed."""
    match node:
        case ast.Name(id=name) if name in names:
            return
        case ast.Name(id=name):
            raise Malformed(f"unknown name '{name[:30]}'; known: {', '.join(sorted(names))}")
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if len(repr(number)) > DIGITS or not isfinite(number):
                raise Malformed("a number is too large")
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            if (exponent := _integer(right)) not in POWERS:
                raise Malformed(f"powers are whole numbers from {POWERS[0]} to {POWERS[-1]}")
            if (power := power * max(abs(exponent), 1)) > TOWER:
                raise Malformed(f"powers within powers go beyond {TOWER}")
            _allow(left, names, power)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS or isinstance(op, ast.MatMult):
            _allow(left, names, power)
            _allow(right, names, power)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _allow(operand, names, power)
        case ast.Attribute(value=value, attr="T"):
            _allow(value, names, power)
        case ast.Call(func=ast.Name(id=function), args=[argument], keywords=[]) if function in FUNCTIONS:
            _allow(argument, names, power)
        case _:
            raise Malformed(
                f"'{ast.unparse(node)[:40]}' is not allowed in a formula; functions: {', '.join(FUNCTIONS)}"
            )


def _integer(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
    return None


def evaluate(tree: ast.expr, names: Mapping[str, object], functions) -> np.ndarray:
    """Evaluate a parsed formula on object arrays; `functions` has elementwise exp, log, abs and sign.

    Raises Malformed where shapes do not fit or a divisor is zero.
    """

    def exp(u):
        # Symbols pass; numbers have no free_symbols.
        if any(abs(x) > EXPONENT for x in np.ravel(u) if not hasattr(x, "free_symbols")):
            raise Malformed(f"exp of a number beyond ±{EXPONENT} is too large")
        return functions.exp(u)

    def sigmoid(u):
        return 1 / (1 + exp(-u))

    known = {
        "sum": lambda x: np.asarray(x).sum(axis=0),
        "mean": lambda x: np.asarray(x).sum(axis=0) / len(np.atleast_1d(x)),
        "sigmoid": sigmoid,
        "ds": lambda u: sigmoid(u) * (1 - sigmoid(u)),
        "softmax": lambda u: exp(u) / exp(u).sum(axis=-1, keepdims=True),
        "exp": exp,
    } | {name: getattr(functions, name) for name in ("abs", "sign", "log")}

    def walk(node):
        match node:
            case ast.Name(id=name):
                return names[name]
            case ast.Constant(value=number):
                return names["number"](Fraction(str(number)))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return walk(left) ** _integer(right)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return np.asarray(walk(left)) @ np.asarray(walk(right))
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](walk(left), walk(right))
            case ast.UnaryOp(op=op, operand=operand):
                return -walk(operand) if isinstance(op, ast.USub) else walk(operand)
            case ast.Attribute(value=value):
                return np.asarray(walk(value)).T
            case ast.Call(func=ast.Name(id=function), args=[argument]):
                return known[function](walk(argument))

    try:
        return np.asarray(walk(tree), dtype=object)
    except ZeroDivisionError:
        raise Malformed("the formula divides by zero") from None
    except (ValueError, TypeError, IndexError, AttributeError):
        raise Malformed("the shapes in the formula do not fit each other") from None
