"""Formulas: proved equal to the derivative for all sizes, or refuted by a point where they differ.

Numbers come first: at points and sizes drawn from a hash of the answer, which no answer can be made to fit, and at
the points where formulas tend to break: zeros, ties, negative numbers, one-hot labels, kinks. What differs there is
refuted with that point, and so is what is undefined where the truth is defined. What agrees is proved if it has the
same normal form in index notation as the derivative, whose axes have no particular lengths (scripts.formulas), and is
defined wherever the derivative is. Agreement without such a proof is undecided.
At a kink the objective has no derivative: sign(0) counts as 0, and any value between its neighbours is accepted.
spec: the parameters of scripts.formulas.problem; `item`, in whose file of results it is derived.
"""

import hashlib
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import NamedTuple

import mpmath
import numpy as np

from scripts.formulas.evaluate import MPMATH, Undefined, evaluate
from scripts.formulas.for_all_sizes import CANNOT, compare, roots
from scripts.formulas.from_normal import components
from scripts.formulas.indices import Polynomial
from scripts.formulas.problem import Problem, problem
from scripts.formulas.read import read, read_answer
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node, Unreadable, squeezed, transposed
from scripts.formulas.typeset import latex
from scripts.shared.step import Failure
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
TRIES = 20  # at a point where the truth is defined


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Judge a stated formula; raise Malformed where it cannot be read."""
    if not isinstance(stated, str):
        raise Malformed("the answer is one formula")
    found = judged(stated, spec)
    if found.verdict != PROVED:
        return found
    record = results[f"derivations/{spec['item']}.json#{spec['id']}"]
    routes = record["sizes"][0]["routes"] if record["sizes"] else {}
    return replace(found, evidence=found.evidence | {"routes": routes, "note": record["note"]})


@dataclass
class Point:
    """Values of all names at one point, the lengths of the axes there, and the right answer."""

    names: Mapping[str, np.ndarray]
    dims: dict[str, int]
    free: Mapping[str, np.ndarray]  # the free variables alone
    right: np.ndarray | None = None


class Gap(NamedTuple):
    """How an answer differs at a point: its value there (None if undefined), the right one, and the difference."""

    point: Point
    answer: np.ndarray | None
    right: np.ndarray
    why: str


def judged(stated: str, spec: Mapping) -> Finding:
    """Judge a stated formula by what the engine derives alone; raise Malformed where it cannot be read."""
    asked, stated = problem(spec["id"], spec), stated.strip()
    try:
        _ = asked.trees
    except Failure as failure:
        return Finding(UNDECIDED, f"There is nothing to judge it by. {failure}.")
    try:
        found = _read_as(stated, asked, asked.vocabulary)
        for word, other in asked.doubtful.items() if found.verdict == REFUTED else ():
            words = replace(asked.vocabulary, aliases={**asked.aliases, word: other})
            stands = re.search(rf"(?<![A-Za-z]){word}(?![A-Za-z])", stated)
            if stands and _read_as(stated, asked, words).verdict != REFUTED:
                raise Malformed(f"{word} may be {asked.aliases[word]} or {other}: write which")
        by_rows = ALL_ENTRIES.sub(lambda found: f".{found[1]}(axis=0)" if found[1] else f"{found[2]}(", stated)
        if found.verdict == REFUTED and by_rows != stated and _proved(by_rows, asked):
            raise Malformed("does the sum run over the rows or over all entries? write axis=0 for the rows")
    except Unreadable as error:
        raise Malformed(str(error)) from None
    return found


def mistakes_faults(problem: Problem) -> list[str]:
    """Return what is wrong with a problem's known mistakes, a line each: unreadable, right, or two the same."""
    faults, right, values = [], [], {}
    try:
        _ = problem.trees
    except Failure:
        return []
    with mpmath.workdps(DIGITS):
        points = [*_points(problem, random.Random(0), frozenset(problem.shapes))]
        for formula in problem.mistakes:
            try:
                given = read(formula, problem.everything)[0]
                node = _own(given, problem)
                values[formula] = [_value(node, problem, point) for point in points]
                if points and not any(_gap(node, problem, point, given) for point in points):
                    right.append(f"mistakes: {formula}: it is right")
            except Unreadable as error:
                faults.append(f"mistakes: {formula}: {error}")
            except ArithmeticError:
                continue
        pairs = combinations(values, 2) if points else ()
        same = [f"mistakes: {a} and {b} are the same" for a, b in pairs if all(map(_equal, values[a], values[b]))]
    return faults + right + same


def _proved(stated: str, problem: Problem) -> bool:
    try:
        return _read_as(stated, problem, problem.vocabulary).verdict == PROVED
    except (Unreadable, Malformed):
        return False


def _read_as(stated: str, problem: Problem, words: Vocabulary) -> Finding:
    asked = "objective" if problem.asked == "expression" else problem.asked
    members, claims = read_answer(stated, words, asked, problem.wrt, problem.layout == "transposed")
    for name, node in claims:
        if not _holds(name, node, problem, stated):
            raise Malformed("one of its equations does not hold: write the formula alone")
    findings = [_judged(member, stated, problem) for member in members]
    if len({found.verdict for found in findings}) > 1:
        raise Malformed("the sides of the equals sign differ: write the formula alone")
    return replace(findings[0], read=" = ".join(latex(member) for member in members))


def _drawn(problem: Problem, stated: str) -> random.Random:
    return random.Random(int.from_bytes(hashlib.sha256(f"{problem.id}/{stated}".encode()).digest()[:8], "big"))


def _holds(name: str | Node, node: Node, problem: Problem, stated: str) -> bool:
    """Tell whether an equation beside an answer, of a formula, a given name or the objective, holds at points drawn."""
    used = problem.free_behind(node, name if isinstance(name, Node) else problem.objective)
    with mpmath.workdps(DIGITS):
        for point in islice(_points(problem, _drawn(problem, stated), used), DRAWS):
            try:
                mine = _value(node, problem, point)
                if isinstance(name, Node):
                    right = _value(name, problem, point)
                elif name == "objective":
                    right = np.asarray(problem.value("objective", point.names, point.dims, MPMATH), dtype=object)
                else:
                    right = np.asarray(point.names[name])
            except (Undefined, ZeroDivisionError):
                return False
            if not _same(mine, right):
                return False
    return True


def _judged(node: Node, stated: str, problem: Problem) -> Finding:
    if (
        node.op == "components"
        and node.data[1:]
        and node.data[0].islower()
        and node.shape == problem.answer_shape[::-1] != problem.answer_shape
    ):
        raise Unreadable("which index counts rows? write the left side too, as in dL/dW_ij = …")
    given, row = node, _layout(node, problem)
    node = _own(node, problem)
    count = 0
    with mpmath.workdps(DIGITS):
        points = _points(problem, _drawn(problem, stated), problem.free_behind(node, problem.trees["answer"]))
        for point in points:
            gap = _gap(node, problem, point, given)
            count += 1
            if gap and problem.unproved and not gap.why.startswith("its shape"):
                return _against_unproved(node, problem)
            if gap:
                others = filter(None, (_gap(node, problem, other, given) for other in points))
                return _refuted(node, problem, gap, others)
        try:
            found = compare(problem, node, problem.truth)
        except TimeLimit:
            raise TimeLimit("Equal at every point tried, but not proved for all sizes in the time there is.") from None
        except CANNOT as error:
            return Finding(UNDECIDED, f"Equal at every point tried, but not proved for all sizes ({error}).")
    if not found.equal:
        return Finding(UNDECIDED, "Equal at every point tried, but no proof for all sizes was found.")
    if not found.defined:
        with mpmath.workdps(DIGITS):
            for part in found.doubtful:
                for point in _at_roots(problem, part, _drawn(problem, stated)):
                    if gap := _undefined(node, problem, point):
                        return _refuted(node, problem, gap, iter(()))
        return Finding(UNDECIDED, "Equal wherever it is defined, but that may not be everywhere: cancel what cancels.")
    where = " Where the objective has a kink there is no derivative." if problem.truth.kinks else ""
    if found.beyond_kinks:
        where = " It has no value where the derivative takes the sign of 0, and none is needed."
    layout = " It is read as a row; the question leaves open which way it lies." if row else ""
    return Finding(
        PROVED,
        f"Equal to the {problem.asked} in index notation, for arrays of every size and {_entries(problem)}; and at "
        f"{count} points, drawn for this answer or chosen as likely to break it.{where}{layout}",
        computed=problem.latex,
        evidence={"points": count, "all_sizes": True},
    )


def _against_unproved(node: Node, problem: Problem) -> Finding:
    """Judge what differs from an answer that the engine cannot prove itself: only index notation decides."""
    try:
        found = compare(problem, node, problem.truth)
        proved = found.equal and found.defined
    except CANNOT:
        proved = False
    if proved:
        reason = f"Equal to the {problem.asked} in index notation, for arrays of every size and {_entries(problem)}."
        return Finding(PROVED, reason, computed=latex(node), evidence={"points": 0, "all_sizes": True})
    why = f"It differs from what the engine derives and cannot prove for all sizes: {problem.unproved}."
    return Finding(UNDECIDED, why)


def _own(node: Node, problem: Problem) -> Node:
    """Return an answer in the variable's own layout."""
    turned = _layout(node, problem) or (problem.layout == "transposed" and len(node.shape) == 2)
    return transposed(node) if turned else node


def _entries(problem: Problem) -> str:
    """Say for which entries a proof holds."""
    said = {
        "positive": f"{', '.join(sorted(problem.positive))} positive",
        "symmetric": f"{', '.join(sorted(problem.symmetric))} symmetric",
        "sums_to_one": f"those of {', '.join(sorted(problem.sums_to_one))} add up to 1",
    }
    told = "; ".join(words for trait, words in said.items() if getattr(problem, trait))
    return f"all real entries ({told})" if told else "all real entries"


def _layout(node: Node, problem: Problem) -> bool:
    """Tell whether the answer is a row in place of a column (or the reverse) and the question leaves that open."""
    return (
        problem.layout == "either"
        and node.shape != problem.shape
        and len(squeezed(node.shape)) == 1
        and squeezed(node.shape) == squeezed(problem.shape)
        and len(node.shape) == 2
    )


# Points


def _points(problem: Problem, draw: random.Random, used: frozenset[str]) -> Iterator[Point]:
    """Yield points drawn at random, at sizes that differ pairwise, then those at which formulas tend to break; the
    truth is defined at all of them. used: the free names on which the answer or the truth depend."""

    def rational(name: str, _) -> mpmath.mpf:
        value = mpmath.mpf(draw.randint(-60, 60) or 1) / draw.randint(7, 29)
        return abs(value) if name in problem.positive else value

    def smaller(k: int) -> Callable:  # exp(exp(x)) is too large to compute with for most x
        return (lambda name, at: rational(name, at) / 2**k) if k else rational

    axes = sorted(problem.axes)
    needed = used | problem.free_behind(*problem.trees.values(), *(node for node, _ in problem.wrong))
    for largest in (3 + len(axes), *[LARGEST] * (DRAWS - 1)):  # a small one first: it is the one to show
        dims = dict(zip(axes, draw.sample(range(2, max(largest, 2 + len(axes)) + 1), len(axes)), strict=True))
        drawn = (_point(problem, dims, problem.arrays(dims, smaller(k // 4), needed)) for k in range(TRIES))
        yield from islice((point for point in drawn if _is_defined(problem, point)), 1)
    dims = dict(zip(axes, draw.sample(range(2, 2 + len(axes)), len(axes)), strict=True))  # sizes do not matter here
    plain = problem.arrays(dims, rational, needed)
    zeros = {name: array * 0 for name, array in plain.items()}
    negative = {name: -abs(array) for name, array in plain.items()}
    special = [zeros, negative, {name: -array for name, array in negative.items()}]
    special += [plain | {name: zeros[name]} for name in plain if name in used]
    for name in (name for name in plain if name in used):  # in their order, which is that of the draws
        tied = np.empty_like(plain[name])
        tied[...] = rational(name, ())
        spotted = plain[name].copy()
        spotted.ravel()[draw.randrange(spotted.size)] = mpmath.mpf(0)
        special += [plain | {name: tied}, plain | {name: spotted}]
    for name in sorted(problem.sums_to_one & used):
        labels = zeros[name].copy()
        labels.ravel()[draw.randrange(labels.size)] = mpmath.mpf(1)
        special.append(plain | {name: labels})
    for arrays in special:
        for name in problem.positive & arrays.keys():
            arrays[name] = np.where(arrays[name] > 0, arrays[name], plain[name])
        point = _point(problem, dims, problem.arranged(arrays))
        if _is_defined(problem, point):
            yield point
    ones = dict.fromkeys(axes, 1)
    point = _point(problem, ones, problem.arrays(ones, rational, needed))
    if _is_defined(problem, point):
        yield point


def _at_roots(problem: Problem, part: Polynomial, draw: random.Random) -> Iterator[Point]:
    """Yield points at which a polynomial is 0 and the truth is defined, all their numbers exact."""

    def whole(name: str, _) -> mpmath.mpf:
        return mpmath.mpf(draw.randint(1, 9) * (1 if name in problem.positive else draw.choice((-1, 1))))

    dims = dict.fromkeys(problem.axes, 2)
    for name, indices, root in roots(part):
        arrays, rest = problem.arrays(dims, whole), iter(indices)
        at = tuple(None if axis == 1 else next(rest) for axis in problem.shapes[name])
        try:
            node = components(root, at, problem.shapes[name], problem.shapes)
            value = evaluate(node, problem.on_demand(arrays, dims, MPMATH), dims, MPMATH)
        except (Undefined, Unreadable, ValueError):
            continue
        arrays[name] = np.asarray(value, dtype=object)
        point = _point(problem, dims, arrays)
        values = [u for free in point.free for u in point.names[free].ravel()]
        signs = all(u > 0 for free in problem.positive & point.free.keys() for u in point.names[free].ravel())
        if signs and all(mpmath.isint(u * 1024) for u in values) and _is_defined(problem, point):
            yield point


def _point(problem: Problem, dims: dict[str, int], arrays: Mapping[str, np.ndarray]) -> Point:
    arrays = dict(arrays)
    for name in problem.positive & problem.sums_to_one & arrays.keys():
        arrays[name] = arrays[name] / arrays[name].sum(axis=-1, keepdims=True)
    return Point(problem.on_demand(arrays, dims, MPMATH), dims, arrays)


def _is_defined(problem: Problem, point: Point) -> bool:
    try:
        point.right = np.asarray(problem.value("answer", point.names, point.dims, MPMATH), dtype=object)
        if problem.is_partial:
            problem.value("objective", point.names, point.dims, MPMATH)
    except (Undefined, ZeroDivisionError, Unreadable):  # or too large to compute with
        return False
    return True


def _value(node: Node, problem: Problem, point: Point) -> np.ndarray:
    return np.asarray(evaluate(node, point.names, point.dims, MPMATH), dtype=object)


def _gap(node: Node, problem: Problem, point: Point, given: Node) -> Gap | None:
    """Return how an answer, turned into the variable's layout, differs from the truth at a point; None if it does not.

    given: the answer as it was given.
    """
    right, shape = point.right, problem.shape
    wrong_shape = squeezed(node.shape) != squeezed(shape) or (len(node.shape) == len(shape) and node.shape != shape)
    kink = _at_kink(problem, point)
    try:
        answer = _value(node, problem, point)
    except (Undefined, ZeroDivisionError) as error:
        return None if kink else Gap(point, None, right, f"it is undefined where the truth is not ({error})")
    if wrong_shape:
        why = f"its shape is {_shown(given.shape)} instead of {_shown(problem.answer_shape)}"
        return Gap(point, answer, right, why)
    answer = np.broadcast_to(answer, tuple(point.dims.get(axis, axis) for axis in node.shape))
    answer = np.asarray(answer, dtype=object).reshape(right.shape)
    if _far(answer, right) and not (kink and _between(problem, point, answer)):
        return Gap(point, answer, right, "it differs from the right formula")
    return None


def _undefined(node: Node, problem: Problem, point: Point) -> Gap | None:
    """Return the gap of an answer that is undefined at a point where the truth has a value and does not jump."""
    try:
        _value(node, problem, point)
    except (Undefined, ZeroDivisionError) as error:
        if not (_at_kink(problem, point) and _far(*_sides(problem, point))):
            return Gap(point, None, point.right, f"it is undefined where the truth is not ({error})")
    return None


def _shown(shape) -> str:
    return " × ".join(map(str, shape)) or "that of a number"


def _far(one: np.ndarray, other: np.ndarray) -> bool:
    # "not <=" rather than ">", so that what is no number is far from everything.
    return any(not abs(a - b) <= CLOSE * (1 + abs(b)) for a, b in zip(one.ravel(), other.ravel(), strict=True))


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.squeeze().shape == other.squeeze().shape and not _far(one, other)


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and _same(one, other)


# Kinks


def _at_kink(problem: Problem, point: Point) -> bool:
    """Tell whether the answer takes the sign of a zero at a point: there the objective has no derivative."""
    if not problem.jumps or problem.asked != "derivative":
        return False
    zeros = []

    def sign(x):
        zeros.append(x == 0)
        return MPMATH.sign(x)

    _jumping(problem, point, sign)
    return any(zeros)


def _jumping(problem: Problem, point: Point, sign) -> np.ndarray:
    """Return the answer at a point with another function in the place of sign."""
    arithmetic = replace(MPMATH, sign=np.frompyfunc(sign, 1, 1))
    return np.asarray(evaluate(problem.jumps, point.names, point.dims, arithmetic), dtype=object)


def _sides(problem: Problem, point: Point) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivatives on either side of a kink, with −1 and with 1 for sign(0)."""

    def side(zero: int) -> np.ndarray:
        return _jumping(problem, point, lambda x: mpmath.mpf((x > 0) - (x < 0) or zero))

    return side(-1), side(1)


def _between(problem: Problem, point: Point, answer: np.ndarray) -> bool:
    """Tell whether an answer at a kink lies between the derivatives on either side."""
    sides = (side.ravel() for side in _sides(problem, point))
    pairs = zip(answer.ravel(), *sides, strict=True)
    return all(min(a, b) - CLOSE <= value <= max(a, b) + CLOSE for value, a, b in pairs)


# Mistakes


def _mistake(problem: Problem, gap: Gap) -> str:
    """Name the mistake behind a wrong answer if it is a known one; else an empty string."""
    answer, right, point = gap.answer, gap.right, gap.point
    if answer is None:
        return ""
    for formula, name in problem.wrong:
        try:
            other = _value(formula, problem, point)
        except ArithmeticError:
            continue
        other = other.T if problem.layout == "transposed" and other.ndim == 2 else other
        if _same(answer, other):
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
    if problem.asked == "expression":
        return ""
    objective = np.asarray(problem.value("objective", point.names, point.dims, MPMATH), dtype=object)
    if answer.size == 1 and not _far(answer.reshape(()), objective.reshape(())):
        return "it is not differentiated"
    return "it is integrated instead of differentiated" if _integrated(problem, point, answer, right) else ""


def _integrated(problem: Problem, point: Point, answer: np.ndarray, right: np.ndarray) -> bool:
    """Tell whether the answer is ∫ of the objective's terms x_j² that were to be differentiated: x_j³/3."""
    if set(problem.shapes) != {problem.wrt} or answer.shape != right.shape or len(squeezed(problem.shape)) != 1:
        return False

    def term(t):
        array = np.array(t, dtype=object).reshape((1,) * len(problem.shape))
        return problem.value("objective", {problem.wrt: array}, dict.fromkeys(problem.axes, 1), MPMATH)

    terms = [mpmath.quad(term, [0, end]) for end in point.names[problem.wrt].ravel()]
    return not _far(answer, np.array(terms, dtype=object))


def _refuted(node: Node, problem: Problem, gap: Gap, others: Iterator[Gap]) -> Finding:
    """Refute an answer by a gap; its mistake has a name if it has the same one at the next of the others."""

    def shown(array: np.ndarray | None) -> list[str]:
        return ["undefined"] if array is None else [mpmath.nstr(value, 8) for value in np.ravel(array)[:12]]

    def nested(array: np.ndarray) -> list:
        return np.asarray(np.frompyfunc(lambda value: mpmath.nstr(value, 17), 1, 1)(array), dtype=object).tolist()

    named = _mistake(problem, gap)
    if named and (other := next(others, None)) and _mistake(problem, other) != named:
        named = ""
    told = named or gap.why
    return Finding(
        REFUTED,
        f"{told[0].upper()}{told[1:]}.",
        computed=problem.latex,
        corrected=problem.latex,
        evidence={
            "mistake": told,
            "named": bool(named),
            "counterexample": {
                "at": {name: nested(gap.point.names[name]) for name in gap.point.free},
                "answer": shown(gap.answer),
                "right": shown(gap.right),
                "dims": gap.point.dims,
            },
            "recheck": recheck_formula.formula(problem, node, gap),
        },
    )
