"""Derived formulas: proved equal to the truth symbolically for several sizes, and numerically at rational points.

The numbers come first: at the recorded points the truth is known by routes that share nothing with the formula
(autograd, 60-digit central differences). A formula that differs there is refuted, with that point; one that agrees
is proved by SymPy in components. Agreement without a proof within the judge's time limit is undecided.
spec: `problem`, its id; `results`, the file it was derived in; `of: objective` if the objective itself is asked for;
`mistakes`, known wrong formulas with their names.
"""

from fractions import Fraction
from functools import cache
from types import SimpleNamespace

import mpmath
import numpy as np
import sympy

from scripts.analytic.problems import MPMATH, PROBLEMS, SYMPY, Problem, symbol
from scripts.analytic.zero import vanishes
from scripts.verdicts import recheck_formula
from scripts.verdicts.expression import evaluate, parse
from scripts.verdicts.finding import PROVED, REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.limits import TimeLimit
from scripts.verdicts.results import Results

CLOSE = mpmath.mpf(10) ** -25  # two of 40 digits that are closer than this are equal


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    if not isinstance(stated, str):
        raise Malformed("the answer is one formula")
    record = results[f"{spec['results']}#problems.{spec['problem']}"]
    key = (stated, spec["problem"], spec.get("of", ""), tuple(spec.get("mistakes", {}).items()))
    return _check(*key, _Record(record))


class _Record:
    """A problem's derived results, passed through the cache by the problem's id."""

    def __init__(self, content: dict):
        self.content = content

    def __hash__(self):
        return hash(self.content["id"])

    def __eq__(self, other):
        return self.content["id"] == other.content["id"]


@cache
def _check(stated: str, problem_id: str, of: str, mistakes: tuple, record: _Record) -> Finding:
    problem, truth = PROBLEMS[problem_id], record.content
    dims = truth["sizes"][0]["dims"]
    tree = parse(stated, {*_symbolic(problem, dims), *dims} - {"number"})
    with mpmath.workdps(60):
        for size in truth["sizes"]:
            for point in size["points"]:
                names = _numeric(problem, size["dims"], point["at"])
                right = _truth(problem, names, MPMATH, of)
                if not of and _far(right, _mp(point["value"])):
                    raise RuntimeError(f"the formula of {problem_id} and its derived value differ")
                answer = evaluate(tree, names, MPMATH)
                wrong = _difference(answer, right)
                if wrong:
                    named = _mistake(problem, names, answer, right, of, mistakes) or wrong
                    found = _refuted(problem, truth, size, point, answer, right, named, of)
                    program = recheck_formula.formula(problem, tree, names, answer, right, of)
                    found.evidence |= {"recheck": program} if program else {}
                    return found
    try:
        for size in truth["sizes"]:
            names = _symbolic(problem, size["dims"])
            gaps = _same_shape(evaluate(tree, names, SYMPY), _truth(problem, names, SYMPY, of))
            if not all(vanishes(a - b) for a, b in zip(*gaps, strict=True)):
                return Finding(UNDECIDED, "Equal at every point tried, but no symbolic proof was found.")
    except TimeLimit:
        raise TimeLimit("Equal at every point tried, but no symbolic proof was found in the time there is.") from None
    sizes = "; ".join(", ".join(f"{axis} = {n}" for axis, n in size["dims"].items()) for size in truth["sizes"])
    points = sum(len(size["points"]) for size in truth["sizes"])
    routes = "" if of else ", where autograd and central differences agree with it"
    return Finding(
        PROVED,
        f"Identical in symbols for {len(truth['sizes'])} sizes, and equal at {points} rational points{routes}.",
        computed=_plain_latex(problem, of),
        evidence={"sizes": sizes, "points": points, "routes": truth["sizes"][0].get("routes"), "note": truth["note"]},
    )


def _plain_latex(problem: Problem, of: str) -> str:
    return problem.objective_latex if of else problem.latex


def _symbolic(problem: Problem, dims: dict[str, int]) -> dict[str, object]:
    arrays = problem.complete(problem.arrays(dims, symbol), SYMPY)
    return arrays | {axis: sympy.Integer(n) for axis, n in dims.items()} | {"number": _rational}


def _rational(number: Fraction) -> sympy.Rational:
    return sympy.Rational(number.numerator, number.denominator)


def _numeric(problem: Problem, dims: dict[str, int], at: dict) -> dict[str, object]:
    arrays = problem.complete({name: _mp(values) for name, values in at.items()}, MPMATH)
    return arrays | {axis: mpmath.mpf(n) for axis, n in dims.items()} | {"number": lambda f: _mp(str(f))[()]}


def _mp(values: object) -> np.ndarray:
    """Turn nested strings of rationals or decimals into an object array of mpmath numbers."""
    flat = np.asarray(values, dtype=object)
    result = np.empty(flat.shape, dtype=object)
    for index in np.ndindex(flat.shape):
        top, _, bottom = str(flat[index]).partition("/")
        result[index] = mpmath.mpf(top) / mpmath.mpf(bottom or 1)
    return result


def _truth(problem: Problem, names: dict, functions, of: str) -> np.ndarray:
    v = SimpleNamespace(**names)
    return np.asarray((problem.objective if of else problem.formula)(v, functions), dtype=object)


def _same_shape(answer: np.ndarray, right: np.ndarray) -> tuple[list, list]:
    """Flatten both, if they differ in axes of length one at most; a column is not a row."""
    if answer.shape != right.shape and (answer.ndim == right.ndim or answer.squeeze().shape != right.squeeze().shape):
        raise Malformed(f"its shape is {list(answer.shape)} instead of {list(right.shape)}")
    return list(answer.ravel()), list(right.ravel())


def _far(one: np.ndarray, other: np.ndarray) -> bool:
    # "not <=" rather than ">", so that what is no number is far from everything.
    return any(not abs(a - b) <= CLOSE * (1 + abs(b)) for a, b in zip(one.ravel(), other.ravel(), strict=True))


def _difference(answer: np.ndarray, right: np.ndarray) -> str:
    try:
        one, other = _same_shape(answer, right)
    except Malformed as malformed:
        return str(malformed)
    return "it differs from the right formula" if _far(np.array(one), np.array(other)) else ""


def _mistake(problem: Problem, names: dict, answer: np.ndarray, right: np.ndarray, of: str, mistakes: tuple) -> str:
    """Name the mistake behind a wrong answer if it is a known one; else an empty string."""
    for formula, name in mistakes:
        other = evaluate(parse(formula, set(names)), names, MPMATH)
        if not _difference(answer, other):
            return name
    if answer.ndim == 2 and answer.shape == right.T.shape and not _far(answer, right.T):
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
            return f"it is off by the factor {mpmath.nstr(ratio, 6)}"
    if not of and answer.size == 1 and not _difference(answer.reshape(()), _truth(problem, names, MPMATH, "objective")):
        return "it is not differentiated"
    return "it is integrated instead of differentiated" if _integrated(problem, names, answer, right) else ""


def _integrated(problem: Problem, names: dict, answer: np.ndarray, right: np.ndarray) -> bool:
    """Tell whether the answer is ∫ of the objective's terms x_j² that were to be differentiated: x_j³/3."""
    if set(problem.shapes) != {problem.wrt} or answer.shape != right.shape:
        return False
    terms = [
        mpmath.quad(lambda t: problem.objective(SimpleNamespace(**{problem.wrt: np.array([t])}), MPMATH), [0, end])
        for end in names[problem.wrt]
    ]
    return not _far(answer, np.array(terms, dtype=object))


def _refuted(problem, truth, size, point, answer, right, named, of) -> Finding:
    def shown(array: np.ndarray) -> list[str]:
        return [mpmath.nstr(value, 8) for value in np.ravel(array)[:12]]

    return Finding(
        REFUTED,
        f"{named[0].upper()}{named[1:]}.",
        computed=_plain_latex(problem, of),
        corrected=_plain_latex(problem, of),
        evidence={
            "mistake": named,
            "counterexample": {"at": point["at"], "answer": shown(answer), "right": shown(right), "dims": size["dims"]},
        },
    )
