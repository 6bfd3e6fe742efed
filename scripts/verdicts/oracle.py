"""Is a formula right? Told by numpy alone, from the question's own objective and definitions, at points of its own.

Derivatives are differences of the objective over five points, (f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h, whose error
is of the order h⁴. Points are drawn at random, at sizes that differ pairwise, and chosen where formulas tend to break:
zeros and ones, one-hot labels. Where the objective has a kink it has no derivative, and the point tells nothing.
Formulas are evaluated as the Python that they are; the reader, the normal forms and the proofs have no part in it.
"""

import keyword
import re
from collections.abc import Callable
from functools import cached_property
from types import CodeType

import numpy as np
from scipy.special import expit, softmax

from scripts.formulas.code import numpy_text
from scripts.formulas.problem import Problem

SIZES = (7, 11, 9, 8, 13, 10, 12)  # of the axes, in the order of their names
STEP = 1e-3
SMOOTH = 1e-6  # relative difference of derivatives by STEP and by a shorter one, from which on there is a kink nearby
CLOSE = 1e-8  # relative; sums of a few dozen terms agree to 1e-13, and differences to 1e-10
Values = dict[str, np.ndarray | int]  # of all names, and the lengths of the axes


FUNCTIONS = {
    "np": np,
    "sum": lambda x: np.sum(x, axis=0),
    "mean": lambda x: np.mean(x, axis=0),
    "sigmoid": expit,
    "ds": lambda u: expit(u) * expit(-u),
    "softmax": lambda u: softmax(u, axis=-1),
    "relu": lambda u: np.maximum(u, 0),
    "step": lambda u: np.heaviside(u, 0),
    **{name: getattr(np, name) for name in ("abs", "sign", "exp", "log", "sqrt", "tanh", "trace", "diag")},
}


def value(code: str | CodeType, names: Values) -> np.ndarray:
    """Evaluate a formula that is Python; raises what Python raises where it has no value."""
    with np.errstate(all="ignore"):
        return np.asarray(eval(code, {"__builtins__": {}}, FUNCTIONS | names), dtype=float)


KEPT = "|".join(word for word in keyword.kwlist if word.islower())


def python(text: str) -> str:
    """Let names that Python keeps for itself, such as lambda, end in an underscore."""
    return re.sub(rf"\b({KEPT})\b", r"\1_", text)


def as_written(text: str) -> str:
    """Undo `python`."""
    return re.sub(rf"\b({KEPT})_\b", r"\1", text)


class Oracle:
    """Knows the right answer to a question at some points; of a minimiser by checking `answer`, the engine's own."""

    def __init__(self, question: Problem, answer: str, seed: int = 0):
        self.question, self.answer = question, answer
        self.dims = dict(zip(sorted(question.axes), SIZES, strict=False))
        self.forward = {python(name): python(numpy_text(node)) for name, node in question.forward.items()}
        self.code = {name: compile(text, name, "eval") for name, text in self.forward.items()}
        self.objective = compile(python(numpy_text(question.objective)), "objective", "eval")
        self.rng = np.random.default_rng(seed)

    @cached_property
    def points(self) -> list[tuple[Values, np.ndarray]]:
        """The values of all names at some points, and the right answer there, in its layout. May be none."""
        found = []
        for kind in ("random", "random", "one-hot", "zeros"):
            names = self._complete(self._drawn(kind))
            names |= {
                python(name): slope
                for name, variable in self.question.derivatives.items()
                if (slope := self._slope(names, python(variable))) is not None
            }
            right = self._right(names)
            if right is not None and np.isfinite(right).all() and set(map(python, self.question.names)) <= names.keys():
                turned = right[None] if right.ndim == 1 else right.T
                found.append((names, turned if self.question.layout == "transposed" else right))
        return found

    def holds(self, text: str) -> bool:
        """Tell whether a formula is defined and right at all points, in the right shape."""
        for names, right in self.points:
            try:
                mine = value(text, names)
            except (SyntaxError, NameError, ValueError, TypeError, ArithmeticError, IndexError):
                return False
            either = self.question.layout == "either" or mine.ndim != right.ndim
            if mine.shape != right.shape and not (either and mine.squeeze().shape == right.squeeze().shape):
                return False
            gap = np.abs(mine.squeeze() - right.squeeze())
            if not (gap <= CLOSE * (np.abs(right.squeeze()) + np.abs(right).max())).all():
                return False
        return bool(self.points)

    def _drawn(self, kind: str) -> Values:
        names: Values = {}
        for name, axes in self.question.given.items():
            shape = tuple(self.dims.get(axis, axis) for axis in axes)
            drawn = self.rng.normal(size=shape)
            if kind == "zeros":
                drawn = np.where(self.rng.random(shape) < 0.5, 0.0, 1.0)
            if name in self.question.positive:
                drawn = np.exp(drawn)
            if name in self.question.symmetric:
                drawn = (drawn + drawn.T) / 2
            if name in self.question.sums_to_one:
                drawn = softmax(drawn, axis=-1)
                drawn = (drawn == drawn.max(axis=-1, keepdims=True)).astype(float) if kind == "one-hot" else drawn
            names[python(name)] = drawn
        return names | self.dims

    def _complete(self, names: Values, held: str = "", at: np.ndarray | None = None) -> Values:
        """Add what is defined, in order; one name may be held at some value."""
        names = names if at is None else names | {held: at}
        for name, code in self.code.items():
            names = names if name == held else names | {name: value(code, names)}
        return names

    def _right(self, names: Values) -> np.ndarray | None:
        """Return the right answer at a point; None if there is none."""
        if self.question.asked == "expression":
            return value(self.objective, names)
        variable = python(self.question.wrt)
        if self.question.asked == "derivative":
            return self._slope(names, variable)
        right = np.broadcast_to(value(self.answer, names), names[variable].shape)
        there, here = self._slope(names, variable, right), self._slope(names, variable)
        flat = there is not None and here is not None and np.abs(there).max() <= SMOOTH * np.abs(here).max()
        return right if flat else None

    def _slope(self, names: Values, variable: str, at: np.ndarray | None = None) -> np.ndarray | None:
        """Return the objective's derivative in a variable; None at a kink."""
        at = np.asarray(names[variable] if at is None else at)

        def objective(place: tuple[int, ...], step: float) -> float:
            moved = at.copy()
            moved[place] += step
            return value(self.objective, self._complete(names, variable, moved)).sum()

        here = objective((0,) * at.ndim, 0.0)
        (wide, bent), (narrow, less_bent) = (_differences(objective, here, at.shape, h) for h in (STEP, STEP / 7))
        noise = SMOOTH * (np.abs(narrow) + np.abs(narrow).max() + STEP * abs(here))
        # Where there is no kink, the slopes on either side differ by a seventh as much.
        smooth = (np.abs(wide - narrow) <= noise) & ((np.abs(less_bent) < np.abs(bent) / 2) | (np.abs(bent) <= noise))
        return wide if smooth.all() else None


def _differences(
    function: Callable[[tuple[int, ...], float], float], here: float, shape: tuple[int, ...], h: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes of a function, and by how much they differ on either side."""
    slopes, bent = np.empty(shape), np.empty(shape)
    for place in np.ndindex(shape):
        lower, low, high, higher = (function(place, k * h) for k in (-2, -1, 1, 2))
        slopes[place] = (lower - 8 * low + 8 * high - higher) / (12 * h)
        bent[place] = (low + high - 2 * here) / h
    return slopes, bent
