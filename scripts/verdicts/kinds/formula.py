"""Derived formulas: proved equal to the derivative for all sizes, or refuted by a point where they differ.

Numbers come first: at points and sizes drawn from a hash of the answer, which no answer can be made to fit, and at
the points where formulas tend to break: zeros, ties, negative numbers, one-hot labels, kinks. What differs there is
refuted with that point, and so is what is undefined where the truth is defined. What agrees is proved if it has the
same normal form in index notation as the derivative, whose axes have no particular lengths (scripts.formulas), and is
defined wherever the derivative is. Agreement without such a proof is undecided.
At a kink the objective has no derivative: sign(0) counts as 0, and any value between its neighbours is accepted.
spec: `problem`, its id; `results`, the file it was derived in; `of: objective` if the objective itself is asked for;
`mistakes`, known wrong formulas with their names.
"""

import hashlib
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import mpmath
import numpy as np

from scripts.formulas.evaluate import MPMATH, Undefined, evaluate
from scripts.formulas.for_all_sizes import compare, truth
from scripts.formulas.indices import TooHard
from scripts.formulas.problem import PROBLEMS, Problem
from scripts.formulas.read import read, read_answer
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node, Unreadable, squeezed
from scripts.formulas.typeset import latex
from scripts.verdicts import recheck_formula
from scripts.verdicts.finding import PROVED, REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.limits import TimeLimit
from scripts.verdicts.results import Results

DIGITS = 60  # of mpmath
CLOSE = mpmath.mpf(10) ** -25  # two of 60 digits that are closer than this are equal
LARGEST = 12  # length of an axis
# A sum that numpy takes over all entries, and that may have been meant over the rows x_i.
ALL_ENTRIES = re.compile(r"\.(sum|mean)\(\)|\b(?:np|numpy|torch|jnp)\.(sum|mean)\(")
DRAWS = 2  # of sizes and points from the answer's hash


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    if not isinstance(stated, str):
        raise Malformed("the answer is one formula")
    record = results[f"{spec['results']}#problems.{spec['problem']}"]
    mistakes = tuple(spec.get("mistakes", {}).items())
    found = _check(stated.strip(), spec["problem"], spec.get("of", ""), mistakes)
    if found.verdict != PROVED:
        return replace(found, evidence=dict(found.evidence))
    evidence = found.evidence | {"routes": record["sizes"][0].get("routes"), "note": record["note"]}
    return replace(found, evidence=evidence)


@dataclass(frozen=True)
class Point:
    """Values of all names at one point, and the lengths of the axes there."""

    names: Mapping[str, np.ndarray]
    dims: dict[str, int]
    free: Mapping[str, np.ndarray]  # the free variables alone


class Gap(NamedTuple):
    """How an answer differs at a point: its value there (None if undefined), the right one, and the difference."""

    point: Point
    answer: np.ndarray | None
    right: np.ndarray
    why: str


@lru_cache(maxsize=4096)
def _check(stated: str, problem_id: str, of: str, mistakes: tuple) -> Finding:
    problem = PROBLEMS[problem_id]
    try:
        found = _read_as(stated, problem, problem.vocabulary, of, mistakes)
        for word, other in problem.doubtful.items() if found.verdict == REFUTED else ():
            words = replace(problem.vocabulary, aliases=problem.aliases | {word: other})
            stands = re.search(rf"(?<![A-Za-z]){word}(?![A-Za-z])", stated)
            if stands and _read_as(stated, problem, words, of, mistakes).verdict != REFUTED:
                raise Malformed(f"{word} may be {problem.aliases[word]} or {other}: write which")
        by_rows = ALL_ENTRIES.sub(lambda found: f".{found[1]}(axis=0)" if found[1] else f"{found[2]}(", stated)
        if found.verdict == REFUTED and by_rows != stated and _proved(by_rows, problem, of):
            raise Malformed("does the sum run over the rows or over all entries? write axis=0 for the rows")
    except Unreadable as error:
        raise Malformed(str(error)) from None
    return found


def _proved(stated: str, problem: Problem, of: str) -> bool:
    try:
        return _read_as(stated, problem, problem.vocabulary, of, ()).verdict == PROVED
    except (Unreadable, Malformed):
        return False


def _read_as(stated: str, problem: Problem, words: Vocabulary, of: str, mistakes: tuple) -> Finding:
    members, claims = read_answer(stated, words, of or problem.asked, problem.wrt)
    for name, node in claims:
        if not _holds(name, node, problem, stated):
            raise Malformed("one of its equations does not hold: write the formula alone")
    findings = [_judged(member, stated, problem, of, mistakes) for member in members]
    if len({found.verdict for found in findings}) > 1:
        raise Malformed("the sides of the equals sign differ: write the formula alone")
    return replace(findings[0], read=" = ".join(latex(member) for member in members))


def _holds(name: str | Node, node: Node, problem: Problem, stated: str) -> bool:
    """Tell whether an equation beside an answer, of a formula, a given name or the objective, holds at points drawn."""
    seed = int.from_bytes(hashlib.sha256(f"{problem.id}/{stated}".encode()).digest()[:8], "big")
    with mpmath.workdps(DIGITS):
        for point in islice(_points(problem, random.Random(seed)), DRAWS):
            try:
                mine = _value(node, problem, point)
                if isinstance(name, Node):
                    right = _value(name, problem, point)
                else:
                    right = _truth(problem, point, name) if name == "objective" else np.asarray(point.names[name])
            except (Undefined, ZeroDivisionError):
                return False
            if mine.squeeze().shape != right.squeeze().shape or _far(mine, right):
                return False
    return True


def _judged(node: Node, stated: str, problem: Problem, of: str, mistakes: tuple) -> Finding:
    seed = int.from_bytes(hashlib.sha256(f"{problem.id}/{of}/{stated}".encode()).digest()[:8], "big")
    if (
        node.op == "components"
        and node.data[1:]
        and node.data[0].islower()
        and node.shape == problem.shape[::-1] != problem.shape
    ):
        raise Unreadable("which index counts rows? write the left side too, as in dL/dW_ij = …")
    row = _layout(node, problem, of)
    count = 0
    with mpmath.workdps(DIGITS):
        points = _points(problem, random.Random(seed))
        for point in points:
            gap = _gap(node, problem, of, point, row)
            count += 1
            if gap:
                others = filter(None, (_gap(node, problem, of, other, row) for other in points))
                return _refuted(node, problem, of, gap, others, mistakes, row)
        try:
            right = truth(problem.id, of)
            found = compare(problem, _upright(node, row), right)
        except TimeLimit:
            raise TimeLimit("Equal at every point tried, but not proved for all sizes in the time there is.") from None
        except (TooHard, ArithmeticError, RecursionError) as error:
            return Finding(UNDECIDED, f"Equal at every point tried, but not proved for all sizes ({error}).")
    if not found.equal:
        return Finding(UNDECIDED, "Equal at every point tried, but no proof for all sizes was found.")
    if not found.defined:
        return Finding(UNDECIDED, "Equal wherever it is defined, but that may not be everywhere: cancel what cancels.")
    where = " Where the objective has a kink it has no value, and none is needed." if found.beyond_kinks else ""
    layout = " It is written as a row, which the question leaves open." if row else ""
    what = "objective" if of else problem.asked
    sums = f" (those of {problem.sums_to_one} add up to 1)" if problem.sums_to_one else ""
    return Finding(
        PROVED,
        f"Equal to the {what} in index notation, for arrays of every size and all real entries{sums}; and at {count} "
        f"points, drawn for this answer or chosen as likely to break it.{where}{layout}",
        computed=_right(problem, of),
        evidence={"points": count, "all_sizes": True},
    )


def _right(problem: Problem, of: str) -> str:
    return problem.objective_latex if of else problem.latex


def _layout(node: Node, problem: Problem, of: str) -> bool:
    """Tell whether the answer is a row in place of a column (or the reverse) and the question leaves that open."""
    shape = () if of else problem.shape
    return (
        problem.row_or_column
        and not of
        and node.shape != shape
        and len(squeezed(node.shape)) == 1
        and squeezed(node.shape) == squeezed(shape)
        and len(node.shape) == 2
    )


def _upright(node: Node, row: bool) -> Node:
    return Node("transpose", (node,), node.shape[::-1]) if row else node


# Points


def _points(problem: Problem, draw: random.Random) -> Iterator[Point]:
    """Yield points drawn at random, at sizes that differ pairwise, then those at which formulas tend to break."""

    def rational(*_):
        return mpmath.mpf(draw.randint(-60, 60) or 1) / draw.randint(7, 29)

    axes = sorted(problem.axes)
    for largest in (3 + len(axes), *[LARGEST] * (DRAWS - 1)):  # a small one first: it is the one to show
        dims = dict(zip(axes, draw.sample(range(2, largest + 1), len(axes)), strict=True))
        yield _point(problem, dims, problem.arrays(dims, rational))
    dims = dict(zip(axes, draw.sample(range(2, 2 + len(axes)), len(axes)), strict=True))  # sizes do not matter here
    plain = problem.arrays(dims, rational)
    zeros = {name: array * 0 for name, array in plain.items()}
    negative = {name: -abs(array) for name, array in plain.items()}
    special = [zeros, negative, {name: -array for name, array in negative.items()}]
    special += [plain | {name: zeros[name]} for name in plain]
    for name in plain:
        tied = np.empty_like(plain[name])
        tied[...] = rational()
        spotted = plain[name].copy()
        spotted.ravel()[draw.randrange(spotted.size)] = mpmath.mpf(0)
        special += [plain | {name: tied}, plain | {name: spotted}]
    if problem.sums_to_one:
        labels = zeros[problem.sums_to_one].copy()
        labels.ravel()[draw.randrange(labels.size)] = mpmath.mpf(1)
        special.append(plain | {problem.sums_to_one: labels})
    for arrays in special:
        yield _point(problem, dims, arrays)
    ones = dict.fromkeys(axes, 1)
    yield _point(problem, ones, problem.arrays(ones, rational))


def _point(problem: Problem, dims: dict[str, int], arrays: Mapping[str, np.ndarray]) -> Point:
    return Point(problem.on_demand(arrays, dims, MPMATH), dims, arrays)


def _truth(problem: Problem, point: Point, of: str) -> np.ndarray:
    what = "objective" if of == "objective" else "formula"
    return np.asarray(problem.value(what, point.names, point.dims, MPMATH), dtype=object)


def _value(node: Node, problem: Problem, point: Point) -> np.ndarray:
    return np.asarray(evaluate(node, point.names, point.dims, MPMATH), dtype=object)


def _gap(node: Node, problem: Problem, of: str, point: Point, row: bool) -> Gap | None:
    """Return how an answer differs from the truth at a point; None if it does not."""
    right = _truth(problem, point, of)
    shape = () if of else problem.shape
    mine = node.shape[::-1] if row else node.shape
    wrong_shape = squeezed(mine) != squeezed(shape) or (len(mine) == len(shape) and mine != shape)
    kink = not of and _at_kink(problem, point)
    try:
        answer = _value(node, problem, point)
    except (Undefined, ZeroDivisionError) as error:
        return None if kink else Gap(point, None, right, f"it is undefined where the truth is not ({error})")
    if wrong_shape:
        return Gap(point, answer, right, f"its shape is {_shown(node.shape)} instead of {_shown(shape)}")
    answer = np.broadcast_to(answer, tuple(point.dims.get(axis, axis) for axis in node.shape))
    answer = np.asarray(answer.T if row else answer, dtype=object).reshape(right.shape)
    if _far(answer, right) and not (kink and _between(problem, point, answer)):
        return Gap(point, answer, right, "it differs from the right formula")
    return None


def _shown(shape) -> str:
    return " × ".join(map(str, shape)) or "that of a number"


def _far(one: np.ndarray, other: np.ndarray) -> bool:
    # "not <=" rather than ">", so that what is no number is far from everything.
    return any(not abs(a - b) <= CLOSE * (1 + abs(b)) for a, b in zip(one.ravel(), other.ravel(), strict=True))


# Kinks


def _at_kink(problem: Problem, point: Point) -> bool:
    """Tell whether the formula takes the sign of a zero at a point: there the objective has no derivative."""
    zeros = []

    def sign(x):
        zeros.append(x == 0)
        return MPMATH.sign(x)

    problem.value("formula", point.names, point.dims, replace(MPMATH, sign=np.frompyfunc(sign, 1, 1)))
    return any(zeros)


def _sides(problem: Problem, point: Point) -> list[np.ndarray]:
    """Return the formula's values with −1 and with 1 for sign(0)."""
    return [
        np.asarray(
            problem.value("formula", point.names, point.dims, replace(MPMATH, sign=_sign_with(value))), dtype=object
        )
        for value in (-1, 1)
    ]


def _sign_with(zero: int):
    return np.frompyfunc(lambda x: mpmath.mpf((x > 0) - (x < 0) or zero), 1, 1)


def _between(problem: Problem, point: Point, answer: np.ndarray) -> bool:
    """Tell whether an answer at a kink lies between the derivatives on either side."""
    low, high = _sides(problem, point)
    pairs = zip(answer.ravel(), low.ravel(), high.ravel(), strict=True)
    return all(min(a, b) - CLOSE <= value <= max(a, b) + CLOSE for value, a, b in pairs)


# Mistakes


def _mistake(problem: Problem, gap: Gap, of: str, mistakes: tuple) -> str:
    """Name the mistake behind a wrong answer if it is a known one; else an empty string."""
    answer, right, point = gap.answer, gap.right, gap.point
    if answer is None:
        return ""
    everything = replace(problem.vocabulary, names=problem._all.names, withheld={})
    for formula, name in mistakes:
        other = np.asarray(evaluate(read(formula, everything)[0], point.names, point.dims, MPMATH), dtype=object)
        if answer.size == other.size and answer.squeeze().shape == other.squeeze().shape and not _far(answer, other):
            return name
    if answer.ndim == 2 and answer.shape == right.T.shape != right.shape and not _far(answer, right.T):
        return "it is transposed"
    if answer.shape == right.shape and answer.size > 0:
        ratios = [a / b for a, b in zip(answer.ravel(), right.ravel(), strict=True) if abs(b) > CLOSE]
        if ratios and all(abs(r - ratios[0]) < CLOSE for r in ratios):
            ratio = ratios[0]
            for factor, name in (
                (-1, "it has the wrong sign"),
                (0.5, "the factor 2 is missing"),
                (-0.5, "the factor 2 is missing and the sign is wrong"),
                (2, "there is a factor 2 too many"),
                (0, "it is zero"),
            ):
                if abs(ratio - factor) < CLOSE:
                    return name
            return (
                f"it is off by the factor {mpmath.nstr(ratio, 25 if abs(ratio - 1) < 1e-5 else 6)} at the point tried"
            )
    if not of and answer.size == 1 and not _far(answer.reshape(()), _truth(problem, point, "objective").reshape(())):
        return "it is not differentiated"
    return "it is integrated instead of differentiated" if _integrated(problem, point, answer, right) else ""


def _integrated(problem: Problem, point: Point, answer: np.ndarray, right: np.ndarray) -> bool:
    """Tell whether the answer is ∫ of the objective's terms x_j² that were to be differentiated: x_j³/3."""
    if set(problem.shapes) != {problem.wrt} or answer.shape != right.shape or len(squeezed(problem.shape)) != 1:
        return False

    def term(t):
        return problem.value("objective", {problem.wrt: np.array([t])}, dict.fromkeys(problem.axes, 1), MPMATH)

    terms = [mpmath.quad(term, [0, end]) for end in point.names[problem.wrt]]
    return not _far(answer, np.array(terms, dtype=object))


def _refuted(
    node: Node, problem: Problem, of: str, gap: Gap, others: Iterator[Gap], mistakes: tuple, row: bool
) -> Finding:
    """Refute an answer by a gap; its mistake has a name if it has the same one at the next of the others."""

    def shown(array: np.ndarray | None) -> list[str]:
        return ["undefined"] if array is None else [mpmath.nstr(value, 8) for value in np.ravel(array)[:12]]

    def nested(array: np.ndarray) -> list:
        return np.frompyfunc(lambda value: mpmath.nstr(value, 17), 1, 1)(array).tolist()

    named = _mistake(problem, gap, of, mistakes)
    if named and (other := next(others, None)) and _mistake(problem, other, of, mistakes) != named:
        named = ""
    named = named or gap.why
    program = recheck_formula.formula(problem, _upright(node, row), gap, of)
    return Finding(
        REFUTED,
        f"{named[0].upper()}{named[1:]}.",
        computed=_right(problem, of),
        corrected=_right(problem, of),
        evidence={
            "mistake": named,
            "counterexample": {
                "at": {name: nested(gap.point.names[name]) for name in gap.point.free},
                "answer": shown(gap.answer),
                "right": shown(gap.right),
                "dims": gap.point.dims,
            },
        }
        | ({"recheck": program} if program else {}),
    )
