"""Evaluate a formula's tree on arrays, in whatever arithmetic its entries have: mpmath, SymPy or PyTorch."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
import sympy

from scripts.formulas.tree import Node, Unreadable

OPERATORS = {"add": operator.add, "negative": operator.neg, "times": operator.mul, "matmul": operator.matmul}
EXPONENT = 1_000_000  # of exp; beyond it a number has more digits than can be computed with


class Undefined(ArithmeticError):
    """The formula has no real value at this point."""


def _gathered(values: list, shape: tuple[int, ...]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result.reshape(shape)


@dataclass(frozen=True)
class Arithmetic:
    """The elementwise functions of one arithmetic, over arrays of its numbers.

    number: of a Fraction; gathered: an array of a shape from a list of numbers.
    """

    number: Callable
    exp: Callable
    log: Callable
    abs: Callable
    sign: Callable
    power: Callable
    maximum: Callable = lambda x, axis: np.max(x, axis=axis, keepdims=True)
    gathered: Callable = _gathered


def over_arrays(function: Callable) -> Callable:
    """Return a function of one number as one of arrays, entry by entry."""
    return np.frompyfunc(function, 1, 1)


def _exp(x):
    if abs(x) > EXPONENT:
        raise Unreadable(f"exp of a number beyond ±{EXPONENT} is too large")
    return mpmath.exp(x)


def _log(x):
    if x <= 0:
        raise Undefined("the logarithm of a number that is not positive")
    return mpmath.log(x)


def _power(x, exponent: Fraction):
    if exponent.denominator == 1:
        if exponent < 0 and x == 0:
            raise Undefined("a division by zero")
        return x ** int(exponent)
    if x < 0 or (x == 0 and exponent < 0):
        raise Undefined("the root of a negative number" if x < 0 else "a division by zero")
    return mpmath.power(x, mpmath.mpf(exponent.numerator) / exponent.denominator)


MPMATH = Arithmetic(
    number=lambda value: mpmath.mpf(value.numerator) / value.denominator,
    exp=over_arrays(_exp),
    log=over_arrays(_log),
    abs=over_arrays(mpmath.fabs),
    sign=over_arrays(lambda x: mpmath.mpf((x > 0) - (x < 0))),
    power=lambda x, exponent: over_arrays(lambda entry: _power(entry, exponent))(x),
)
SYMPY = Arithmetic(
    number=lambda value: sympy.Rational(value.numerator, value.denominator),
    exp=over_arrays(sympy.exp),
    log=over_arrays(sympy.log),
    abs=over_arrays(sympy.Abs),
    sign=over_arrays(sympy.sign),
    power=lambda x, exponent: x ** sympy.Rational(exponent.numerator, exponent.denominator),
)


def evaluate(node: Node, names: Mapping[str, object], lengths: Mapping[str, int], arithmetic: Arithmetic):
    """Return the value of a formula: an array in the node's shape.

    names: arrays; lengths: of the axes. Raises Undefined where the formula has no value, and Unreadable where a number
    in it is too large to compute with.
    """
    return _Evaluation(names, lengths, arithmetic).value(node, {})


class _Evaluation:
    def __init__(self, names, lengths, arithmetic: Arithmetic):
        self.names, self.lengths, self.m = names, lengths, arithmetic

    def value(self, node: Node, at: dict[str, int]):
        m = self.m
        match node.op:
            case "number":
                return m.number(node.data)
            case "length":
                return m.number(Fraction(self.lengths[node.data]))
            case "name":
                return self.names[node.data]
            case "bigsum":
                index, axis = node.data
                return sum(self.value(node.args[0], at | {index: k}) for k in range(self.lengths[axis]))
            case "components":
                shape = tuple(self.lengths[axis] for axis in node.shape)
                ways = (at | dict(zip(node.data, places, strict=True)) for places in np.ndindex(shape))
                return m.gathered([self.number(node.args[0], way) for way in ways], shape)
        values = [self.value(arg, at) for arg in node.args]
        # An operation on an array without axes gives a bare number, which has no axes to turn.
        first, *rest = [value if hasattr(value, "shape") else np.array(value, dtype=object) for value in values]
        if node.op in OPERATORS:
            return OPERATORS[node.op](first, *rest)
        match node.op:
            case "over":
                return first * m.power(rest[0], Fraction(-1))
            case "power":
                return m.power(first, node.data)
            case "transpose":
                return first.T if len(first.shape) == 2 else first
            case "row":
                return first[None]
            case "reshape":
                return first.reshape(tuple(self.lengths.get(axis, axis) for axis in node.shape))
            case "entry":
                places = dict(node.data)
                taken = first[tuple(at[places[k]] if k in places else slice(None) for k in range(len(first.shape)))]
                return taken.reshape(()) if node.shape == () and hasattr(taken, "reshape") else taken
            case "total":
                axes, kept = node.data
                for axis in sorted(axes, reverse=True):
                    first = first.sum(axis=axis, keepdims=kept)
                return first
            case "most":
                axes, kept = node.data
                for axis in sorted(axes, reverse=True):
                    first = m.maximum(first, axis)
                return first if kept else first.reshape([first.shape[k] for k in range(first.ndim) if k not in axes])
            case "trace":
                return sum(first[k, k] for k in range(len(first)))
            case "diag":
                vector = first.reshape(-1)
                zero, places = m.number(Fraction(0)), range(len(vector))
                return m.gathered([vector[i] if i == j else zero for i in places for j in places], (len(vector),) * 2)
        return self.function(node.data, first)

    def number(self, node: Node, at: dict[str, int]):
        """Return the value of a formula that has a single entry, without axes."""
        value = self.value(node, at)
        return value.reshape(-1)[0] if hasattr(value, "reshape") else value

    def function(self, name: str, x):
        m, one = self.m, Fraction(1)
        match name:
            case "exp" | "log" | "abs" | "sign":
                return getattr(m, name)(x)
            case "sigmoid":
                return m.power(1 + m.exp(-x), -one)
            case "tanh":
                return 1 - 2 * m.power(1 + m.exp(2 * x), -one)
            case "relu":
                return x * (1 + m.sign(x)) * m.number(Fraction(1, 2))
            case "softmax":
                e = m.exp(x)
                return e * m.power(e.sum(-1, keepdims=True), -one)
        raise ValueError(name)
